//! A request is sent a second time only if that cannot do anything twice.

use http::Request;
use waylay_tests::{
    client::{Answer, Link, Speak, empty, full},
    daemon::Daemon,
    origin::Scripted,
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

#[tokio::test]
async fn only_what_may_be_repeated_is_sent_again() {
    let daemon = Daemon::start().await;
    for (method, body, status, sent) in
        [("GET", "", 200, 2), ("HEAD", "", 200, 2), ("GET", "body", 502, 1), ("POST", "", 502, 1), ("PUT", "x", 502, 1)]
    {
        let origin = hangs_up_on_the_second().await;
        let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
        assert_eq!(link.get(&origin.url("/warm")).await.unwrap().status, 200);
        let url = origin.url("/again");
        let body = if body.is_empty() { empty() } else { full(body) };
        let request = Request::builder().method(method).uri(&url).body(body).unwrap();
        let answer = Answer::read(wait::within("an answer", link.send(request)).await.unwrap()).await.unwrap();
        assert_eq!(answer.status, status, "{method}: {}", answer.text());
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
