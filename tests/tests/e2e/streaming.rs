//! Bodies pass while they come: the first byte arrives before the last is sent.

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use std::{convert::Infallible, io};
use tokio::sync::mpsc;
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::Daemon,
    origin::Origin,
    rows, wait,
};

const COMBINATIONS: [(Speak, &str); 4] =
    [(Speak::Http1, "http/1.1"), (Speak::Http1, "h2"), (Speak::Http2, "http/1.1"), (Speak::Http2, "h2")];

/// The next piece; HTTP/2 may end a body with an empty one.
async fn next(body: &mut Incoming) -> Option<Bytes> {
    loop {
        let frame = wait::within("a piece of the body", body.frame()).await?;
        let data = frame.expect("the body goes on").into_data().expect("data");
        if !data.is_empty() {
            return Some(data);
        }
    }
}

#[tokio::test]
async fn a_response_is_passed_on_before_it_is_over() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in COMBINATIONS {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/gated");
        let mut link = Link::open(&daemon, &url, speak).await;
        let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
        let mut body = response.into_body();
        assert_eq!(next(&mut body).await.unwrap(), "first\n", "{speak:?} to {alpn}");

        let row = wait::until("a row while the exchange goes on", || async {
            rows::list(&daemon, &rows::of(&url)).await.pop()
        });
        assert_eq!(row.await["done"], false, "an exchange that takes its time is shown before it is over");

        origin.notes().open_gate();
        assert_eq!(next(&mut body).await.unwrap(), "last\n");
        assert!(next(&mut body).await.is_none());
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!((&row["response_size"], &row["response_end"]), (&11.into(), &"complete".into()), "{row}");
    }
}

#[tokio::test]
async fn a_request_is_passed_on_before_it_is_over() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in COMBINATIONS {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/echo-body");
        let (pieces, body) = channel();
        let mut link = Link::open(&daemon, &url, speak).await;
        pieces.send("first").unwrap();
        let request = Request::post(&url).body(body).unwrap();
        let response = tokio::spawn(async move { link.send(request).await.map(|r| (r, link)) });
        wait::until("the origin to have the first piece", || async { (origin.notes().received() >= 5).then_some(()) })
            .await;
        let (response, _link) = wait::within("the head", response).await.unwrap().unwrap();
        let mut body = response.into_body();
        assert_eq!(next(&mut body).await.unwrap(), "first", "{speak:?} to {alpn}: both ways at once");
        pieces.send("second").unwrap();
        assert_eq!(next(&mut body).await.unwrap(), "second");
        drop(pieces);
        assert!(next(&mut body).await.is_none());
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(rows::body(&daemon, &row, "request").await, "firstsecond");
        assert_eq!(rows::body(&daemon, &row, "response").await, "firstsecond");
        assert!(origin.notes().requests()[0].complete);
    }
}

/// A body fed by the test.
fn channel() -> (mpsc::UnboundedSender<&'static str>, client::link::Body) {
    let (sender, receiver) = mpsc::unbounded_channel::<&'static str>();
    let frames = stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(piece))), receiver))
    });
    (sender, StreamBody::new(frames).map_err(|never| -> io::Error { match never {} }).boxed_unsync())
}

#[tokio::test]
async fn server_sent_events_arrive_one_by_one_and_are_a_kind_of_row() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let url = origin.url("/sse");
    let mut link = Link::open(&daemon, &url, Speak::Http2).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap(), "data: first\n\n");
    origin.notes().open_gate();
    assert_eq!(next(&mut body).await.unwrap(), "data: last\n\n");
    assert!(next(&mut body).await.is_none());
    let row = rows::one(&daemon, "is:sse").await;
    assert_eq!((&row["kind"], &row["content_type"]), (&"sse".into(), &"text/event-stream".into()), "{row}");
}

#[tokio::test]
async fn a_slow_head_is_waited_for_and_counted_as_waiting() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/slow-head");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let request = Request::get(&url).body(client::empty()).unwrap();
    let response = tokio::spawn(async move { link.send(request).await.map(|r| (r.status(), link)) });
    let pending = wait::until("a pending row", || async { rows::list(&daemon, "is:pending").await.pop() }).await;
    assert_eq!((&pending["status"], &pending["done"]), (&serde_json::Value::Null, &false.into()), "{pending}");
    origin.notes().open_gate();
    assert_eq!(wait::within("the head", response).await.unwrap().unwrap().0, 200);
    let row = rows::one(&daemon, &rows::of(&url)).await;
    let timings = &row["timings"];
    assert!(timings["head_us"].as_i64().unwrap() > timings["ready_us"].as_i64().unwrap(), "{timings}");
}
