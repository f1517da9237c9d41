//! WebSockets and event streams that the daemon begins itself, by its API.

use super::websockets::accept_key;
use http::Method;
use serde_json::{Value, json};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use waylay_tests::{
    daemon::Daemon,
    origin::{NodeOrigin, Scripted, Wire},
    rows, wait,
};

/// Begins a conversation; its path.
pub(super) async fn open(daemon: &Daemon, opening: Value) -> String {
    let answer = daemon.api().post("/conversations", &opening).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    format!("/conversations/{}", answer.json()["id"])
}

/// Waits until a conversation stands like that.
pub(super) async fn stands(daemon: &Daemon, path: &str, state: &str) -> Value {
    wait::until(&format!("{path} to be {state}"), || async {
        let view = daemon.api().get(path).await;
        let over = ["closed", "failed"].iter().any(|s| view["state"] == *s);
        assert!(!over || view["state"] == state, "{view}");
        (view["state"] == state).then_some(view)
    })
    .await
}

async fn say(daemon: &Daemon, path: &str, message: Value) {
    let answer = daemon.api().post(&format!("{path}/messages"), &message).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// What is told live, from the beginning to the end of a conversation that is over: events and their data.
async fn told(daemon: &Daemon, path: &str, query: &str) -> Vec<(String, Value)> {
    let answer = daemon.api().ask(Method::GET, &format!("{path}/events{query}"), &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let events = text.split("\n\n").filter(|event| event.contains("event: "));
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned).unwrap_or_default()
    };
    events.map(|e| (field(e, "event: "), serde_json::from_str(&field(e, "data: ")).unwrap())).collect()
}

/// `state …` and `sender kind text` of all that is told.
fn lines(told: &[(String, Value)]) -> Vec<String> {
    let line = |(event, data): &(String, Value)| match event.as_str() {
        "state" => format!("state {}", data["state"].as_str().unwrap()),
        _ => {
            let text = data["text"].as_str().or(data["base64"].as_str()).unwrap_or_default();
            format!("{} {} {text}", data["sender"].as_str().unwrap(), data["kind"].as_str().unwrap())
        }
    };
    let mut lines: Vec<_> = told.iter().map(line).collect();
    lines.dedup();
    lines
}

/// Answers a handshake as it should be.
pub(super) async fn accept(wire: &mut Wire) -> io::Result<()> {
    let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
    });
    let accept = accept_key(&key.unwrap_or_default());
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    wire.send(format!("{answer}Sec-WebSocket-Accept: {accept}\r\n\r\n")).await
}

/// A frame of the client's: its first byte and its payload, unmasked.
async fn frame(wire: &mut Wire) -> io::Result<(u8, Vec<u8>)> {
    let head = wire.exactly(2).await?;
    assert!(head[1] & 0x80 != 0 && head[1] & 0x7f < 126, "a short frame, masked: {head:x?}");
    let key = wire.exactly(4).await?;
    let payload = wire.exactly(usize::from(head[1] & 0x7f)).await?;
    Ok((head[0], payload.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect()))
}

#[tokio::test]
async fn a_websocket_with_subprotocol_compression_and_variables() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let base = origin.url("").replace("https://", "wss://");
    let request = json!({ "url": "{{base}}/socket", "headers": [{ "key": "X-Who", "value": "{{who}}" }] });
    let opening = json!({ "kind": "websocket", "request": request, "protocols": ["chat.v1", "chat.v2"],
        "variables": { "base": base, "who": "world" } });
    let path = open(&daemon, opening).await;
    let view = stands(&daemon, &path, "open").await;
    assert_eq!((&view["protocol"], &view["extensions"]), (&json!("chat.v2"), &json!("permessage-deflate")), "{view}");
    assert_eq!((&view["status"], &view["attempt"]), (&json!(101), &json!(1)));
    for message in [
        json!({ "text": "hello {{who}} hello {{who}}" }),
        json!({ "text": "{{as}} it is", "variables": false }),
        json!({ "hex": "00 ff 10" }),
        json!({ "base64": "AQID" }),
    ] {
        say(&daemon, &path, message).await;
    }
    wait::until("the echoes", || async {
        (daemon.api().get(&path).await["received"].as_i64() >= Some(6)).then_some(())
    })
    .await;
    let unknown = daemon.api().post(&format!("{path}/messages"), &json!({ "text": "{{nobody}}" })).await;
    assert!(unknown.status == 400 && unknown.text().contains("{{nobody}}"), "{}", unknown.text());
    let closing = json!({ "code": 3001, "reason": "done" });
    assert_eq!(daemon.api().post(&format!("{path}/close"), &closing).await.status, 204);
    let view = stands(&daemon, &path, "closed").await;
    assert_eq!(view["close"], json!({ "code": 3001, "reason": "done", "by": "client" }), "{view}");
    assert_eq!(view["error"], Value::Null);

    let told = told(&daemon, &path, "").await;
    let lines = lines(&told);
    for line in [
        "state connecting",
        "state open",
        "client text hello world hello world",
        "origin text hello world hello world",
        "client text {{as}} it is",
        "origin ping are you there?",
        "client pong are you there?",
        "client binary AP8Q",
        "origin binary AP8Q",
        "origin binary AQID",
        "state closing",
        "state closed",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line}: {lines:?}");
    }
    assert_eq!((lines.first().unwrap().as_str(), lines.last().unwrap().as_str()), ("state connecting", "state closed"));
    let goodbyes: Vec<_> = told.iter().filter(|(_, m)| m["kind"] == "close").map(|(_, m)| &m["close_code"]).collect();
    assert_eq!(goodbyes, [3001, 3001]);

    // The same is stored, as of any client.
    let row = rows::one_in_detail(&daemon, "session:0").await;
    assert_eq!(
        (&row["kind"], &row["status"], &row["failure"]),
        (&json!("websocket"), &json!(101), &Value::Null),
        "{row}"
    );
    let page = daemon.api().get(&format!("/exchanges/{}/messages?limit=1000", rows::id(&row))).await;
    let items = page["items"].as_array().unwrap();
    let sent: Vec<_> = items.iter().filter(|m| m["sender"] == "client" && m["kind"] == "text").collect();
    assert!(sent.len() == 2 && sent.iter().all(|m| m["compressed"] == true && m["state"] == "complete"), "{sent:?}");
    assert_eq!(items.iter().filter(|m| m["kind"] == "binary").count(), 4, "{items:?}");
    let history = daemon.api().get("/history").await;
    let entry = daemon.api().get(&format!("/history/{}", history["items"][0]["id"])).await;
    let text = entry["request"].to_string();
    assert!(text.contains("{{base}}/socket") && !text.contains("Sec-WebSocket-Key"), "{entry}");
}

#[tokio::test]
async fn a_server_that_refuses_or_breaks_the_rules_is_told_of() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        let path = String::from_utf8_lossy(&wire.exactly(10).await?).into_owned();
        let whole = match path.split_whitespace().nth(1).unwrap_or_default() {
            "/silen" => return wire.to_end().await,
            "/401.." => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno".to_owned(),
            "/key.." => {
                let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
                format!("{head}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
            }
            other => {
                accept(&mut wire).await?;
                wire.send(match other {
                    "/long." => &b"\x82\x0b01234567890"[..],
                    "/utf8." => b"\x81\x01\xff",
                    "/order" => b"\x80\x00",
                    "/gone." => b"\x81\x02hi",
                    "/polic" => b"\x88\x08\x03\xf0policy",
                    _ => b"\x88\x00",
                })
                .await?;
                if other == "/gone." {
                    return wire.end().await;
                }
                let (first, goodbye) = frame(&mut wire).await?;
                assert_eq!(first, 0x88);
                // What the client said goodbye with comes back to the test.
                wire.send(goodbye).await?;
                return wire.to_end().await;
            }
        };
        wire.send(whole).await?;
        wire.to_end().await
    })
    .await;
    let opening = |path: &str| {
        let url = origin.url(path).replace("http://", "ws://");
        json!({ "kind": "websocket", "request": { "url": url },
            "settings": { "handshake_timeout_ms": 1500, "max_message_bytes": 10 } })
    };
    for (path, state, close, says) in [
        ("/silent", "failed", Value::Null, "did not answer within 1500 ms"),
        ("/401..", "failed", Value::Null, "answered 401"),
        ("/key..", "failed", Value::Null, "does not fit the key"),
        ("/long.", "failed", json!({ "code": 1009, "reason": "", "by": "client" }), "longer than the 10 bytes"),
        ("/utf8.", "failed", json!({ "code": 1007, "reason": "", "by": "client" }), "no UTF-8"),
        ("/order", "failed", json!({ "code": 1002, "reason": "", "by": "client" }), "has not begun"),
        ("/gone.", "failed", json!({ "code": 1006, "reason": "", "by": "origin" }), "without a goodbye"),
        ("/policy", "closed", json!({ "code": 1008, "reason": "policy", "by": "origin" }), ""),
        ("/empty", "closed", json!({ "code": 1005, "reason": "", "by": "origin" }), ""),
    ] {
        let conversation = open(&daemon, opening(path)).await;
        let view = stands(&daemon, &conversation, state).await;
        assert_eq!(view["close"], close, "{path}: {view}");
        let said = view["error"]["message"].as_str().unwrap_or_default();
        assert!(said.contains(says) && said.is_empty() == says.is_empty(), "{path}: {view}");
        let late = daemon.api().post(&format!("{conversation}/messages"), &json!({ "text": "late" })).await;
        assert_eq!(late.status, 409, "{}", late.text());
    }
    // The goodbyes that the server got, behind the heads of their requests.
    for code in [1009_u16, 1007, 1002, 1008] {
        origin.has_received(b"\x88").await;
        let told = origin.received().iter().any(|bytes| {
            let at = bytes.len().checked_sub(8);
            at.is_some_and(|at| {
                let (head, rest) = bytes[at..].split_at(2);
                let (key, payload) = rest.split_at(4);
                head == [0x88, 0x82] && [payload[0] ^ key[0], payload[1] ^ key[1]] == code.to_be_bytes()
            })
        });
        assert!(told, "{code}: {:x?}", origin.received());
    }
}

#[tokio::test]
async fn connections_that_break_off_are_made_again_so_many_times() {
    let daemon = Daemon::start().await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let origin = Scripted::tcp(move |mut wire| {
        let nth = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            if nth == 1 {
                wire.head().await?;
                return wire.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
            }
            accept(&mut wire).await?;
            wire.send([b"\x81\x01", nth.to_string().as_bytes()].concat()).await?;
            match nth {
                // Gone without a goodbye; then with one that invites to come back.
                0 => wire.end().await,
                2 => {
                    wire.send(b"\x88\x02\x03\xf4").await?;
                    frame(&mut wire).await.map(drop)
                }
                _ => wire.to_end().await,
            }
        }
    })
    .await;
    let url = origin.url("/").replace("http://", "ws://");
    let settings = json!({ "reconnect_attempts": 3, "reconnect_interval_ms": 10 });
    let path = open(&daemon, json!({ "kind": "websocket", "request": { "url": url }, "settings": settings })).await;
    let view = wait::until("the fourth connection", || async {
        let view = daemon.api().get(&path).await;
        (view["attempt"] == 4 && view["state"] == "open").then_some(view)
    })
    .await;
    assert!(view["received"].as_i64() >= Some(3), "{view}");
    assert_eq!(daemon.api().post(&format!("{path}/close"), &json!({})).await.status, 204);
    stands(&daemon, &path, "closed").await;
    let told = told(&daemon, &path, "").await;
    let states: Vec<_> = told.iter().filter(|(e, _)| e == "state").map(|(_, v)| v["state"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|s| **s == "waiting").count(), 3, "{states:?}");
    assert_eq!(tries.load(Ordering::SeqCst), 4);
    let rows = rows::done(&daemon, "session:0", 4).await;
    assert_eq!(rows.iter().filter(|row| row["status"] == 101).count(), 3, "{rows:?}");

    // A refusal is no trouble that passes.
    let settings = json!({ "reconnect_attempts": 0 });
    let gone = json!({ "kind": "websocket", "request": { "url": "ws://localhost:1/" }, "settings": settings });
    let view = stands(&daemon, &open(&daemon, gone).await, "failed").await;
    assert_eq!((&view["attempt"], &view["error"]["stage"]), (&json!(1), &json!("connect")), "{view}");
}

#[tokio::test]
async fn an_event_stream_goes_on_behind_the_last_event() {
    let daemon = Daemon::start().await;
    let tries = AtomicUsize::new(0);
    let origin = Scripted::tcp(move |mut wire| {
        let nth = tries.fetch_add(1, Ordering::SeqCst);
        async move {
            wire.head().await?;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n";
            match nth {
                0 => {
                    let events = ": hi\n\nid: 7\nretry: 20\nevent: first\ndata: one\n\ndata: cut";
                    wire.send(format!("{head}{events}")).await?;
                }
                1 => wire.send(format!("{head}data: two\ndata: lines\n\n")).await?,
                _ => wire.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await?,
            }
            wire.end().await
        }
    })
    .await;
    // An hour between attempts, were it not for what the stream says.
    let settings = json!({ "reconnect_attempts": 5, "reconnect_interval_ms": 3_600_000 });
    let opening = json!({ "kind": "sse", "request": { "url": origin.url("/events") }, "settings": settings });
    let path = open(&daemon, opening).await;
    let view = stands(&daemon, &path, "failed").await;
    assert!(view["error"]["message"].as_str().unwrap().contains("204") && view["attempt"] == 3, "{view}");
    let told = told(&daemon, &path, "").await;
    let events: Vec<_> = told.iter().filter(|(name, _)| name == "message").map(|(_, data)| data).collect();
    assert_eq!(events.len(), 2, "{events:?}");
    let facts = |n: usize| (events[n]["event"].clone(), events[n]["event_id"].clone(), events[n]["data"].clone());
    assert_eq!(facts(0), (json!("first"), json!("7"), json!("one")));
    assert_eq!(facts(1), (Value::Null, Value::Null, json!("two\nlines")));
    let heads: Vec<_> = origin.received().iter().map(|h| String::from_utf8_lossy(h).to_lowercase()).collect();
    let has = |n: usize, field: &str| heads[n].contains(&format!("{field}\r\n"));
    assert!(has(0, "accept: text/event-stream") && !heads[0].contains("last-event-id"), "{heads:?}");
    assert!(has(1, "last-event-id: 7") && has(2, "last-event-id: 7"), "{heads:?}");
    assert!(!heads[0].contains("accept-encoding"), "{heads:?}");
    let row = rows::done(&daemon, "session:0", 3).await.remove(0);
    assert_eq!(row["kind"], "sse", "{row}");

    // One that is closed here, and what is none.
    let endless = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n").await?;
        wire.to_end().await
    })
    .await;
    let path = open(&daemon, json!({ "kind": "sse", "request": { "url": endless.url("/") } })).await;
    stands(&daemon, &path, "open").await;
    let sent = daemon.api().post(&format!("{path}/messages"), &json!({ "text": "x" })).await;
    assert!(sent.status == 409 && sent.text().contains("event stream"), "{}", sent.text());
    daemon.api().post(&format!("{path}/close"), &json!({})).await;
    let view = stands(&daemon, &path, "closed").await;
    assert_eq!(view["close"], json!({ "code": null, "reason": "", "by": "client" }));
    let page = NodeOrigin::start("conversations.mjs", &[]).await;
    let path = open(&daemon, json!({ "kind": "sse", "request": { "url": page.url("/") } })).await;
    let view = stands(&daemon, &path, "failed").await;
    assert!(view["error"]["message"].as_str().unwrap().contains("'text/html' instead of an event stream"), "{view}");
}

#[tokio::test]
async fn conversations_are_few_and_can_be_forgotten() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        accept(&mut wire).await?;
        wire.to_end().await
    })
    .await;
    let opening = json!({ "kind": "websocket", "request": { "url": origin.url("/").replace("http", "ws") } });
    let mut paths = Vec::new();
    for _ in 0..32 {
        paths.push(open(&daemon, opening.clone()).await);
    }
    let refused = daemon.api().post("/conversations", &opening).await;
    assert!(refused.status == 409 && refused.text().contains("32"), "{}", refused.text());
    stands(&daemon, &paths[0], "open").await;
    assert_eq!(daemon.api().ask(Method::DELETE, &paths[0], &[], "").await.status, 204);
    assert_eq!(daemon.api().ask(Method::GET, &paths[0], &[], "").await.status, 404);
    // 1001: going away.
    origin.has_received(b"\x88\x82").await;
    open(&daemon, opening).await;
    let listed = daemon.api().get("/conversations").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 32);
    // The end of the daemon is theirs.
    daemon.stop().await;
}

#[tokio::test]
async fn bad_openings_name_what_is_wrong() {
    let daemon = Daemon::start().await;
    let request = json!({ "url": "ws://localhost:1/" });
    for (opening, says) in [
        (json!({ "kind": "socket", "request": request }), "`websocket` or `sse`"),
        (json!({ "kind": "websocket" }), "request"),
        (json!({ "kind": "websocket", "request": request, "x": 1 }), "x"),
        (json!({ "kind": "websocket", "request": request, "protocols": ["a b"] }), "no subprotocol"),
        (json!({ "kind": "websocket", "request": request, "settings": { "handshake_timeout_ms": 0 } }), "1 to 3600000"),
        (json!({ "kind": "websocket", "request": request, "settings": { "retries": 0 } }), "retries"),
    ] {
        let answer = daemon.api().post("/conversations", &opening).await;
        assert!(answer.status == 400 && answer.text().contains(says), "{says}: {}", answer.text());
    }
    for (request, says) in
        [(json!({ "url": "ftp://h/" }), "scheme"), (json!({ "url": "ws://{{nobody}}/" }), "{{nobody}}")]
    {
        let path = open(&daemon, json!({ "kind": "websocket", "request": request })).await;
        let view = stands(&daemon, &path, "failed").await;
        assert!(view["error"]["message"].as_str().unwrap().contains(says), "{view}");
    }
    let path = open(&daemon, json!({ "kind": "websocket", "request": request })).await;
    for (body, says) in [(json!({ "code": 1006 }), "1006"), (json!({ "reason": "x" }), "needs a code")] {
        let answer = daemon.api().post(&format!("{path}/close"), &body).await;
        assert!(answer.status == 400 && answer.text().contains(says), "{}", answer.text());
    }
}

#[tokio::test]
async fn messages_are_kept_for_their_url() {
    let daemon = Daemon::start().await;
    let api = daemon.api();
    let new = |name: &str, url: &str, format: &str, content: &str| json!({ "name": name, "url": url, "format": format, "content": content });
    let hello = new("hello", "{{base}}/socket", "json", "{\"hello\":1}");
    let made = api.post("/saved-messages", &hello).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(api.post("/saved-messages", &new("bytes", "ws://other/", "hex", "00ff")).await.status, 201);
    let listed = api.get("/saved-messages?url=%7B%7Bbase%7D%7D%2Fsocket").await;
    assert_eq!((&listed["items"][0]["content"], listed["items"].as_array().unwrap().len()), (&hello["content"], 1));
    let page = api.get("/saved-messages?limit=1").await;
    assert_eq!((&page["items"][0]["name"], &page["next"]), (&json!("hello"), &json!(1)));
    let rest = api.get("/saved-messages?limit=1&after=1").await;
    assert_eq!((&rest["items"][0]["name"], &rest["next"]), (&json!("bytes"), &Value::Null));
    let changed = new("hello again", "{{base}}/socket", "text", "hi").to_string();
    let json_type = [("content-type", "application/json")];
    let answer = api.ask(Method::PUT, "/saved-messages/1", &json_type, &changed).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["name"], "hello again");
    for bad in [new("", "u", "text", ""), new("n", "u", "yaml", ""), new("n", "u", "text", &"x".repeat(256 * 1024 + 1))]
    {
        assert_eq!(api.post("/saved-messages", &bad).await.status, 400);
    }
    assert_eq!(api.ask(Method::DELETE, "/saved-messages/1", &[], "").await.status, 204);
    assert_eq!(api.ask(Method::DELETE, "/saved-messages/1", &[], "").await.status, 404);
    // They outlive the daemon.
    let place = daemon.stop().await;
    let daemon = waylay_tests::daemon::Launch::at(place).start().await;
    assert_eq!(daemon.api().get("/saved-messages").await["items"][0]["name"], "bytes");
}
