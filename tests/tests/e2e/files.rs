//! The folder with the files that requests are made of.

use http::Method;
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt};
use waylay_tests::{
    daemon::{Daemon, Launch},
    origin::{Origin, routes::sha256},
};

async fn put(daemon: &Daemon, name: &str, body: &str) -> waylay_tests::client::Answer {
    let kind = [("content-type", "application/octet-stream")];
    daemon.api().ask(Method::PUT, &format!("/files/{name}"), &kind, body).await
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn files_are_the_owners_alone_wherever_the_folder_is() {
    let daemon = Daemon::start().await;
    let folder = daemon.data().join("files");
    let large = "0123456789abcdef".repeat(1 << 20);
    let kept = put(&daemon, "large.bin", &large).await;
    assert_eq!((kept.status.as_u16(), &kept.json()["size"]), (201, &json!(16 << 20)), "{}", kept.text());
    assert_eq!((mode(&folder), mode(&folder.join("large.bin"))), (0o700, 0o600));
    assert!(fs::read(folder.join("large.bin")).unwrap() == large.as_bytes());

    let place = daemon.stop().await;
    let elsewhere = place.home().join("uploads");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine.txt"), "mine").unwrap();
    fs::write(elsewhere.join(".coming.1.1"), "half").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", elsewhere.join("link")).unwrap();
    let daemon = Launch::at(place).env("WAYLAY_SEND_FILES_DIR", elsewhere.to_str().unwrap()).start().await;
    let list = daemon.api().get("/files").await;
    assert_eq!(list["items"].as_array().unwrap().iter().map(|i| &i["name"]).collect::<Vec<_>>(), ["mine.txt"]);
    assert!(!elsewhere.join(".coming.1.1").exists(), "what a killed daemon left is swept up");
    assert_eq!(put(&daemon, "link", "x").await.status, 400);
    assert_eq!(put(&daemon, "%2e%2e%2fescaped", "x").await.status, 400);
    assert!(!place_of(&elsewhere).join("escaped").exists());
    assert_eq!(daemon.api().ask(Method::DELETE, "/files/mine.txt", &[], "").await.status, 204);
    assert_eq!(daemon.api().ask(Method::DELETE, "/files/mine.txt", &[], "").await.status, 404);
}

fn place_of(folder: &std::path::Path) -> &std::path::Path {
    folder.parent().unwrap()
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_said_before_anything_is_bound() {
    let place = waylay_tests::daemon::Place::new();
    place.waylay(&["config", "set", "send.files_dir", "/proc/none"]).await.expect(0);
    let refused = place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await.expect(7);
    assert!(refused.stderr.contains("/proc/none") && refused.stderr.contains("send.files_dir"), "{}", refused.stderr);
}

async fn send(daemon: &Daemon, origin: &Origin, src: &str) -> Value {
    let request = json!({ "method": "POST", "url": origin.url("/echo"), "body": { "mode": "file", "src": src } });
    let answer = daemon.api().post("/send", &json!({ "request": request })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["error"].clone()
}

#[tokio::test]
async fn requests_are_made_of_files_of_the_folder_and_of_others_only_where_that_is_allowed() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let outside = daemon.place().home().join("outside.txt");
    fs::write(&outside, "outside").unwrap();
    assert_eq!(put(&daemon, "inside.txt", "inside").await.status, 201);
    let folder = daemon.data().join("files");
    std::os::unix::fs::symlink(&outside, folder.join("link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    let outside = outside.to_str().unwrap();

    assert_eq!(send(&daemon, &origin, "inside.txt").await, Value::Null);
    assert_eq!(origin.notes().requests().pop().unwrap().sha256, sha256(b"inside"));
    for (src, hint) in [
        (outside, "send.read_outside"),
        ("../token", "send.read_outside"),
        ("link", "plain file"),
        ("pipe", "plain file"),
        ("none.txt", folder.to_str().unwrap()),
    ] {
        let error = send(&daemon, &origin, src).await;
        assert_eq!(error["stage"], "body", "{src}: {error}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{src}: {error}");
    }
    assert_eq!(origin.notes().requests().len(), 1, "none of these was sent");

    let daemon = Launch::at(daemon.stop().await).env("WAYLAY_SEND_READ_OUTSIDE", "true").start().await;
    assert_eq!(send(&daemon, &origin, outside).await, Value::Null);
    assert_eq!(origin.notes().requests().pop().unwrap().sha256, sha256(b"outside"));
    assert_eq!(send(&daemon, &origin, "/dev/zero").await["stage"], "body");
}
