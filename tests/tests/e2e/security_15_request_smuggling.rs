//! Row 15: requests that two readers may end in different places are refused, or reach the origin in one way only.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows, wait,
};

/// Behind the request line and `Host`, up to the end of the connection.
const REFUSED: &[(&str, &[u8])] = &[
    ("two lengths", b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    ("a list of lengths", b"Content-Length: 3, 3\r\n\r\nabc"),
    ("a length with a sign", b"Content-Length: +3\r\n\r\nabc"),
    ("a negative length", b"Content-Length: -3\r\n\r\nabc"),
    ("a hexadecimal length", b"Content-Length: 0x3\r\n\r\nabc"),
    ("a length of two words", b"Content-Length: 3 3\r\n\r\nabc"),
    ("no length at all", b"Content-Length:\r\n\r\nabc"),
    ("a length beyond all", b"Content-Length: 99999999999999999999\r\n\r\nabc"),
    ("space before the colon of a length", b"Content-Length : 3\r\n\r\nabc"),
    ("space before the colon of a coding", b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    ("a folded line", b"X: a\r\n Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc"),
    ("NUL in a value", b"X: a\x00b\r\nContent-Length: 3\r\n\r\nabc"),
    ("NUL in a name", b"X\x00: ab\r\nContent-Length: 3\r\n\r\nabc"),
    ("CR in a value", b"X: a\rb\r\nContent-Length: 3\r\n\r\nabc"),
    ("a line without a colon", b"Xy\r\n\r\n"),
    ("a coding that only sounds like it", b"Transfer-Encoding: xchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("chunked that is not last", b"Transfer-Encoding: chunked, identity\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("chunked in quotes", b"Transfer-Encoding: \"chunked\"\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("chunked behind a vertical tab", b"Transfer-Encoding: \x0bchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("chunked twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("chunked, chunked", b"Transfer-Encoding: chunked, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk's size with a sign", b"Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk's size with 0x", b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"),
    ("space before a chunk's size", b"Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n"),
    ("no chunk size", b"Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"),
    ("a chunk's size beyond all", b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc"),
    ("chunk sizes that end in LF", b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n"),
    ("a chunk extension that ends in LF", b"Transfer-Encoding: chunked\r\n\r\n3;x\nabc\r\n0\r\n\r\n"),
    ("a chunk longer than it says", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n"),
];

/// What the origin gets in place of what was sent.
const ONE_WAY: &[(&str, &[u8], &[u8])] = &[
    (
        "chunks win over a length, and what follows is no request",
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "in either order",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    ),
    ("the same length twice", b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", b"Content-Length: 3\r\n\r\nabc"),
    (
        "a field that only looks like a length",
        b"Content_Length: 30\r\nContent-Length: 3\r\n\r\nabc",
        b"Content_Length: 30\r\nContent-Length: 3\r\n\r\nabc",
    ),
    (
        "a tab before a coding",
        b"Transfer-Encoding:\tchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    (
        "space behind a chunk's size",
        b"Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    (
        "chunk extensions",
        b"Transfer-Encoding: chunked\r\n\r\n3;x=y;\"z\r\nabc\r\n0;q\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    (
        "a length in the trailers",
        b"Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    (
        "a length that is said to be the connection's own",
        b"Connection: content-length, host\r\nContent-Length: 3\r\n\r\nabc",
        b"Content-Length: 3\r\n\r\nabc",
    ),
    (
        "a coding that is said to be the connection's own",
        b"Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    ("a lone LF between lines", b"X: a\nContent-Length: 3\r\n\r\nabc", b"X: a\r\nContent-Length: 3\r\n\r\nabc"),
];

const HEAD: &[u8] = b"POST /smuggling HTTP/1.1\r\nHost: a.test\r\n";

async fn answers(mut wire: Wire) -> std::io::Result<()> {
    wire.head().await?;
    wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await?;
    wire.to_end().await
}

async fn origin(way: Way) -> Scripted {
    if way.is_tls() { Scripted::tls(answers).await } else { Scripted::tcp(answers).await }
}

#[tokio::test]
async fn security_15_what_can_be_read_in_two_ways_is_refused() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (what, rest) in REFUSED {
            let origin = origin(way).await;
            let mut io = way.open(&daemon, &origin).await;
            raw::send(&mut io, way.form(&origin, &[HEAD, rest].concat())).await;
            let answer = raw::text(&raw::read_head(&mut io).await.unwrap_or_default());
            assert!(answer.starts_with("HTTP/1.1 400"), "{what}, {way:?}: {answer}");
            let received = raw::text(&origin.received().concat());
            // A body that goes wrong may have had its head, or an earlier chunk, sent; it must not look complete.
            assert!(!received.ends_with("0\r\n\r\n"), "{what}, {way:?}: {received}");
            assert!(!received.contains("Content-Length"), "{what}, {way:?}: {received}");
            if way != Way::Absolute {
                let row = rows::one(&daemon, &rows::of(&origin.url("/smuggling"))).await;
                assert!(rows::failure(&row).starts_with("client request "), "{what}, {way:?}: {row}");
            }
        }
    }
}

#[tokio::test]
async fn security_15_what_is_passed_on_can_be_read_in_one_way_only() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (what, rest, expected) in ONE_WAY {
            let origin = origin(way).await;
            let mut io = way.open(&daemon, &origin).await;
            raw::send(&mut io, way.form(&origin, &[HEAD, rest].concat())).await;
            let answer = raw::text(&raw::read_head(&mut io).await.unwrap_or_default());
            assert!(answer.starts_with("HTTP/1.1 200"), "{what}, {way:?}: {answer}");
            let expected = raw::text(&[HEAD, expected].concat());
            wait::until(&format!("{what}, {way:?}: {expected:?}"), || async {
                let received = raw::text(&origin.received().concat());
                assert!(expected.starts_with(&received), "{what}, {way:?}: {received:?}");
                (received == expected).then_some(())
            })
            .await;
            let row = rows::one_in_detail(&daemon, &rows::of(&origin.url("/smuggling"))).await;
            let lengths = |message| rows::values(&row, message, "content-length").len();
            let sent = if row["sent"].is_null() { lengths("request") } else { lengths("sent") };
            let said = expected.split("\r\n").filter(|line| line.starts_with("Content-Length:")).count();
            assert_eq!(sent, said.min(1), "{what}, {way:?}: what the origin sees is what is recorded: {row}");
        }
    }
    assert!(rows::list(&daemon, "path:/smuggled").await.is_empty());
}

#[tokio::test]
async fn security_15_a_port_that_is_none_is_not_taken_for_another() {
    let daemon = Daemon::start().await;
    for target in ["http://localhost:80x/", "http://localhost:99999/", "http://localhost:80:81/", "http://:80/"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw::ask(daemon.proxy(), request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{target}: {answer}");
    }
}
