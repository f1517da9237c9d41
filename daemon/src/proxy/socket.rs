//! A client's socket with the bytes already read put back in front.

use bytes::{Buf, BytesMut};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// The socket.
#[derive(Debug)]
pub struct ClientSocket {
    /// Read from `io`, not handed out, or while `keeping` handed out up to `handed`.
    read: BytesMut,
    handed: usize,
    keeping: bool,
    io: TcpStream,
}

impl ClientSocket {
    /// `read` has been taken from `io` before.
    pub fn new(read: BytesMut, io: TcpStream) -> Self {
        Self { read, handed: 0, keeping: false, io }
    }

    /// What has been read and not yet handed out.
    pub fn peeked(&self) -> &[u8] {
        &self.read
    }

    /// From here on, what is handed out is kept as well.
    pub fn keep(&mut self) {
        self.keeping = true;
    }

    /// Nothing more is kept. With `again`, what was kept is handed out once more.
    pub fn settle(&mut self, again: bool) {
        self.keeping = false;
        let done = std::mem::take(&mut self.handed);
        if !again {
            self.read.advance(done);
        }
    }

    /// Reads more without handing it out; `false` at the end of the stream. Safe to cancel.
    pub async fn peek_more(&mut self) -> io::Result<bool> {
        Ok(self.io.read_buf(&mut self.read).await? > 0)
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.keeping {
            if this.handed == this.read.len() {
                let had = buf.filled().len();
                ready!(Pin::new(&mut this.io).poll_read(cx, buf))?;
                this.read.extend_from_slice(&buf.filled()[had..]);
                this.handed = this.read.len();
                return Poll::Ready(Ok(()));
            }
            let fresh = &this.read[this.handed..];
            let n = fresh.len().min(buf.remaining());
            buf.put_slice(&fresh[..n]);
            this.handed += n;
            return Poll::Ready(Ok(()));
        }
        if this.read.is_empty() {
            return Pin::new(&mut this.io).poll_read(cx, buf);
        }
        let n = this.read.len().min(buf.remaining());
        buf.put_slice(&this.read[..n]);
        this.read.advance(n);
        if this.read.is_empty() {
            this.read = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
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
