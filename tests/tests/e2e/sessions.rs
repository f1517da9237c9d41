//! Sessions: begun, paused, resumed, ended and renamed while traffic runs.

use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, Answer, Link, Speak, raw},
    daemon::{Daemon, Launch},
    origin::Origin,
    rows, wait,
};

/// `POST /sessions/{id}/{verb}`.
async fn order(daemon: &Daemon, id: &Value, verb: &str) -> Answer {
    daemon.api().ask(Method::POST, &format!("/sessions/{id}/{verb}"), &[], "").await
}

async fn change(daemon: &Daemon, id: &Value, changes: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    daemon.api().ask(Method::PATCH, &format!("/sessions/{id}"), &json, &changes.to_string()).await
}

async fn session(daemon: &Daemon, id: &Value) -> Value {
    daemon.api().get(&format!("/sessions/{id}")).await
}

/// The current session's number.
async fn current(daemon: &Daemon) -> Value {
    daemon.api().get("/status").await["session"]["id"].clone()
}

async fn start(daemon: &Daemon, body: &Value) -> Value {
    let answer = daemon.api().post("/sessions", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// Paths of the rows of a session.
async fn paths(daemon: &Daemon, id: &Value) -> Vec<String> {
    let rows = rows::list(daemon, &format!("session:{id}")).await;
    rows.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn sessions_follow_one_another_on_connections_that_stay() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    let first = current(&daemon).await;
    link.get(&origin.url("/json?first")).await.unwrap();
    rows::one(&daemon, "path:/json?first").await;
    let second = start(&daemon, &json!({"name": "second", "note": "why"})).await;
    assert_eq!(
        (&second["state"], &second["note"], &second["source"]),
        (&"recording".into(), &"why".into(), &"proxy".into())
    );
    link.get(&origin.url("/json?second")).await.unwrap();
    let row = rows::one_in_detail(&daemon, "path:/json?second").await;
    assert_eq!(row["client_connection"]["tls"]["sni"], "localhost", "a connection has its row in any session");
    let ended = session(&daemon, &first).await;
    assert_eq!((&ended["state"], &ended["exchanges"]), (&"stopped".into(), &1.into()), "{ended}");
    let stopped = order(&daemon, &second["id"], "stop").await.json();
    assert_eq!(stopped["state"], "stopped");
    assert_eq!(link.get(&origin.url("/json?unseen")).await.unwrap().status, 200);
    assert!(current(&daemon).await.is_null());
    let third = start(&daemon, &json!({})).await;
    link.get(&origin.url("/json?third")).await.unwrap();
    rows::one(&daemon, "path:/json?third").await;
    assert_eq!(paths(&daemon, &first).await, ["/json?first"]);
    assert_eq!(paths(&daemon, &second["id"]).await, ["/json?second"]);
    assert_eq!(paths(&daemon, &third["id"]).await, ["/json?third"]);
    assert_eq!(origin.notes().connections(), 1, "clients and origins notice nothing");
}

#[tokio::test]
async fn a_pause_adds_nothing_and_cuts_nothing() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2"]).await;
    let id = current(&daemon).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http2).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    let paused = order(&daemon, &id, "pause").await.json();
    assert_eq!(paused["state"], "paused", "{paused}");
    for n in 0..3 {
        assert_eq!(link.get(&origin.url(&format!("/json?unseen-{n}"))).await.unwrap().status, 200);
    }
    let unseen = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    drop(unseen);
    origin.notes().open_gate();
    let body = wait::within("the rest", response.into_body().collect()).await.unwrap().to_bytes();
    assert_eq!(body, "first\nlast\n");
    let row = rows::one(&daemon, "path:/gated").await;
    assert_eq!(
        (&row["response_end"], &row["response_size"]),
        (&"complete".into(), &11.into()),
        "what had begun is whole"
    );
    assert_eq!(rows::body(&daemon, &row, "response").await, "first\nlast\n");
    let still = session(&daemon, &id).await;
    assert_eq!((&still["duration_us"], &still["exchanges"]), (&paused["duration_us"], &1.into()), "time stands still");
    let resumed = order(&daemon, &id, "resume").await.json();
    assert_eq!(resumed["state"], "recording");
    link.get(&origin.url("/json?seen")).await.unwrap();
    rows::one(&daemon, "path:/json?seen").await;
    assert_eq!(paths(&daemon, &id).await, ["/gated", "/json?seen"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let daemon = Daemon::start().await;
    let id = current(&daemon).await;
    let conflict = (409, "conflict".to_owned());
    assert_eq!(code(&order(&daemon, &id, "resume").await), conflict);
    order(&daemon, &id, "pause").await;
    let twice = order(&daemon, &id, "pause").await;
    assert_eq!(code(&twice), conflict);
    assert!(twice.text().contains("resume it"), "{}", twice.text());
    assert_eq!(daemon.api().ask(Method::POST, "/sessions/@current/stop", &[], "").await.status, 200);
    for verb in ["pause", "resume", "stop"] {
        assert_eq!(code(&order(&daemon, &id, verb).await), conflict, "{verb} after its end");
        assert_eq!(code(&order(&daemon, &json!(0), verb).await), conflict, "{verb} what is sent");
        assert_eq!(code(&order(&daemon, &json!(99), verb).await), (404, "not_found".to_owned()));
    }
    assert_eq!(daemon.api().ask(Method::POST, "/sessions/@current/pause", &[], "").await.status, 404);
    for bad in
        [json!({"name": " "}), json!({"name": "x".repeat(201)}), json!({"state": "recording"}), json!({"pinned": 1})]
    {
        assert_eq!(change(&daemon, &id, &bad).await.status, 400, "{bad}");
    }
    assert_eq!(change(&daemon, &json!(99), &json!({"pinned": true})).await.status, 404);
    assert_eq!(session(&daemon, &id).await["state"], "stopped");
}

#[tokio::test]
async fn names_notes_and_pins_are_kept() {
    let daemon = Daemon::start().await;
    let id = current(&daemon).await;
    let named =
        change(&daemon, &id, &json!({"name": "shop", "note": "the cart\nis empty", "pinned": true})).await.json();
    let words = |s: &Value| (s["name"].clone(), s["note"].clone(), s["pinned"].clone());
    assert_eq!(words(&named), ("shop".into(), "the cart\nis empty".into(), true.into()));
    let changed = change(&daemon, &id, &json!({"note": null})).await.json();
    assert_eq!(words(&changed), ("shop".into(), Value::Null, true.into()));
    let again = Launch::at(daemon.stop().await).start().await;
    assert_eq!(words(&session(&again, &id).await), words(&changed));
}

#[tokio::test]
async fn a_session_that_was_paused_when_the_daemon_was_killed_is_interrupted_as_long_as_it_was() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let id = current(&daemon).await;
    client::get(&daemon, &origin.url("/json")).await;
    rows::one(&daemon, "path:/json").await;
    let paused = order(&daemon, &id, "pause").await.json();
    let again = Launch::at(daemon.kill().await).start().await;
    let found = session(&again, &id).await;
    assert_eq!((&found["state"], &found["exchanges"]), (&"interrupted".into(), &1.into()));
    assert_eq!(found["duration_us"], paused["duration_us"], "{found}");
    assert_eq!(rows::list(&again, &format!("session:{id}")).await.len(), 1, "it keeps its rows");
}

#[tokio::test]
async fn the_session_of_a_run_is_paused_and_stopped_while_the_run_goes_on() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let run = daemon.api().post("/runs", &json!({"command": "x"})).await.json();
    let (id, proxy) = (&run["session"]["id"], run["proxy"].as_str().unwrap().parse().unwrap());
    let get = async |path: &str| {
        let (url, host) = (origin.url(path), origin.authority());
        let request = format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert!(raw::ask(proxy, request).await.starts_with("HTTP/1.1 200"), "{path}");
    };
    get("/json?seen").await;
    assert_eq!(order(&daemon, id, "pause").await.json()["state"], "paused");
    get("/json?unseen").await;
    assert_eq!(order(&daemon, id, "resume").await.json()["state"], "recording");
    get("/json?again").await;
    assert_eq!(order(&daemon, id, "stop").await.json()["state"], "stopped");
    get("/json?late").await;
    let ended = session(&daemon, id).await["ended_us"].clone();
    assert_eq!(daemon.api().ask(Method::DELETE, &format!("/runs/{id}"), &[], "").await.status, 204);
    assert_eq!(paths(&daemon, id).await, ["/json?seen", "/json?again"]);
    assert_eq!(session(&daemon, id).await["ended_us"], ended, "it ended once");
    assert!(current(&daemon).await != *id, "the main session is another");
}

#[tokio::test]
async fn without_recording_a_session_can_be_started_later() {
    let daemon = Launch::new().args(&["--no-record"]).start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json?unseen")).await;
    let said = daemon.waylay(&["session", "start", "mine", "--note", "n"]).await.expect(0);
    assert!(said.stderr.contains("recording into session 1 \"mine\""), "{}", said.stderr);
    client::get(&daemon, &origin.url("/json?seen")).await;
    rows::one(&daemon, "path:/json?seen").await;
    assert!(rows::list(&daemon, "path:/json?unseen").await.is_empty());
}

#[tokio::test]
async fn the_command_line_does_what_the_api_does() {
    let daemon = Daemon::start().await;
    let run = async |line: &str, exit| daemon.waylay(&line.split(' ').collect::<Vec<_>>()).await.expect(exit);
    assert_eq!(run("session pause --json", 0).await.json()["state"], "paused");
    run("session pause", 2).await;
    assert!(run("session resume", 0).await.stderr.contains("is recorded again"));
    run("session rename @current shop", 0).await;
    run("session note 1 empty", 0).await;
    run("session pin 1", 0).await;
    let shown = run("session show", 0).await.stdout;
    assert!(
        shown.contains("1 \"shop\"") && shown.contains("pinned    yes") && shown.contains("note      empty"),
        "{shown}"
    );
    run("session unpin @last", 0).await;
    let second = run("session start second --json", 0).await.json();
    assert_eq!(second["name"], "second");
    let list = run("session list --json", 0).await.json();
    let states: Vec<&str> = list["items"].as_array().unwrap().iter().filter_map(|s| s["state"].as_str()).collect();
    assert_eq!(states, ["recording", "stopped", "recording"], "{list}");
    assert_eq!(run("session list --jsonl", 0).await.stdout.lines().count(), 3);
    let table = run("session list", 0).await.stdout;
    assert!(table.lines().nth(2).unwrap().contains("stopped") && table.contains("shop"), "{table}");
    run("session stop", 0).await;
    run("session stop", 4).await;
    run("session show 99", 4).await;
    run("session show x", 4).await;
    run("session pause 1", 2).await;
    let place = daemon.stop().await;
    // What only reads needs no daemon.
    place.waylay(&["session", "list"]).await.expect(0);
    assert!(place.waylay(&["session", "show"]).await.expect(0).stdout.contains("second"));
    place.waylay(&["session", "pause"]).await.expect(3);
}

#[tokio::test]
async fn a_session_is_summed_up_sorted_deleted_and_brought_back_on_the_command_line() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for path in ["/json?a", "/json?b", "/status/404"] {
        client::get(&daemon, &origin.url(path)).await;
    }
    rows::done(&daemon, "", 3).await;
    let run = async |line: &str, exit| daemon.waylay(&line.split(' ').collect::<Vec<_>>()).await.expect(exit);
    let by_status = run("session overview --by status --json", 0).await.json();
    let shares = |of: &Value| -> Vec<(String, i64)> {
        let items = of["items"].as_array().unwrap().iter();
        items.map(|i| (i["value"].as_str().unwrap().to_owned(), i["exchanges"].as_i64().unwrap())).collect()
    };
    assert_eq!(shares(&by_status), [("200".into(), 2), ("404".into(), 1)], "{by_status}");
    assert!(run("session overview", 0).await.stdout.starts_with("GET  ##############################  3 ("));
    let sorted = run("ls --sort=-status --jsonl", 0).await.json_lines();
    assert_eq!(sorted.iter().map(|x| x["status"].as_i64().unwrap()).collect::<Vec<_>>(), [404, 200, 200]);
    run("ls --sort colour", 2).await;
    run("session rm", 2).await;
    run("session stop", 0).await;
    let deleted = run("session rm 1 --json", 0).await.json();
    assert_eq!((&deleted["exchanges"], &deleted["sessions"]), (&json!(3), &json!(1)));
    assert_eq!(run("ls --jsonl", 0).await.json_lines().len(), 0);
    run(&format!("rm --undo {}", deleted["id"]), 0).await;
    assert_eq!(run("ls --jsonl", 0).await.json_lines().len(), 3);
}
