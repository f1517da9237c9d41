use super::harness::Daemon;
use bytes::Bytes;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use waylay_storage::model::{BodyEnd, BodyRecord, Exchange, Gap, Kind};

/// An origin that answers every request with the bytes of that request.
async fn mirror() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
                loop {
                    let Ok(n @ 1..) = stream.read(&mut buffer).await else { return };
                    request.extend_from_slice(&buffer[..n]);
                    let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
                    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
                    let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok());
                    if request.len() >= end + 4 + length.unwrap_or(0) {
                        break;
                    }
                }
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", request.len());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&request).await;
            });
        }
    });
    port
}

impl Daemon {
    /// Sends, and returns what the mirror saw.
    async fn seen(&self, send: serde_json::Value) -> String {
        let answer = self.post("/send", &send.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let sent = answer.json();
        let id = sent["id"].as_str().unwrap();
        assert!(id.starts_with("0."), "what is sent is in session 0: {id}");
        assert_eq!(sent["exchange"]["id"], id);
        assert_eq!(sent["exchange"]["failure"], serde_json::Value::Null, "{sent}");
        let body = self.get(&format!("/exchanges/{id}/response/body")).await;
        String::from_utf8(body.body).unwrap()
    }

    async fn seen_bytes(&self, send: serde_json::Value) -> Vec<u8> {
        let sent = self.post("/send", &send.to_string()).await.json();
        self.get(&format!("/exchanges/{}/response/body", sent["id"].as_str().unwrap())).await.body
    }

    fn post_to(&self, port: u16) -> Exchange {
        let mut captured = self.exchange("/form?a=1", "", b"");
        captured.method = "POST".to_owned();
        (captured.host, captured.port) = ("127.0.0.1".to_owned(), port);
        captured.request_head = Bytes::from(format!(
            "POST /form?a=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-One: 1\r\nProxy-Authorization: Basic x\r\nCookie: c=d\r\n\
             Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\n\
             X-One: 2\r\nContent-Length: 5\r\n\r\n",
        ));
        captured.request = BodyRecord {
            size: 5,
            parts: vec![Bytes::from_static(b"\xff\xfe\0hi")],
            end: BodyEnd::Complete,
            ..BodyRecord::default()
        };
        captured
    }
}

/// A request with a body, as JSON.
fn raw(text: &str) -> serde_json::Value {
    json!({ "mode": "raw", "raw": text })
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_written() {
    let (daemon, port) = (Daemon::start().await, mirror().await);
    let url = format!("http://127.0.0.1:{port}/path?q");
    let headers = json!([{ "key": "X-A", "value": "1" }, { "key": "x-b", "value": "caf\u{e9}" },
        { "key": "X-C", "bytes": "/w==" }, { "key": "X-D", "value": "no", "disabled": true }]);
    let request = json!({ "method": "PATCH", "url": url, "headers": headers, "body": raw("\u{e9}") });
    let sent = daemon.post("/send", &json!({ "request": request }).to_string()).await.json();
    let body = daemon.get(&format!("/exchanges/{}/response/body", sent["id"].as_str().unwrap())).await.body;
    let seen = String::from_utf8_lossy(&body).into_owned();
    assert!(seen.starts_with("PATCH /path?q HTTP/1.1\r\n"), "{seen}");
    assert!(body.windows(4).any(|w| w == b": \xff\r"), "bytes of a header are exact: {seen}");
    assert!(seen.contains("X-A: 1\r\nx-b: caf\u{e9}\r\n") && !seen.contains("X-D"), "{seen}");
    assert!(seen.ends_with("\r\n\r\n\u{e9}"), "{seen}");
    let body = json!({ "mode": "bytes", "base64": "aGk=" });
    let seen = daemon.seen(json!({ "request": { "method": "PUT", "url": url, "body": body } })).await;
    assert!(seen.starts_with("PUT ") && seen.ends_with("\r\n\r\nhi"), "{seen}");
    let seen = daemon.seen(json!({ "request": { "url": url } })).await;
    assert!(seen.starts_with("GET "), "{seen}");
    daemon.stop().await;
}

#[tokio::test]
async fn a_captured_request_is_sent_again_but_for_what_was_its_connections() {
    let (daemon, port) = (Daemon::start().await, mirror().await);
    let id = daemon.store(daemon.post_to(port)).await.to_string();
    let answer = daemon.post("/send", &json!({ "from": id }).to_string()).await.json();
    let body = daemon.get(&format!("/exchanges/{}/response/body", answer["id"].as_str().unwrap())).await.body;
    assert!(body.ends_with(b"\r\n\r\n\xff\xfe\0hi"), "the body goes as it was");
    let seen = String::from_utf8_lossy(&body).into_owned();
    assert!(seen.starts_with("POST /form?a=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("Host: 127.0.0.1:{port}\r\n")) && seen.contains("Cookie: c=d\r\n"), "{seen}");
    let head = seen.to_ascii_lowercase();
    assert_eq!(head.matches("x-one: ").count(), 2, "duplicates are kept: {seen}");
    assert_eq!(head.matches("content-length: 5\r\n").count(), 1, "{seen}");
    for gone in ["proxy-authorization", "x-hop", "te:", "transfer-encoding", "upgrade", "user-agent", "accept"] {
        assert!(!head.contains(&format!("\r\n{gone}")), "{gone}: {seen}");
    }
    let draft = daemon.get(&format!("/exchanges/{id}/request")).await.json();
    let again = daemon.seen_bytes(json!({ "request": draft, "from": id })).await;
    assert_eq!(String::from_utf8_lossy(&again), seen, "opened as a request, it is the same");
    let sent = answer["send"].as_i64().unwrap();
    let again = daemon.seen_bytes(json!({ "again": sent })).await;
    assert_eq!(String::from_utf8_lossy(&again), seen, "sent once more, it is the same");
    daemon.stop().await;
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_is_in_the_history() {
    let daemon = Daemon::start().await;
    let header = |key: &str| json!([{ "key": key, "value": "c" }]);
    for (request, stage) in [
        (json!({ "url": "ftp://a.test/" }), "url"),
        (json!({ "url": "http://a.test/{{gone}}" }), "variables"),
        (json!({ "url": "http://a.test/", "method": "G T" }), "method"),
        (json!({ "url": "http://a.test/", "method": "connect" }), "method"),
        (json!({ "url": "http://a.test/", "headers": header("a\r\nb") }), "headers"),
        (json!({ "url": "http://a.test/", "body": { "mode": "bytes", "base64": "?" } }), "body"),
        (json!({ "url": "http://a.test/", "body": { "mode": "file", "src": "../x" } }), "body"),
        (json!({ "url": "http://a.test/", "settings": { "tls_min": "1.3", "tls_max": "1.2" } }), "settings"),
    ] {
        let sent = daemon.post("/send", &json!({ "request": request }).to_string()).await.json();
        assert_eq!(sent["error"]["stage"], stage, "{request}: {sent}");
        assert!(sent["exchange"].is_null() && !sent["error"]["hint"].as_str().unwrap().is_empty(), "{sent}");
        let kept = daemon.engine.store().reader().unwrap().send(sent["send"].as_i64().unwrap()).unwrap().unwrap();
        assert_eq!(kept.entry.state.word(), "failed", "{request}");
        assert_eq!(kept.entry.error.unwrap()["stage"], stage, "{request}");
    }
    let mut holed = daemon.post_to(1);
    holed.request.size = 9;
    holed.request.gaps = vec![Gap { offset: 5, length: 4 }];
    let holed = daemon.store(holed).await;
    let sent = daemon.post("/send", &json!({ "from": holed }).to_string()).await.json();
    assert_eq!(sent["error"]["stage"], "body", "{sent}");
    for (send, status, code) in [
        (json!({}), 400, "bad_request"),
        (json!({ "request": { "url": "a.test", "headers": [{ "name": "a" }] } }), 400, "bad_request"),
        (json!({ "request": { "url": "x".repeat(65_537) } }), 400, "bad_request"),
        (json!({ "from": "1.77" }), 404, "not_found"),
        (json!({ "from": "x" }), 404, "not_found"),
        (json!({ "again": 777 }), 404, "not_found"),
    ] {
        daemon.post("/send", &send.to_string()).await.error(status, code);
    }
    let mut tunnel = daemon.post_to(1);
    (tunnel.kind, tunnel.method) = (Kind::Tunnel, "CONNECT".to_owned());
    let tunnel = daemon.store(tunnel).await;
    daemon.post("/send", &json!({ "from": tunnel }).to_string()).await.error(400, "bad_request");
    let large = format!("{{\"request\":{{\"url\":\"{}\"}}}}", "a".repeat(64 << 20));
    daemon.post("/send", &large).await.error(413, "too_large");
    daemon.stop().await;
}

#[tokio::test]
async fn a_sent_request_does_not_reach_this_api() {
    let daemon = Daemon::start().await;
    let port = daemon.address.port();
    let headers = json!([{ "key": "Host", "value": daemon.address.to_string() },
        { "key": "Authorization", "value": format!("Bearer {}", daemon.token) }]);
    for host in ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let url = format!("http://{host}:{port}/api/v1/status");
        let sent = json!({ "request": { "url": url, "headers": headers } });
        let sent = daemon.post("/send", &sent.to_string()).await.json();
        assert_eq!(sent["exchange"]["failure"]["side"], "waylay", "{host}: {sent}");
        assert_eq!(sent["error"]["stage"], "policy", "{host}: {sent}");
        let id = sent["id"].as_str().unwrap();
        let body = daemon.get(&format!("/exchanges/{id}/response/body")).await.body;
        assert!(!String::from_utf8_lossy(&body).contains("data_dir"));
    }
    daemon.stop().await;
}

#[tokio::test]
async fn a_preview_shows_what_would_be_sent_and_the_settings_hold_for_all() {
    let daemon = Daemon::start().await;
    let request = json!({ "method": "post", "url": "a.test/x y", "headers": [{ "key": "accept", "value": "a/b" }],
        "body": raw("1"), "without": ["user-agent"], "auth": { "type": "bearer", "token": "t" } });
    let shown = daemon.post("/send/preview", &json!({ "request": request }).to_string()).await.json();
    assert_eq!((&shown["method"], &shown["url"]), (&json!("post"), &json!("http://a.test/x%20y")), "{shown}");
    let names: Vec<&str> = shown["headers"].as_array().unwrap().iter().map(|h| h["key"].as_str().unwrap()).collect();
    assert!(names.contains(&"Authorization") && names.contains(&"Cache-Control"), "{names:?}");
    assert!(!names.contains(&"User-Agent") && !names.contains(&"Accept"), "{names:?}");
    let settings = json!({ "no_cache": false, "max_redirects": 3 });
    let json_program = format!("{}Content-Type: application/json\r\n", daemon.program());
    let changed = daemon.ask("PUT", "/api/v1/send/settings", &json_program, &settings.to_string()).await;
    assert_eq!(changed.json(), settings);
    let known = daemon.get("/send/settings").await.json();
    assert_eq!((&known["settings"], &known["defaults"]["max_redirects"]), (&settings, &json!(10)));
    let shown = daemon.post("/send/preview", &json!({ "request": request }).to_string()).await.json();
    assert!(!shown["headers"].to_string().contains("no-cache"), "{shown}");
    daemon.stop().await;
}

#[tokio::test]
async fn the_console_tells_of_each_send() {
    let (daemon, port) = (Daemon::start().await, mirror().await);
    daemon.seen(json!({ "request": { "url": format!("http://127.0.0.1:{port}/one") } })).await;
    daemon.post("/send", &json!({ "request": { "url": "ftp://two.test/" } }).to_string()).await.json();
    let all = daemon.get("/console").await.json();
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{all}");
    assert!(items[0]["title"].as_str().unwrap().ends_with("/one 200"), "{all}");
    assert_eq!(items[0]["hops"][0]["remote"], format!("127.0.0.1:{port}"), "{all}");
    assert_eq!((&items[1]["level"], &items[1]["error"]["stage"]), (&json!("error"), &json!("url")));
    let after = format!("/console?after={}&level=error&filter=TWO", items[0]["id"]);
    assert_eq!(daemon.get(&after).await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(daemon.get("/console?filter=three").await.json()["items"], json!([]));
    daemon.get("/console?level=loud").await.error(400, "bad_request");
    assert_eq!(daemon.ask("DELETE", "/api/v1/console", &daemon.program(), "").await.status, 204);
    assert_eq!(daemon.get("/console").await.json()["items"], json!([]));
    daemon.stop().await;
}

#[tokio::test]
async fn a_run_has_a_session_and_a_port_of_its_own() {
    let daemon = Daemon::start().await;
    let answer = daemon.post("/runs", &json!({ "name": "a", "command": "curl x" }).to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let run = answer.json();
    assert_eq!((&run["session"]["name"], &run["session"]["source"]), (&"a".into(), &"run".into()));
    let proxy: std::net::SocketAddr = run["proxy"].as_str().unwrap().parse().unwrap();
    assert!(proxy.ip().is_loopback() && !daemon.engine.proxy_addresses().contains(&proxy));
    let path = format!("/api/v1/runs/{}", run["session"]["id"]);
    assert_eq!(daemon.ask("DELETE", &path, &daemon.program(), "").await.status, 204);
    daemon.ask("DELETE", &path, &daemon.program(), "").await.error(404, "not_found");
    let session = daemon.get(&format!("/sessions/{}", run["session"]["id"])).await.json();
    assert_eq!(session["state"], "stopped");
    let long = "x".repeat(201);
    daemon.post("/runs", &json!({ "name": long, "command": "x" }).to_string()).await.error(400, "bad_request");
    daemon.stop().await;
}
