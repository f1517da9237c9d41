//! A layer between a (decrypted) stream and hyper that keeps the heads passing through it.
//!
//! hyper handles the messages of an HTTP/1 connection in order, so the n-th exchange owns the n-th head.

use super::framing::{Direction, Framer};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Heads seen and not yet claimed, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Heads(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    whole: VecDeque<Bytes>,
    /// What had come of a head when the connection went away.
    begun: Bytes,
}

impl Heads {
    /// Takes the oldest head.
    pub fn pop(&self) -> Option<Bytes> {
        self.lock().whole.pop_front()
    }

    /// Takes what had come of a head when the connection went away; empty if it went between messages.
    pub fn begun(&self) -> Bytes {
        std::mem::take(&mut self.lock().begun)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One direction under watch.
#[derive(Debug)]
struct Watch {
    framer: Framer,
    heads: Heads,
}

impl Watch {
    fn new(direction: Direction) -> (Self, Heads) {
        let heads = Heads::default();
        (Self { framer: Framer::new(direction), heads: heads.clone() }, heads)
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.framer.feed(bytes, &mut self.heads.lock().whole);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let begun = self.framer.take_begun();
        if !begun.is_empty() {
            self.heads.lock().begun = begun;
        }
    }
}

/// The layer. Without watchers it costs nothing.
#[derive(Debug)]
pub struct Tap<S> {
    io: S,
    read: Option<Watch>,
    write: Option<Watch>,
}

impl<S> Tap<S> {
    /// Watches nothing.
    pub fn off(io: S) -> Self {
        Self { io, read: None, write: None }
    }

    /// On a client's connection to us: requests as received.
    pub fn downstream(io: S) -> (Self, Heads) {
        let (watch, requests) = Watch::new(Direction::Requests);
        (Self { io, read: Some(watch), write: None }, requests)
    }

    /// On our connection to an origin: requests as sent, and responses as received.
    pub fn upstream(io: S) -> (Self, Heads, Heads) {
        let (read, received) = Watch::new(Direction::Responses);
        let (write, sent) = Watch::new(Direction::Requests);
        (Self { io, read: Some(read), write: Some(write) }, sent, received)
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.io
    }

    fn wrote(&mut self, bytes: &[u8]) {
        let Some(requests) = &mut self.write else { return };
        if requests.framer.at_start()
            && let Some(responses) = &mut self.read
        {
            responses.framer.answers_head(bytes.starts_with(b"HEAD "));
        }
        requests.feed(bytes);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let had = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        if let Some(watch) = &mut self.read {
            watch.feed(&buf.filled()[had..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        self.wrote(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.io).poll_write_vectored(cx, bufs))?;
        let mut left = n;
        for buf in bufs {
            let written = left.min(buf.len());
            if written == 0 {
                break;
            }
            self.wrote(&buf[..written]);
            left -= written;
        }
        Poll::Ready(Ok(n))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
