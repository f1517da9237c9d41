//! Edit and send: by the API and by `waylay resend`, through the same path as everything else.

use http::Request;
use serde_json::json;
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, routes::sha256},
    rows,
};

#[tokio::test]
async fn a_captured_request_is_sent_again_unchanged_and_changed() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let url = origin.url("/echo?first");
    let request = Request::post(&url).header("x-kept", "yes").header("content-type", "text/plain");
    client::fetch(&daemon, Speak::Http1, request.body(full("original")).unwrap()).await;
    let captured = rows::one(&daemon, &rows::of(&url)).await;

    let answer = daemon.api().post("/send", &json!({"from": rows::id(&captured)})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent = answer.json();
    assert!(sent["id"].as_str().unwrap().starts_with("0."), "what is sent is session 0: {sent}");
    assert_eq!((&sent["exchange"]["status"], &sent["exchange"]["source"]), (&200.into(), &"send".into()));
    let again = origin.notes().requests().pop().unwrap();
    assert_eq!((again.method.as_str(), again.sha256), ("POST", sha256(b"original")));
    assert_eq!(again.headers.iter().find(|(n, _)| n == "x-kept").unwrap().1, "yes");

    let headers = json!([{"key": "X-New", "value": "1"}, {"key": "X-New", "value": "2"}]);
    let edited = json!({"method": "PUT", "url": origin.url("/echo?edited"), "headers": headers,
        "body": {"mode": "raw", "raw": "edited"}});
    let edited = json!({"from": rows::id(&captured), "request": edited});
    let answer = daemon.api().post("/send", &edited).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = origin.notes().requests().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.sha256.clone()), ("PUT", sha256(b"edited")));
    assert!(seen.target.ends_with("/echo?edited"), "{seen:?}");
    assert_eq!(seen.values("x-new"), ["1", "2"]);
    assert_eq!(seen.values("x-kept"), [""; 0], "given fields replace the captured ones");
    let row = rows::one(&daemon, &rows::of(&origin.url("/echo?edited"))).await;
    assert_eq!(rows::body(&daemon, &row, "request").await, "edited");
}

#[tokio::test]
async fn bytes_are_sent_as_they_are() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let body = json!({"mode": "bytes", "base64": "AP/+gA=="});
    let message = json!({"method": "POST", "url": origin.url("/echo"), "body": body});
    let answer = daemon.api().post("/send", &json!({"request": message})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(origin.notes().requests()[0].sha256, sha256(&[0, 0xff, 0xfe, 0x80]));
}

#[tokio::test]
async fn a_failure_of_what_is_sent_is_a_row_and_not_an_error_of_the_api() {
    let daemon = Daemon::start().await;
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/", held.local_addr().unwrap());
    let answer = daemon.api().post("/send", &json!({"request": {"url": url}})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let exchange = &answer.json()["exchange"];
    assert_eq!(rows::failure(exchange), "upstream connect refused", "{exchange}");
}

#[tokio::test]
async fn resend_says_what_came_back_and_exits_accordingly() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    rows::one(&daemon, "path:/json").await;
    let output = daemon.waylay(&["resend", "@last", "--json"]).await.expect(0);
    assert!(output.stdout.contains("\"0.1\""), "{}", output.stdout);
    assert_eq!(origin.notes().requests().len(), 2);

    // An origin whose certificate is bad all of a sudden.
    let stranger = Origin::tls_with(&waylay_tests::pki::Leaf::self_signed(&["localhost"])).await;
    client::get(&daemon, &stranger.url("/bad")).await;
    rows::one(&daemon, "path:/bad").await;
    let output = daemon.waylay(&["resend", "@last"]).await.expect(5);
    assert!(output.stderr.contains("certificate"), "{}", output.stderr);
}
