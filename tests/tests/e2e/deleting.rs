//! Deleting, bringing back, and leaving no trace: by the API and the command line, with a daemon that captures and without.

use http::Method;
use serde_json::{Value, json};
use std::{fs, path::Path};
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::{Daemon, Launch},
    origin::{NodeOrigin, Origin},
    program, rows,
};

async fn ids(daemon: &Daemon) -> Vec<String> {
    rows::list(daemon, "").await.iter().map(|row| rows::id(row).into()).collect()
}

#[tokio::test]
async fn what_is_deleted_is_gone_at_once_and_undo_brings_it_back() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    for n in 0..3 {
        client::get(&daemon, &origin.url(&format!("/json?{n}"))).await;
    }
    rows::done(&daemon, "path:/json", 3).await;
    let (api, before) = (daemon.api(), ids(&daemon).await);
    let detail = api.get(&format!("/exchanges/{}", before[1])).await;

    let answer = api.post("/deletions", &json!({ "exchanges": [before[1]] })).await;
    assert_eq!(answer.status, 201);
    let deletion = answer.json();
    assert_eq!((&deletion["exchanges"], &deletion["sessions"]), (&json!(1), &json!(0)), "{deletion}");
    assert!(deletion["until_us"].as_i64() > detail["started_us"].as_i64());
    assert_eq!(ids(&daemon).await, [before[0].clone(), before[2].clone()]);
    for path in ["", "/response/body", "/messages"] {
        let gone = api.ask(Method::GET, &format!("/exchanges/{}{path}", before[1]), &[], "").await;
        assert_eq!(gone.status, 404, "{path}: {}", gone.text());
    }
    let undo = format!("/deletions/{}", deletion["id"]);
    assert_eq!(api.ask(Method::DELETE, &undo, &[], "").await.status, 204);
    assert_eq!(api.ask(Method::DELETE, &undo, &[], "").await.status, 409);
    assert_eq!(api.ask(Method::DELETE, "/deletions/99", &[], "").await.status, 404);
    assert_eq!(ids(&daemon).await, before);
    assert_eq!(api.get(&format!("/exchanges/{}", before[1])).await, detail);

    let current = before[0].split('.').next().unwrap();
    for (body, status) in [
        (json!({ "session": current.parse::<i64>().unwrap() }), 409),
        (json!({ "session": 0 }), 409),
        (json!({ "session": 99 }), 404),
        (json!({ "exchanges": ["9.9"] }), 404),
        (json!({ "exchanges": ["x"] }), 404),
        (json!({ "exchanges": [] }), 400),
        (json!({ "filter": "status:" }), 400),
        (json!({}), 400),
        (json!({ "filter": "", "session": 1 }), 400),
        (json!({ "filtre": "" }), 400),
    ] {
        let refused = api.post("/deletions", &body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text());
        assert!(refused.json()["error"]["message"].is_string());
    }
    assert_eq!(ids(&daemon).await, before);
}

#[tokio::test]
async fn rm_takes_ids_and_filters_and_says_how_to_take_it_back() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    for n in 0..4 {
        client::get(&daemon, &origin.url(&format!("/json?{n}"))).await;
    }
    rows::done(&daemon, "path:/json", 4).await;
    let all = ids(&daemon).await;
    let said = daemon.waylay(&["rm", &all[0], "@last"]).await.expect(0).stderr;
    assert!(said.contains("2 exchanges deleted; within 30 s, `waylay rm --undo 1`"), "{said}");
    assert_eq!(ids(&daemon).await, all[1..3]);
    daemon.waylay(&["rm", "--undo", "1"]).await.expect(0);
    assert_eq!(ids(&daemon).await, all);
    daemon.waylay(&["rm", "--undo", "1"]).await.expect(2);
    daemon.waylay(&["rm", "--undo", "7"]).await.expect(4);
    daemon.waylay(&["rm", "9.9"]).await.expect(4);
    daemon.waylay(&["rm", "nothing-like-it"]).await.expect(4);
    daemon.waylay(&["rm"]).await.expect(2);
    let gone = daemon.waylay(&["rm", "path:/json", "-path:?3", "--json"]).await.expect(0).json();
    assert_eq!(gone["exchanges"], 3);
    assert_eq!(ids(&daemon).await, all[3..]);

    // Without a daemon, too.
    let place = daemon.stop().await;
    place.waylay(&["rm", &all[3]]).await.expect(0);
    let listed = place.waylay(&["ls", "--json"]).await.expect(0).json();
    assert_eq!(listed["items"], json!([]));
    place.waylay(&["rm", "--undo", "3"]).await.expect(0);
    let listed = place.waylay(&["ls", "--json"]).await.expect(0).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

/// Every file of a folder that holds a text; the log of the daemon too.
fn holding(dir: &Path, text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if fs::read(&path).unwrap_or_default().windows(text.len()).any(|window| window == text) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn after_rm_and_gc_no_byte_is_left_while_capture_goes_on() {
    const CANARY: &str = "CanaryOfTheMine";
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let talker = NodeOrigin::start("conversations.mjs", &[]).await;
    let kept = origin.url("/json?kept");
    client::get(&daemon, &kept).await;
    let send = async |body: String| {
        let request = http::Request::post(origin.url(&format!("/echo-body?{CANARY}")))
            .header("x-secret", format!("{CANARY} in a field"))
            .body(client::full(body))
            .unwrap();
        assert_eq!(client::fetch(&daemon, Speak::Http1, request).await.status, 200);
    };
    send(format!("{CANARY} in a small body")).await;
    send(CANARY.repeat(20_000)).await;
    client::get(&daemon, &talker.url(&format!("/events?{CANARY}"))).await;
    let gone = rows::done(&daemon, CANARY, 3).await;
    let words = rows::detail(&daemon, &gone[0]).await;
    assert!(words.to_string().contains("in a field"));
    assert!(!holding(&daemon.data(), CANARY.as_bytes()).is_empty());

    let busy = {
        let mut link = Link::open(&daemon, &kept, Speak::Http1).await;
        let url = origin.url("/bytes/40000");
        tokio::spawn(async move {
            for _ in 0..200 {
                let answer = link.get(&url).await.unwrap();
                assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 40_000));
            }
        })
    };
    daemon.waylay(&["rm", CANARY]).await.expect(0);
    let gc = daemon.waylay(&["store", "gc", "--json"]).await.expect(0).json();
    assert_eq!((&gc["exchanges"], &gc["complete"]), (&json!(3), &json!(true)), "{gc}");
    assert_eq!(holding(&daemon.data(), CANARY.as_bytes()), [""; 0]);
    busy.await.unwrap();
    rows::done(&daemon, "path:/bytes", 200).await;
    assert_eq!(rows::list(&daemon, "kept").await.len(), 1);
    assert_eq!(daemon.waylay(&["store", "check", "--json"]).await.expect(0).json()["ok"], true);
    let undo = daemon.api().ask(Method::DELETE, "/deletions/1", &[], "").await;
    assert_eq!(undo.status, 409, "{}", undo.text());

    // And without a daemon.
    let place = daemon.stop().await;
    place.waylay(&["rm", "kept"]).await.expect(0);
    place.waylay(&["store", "gc"]).await.expect(0);
    assert_eq!(holding(&place.data(), b"json?kept"), [""; 0]);
}

#[tokio::test]
async fn wiping_leaves_the_ca_and_takes_a_yes() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    client::get(&daemon, &origin.url("/json?wiped")).await;
    rows::done(&daemon, "wiped", 1).await;
    daemon.waylay(&["store", "wipe", "--yes"]).await.expect(8);
    let ca = daemon.ca_pem();
    let place = daemon.stop().await;
    place.waylay(&["store", "wipe"]).await.expect(2);
    assert_eq!(place.waylay(&["ls", "--json"]).await.expect(0).json()["items"].as_array().map(Vec::len), Some(1));
    place.waylay(&["store", "wipe", "--yes"]).await.expect(0);
    assert_eq!(holding(&place.data(), b"wiped"), [""; 0]);
    let again = Launch::at(place).start().await;
    assert_eq!(again.ca_pem(), ca);
    assert_eq!(ids(&again).await, [""; 0]);
}

#[tokio::test]
async fn retention_removes_what_is_too_much_but_not_what_is_pinned() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let first = daemon.api().get("/status").await["session"]["id"].clone();
    client::get(&daemon, &origin.url("/bytes/3000000")).await;
    rows::done(&daemon, "path:/bytes", 1).await;
    let second = Launch::at(daemon.stop().await).start().await;
    client::get(&second, &origin.url("/bytes/2000000")).await;
    rows::done(&second, "path:/bytes", 2).await;
    let place = second.stop().await;
    place.waylay(&["config", "set", "retention.max_size", "4 MiB"]).await.expect(0);
    place.waylay(&["config", "set", "retention.max_age", "3"]).await.expect(2);
    let third = Launch::at(place).start().await;
    let status = waylay_tests::wait::until("retention to have removed something", || async {
        let status = third.api().get("/status").await;
        (!status["retention"]["last"].is_null()).then_some(status)
    })
    .await;
    assert_eq!(status["retention"]["last"]["sessions"], 1, "{status}");
    let sessions = third.api().get("/sessions").await;
    let left: Vec<&Value> = sessions["items"].as_array().unwrap().iter().map(|s| &s["id"]).collect();
    assert!(!left.contains(&&first) && left.len() == 3, "{sessions}");
    let bodies: u64 =
        fs::read_dir(third.data().join("segments")).unwrap().flatten().map(|e| e.metadata().unwrap().len()).sum();
    assert_eq!(bodies, 2_000_000);
}

#[tokio::test]
async fn a_backup_of_a_store_in_use_is_a_store() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    for n in 0..5 {
        client::get(&daemon, &origin.url(&format!("/bytes/50000?{n}"))).await;
    }
    rows::done(&daemon, "path:/bytes", 5).await;
    let to = daemon.place().home().join("copy");
    let to_text = to.to_str().unwrap();
    let made = daemon.waylay(&["store", "backup", to_text, "--json"]).await.expect(0).json();
    assert_eq!((&made["exchanges"], &made["body_bytes"]), (&json!(5), &json!(250_000)), "{made}");
    let refused = daemon.waylay(&["store", "backup", to_text]).await.expect(2).stderr;
    assert!(refused.contains("--force"), "{refused}");
    daemon.waylay(&["store", "backup", to_text, "--force"]).await.expect(0);
    let home = daemon.place().home();
    let inside = daemon.data().join("copy");
    daemon.waylay(&["store", "backup", inside.to_str().unwrap()]).await.expect(2);
    fs::write(home.join("mine"), "precious").unwrap();
    daemon.waylay(&["store", "backup", home.join("mine").to_str().unwrap(), "--force"]).await.expect(2);
    assert_eq!(fs::read_to_string(home.join("mine")).unwrap(), "precious");

    let run = async |args: &[&str]| {
        let mut command = program::command(program::waylay(), &home);
        program::run(command.arg("--data-dir").arg(&to).args(args)).await
    };
    let listed = run(&["ls", "--json"]).await.expect(0).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(run(&["store", "check", "--json"]).await.expect(0).json()["ok"], true);
    // Planted damage is found.
    let segment = fs::read_dir(to.join("segments")).unwrap().next().unwrap().unwrap().path();
    fs::File::options().write(true).open(segment).unwrap().set_len(220_000).unwrap();
    let damage = run(&["store", "check"]).await.expect(1).stdout;
    assert!(damage.contains("segments/0001 has 220000 bytes"), "{damage}");
}
