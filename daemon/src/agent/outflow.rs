//! A body on its way out: pieces one behind the other, whatever their size, in little memory.

use super::Meter;
use crate::upstream::BoxError;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    collections::VecDeque,
    io::{self, Read},
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};
use tokio::sync::mpsc;

/// How much of a file is read at a time.
const PIECE: usize = 128 << 10;
/// Pieces read ahead.
const AHEAD: usize = 2;

/// What a body is made of.
pub(super) enum Source {
    /// Bytes at hand.
    Bytes(Bytes),
    /// So many bytes of something that is read when it is their turn.
    Read(Box<dyn Read + Send + Sync>, u64),
}

impl Source {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Read(_, len) => *len,
        }
    }
}

/// The body.
pub(super) struct Outflow {
    waiting: VecDeque<Source>,
    /// Of the piece that is being read.
    reading: Option<mpsc::Receiver<io::Result<Bytes>>>,
    left: u64,
    /// Its length is not told: HTTP/1 sends it in chunks.
    chunked: bool,
    meter: Arc<Meter>,
}

impl Outflow {
    /// All of `sources`. What has been handed over is added to `meter`, which also learns why one could not be read.
    pub(super) fn new(sources: Vec<Source>, chunked: bool, meter: Arc<Meter>) -> Self {
        let left = sources.iter().map(Source::len).sum();
        Self { waiting: sources.into(), reading: None, left, chunked, meter }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                match ready!(reading.poll_recv(cx)) {
                    Some(piece) => return Poll::Ready(Some(piece)),
                    None => self.reading = None,
                }
            }
            match self.waiting.pop_front() {
                None => return Poll::Ready(None),
                Some(Source::Bytes(bytes)) if bytes.is_empty() => {}
                Some(Source::Bytes(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Some(Source::Read(from, len)) => self.reading = Some(read(from, len)),
            }
        }
    }
}

/// Reads `len` bytes on a thread that may block, as fast as they are taken.
fn read(mut from: Box<dyn Read + Send + Sync>, len: u64) -> mpsc::Receiver<io::Result<Bytes>> {
    let (pieces, received) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut left = len;
        while left > 0 {
            let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            let read = match from.read(&mut piece) {
                Ok(0) => {
                    Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("it has become shorter by {left} bytes")))
                }
                Ok(n) => {
                    piece.truncate(n);
                    left -= n as u64;
                    Ok(Bytes::from(piece))
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
            let failed = read.is_err();
            // Nobody takes them any more: the request is over.
            if pieces.blocking_send(read).is_err() || failed {
                return;
            }
        }
    });
    received
}

impl Body for Outflow {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        match ready!(this.poll_piece(cx)) {
            Some(Ok(bytes)) => {
                this.left = this.left.saturating_sub(bytes.len() as u64);
                this.meter.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Err(e)) => {
                let _ = this.meter.trouble.set(e.to_string());
                Poll::Ready(Some(Err(e.into())))
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.chunked && self.left > 0 { SizeHint::default() } else { SizeHint::with_exact(self.left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn pieces_come_one_behind_the_other() {
        let file: Vec<u8> = (0..500_000_u32).map(|n| (n % 251) as u8).collect();
        let sources = vec![
            Source::Bytes(Bytes::from_static(b"head")),
            Source::Read(Box::new(io::Cursor::new(file.clone())), file.len() as u64),
            Source::Bytes(Bytes::new()),
            Source::Bytes(Bytes::from_static(b"tail")),
        ];
        let meter = Arc::<Meter>::default();
        let body = Outflow::new(sources, false, Arc::clone(&meter));
        assert_eq!(body.size_hint().exact(), Some(500_008));
        let whole = body.collect().await.unwrap().to_bytes();
        assert!(whole == [&b"head"[..], &file, b"tail"].concat());
        assert_eq!(meter.sent.load(Ordering::Relaxed), 500_008);
    }

    #[tokio::test]
    async fn a_file_that_has_become_shorter_is_an_error() {
        let sources = vec![Source::Read(Box::new(io::Cursor::new(b"abc".to_vec())), 4)];
        let error = Outflow::new(sources, true, Arc::default()).collect().await.unwrap_err();
        assert!(error.to_string().contains("shorter"), "{error}");
    }
}
