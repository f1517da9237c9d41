//! An origin that spends as little as it can on an answer.

use super::names;
use crate::{origin::routes::pattern, pki::Root};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    convert::Infallible,
    future::{Future, ready},
    io,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What every body repeats; frames are slices of it.
static CONTENT: LazyLock<Bytes> = LazyLock::new(|| pattern(1 << 16).into());

/// What stands in a body from `offset` on, at most `length` bytes of it.
pub fn content(offset: u64, length: usize) -> &'static [u8] {
    let begin = (offset % CONTENT.len() as u64) as usize;
    &CONTENT[begin..CONTENT.len().min(begin + length)]
}

/// An origin on loopback, over TLS. Dropping it ends it.
pub struct Source {
    port: u16,
    task: JoinHandle<()>,
}

impl Source {
    /// For clients that speak one of `alpn`: `/size/N` answers N bytes; `/close/N` does so and closes the connection.
    pub async fn start(alpn: &[&str]) -> Self {
        Self::serving(alpn, |request| ready(answer(&request))).await
    }

    /// The same with answers of one's own.
    pub async fn serving<S, F, B>(alpn: &[&str], service: S) -> Self
    where
        S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes, Error = io::Error> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let port = listener.local_addr().expect("an address").port();
        let names = names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let acceptor = TlsAcceptor::from(Root::shared().leaf(&names).server(alpn));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(connection(acceptor.clone(), socket, service.clone()));
            }
        });
        Self { port, task }
    }

    /// The URL of `path` (which begins with a slash) at the host `name`.
    pub fn url(&self, name: &str, path: &str) -> String {
        format!("https://{name}:{}{path}", self.port)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection to its end. An error is the peer's to notice.
async fn connection<S, F, B>(acceptor: TlsAcceptor, socket: TcpStream, service: S)
where
    S: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = io::Error> + Send + 'static,
{
    let _ = socket.set_nodelay(true);
    let Ok(stream) = acceptor.accept(socket).await else { return };
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| {
        let answer = service(request);
        async { Ok::<_, Infallible>(answer.await) }
    });
    let io = TokioIo::new(stream);
    let _ = if http2 {
        http2::Builder::new(TokioExecutor::new()).serve_connection(io, service).await
    } else {
        http1::Builder::new().serve_connection(io, service).with_upgrades().await
    };
}

fn answer(request: &Request<Incoming>) -> Response<Fill> {
    let (kind, size) = request.uri().path()[1..].split_once('/').unwrap_or_default();
    let Ok(size) = size.parse() else {
        let mut response = Response::new(Fill::new(0));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let mut response = Response::new(Fill::new(size));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if kind == "close" && request.version() < http::Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body of a known length that copies nothing.
pub struct Fill {
    offset: u64,
    length: u64,
}

impl Fill {
    /// `length` bytes of [`content`].
    pub fn new(length: u64) -> Self {
        Self { offset: 0, length }
    }
}

impl Body for Fill {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let left = self.length - self.offset;
        if left == 0 {
            return Poll::Ready(None);
        }
        let piece = CONTENT.slice(..CONTENT.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
        self.offset += piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.offset == self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length - self.offset)
    }
}
