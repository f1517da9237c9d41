//! What clients do, over and over. Whatever is not meant to break must be answered, and answered rightly.

use crate::{ground::Ground, websocket};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::{
    io,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use waylay_tests::{
    client::{Speak, empty, full, link::Body, raw},
    load::DOMAIN,
    pki::Root,
};

/// Clients that do the same, each by itself.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) act: Act,
    pub(crate) clients: usize,
    /// From the beginning of an act of one client to the next.
    pub(crate) every: Duration,
}

const fn plan(name: &'static str, act: Act, clients: usize, every_ms: u64) -> Plan {
    Plan { name, act, clients, every: Duration::from_millis(every_ms) }
}

const MIB: usize = 1 << 20;

/// Some 800 exchanges per second in all.
pub(crate) const ACTS: &[Plan] = &[
    plan("100 GETs on one connection, HTTP/1.1", Act::Small(Speak::Http1), 3, 500),
    plan("100 GETs on one connection, HTTP/2", Act::Small(Speak::Http2), 3, 500),
    plan("GET on a new connection, HTTP/1.1", Act::New(Speak::Http1), 2, 20),
    plan("GET on a new connection, HTTP/2", Act::New(Speak::Http2), 1, 20),
    plan("GET from a new host", Act::NewHost, 1, 500),
    plan("2 MiB down, HTTP/1.1", Act::Large(Speak::Http1), 1, 400),
    plan("2 MiB down, HTTP/2", Act::Large(Speak::Http2), 1, 400),
    plan("small POST", Act::Upload(Speak::Http1, 700), 1, 20),
    plan("1 MiB POST, HTTP/1.1", Act::Upload(Speak::Http1, MIB), 1, 400),
    plan("1 MiB POST, HTTP/2", Act::Upload(Speak::Http2, MIB), 1, 400),
    plan("events to the end", Act::Events { all: true }, 2, 50),
    plan("client leaves amid events", Act::Events { all: false }, 2, 50),
    plan("WebSocket, 20 messages echoed, closed", Act::WebSocket { close: true }, 2, 50),
    plan("client leaves a WebSocket", Act::WebSocket { close: false }, 2, 50),
    plan("client leaves amid a download, HTTP/1.1", Act::LeaveDownload(Speak::Http1), 2, 100),
    plan("client leaves amid a download, HTTP/2", Act::LeaveDownload(Speak::Http2), 2, 100),
    plan("client leaves amid an upload, HTTP/1.1", Act::LeaveUpload(Speak::Http1), 2, 100),
    plan("client leaves amid an upload, HTTP/2", Act::LeaveUpload(Speak::Http2), 2, 100),
    plan("origin breaks off, HTTP/1.1", Act::Cut(Speak::Http1), 1, 50),
    plan("origin breaks off, HTTP/2", Act::Cut(Speak::Http2), 1, 50),
    plan("tunnel that is no HTTP", Act::Tunnel, 2, 50),
    plan("client that trusts another root", Act::Distrust, 1, 100),
    plan("client that leaves after the handshake", Act::Silent, 1, 100),
];

#[derive(Clone, Copy)]
pub(crate) enum Act {
    Small(Speak),
    New(Speak),
    NewHost,
    Large(Speak),
    Upload(Speak, usize),
    Events { all: bool },
    WebSocket { close: bool },
    LeaveDownload(Speak),
    LeaveUpload(Speak),
    Cut(Speak),
    Tunnel,
    Distrust,
    Silent,
}

impl Act {
    pub(crate) async fn once(self, ground: &Ground) {
        match self {
            Self::Small(speak) => gets(ground, speak, 100, 1024).await,
            Self::New(speak) => gets(ground, speak, 1, 1024).await,
            Self::NewHost => new_host(ground).await,
            Self::Large(speak) => gets(ground, speak, 1, 2 * MIB).await,
            Self::Upload(speak, size) => upload(ground, speak, size).await,
            Self::Events { all } => events(ground, all).await,
            Self::WebSocket { close } => talk(ground, close).await,
            Self::LeaveDownload(speak) => leave_download(ground, speak).await,
            Self::LeaveUpload(speak) => leave_upload(ground, speak).await,
            Self::Cut(speak) => cut(ground, speak).await,
            Self::Tunnel => tunnel(ground).await,
            Self::Distrust => distrust(ground).await,
            Self::Silent => leave_silently(ground).await,
        }
    }
}

async fn gets(ground: &Ground, speak: Speak, count: usize, size: usize) {
    let mut link = ground.open(speak).await;
    let url = ground.url(speak, &format!("/size/{size}"));
    for _ in 0..count {
        let answer = link.get(&url).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, size));
    }
}

async fn new_host(ground: &Ground) {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let name = format!("h{}.{DOMAIN}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = ground.url_at(&name, Speak::Http1, "/size/10");
    let answer = ground.way.open(&url, Speak::Http1).await.get(&url).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 10));
}

async fn upload(ground: &Ground, speak: Speak, size: usize) {
    let request = Request::post(ground.url(speak, "/upload")).body(full(vec![b'x'; size])).expect("a request");
    let response = ground.open(speak).await.send(request).await.expect("an answer");
    let received = response.into_body().collect().await.expect("all of it").to_bytes();
    assert_eq!(received, size.to_string());
}

async fn events(ground: &Ground, all: bool) {
    let mut link = ground.open(Speak::Http1).await;
    let request = Request::get(ground.url(Speak::Http1, "/events/40")).body(empty()).expect("a request");
    let mut body = link.send(request).await.expect("an answer").into_body();
    if all {
        let text = body.collect().await.expect("all events").to_bytes();
        assert!(text.ends_with(b"data: event number 39\n\n"));
    } else {
        for _ in 0..10 {
            body.frame().await.expect("an event").expect("an event");
        }
    }
}

async fn talk(ground: &Ground, close: bool) {
    let mut link = ground.open(Speak::Http1).await;
    let mut socket = websocket::Client::open(&mut link, &ground.url(Speak::Http1, "/ws")).await;
    for number in 0..20 {
        socket.echoed(&vec![b'm'; 100 * number]).await;
    }
    if close {
        socket.close().await;
    }
}

async fn leave_download(ground: &Ground, speak: Speak) {
    let mut link = ground.open(speak).await;
    let request = Request::get(ground.url(speak, &format!("/size/{}", 8 * MIB))).body(empty()).expect("a request");
    let mut body = link.send(request).await.expect("an answer").into_body();
    body.frame().await.expect("the first bytes").expect("the first bytes");
}

async fn leave_upload(ground: &Ground, speak: Speak) {
    let mut link = ground.open(speak).await;
    let pieces = stream::iter(0..4).map(|_| Ok(Frame::data(Bytes::from_static(&[b'x'; 16 << 10]))));
    let body: Body = StreamBody::new(pieces.chain(stream::pending())).boxed_unsync();
    let request = Request::post(ground.url(speak, "/upload")).header("content-length", MIB).body(body);
    let sending = link.send(request.expect("a request"));
    // It never ends by itself: the rest of the body never comes.
    assert!(tokio::time::timeout(Duration::from_millis(30), sending).await.is_err());
}

async fn cut(ground: &Ground, speak: Speak) {
    let url = ground.url(speak, &format!("/cut/{}", 100 << 10));
    let mut link = ground.open(speak).await;
    let Ok(answer) = link.get(&url).await else { return };
    // On a machine that is busy enough the end may come before anything has been passed on.
    let (status, size) = (answer.status.as_u16(), answer.body.len());
    assert_eq!(status, 502, "a body that was cut off looks whole: {size} bytes, {:?}", answer.headers);
}

async fn tunnel(ground: &Ground) {
    let mut socket = raw::tunnel(ground.proxy, &ground.echo.to_string()).await;
    let banner = b"SSH-2.0-none\r\n";
    raw::send(&mut socket, banner).await;
    assert_eq!(raw::read_exactly(&mut socket, banner.len()).await.expect("an echo"), banner);
}

/// Trusts another root, and says so by an alert.
async fn distrust(ground: &Ground) {
    static OTHER: LazyLock<Root> = LazyLock::new(|| Root::new("another root"));
    assert!(handshake(ground, "distrusting", OTHER.pem()).await.is_err());
}

/// Leaves after the handshake, as clients do that accept only certificates they know. Once the daemon has concluded so
/// and relays the connection unread, the certificate is the origin's own.
async fn leave_silently(ground: &Ground) {
    drop(handshake(ground, "pinning", &ground.ca).await);
}

/// A handshake with a host that is asked for nothing else.
async fn handshake(ground: &Ground, name: &str, root: &str) -> io::Result<TlsStream<TcpStream>> {
    let host = format!("{name}.{DOMAIN}");
    let port = ground.url_at(&host, Speak::Http1, "").rsplit(':').next().map(str::to_owned).expect("a port");
    let socket = raw::tunnel(ground.proxy, &format!("127.0.0.1:{port}")).await;
    raw::tls(socket, root, &host, &[]).await
}
