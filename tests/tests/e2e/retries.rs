//! A request is sent a second time only if that cannot do anything twice.

use http::Request;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use waylay_tests::{
    client::{Answer, Link, Speak, empty, full, raw},
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows, wait,
};

/// Answers the first request of a connection and hangs up on the second, once it has its head.
async fn hangs_up_on_the_second() -> Scripted {
    Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
        wire.head().await?;
        wire.end().await
    })
    .await
}

fn times(origin: &Scripted, path: &str) -> usize {
    let all = origin.received();
    all.iter().map(|bytes| String::from_utf8_lossy(bytes).matches(path).count()).sum()
}

/// What a request for `/again` is answered, the second on a connection whose first went well.
async fn second_answer(daemon: &Daemon, origin: &Scripted, method: &str, body: &'static str) -> Answer {
    let mut link = Link::open(daemon, &origin.url("/"), Speak::Http1).await;
    assert_eq!(link.get(&origin.url("/warm")).await.unwrap().status, 200);
    let body = if body.is_empty() { empty() } else { full(body) };
    let request = Request::builder().method(method).uri(origin.url("/again")).body(body).unwrap();
    Answer::read(wait::within("an answer", link.send(request)).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn only_what_may_be_repeated_is_sent_again() {
    let daemon = Daemon::start().await;
    for (method, body, status, sent) in
        [("GET", "", 200, 2), ("HEAD", "", 200, 2), ("GET", "body", 502, 1), ("POST", "", 502, 1), ("PUT", "x", 502, 1)]
    {
        let origin = hangs_up_on_the_second().await;
        let answer = second_answer(&daemon, &origin, method, body).await;
        assert_eq!(answer.status, status, "{method}: {}", answer.text());
        let url = origin.url("/again");
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(row["failure"].is_null(), status == 200, "{row}");
        assert_eq!(times(&origin, "/again"), sent, "{method}");
    }
}

#[tokio::test]
async fn a_new_connection_that_ends_unanswered_is_not_tried_again() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.end().await
    })
    .await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    assert_eq!(link.get(&origin.url("/once")).await.unwrap().status, 502);
    assert_eq!(origin.received().len(), 1);
}

/// How an HTTP/2 origin says that it has not looked at a stream (RFC 9113, 8.7).
const UNSEEN: [(&str, &[u8]); 2] = [
    ("RST_STREAM, REFUSED_STREAM", &[0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 7]),
    ("GOAWAY, last stream 1", &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
];

/// Answers every request with 200 but the second of its first connection, to which it says `no`.
async fn refuses_the_second(no: &'static [u8]) -> Scripted {
    let connections = Arc::new(AtomicUsize::new(0));
    Scripted::http2(move |mut wire: Wire| {
        let first = connections.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            wire.exactly(24).await?; // the preface
            wire.send([0, 0, 0, 4, 0, 0, 0, 0, 0]).await?; // SETTINGS
            loop {
                let frame = wire.exactly(9).await?;
                let length = usize::from(frame[0]) << 16 | usize::from(frame[1]) << 8 | usize::from(frame[2]);
                wire.exactly(length).await?;
                match (frame[3], frame[8]) {
                    (4, _) if frame[4] == 0 => wire.send([0, 0, 0, 4, 1, 0, 0, 0, 0]).await?,
                    (1, 3) if first => wire.send(no).await?,
                    // HEADERS that end headers and stream: `:status 200`.
                    (1, stream) => wire.send([0, 0, 1, 1, 5, 0, 0, 0, stream, 0x88]).await?,
                    _ => {}
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn what_an_http_2_origin_has_not_looked_at_is_sent_again() {
    let daemon = Daemon::start().await;
    for (what, no) in UNSEEN {
        for (method, body, status) in [("GET", "", 200), ("POST", "", 200), ("POST", "body", 502)] {
            let origin = refuses_the_second(no).await;
            let answer = second_answer(&daemon, &origin, method, body).await;
            assert_eq!(answer.status, status, "{what}, {method}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn names_keep_their_case_when_a_request_is_sent_again() {
    let daemon = Daemon::start().await;
    let origin = hangs_up_on_the_second().await;
    let socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut link = raw::tls(socket, &daemon.ca_pem(), "localhost", &[]).await.unwrap();
    for path in ["/warm", "/again"] {
        let head = format!("GET {path} HTTP/1.1\r\nHoSt: {}\r\nX-MiXed: 1\r\n\r\n", origin.authority());
        raw::send(&mut link, head).await;
        assert!(raw::read_head(&mut link).await.unwrap().starts_with(b"HTTP/1.1 200"), "{path}");
        raw::read_exactly(&mut link, 2).await.unwrap();
    }
    let second = origin.received().into_iter().nth(1).unwrap();
    let second = String::from_utf8_lossy(&second).into_owned();
    assert!(second.contains("/again") && second.contains("HoSt: ") && second.contains("X-MiXed: 1"), "{second}");
}
