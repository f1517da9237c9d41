//! A dialled connection, and what is known of it.

use super::via::UpstreamProxy;
use crate::capture::{Heads, Tap};
use bytes::Bytes;
use http::HeaderValue;
use std::{
    io,
    pin::Pin,
    sync::Arc,
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
    /// The edition of the usual ways it was made by.
    pub edition: u64,
    /// The proxy that gets the requests themselves, if they are handed to one.
    pub forward: Option<Forward>,
}

/// How requests are written for a proxy that sends them on (RFC 9112, 3.2.2).
#[derive(Debug)]
pub struct Forward {
    /// Which it is.
    pub proxy: Arc<UpstreamProxy>,
    /// Who we are to it.
    pub authorization: Option<HeaderValue>,
    /// Our own name in `Via`.
    pub via: HeaderValue,
}

impl Forward {
    /// A head as it was written, without the two fields that were added for the proxy: what is stored of it. One has a secret;
    /// by the other, the request would be taken for one that goes in a circle when it is sent again.
    pub fn without_ours(&self, head: &[u8]) -> Bytes {
        let ours = |line: &[u8]| {
            let Some(at) = line.iter().position(|b| *b == b':') else { return false };
            let (name, value) = (&line[..at], line[at + 1..].trim_ascii());
            let secret = self.authorization.as_ref().is_some_and(|ours| value == ours.as_bytes());
            (name.eq_ignore_ascii_case(b"proxy-authorization") && secret)
                || (name.eq_ignore_ascii_case(b"via") && value == self.via.as_bytes())
        };
        head.split_inclusive(|b| *b == b'\n').filter(|line| !ours(line)).collect::<Vec<_>>().concat().into()
    }
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
