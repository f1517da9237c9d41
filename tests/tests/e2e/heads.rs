//! Heads on the wire: what is kept to the letter, what must not pass.

use waylay_tests::{
    client::raw,
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows,
};

const ANSWER: &str = "HTTP/1.1 200 Fine\r\nX-One: 1\r\nset-COOKIE: a=1\r\nset-COOKIE: b=2\r\nConnection: X-Back\r\n\
    X-Back: hop\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok";

async fn answers_once(mut wire: Wire) -> std::io::Result<()> {
    wire.head().await?;
    wire.send(ANSWER).await?;
    wire.to_end().await
}

/// Sends `fields` through a TLS tunnel; gives the head as the origin got it and the one the client got.
async fn through(daemon: &Daemon, origin: &Scripted, fields: &[u8]) -> (String, String) {
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, [b"GET /heads?q=%7B HTTP/1.1\r\n", fields, b"\r\n"].concat()).await;
    let back = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert_eq!(raw::read_exactly(&mut stream, 2).await.unwrap(), b"ok");
    let received = origin.received().last().unwrap().clone();
    (String::from_utf8_lossy(&received).into_owned(), back)
}

fn lines(head: &str) -> Vec<&str> {
    head.split("\r\n").filter(|l| !l.is_empty()).collect()
}

#[tokio::test]
async fn case_order_duplicates_and_host_are_kept_both_ways() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(answers_once).await;
    let fields = b"X-First: 1\r\nHOST: alias.example\r\nX-Dup: one\r\nX-Dup: two\r\nx-MiXeD: yes\r\naccept: */*\r\n";
    let (sent, back) = through(&daemon, &origin, fields).await;
    let expected = [
        "GET /heads?q=%7B HTTP/1.1",
        "X-First: 1",
        "HOST: alias.example",
        "X-Dup: one",
        "X-Dup: two",
        "x-MiXeD: yes",
        "accept: */*",
    ];
    assert_eq!(lines(&sent), expected);
    let expected = ["HTTP/1.1 200 Fine", "X-One: 1", "set-COOKIE: a=1", "set-COOKIE: b=2", "Content-Length: 2"];
    assert_eq!(lines(&back), expected, "nothing is added, nothing reordered, hop-by-hop fields stay behind");
}

#[tokio::test]
async fn hop_by_hop_and_proxy_fields_do_not_pass() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(answers_once).await;
    let fields = b"Host: localhost\r\nX-Kept: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: gone\r\n\
        Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic c2VjcmV0\r\nX-Last: 2\r\n";
    let (sent, _) = through(&daemon, &origin, fields).await;
    let names: Vec<String> = lines(&sent).iter().skip(1).map(|l| l.split(':').next().unwrap().to_lowercase()).collect();
    assert_eq!(names, ["host", "x-kept", "x-last"], "{sent}");

    let detail = rows::one_in_detail(&daemon, "path:/heads").await;
    assert_eq!(rows::values(&detail, "request", "x-hop"), ["gone"], "the row tells what the client sent");
    assert_eq!(rows::values(&detail, "sent", "x-hop"), [""; 0], "and what went upstream: {}", detail["sent"]);
    assert_eq!(rows::values(&detail, "sent", "x-kept"), ["1"], "{}", detail["sent"]);
    assert_eq!(rows::values(&detail, "response", "x-back"), ["hop"], "the row tells what the origin sent");
}

#[tokio::test]
async fn proxy_authorization_of_a_plain_request_does_not_pass() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(answers_once).await;
    let (url, authority) = (origin.url("/plain"), origin.authority());
    let mut socket = raw::connect(daemon.proxy()).await;
    let request = format!("GET {url} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n");
    raw::send(&mut socket, request).await;
    raw::read_head(&mut socket).await.unwrap();
    let received = raw::text(&origin.received()[0]);
    assert!(received.starts_with("GET /plain HTTP/1.1\r\n"), "{received}");
    assert!(!received.to_lowercase().contains("proxy-"), "{received}");
    assert!(received.contains(&authority), "{received}");
}

#[tokio::test]
async fn a_row_holds_the_head_as_it_was_on_the_wire() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(answers_once).await;
    let fields = b"hOsT: localhost\r\nA: 1\r\nB: 2\r\na: 3\r\nX-Bytes: caf\xe9\r\n";
    let (sent, _) = through(&daemon, &origin, fields).await;
    assert!(sent.contains("X-Bytes: caf"), "{sent}");
    assert!(origin.received()[0].windows(4).any(|w| w == b"caf\xe9"), "bytes pass as they are");

    let detail = rows::one_in_detail(&daemon, "path:/heads").await;
    let fields = detail["request"]["headers"].as_array().unwrap();
    let names: Vec<&str> = fields.iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["hOsT", "A", "B", "a", "X-Bytes"], "{fields:?}");
    assert_eq!(detail["request"]["line"], "GET /heads?q=%7B HTTP/1.1");
    assert_eq!(fields[4]["bytes"], "Y2Fm6Q==", "what is not UTF-8 is given as bytes: {}", fields[4]);
    assert_eq!(detail["response"]["line"], "HTTP/1.1 200 Fine");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        loop {
            let head = wire.head().await?;
            let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or("").to_owned();
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len())).await?;
        }
    })
    .await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let request = |path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw::send(&mut stream, [request("/a"), request("/b"), request("/c")].concat()).await;
    for path in ["/a", "/b", "/c"] {
        raw::read_head(&mut stream).await.unwrap();
        assert_eq!(raw::read_exactly(&mut stream, 2).await.unwrap(), path.as_bytes());
    }
    let recorded = rows::done(&daemon, "host:localhost", 3).await;
    let paths: Vec<&str> = recorded.iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/a", "/b", "/c"]);
}
