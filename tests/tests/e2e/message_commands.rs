//! Conversations on the command line.

use serde_json::Value;
use waylay_tests::{client, daemon::Daemon, origin::NodeOrigin, program, rows};

#[tokio::test]
async fn show_tells_what_was_said() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    client::get(&daemon, &origin.url("/events")).await;
    let row = rows::one(&daemon, "is:sse").await;
    let (id, path) = (rows::id(&row), format!("/exchanges/{}/messages", rows::id(&row)));
    let text = daemon.waylay(&["show", id]).await.expect(0).stdout;
    let (_, section) = text.split_once("\nMessages\n").unwrap_or_else(|| panic!("no messages:\n{text}"));
    let lines: Vec<&str> = section.lines().collect();
    assert!(lines[0].starts_with("     1 ←") && lines[0].ends_with("greeting: hello"), "{section}");
    assert!(lines[1].contains("event") && lines[1].ends_with(r#"{"n": 2} two lines"#), "{section}");
    assert!(section.contains(&format!("waylay show {id} --message NUMBER")), "{section}");

    let items = daemon.api().get(&path).await["items"].clone();
    let lines = daemon.waylay(&["show", id, "--messages", "--jsonl"]).await.expect(0).json_lines();
    assert_eq!(Some(&lines), items.as_array(), "one shape");
    let page = daemon.waylay(&["show", id, "--messages", "--json"]).await.expect(0).json();
    assert_eq!(page["items"], items);
    let text = daemon.waylay(&["show", id, "--messages"]).await.expect(0).stdout;
    assert_eq!(text.lines().count(), lines.len(), "{text}");

    let payload = daemon.waylay(&["show", id, "--message", "2"]).await.expect(0).stdout;
    assert_eq!(payload, "data: {\"n\": 2}\r\ndata: two lines");
    let detail = daemon.waylay(&["show", id, "--message", "2", "--json"]).await.expect(0).json();
    assert_eq!(detail, daemon.api().get(&format!("{path}/2")).await, "one shape");
    let place = daemon.stop().await;
    let stored = place.waylay(&["show", id, "--message", "1"]).await.expect(0).stdout;
    assert_eq!(stored, "event: greeting\nid: 1\ndata: hello", "without a daemon, too");
}

#[tokio::test]
async fn what_has_no_messages_says_so() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("conversations.mjs", &[]).await;
    client::get(&daemon, &origin.url("/")).await;
    let row = rows::one(&daemon, "is:http").await;
    let id = rows::id(&row);
    assert!(!daemon.waylay(&["show", id]).await.expect(0).stdout.contains("Messages"));
    let none = daemon.waylay(&["show", id, "--messages"]).await.expect(0);
    assert!(none.stdout.is_empty() && none.stderr.contains("no messages"), "{none:?}");
    assert_eq!(
        daemon.waylay(&["show", id, "--messages", "--json"]).await.expect(0).json()["items"],
        Value::Array(vec![])
    );
    let missing = daemon.waylay(&["show", id, "--message", "1"]).await.expect(4);
    assert!(missing.stdout.is_empty() && missing.stderr.contains("has no message 1"), "{missing:?}");
    daemon.waylay(&["show", id, "--message", "one"]).await.expect(2);
    daemon.waylay(&["show", id, "--message", "1", "--messages"]).await.expect(2);
}

#[tokio::test]
async fn a_grpc_call_shows_how_it_ended_beside_its_status() {
    let daemon = Daemon::start().await;
    let origin = NodeOrigin::start("grpc.mjs", &["serve"]).await;
    let mut client = program::command(program::need(&["node"]), origin.folder());
    client.arg(program::tests_folder().join("clients/grpc.mjs")).arg("call").arg(origin.authority());
    client.arg(daemon.ca_file()).env("grpc_proxy", format!("http://{}", daemon.proxy()));
    program::run(&mut client).await.expect(0);
    rows::done(&daemon, "is:grpc", 5).await;
    let list = daemon.waylay(&["ls", "is:grpc"]).await.expect(0).stdout;
    let line = |method: &str| list.lines().find(|line| line.contains(method)).unwrap_or_else(|| panic!("{list}"));
    assert!(line("/Missing").contains("200 grpc 5 ") && line("/Missing").contains("  grpc  "), "{list}");
    assert!(line("/Unary").contains(" 200 ") && !line("/Unary").contains("grpc 0"), "{list}");

    let row = rows::one(&daemon, "path:/Missing").await;
    let text = daemon.waylay(&["show", rows::id(&row)]).await.expect(0).stdout;
    assert!(text.contains("\ngrpc 5 NOT_FOUND: no such thing\n"), "{text}");
    let row = rows::one(&daemon, "path:/Unary").await;
    let text = daemon.waylay(&["show", rows::id(&row)]).await.expect(0).stdout;
    assert!(text.contains("\ngrpc 0 OK") && text.contains(r#"1: "world", 2: 7"#), "{text}");
}
