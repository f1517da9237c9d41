//! A reader over decoded bytes with a hard limit.

use super::{Codings, DecodeError, layers};
use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

/// Input a layer may take beyond twice the limit on output: room for headers and dictionaries of small bodies.
const SLACK: u64 = 64 << 10;

/// A body read to its end, to its limit, or to the first error, whichever came first.
#[derive(Debug)]
pub struct Decoded {
    /// What was decoded; with an error, what came before it.
    pub bytes: Vec<u8>,
    /// There was more than the limit.
    pub truncated: bool,
    /// What ended it early.
    pub error: Option<DecodeError>,
}

/// Undoes `codings` of `source` and keeps at most `limit` bytes.
pub fn decode(source: impl Read, codings: &Codings, limit: u64) -> Decoded {
    let mut decoder = Decoder::new(source, codings, limit);
    let mut bytes = Vec::new();
    let error = decoder.read_to_end(&mut bytes).err().map(own_error);
    Decoded { bytes, truncated: decoder.truncated(), error }
}

/// Reads decoded bytes, at most a limit of them. Errors are [`DecodeError`]s inside [`io::Error`]s.
pub struct Decoder<'a> {
    inner: Box<dyn BufRead + 'a>,
    left: u64,
    truncated: bool,
    starved: Rc<Cell<bool>>,
}

impl<'a> Decoder<'a> {
    /// Reads `source` with `codings` undone, the last applied first.
    pub fn new(source: impl Read + 'a, codings: &Codings, limit: u64) -> Self {
        let starved = Rc::new(Cell::new(false));
        let mut inner: Box<dyn BufRead + 'a> = Box::new(BufReader::new(Source(source)));
        for coding in codings.as_slice().iter().rev() {
            let left = limit.saturating_mul(2).saturating_add(SLACK);
            inner = layers::undo(*coding, Ration { inner, left, starved: Rc::clone(&starved) });
        }
        Self { inner, left: limit, truncated: false, starved }
    }

    /// Whether there was more than the limit; settled once `read` has returned 0.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.truncated || buf.is_empty() {
            return Ok(0);
        }
        let more = match self.inner.fill_buf() {
            Ok(more) => more,
            // A layer that was not given all its input cannot know better than that it is broken.
            Err(_) if self.starved.get() => &[],
            Err(e) => return Err(e),
        };
        if more.is_empty() || self.left == 0 {
            self.truncated = !more.is_empty() || self.starved.get();
            return Ok(0);
        }
        let n = more.len().min(buf.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buf[..n].copy_from_slice(&more[..n]);
        self.inner.consume(n);
        self.left -= n as u64;
        Ok(n)
    }
}

fn own_error(error: io::Error) -> DecodeError {
    error.downcast::<DecodeError>().unwrap_or_else(DecodeError::Read)
}

/// The stored bytes; tells errors in reading them from errors in what they say.
struct Source<R>(R);

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|e| DecodeError::Read(e).into()),
            }
        }
    }
}

/// Ends early, and says so, when a layer asks for more input than its output can be worth.
struct Ration<'a> {
    inner: Box<dyn BufRead + 'a>,
    left: u64,
    starved: Rc<Cell<bool>>,
}

impl Read for Ration<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let more = self.fill_buf()?;
        let n = more.len().min(buf.len());
        buf[..n].copy_from_slice(&more[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Ration<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let more = self.inner.fill_buf()?;
        if self.left == 0 && !more.is_empty() {
            self.starved.set(true);
        }
        Ok(&more[..more.len().min(usize::try_from(self.left).unwrap_or(usize::MAX))])
    }

    fn consume(&mut self, n: usize) {
        self.left = self.left.saturating_sub(n as u64);
        self.inner.consume(n);
    }
}

#[cfg(test)]
mod tests;
