//! Messages framed in ways that are rare but legal, or not even that: what is passed on is framed without doubt.

use waylay_tests::{
    client::{self, raw},
    daemon::Daemon,
    origin::Scripted,
    rows,
};

#[tokio::test]
async fn a_length_beside_chunks_is_not_passed_on() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        let fields = "Content-Length: 3\r\nTransfer-Encoding: chunked";
        wire.send(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n5\r\nhello\r\n0\r\n\r\n")).await?;
        wire.to_end().await
    })
    .await;
    let answer = client::get(&daemon, &origin.url("/")).await;
    assert_eq!((answer.text().as_str(), answer.header("content-length")), ("hello", ""), "{answer:?}");
    let row = rows::one_in_detail(&daemon, &rows::of(&origin.url("/"))).await;
    assert_eq!(rows::values(&row, "response", "content-length"), ["3"], "the row has what was received");
}

#[tokio::test]
async fn heads_that_end_in_bare_line_feeds_are_told_from_those_that_follow() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let end = if target == "/1" { "\n" } else { "\r\n" };
            let lines = ["HTTP/1.1 200 OK", &format!("X-Target: {target}"), "Content-Length: 6", "", "body\r\n"];
            wire.send(lines.join(end)).await?;
        }
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    for (path, end) in [("/1", "\n"), ("/2", "\r\n")] {
        let host = format!("Host: {}", origin.authority());
        let lines = [&format!("GET {path} HTTP/1.1"), &host, &format!("X-Own: {path}"), "", ""];
        raw::send(&mut socket, lines.join(end)).await;
        let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(raw::read_exactly(&mut socket, 6).await.unwrap(), b"body\r\n");
        let row = rows::one_in_detail(&daemon, &rows::of(&origin.url(path))).await;
        assert_eq!(rows::values(&row, "request", "x-own"), [path], "{row}");
        assert_eq!(rows::values(&row, "response", "X-Target"), [path], "{row}");
    }
}
