//! The origins, and the way to them.

use crate::websocket;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, BodyStream, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use waylay_tests::{
    client::{Link, Speak},
    daemon::Daemon,
    load::{Fill, Source, Way},
};

type Body = UnsyncBoxBody<Bytes, io::Error>;

pub(crate) struct Ground {
    pub(crate) proxy: SocketAddr,
    pub(crate) way: Way,
    /// The proxy's root as PEM.
    pub(crate) ca: String,
    /// Speaks neither TLS nor HTTP: gives every byte back.
    pub(crate) echo: SocketAddr,
    sources: [Source; 2],
}

impl Ground {
    pub(crate) async fn start(daemon: &Daemon) -> Self {
        let sources = [Source::serving(&["http/1.1"], answer).await, Source::serving(&["h2"], answer).await];
        let way = Way::through(daemon.proxy(), &daemon.ca_pem());
        Self { proxy: daemon.proxy(), way, ca: daemon.ca_pem(), echo: echo().await, sources }
    }

    pub(crate) fn url(&self, speak: Speak, path: &str) -> String {
        self.url_at("localhost", speak, path)
    }

    /// The same at any host of [`DOMAIN`](waylay_tests::load::DOMAIN).
    pub(crate) fn url_at(&self, name: &str, speak: Speak, path: &str) -> String {
        self.sources[usize::from(speak == Speak::Http2)].url(name, path)
    }

    /// A connection through the proxy, with TLS.
    pub(crate) async fn open(&self, speak: Speak) -> Link {
        self.way.open(&self.url(speak, "/"), speak).await
    }
}

/// `/size/N` N bytes; `/cut/N` half of them and no end; `/events/N` N events, one every 5 ms; `/upload` how many bytes
/// came; `/ws` a WebSocket that echoes.
async fn answer(request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (kind, count) = path[1..].split_once('/').unwrap_or((&path[1..], "0"));
    let count: u64 = count.parse().unwrap_or(0);
    match kind {
        "size" => of_type("application/octet-stream", Fill::new(count).boxed_unsync()),
        "cut" => cut(count),
        "events" => of_type("text/event-stream", events(count)),
        "upload" => {
            let received = request.into_body().collect().await.map_or(0, |body| body.to_bytes().len());
            of_type("text/plain", text(received.to_string()))
        }
        "ws" => websocket::accept(request).map(|()| text(String::new())),
        _ => {
            let mut response = of_type("text/plain", text("there is nothing here\n".to_owned()));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

fn of_type(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn text(text: String) -> Body {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync()
}

fn cut(count: u64) -> Response<Body> {
    let broken = stream::once(async {
        // Until what came before is on its way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::other("cut on purpose"))
    });
    let body = StreamBody::new(BodyStream::new(Fill::new(count / 2)).chain(broken)).boxed_unsync();
    let mut response = of_type("application/octet-stream", body);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(count));
    response
}

fn events(count: u64) -> Body {
    let events = stream::unfold(0, move |n| async move {
        if n == count {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        Some((Ok(Frame::data(Bytes::from(format!("id: {n}\ndata: event number {n}\n\n")))), n + 1))
    });
    StreamBody::new(events).boxed_unsync()
}

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = socket.read(&mut buffer).await {
                    if socket.write_all(&buffer[..n]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
