use super::harness::{Daemon, PATIENCE};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// An origin that answers every request with JSON: its path, and how many came before.
async fn origin() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&counted)));
        }
    });
    (port, asked)
}

async fn answer(mut stream: TcpStream, asked: Arc<AtomicUsize>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    if path.starts_with("/never") {
        tokio::time::sleep(PATIENCE).await;
        return;
    }
    let n = asked.fetch_add(1, Ordering::SeqCst);
    // "/same" says the same each time.
    let body = json!({ "path": path, "n": if path == "/same" { 0 } else { n } }).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len() + if path == "/broken" { 9 } else { 0 }
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

impl Daemon {
    async fn sent(&self, url: &str) -> String {
        let sent = self.post("/send", &json!({"request": {"url": url}, "environment": null}).to_string()).await;
        sent.json()["id"].as_str().unwrap_or_else(|| panic!("{sent:?}")).to_owned()
    }

    async fn ended(&self, id: i64) -> Value {
        let waited = async {
            loop {
                let replay = self.get(&format!("/replays/{id}")).await.json();
                if replay["state"] != "running" {
                    return replay;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waited).await.expect("the replay ends")
    }

    async fn replay(&self, asked: Value) -> Value {
        let begun = self.post("/replays", &asked.to_string()).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        self.ended(begun.json()["id"].as_i64().unwrap()).await
    }
}

#[tokio::test]
async fn what_was_captured_is_sent_again_and_compared() {
    let daemon = Daemon::start().await;
    let (port, asked) = origin().await;
    let mut ids = Vec::new();
    for path in ["/same", "/a", "/b"] {
        ids.push(daemon.sent(&format!("http://127.0.0.1:{port}{path}")).await);
    }
    let replay = daemon.replay(json!({"exchanges": ids, "name": "mine", "ignore": ["$.path"]})).await;
    assert_eq!(asked.load(Ordering::SeqCst), 6);
    let counts =
        ["total", "done", "same", "changed", "failed", "skipped", "sent"].map(|name| replay[name].as_i64().unwrap());
    assert_eq!((counts, replay["state"].as_str()), ([3, 3, 1, 2, 0, 0, 0], Some("done")), "{replay}");
    assert!(replay["name"] == "mine" && replay["ended_us"].as_i64() >= replay["started_us"].as_i64(), "{replay}");

    let id = replay["id"].as_i64().unwrap();
    let results = daemon.get(&format!("/replays/{id}/results?limit=2")).await.json();
    assert_eq!(results["items"][1]["summary"], json!(["$.n"]));
    assert_eq!((&results["items"][0]["verdict"], &results["next"]), (&json!("same"), &json!(2)));
    let rest = daemon.get(&format!("/replays/{id}/results?cursor=2&verdict=changed&details=true")).await.json();
    let last = &rest["items"][0];
    assert_eq!((&last["original"]["id"], &last["original"]["status"]), (&json!(ids[2]), &json!(200)));
    assert_eq!(
        last["comparison"]["differences"][0],
        json!({"part": "json", "path": "$.n", "kind": "changed", "a": "2", "b": "5"})
    );

    // A result is an exchange that knows what it replays, in a session of its own.
    let result = last["result"]["id"].as_str().unwrap();
    let exchange = daemon.get(&format!("/exchanges/{result}")).await.json();
    assert_eq!((&exchange["replays"], &exchange["source"]), (&json!(ids[2]), &json!("replay")));
    assert_eq!(daemon.get(&format!("/exchanges/{}", ids[2])).await.json()["replays"], Value::Null);
    let session = daemon.get(&format!("/sessions/{}", replay["session"])).await.json();
    assert_eq!((&session["state"], &session["exchanges"]), (&json!("stopped"), &json!(3)));
    let found = daemon.get(&format!("/exchanges?filter=is:replayed%20session:{}", replay["session"])).await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 3);

    let history = daemon.get("/history").await.json();
    let entries = history["items"].as_array().unwrap().iter().filter(|entry| entry["source"] == "replay").count();
    let sends = history["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "send").count();
    assert_eq!((entries, sends), (1, 3), "one entry for the whole: {history}");

    for format in ["json", "junit"] {
        let report = daemon.get(&format!("/replays/{id}/report?format={format}")).await;
        assert!(report.status == 200 && String::from_utf8_lossy(&report.body).contains("$.n"), "{report:?}");
    }
    assert_eq!(daemon.get("/replays").await.json()["items"][0]["id"], id);
    daemon.stop().await;
}

#[tokio::test]
async fn two_are_compared_by_the_rules_that_are_kept() {
    let daemon = Daemon::start().await;
    let (port, _) = origin().await;
    let a = daemon.sent(&format!("http://127.0.0.1:{port}/a")).await;
    let b = daemon.sent(&format!("http://127.0.0.1:{port}/b?x")).await;
    let diff = |query: &str| {
        let path = format!("/diff?a={a}&b={b}{query}");
        async { daemon.get(&{ path }).await.json() }
    };
    let paths = |diff: &Value| {
        let differences = diff["differences"].as_array().unwrap().iter();
        differences.map(|one| one["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let found = diff("").await;
    assert_eq!((paths(&found), &found["same"]), (vec!["$.path".to_owned(), "$.n".to_owned()], &json!(false)));
    assert!(found["info"]["size"][0].as_u64() < found["info"]["size"][1].as_u64(), "{found}");
    let found = diff("&ignore=$.path%0a$.n").await;
    assert_eq!((&found["same"], &found["ignored"]), (&json!(true), &json!(2 + found["ignored"].as_u64().unwrap() - 2)));

    let usual = daemon.get("/diff/rules").await.json();
    assert!(usual["noise"].is_null() && usual["usual_noise"].as_array().unwrap().contains(&json!("date")));
    let put = daemon.put("/diff/rules", &json!({"ignore": ["$.n"]})).await;
    assert_eq!((put.status, &put.json()["ignore"]), (200, &json!(["$.n"])));
    daemon.put("/diff/rules?session=0", &json!({"noise": [], "ignore": ["$.path"]})).await;
    let found = diff("").await;
    assert_eq!(paths(&found), ["content-length"], "nothing is noise in that session any more");
    assert_eq!(daemon.get("/diff/rules?session=0").await.json()["noise"], json!([]));
    for (bad, status) in
        [(json!({"ignore": ["x"]}), 400), (json!({"noise": ["a b"]}), 400), (json!({"ignored": []}), 400)]
    {
        assert_eq!(daemon.put("/diff/rules", &bad).await.status, status, "{bad}");
    }
    assert_eq!(daemon.put("/diff/rules?session=99", &json!({})).await.status, 404);
    assert_eq!(daemon.get(&format!("/diff?a={a}&b=99.1")).await.status, 404);
    assert_eq!(daemon.get(&format!("/diff?a={a}&b={b}&ignore=x")).await.status, 400);
    daemon.stop().await;
}

#[tokio::test]
async fn one_that_is_under_way_is_ended_and_bad_ones_do_not_begin() {
    let daemon = Daemon::start().await;
    let (port, _) = origin().await;
    let id = daemon.sent(&format!("http://127.0.0.1:{port}/same")).await;
    let waiting = daemon.exchange("/never", "", b"");
    let mut waiting = waiting;
    waiting.scheme = waylay_storage::model::Scheme::Http;
    (waiting.host, waiting.port) = ("127.0.0.1".into(), port);
    let waiting = daemon.store(waiting).await;
    let begun = daemon.post("/replays", &json!({"exchanges": [waiting.to_string(), id]}).to_string()).await.json();
    let replay = begun["id"].as_i64().unwrap();
    assert_eq!((&begun["state"], &begun["total"]), (&json!("running"), &json!(2)));
    let path = format!("/replays/{replay}");
    assert_eq!(daemon.get(&format!("{path}/report")).await.status, 409);
    assert_eq!(daemon.delete(&path).await.status, 204);
    let ended = daemon.ended(replay).await;
    assert_eq!(ended["state"], "cancelled", "{ended}");
    assert_eq!(daemon.delete(&path).await.status, 409);
    for (asked, status) in [
        (json!({}), 400),
        (json!({"session": 99}), 404),
        (json!({"exchanges": ["99.1"]}), 404),
        (json!({"exchanges": ["x"]}), 404),
        (json!({"filter": "host:nowhere"}), 400),
        (json!({"filter": "((("}), 400),
        (json!({"session": 0, "target": "nowhere"}), 400),
        (json!({"session": 0, "ignore": ["nothing"]}), 400),
        (json!({"session": 0, "surprise": 1}), 400),
    ] {
        let answer = daemon.post("/replays", &asked.to_string()).await;
        assert_eq!(answer.status, status, "{asked}: {answer:?}");
    }
    for path in ["/replays/99", "/replays/x", "/replays/99/results", "/replays/99/report"] {
        assert_eq!(daemon.get(path).await.status, 404, "{path}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn half_an_answer_is_not_compared_as_if_it_were_whole() {
    let daemon = Daemon::start().await;
    let (port, _) = origin().await;
    let [a, b] = [
        daemon.sent(&format!("http://127.0.0.1:{port}/broken")).await,
        daemon.sent(&format!("http://127.0.0.1:{port}/broken")).await,
    ];
    let compared = daemon.get(&format!("/diff?a={a}&b={b}")).await.json();
    assert!(compared.to_string().contains("it broke off"), "{compared}");
    daemon.stop().await;
}
