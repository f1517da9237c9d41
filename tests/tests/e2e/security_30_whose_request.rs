//! Whoever wrote a request decides nothing on the user's behalf: what a paired page sent within its rights is not sent with the
//! user's without their word, and what looks like a variable in captured traffic is none.

use super::pages::{ORIGIN, Page, guess, open};
use http::{Method, Request};
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, routes::sha256},
    rows, wait,
};

const SECRET: &str = "s3cret-of-the-user";

/// The user has a variable and a file that others could guess the names of.
async fn with_secrets(daemon: &Daemon) {
    let globals = json!({ "variables": [{ "key": "api_key", "value": SECRET, "type": "secret" }] }).to_string();
    let json_type = [("content-type", "application/json")];
    assert_eq!(daemon.api().ask(Method::PUT, "/globals", &json_type, &globals).await.status, 200);
}

/// The number of the newest send.
async fn newest(daemon: &Daemon) -> Value {
    let history = daemon.api().get("/history").await;
    let sends = history["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "send");
    sends.map(|item| &item["id"]).next().unwrap().clone()
}

/// Refused, with the one code for it.
async fn is_refused(daemon: &Daemon, path: &str, order: Value) -> String {
    let answer = daemon.api().post(path, &order).await;
    let error = answer.json()["error"].clone();
    assert_eq!((answer.status.as_u16(), &error["code"]), (409, &json!("written_by_page")), "{order}: {error}");
    assert!(error["hint"].as_str().unwrap().contains("as_mine"), "{error}");
    error["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn security_what_a_page_wrote_is_not_sent_as_the_users_own_without_their_word() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    with_secrets(&daemon).await;
    let page = Page::paired(&daemon, json!({})).await;
    let url = origin.url("/echo?key={{api_key}}");
    let body = json!({ "mode": "file", "src": "notes.txt" });
    let wanted = json!({ "url": url, "method": "POST", "headers": [{ "key": "X-Key", "value": "{{api_key}}" }],
        "settings": { "key_log": "keys.txt" }, "body": body });
    let told = page.send(wanted).await;
    assert!(told.done()["error"].is_object(), "it has no such variable: {told:?}");
    let entry = newest(&daemon).await;

    let kept = daemon.api().get(&format!("/history/{entry}")).await;
    assert_eq!((&kept["from"], &kept["request"]["written_by"]), (&json!(format!("page:{ORIGIN}")), &json!(ORIGIN)));
    let message = is_refused(&daemon, "/send", json!({ "again": entry })).await;
    for part in [ORIGIN, "{{api_key}}", "notes.txt", "keys.txt", "cookies", "certificates", "private"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let mut bare = kept["request"].clone();
    is_refused(&daemon, "/send", json!({ "request": bare })).await;
    bare.as_object_mut().unwrap().remove("written_by");
    is_refused(&daemon, "/send", json!({ "request": bare, "again": entry })).await;
    is_refused(&daemon, "/send?events=true", json!({ "again": entry, "as_mine": false })).await;
    let opening = json!({ "kind": "sse", "request": bare, "again": entry });
    is_refused(&daemon, "/conversations", opening.clone()).await;
    is_refused(&daemon, "/conversations", json!({ "kind": "sse", "request": kept["request"] })).await;
    let bad = daemon.api().post("/send", &json!({ "again": entry, "as_mine": "yes" })).await;
    assert_eq!(bad.status, 400, "{}", bad.text());
    let seen = daemon.api().post("/send/preview", &json!({ "again": entry })).await;
    assert_eq!(seen.status, 200, "nothing is sent: {}", seen.text());
    assert_eq!(origin.notes().requests().len(), 0, "nothing has left");

    // Kept in a collection, it stays the page's.
    let made = daemon.api().post("/collections", &json!({ "name": "Kept" })).await.json();
    let item = json!({ "item": { "kind": "request", "name": "r", "request": kept["request"] } });
    let item = daemon.api().post(&format!("/collections/{}/items", made["id"]), &item).await.json()["id"].clone();
    is_refused(&daemon, "/send", json!({ "item": item })).await;
    is_refused(&daemon, "/send", json!({ "item": item, "request": bare })).await;
    let refused = daemon.waylay(&["collection", "send", &item.to_string()]).await;
    assert!(refused.code != Some(0) && refused.stderr.contains("--as-mine"), "{refused:?}");
    let replay = daemon.waylay(&["--json", "replay", &format!("item:{item}")]).await;
    assert!(replay.stdout.contains("a web page wrote it"), "{replay:?}");
    assert_eq!(origin.notes().requests().len(), 0, "nothing has left");

    // With the user's word it is theirs.
    let mut mine = bare.clone();
    (mine["settings"], mine["body"]) = (json!({}), json!({ "mode": "none" }));
    let answer = daemon.api().post("/send", &json!({ "request": mine, "again": entry, "as_mine": true })).await;
    let sent = answer.json();
    assert_eq!((answer.status.as_u16(), &sent["exchange"]["status"]), (200, &json!(200)), "{sent}");
    assert_eq!(origin.notes().requests()[0].values("x-key"), [SECRET]);
    let own = daemon.api().get(&format!("/history/{}", sent["send"])).await;
    assert_eq!((&own["from"], &own["request"]["written_by"]), (&json!(format!("send:{entry}")), &Value::Null));
    assert_eq!(daemon.api().post("/send", &json!({ "again": sent["send"] })).await.status, 200);
}

#[tokio::test]
async fn security_an_exchange_of_a_page_is_not_sent_again_with_the_users_rights() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let page = Page::paired(&daemon, json!({})).await;
    let told = page.send(json!({ "url": origin.url("/echo"), "method": "DELETE" })).await;
    assert_eq!(told.done()["error"]["reason"], "not public", "{told:?}");
    let row = rows::one(&daemon, "source:agent").await;
    let id = rows::id(&row).to_owned();
    let message = is_refused(&daemon, "/send", json!({ "from": id })).await;
    assert!(message.contains("a web page"), "{message}");
    let draft = daemon.api().get(&format!("/exchanges/{id}/request")).await;
    assert_eq!(draft["written_by"], "a web page");
    is_refused(&daemon, "/send", json!({ "from": id, "request": { "url": origin.url("/echo") } })).await;
    let refused = daemon.waylay(&["resend", &id]).await;
    assert!(refused.code != Some(0) && refused.stderr.contains("--as-mine"), "{refused:?}");
    daemon.waylay(&["replay", &id]).await;
    assert_eq!(origin.notes().requests().len(), 0, "nothing has left");

    let sent = daemon.waylay(&["resend", &id, "--as-mine"]).await;
    assert_eq!((sent.code, origin.notes().requests().len()), (Some(0), 1), "{sent:?}");
    daemon.waylay(&["replay", &id, "--as-mine"]).await;
    let seen = origin.notes().requests();
    assert!(seen.len() == 2 && seen.iter().all(|seen| seen.method == "DELETE"), "{seen:?}");
}

#[tokio::test]
async fn security_what_looks_like_a_variable_in_captured_traffic_is_none() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    with_secrets(&daemon).await;
    let url = origin.url("/echo?q={{api_key}}");
    let body = r#"{"k":"{{api_key}}"}"#;
    let request =
        Request::post(&url).header("x-key", "{{api_key}}").header("authorization", "Basic e3thcGlfa2V5fX06cA==");
    let request = request.header("content-type", "application/json").body(full(body)).unwrap();
    client::fetch(&daemon, Speak::Http1, request).await;
    let row = wait::until("the row", || async { rows::list(&daemon, "method:POST").await.pop() }).await;
    let id = rows::id(&row).to_owned();

    let answer = daemon.api().post("/send", &json!({ "from": id })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let draft = daemon.api().get(&format!("/exchanges/{id}/request")).await;
    assert_eq!(daemon.api().post("/send", &json!({ "from": id, "request": draft })).await.status, 200);
    assert_eq!(daemon.waylay(&["resend", &id]).await.code, Some(0));
    let added = daemon.api().post("/history", &json!({ "exchange": id })).await.json();
    assert_eq!(daemon.api().post("/send", &json!({ "again": added["id"] })).await.status, 200);
    daemon.waylay(&["replay", &id]).await;
    let mut expected = 6;
    for auth in ["keep", "helper", "variable"] {
        let save = json!({ "from": { "exchanges": [id] }, "options": { "auth": auth }, "name": auth });
        let made = daemon.api().post("/collections/save", &save).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let whole = daemon.api().get(&format!("/collections/{}", made.json()["id"])).await;
        let item = first_request(&whole["tree"]).expect("a request");
        let answer = daemon.api().post("/send", &json!({ "item": item })).await;
        assert_eq!(answer.status, 200, "{auth}: {}", answer.text());
        expected += 1;
    }
    let seen = origin.notes().requests();
    assert_eq!(seen.len(), expected, "{seen:?}");
    for seen in &seen {
        assert!(!format!("{seen:?}").contains(SECRET), "{seen:?}");
        assert!(seen.target.contains("{{api_key}}") || seen.target.contains("%7B%7Bapi_key%7D%7D"), "{seen:?}");
        assert_eq!((seen.values("x-key"), &seen.sha256), (vec!["{{api_key}}"], &sha256(body.as_bytes())), "{seen:?}");
        assert_eq!(seen.values("authorization"), ["Basic e3thcGlfa2V5fX06cA=="], "{seen:?}");
    }
    // A replay sends the very bytes.
    assert!(seen[5].target.ends_with("{{api_key}}"), "{:?}", seen[5]);
}

fn first_request(tree: &Value) -> Option<Value> {
    tree.as_array()?.iter().find_map(|node| match node["kind"].as_str() {
        Some("request") => Some(node["id"].clone()),
        _ => first_request(&node["items"]).or_else(|| first_request(&node["children"])),
    })
}

#[tokio::test]
async fn security_an_origin_that_is_blocked_gets_nothing_until_it_is_unblocked() {
    let daemon = Daemon::start().await;
    let page = Page::paired(&daemon, json!({})).await;
    let code = open(&daemon, "https://next.example", json!({})).await;
    for origin in [ORIGIN, "https://next.example"] {
        assert_eq!(daemon.waylay(&["agent", "block", origin]).await.code, Some(0));
    }
    let list = daemon.waylay(&["agent", "list"]).await;
    assert!(list.stdout.matches(" blocked").count() == 2 && !list.stdout.contains("may "), "{list:?}");
    assert_eq!(daemon.api().get("/agent/blocked").await, json!({ "items": [ORIGIN, "https://next.example"] }));
    let api = daemon.api().anonymous();
    let shut = |answer: &waylay_tests::client::Answer| {
        let cors = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
        assert!(matches!(answer.status.as_u16(), 401 | 403) && !cors, "{}: {:?}", answer.status, answer.headers);
    };
    shut(&page.post("/send", &json!({ "request": { "url": "http://h.example/" } })).await);
    shut(&guess(&api, "https://next.example", &code).await);
    for origin in [ORIGIN, "https://next.example"] {
        let preflight = [("origin", origin), ("access-control-request-method", "POST")];
        shut(&api.ask(Method::OPTIONS, "/agent/pair", &preflight, "").await);
        shut(&api.ask(Method::GET, "/agent/capabilities", &[("origin", origin)], "").await);
    }
    let opening = json!({ "origin": ORIGIN });
    let refused = daemon.api().post("/agent/windows", &opening).await;
    assert!(refused.status == 409 && refused.text().contains("unblock"), "{}", refused.text());
    let refused = daemon.waylay(&["agent", "pair", ORIGIN, "--no-wait"]).await;
    assert!(refused.code != Some(0) && refused.stderr.contains("blocked"), "{refused:?}");

    assert_eq!(daemon.waylay(&["agent", "unblock", ORIGIN]).await.code, Some(0));
    assert_eq!(daemon.waylay(&["agent", "unblock", ORIGIN]).await.code, Some(4));
    Page::paired(&daemon, json!({})).await;
    let bad = daemon.api().post("/agent/blocked", &json!({ "origin": "*" })).await;
    assert_eq!(bad.status, 400, "{}", bad.text());
}
