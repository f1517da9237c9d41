//! Row 13: who says nothing, or not enough, is not waited for; who has said all it has to is.

use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};
use waylay_tests::{
    client::{
        Link, Speak, empty,
        frames::{Frames, get, kind},
        raw,
    },
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted, scripted::Socket},
    rows, wait,
};

const LIMIT: Duration = Duration::from_secs(1);

async fn daemon() -> Daemon {
    Launch::new().env("WAYLAY_PROXY_HEAD_TIMEOUT", "1").start().await
}

/// A daemon lets go of `io` although another byte of `trickle` keeps coming; it is not to be waited for in vain.
async fn is_let_go(what: &str, mut io: Box<dyn Socket>, trickle: &[u8]) {
    let begun = Instant::now();
    let mut bytes = trickle.iter();
    let mut sink = [0; 4096];
    loop {
        assert!(begun.elapsed() < wait::DEADLINE, "{what}: still connected after {:?}", begun.elapsed());
        match timeout(LIMIT / 4, io.read(&mut sink)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return,
            // Whether it can still be written is told by the next read.
            Err(_) => drop(io.write_all(bytes.next().map_or(&[][..], std::slice::from_ref)).await),
        }
    }
}

#[tokio::test]
async fn security_13_slow_heads_end_on_the_proxys_own_port() {
    let daemon = daemon().await;
    let trickle = b"GET http://localhost/very/long HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-B: 2\r\n";
    for (what, first, then) in [
        ("silence", &b""[..], &b""[..]),
        ("a beginning of two methods", b"P", b""),
        ("half a preface", b"PRI * HT", b""),
        ("half a head", b"GET http://localhost/ HTTP/1.1\r\nHo", b""),
        ("a head that trickles", b"", trickle),
        ("half a CONNECT", b"CONNECT localhost:443 HTTP/1.1\r\n", b""),
    ] {
        let mut io = raw::connect(daemon.proxy()).await;
        raw::send(&mut io, first).await;
        is_let_go(what, Box::new(io), then).await;
    }
}

#[tokio::test]
async fn security_13_slow_heads_end_inside_tunnels() {
    let daemon = daemon().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for (what, first) in [
        ("half a hello", &b"\x16\x03\x01\x02\x00"[..]),
        ("half a head", b"GET / HTTP/1.1\r\nHo"),
        ("half a preface", b"PRI * HTTP/2.0\r\n\r\nS"),
        ("a preface alone", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ] {
        let mut io = raw::tunnel(daemon.proxy(), &origin.authority()).await;
        raw::send(&mut io, first).await;
        is_let_go(what, Box::new(io), b"").await;
    }
    for (what, alpn, first) in [
        ("nothing after the handshake", "http/1.1", &b""[..]),
        ("half a head", "http/1.1", b"GET / HTTP/1.1\r\nHo"),
        ("nothing in HTTP/2", "h2", b""),
        ("half a preface", "h2", b"PRI * HTTP"),
    ] {
        let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
        let mut io = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &[alpn]).await.unwrap();
        raw::send(&mut io, first).await;
        is_let_go(&format!("{what}, {alpn}"), Box::new(io), b"").await;
    }
    let row = rows::done(&daemon, "is:failed method:GET", 2).await.pop().unwrap();
    assert_eq!(rows::failure(&row), "client request timeout", "half a head is a row: {row}");
}

#[tokio::test]
async fn security_13_a_head_that_stops_half_way_ends_its_http_2_connection() {
    let daemon = daemon().await;
    let origin = Origin::tls(&["h2"]).await;
    let mut frames = Frames::open(&daemon, &origin.authority()).await;
    frames.send(kind::HEADERS, 0, 1, &get("/json", &[])).await.unwrap();
    frames.ended().await;
}

#[tokio::test]
async fn security_13_an_exchange_under_way_may_take_longer() {
    let daemon = daemon().await;
    for (speak, alpn) in [(Speak::Http1, "http/1.1"), (Speak::Http2, "h2")] {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/slow-head");
        let mut link = Link::open(&daemon, &url, speak).await;
        let request = http::Request::get(&url).body(empty()).unwrap();
        let answer = tokio::spawn(async move {
            let response = link.send(request).await?;
            waylay_tests::client::Answer::read(response).await
        });
        sleep(LIMIT * 3).await;
        origin.notes().open_gate();
        let answer = wait::within("an answer", answer).await.unwrap().unwrap();
        assert_eq!(answer.status, 200, "{speak:?}: {answer:?}");
    }
    let origin = Scripted::tcp(|mut wire| async move { wire.to_end().await }).await;
    let mut tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut tunnel, b"SSH-2.0-test\r\n").await;
    sleep(LIMIT * 3).await;
    raw::send(&mut tunnel, b"still here").await;
    origin.has_received(b"still here").await;
}
