//! Row 15, the other way round: answers that two readers may end in different places.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows,
};

/// Behind the status line.
const REFUSED: &[(&str, &[u8])] = &[
    ("two lengths", b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nokX"),
    ("a list of two lengths", b"Content-Length: 2, 3\r\n\r\nokX"),
    ("a length with a sign", b"Content-Length: +2\r\n\r\nok"),
    ("a negative length", b"Content-Length: -2\r\n\r\nok"),
    ("a hexadecimal length", b"Content-Length: 0x2\r\n\r\nok"),
    ("no length at all", b"Content-Length: \r\n\r\nok"),
    ("a length beyond all", b"Content-Length: 99999999999999999999\r\n\r\nok"),
    ("space before a colon", b"Content-Length : 2\r\n\r\nok"),
    ("a folded line", b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nok"),
    ("CR in a value", b"X: a\rb\r\nContent-Length: 2\r\n\r\nok"),
    ("NUL in a value", b"X: a\x00b\r\nContent-Length: 2\r\n\r\nok"),
    ("a line without a colon", b"Nonsense\r\nContent-Length: 2\r\n\r\nok"),
    ("chunked twice", b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
];

/// Framing that breaks in the middle: the client must see that.
const BROKEN: &[(&str, &[u8])] = &[
    ("a chunk's size with a sign", b"\r\n2\r\nok\r\n+2\r\nok\r\n0\r\n\r\n"),
    ("a chunk's size with 0x", b"\r\n2\r\nok\r\n0x2\r\nok\r\n0\r\n\r\n"),
    ("chunk sizes that end in LF", b"\r\n2\r\nok\r\n2\nok\r\n0\r\n\r\n"),
    ("a chunk longer than it says", b"\r\n2\r\nok\r\n2\r\nokXX\r\n0\r\n\r\n"),
    ("a chunk's size beyond all", b"\r\n2\r\nok\r\nfffffffffffffffff\r\nok"),
];

/// What the client gets in place of what was sent.
const ONE_WAY: &[(&str, &[u8], &str)] = &[
    (
        "chunks win over a length",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ),
    ("the same length twice", b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", "Content-Length: 2\r\n\r\nok"),
    ("a list of one length", b"Content-Length: 2, 2\r\n\r\nok", "Content-Length: 2\r\n\r\nok"),
    ("bytes behind the end", b"Content-Length: 2\r\n\r\nokEXTRA", "Content-Length: 2\r\n\r\nok"),
    (
        "space behind a chunk's size",
        b"Transfer-Encoding: chunked\r\n\r\n2 ;x\r\nok\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ),
];

async fn ask(
    daemon: &Daemon,
    way: Way,
    status: &str,
    answer: &[u8],
) -> (Scripted, Box<dyn waylay_tests::origin::scripted::Socket>) {
    let whole = [b"HTTP/1.1 ", status.as_bytes(), b"\r\n", answer].concat();
    let script = move |mut wire: Wire| {
        let whole = whole.clone();
        async move {
            wire.head().await?;
            wire.send(whole).await?;
            wire.to_end().await
        }
    };
    let origin = if way.is_tls() { Scripted::tls(script).await } else { Scripted::tcp(script).await };
    let mut io = way.open(daemon, &origin).await;
    raw::send(&mut io, way.form(&origin, b"GET /answer HTTP/1.1\r\nHost: a.test\r\n\r\n")).await;
    (origin, io)
}

#[tokio::test]
async fn security_15_answers_that_can_be_read_in_two_ways_are_refused() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let unasked = ("a change of protocol nobody asked for", &b"Connection: Upgrade\r\nUpgrade: x\r\n\r\nraw"[..]);
        let refused = REFUSED.iter().map(|case| ("200 OK", *case));
        for (status, (what, answer)) in refused.chain([("101 Switching Protocols", unasked)]) {
            let (origin, mut io) = ask(&daemon, way, status, answer).await;
            let head = raw::text(&raw::read_head(&mut io).await.unwrap());
            assert!(head.starts_with("HTTP/1.1 502"), "{what}, {way:?}: {head}");
            let row = rows::one(&daemon, &rows::of(&origin.url("/answer"))).await;
            assert_eq!(rows::failure(&row), "upstream wait bad response", "{what}, {way:?}: {row}");
        }
    }
}

#[tokio::test]
async fn security_15_answers_that_break_never_look_complete() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (what, rest) in BROKEN {
            let answer = [b"Transfer-Encoding: chunked\r\n", *rest].concat();
            let (origin, mut io) = ask(&daemon, way, "200 OK", &answer).await;
            let got = raw::text(&raw::read_to_end(&mut io).await);
            assert!(!got.ends_with("0\r\n\r\n"), "{what}, {way:?}: {got}");
            let row = rows::one(&daemon, &rows::of(&origin.url("/answer"))).await;
            assert_eq!(rows::failure(&row), "upstream response origin aborted", "{what}, {way:?}: {row}");
        }
    }
}

#[tokio::test]
async fn security_15_answers_that_are_passed_on_can_be_read_in_one_way_only() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (what, answer, expected) in ONE_WAY {
            let (_origin, mut io) = ask(&daemon, way, "200 OK", answer).await;
            let expected = format!("HTTP/1.1 200 OK\r\n{expected}");
            let got = raw::text(&raw::read_exactly(&mut io, expected.len()).await.unwrap());
            assert_eq!(got, expected, "{what}, {way:?}");
            // What was left over would come before the next answer.
            raw::send(&mut io, b"GET http://[ HTTP/1.1\r\n\r\n").await;
            let next = raw::text(&raw::read_head(&mut io).await.unwrap());
            assert!(next.starts_with("HTTP/1.1 400"), "{what}, {way:?}: {next}");
        }
    }
}
