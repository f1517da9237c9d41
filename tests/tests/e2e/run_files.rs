//! `waylay run --har`, `--media`, and how many runs there can be.

use serde_json::{Value, json};
use std::fs;
use waylay_tests::{client, daemon::Daemon, origin::Origin, rows};

const IMAGE: &str = "/asset/one.svg";

fn har(daemon: &Daemon) -> String {
    daemon.place().home().join("run.har").to_str().unwrap().to_owned()
}

fn entries(file: &str) -> Vec<Value> {
    let har: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    har["log"]["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn run_har_writes_what_the_command_did_and_nothing_else() {
    let (daemon, origin) = (Daemon::start().await, Origin::tls(&["http/1.1"]).await);
    client::get(&daemon, &origin.url("/json?not-of-the-run")).await;
    let (file, page, image) = (har(&daemon), origin.url("/json?token=s3cr3t-of-the-run"), origin.url(IMAGE));
    let command = ["run", "--har", &file, "--", "sh", "-c", r#"curl -sS "$@"; exit 7"#, "sh", &page, &image];
    let ran = daemon.waylay(&command).await.expect(7);
    assert!(ran.stderr.contains("2 exchanges"), "{}", ran.stderr);
    let found = entries(&file);
    let urls: Vec<&str> = found.iter().map(|e| e["request"]["url"].as_str().unwrap()).collect();
    assert_eq!(urls.len(), 2, "{urls:?}");
    assert!(urls[0].contains("/json?token=") && urls[1] == image, "{urls:?}");
    assert!(!fs::read_to_string(&file).unwrap().contains("s3cr3t-of-the-run"), "secrets are hidden unless asked for");
    let text = found[1]["response"]["content"]["text"].as_str().unwrap_or_default();
    assert!(text.contains("<svg"), "bodies of media are in it: {}", found[1]["response"]["content"]);

    let again = ["run", "--har", &file, "--", "curl", "-sS", &page];
    let refused = daemon.waylay(&again).await.expect(125).stderr;
    assert!(refused.contains("run.har"), "a file that is there is not replaced: {refused}");
    assert_eq!(entries(&file).len(), 2);
    fs::remove_file(&file).unwrap();
    daemon.waylay(&["run", "--har", &file, "--secrets", "keep", "--", "curl", "-sS", &page]).await.expect(0);
    assert!(fs::read_to_string(&file).unwrap().contains("s3cr3t-of-the-run"));
    daemon.waylay(&["run", "--secrets", "keep", "--", "true"]).await.expect(2);
    let nowhere = daemon.place().home().join("no/folder/run.har");
    let ran = daemon.waylay(&["run", "--har", nowhere.to_str().unwrap(), "--", "touch", &file]).await;
    assert_eq!(ran.code, Some(125), "said before the command is begun: {ran:?}");
}

#[tokio::test]
async fn bodies_of_media_are_stored_where_a_run_asks_for_them() {
    let (daemon, origin) = (Daemon::start().await, Origin::tls(&["http/1.1"]).await);
    for (flags, omitted) in [(&["run"][..], json!(["media"])), (&["run", "--media"], json!([]))] {
        let url = origin.url(&format!("{IMAGE}?{}", flags.len()));
        daemon.waylay(&[flags, &["--", "curl", "-sS", &url]].concat()).await.expect(0);
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!(row["omitted"], omitted, "{flags:?}: {row}");
        let stored = rows::detail(&daemon, &row).await["response"]["body"]["stored"].as_u64().unwrap();
        assert_eq!(stored > 0, flags.len() == 2, "{flags:?}");
    }
}

#[tokio::test]
async fn there_are_so_many_runs_at_once_and_no_more() {
    let daemon = Daemon::start().await;
    let api = daemon.api();
    let open = json!({ "command": "true" });
    let mut sessions = Vec::new();
    for _ in 0..64 {
        let answer = api.post("/runs", &open).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        sessions.push(answer.json()["session"]["id"].clone());
    }
    let refused = api.post("/runs", &open).await;
    let error = refused.json();
    assert_eq!((refused.status.as_u16(), &error["error"]["code"]), (409, &json!("conflict")), "{error}");
    assert!(error["error"]["hint"].as_str().unwrap().contains("DELETE"), "{error}");
    let closed = api.ask(http::Method::DELETE, &format!("/runs/{}", sessions[5]), &[], "").await;
    assert_eq!(closed.status, 204);
    assert_eq!(api.post("/runs", &open).await.status, 201, "one has ended");
    assert_eq!(api.post("/runs", &open).await.status, 409);
}
