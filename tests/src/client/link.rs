//! One HTTP connection through the proxy to one origin.

use super::raw;
use crate::daemon::Daemon;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Empty, Full, combinators::UnsyncBoxBody};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{io, net::SocketAddr};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Body of a request.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// No body.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body of known length.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// What the client speaks to the proxy inside the tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speak {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl Speak {
    fn alpn(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "h2",
        }
    }
}

/// A connection to an origin through the proxy: a tunnel with TLS for `https`, absolute-form requests for `http`.
pub struct Link {
    sender: Sender,
    absolute: bool,
}

enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

impl Link {
    /// Connects for requests to the origin of `url`. HTTP/2 needs `https`.
    pub async fn open(daemon: &Daemon, url: &str, speak: Speak) -> Self {
        Self::open_at(daemon.proxy(), &daemon.ca_pem(), url, speak).await
    }

    /// [`Link::open`] for any proxy whose leaves are signed by `ca` (PEM).
    pub async fn open_at(proxy: SocketAddr, ca: &str, url: &str, speak: Speak) -> Self {
        let uri: Uri = url.parse().expect("a URL");
        if uri.scheme_str() == Some("http") {
            assert_eq!(speak, Speak::Http1, "HTTP/2 to the proxy needs a tunnel");
            let socket = raw::connect(proxy).await;
            return Self { sender: Sender::Http1(http1_over(TokioIo::new(socket)).await), absolute: true };
        }
        let authority = uri.authority().expect("an authority");
        let port = authority.port_u16().unwrap_or(443);
        let tunnel = raw::tunnel(proxy, &format!("{}:{port}", authority.host())).await;
        Self { sender: Self::through(tunnel, ca, authority.host(), speak).await, absolute: false }
    }

    /// [`Link::open`] where the handshake is done, and `speak` was agreed on.
    pub async fn over(stream: TlsStream<TcpStream>, speak: Speak) -> Self {
        Self { sender: Self::agreed(stream, speak).await, absolute: false }
    }

    async fn through(tunnel: TcpStream, ca: &str, host: &str, speak: Speak) -> Sender {
        let stream = raw::tls(tunnel, ca, host, &[speak.alpn()]).await.expect("a TLS handshake with the proxy");
        Self::agreed(stream, speak).await
    }

    async fn agreed(stream: TlsStream<TcpStream>, speak: Speak) -> Sender {
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(speak.alpn().as_bytes()), "the proxy's ALPN answer");
        let io = TokioIo::new(stream);
        match speak {
            Speak::Http1 => Sender::Http1(http1_over(io).await),
            Speak::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2 settings");
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        }
    }

    /// Sends a request whose target is a whole URL; `Host` is added where it is missing.
    pub async fn send(&mut self, mut request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        match &mut self.sender {
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Sender::Http1(sender) => {
                let uri = request.uri().clone();
                let authority = uri.authority().expect("an authority").as_str();
                let host = HeaderValue::from_str(authority).expect("an authority is a field value");
                request.headers_mut().entry(header::HOST).or_insert(host);
                if !self.absolute {
                    *request.uri_mut() = uri.path_and_query().expect("a path").as_str().parse().expect("a path");
                }
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    /// Sends a GET for `url` and reads the answer to its end.
    pub async fn get(&mut self, url: &str) -> hyper::Result<super::Answer> {
        let response = self.send(Request::get(url).body(empty()).expect("a request")).await?;
        super::Answer::read(response).await
    }
}

async fn http1_over<T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static>(io: T) -> http1::SendRequest<Body> {
    let (sender, connection) = http1::handshake(io).await.expect("nothing is sent in an HTTP/1 handshake");
    tokio::spawn(connection.with_upgrades());
    sender
}
