//! Row 3: the event stream checks who asks before anything is sent, and nothing upgrades unchecked.

use serde_json::json;
use waylay_tests::{client::raw, daemon::Daemon};

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The status of a GET; only the head is read, a stream need not end.
async fn status(daemon: &Daemon, path: &str, fields: &str) -> String {
    let mut socket = raw::connect(daemon.ui()).await;
    raw::send(&mut socket, format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n", daemon.ui())).await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    head.split(' ').nth(1).unwrap_or("").to_owned()
}

async fn cookie(daemon: &Daemon) -> String {
    let link = daemon.api().post("/login-links", &json!({})).await.json()["url"].as_str().unwrap().to_owned();
    let code = link.split_once("#login=").unwrap().1.to_owned();
    let origin = format!("http://{}", daemon.ui());
    let headers = [("origin", origin.as_str()), ("content-type", "application/json")];
    let body = json!({"code": code}).to_string();
    let answer = daemon.api().anonymous().ask(http::Method::POST, "/login", &headers, &body).await;
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn security_03_the_event_stream_is_for_our_own_page_only() {
    let daemon = Daemon::start().await;
    let cookie = format!("Cookie: {}\r\n", cookie(&daemon).await);
    let own = format!("Origin: http://{}\r\n", daemon.ui());
    let path = "/api/v1/events";
    assert_eq!(status(&daemon, path, &format!("{cookie}Sec-Fetch-Site: same-origin\r\n")).await, "200");
    assert_eq!(status(&daemon, path, &format!("{cookie}{own}Sec-Fetch-Site: same-origin\r\n")).await, "200");
    for fields in [
        String::new(),
        own.clone(),
        format!("{cookie}Sec-Fetch-Site: cross-site\r\n"),
        format!("{cookie}Sec-Fetch-Site: same-site\r\n"),
        format!("{cookie}Sec-Fetch-Site: same-origin\r\nOrigin: http://evil.example\r\n"),
        format!("{cookie}Sec-Fetch-Site: none\r\nOrigin: null\r\n"),
    ] {
        let status = status(&daemon, path, &fields).await;
        assert!(["401", "403"].contains(&status.as_str()), "{status} for {fields}");
    }
}

#[tokio::test]
async fn security_03_upgrades_are_checked_first() {
    let daemon = Daemon::start().await;
    let cookie = format!("Cookie: {}\r\n", cookie(&daemon).await);
    for path in ["/api/v1/events", "/api/v1/status", "/api/v1/ws"] {
        for fields in [
            UPGRADE.to_owned(),
            format!("{UPGRADE}Origin: http://evil.example\r\n"),
            format!("{UPGRADE}{cookie}Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n"),
        ] {
            let status = status(&daemon, path, &fields).await;
            assert!(["401", "403"].contains(&status.as_str()), "{status} for {path} with {fields}");
        }
    }
}
