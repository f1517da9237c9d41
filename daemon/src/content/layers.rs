//! One content coding each, as a reader over a reader.

use super::{Coding, DecodeError};
use flate2::{Decompress, FlushDecompress, Status, bufread::GzDecoder};
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{ExecuteSequencesError, FrameDecoderError, ReadFrameHeaderError},
};
use std::io::{self, BufRead, BufReader, Read};

/// Largest window a zstd frame may ask for: RFC 9659 allows no more in a content coding. Frames in a single segment
/// count with their whole size.
const ZSTD_WINDOW: u64 = 8 << 20;

/// Reads `source` with `coding` undone. No bytes at all are an empty body in any coding.
pub(super) fn undo<'a>(coding: Coding, source: impl BufRead + 'a) -> Box<dyn BufRead + 'a> {
    match coding {
        Coding::Gzip => named(coding, Gzip { at: Member::Between(source), members: 0 }),
        Coding::Deflate => named(coding, Deflate { source, state: None, ended: false }),
        Coding::Brotli => named(coding, Brotli::Fresh(source)),
        Coding::Zstd => named(coding, Zstd { source, frames: FrameDecoder::new(), begun: false }),
    }
}

fn named<'a>(coding: Coding, inner: impl Read + 'a) -> Box<dyn BufRead + 'a> {
    Box::new(BufReader::new(Named { coding, inner }))
}

/// Says in which coding an error arose.
struct Named<R> {
    coding: Coding,
    inner: R,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).map_err(|e| {
            if e.get_ref().is_some_and(|inner| inner.is::<DecodeError>()) {
                return e;
            }
            let reason = match e.kind() {
                io::ErrorKind::UnexpectedEof => "it ends early".to_owned(),
                _ => e.to_string(),
            };
            DecodeError::Broken { coding: self.coding, reason }.into()
        })
    }
}

/// Members one after the other (RFC 1952, 2.2). What follows the last and is no member is ignored, as browsers do.
struct Gzip<R> {
    at: Member<R>,
    members: u64,
}

enum Member<R> {
    Between(R),
    In(GzDecoder<R>),
    /// Only for the moment of passing from one state to the other.
    Moving,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.at, Member::Moving) {
                Member::In(mut member) => {
                    let read = member.read(buf);
                    if matches!(read, Ok(0)) && !buf.is_empty() {
                        self.at = Member::Between(member.into_inner());
                        continue;
                    }
                    self.at = Member::In(member);
                    return read;
                }
                Member::Between(mut source) => {
                    let next = source.fill_buf()?.first().copied();
                    if next.is_none() || (self.members > 0 && next != Some(0x1f)) {
                        self.at = Member::Between(source);
                        return Ok(0);
                    }
                    self.members += 1;
                    self.at = Member::In(GzDecoder::new(source));
                }
                // An error on the way left it so; it was reported then.
                Member::Moving => return Ok(0),
            }
        }
    }
}

/// zlib's wrapper or none, told apart by its header.
struct Deflate<R> {
    source: R,
    state: Option<Decompress>,
    ended: bool,
}

impl<R: BufRead> Read for Deflate<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buf.is_empty() {
            let input = self.source.fill_buf()?;
            let state = match &mut self.state {
                Some(state) => state,
                None if input.is_empty() => return Ok(0),
                None => self.state.insert(Decompress::new(zlib_header(input))),
            };
            let (taken, given) = (state.total_in(), state.total_out());
            let status = state.decompress(input, buf, FlushDecompress::None).map_err(io::Error::other)?;
            let at_end = input.is_empty();
            // Both differences are at most the lengths of the two buffers.
            let (taken, given) = ((state.total_in() - taken) as usize, (state.total_out() - given) as usize);
            self.source.consume(taken);
            self.ended = status == Status::StreamEnd;
            if given > 0 {
                return Ok(given);
            }
            if at_end && !self.ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if taken == 0 && !self.ended {
                return Err(io::Error::other("no progress"));
            }
        }
        Ok(0)
    }
}

/// RFC 1950, 2.2: method 8 with a window of at most 32 KiB, and a check that makes both bytes a multiple of 31. One
/// byte alone is judged by itself.
fn zlib_header(input: &[u8]) -> bool {
    let first = input.first().copied().unwrap_or_default();
    let check = input.get(1).is_none_or(|second| u16::from_be_bytes([first, *second]) % 31 == 0);
    first & 0x0f == 8 && first >> 4 <= 7 && check
}

/// Built when the first byte is there, so that no bytes are an empty body. The window, 16 MiB at most, is allocated as
/// it fills.
enum Brotli<R: Read> {
    Fresh(R),
    Begun(Box<brotli_decompressor::Decompressor<R>>),
    Empty,
}

impl<R: BufRead> Read for Brotli<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Self::Fresh(source) = self {
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            if let Self::Fresh(source) = std::mem::replace(self, Self::Empty) {
                let input_buffer = 4 << 10;
                *self = Self::Begun(Box::new(brotli_decompressor::Decompressor::new(source, input_buffer)));
            }
        }
        match self {
            // The decompressor has one word for all of its errors.
            Self::Begun(stream) => stream.read(buf).map_err(|e| match e.get_ref() {
                Some(inner) if !inner.is::<DecodeError>() => io::Error::other("it is damaged or ends early"),
                _ => e,
            }),
            Self::Fresh(_) | Self::Empty => Ok(0),
        }
    }
}

/// Frames one after the other, skippable ones left out (RFC 8878, 3.1).
struct Zstd<R> {
    source: R,
    frames: FrameDecoder,
    begun: bool,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while !buf.is_empty() {
            if self.begun && self.frames.can_collect() > 0 {
                return self.frames.read(buf);
            }
            if self.begun && !self.frames.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.frames.decode_blocks(&mut self.source, one).map_err(frame_error)?;
                continue;
            }
            if self.begun && self.frames.get_checksum_from_data() != self.checksum() {
                return Err(io::Error::other("the checksum does not match"));
            }
            self.begun = false;
            if self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.next_frame()?;
        }
        Ok(0)
    }
}

impl<R: BufRead> Zstd<R> {
    fn next_frame(&mut self) -> io::Result<()> {
        self.frames.set_max_window_size(ZSTD_WINDOW);
        match self.frames.init(&mut self.source) {
            Ok(()) => self.begun = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                if skipped < u64::from(length) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(e) => return Err(frame_error(e)),
        }
        Ok(())
    }

    /// What the checksum should be; `None` if the frame has none.
    fn checksum(&self) -> Option<u32> {
        self.frames.get_checksum_from_data().and_then(|_| self.frames.get_calculated_checksum())
    }
}

/// Keeps "it ends early" and errors from below apart from bad frames: the decoder wraps them all. Its own words are
/// debug output, so the cases a reader can make something of are said here.
fn frame_error(error: FrameDecoderError) -> io::Error {
    match &error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } => {
            let most = ZSTD_WINDOW >> 20;
            return io::Error::other(format!(
                "it needs a window of {requested} bytes; {most} MiB are allowed (RFC 9659)"
            ));
        }
        FrameDecoderError::DictNotProvided { dict_id } => {
            return io::Error::other(format!("it needs dictionary {dict_id}"));
        }
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) => {
            return io::Error::other("it does not begin as a frame does");
        }
        _ => {}
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(e) = cause {
        if let Some(ExecuteSequencesError::TooManyBytesGenerated { .. }) = e.downcast_ref() {
            return io::Error::other("a block holds more than a block may");
        }
        if let Some(io) = e.downcast_ref::<io::Error>() {
            if io.kind() == io::ErrorKind::UnexpectedEof {
                return io::ErrorKind::UnexpectedEof.into();
            }
            if let Some(DecodeError::Read(read)) = io.get_ref().and_then(|inner| inner.downcast_ref()) {
                return DecodeError::Read(io::Error::new(read.kind(), read.to_string())).into();
            }
        }
        cause = e.source();
    }
    io::Error::other("it is damaged")
}
