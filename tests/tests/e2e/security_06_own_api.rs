//! Row 6: nobody reaches our own API through the proxy, however the address is spelt.

use http::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use waylay_tests::{client::raw, daemon::Daemon, rows, wait};

const SPELLINGS: [&str; 16] = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
];

fn request(daemon: &Daemon, target: &str) -> String {
    let (ui, token) = (daemon.ui(), daemon.token());
    format!("GET {target} HTTP/1.1\r\nHost: {ui}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n")
}

fn assert_refused(answer: &str, spelling: &str) {
    assert!(!answer.contains("data_dir"), "{spelling} reached the API: {answer}");
    assert!(!answer.starts_with("HTTP/1.1 2"), "{spelling}: {answer}");
}

#[tokio::test]
async fn security_06_plain_requests_to_our_own_api_are_refused() {
    let daemon = Daemon::start().await;
    let port = daemon.ui().port();
    for spelling in SPELLINGS {
        let target = format!("http://{spelling}:{port}/api/v1/status");
        assert_refused(&raw::ask(daemon.proxy(), request(&daemon, &target)).await, spelling);
    }
    wait::until("what was refused to be recorded", || async {
        let rows = rows::list(&daemon, "is:failed").await;
        (rows.iter().filter(|r| rows::failure(r) == "waylay policy own address").count() >= 3).then_some(())
    })
    .await;
    assert_eq!(daemon.api().get("/status").await["pid"], daemon.pid(), "the API itself is well");
}

#[tokio::test]
async fn security_06_tunnels_to_our_own_api_are_refused() {
    let daemon = Daemon::start().await;
    let port = daemon.ui().port();
    for spelling in SPELLINGS {
        for first in ["", "\x00\x01"] {
            let authority = format!("{spelling}:{port}");
            let mut socket = raw::connect(daemon.proxy()).await;
            raw::send(&mut socket, format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await;
            let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
            if !head.starts_with("HTTP/1.1 200") {
                continue;
            }
            // Plaintext inside the tunnel, once as HTTP and once behind bytes that make it a raw tunnel.
            let _ = socket.write_all(first.as_bytes()).await;
            let _ = socket.write_all(request(&daemon, "/api/v1/status").as_bytes()).await;
            let _ = socket.shutdown().await;
            let answer = raw::text(&raw::read_to_end(&mut socket).await);
            assert_refused(&answer, spelling);
            assert!(!answer.contains("400 Bad Request") || first.is_empty(), "{spelling} was relayed: {answer}");
        }
    }
}

#[tokio::test]
async fn security_06_sending_to_our_own_api_is_refused() {
    let daemon = Daemon::start().await;
    let port = daemon.ui().port();
    let bearer = format!("Bearer {}", daemon.token());
    for spelling in ["127.0.0.1", "localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let url = format!("http://{spelling}:{port}/api/v1/status");
        let headers =
            json!([{"key": "Host", "value": daemon.ui().to_string()}, {"key": "Authorization", "value": bearer}]);
        let body = json!({"request": {"url": url, "headers": headers}}).to_string();
        let answer = daemon.api().ask(Method::POST, "/send", &[("content-type", "application/json")], &body).await;
        if answer.status.is_success() {
            let sent = answer.json();
            assert_eq!(sent["exchange"]["status"], serde_json::Value::Null, "{spelling}: {sent}");
            assert_eq!(sent["exchange"]["failure"]["stage"], "policy", "{spelling}: {sent}");
        } else {
            assert!(answer.status.is_client_error(), "{spelling}: {}", answer.text());
        }
    }
}
