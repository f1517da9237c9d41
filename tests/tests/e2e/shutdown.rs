//! Ending: tunnels and open exchanges do not keep the daemon alive, and their rows are closed.

use http::Request;
use http_body_util::BodyExt;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use waylay_tests::{
    client::{
        self, Link, Speak,
        frames::{END_HEADERS, END_STREAM, Frames, get, kind},
        raw,
    },
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    rows, wait,
};

#[tokio::test]
async fn open_tunnels_end_with_the_daemon_and_are_rows() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.send("hi").await?;
        wire.to_end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::read_exactly(&mut socket, 2).await.unwrap();
    let place = daemon.stop().await;
    assert_eq!(raw::read_to_end(&mut socket).await, b"", "the tunnel is closed");
    let rows = place.waylay(&["ls", "--json", "is:tunnel"]).await.expect(0).json();
    let row = &rows["items"][0];
    assert_eq!((&row["done"], &row["response_size"]), (&true.into(), &2.into()), "{rows}");
}

#[tokio::test]
async fn stop_ends_the_daemon_and_its_session() {
    let mut daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    daemon.waylay(&["stop"]).await.expect(0);
    let status = daemon.ended().await;
    assert!(status.success(), "{status}");
    assert!(!daemon.data().join("daemon.json").exists(), "nothing claims that it runs");
    daemon.waylay(&["stop"]).await.expect(3);

    let again = Launch::at(daemon.place().clone()).start().await;
    let sessions = again.api().get("/sessions").await;
    let states: Vec<&str> = sessions["items"].as_array().unwrap().iter().filter_map(|s| s["state"].as_str()).collect();
    assert!(states.contains(&"stopped") && !states.contains(&"interrupted"), "{sessions}");
    assert_eq!(rows::list(&again, "path:/json").await.len(), 1, "rows outlive the daemon");
}

#[tokio::test]
async fn a_response_under_way_is_closed_as_interrupted_or_ends() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    let place = wait::within("an end in spite of an open response", daemon.stop()).await;
    drop(response);
    let rows = place.waylay(&["ls", "--json", "path:/gated"]).await.expect(0).json();
    let row = &rows["items"][0];
    assert_eq!(row["done"], true, "{rows}");
    assert_ne!(row["response_end"], "complete", "{rows}");
}

/// Waits until nobody is let in any more.
async fn is_closed(daemon: &Daemon) {
    wait::until("nobody to be let in", || async { TcpStream::connect(daemon.proxy()).await.is_err().then_some(()) })
        .await;
}

#[tokio::test]
async fn both_signals_let_running_exchanges_end_and_nobody_else_in() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut daemon = Daemon::start().await;
        let mut waiting = Vec::new();
        for (speak, alpn) in [(Speak::Http1, "http/1.1"), (Speak::Http2, "h2"), (Speak::Http2, "http/1.1")] {
            let origin = Origin::tls(&[alpn]).await;
            let url = origin.url("/gated");
            let mut link = Link::open(&daemon, &url, speak).await;
            let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
            waiting.push((origin, link, response));
        }
        let plain = Origin::plain().await;
        let url = plain.url("/gated");
        let mut link = Link::open(&daemon, &url, Speak::Http1).await;
        let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
        waiting.push((plain, link, response));

        daemon.signal(signal);
        is_closed(&daemon).await;
        for (origin, _link, response) in waiting {
            origin.notes().open_gate();
            let body = wait::within("the rest", response.into_body().collect()).await.unwrap().to_bytes();
            assert_eq!(body, "first\nlast\n", "{signal:?}: what was under way ends in order");
        }
        let status = daemon.ended().await;
        assert_eq!(status.code(), Some(0), "{signal:?}");
        let rows = daemon.waylay(&["ls", "--json", "path:/gated"]).await.expect(0).json();
        let rows = rows["items"].as_array().unwrap();
        assert_eq!(rows.len(), 4, "{rows:#?}");
        assert!(rows.iter().all(|row| row["response_end"] == "complete" && row["failure"].is_null()), "{rows:#?}");
    }
}

#[tokio::test]
async fn http_2_clients_are_told_to_go_away() {
    let mut daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2"]).await;
    let mut frames = Frames::open(&daemon, &origin.authority()).await;
    frames.send(kind::HEADERS, END_HEADERS | END_STREAM, 1, &get("/json", &[])).await.unwrap();
    frames.until(|f| f.stream == 1 && f.flags & END_STREAM != 0).await.expect("an answer");
    daemon.signal(Signal::TERM);
    let told = frames.until(|f| f.kind == kind::GOAWAY).await.expect("GOAWAY before the end");
    assert_eq!(told.payload[4..8], [0; 4], "NO_ERROR");
    assert_eq!(daemon.ended().await.code(), Some(0));
}

#[tokio::test]
async fn sockets_of_other_protocols_are_closed() {
    let mut daemon = Daemon::start().await;
    let origin = super::websockets::echoing().await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let request = "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    raw::send(&mut stream, request).await;
    raw::read_head(&mut stream).await.unwrap();
    assert_eq!(raw::read_exactly(&mut stream, 7).await.unwrap(), b"\x81\x05hello");
    let begun = Instant::now();
    daemon.signal(Signal::INT);
    assert_eq!(raw::read_to_end(&mut stream).await, b"", "no frame is made up");
    assert_eq!(daemon.ended().await.code(), Some(0));
    assert!(begun.elapsed() < wait::DEADLINE);
    let rows = daemon.waylay(&["ls", "--json", "path:/socket"]).await.expect(0).json();
    assert_eq!(rows["items"][0]["done"], true, "{rows}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    daemon.signal(Signal::TERM);
    is_closed(&daemon).await;
    let begun = Instant::now();
    daemon.signal(Signal::INT);
    let status = daemon.ended().await;
    // The grace period alone is longer.
    assert!(begun.elapsed() < Duration::from_secs(4), "it took {:?}", begun.elapsed());
    assert_ne!(status.code(), Some(0), "an end out of order is told from one in order");
    drop(response);
    let again = Launch::at(daemon.place().clone()).start().await;
    rows::list(&again, "path:/gated").await;
}
