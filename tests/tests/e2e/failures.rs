//! What goes wrong is a row with a side, a stage and a reason, and a page for the client in plain words.

use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
};
use waylay_tests::{
    client::{self, Answer, Link, Speak, empty, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    pki::Root,
    rows, wait,
};

/// An address that refuses connections for as long as the socket lives: bound, never listening.
fn refusing() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// A page that says in words at which stage it went wrong, and a row that says the same.
async fn expect_502(daemon: &Daemon, url: &str, answer: &Answer, failure: &str) -> Value {
    assert_eq!(answer.status, 502, "{url}: {}", answer.text());
    let row = rows::one(daemon, &rows::of(url)).await;
    assert_eq!(rows::failure(&row), failure, "{row}");
    assert_eq!(row["status"], Value::Null, "an error is not a status code: {row}");
    let message = row["failure"]["message"].as_str().unwrap();
    assert!(message.len() > 15 && !message.contains("Error {"), "plain words: {message}");
    let reason = row["failure"]["reason"].as_str().unwrap();
    let page = answer.text();
    assert!(page.contains(message) || page.contains(reason), "the page says what happened: {page}");
    row
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let daemon = Daemon::start().await;
    // A label of 64 octets is refused by every resolver (RFC 1035, 2.3.4), without asking anybody.
    let url = format!("http://{}.invalid/", "a".repeat(64));
    let answer = client::get(&daemon, &url).await;
    expect_502(&daemon, &url, &answer, "upstream dns dns").await;
}

#[tokio::test]
async fn a_refused_connection() {
    let daemon = Daemon::start().await;
    let (_held, port) = refusing();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://127.0.0.1:{port}/");
        let answer = client::get(&daemon, &url).await;
        expect_502(&daemon, &url, &answer, "upstream connect refused").await;
    }
}

/// Linux drops what does not fit into a listener's queue: to the client it looks like a host that is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_origin_that_does_not_answer() {
    let daemon = Launch::new().env("WAYLAY_UPSTREAM_CONNECT_TIMEOUT", "1").start().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let origin = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(Ok(next)) = tokio::time::timeout(Duration::from_secs(2), TcpStream::connect(origin)).await {
        queue.push(next);
        assert!(queue.len() < 64, "the queue has an end");
    }
    let url = format!("http://{origin}/");
    let answer = client::get(&daemon, &url).await;
    expect_502(&daemon, &url, &answer, "upstream connect timeout").await;
}

#[tokio::test]
async fn an_origin_that_accepts_and_says_nothing() {
    let daemon = Launch::new().env("WAYLAY_UPSTREAM_CONNECT_TIMEOUT", "1").start().await;
    let origin = Scripted::tcp(|mut wire| async move { wire.to_end().await }).await;
    let url = format!("https://{}/", origin.authority());
    let answer = client::get(&daemon, &url).await;
    expect_502(&daemon, &url, &answer, "upstream tls timeout").await;
}

#[tokio::test]
async fn an_origin_that_hangs_up_before_it_answers() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.end().await
    })
    .await;
    let answer = client::get(&daemon, &origin.url("/")).await;
    assert_eq!(answer.status, 502);
    let row = rows::one(&daemon, &rows::of(&origin.url("/"))).await;
    assert!(rows::failure(&row).starts_with("upstream wait "), "{row}");
}

#[tokio::test]
async fn an_origin_that_answers_nonsense() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("SSH-2.0-nonsense\r\n\r\n").await?;
        wire.end().await
    })
    .await;
    let answer = client::get(&daemon, &origin.url("/")).await;
    assert_eq!(answer.status, 502);
    let row = rows::one(&daemon, &rows::of(&origin.url("/"))).await;
    assert!(rows::failure(&row).starts_with("upstream "), "{row}");
}

#[tokio::test]
async fn a_client_that_rejects_our_certificate_is_a_row_with_its_alert() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let stranger = Root::new("a root the proxy has never seen");
    let error = raw::tls(tunnel, stranger.pem(), "localhost", &["http/1.1"]).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    let row = rows::one(&daemon, "host:localhost").await;
    assert_eq!((&row["kind"], &row["method"]), (&"tls_failure".into(), &"CONNECT".into()), "{row}");
    assert_eq!(rows::failure(&row), "client tls client rejected certificate");
    let message = row["failure"]["message"].as_str().unwrap().to_lowercase().replace([' ', '_'], "");
    assert!(message.contains("unknownca"), "the alert is kept: {row}");
}

#[tokio::test]
async fn a_client_that_goes_away_while_the_response_comes() {
    let daemon = Daemon::start().await;
    for speak in [Speak::Http1, Speak::Http2] {
        let origin = Origin::tls(&["http/1.1"]).await;
        let url = origin.url("/gated");
        let mut link = Link::open(&daemon, &url, speak).await;
        let mut response = link.send(Request::get(&url).body(empty()).unwrap()).await.unwrap();
        wait::within("a first piece", response.body_mut().frame()).await.unwrap().unwrap();
        drop((response, link));
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert!(rows::failure(&row).starts_with("client response "), "{speak:?}: {row}");
        assert_eq!((&row["response_end"], &row["response_size"]), (&"dropped".into(), &6.into()), "{row}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_while_it_sends() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nonly this").await;
    wait::until("the origin to have some", || async { (origin.notes().received() == 9).then_some(()) }).await;
    drop(stream);
    let row = rows::one(&daemon, "path:/echo").await;
    assert!(rows::failure(&row).starts_with("client request "), "{row}");
    assert_eq!(row["request_size"], 9, "{row}");
    let seen = wait::until("the origin to notice", || async { origin.notes().requests().pop() }).await;
    assert!(!seen.complete, "the origin never sees a cut body as a whole one");
}

#[tokio::test]
async fn an_origin_that_breaks_off_is_noticed_by_the_client() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in
        [(Speak::Http1, "http/1.1"), (Speak::Http1, "h2"), (Speak::Http2, "http/1.1"), (Speak::Http2, "h2")]
    {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/cut");
        let mut link = Link::open(&daemon, &url, speak).await;
        let mut response = link.send(Request::get(&url).body(empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        wait::within("a first piece", response.body_mut().frame()).await.unwrap().unwrap();
        origin.notes().open_gate();
        let read = wait::within("the end", Answer::read(response)).await;
        assert!(read.is_err(), "{speak:?} from {alpn}: a cut body looks whole: {read:?}");
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert!(rows::failure(&row).starts_with("upstream response "), "{speak:?} from {alpn}: {row}");
        assert_eq!((&row["response_end"], &row["status"]), (&"failed".into(), &200.into()), "{row}");
    }
}

#[tokio::test]
async fn a_cut_chunked_body_is_noticed_by_the_client() {
    let daemon = Daemon::start().await;
    let gate = Arc::new(Semaphore::new(0));
    let opened = gate.clone();
    let origin = Scripted::tls(move |mut wire| {
        let opened = opened.clone();
        async move {
            wire.head().await?;
            wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n").await?;
            opened.acquire().await.expect("the gate is never closed").forget();
            wire.end().await
        }
    })
    .await;
    let url = origin.url("/");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let mut response = link.send(Request::get(&url).body(empty()).unwrap()).await.unwrap();
    wait::within("a first piece", response.body_mut().frame()).await.unwrap().unwrap();
    gate.add_permits(1);
    assert!(wait::within("the end", Answer::read(response)).await.is_err());
    let row = rows::one(&daemon, &rows::of(&url)).await;
    assert_eq!((&row["response_end"], &row["response_size"]), (&"failed".into(), &5.into()), "{row}");
}

#[tokio::test]
async fn failed_rows_are_found_by_their_filter() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let (_held, port) = refusing();
    client::get(&daemon, &format!("http://127.0.0.1:{port}/")).await;
    client::get(&daemon, &origin.url("/status/500")).await;
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(row["port"], port, "a 500 is an answer, not a failure");
}
