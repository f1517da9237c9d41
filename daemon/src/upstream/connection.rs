//! A dialled connection, and what is known of it.

use crate::capture::{Heads, Tap};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// What exchanges need to know of the connection they used.
#[derive(Debug)]
pub struct ConnectionInfo {
    /// Its row.
    pub id: i64,
    /// Name resolution, microseconds; `None` for address literals.
    pub dns_us: Option<i64>,
    /// TCP handshake, microseconds.
    pub connect_us: i64,
    /// TLS handshake, microseconds.
    pub tls_us: Option<i64>,
    /// Heads as they crossed the wire; HTTP/1 only.
    pub heads: Option<(Heads, Heads)>,
    /// The origin chose HTTP/2.
    pub http2: bool,
}

/// A connection ready for HTTP, or for the bytes of a tunnel.
#[derive(Debug)]
pub enum Link {
    /// Without TLS.
    Plain(TcpStream),
    /// To a socket of this machine.
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
    /// With TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// What hyper's client works on.
pub type TappedLink = Tap<Link>;

macro_rules! each {
    ($link:expr, $io:ident => $then:expr) => {
        match $link {
            Link::Plain($io) => $then,
            #[cfg(unix)]
            Link::Unix($io) => $then,
            Link::Tls($io) => $then,
        }
    };
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), io => Pin::new(io).poll_read(cx, buf))
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), io => Pin::new(io).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), io => Pin::new(io).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        each!(self, io => io.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), io => Pin::new(io).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), io => Pin::new(io).poll_shutdown(cx))
    }
}
