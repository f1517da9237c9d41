//! The control API as another program uses it.

use http::Method;
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, raw},
    daemon::Daemon,
    origin::{Origin, routes::ENCODED},
    rows, wait,
};

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for i in 0..7 {
        client::get(&daemon, &origin.url(&format!("/json?{i}"))).await;
    }
    rows::done(&daemon, "path:/json", 7).await;
    let api = daemon.api();
    let mut pages = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let before = if cursor.is_null() { String::new() } else { format!("&before={cursor}") };
        let page = api.get(&format!("/exchanges?limit=3{before}")).await;
        let paths = page["items"].as_array().unwrap().iter().map(|r| r["path"].as_str().unwrap().to_owned());
        pages.push(paths.collect::<Vec<_>>());
        cursor = page["before"].clone();
        if cursor.is_null() {
            break;
        }
    }
    let expected = [vec!["/json?4", "/json?5", "/json?6"], vec!["/json?1", "/json?2", "/json?3"], vec!["/json?0"]];
    assert_eq!(pages, expected);
    assert_eq!(api.get("/exchanges?limit=3&filter=path%3A%2Fjson").await["matched"], 7);
}

#[tokio::test]
async fn errors_have_one_shape_and_the_right_status() {
    let daemon = Daemon::start().await;
    let json_type = ("content-type", "application/json");
    for (method, path, body, status) in [
        (Method::GET, "/exchanges/9.9", "", 404),
        (Method::GET, "/exchanges/nonsense", "", 404),
        (Method::GET, "/exchanges/9.9/response/body", "", 404),
        (Method::GET, "/sessions/99", "", 404),
        (Method::GET, "/exchanges?limit=0", "", 400),
        (Method::GET, "/exchanges?limit=many", "", 400),
        (Method::GET, "/nothing", "", 404),
        (Method::PUT, "/status", "", 405),
        (Method::POST, "/send", "{", 400),
        (Method::POST, "/send", r#"{"method":"GET","url":"not a url"}"#, 400),
        (Method::DELETE, "/runs/99", "", 404),
    ] {
        let answer = daemon.api().ask(method.clone(), path, &[json_type], body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let error = &answer.json()["error"];
        assert!(error["code"].is_string() && error["message"].is_string(), "{method} {path}: {error}");
    }
    let answer = daemon.api().ask(Method::GET, "/exchanges?filter=x%20metod%3AGET", &[], "").await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status.as_u16(), &error["offset"], &error["length"]), (400, &2.into(), &5.into()), "{error}");
    assert!(error.to_string().contains("method"), "the nearest key is named: {error}");
}

#[tokio::test]
async fn bodies_come_raw_as_an_attachment_and_decoded_as_text() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let answer = client::get(&daemon, &origin.url(&format!("/{coding}"))).await;
        let row = rows::one(&daemon, &format!("path:/{coding}")).await;
        let path = format!("/exchanges/{}/response/body", rows::id(&row));
        let stored = daemon.api().ask(Method::GET, &path, &[], "").await;
        assert_eq!(stored.body, answer.body, "{coding}: stored as transferred");
        assert!(stored.header("content-disposition").starts_with("attachment"), "{:?}", stored.headers);
        assert_eq!(stored.header("x-content-type-options"), "nosniff");
        assert_eq!(stored.header("content-type"), "application/octet-stream");
        assert!(stored.header("content-security-policy").contains("sandbox"), "{:?}", stored.headers);

        let decoded = daemon.api().ask(Method::GET, &format!("{path}?decoded=true"), &[], "").await;
        assert_eq!(decoded.text(), ENCODED, "{coding}");
        assert!(decoded.header("content-type").starts_with("text/plain"), "{:?}", decoded.headers);
        let cut = daemon.api().ask(Method::GET, &format!("{path}?decoded=true&limit=4"), &[], "").await;
        assert_eq!((cut.text().as_str(), cut.header("x-waylay-truncated")), (&ENCODED[..4], "true"), "{coding}");
    }
}

#[tokio::test]
async fn events_tell_of_new_and_changed_rows_and_resume() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let mut events = Events::open(&daemon, None).await;
    client::get(&daemon, &origin.url("/json?one")).await;
    events.until("/json?one").await;
    let id = events.last_id.clone();
    drop(events);
    client::get(&daemon, &origin.url("/json?two")).await;
    rows::one(&daemon, &rows::of(&origin.url("/json?two"))).await;
    let mut resumed = Events::open(&daemon, Some(&id)).await;
    assert_eq!(resumed.until("/json?two").await, "exchanges", "what happened in between is not lost");
    let mut strange = Events::open(&daemon, Some("999999999")).await;
    strange.named("resync").await;
}

#[tokio::test]
async fn events_tell_of_sessions_the_proxy_and_what_is_withdrawn() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let api = daemon.api();
    let mut events = Events::open(&daemon, None).await;
    let begun = api.post("/sessions", &json!({"name": "ruled", "rules": {"status": ["5xx"]}})).await.json();
    events.told("session", "\"stopped\"").await;
    events.told("session", "\"ruled\"").await;
    let url = origin.url("/slow-head");
    let (answer, told) = tokio::join!(client::get(&daemon, &url), async {
        let told = events.until("/slow-head").await;
        origin.notes().open_gate();
        told
    });
    assert_eq!((answer.status.as_u16(), told.as_str()), (200, "exchanges"));
    events.told("deleted", &format!("[\"{}.1\"]", begun["id"])).await;
    events.told("session", "\"left_out\":1").await;
    let put = [("content-type", "application/json")];
    api.ask(Method::PUT, "/proxy", &put, "{\"on\":false}").await;
    events.told("proxy", "\"on\":false").await;
}

/// The event stream, read by hand.
struct Events {
    socket: tokio::net::TcpStream,
    last_id: String,
}

impl Events {
    async fn open(daemon: &Daemon, last: Option<&str>) -> Self {
        let mut socket = raw::connect(daemon.ui()).await;
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let (host, token) = (daemon.ui(), daemon.token());
        let fields = format!("Host: {host}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n{last}");
        raw::send(&mut socket, format!("GET /api/v1/events HTTP/1.1\r\n{fields}\r\n")).await;
        let head = raw::text(&raw::read_head(&mut socket).await.unwrap()).to_lowercase();
        assert!(head.starts_with("http/1.1 200") && head.contains("text/event-stream"), "{head}");
        Self { socket, last_id: String::new() }
    }

    /// The next event that has a name: name and data. Sizes of chunks look like no field and are passed over.
    async fn next(&mut self) -> (String, String) {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\n") {
                line.extend_from_slice(&raw::read_exactly(&mut self.socket, 1).await.expect("the stream goes on"));
            }
            let line = raw::text(&line);
            match line.trim_end().split_once(':') {
                Some(("id", value)) => value.trim().clone_into(&mut self.last_id),
                Some(("event", value)) => name = value.trim().to_owned(),
                Some(("data", value)) => data.push_str(value.trim()),
                _ if line.trim().is_empty() && !name.is_empty() && !data.is_empty() => return (name, data),
                _ => {}
            }
        }
    }

    async fn named(&mut self, wanted: &str) {
        wait::within(&format!("an event named {wanted}"), async { while self.next().await.0 != wanted {} }).await;
    }

    /// Waits for an event of that name with that text in it.
    async fn told(&mut self, wanted: &str, text: &str) {
        let what = format!("an event named {wanted} with {text}");
        wait::within(&what, async {
            loop {
                let (name, data) = self.next().await;
                if name == wanted && data.contains(text) {
                    return;
                }
            }
        })
        .await;
    }

    async fn until(&mut self, text: &str) -> String {
        wait::within(&format!("an event with {text}"), async {
            loop {
                let (name, data) = self.next().await;
                if data.contains(text) {
                    return name;
                }
            }
        })
        .await
    }
}

#[tokio::test]
async fn status_sessions_and_ca_say_what_is() {
    let daemon = Daemon::start().await;
    let api = daemon.api();
    let status = api.get("/status").await;
    assert_eq!(status["pid"], daemon.pid());
    assert_eq!(status["data_dir"], daemon.data().to_str().unwrap());
    let addresses: Vec<&str> =
        status["proxy"]["addresses"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(addresses.contains(&daemon.proxy().to_string().as_str()), "{status}");
    assert_eq!(status["store"]["error"], Value::Null);
    let session = &status["session"];
    assert_eq!(session["state"], "recording", "{status}");
    assert_eq!(api.get(&format!("/sessions/{}", session["id"])).await["id"], session["id"]);
    let pem = api.ask(Method::GET, "/ca.pem", &[], "").await;
    assert_eq!(pem.text().trim(), daemon.ca_pem().trim());
    assert!(api.get("/ca").await["spki_sha256"].as_str().is_some_and(|s| s.len() == 44));
}

#[tokio::test]
async fn a_run_has_a_session_and_a_port_of_its_own() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let api = daemon.api();
    let mut runs = Vec::new();
    for name in ["one", "two"] {
        let answer = api.post("/runs", &json!({"name": name, "command": format!("cmd {name}")})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        runs.push(answer.json());
    }
    for run in &runs {
        let proxy = run["proxy"].as_str().unwrap().parse().unwrap();
        let (url, host) = (origin.url(&format!("/json?{}", run["session"]["id"])), origin.authority());
        raw::ask(proxy, format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        let row = rows::one(&daemon, &rows::of(&url)).await;
        let session = rows::id(&row).split('.').next().unwrap().to_owned();
        assert_eq!((session, &row["source"]), (run["session"]["id"].to_string(), &"run".into()), "{row}");
    }
    let id = &runs[0]["session"]["id"];
    assert_eq!(api.ask(Method::DELETE, &format!("/runs/{id}"), &[], "").await.status, 204);
    assert_eq!(api.get(&format!("/sessions/{id}")).await["state"], "stopped");
    let gone: std::net::SocketAddr = runs[0]["proxy"].as_str().unwrap().parse().unwrap();
    wait::until("the port to be closed", || async {
        tokio::net::TcpStream::connect(gone).await.is_err().then_some(())
    })
    .await;
}
