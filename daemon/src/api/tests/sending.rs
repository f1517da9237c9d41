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

#[tokio::test]
async fn a_request_is_sent_as_it_is_written() {
    let (daemon, port) = (Daemon::start().await, mirror().await);
    let url = format!("http://127.0.0.1:{port}/path?q");
    let headers = json!([["X-A", "1"], ["x-b", "caf\u{e9}"], { "name": "X-C", "bytes": "/w==" }]);
    let answer = daemon
        .post("/send", &json!({ "method": "PATCH", "url": url, "headers": headers, "body": "\u{e9}" }).to_string())
        .await;
    let sent = answer.json();
    let body = daemon.get(&format!("/exchanges/{}/response/body", sent["id"].as_str().unwrap())).await.body;
    let seen = String::from_utf8_lossy(&body).into_owned();
    assert!(seen.starts_with("PATCH /path?q HTTP/1.1\r\n"), "{seen}");
    assert!(body.windows(4).any(|w| w == b": \xff\r"), "bytes of a header are exact: {seen}");
    assert!(seen.to_ascii_lowercase().contains("x-a: 1\r\nx-b: caf\u{e9}\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\n\u{e9}"), "{seen}");
    let seen = daemon.seen(json!({ "method": "PUT", "url": url, "body_base64": "aGk=" })).await;
    assert!(seen.starts_with("PUT ") && seen.ends_with("\r\n\r\nhi"), "{seen}");
    let seen = daemon.seen(json!({ "url": url })).await;
    assert!(seen.starts_with("GET "), "{seen}");
    daemon.stop().await;
}

#[tokio::test]
async fn a_captured_request_is_sent_again_but_for_what_was_its_connections() {
    let (daemon, port, other) = (Daemon::start().await, mirror().await, mirror().await);
    let id = daemon.store(daemon.post_to(port)).await.to_string();
    let answer = daemon.post("/send", &json!({ "from": id }).to_string()).await.json();
    let body = daemon.get(&format!("/exchanges/{}/response/body", answer["id"].as_str().unwrap())).await.body;
    assert!(body.ends_with(b"\r\n\r\n\xff\xfe\0hi"), "the body goes as it was");
    let seen = String::from_utf8_lossy(&body).into_owned();
    assert!(seen.starts_with("POST /form?a=1 HTTP/1.1\r\n"), "{seen}");
    let head = seen.to_ascii_lowercase();
    assert!(head.contains(&format!("host: 127.0.0.1:{port}\r\n")) && head.contains("cookie: c=d\r\n"), "{seen}");
    assert_eq!(head.matches("x-one: ").count(), 2, "duplicates are kept: {seen}");
    assert_eq!(head.matches("content-length: 5\r\n").count(), 1, "{seen}");
    for gone in ["proxy-authorization", "x-hop", "te:", "transfer-encoding", "upgrade"] {
        assert!(!head.contains(&format!("\r\n{gone}")), "{gone}: {seen}");
    }

    let url = format!("http://127.0.0.1:{other}/else");
    let seen = daemon.seen(json!({ "from": id, "url": url, "method": "DELETE", "body": "new" })).await;
    assert!(seen.starts_with("DELETE /else HTTP/1.1\r\n") && seen.ends_with("\r\n\r\nnew"), "{seen}");
    let lines: Vec<String> = seen.lines().map(str::to_ascii_lowercase).collect();
    assert!(lines.contains(&format!("host: 127.0.0.1:{other}")), "another server, another Host: {seen}");
    let seen = daemon.seen(json!({ "from": id, "headers": [["X-Only", "1"]], "body": "" })).await.to_ascii_lowercase();
    assert!(seen.contains("x-only: 1\r\n") && !seen.contains("cookie"), "{seen}");
    daemon.stop().await;
}

#[tokio::test]
async fn what_cannot_be_sent_says_why() {
    let daemon = Daemon::start().await;
    for (send, status, code) in [
        (json!({ "url": "ftp://a.test/" }), 400, "bad_request"),
        (json!({ "url": "http://a.test/", "method": "G T" }), 400, "bad_request"),
        (json!({ "url": "http://a.test/", "headers": [["a\r\nb", "c"]] }), 400, "bad_request"),
        (json!({ "url": "http://a.test/", "headers": [["a", "b", "c"]] }), 400, "bad_request"),
        (json!({ "url": "http://a.test/", "body": "a", "body_base64": "YQ==" }), 400, "bad_request"),
        (json!({ "url": "http://a.test/", "body_base64": "?" }), 400, "bad_request"),
        (json!({ "from": "1.77" }), 404, "not_found"),
        (json!({ "from": "x" }), 404, "not_found"),
    ] {
        daemon.post("/send", &send.to_string()).await.error(status, code);
    }
    let mut holed = daemon.post_to(1);
    holed.request.size = 9;
    holed.request.gaps = vec![Gap { offset: 5, length: 4 }];
    let holed = daemon.store(holed).await;
    daemon.post("/send", &json!({ "from": holed }).to_string()).await.error(409, "incomplete_body");
    let mut tunnel = daemon.post_to(1);
    (tunnel.kind, tunnel.method) = (Kind::Tunnel, "CONNECT".to_owned());
    let tunnel = daemon.store(tunnel).await;
    daemon.post("/send", &json!({ "from": tunnel }).to_string()).await.error(400, "bad_request");
    let large = format!("{{\"url\":\"http://a.test/\",\"body\":\"{}\"}}", "a".repeat(64 << 20));
    daemon.post("/send", &large).await.error(413, "too_large");
    daemon.stop().await;
}

#[tokio::test]
async fn a_sent_request_does_not_reach_this_api() {
    let daemon = Daemon::start().await;
    let headers = json!([["Host", daemon.address.to_string()], ["Authorization", format!("Bearer {}", daemon.token)]]);
    let port = daemon.address.port();
    for url in [format!("http://127.0.0.1:{port}/api/v1/status"), format!("http://localhost:{port}/api/v1/status")] {
        let sent = daemon.post("/send", &json!({ "url": url, "headers": headers }).to_string()).await.json();
        assert_eq!(sent["exchange"]["failure"]["side"], "waylay", "{sent}");
        let id = sent["id"].as_str().unwrap();
        let body = daemon.get(&format!("/exchanges/{id}/response/body")).await.body;
        assert!(!String::from_utf8_lossy(&body).contains("data_dir"));
    }
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
