//! Trailers pass both ways and are part of the row.

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;
use waylay_tests::{
    client::{self, Speak, empty, raw},
    daemon::Daemon,
    origin::{Origin, Scripted},
    rows,
};

#[tokio::test]
async fn an_http_2_origins_trailers_reach_both_kinds_of_client() {
    let daemon = Daemon::start().await;
    for speak in [Speak::Http1, Speak::Http2] {
        let origin = Origin::tls(&["h2"]).await;
        let url = origin.url("/trailers");
        let request = Request::get(&url).header("te", "trailers").body(empty()).unwrap();
        let answer = client::fetch(&daemon, speak, request).await;
        let trailers = answer.trailers.as_ref().unwrap_or_else(|| panic!("{speak:?}: no trailers in {answer:?}"));
        assert_eq!(trailers["x-checksum"], "abc");
        assert_eq!(answer.body, "body");
        let detail = rows::one_in_detail(&daemon, &rows::of(&url)).await;
        assert_eq!(detail["response"]["trailers"][0]["name"], "x-checksum", "{detail}");
        assert_eq!(detail["response"]["trailers"][0]["value"], "abc", "{detail}");
    }
}

#[tokio::test]
async fn an_http_1_origins_chunks_and_trailers_reach_the_client() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n\r\n").await?;
        wire.send("2;ext=1\r\nbo\r\n").await?;
        wire.send("2\r\ndy\r\n0\r\nX-Checksum: abc\r\n\r\n").await?;
        wire.to_end().await
    })
    .await;
    for speak in [Speak::Http1, Speak::Http2] {
        let url = origin.url(if speak == Speak::Http1 { "/one" } else { "/two" });
        let request = Request::get(&url).header("te", "trailers").body(empty()).unwrap();
        let answer = client::fetch(&daemon, speak, request).await;
        assert_eq!(answer.body, "body");
        assert_eq!(answer.trailers.as_ref().map(|t| &t["x-checksum"]), Some(&HeaderValue::from_static("abc")));
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(rows::body(&daemon, &row, "response").await, "body", "stored without the chunks' framing");
    }
}

#[tokio::test]
async fn a_requests_trailers_reach_the_origin() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2"]).await;
    let url = origin.url("/echo");
    let mut trailers = HeaderMap::new();
    trailers.insert("x-end", HeaderValue::from_static("yes"));
    let frames = [Frame::data(Bytes::from("body")), Frame::trailers(trailers)].map(Ok::<_, Infallible>);
    let body = StreamBody::new(stream::iter(frames)).map_err(|never| match never {}).boxed_unsync();
    let answer = client::fetch(&daemon, Speak::Http2, Request::post(&url).body(body).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(origin.notes().requests()[0].trailers, [("x-end".to_owned(), "yes".to_owned())]);
    let detail = rows::one_in_detail(&daemon, &rows::of(&url)).await;
    assert_eq!(detail["request"]["trailers"][0]["value"], "yes", "{detail}");
}

#[tokio::test]
async fn a_chunked_http_1_request_with_trailers_reaches_the_origin() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n";
    raw::send(&mut stream, format!("{head}4\r\nbody\r\n0\r\nX-End: yes\r\n\r\n")).await;
    assert!(raw::text(&raw::read_head(&mut stream).await.unwrap()).starts_with("HTTP/1.1 200"));
    let seen = &origin.notes().requests()[0];
    assert_eq!((seen.size, seen.complete), (4, true));
    assert_eq!(seen.trailers, [("x-end".to_owned(), "yes".to_owned())]);
}
