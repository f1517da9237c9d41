//! Cookies of a session: what was set and sent, and what a browser does with it.

use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use waylay_tests::{
    client::{Link, Speak},
    daemon::{Daemon, Launch},
    origin::Scripted,
    rows, wait,
};

/// An origin that sets what the path asks for: fields between `&`.
async fn setting() -> Scripted {
    Scripted::tls(|mut wire| async move {
        loop {
            let head = String::from_utf8(wire.head().await?).unwrap();
            let path = head.split(' ').nth(1).unwrap();
            let fields = path.rsplit('/').next().unwrap().split('&').filter(|field| !field.is_empty());
            let set: String = fields.map(|field| format!("Set-Cookie: {}\r\n", field.replace("%20", " "))).collect();
            wire.send(format!("HTTP/1.1 200 OK\r\n{set}Content-Length: 0\r\n\r\n")).await?;
        }
    })
    .await
}

async fn get(link: &mut Link, url: &str, cookie: &str) {
    let request = Request::get(url).header("cookie", cookie).body(waylay_tests::client::empty()).unwrap();
    let answer = link.send(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_body().collect().await.unwrap();
}

/// `outcome value` of each, once there are so many.
async fn seen(daemon: &Daemon, session: &str, count: usize) -> Vec<String> {
    let word = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    wait::until(&format!("{count} cookies"), || async {
        let page = daemon.api().get(&format!("/sessions/{session}/cookies")).await;
        let items = page["items"].as_array().unwrap();
        let lines: Vec<_> = items.iter().map(|i| format!("{} {}", word(i, "outcome"), word(i, "value"))).collect();
        assert!(page["next"].is_null(), "{lines:?}");
        (lines.len() == count).then_some(lines)
    })
    .await
}

fn session_of(row: &Value) -> String {
    rows::id(row).split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn cookies_of_a_session_are_listed_and_outlive_the_daemon() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    get(&mut link, &origin.url("/sid=1;%20Secure&lang=de;%20Domain=com"), "old=1; b=2").await;
    get(&mut link, &origin.url("/sid=2&sid=;%20Max-Age=0"), "sid=1").await;
    let expected = [
        "sent old=1; b=2",
        "stored sid=1; Secure",
        "rejected lang=de; Domain=com",
        "sent sid=1",
        "replaced sid=2",
        "deleted sid=; Max-Age=0",
    ];
    assert_eq!(seen(&daemon, "@current", 6).await, expected);
    let row = rows::list(&daemon, "").await.pop().unwrap();
    let session = session_of(&row);

    // In pages.
    let (mut items, mut next) = (Vec::new(), String::new());
    loop {
        let page = daemon.api().get(&format!("/sessions/{session}/cookies?limit=4{next}")).await;
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(after) = page["next"].as_str() else { break };
        next = format!("&after={after}");
    }
    assert_eq!(items.len(), 6);
    assert_eq!(items[0]["sent"], json!([{"name": "old", "value": "1"}, {"name": "b", "value": "2"}]));
    assert_eq!((&items[1]["set"]["name"], &items[1]["set"]["secure"]), (&json!("sid"), &json!(true)));
    assert_eq!(items[2]["reason"]["code"], "public_suffix");
    assert!(items[2]["reason"]["message"].as_str().unwrap().contains("com"), "{items:?}");
    assert_eq!(items[5]["set"]["max_age"], 0);
    let of = |host: &str| format!("/sessions/{session}/cookies?host={host}");
    assert_eq!(daemon.api().get(&of(items[0]["host"].as_str().unwrap())).await["items"].as_array().unwrap().len(), 6);
    assert_eq!(daemon.api().get(&of("other.test")).await["items"], json!([]));
    for (query, status) in [("?limit=0", 400), ("?after=x", 400), ("?from=1", 400)] {
        let path = format!("/sessions/{session}/cookies{query}");
        assert_eq!(daemon.api().ask(Method::GET, &path, &[], "").await.status, status, "{query}");
    }
    assert_eq!(daemon.api().ask(Method::GET, "/sessions/99/cookies", &[], "").await.status, 404);

    // Ended in order, and not: what was not looked at yet is looked at by the next.
    let daemon = Launch::at(daemon.stop().await).start().await;
    assert_eq!(seen(&daemon, &session, 6).await, expected);
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    get(&mut link, &origin.url("/last=1"), "c=1").await;
    let row = rows::one(&daemon, "last").await;
    let daemon = Launch::at(daemon.kill().await).start().await;
    assert_eq!(seen(&daemon, &session_of(&row), 2).await, ["sent c=1", "stored last=1"]);
}

#[tokio::test]
async fn where_cookies_are_not_captured_there_are_none_and_deleted_ones_go() {
    let daemon = Daemon::start().await;
    let origin = setting().await;
    let json = [("content-type", "application/json")];
    let rules = |capture: bool| json!({ "rules": { "capture_cookies": capture } }).to_string();
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    for (capture, path) in [(false, "/a=1"), (true, "/b=1"), (true, "/c=1")] {
        let changed = daemon.api().ask(Method::PATCH, "/sessions/@current", &json, &rules(capture)).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        get(&mut link, &origin.url(path), "x=1").await;
    }
    // Looked at in the order in which they end: had the first been looked at, it would be among them.
    let found = seen(&daemon, "@current", 4).await;
    assert_eq!(found, ["sent x=1", "stored b=1", "sent x=1", "stored c=1"]);
    let row = rows::list(&daemon, "").await.into_iter().find(|row| row["path"] == "/b=1").unwrap();
    let deleted = daemon.api().post("/deletions", &json!({ "exchanges": [rows::id(&row)] })).await;
    assert_eq!(deleted.status, 201, "{}", deleted.text());
    assert_eq!(seen(&daemon, "@current", 2).await, ["sent x=1", "stored c=1"]);
}
