//! What an origin receives through the proxy is, byte for byte, what it would receive without one.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::{Scripted, Wire},
    wait,
};

/// Requests that pass unchanged in every form.
const SAME: &[(&str, &[u8])] = &[
    ("percent-encoding", b"GET /a%2Fb%2f%7e~%zz?x=%20+&y HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("dot segments and double slashes", b"GET /a/../b/./c//d/// HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("an empty query", b"GET /? HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("empty values", b"GET /x?a=&b&=c&&d== HTTP/1.1\r\nHost: a.test\r\nX-Empty:\r\n\r\n"),
    ("letters beyond ASCII", "GET /caf\u{e9} HTTP/1.1\r\nHost: a.test\r\n\r\n".as_bytes()),
    ("odd letters", b"GET /a[b]{c}|d^e\\f'(g)!$&*+,;=:@?[{|}^`\\'/?] HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("duplicates", b"GET / HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nA: 2\r\nB: 3\r\n\r\n"),
    ("two lines of cookies", b"GET / HTTP/1.1\r\nHost: a.test\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n"),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n"),
    ("case and order", b"GET / HTTP/1.1\r\nzZ: 1\r\nhOST: a.test\r\nx-LOWER: v\r\nACCEPT: */*\r\nb: 2\r\n\r\n"),
    ("one name in two cases", b"GET / HTTP/1.1\r\nHost: a.test\r\nX-a: 1\r\nx-A: 2\r\n\r\n"),
    ("every letter of a name", b"GET / HTTP/1.1\r\nHost: a.test\r\nX!#$%&'*+-.^_`|~9: 1\r\n\r\n"),
    ("bytes beyond ASCII", b"GET / HTTP/1.1\r\nHost: a.test\r\nX-B: caf\xe9 \xff\x80\r\n\r\n"),
    ("a method nobody knows", b"FROBNICATE /d HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("a method in lower case", b"get /d HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("WebDAV", b"PROPFIND /d HTTP/1.1\r\nHost: a.test\r\nDepth: 1\r\nContent-Length: 3\r\n\r\nabc"),
    ("GET with a body", b"GET /d HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc"),
    ("DELETE with a body", b"DELETE /d HTTP/1.1\r\nHost: a.test\r\ncontent-length: 3\r\nX: 1\r\n\r\nabc"),
    ("POST without a body", b"POST /d HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("POST of nothing", b"POST /d HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n"),
    ("a length with zeros", b"POST /d HTTP/1.1\r\nHost: a.test\r\nContent-Length: 003\r\n\r\nabc"),
    ("chunks", b"POST /d HTTP/1.1\r\nHost: a.test\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    (
        "chunks of a coding",
        b"POST /d HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    ("HTTP/1.0", b"GET /d HTTP/1.0\r\nHost: a.test\r\n\r\n"),
    (
        "an expectation nobody knows",
        b"POST /d HTTP/1.1\r\nHost: a.test\r\nExpect: much\r\nContent-Length: 3\r\n\r\nabc",
    ),
    (
        "wishes that are none of the connection's",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade-Insecure-Requests: 1\r\n\r\n",
    ),
];

/// Those that only a tunnel leaves as they are: by absolute-form the target names the host.
const SAME_IN_TUNNELS: &[(&str, &[u8])] = &[
    ("no host", b"GET / HTTP/1.1\r\nX: 1\r\n\r\n"),
    ("HTTP/1.0 without a host", b"GET / HTTP/1.0\r\nX: 1\r\n\r\n"),
    ("absolute-form", b"GET http://a.test/abs?x HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ("asterisk-form", b"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n"),
];

/// The limits that ARCHITECTURE.md names: what is sent, and what arrives. The row has both.
const KNOWN: &[(&str, &[u8], &[u8])] = &[
    (
        "duplicates with others in between come together",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nA: 3\r\nB: 2\r\n\r\n",
    ),
    (
        "space around values becomes one space before them",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nX-a:1\r\nX-b:   2\r\nX-c: 3  \r\nX-d:\t4\r\nX-e: \r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nX-a: 1\r\nX-b: 2\r\nX-c: 3\r\nX-d: 4\r\nX-e:\r\n\r\n",
    ),
    (
        "lines end in CRLF",
        b"GET / HTTP/1.1\nHost: a.test\nX: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nX: 1\r\n\r\n",
    ),
    (
        "fields of the connection stay behind",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nX: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nX: 1\r\n\r\n",
    ),
    (
        "HTTP/1.0 asks for no further request",
        b"GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n",
    ),
    (
        "HTTP/2 is not asked for in passing",
        b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    ),
    (
        "a fragment is no part of a target",
        b"GET /a#b HTTP/1.1\r\nHost: a.test\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n",
    ),
    (
        "extensions of chunks stay behind",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ),
    (
        "trailers are in lower case",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n",
    ),
    (
        "the same length is said once",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc",
    ),
];

/// Closes after each answer: so that every request has a connection, and a record, of its own.
async fn answers_once(mut wire: Wire) -> std::io::Result<()> {
    wire.head().await?;
    wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok").await?;
    wire.to_end().await
}

async fn origin(way: Way) -> Scripted {
    if way.is_tls() { Scripted::tls(answers_once).await } else { Scripted::tcp(answers_once).await }
}

/// Sends `request` and waits until exactly `expected` has arrived.
async fn passes(daemon: &Daemon, way: Way, origin: &Scripted, name: &str, request: &[u8], expected: &[u8]) {
    let before = origin.received().len();
    let mut io = way.open(daemon, origin).await;
    raw::send(&mut io, request).await;
    let head = raw::text(&raw::read_head(&mut io).await.unwrap_or_default());
    assert!(head.contains(" 200 "), "{name}, {way:?}: {head}");
    wait::until(&format!("{name}, {way:?}: the origin to have {:?}", raw::text(expected)), || async {
        let all = origin.received()[before..].concat();
        let (all, expected) = (raw::text(&all), raw::text(expected));
        assert!(expected.starts_with(&all), "{name}, {way:?}:\nexpected {expected:?}\nreceived {all:?}");
        (all == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn requests_reach_the_origin_as_they_would_without_a_proxy() {
    let daemon = Daemon::start().await;
    for way in [Way::Direct].into_iter().chain(Way::PROXIED) {
        let origin = origin(way).await;
        for (name, request) in SAME {
            passes(&daemon, way, &origin, name, &way.form(&origin, request), request).await;
        }
    }
    for way in [Way::Direct].into_iter().chain(Way::TUNNELLED) {
        let origin = origin(way).await;
        for (name, request) in SAME_IN_TUNNELS {
            passes(&daemon, way, &origin, name, request, request).await;
        }
    }
}

#[tokio::test]
async fn known_limits_are_as_they_are_listed_and_the_row_has_both_heads() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let origin = origin(way).await;
        for (name, request, expected) in KNOWN {
            passes(&daemon, way, &origin, name, &way.form(&origin, request), expected).await;
        }
    }
    let place = daemon.stop().await;
    let db = rusqlite::Connection::open(place.data().join("waylay.db")).unwrap();
    let mut rows = db.prepare("SELECT request_head, sent_head FROM exchange ORDER BY seq").unwrap();
    let heads = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get::<_, Option<Vec<u8>>>(1)?.unwrap_or_default()));
    let rows: Vec<(Vec<u8>, Vec<u8>)> = rows.query_map([], heads).unwrap().map(Result::unwrap).collect();
    // What came by absolute-form was read by hudsucker, and is stored in a form of ours.
    let expected = Way::TUNNELLED.iter().flat_map(|_| KNOWN);
    for ((name, request, sent), (request_head, sent_head)) in expected.zip(rows) {
        let head = |whole: &[u8]| whole.windows(4).position(|w| w == b"\r\n\r\n").map(|at| raw::text(&whole[..at + 4]));
        assert_eq!(Some(raw::text(&request_head)), head(request), "{name}: as received");
        let differs = head(request) != head(sent);
        assert_eq!(raw::text(&sent_head), if differs { head(sent).unwrap() } else { String::new() }, "{name}: as sent");
    }
}
