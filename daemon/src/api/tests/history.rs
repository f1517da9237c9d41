use super::harness::{Answer, Daemon};
use serde_json::{Value, json};
use waylay_storage::model::{ExchangeId, NewSend, SendEnd, SendState};

impl Daemon {
    pub(super) async fn put(&self, path: &str, body: &Value) -> Answer {
        let headers = self.program() + "Content-Type: application/json\r\n";
        self.ask("PUT", &format!("/api/v1{path}"), &headers, &body.to_string()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", &format!("/api/v1{path}"), &self.program(), "").await
    }

    /// An entry that was sent, and has an exchange of session 0.
    async fn entry(&self, url: &str) -> (i64, ExchangeId) {
        let mut exchange = self.exchange("/sent", "", b"hi");
        exchange.id = self.engine.store().ids().next_exchange(waylay_storage::model::SessionId::SENT);
        let id = self.store(exchange).await;
        let new = NewSend {
            at_us: crate::capture::recorder::now_us(),
            method: "GET".into(),
            url: url.into(),
            request: json!({ "url": url, "auth": { "type": "bearer", "token": "{{t}}" } }).to_string(),
            environment: Some("local".into()),
            made_from: None,
        };
        let end = SendEnd {
            state: SendState::Done,
            method: "GET".into(),
            url: url.into(),
            exchanges: vec![id.number],
            status: Some(200),
            duration_us: 30,
            bytes: 2,
            error: None,
        };
        let store = self.engine.store().clone();
        let send = tokio::task::spawn_blocking(move || {
            let send = store.begin_send(&new).unwrap();
            store.end_send(send, end).unwrap();
            send
        });
        (send.await.unwrap(), id)
    }

    async fn ids(&self, query: &str) -> Vec<Value> {
        let page = self.get(&format!("/history{query}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        page.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|i| i["kind"] == "send")
            .map(|i| i["id"].clone())
            .collect()
    }
}

#[tokio::test]
async fn the_history_is_paged_filtered_and_deleted_from() {
    let daemon = Daemon::start().await;
    let (one, exchange) = daemon.entry("http://a.test/sent?1").await;
    let (two, _) = daemon.entry("http://a.test/sent?2").await;
    let all = daemon.get("/history").await.json();
    let kinds: Vec<_> = all["items"].as_array().unwrap().iter().map(|i| i["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds, &all["next"]), (vec!["send", "send", "session"], &Value::Null));
    assert_eq!(all["items"][2]["session"], daemon.session().0);

    let page = daemon.get("/history?limit=1").await.json();
    assert_eq!(page["items"][0]["id"], two);
    assert_eq!(daemon.ids(&format!("?limit=1&cursor={}", page["next"].as_str().unwrap())).await, [one]);
    assert_eq!(daemon.ids("?filter=path:/sent").await, [two, one]);
    assert!(daemon.ids("?filter=host:b.test").await.is_empty());
    assert_eq!(daemon.ids(&format!("?like={two}")).await, [one]);

    let entire = daemon.get(&format!("/history/{one}")).await.json();
    assert_eq!(entire["exchange"], exchange.to_string());
    assert_eq!(entire["hops"][0]["url"], "http://a.test/sent");
    assert_eq!(entire["request"]["auth"]["token"], "{{t}}", "as it was written");

    let deletion = daemon.delete(&format!("/history/{one}")).await;
    assert_eq!((deletion.status, &deletion.json()["sends"]), (201, &json!(1)));
    assert_eq!(daemon.ids("").await, [two]);
    daemon.get(&format!("/exchanges/{exchange}")).await.error(404, "not_found");
    assert_eq!(daemon.delete(&format!("/deletions/{}", deletion.json()["id"])).await.status, 204);
    assert_eq!(daemon.ids("").await, [two, one]);
    assert_eq!(daemon.get(&format!("/exchanges/{exchange}")).await.status, 200);
    assert_eq!(daemon.delete("/history").await.json()["sends"], 2);
    assert!(daemon.ids("").await.is_empty());
    for (path, code) in [
        ("?limit=0", 400),
        ("?limit=1001", 400),
        ("?cursor=x", 400),
        ("?filter=(", 400),
        ("?like=99", 404),
        ("/x", 404),
    ] {
        assert_eq!(daemon.get(&format!("/history{path}")).await.status, code, "{path}");
    }
    daemon.delete(&format!("/history/{one}")).await.error(404, "not_found");
    daemon.stop().await;
}

#[tokio::test]
async fn what_was_captured_can_be_added() {
    let daemon = Daemon::start().await;
    let id = daemon.store(daemon.exchange("/form?a=1", "", b"hi")).await;
    let added = daemon.post("/history", &json!({ "exchange": id }).to_string()).await;
    assert_eq!(added.status, 201, "{added:?}");
    let added = added.json();
    assert_eq!((&added["sent"], &added["state"], &added["status"]), (&json!(false), &json!("done"), &json!(200)));
    assert_eq!((&added["exchange"], &added["from"]), (&json!(id), &json!(id)));
    assert_eq!(added["request"]["url"], "http://a.test/form?a=1");
    assert_eq!(daemon.ids("?filter=path:/form").await, [added["id"].clone()]);
    assert_eq!(daemon.delete(&format!("/history/{}", added["id"])).await.json()["exchanges"], 0);
    assert_eq!(daemon.get(&format!("/exchanges/{id}")).await.status, 200, "what was captured stays");
    let open = daemon.store_open(daemon.exchange("/open", "", b"")).await;
    daemon.post("/history", &json!({ "exchange": open }).to_string()).await.error(409, "conflict");
    for missing in ["7.77", "x"] {
        daemon.post("/history", &json!({ "exchange": missing }).to_string()).await.error(404, "not_found");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn responses_are_saved_or_not() {
    let daemon = Daemon::start().await;
    assert_eq!(daemon.get("/history/settings").await.json(), json!({ "save_responses": true }));
    let off = json!({ "save_responses": false });
    assert_eq!(daemon.put("/history/settings", &off).await.json(), off);
    assert_eq!(daemon.get("/history/settings").await.json(), off);
    daemon.put("/history/settings", &json!({})).await.error(400, "bad_request");
    daemon.stop().await;
}
