//! Row 32: what is secret in traffic or in Waylay itself is in no log, not even at debug level.

use http::Request;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use waylay_tests::{
    client::{self, Speak, full, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    pki::Root,
    rows,
};

const PLANTED: [&str; 7] = [
    "planted-authorization",
    "planted-cookie",
    "planted-set-cookie",
    "planted-query-token",
    "planted-password",
    "planted-response-body",
    "planted-proxy-authorization",
];

/// Traffic of every kind with a secret in every place.
async fn plant(daemon: &Daemon) {
    let origin = Scripted::tls(|mut wire| async move {
        let head = wire.head().await?;
        let body = if head.starts_with(b"POST") { 25 } else { 0 };
        wire.exactly(body).await?;
        let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: id=planted-set-cookie\r\nContent-Length: 21\r\n";
        wire.send(format!("{answer}Connection: close\r\n\r\nplanted-response-body")).await?;
        wire.end().await
    })
    .await;
    let plain = Origin::plain().await;
    for (url, speak) in [
        (origin.url("/login?access_token=planted-query-token"), Speak::Http1),
        (origin.url("/again?access_token=planted-query-token"), Speak::Http2),
        (plain.url("/echo?access_token=planted-query-token"), Speak::Http1),
        ("https://localhost:1/refused?access_token=planted-query-token".to_owned(), Speak::Http1),
    ] {
        let request = Request::post(&url)
            .header("authorization", "Bearer planted-authorization")
            .header("cookie", "id=planted-cookie")
            .header("proxy-authorization", "Basic planted-proxy-authorization")
            .body(full("password=planted-password"))
            .unwrap();
        client::fetch(daemon, speak, request).await;
    }
    // Failures are what gets logged most readily.
    let garbage = "GET /%zz planted-authorization\r\nCookie: planted-cookie\r\n\r\n";
    raw::ask(daemon.proxy(), garbage).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let stranger = Root::new("a stranger");
    assert!(raw::tls(tunnel, stranger.pem(), "localhost", &[]).await.is_err());
    let send = json!({"request": {"url": plain.url("/echo"), "headers":
        [{"key": "Authorization", "value": "planted-authorization"}, {"key": "Cookie", "value": "planted-cookie"}]}});
    assert!(daemon.api().post("/send", &send).await.status.is_success());
    rows::one(daemon, "session:0").await;
}

/// Everything the daemon wrote for people: its logs and both outputs.
fn logs(daemon: &Daemon) -> String {
    let mut text = daemon.stdout() + &daemon.stderr();
    collect(&daemon.data(), &mut text);
    text
}

fn collect(folder: &Path, text: &mut String) {
    for path in fs::read_dir(folder).unwrap().flatten().map(|e| e.path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, text);
        } else if name.contains(".log") {
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{} is {mode:o}", path.display());
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// Plants secrets before a daemon that logs at a level in a format, and looks for them; the log file.
async fn check(log: &str, format: &str, min_lines: usize) -> String {
    let daemon = Launch::new().args(&["--log", log]).env("WAYLAY_LOG_FORMAT", format).start().await;
    let link = daemon.api().post("/login-links", &json!({})).await.json()["url"].as_str().unwrap().to_owned();
    let code = link.split_once("#login=").unwrap().1.to_owned();
    let printed = daemon.stdout();
    plant(&daemon).await;
    let token = daemon.token().to_owned();
    daemon.signal(rustix::process::Signal::TERM);
    let mut daemon = daemon;
    daemon.ended().await;
    let text = logs(&daemon);
    let lines = text.lines().count();
    assert!(lines >= min_lines, "a log at {log} has something to say: {text}");
    for secret in PLANTED.iter().copied().chain([token.as_str(), code.as_str()]) {
        let line = text.lines().find(|l| l.contains(secret));
        assert_eq!(line, None, "{secret} is in the log at {log}");
    }
    let file = fs::read_to_string(daemon.data().join("log/waylay.log")).expect("the log file");
    // The one-time link is printed for the user to open, and is nowhere else.
    if let Some((_, code)) = printed.split_once("#login=") {
        let code = code.split_whitespace().next().unwrap();
        assert_eq!(text.matches(code).count(), printed.matches(code).count(), "the printed code is logged");
    }
    file
}

#[tokio::test]
async fn security_32_no_secret_is_in_a_debug_log() {
    let log = check("debug", "text", 10).await;
    assert!(log.contains("id=0.1"), "what is logged names the exchange it is about: {log}");
}

#[tokio::test]
async fn security_32_no_secret_is_in_a_debug_log_of_objects() {
    let log = check("debug", "json", 10).await;
    for line in log.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn security_32_no_secret_is_in_a_log_of_the_default_level() {
    check("info", "text", 1).await;
}
