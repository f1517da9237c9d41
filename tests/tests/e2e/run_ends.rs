//! A run's session and port end with it, and so does what was said of them.

use serde_json::json;
use waylay_tests::{client, client::raw, daemon::Daemon, origin::Origin, rows};

#[tokio::test]
async fn a_run_that_is_closed_is_stopped_and_its_port_is_nobodys() {
    let daemon = Daemon::start().await;
    let opened = daemon.api().post("/runs", &json!({"name": "a run", "command": "true"})).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let opened = opened.json();
    let proxy = opened["proxy"].as_str().unwrap().to_owned();
    let session = opened["session"]["id"].clone();
    // While it lasts, its port is one of ours.
    let url = format!("http://{proxy}/");
    assert_eq!(client::get(&daemon, &url).await.status, 508);
    let origin = Origin::plain().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", origin.url("/json"));
    let answer = raw::ask(proxy.parse().unwrap(), request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let row = rows::one(&daemon, "path:/json").await;
    assert!(rows::id(&row).starts_with(&format!("{session}.")), "{row}");

    let path = format!("/runs/{session}");
    assert_eq!(daemon.api().ask(http::Method::DELETE, &path, &[], "").await.status, 204);
    let ended = daemon.api().get(&format!("/sessions/{session}")).await;
    assert_eq!(ended["state"], "stopped", "{ended}");
    assert!(ended["ended_us"].is_i64(), "{ended}");
    // Whoever listens there now is a stranger, who may be dialled; nobody does.
    assert_eq!(client::get(&daemon, &url).await.status, 502);
    assert_ne!(daemon.api().ask(http::Method::DELETE, &path, &[], "").await.status, 204, "it is gone");
}
