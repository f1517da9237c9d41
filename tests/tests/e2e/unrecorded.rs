//! Traffic that leaves no rows shares connections to origins with traffic that does, and must leave no traces in it.

use serde_json::json;
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::Launch,
    origin::Scripted,
    rows,
};

/// Answers every request with a field that repeats its target.
async fn repeating() -> Scripted {
    Scripted::tcp(|mut wire| async move {
        loop {
            let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            wire.send(format!("HTTP/1.1 200 OK\r\nX-Target: {target}\r\nContent-Length: 0\r\n\r\n")).await?;
        }
    })
    .await
}

#[tokio::test]
async fn a_row_has_its_own_heads_on_a_connection_that_carried_unrecorded_exchanges() {
    let daemon = Launch::new().args(&["--no-record"]).start().await;
    let origin = repeating().await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    for path in ["/unseen-1", "/unseen-2"] {
        assert_eq!(link.get(&origin.url(path)).await.unwrap().header("x-target"), path);
    }
    let sent = json!({"request": {"url": origin.url("/seen"), "headers": [{"key": "X-Own", "value": "1"}]}});
    let answer = daemon.api().post("/send", &sent).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(origin.received().len(), 1, "all of them used one connection");
    let row = rows::one(&daemon, "path:/").await;
    let detail = rows::detail(&daemon, &row).await;
    assert_eq!(detail["response"]["headers"][0]["value"], "/seen", "{detail}");
    assert!(!detail.to_string().contains("unseen"), "{detail}");
}

#[tokio::test]
async fn nothing_is_recorded_unless_it_is_asked_for() {
    let daemon = Launch::new().args(&["--no-record"]).start().await;
    let origin = repeating().await;
    assert_eq!(client::get(&daemon, &origin.url("/unseen")).await.status, 200);
    daemon.api().post("/send", &json!({"request": {"url": origin.url("/seen")}})).await;
    let rows = rows::list(&daemon, "").await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(rows[0]["path"], "/seen");
}
