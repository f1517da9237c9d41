//! What is kept for how long: by age, until a time that a session has of its own, and looked at when it ends.

use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use waylay_tests::{
    client,
    daemon::{Daemon, Launch},
    origin::Origin,
    rows, wait,
};

const DAY: i64 = 86_400_000_000;

fn now_us() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// Begins a session, which ends the one before, and captures an exchange in it. Gives back its number.
async fn recorded(daemon: &Daemon, origin: &Origin, name: &str) -> i64 {
    let begun = daemon.api().post("/sessions", &json!({ "name": name })).await.json();
    client::get(daemon, &origin.url(&format!("/json?{name}"))).await;
    rows::one(daemon, &format!("path:?{name}")).await;
    begun["id"].as_i64().unwrap()
}

async fn sessions(daemon: &Daemon) -> Vec<i64> {
    let all = daemon.api().get("/sessions").await;
    all["items"].as_array().unwrap().iter().map(|s| s["id"].as_i64().unwrap()).collect()
}

/// Waits until a session is gone, and its exchanges with it.
async fn gone(daemon: &Daemon, id: i64) {
    wait::until(&format!("session {id} to go"), || async { (!sessions(daemon).await.contains(&id)).then_some(()) })
        .await;
    assert_eq!(rows::list(daemon, &format!("session:{id}")).await.len(), 0);
}

async fn patch(daemon: &Daemon, id: i64, changes: &Value) -> client::Answer {
    let json = [("content-type", "application/json")];
    daemon.api().ask(Method::PATCH, &format!("/sessions/{id}"), &json, &changes.to_string()).await
}

#[tokio::test]
async fn what_is_too_old_goes_when_the_daemon_starts_and_the_rest_stays() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let mut ids = Vec::new();
    for name in ["old", "pinned", "kept", "young"] {
        ids.push(recorded(&daemon, &origin, name).await);
    }
    let [old, pinned, kept, young] = ids[..] else { unreachable!() };
    daemon.waylay(&["session", "pin", &pinned.to_string()]).await.expect(0);
    daemon.waylay(&["session", "keep", &kept.to_string(), "2d"]).await.expect(0);
    daemon.waylay(&["session", "stop"]).await.expect(0);
    let place = daemon.stop().await;
    let db = Connection::open(place.data().join("waylay.db")).unwrap();
    let aged = "UPDATE session SET ended_us = ended_us - ?1 WHERE id IN (?2, ?3, ?4)";
    assert_eq!(db.execute(aged, [30 * DAY + 1, old, pinned, kept]).unwrap(), 3);
    drop(db);
    place.waylay(&["config", "set", "retention.max_age", "30d"]).await.expect(0);
    let again = Launch::at(place).start().await;
    gone(&again, old).await;
    let told = wait::until("what went to be told", || async {
        let last = again.api().get("/status").await["retention"]["last"].clone();
        (!last.is_null()).then_some(last)
    });
    let last = told.await;
    assert_eq!((&last["sessions"], &last["exchanges"]), (&json!(1), &json!(1)), "{last}");
    let left = sessions(&again).await;
    assert!([pinned, kept, young].iter().all(|id| left.contains(id)), "{left:?}");
    assert_eq!(rows::list(&again, &format!("session:{kept}")).await.len(), 1);
    let said = again.waylay(&["session", "show", &kept.to_string()]).await.expect(0).stdout;
    assert!(said.contains("kept      until 20"), "{said}");
}

#[tokio::test]
async fn a_session_goes_at_the_time_it_was_given_and_once_it_is_over() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let first = recorded(&daemon, &origin, "first").await;
    let current = recorded(&daemon, &origin, "current").await;
    let soon = json!({ "keep_until_us": now_us() + 1_500_000 });
    for id in [first, current] {
        let answer = patch(&daemon, id, &soon).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["keep_until_us"]), (200, &soon["keep_until_us"]));
    }
    gone(&daemon, first).await;
    assert!(now_us() >= soon["keep_until_us"].as_i64().unwrap(), "not before");
    assert!(sessions(&daemon).await.contains(&current), "it is not over");
    daemon.waylay(&["session", "stop"]).await.expect(0);
    gone(&daemon, current).await;
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let id = recorded(&daemon, &origin, "one").await;
    for (id, until, status) in [
        (id, json!(now_us() - 1), 400_u16),
        (id, json!(-1), 400),
        (id, json!("30d"), 400),
        (id, json!(1.5), 400),
        (0, json!(now_us() + DAY), 409),
        (99, json!(now_us() + DAY), 404),
        (id, json!(null), 200),
    ] {
        let answer = patch(&daemon, id, &json!({ "keep_until_us": until })).await;
        assert_eq!(answer.status, status, "{id} {until}: {}", answer.text());
    }
    for age in ["3", "0d", "-1d", "1y", ""] {
        daemon.waylay(&["session", "keep", &id.to_string(), age]).await.expect(2);
    }
    daemon.waylay(&["session", "keep", "@current", "90m"]).await.expect(0);
    let path = format!("/sessions/{id}");
    let until = daemon.api().get(&path).await["keep_until_us"].as_i64().unwrap();
    assert!((until - now_us() - 90 * 60_000_000).abs() < 60_000_000, "{until}");
    let seen = daemon.waylay(&["sql", "SELECT keep_until_us FROM v_sessions WHERE id > 0 AND keep_until_us", "--json"]);
    assert!(seen.await.expect(0).stdout.contains(&until.to_string()));
    daemon.waylay(&["session", "keep", &id.to_string(), "off"]).await.expect(0);
    assert_eq!(daemon.api().get(&path).await["keep_until_us"], Value::Null);
}
