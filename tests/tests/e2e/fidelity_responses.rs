//! What a client receives through the proxy is, byte for byte, what the origin sent.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::Scripted,
    rows, wait,
};

const GET: &str = "GET";

/// Method, and answer.
const SAME: &[(&str, &str, &[u8])] = &[
    ("a reason of its own", GET, b"HTTP/1.1 200 Very Fine Indeed\r\nContent-Length: 2\r\n\r\nok"),
    ("no reason", GET, b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"),
    ("statuses nobody knows", GET, b"HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok"),
    ("statuses beyond all", GET, b"HTTP/1.1 999 Nope\r\nContent-Length: 2\r\n\r\nok"),
    (
        "case, order, duplicates",
        GET,
        b"HTTP/1.1 200 OK\r\nx-LOWER: 1\r\nX-a: 1\r\nx-A: 2\r\nContent-LENGTH: 2\r\n\r\nok",
    ),
    ("bytes beyond ASCII", GET, b"HTTP/1.1 200 OK\r\nX-B: caf\xe9\xff\r\nContent-Length: 2\r\n\r\nok"),
    ("its own date and server", GET, b"HTTP/1.1 200 OK\r\nDate: once\r\nServer: x\r\nContent-Length: 2\r\n\r\nok"),
    ("chunks", GET, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    ("nothing", GET, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ("no content", GET, b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"),
    ("reset content", GET, b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
    ("not modified", GET, b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
    ("a range", GET, b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/10\r\nContent-Length: 2\r\n\r\nok"),
    ("the length of what HEAD does not get", "HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX: 1\r\n\r\n"),
    ("HEAD without a length", "HEAD", b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\n"),
];

/// The limits that ARCHITECTURE.md names: what the origin sends, and what the client gets.
const KNOWN: &[(&str, &str, &[u8], &[u8])] = &[
    (
        "duplicates with others in between come together",
        GET,
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: 1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: 1\r\nContent-Length: 2\r\n\r\nok",
    ),
    (
        "space around values becomes one space before them",
        GET,
        b"HTTP/1.1 200 OK\r\nX-e:\r\nX-f:v \r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX-e: \r\nX-f: v\r\nContent-Length: 2\r\n\r\nok",
    ),
    (
        "a reason beyond ASCII is left out",
        GET,
        b"HTTP/1.1 200 caf\xe9\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    ),
    (
        "a body without a length comes in chunks",
        GET,
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nD\r\nuntil the end\r\n0\r\n\r\n",
    ),
    (
        "what has no body has no length",
        GET,
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ),
    (
        "trailers are in lower case",
        GET,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\n\r\n",
    ),
    (
        "interim answers but 100 stay behind",
        GET,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ),
];

/// What arrives on `way` when the origin answers `answer`; waits for as many bytes as are expected.
async fn received(daemon: &Daemon, way: Way, method: &str, answer: &'static [u8], expected: usize) -> String {
    let script = move |mut wire: waylay_tests::origin::Wire| async move {
        wire.head().await?;
        wire.send(answer).await?;
        wire.end().await
    };
    let origin = if way.is_tls() { Scripted::tls(script).await } else { Scripted::tcp(script).await };
    let mut io = way.open(daemon, &origin).await;
    let request = format!("{method} /answer HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\n\r\n");
    raw::send(&mut io, way.form(&origin, request.as_bytes())).await;
    let got = raw::read_exactly(&mut io, expected).await;
    raw::text(&got.unwrap_or_else(|e| panic!("{way:?}: {e} before all of {:?}", raw::text(answer))))
}

#[tokio::test]
async fn answers_reach_the_client_as_they_would_without_a_proxy() {
    let daemon = Daemon::start().await;
    for way in [Way::Direct].into_iter().chain(Way::PROXIED) {
        for (name, method, answer) in SAME {
            let got = received(&daemon, way, method, answer, answer.len()).await;
            assert_eq!(got, raw::text(answer), "{name}, {way:?}");
        }
    }
}

#[tokio::test]
async fn known_limits_are_as_they_are_listed_and_the_row_has_the_answer_as_it_came() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        for (name, method, answer, expected) in KNOWN {
            let got = received(&daemon, way, method, answer, expected.len()).await;
            assert_eq!(got, raw::text(expected), "{name}, {way:?}");
        }
    }
    rows::done(&daemon, "", KNOWN.len() * Way::PROXIED.len()).await;
    let place = daemon.stop().await;
    let db = rusqlite::Connection::open(place.data().join("waylay.db")).unwrap();
    let mut rows = db.prepare("SELECT response_head FROM exchange ORDER BY seq").unwrap();
    let heads: Vec<Vec<u8>> = rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    for ((name, _, answer, _), head) in Way::PROXIED.iter().flat_map(|_| KNOWN).zip(heads) {
        let (head, answer) = (raw::text(&head), raw::text(answer));
        let last = &answer[answer.rfind("HTTP/1.").unwrap()..];
        assert!(last.starts_with(&head) && head.ends_with("\r\n\r\n"), "{name}: {head:?} of {last:?}");
    }
}

#[tokio::test]
async fn what_follows_an_answer_is_never_taken_for_the_next() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let script = |mut wire: waylay_tests::origin::Wire| async move {
            wire.head().await?;
            let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
            wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood{evil}")).await?;
            wire.to_end().await
        };
        let origin = if way.is_tls() { Scripted::tls(script).await } else { Scripted::tcp(script).await };
        let mut io = way.open(&daemon, &origin).await;
        for _ in 0..3 {
            raw::send(&mut io, way.form(&origin, b"GET /two HTTP/1.1\r\nHost: a.test\r\n\r\n")).await;
            let head = raw::text(&wait::within("a head", raw::read_head(&mut io)).await.unwrap());
            assert!(head.contains(" 200 "), "{way:?}: {head}");
            assert_eq!(raw::read_exactly(&mut io, 4).await.unwrap(), b"good", "{way:?}");
        }
    }
}
