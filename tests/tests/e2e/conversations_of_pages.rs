//! WebSockets and event streams that paired pages hold: within their rights, and as long as they are paired.

use super::{
    conversations::accept,
    pages_browser::{at_page, run},
};
use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    browser::Browser,
    client::Answer,
    daemon::Daemon,
    origin::{NodeOrigin, Origin, Scripted},
    wait,
};

/// A page that is paired.
struct Page {
    origin: &'static str,
    token: String,
    id: Value,
}

impl Page {
    async fn paired(daemon: &Daemon, origin: &'static str, rights: Value) -> Self {
        let code = super::pages::open(daemon, origin, rights).await;
        let paired = super::pages::guess(&daemon.api().anonymous(), origin, &code).await;
        assert_eq!(paired.status, 201, "{}", paired.text());
        let paired = paired.json();
        Self { origin, token: paired["token"].as_str().unwrap().to_owned(), id: paired["id"].clone() }
    }

    async fn ask(&self, daemon: &Daemon, method: Method, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("origin", self.origin), ("authorization", &bearer), ("content-type", "application/json")];
        daemon.api().anonymous().ask(method, &format!("/agent{path}"), &headers, body).await
    }

    async fn open(&self, daemon: &Daemon, opening: &Value) -> String {
        let answer = self.ask(daemon, Method::POST, "/conversations", &opening.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        format!("/conversations/{}", answer.json()["id"])
    }

    async fn stands(&self, daemon: &Daemon, path: &str, state: &str) -> Value {
        wait::until(&format!("{path} to be {state}"), || async {
            let view = self.ask(daemon, Method::GET, path, "").await.json();
            (view["state"] == state).then_some(view)
        })
        .await
    }
}

#[tokio::test]
async fn a_page_holds_a_websocket_within_its_rights() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let url = origin.url("/socket").replace("https://", "wss://");
    let opening = json!({ "kind": "websocket", "request": { "url": url }, "protocols": ["chat.v2"] });
    let public = Page::paired(&daemon, "https://public.example", json!({})).await;
    let path = public.open(&daemon, &opening).await;
    let view = public.stands(&daemon, &path, "failed").await;
    assert_eq!(view["error"]["stage"], "policy", "{view}");

    let local = Page::paired(&daemon, "https://local.example", json!({ "private_addresses": true })).await;
    let path = local.open(&daemon, &opening).await;
    let view = local.stands(&daemon, &path, "open").await;
    assert_eq!((&view["protocol"], &view["extensions"]), (&json!("chat.v2"), &json!("permessage-deflate")), "{view}");
    let hello = json!({ "text": "hello" }).to_string();
    assert_eq!(local.ask(&daemon, Method::POST, &format!("{path}/messages"), &hello).await.status, 204);
    // The user's variables are not the page's.
    let globals = json!({ "variables": [{ "key": "secret", "value": "s3cret", "type": "secret" }] }).to_string();
    let json_type = [("content-type", "application/json")];
    assert_eq!(daemon.api().ask(Method::PUT, "/globals", &json_type, &globals).await.status, 200);
    let asks = json!({ "text": "{{secret}}" }).to_string();
    assert_eq!(local.ask(&daemon, Method::POST, &format!("{path}/messages"), &asks).await.status, 400);
    // Nor are others' conversations.
    for (method, path) in
        [(Method::GET, path.clone()), (Method::GET, format!("{path}/events")), (Method::DELETE, path.clone())]
    {
        assert_eq!(public.ask(&daemon, method, &path, "").await.status, 404);
    }
    let users = super::conversations::open(&daemon, opening.clone()).await;
    assert_eq!(local.ask(&daemon, Method::GET, &users, "").await.status, 404);
    wait::until("the echo", || async {
        let view = local.ask(&daemon, Method::GET, &path, "").await.json();
        (view["received"].as_i64() >= Some(1)).then_some(())
    })
    .await;
    let answer = local.ask(&daemon, Method::POST, &format!("{path}/close"), "{\"code\":1000}").await;
    assert_eq!(answer.status, 204);
    local.stands(&daemon, &path, "closed").await;
    let events = local.ask(&daemon, Method::GET, &format!("{path}/events"), "").await;
    assert_eq!(events.header("access-control-allow-origin"), "https://local.example");
    assert!(events.text().contains("\"sender\":\"origin\",\"kind\":\"text\""), "{}", events.text());
}

#[tokio::test]
async fn conversations_end_with_their_pairing_and_are_few() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        accept(&mut wire).await?;
        wire.to_end().await
    })
    .await;
    let opening = json!({ "kind": "websocket", "request": { "url": origin.url("/").replace("http://", "ws://") } });
    let page = Page::paired(&daemon, "https://local.example", json!({ "private_addresses": true })).await;
    let path = page.open(&daemon, &opening).await;
    for _ in 1..8 {
        page.open(&daemon, &opening).await;
    }
    let ninth = page.ask(&daemon, Method::POST, "/conversations", &opening.to_string()).await;
    assert_eq!(ninth.status, 409, "{}", ninth.text());
    page.stands(&daemon, &path, "open").await;
    let revoked = daemon.api().ask(Method::DELETE, &format!("/agent/pairings/{}", page.id), &[], "").await;
    assert_eq!(revoked.status, 204);
    assert_eq!(page.ask(&daemon, Method::GET, &path, "").await.status, 401);
    wait::until("all to be closed", || async {
        let all = daemon.api().get("/conversations").await;
        let states: Vec<_> = all["items"].as_array().unwrap().iter().map(|c| c["state"].clone()).collect();
        (states.len() == 8 && states.iter().all(|state| state == "closed")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_page_in_a_browser_talks_over_a_websocket_and_follows_a_stream() {
    let (daemon, page) = (Daemon::start().await, Origin::plain().await);
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let browser = Browser::start(&[]).await;
    let name = format!("http://{}", page.authority());
    let code = super::pages::open(&daemon, &name, json!({ "private_addresses": true })).await;
    at_page(&browser, &page, &daemon).await;
    let paired = format!("window.agent = new client.WaylayAgent({{ base }}); return (await agent.pair('{code}')).id");
    run(&browser, &paired).await;
    let talk = "const heard = [], states = []; let enough; const all = new Promise(end => enough = end);
        const socket = await agent.connect('URL', { protocols: ['chat.v1', 'chat.v2'], request: { headers: [{ key: 'Authorization', value: 'Bearer x' }] },
            onstate: s => states.push(s.state), onmessage: m => { if (m.sender === 'origin') heard.push(m.kind + ' ' + (m.data.length ?? '')); if (heard.length === 3) enough() } });
        await socket.send('hello {{nobody}}'); await socket.send(new Uint8Array(100000).fill(7)); await all;
        const end = await socket.close(3001, 'done');
        return { protocol: socket.protocol, extensions: end.extensions, heard: heard.sort(), close: end.close, states }";
    let talk = talk.replace("URL", &origin.url("/socket").replace("https://", "wss://"));
    let talked = run(&browser, &talk).await;
    let expected = json!({ "protocol": "chat.v2", "extensions": "permessage-deflate",
        "close": { "code": 3001, "reason": "done", "by": "client" } });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&talked["value"][key], value, "{key}: {talked}");
    }
    for heard in ["text 16", "ping 14", "binary 100000"] {
        assert!(talked["value"]["heard"].as_array().unwrap().contains(&json!(heard)), "{heard}: {talked}");
    }
    let follow = "const heard = []; const stream = await agent.connect('URL', { onmessage: m => heard.push((m.event ?? '') + ':' + m.data) });
        const end = await stream.closed; return { heard, state: end.state }";
    let followed = run(&browser, &follow.replace("URL", &origin.url("/events"))).await;
    let expected = json!({ "heard": ["greeting:hello", ":{\"n\": 2}\ntwo lines", "end:"], "state": "closed" });
    assert_eq!(followed["value"], expected, "{followed}");
    let refused = run(&browser, "return agent.connect('ws://localhost:1/')").await;
    assert!(refused["error"].as_str().unwrap().contains("localhost:1"), "{refused}");
    browser.close().await;
}
