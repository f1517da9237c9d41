//! Captured requests are sent again by the sending path, and every answer is compared with the one that came the first time.

use http::{Method, Request};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use waylay_tests::{
    client::{self, Answer, Speak, empty, full, raw},
    daemon::Daemon,
    origin::{Origin, Scripted, Wire},
    program::{self, Output},
    rows, wait,
};

/// What a request looks like to the app.
struct Asked {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Header lines and body of an answer with status 200, or with the status that a `:` line names.
type Handler = dyn Fn(&Asked) -> (String, String) + Send + Sync;

/// An app that answers by a function, and notes each request in the order in which they come.
struct App {
    origin: Scripted,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl App {
    async fn start(handler: impl Fn(&Asked) -> (String, String) + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (notes, handler): (_, Arc<Handler>) = (Arc::clone(&asked), Arc::new(handler));
        let origin = Scripted::tcp(move |wire| serve(wire, Arc::clone(&handler), Arc::clone(&notes))).await;
        Self { origin, asked }
    }

    fn url(&self, path: &str) -> String {
        self.origin.url(path)
    }

    fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn serve(mut wire: Wire, handler: Arc<Handler>, notes: Arc<Mutex<Vec<Asked>>>) -> io::Result<()> {
    loop {
        let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default().to_owned();
        let headers =
            lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let mut asked = Asked { line, headers, body: Vec::new() };
        let length = asked.header("content-length").parse().unwrap_or(0);
        asked.body = wire.exactly(length).await?;
        let (fields, body) = handler(&asked);
        if fields == "never" {
            notes.lock().unwrap().push(asked);
            return wire.to_end().await;
        }
        notes.lock().unwrap().push(asked);
        let (status, fields) = match fields.strip_prefix(':').and_then(|rest| rest.split_once('\n')) {
            Some((status, rest)) => (status.to_owned(), rest.to_owned()),
            None => ("200 OK".to_owned(), fields),
        };
        let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len());
        wire.send(head).await?;
    }
}

const JSON: &str = "Content-Type: application/json\r\n";

/// A shop whose third price can be changed.
async fn shop(price: Arc<Mutex<u32>>) -> App {
    App::start(move |asked| {
        let path = asked.line.split(' ').nth(1).unwrap_or_default();
        let body = match path {
            "/items" => {
                let price = *price.lock().unwrap();
                json!({ "items": [{"price": 1}, {"price": 2}, {"price": price}], "at": std::process::id() })
            }
            _ => json!({ "path": path, "body": String::from_utf8_lossy(&asked.body) }),
        };
        (format!("{JSON}Date: {:?}\r\n", std::time::Instant::now()), body.to_string())
    })
    .await
}

/// Captures a GET for each path, one after the other, and waits for the rows.
async fn capture(daemon: &Daemon, app: &App, paths: &[&str]) -> Vec<Value> {
    for path in paths {
        client::get(daemon, &app.url(path)).await;
    }
    let rows = rows::done(daemon, "", paths.len()).await;
    app.take();
    rows
}

async fn ended(daemon: &Daemon, id: &Value) -> Value {
    wait::until("the replay to end", || async {
        let replay = daemon.api().get(&format!("/replays/{id}")).await;
        (replay["state"] != "running").then_some(replay)
    })
    .await
}

/// Replays by the API, to the end.
async fn replay(daemon: &Daemon, asked: Value) -> Value {
    let begun = daemon.api().post("/replays", &asked).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    ended(daemon, &begun.json()["id"]).await
}

async fn results(daemon: &Daemon, replay: &Value) -> Vec<Value> {
    let page = daemon.api().get(&format!("/replays/{}/results?details=true", replay["id"])).await;
    page["items"].as_array().unwrap().clone()
}

fn verdicts(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["verdict"].as_str().unwrap()).collect()
}

async fn validated(place: &Daemon, report: &str) -> Output {
    let schema = program::tests_folder().join("fixtures/junit/junit-10.xsd");
    let check = "import sys, xmlschema; xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])";
    let mut python = program::command(program::need(&["python3"]), &place.place().home());
    program::run(python.args(["-c", check, schema.to_str().unwrap(), report])).await
}

#[tokio::test]
async fn a_changed_answer_is_named_by_its_path_and_fails_the_replay() {
    let daemon = Daemon::start().await;
    let price = Arc::new(Mutex::new(3));
    let app = shop(Arc::clone(&price)).await;
    capture(&daemon, &app, &["/a", "/items", "/b?x=1"]).await;
    let same = daemon.waylay(&["replay", "1"]).await.expect(0);
    assert!(same.stderr.contains("3 requests: 3 same; in session 2") && same.stdout.is_empty(), "{same:?}");

    *price.lock().unwrap() = 4;
    let folder = daemon.place().home();
    let files = ["junit.xml", "report.json"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    let args = ["replay", "1", "--report", "junit", &files[0], "--report", "json", &files[1]];
    let changed = daemon.waylay(&args).await.expect(1);
    let line = format!("changed     2  GET {}  $.items[2].price\n", app.url("/items"));
    assert_eq!(changed.stdout, line);
    assert!(changed.stderr.contains("3 requests: 2 same, 1 changed; in session 3"), "{changed:?}");
    validated(&daemon, &files[0]).await.expect(0);
    let junit = std::fs::read_to_string(&files[0]).unwrap();
    assert!(junit.contains("message=\"$.items[2].price\"") && junit.contains("$.items[2].price: 3 → 4"), "{junit}");
    std::fs::write(&files[0], junit.replace(" type=\"changed\"", " kind=\"changed\"")).unwrap();
    validated(&daemon, &files[0]).await.expect(1);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&files[1]).unwrap()).unwrap();
    assert_eq!((&report["replay"]["changed"], report["results"].as_array().unwrap().len()), (&json!(1), 3));

    let ignored = daemon.waylay(&["replay", "1", "--ignore", "$.items[*].price", "--json"]).await.expect(0).json();
    assert_eq!((&ignored["replay"]["same"], &ignored["results"][1]["verdict"]), (&json!(3), &json!("same")));
    let not = daemon.waylay(&["replay", "path:/items", "session:1", "--no-diff"]).await.expect(0);
    assert!(not.stderr.contains("1 request: 1 not compared"), "{not:?}");
    let rules = json!({ "ignore": ["$.items"] }).to_string();
    let api = daemon.api();
    let put = api.ask(Method::PUT, "/diff/rules?session=1", &[("content-type", "application/json")], &rules);
    assert_eq!(put.await.status, 200);
    daemon.waylay(&["replay", "1"]).await.expect(0);

    // All of it is one entry of the history each, and its exchanges say what they replay.
    let history = daemon.waylay(&["history", "list", "--json"]).await.expect(0).json();
    let kinds: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| &entry["source"]).collect();
    assert_eq!(kinds, ["proxy", "replay", "replay", "replay", "replay", "replay"], "{history}");
    let row = rows::done(&daemon, "session:3", 3).await.remove(1);
    assert_eq!(rows::detail(&daemon, &row).await["replays"], "1.2");
    daemon.waylay(&["replay", "9"]).await.expect(4);
    daemon.waylay(&["replay", "1", "--target", "nowhere"]).await.expect(2);
    daemon.waylay(&["replay", "1", "--report", "html", "x"]).await.expect(2);
}

#[tokio::test]
async fn requests_go_out_as_they_were_and_another_server_can_stand_in() {
    let daemon = Daemon::start().await;
    let app = shop(Arc::default()).await;
    let other = shop(Arc::default()).await;
    let binary: Vec<u8> = (0..=255).collect();
    let request = Request::post(app.url("/up%2Fload?q={{x}}&b=%zz"))
        .header("X-Case", "ÿ")
        .header("x-two", "1")
        .header("x-two", "2")
        .header("Authorization", "Bearer {{token}}")
        .body(full(binary.clone()))
        .unwrap();
    assert_eq!(client::fetch(&daemon, Speak::Http1, request).await.status, 200);
    rows::done(&daemon, "", 1).await;
    let first = app.take().remove(0);
    let replayed = replay(&daemon, json!({"session": 1})).await;
    assert_eq!(replayed["same"], 1, "{replayed}");
    let again = app.take().remove(0);
    let told = |asked: &Asked| {
        let mut headers: Vec<_> = asked.headers.iter().map(|(k, v)| (k.to_ascii_lowercase(), v.clone())).collect();
        headers.sort();
        (asked.line.clone(), headers, asked.body.clone())
    };
    assert_eq!(told(&again), told(&first));
    assert_eq!(again.body, binary);

    let target = other.url("");
    let said = daemon.waylay(&["replay", "1.1", "--target", &target, "--name", "to the other"]).await.expect(0);
    assert!(said.stderr.contains("1 request: 1 same"), "{said:?}");
    assert!(app.take().is_empty());
    let there = other.take().remove(0);
    assert_eq!((there.line, there.body), (first.line, binary));
    assert_eq!(there.headers.iter().find(|(k, _)| k.eq_ignore_ascii_case("host")).unwrap().1, other.origin.authority());
    assert_eq!(daemon.api().get("/replays").await["items"][0]["name"], "to the other");
}

#[tokio::test]
async fn cookies_evolve_as_answers_set_them() {
    let daemon = Daemon::start().await;
    let sessions = Mutex::new(0);
    // Each login has a session of its own, and only the last one is good.
    let app = App::start(move |asked| {
        let mut last = sessions.lock().unwrap();
        let path = asked.line.split(' ').nth(1).unwrap_or_default();
        if path == "/login" {
            *last += 1;
            return (format!("{JSON}Set-Cookie: sid=s{last}; Path=/; HttpOnly\r\n"), "{}".to_owned());
        }
        let good = format!("sid=s{last}; theme=dark");
        match asked.header("cookie") == good {
            true => (JSON.to_owned(), r#"{"user":"ann"}"#.to_owned()),
            false => (format!(":401 Unauthorized\n{JSON}"), r#"{"error":"who are you?"}"#.to_owned()),
        }
    })
    .await;
    client::get(&daemon, &app.url("/login")).await;
    let me = Request::get(app.url("/me")).header("cookie", "sid=s1; theme=dark").body(empty()).unwrap();
    assert_eq!(client::fetch(&daemon, Speak::Http1, me).await.status, 200);
    rows::done(&daemon, "", 2).await;
    let evolved = replay(&daemon, json!({"session": 1})).await;
    assert_eq!(evolved["same"], 2, "{evolved}");
    let captured = daemon.waylay(&["replay", "1", "--cookies", "captured"]).await.expect(1);
    assert!(captured.stdout.contains("status 200 → 401"), "{captured:?}");
    app.take();
    replay(&daemon, json!({"session": 1, "cookies": "none"})).await;
    assert!(app.take().iter().all(|asked| asked.header("cookie").is_empty()));
}

#[tokio::test]
async fn as_many_are_under_way_as_then_or_as_given() {
    let daemon = Daemon::start().await;
    // Answers to /w come when there are as many of them as the query says.
    let waiting: Arc<(Mutex<usize>, tokio::sync::Notify)> = Arc::default();
    let counted = Arc::clone(&waiting);
    let origin = Scripted::tcp(move |mut wire| {
        let waiting = Arc::clone(&counted);
        async move {
            loop {
                let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
                if head.starts_with("GET /w") {
                    let enough = || *waiting.0.lock().unwrap() >= 2;
                    *waiting.0.lock().unwrap() += 1;
                    waiting.1.notify_waiters();
                    while !enough() {
                        let _ = tokio::time::timeout(Duration::from_millis(20), waiting.1.notified()).await;
                    }
                }
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
            }
        }
    })
    .await;
    // Two that overlap: neither is answered before the other has come.
    let (a, b) = (origin.url("/w1"), origin.url("/w2"));
    let both = async { tokio::join!(client::get(&daemon, &a), client::get(&daemon, &b)) };
    both.await;
    client::get(&daemon, &origin.url("/last")).await;
    rows::done(&daemon, "", 3).await;
    *waiting.0.lock().unwrap() = 0;
    let replayed = replay(&daemon, json!({"session": 1})).await;
    assert_eq!(replayed["same"], 3, "both must be under way at once: {replayed}");
    *waiting.0.lock().unwrap() = 0;
    let replayed =
        replay(&daemon, json!({"session": 1, "concurrency": 2, "timing": "fixed", "interval_ms": 300})).await;
    assert_eq!(replayed["same"], 3, "{replayed}");
    let took = replayed["ended_us"].as_i64().unwrap() - replayed["started_us"].as_i64().unwrap();
    assert!(took >= 600_000, "two pauses of 300 ms: {took}");
}

#[tokio::test]
async fn one_that_is_ended_frees_its_sockets() {
    let daemon = Daemon::start().await;
    let hangs = Arc::new(Mutex::new(false));
    let stuck = Arc::clone(&hangs);
    let app = App::start(move |_| match *stuck.lock().unwrap() {
        true => ("never".to_owned(), String::new()),
        false => (JSON.to_owned(), "{}".to_owned()),
    })
    .await;
    capture(&daemon, &app, &["/a", "/b"]).await;
    *hangs.lock().unwrap() = true;
    let begun = daemon.api().post("/replays", &json!({"session": 1, "concurrency": 1})).await.json();
    wait::until("the first request", || async { (!app.asked.lock().unwrap().is_empty()).then_some(()) }).await;
    let path = format!("/replays/{}", begun["id"]);
    assert_eq!(daemon.api().ask(Method::DELETE, &path, &[], "").await.status, 204);
    let over = ended(&daemon, &begun["id"]).await;
    assert_eq!((&over["state"], &over["done"], &over["failed"]), (&json!("cancelled"), &json!(1), &json!(1)), "{over}");
    assert_eq!(results(&daemon, &over).await[0]["error"]["stage"], "cancelled");
    let row = rows::done(&daemon, "session:2", 1).await.remove(0);
    assert_eq!((&row["failure"]["side"], &row["failure"]["reason"]), (&json!("waylay"), &json!("cancelled")), "{row}");
    assert_eq!(daemon.api().get("/sessions/2").await["state"], "stopped");

    // Ctrl-C does the same.
    app.take();
    let place = daemon.place();
    let mut command = program::command(program::waylay(), &place.home());
    command.arg("--data-dir").arg(place.data()).args(["replay", "1"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    wait::until("a request", || async { (!app.asked.lock().unwrap().is_empty()).then_some(()) }).await;
    let pid = rustix::process::Pid::from_raw(child.id().unwrap() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = wait::within("the command to end", child.wait_with_output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(130) && said.contains("cancelled after"), "{output:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_again_is_skipped_and_our_own_ports_are_refused() {
    let daemon = Daemon::start().await;
    let app = shop(Arc::default()).await;
    client::get(&daemon, &app.url("/a")).await;
    // A tunnel that leads nowhere: nothing listens on a port that was bound and let go.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut socket = raw::connect(daemon.proxy()).await;
    raw::send(&mut socket, format!("CONNECT {gone} HTTP/1.1\r\nHost: {gone}\r\n\r\nSSH-2.0-x\r\n")).await;
    raw::read_to_end(&mut socket).await;
    rows::done(&daemon, "", 2).await;
    let over = replay(&daemon, json!({"session": 1})).await;
    assert_eq!((&over["same"], &over["skipped"], &over["total"]), (&json!(1), &json!(1), &json!(2)), "{over}");
    let results = results(&daemon, &over).await;
    assert_eq!((verdicts(&results), &results[1]["result"]), (vec!["same", "skipped"], &Value::Null));
    assert!(results[1]["error"]["message"].as_str().unwrap().starts_with("It was not sent: "), "{}", results[1]);

    for own in [daemon.ui().port(), daemon.proxy().port()] {
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            let over = replay(&daemon, json!({"exchanges": ["1.1"], "target": format!("http://{host}:{own}")})).await;
            let results = self::results(&daemon, &over).await;
            assert_eq!(
                (verdicts(&results), &results[0]["error"]["stage"]),
                (vec!["failed"], &json!("policy")),
                "{host}"
            );
        }
    }
}

#[tokio::test]
async fn requests_of_a_collection_are_compared_with_their_examples() {
    let daemon = Daemon::start().await;
    let app = shop(Arc::default()).await;
    let api = daemon.api();
    let post = async |path: &str, body: Value| -> Answer {
        let answer = api.post(path, &body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        answer
    };
    let made =
        post("/collections", json!({"name": "Shop", "variables": [{"key": "base", "value": app.url("")}]})).await;
    let id = made.json()["id"].as_i64().unwrap();
    let example = json!({"name": "200", "status": 200, "headers": [{"key": "Content-Type", "value": "application/json"}],
        "body": {"mode": "text", "text": r#"{"path":"/v1/a","body":"hi"}"#}});
    let items = [
        json!({"kind": "request", "name": "A", "request": {"method": "POST", "url": "{{base}}/{{version}}/a",
            "body": {"mode": "raw", "raw": "hi"}}, "variables": [{"key": "version", "value": "v1"}], "examples": [example]}),
        json!({"kind": "request", "name": "B", "request": {"url": "{{base}}/b"}}),
        json!({"kind": "request", "name": "C", "request": {"url": "{{nowhere}}/c"}}),
    ];
    let mut numbers = BTreeMap::new();
    for item in items {
        let answer = post(&format!("/collections/{id}/items"), json!({"parent": null, "item": item})).await;
        numbers.insert(item["name"].as_str().unwrap().to_owned(), answer.json()["id"].clone());
    }
    let over = replay(&daemon, json!({"collection": id})).await;
    let found = results(&daemon, &over).await;
    assert_eq!(verdicts(&found), ["same", "sent", "failed"], "{found:#?}");
    assert_eq!((&found[0]["original"]["name"], &found[0]["original"]["item"]), (&json!("A"), &numbers["A"]));
    assert_eq!(found[2]["error"]["stage"], "variables");
    let asked: Vec<_> = app.take().into_iter().map(|asked| asked.line).collect();
    assert_eq!(asked, ["POST /v1/a HTTP/1.1", "GET /b HTTP/1.1"]);

    let other = Origin::plain().await;
    let target = other.url("").trim_end_matches('/').to_owned();
    let said = daemon.waylay(&["replay", &format!("item:{}", numbers["A"]), "--target", &target]).await.expect(1);
    assert!(said.stdout.contains("changed     1  A  "), "{said:?}");
    assert_eq!(other.notes().requests()[0].target, "/v1/a");
    daemon.waylay(&["replay", "collection:99"]).await.expect(4);
}
