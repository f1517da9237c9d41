//! HTTP/1.1 and HTTP/2 on both sides, negotiated independently, and what a row then says.

use http::Request;
use serde_json::Value;
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, routes::sha256},
    rows,
};

#[tokio::test]
async fn all_four_combinations_pass_a_request_and_its_answer() {
    let daemon = Daemon::start().await;
    for (speak, alpn) in
        [(Speak::Http1, "http/1.1"), (Speak::Http1, "h2"), (Speak::Http2, "http/1.1"), (Speak::Http2, "h2")]
    {
        let origin = Origin::tls(&[alpn]).await;
        let url = origin.url("/echo?a=1&b=%20c");
        let request = Request::post(&url).header("x-test", "yes").body(full("hello")).unwrap();
        let answer = client::fetch(&daemon, speak, request).await;
        assert_eq!(answer.status, 200, "{speak:?} to {alpn}: {}", answer.text());

        let seen = answer.json();
        assert_eq!(seen["method"], "POST");
        assert!(seen["target"].as_str().unwrap().ends_with("/echo?a=1&b=%20c"), "{seen}");
        assert_eq!(seen["sha256"], sha256(b"hello").as_str());
        assert_eq!(seen["version"], if alpn == "h2" { "HTTP/2.0" } else { "HTTP/1.1" });

        let row = rows::one(&daemon, &rows::of(&url)).await;
        let word = |h2| if h2 { "HTTP/2" } else { "HTTP/1.1" };
        assert_eq!(row["request_version"], word(speak == Speak::Http2), "{row}");
        assert_eq!(row["response_version"], word(alpn == "h2"), "{row}");
        assert_eq!((&row["kind"], &row["method"], &row["status"]), (&"http".into(), &"POST".into(), &200.into()));
        assert_eq!((&row["request_size"], &row["response_size"]), (&5.into(), &answer.body.len().into()));
        assert_eq!(row["failure"], Value::Null);
        check_stored(&daemon, &row, &answer.body, speak, alpn).await;
    }
}

async fn check_stored(daemon: &Daemon, row: &Value, body: &[u8], speak: Speak, alpn: &str) {
    assert_eq!(rows::body(daemon, row, "request").await, "hello");
    assert_eq!(rows::body(daemon, row, "response").await, body);
    let detail = rows::detail(daemon, row).await;
    assert_eq!(rows::values(&detail, "request", "x-test"), ["yes"], "{detail}");
    assert_eq!(rows::values(&detail, "response", "content-type"), ["application/json"], "{detail}");
    let client = if speak == Speak::Http2 { "h2" } else { "http/1.1" };
    assert_eq!(detail["client_connection"]["tls"]["alpn"], client, "{detail}");
    assert_eq!(detail["upstream_connection"]["tls"]["alpn"], alpn, "{detail}");
}

#[tokio::test]
async fn an_http_1_client_does_not_keep_the_origin_from_speaking_http_2() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let answer = client::get(&daemon, &origin.url("/echo")).await;
    assert_eq!(answer.json()["version"], "HTTP/2.0");
}

#[tokio::test]
async fn an_origin_without_alpn_is_spoken_to_in_http_1() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&[]).await;
    let request = Request::get(origin.url("/echo")).body(client::empty()).unwrap();
    let answer = client::fetch(&daemon, Speak::Http2, request).await;
    assert_eq!(answer.json()["version"], "HTTP/1.1");
}

#[tokio::test]
async fn plain_http_by_absolute_form() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for (path, status, size) in [("/json", 200, None), ("/status/418", 418, None), ("/bytes/0", 200, Some(0))] {
        let answer = client::get(&daemon, &origin.url(path)).await;
        assert_eq!(answer.status, status);
        let row = rows::one(&daemon, &rows::of(&origin.url(path))).await;
        assert_eq!((&row["scheme"], &row["status"]), (&"http".into(), &status.into()), "{row}");
        assert_eq!(row["response_size"], size.unwrap_or(answer.body.len()), "{row}");
        assert_eq!(row["port"], origin.address().port());
    }
    let seen = origin.notes().requests();
    assert_eq!(seen[0].target, "/json", "origins get origin-form");
    assert_eq!(seen[0].values("host"), [origin.authority()]);
}

#[tokio::test]
async fn a_head_request_has_a_length_and_no_body() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/bytes/1000");
    let request = Request::head(&url).body(client::empty()).unwrap();
    let answer = client::fetch(&daemon, Speak::Http1, request).await;
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.header("content-length")), (200, 0, "1000"));
    let row = rows::one(&daemon, &rows::of(&url)).await;
    assert_eq!((&row["method"], &row["response_size"]), (&"HEAD".into(), &0.into()), "{row}");
    assert_eq!(row["failure"], Value::Null, "{row}");
}

#[tokio::test]
async fn statuses_without_a_body_end_in_order() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for status in [204, 304] {
        let url = origin.url(&format!("/status/{status}"));
        let answer = client::get(&daemon, &url).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0));
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(rows::failure(&row), "", "{row}");
    }
}
