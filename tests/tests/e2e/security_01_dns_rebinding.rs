//! Row 1: every route of UI and API answers 421 unless `Host` is one of its own three names with its own port.

use http::Method;
use waylay_tests::{client::raw, daemon::Daemon};

const PATHS: [&str; 6] =
    ["/", "/api/v1/status", "/api/v1/events", "/api/v1/login", "/api/v1/nothing", "/no/such/file.js"];

#[tokio::test]
async fn security_01_foreign_hosts_are_misdirected_on_every_route() {
    let daemon = Daemon::start().await;
    let port = daemon.ui().port();
    let with_port = |host: &str| format!("{host}:{port}");
    let foreign = [
        "evil.example".to_owned(),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        "127.0.0.1:1".to_owned(),
        String::new(),
        with_port("evil.example"),
        with_port("localhost.evil.example"),
        with_port("evil-localhost"),
        with_port("0.0.0.0"),
        with_port("[::]"),
        with_port("127.1"),
        with_port("127.0.0.2"),
        with_port("2130706433"),
        with_port("[::ffff:127.0.0.1]"),
        with_port("evil.example@127.0.0.1"),
        with_port(""),
        format!("127.0.0.1:{port}:{port}"),
        format!("127.0.0.1:{port}, evil.example"),
    ];
    for host in &foreign {
        for path in PATHS {
            for method in [Method::GET, Method::OPTIONS, Method::POST, Method::DELETE] {
                let answer = daemon.api().request(method.clone(), path, &[("host", host)], "").await;
                assert_eq!(answer.status, 421, "{method} {path} with Host {host:?}: {}", answer.text());
            }
        }
    }
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let answer = daemon.api().ask(Method::GET, "/status", &[("host", &with_port(host))], "").await;
        assert_eq!(answer.status, 200, "{host}: {}", answer.text());
    }
}

#[tokio::test]
async fn security_01_upgrades_missing_and_repeated_hosts_are_refused() {
    let daemon = Daemon::start().await;
    let (ui, token) = (daemon.ui(), daemon.token());
    let bearer = format!("Authorization: Bearer {token}\r\nConnection: close");
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
    let requests = [
        format!(
            "GET /api/v1/events HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {token}\r\nConnection: upgrade\r\n{upgrade}\r\n\r\n"
        ),
        format!("GET /api/v1/status HTTP/1.1\r\n{bearer}\r\n\r\n"),
        format!("GET /api/v1/status HTTP/1.0\r\n{bearer}\r\n\r\n"),
        format!("GET /api/v1/status HTTP/1.1\r\nHost: {ui}\r\nHost: evil.example\r\n{bearer}\r\n\r\n"),
        format!("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\nHost: {ui}\r\n{bearer}\r\n\r\n"),
        format!("GET http://evil.example/api/v1/status HTTP/1.1\r\nHost: {ui}\r\n{bearer}\r\n\r\n"),
    ];
    for request in requests {
        let request = if request.contains("Connection: upgrade") {
            request.replace("Connection: upgrade", "Connection: upgrade, close")
        } else {
            request
        };
        let answer = raw::ask(ui, &request).await;
        let status = answer.split(' ').nth(1).unwrap_or("");
        assert!(["400", "421"].contains(&status), "{request}\n{answer}");
        assert!(!answer.contains("data_dir"), "{answer}");
    }
}
