//! The history: what was sent and what was captured as one list; adding, deleting, bringing back.

use serde_json::{Value, json};
use waylay_tests::{
    client,
    daemon::{Daemon, Launch},
    origin::Origin,
    rows,
};

/// Sends that `waylay history list` shows, oldest first.
fn sends(list: &Value) -> Vec<i64> {
    let items = list["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == "send").map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn what_was_captured_is_added_listed_shown_and_deleted() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    for path in ["/json?1", "/json?2"] {
        client::get(&daemon, &origin.url(path)).await;
    }
    let captured = rows::done(&daemon, "path:/json", 2).await;
    let ids: Vec<&str> = captured.iter().map(rows::id).collect();
    for id in &ids {
        daemon.waylay(&["history", "add", id]).await.expect(0);
    }
    let list = daemon.waylay(&["history", "list", "--json"]).await.expect(0).json();
    assert_eq!(sends(&list), [1, 2]);
    let session = list["items"].as_array().unwrap().iter().find(|item| item["kind"] == "session").unwrap();
    assert_eq!((&session["session"], &session["exchanges"]), (&json!(1), &json!(2)));
    let first = &list["items"][list["items"].as_array().unwrap().len() - 2];
    assert_eq!((&first["exchange"], &first["from"], &first["sent"]), (&json!(ids[0]), &json!(ids[0]), &json!(false)));

    let text = daemon.waylay(&["history", "list", "path:/json", "-json?1"]).await.expect(0).stdout;
    let words: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        (words[0], words[3], words[4], *words.last().unwrap()),
        ("2", "added", "200", &origin.url("/json?2")[..])
    );
    assert_eq!(text.lines().count(), 2, "one of them, and no session: {text}");
    let lines = daemon.waylay(&["history", "list", "-n", "1", "--jsonl"]).await.expect(0).json_lines();
    assert_eq!((lines.len(), &lines[0]["id"]), (1, &json!(2)));
    let like = daemon.waylay(&["history", "list", "--like", "2", "--json"]).await.expect(0).json();
    assert_eq!(sends(&like), [1], "another query, the same request");

    let shown = daemon.waylay(&["history", "show", "@last"]).await.expect(0).stdout;
    assert!(shown.contains("added from what was captured") && shown.contains(ids[1]), "{shown}");
    let shown = daemon.waylay(&["history", "show", "1", "--json"]).await.expect(0).json();
    assert_eq!((&shown["request"]["url"], &shown["hops"][0]["id"]), (&json!(origin.url("/json?1")), &json!(ids[0])));

    let said = daemon.waylay(&["history", "rm", "1", "2"]).await.expect(0).stderr;
    assert!(said.contains("2 entries of the history and 0 exchanges deleted"), "{said}");
    assert!(sends(&daemon.api().get("/history").await).is_empty());
    assert_eq!(rows::list(&daemon, "path:/json").await.len(), 2, "what was captured stays");
    daemon.waylay(&["rm", "--undo", "1"]).await.expect(0);
    assert_eq!(sends(&daemon.api().get("/history").await), [2, 1]);

    // Without a daemon, too; and numbers do not come back.
    let place = daemon.stop().await;
    place.waylay(&["history", "clear"]).await.expect(2);
    place.waylay(&["history", "rm", "@last"]).await.expect(0);
    assert_eq!(sends(&place.waylay(&["history", "list", "--json"]).await.expect(0).json()), [1]);
    place.waylay(&["history", "clear", "--yes"]).await.expect(0);
    assert!(sends(&place.waylay(&["history", "list", "--json"]).await.expect(0).json()).is_empty());
    let daemon = Launch::at(place).start().await;
    daemon.waylay(&["history", "add", ids[0]]).await.expect(0);
    assert_eq!(sends(&daemon.api().get("/history").await), [3]);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let daemon = Daemon::start().await;
    for (args, code, said) in [
        (&["show", "7"][..], 4, "waylay history list"),
        (&["show", "x"], 4, "@last"),
        (&["show", "@last"], 4, "waylay send"),
        (&["rm", "7"], 4, "waylay history list"),
        (&["add", "7.7"], 4, "no exchange"),
        (&["list", "status:"], 2, "status"),
        (&["list", "--like", "7"], 4, "waylay history list"),
        (&["clear"], 2, "--yes"),
    ] {
        let output = daemon.waylay(&[&["history"], args].concat()).await.expect(code);
        assert!(output.stderr.contains(said) && output.stdout.is_empty(), "{args:?}: {}", output.stderr);
    }
}

#[tokio::test]
async fn whether_responses_are_saved_is_kept() {
    let daemon = Daemon::start().await;
    let settings = ["history", "settings", "--json"];
    assert_eq!(daemon.waylay(&settings).await.expect(0).json(), json!({ "save_responses": true }));
    daemon.waylay(&["history", "settings", "--save-responses", "false"]).await.expect(0);
    let daemon = Launch::at(daemon.stop().await).start().await;
    assert_eq!(daemon.waylay(&settings).await.expect(0).json(), json!({ "save_responses": false }));
    assert_eq!(daemon.api().get("/history/settings").await, json!({ "save_responses": false }));
}
