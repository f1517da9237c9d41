//! `waylay connect`: WebSockets and event streams from the command line.

use super::conversations::accept;
use std::process::Stdio;
use waylay_tests::{
    daemon::Daemon,
    origin::{NodeOrigin, Scripted},
    program::{self, run_with_input},
};

async fn connect(daemon: &Daemon, args: &[&str], input: Option<&[u8]>) -> program::Output {
    let mut command = program::command(program::waylay(), &daemon.place().home());
    command.arg("--data-dir").arg(daemon.data()).arg("connect").args(args).stdin(Stdio::null());
    run_with_input(&mut command, input).await
}

#[tokio::test]
async fn lines_are_messages_and_messages_are_lines() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let url = origin.url("/socket").replace("https://", "wss://");
    let lines = "hello hello hello\n{{who}} again\n{{nobody}}\n";
    let told = connect(&daemon, &[&url, "-p", "chat.v2", "--var", "who=world"], Some(lines.as_bytes())).await.expect(0);
    assert_eq!(told.stdout, "hello hello hello\nworld again\n");
    for part in [
        "connected to wss://localhost",
        "(subprotocol chat.v2, permessage-deflate), exchange 0.1",
        "not sent: No value for {{nobody}}",
        "closed by here: 1000",
    ] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    let told = connect(&daemon, &[&url, "--binary", "hex", "--message", "00 ff", "-n", "1"], None).await.expect(0);
    assert_eq!(told.stdout, "00ff\n");
    let args = [&url, "--jsonl", "--no-compression", "-H", "X-Test: 1", "--message", "hi", "--count", "1"];
    let told = connect(&daemon, &args, None).await.expect(0).json_lines();
    let open = told.iter().find(|line| line["state"] == "open").unwrap();
    assert!(open["extensions"].is_null(), "{open}");
    assert!(told.iter().any(|line| line["what"] == "message" && line["sender"] == "origin" && line["text"] == "hi"));
    assert_eq!(told.last().unwrap()["state"], "closed");
    assert_eq!(daemon.api().get("/conversations").await["items"], serde_json::json!([]), "none is left behind");
}

#[tokio::test]
async fn event_streams_are_followed_to_their_end() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let told = connect(&daemon, &[&origin.url("/events")], None).await.expect(0);
    assert_eq!(told.stdout, "greeting: hello\n{\"n\": 2}\ntwo lines\nend: \n");
    assert!(told.stderr.contains("closed by the server"), "{}", told.stderr);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_with_its_exit_code() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    let private = origin.url("/private").replace("https://", "wss://");
    let told = connect(&daemon, &[&private], None).await.expect(5);
    assert!(told.stderr.contains("answered 401 instead of changing to WebSocket"), "{}", told.stderr);
    connect(&daemon, &["ws://localhost:1/"], None).await.expect(5);
    let told = connect(&daemon, &["localhost:1/"], None).await.expect(2);
    assert!(told.stderr.contains("--kind websocket"), "{}", told.stderr);
    connect(&daemon, &["ws://localhost:1/", "--reconnect-interval", "x"], None).await.expect(2);
    let leaving = Scripted::tcp(|mut wire| async move {
        accept(&mut wire).await?;
        wire.send(b"\x81\x02hi\x88\x0c\x03\xeago away \x1b[").await?;
        wire.to_end().await
    })
    .await;
    let url = leaving.url("/").replace("http://", "ws://");
    let told = connect(&daemon, &[&url, "--message", "x"], None).await.expect(0);
    assert_eq!(told.stdout, "hi\n");
    let closed = r"closed by the server: 1002 go away \u{1b}[";
    assert!(told.stderr.contains(closed), "{}", told.stderr);
}
