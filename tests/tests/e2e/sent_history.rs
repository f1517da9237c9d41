//! What is sent, in the history: with which variables, how it ended, what is kept of it.

use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    client::Answer,
    daemon::{Daemon, Launch},
    origin::Origin,
    rows, wait,
};

async fn send(daemon: &Daemon, request: Value) -> Value {
    let answer = daemon.api().post("/send", &json!({ "request": request })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn put(daemon: &Daemon, path: &str, body: &Value) -> Answer {
    daemon.api().ask(Method::PUT, path, &[("content-type", "application/json")], &body.to_string()).await
}

async fn history(daemon: &Daemon, args: &[&str]) -> Vec<Value> {
    let list = daemon.waylay(&[&["history", "list", "--json"], args].concat()).await.expect(0).json();
    list["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "send").cloned().collect()
}

#[tokio::test]
async fn every_attempt_is_listed_filtered_deleted_and_brought_back() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let base = format!("base={}", origin.url(""));
    daemon.waylay(&["environment", "new", "local", &base]).await.expect(0);
    daemon.waylay(&["environment", "set", "local", "token=s3cret", "--secret"]).await.expect(0);
    daemon.waylay(&["environment", "use", "local"]).await.expect(0);
    let bearer = json!({ "type": "bearer", "token": "{{token}}" });
    let sent = send(&daemon, json!({ "url": "{{base}}/redirect?n=1", "auth": bearer })).await;
    assert_eq!((&sent["error"], sent["hops"].as_array().unwrap().len()), (&Value::Null, 2), "{sent}");
    let failed = send(&daemon, json!({ "method": "PUT", "url": "{{base}}/{{nowhere}}" })).await;
    assert_eq!(failed["error"]["stage"], "variables", "{failed}");
    let again = send(&daemon, json!({ "url": "{{base}}/redirect?n=2" })).await;

    let all = history(&daemon, &[]).await;
    let states: Vec<_> =
        all.iter().map(|item| (item["id"].as_i64().unwrap(), item["state"].as_str().unwrap())).collect();
    assert_eq!(states, [(1, "done"), (2, "failed"), (3, "done")]);
    assert_eq!(
        (&all[0]["exchange"], &all[0]["status"], &all[0]["environment"]),
        (&sent["id"], &json!(200), &json!("local"))
    );
    assert_eq!((&all[1]["exchange"], &all[1]["method"]), (&Value::Null, &json!("PUT")));
    assert_eq!(all[0]["url"], origin.url("/redirect?n=1"), "as it was sent");
    assert_eq!(history(&daemon, &["status:302"]).await.len(), 2, "a hop is enough");
    assert_eq!(history(&daemon, &["path:n=2"]).await[0]["id"], again["send"]);
    assert_eq!(history(&daemon, &["--like", "3"]).await[0]["id"], 1);

    let shown = daemon.waylay(&["history", "show", "1"]).await.expect(0).stdout;
    assert!(shown.contains("{{base}}/redirect?n=1") && shown.contains("auth        bearer"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
    let shown = daemon.waylay(&["history", "show", "1", "--json"]).await.expect(0).json();
    assert_eq!((&shown["request"]["auth"]["token"], shown["hops"].as_array().unwrap().len()), (&json!("{{token}}"), 2));
    let shown = daemon.waylay(&["history", "show", "2"]).await.expect(0).stdout;
    assert!(shown.contains("failed at   variables: ") && shown.contains("nowhere"), "{shown}");

    let said = daemon.waylay(&["history", "rm", "1"]).await.expect(0).stderr;
    assert!(said.contains("1 entry of the history and 2 exchanges deleted"), "{said}");
    assert_eq!((history(&daemon, &[]).await.len(), rows::list(&daemon, "session:0").await.len()), (2, 2));
    daemon.waylay(&["rm", "--undo", "1"]).await.expect(0);
    assert_eq!(rows::list(&daemon, "session:0").await.len(), 4);
    assert_eq!(history(&daemon, &[]).await, all, "all is as it was");
    daemon.waylay(&["history", "clear", "--yes"]).await.expect(0);
    assert!(history(&daemon, &[]).await.is_empty() && rows::list(&daemon, "session:0").await.is_empty());
}

#[tokio::test]
async fn responses_are_kept_or_not_as_it_is_set() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let kept = async |n: u32| {
        let sent = send(&daemon, json!({ "url": origin.url(&format!("/json?{n}")) })).await;
        let path = format!("/exchanges/{}/response/body", sent["id"].as_str().unwrap());
        let answer = daemon.api().ask(Method::GET, &path, &[], "").await;
        let omitted = answer.headers.get("x-waylay-omitted").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(sent["exchange"]["status"], 200);
        (answer.text().contains("waylay"), omitted)
    };
    assert_eq!(kept(1).await, (true, None));
    assert_eq!(put(&daemon, "/history/settings", &json!({ "save_responses": false })).await.status, 200);
    assert_eq!(kept(2).await, (false, Some("response".into())));
    assert_eq!(put(&daemon, "/history/settings", &json!({ "save_responses": true })).await.status, 200);
    assert_eq!(kept(3).await, (true, None));
}

#[tokio::test]
async fn what_a_killed_daemon_was_sending_is_interrupted() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let (api, request) = (daemon.api(), json!({ "request": { "url": origin.url("/slow-head") } }));
    // Nobody answers this one.
    let asked = tokio::spawn(async move { api.post("/send", &request).await });
    let api = daemon.api();
    wait::until("the entry", || async {
        let list = api.get("/history").await;
        list["items"].as_array()?.iter().any(|item| item["state"] == "running").then_some(())
    })
    .await;
    let refused = daemon.waylay(&["history", "rm", "1"]).await.expect(2).stderr;
    assert!(refused.contains("still under way"), "{refused}");
    let place = daemon.kill().await;
    assert!(asked.await.is_err(), "the daemon is gone");
    let daemon = Launch::at(place).start().await;
    let list = history(&daemon, &[]).await;
    assert_eq!((list.len(), &list[0]["state"]), (1, &json!("interrupted")));
    daemon.waylay(&["history", "rm", "1"]).await.expect(0);
}
