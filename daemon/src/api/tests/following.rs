use super::harness::{Daemon, PATIENCE};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use waylay_storage::Committed;

/// An open event stream.
struct Events {
    stream: BufReader<TcpStream>,
    last_id: String,
}

impl Events {
    async fn open(daemon: &Daemon, more: &str) -> Self {
        let mut stream = TcpStream::connect(daemon.address).await.unwrap();
        let request = format!("GET /api/v1/events HTTP/1.1\r\n{}{more}\r\n", daemon.program());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Self { stream: BufReader::new(stream), last_id: String::new() };
        assert!(events.line().await.unwrap().starts_with("HTTP/1.1 200"));
        let mut kind = None;
        while let Some(line) = events.line().await.filter(|l| !l.is_empty()) {
            kind = line.to_ascii_lowercase().strip_prefix("content-type: ").map(str::to_owned).or(kind);
        }
        assert_eq!(kind.as_deref(), Some("text/event-stream"));
        events
    }

    /// The next event of a name, and its data. Chunk sizes are among the lines and mean nothing to us.
    async fn next(&mut self, wanted: &str) -> Value {
        // A stream that has nothing to tell still beats.
        timeout(PATIENCE, self.read_to(wanted)).await.expect("an event in time")
    }

    async fn read_to(&mut self, wanted: &str) -> Value {
        let mut name = String::new();
        loop {
            let line = self.line().await.expect("the stream goes on");
            if let Some(id) = line.strip_prefix("id: ") {
                self.last_id = id.to_owned();
            } else if let Some(event) = line.strip_prefix("event: ") {
                name = event.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ")
                && name == wanted
            {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// Reads on until the id changes.
    async fn next_id(&mut self) -> String {
        loop {
            if let Some(id) = self.line().await.expect("the stream goes on").strip_prefix("id: ") {
                return id.to_owned();
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.stream.read_line(&mut line)).await.expect("a line in time");
        (read.unwrap() > 0).then(|| line.trim_end().to_owned())
    }
}

fn paths(event: &Value) -> Vec<&str> {
    event["items"].as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn new_rows_are_told_and_missed_ones_after_a_reconnection() {
    let daemon = Daemon::start().await;
    daemon.store(daemon.exchange("/before", "", b"")).await;
    let mut events = Events::open(&daemon, "").await;
    assert_eq!(events.next("status").await["pid"], std::process::id());
    daemon.store(daemon.exchange("/one", "", b"abc")).await;
    assert_eq!(events.next("session").await["exchanges"], 2);
    let event = events.next("exchanges").await;
    assert_eq!(paths(&event), ["/one"]);
    assert_eq!((&event["items"][0]["done"], &event["items"][0]["response_size"]), (&true.into(), &3.into()));
    let seen = events.next_id().await;
    drop(events);

    daemon.store(daemon.exchange("/two", "", b"")).await;
    daemon.store(daemon.exchange("/three", "", b"")).await;
    let mut events = Events::open(&daemon, &format!("Last-Event-ID: {seen}\r\n")).await;
    assert_eq!(paths(&events.next("exchanges").await), ["/two", "/three"]);
    assert_ne!(events.next_id().await, seen);
    daemon.stop().await;
}

#[tokio::test]
async fn who_missed_too_much_is_told_to_load_anew() {
    let daemon = Daemon::start().await;
    for unknown in ["0123abcd-1", "1", "nonsense", "\u{ff}"] {
        let mut events = Events::open(&daemon, &format!("Last-Event-ID: {unknown}\r\n")).await;
        assert_eq!(events.next("resync").await, serde_json::json!({}), "{unknown}");
        daemon.store(daemon.exchange("/next", "", b"")).await;
        assert_eq!(paths(&events.next("exchanges").await), ["/next"], "and from then on all is told");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_to_load_anew() {
    let daemon = Daemon::start().await;
    let mut events = Events::open(&daemon, "").await;
    events.next("status").await;
    let id = daemon.exchange("/", "", b"").id;
    let burst: Vec<Committed> = (0..20_000).map(|seq| Committed { seq, id, done: true, cookies: false }).collect();
    daemon.hub.committed(&burst);
    assert_eq!(events.next("resync").await, serde_json::json!({}));
    daemon.store(daemon.exchange("/next", "", b"")).await;
    assert_eq!(paths(&events.next("exchanges").await), ["/next"]);
    daemon.stop().await;
}

#[tokio::test]
async fn sessions_of_runs_are_told() {
    let daemon = Daemon::start().await;
    let mut events = Events::open(&daemon, "").await;
    let run = daemon.post("/runs", "{\"command\":\"x\"}").await.json();
    let session = events.next("session").await;
    assert_eq!((&session["id"], &session["state"]), (&run["session"]["id"], &"recording".into()));
    let path = format!("/api/v1/runs/{}", session["id"]);
    daemon.ask("DELETE", &path, &daemon.program(), "").await;
    assert_eq!(events.next("session").await["state"], "stopped");
    daemon.stop().await;
}

#[tokio::test]
async fn the_stream_ends_with_the_daemon() {
    let daemon = Daemon::start().await;
    let mut events = Events::open(&daemon, "").await;
    events.next("status").await;
    assert_eq!(daemon.post("/shutdown", "{}").await.status, 202);
    let mut last = String::new();
    while let Some(line) = events.line().await {
        last = if line.is_empty() { last } else { line };
    }
    assert_eq!(last, "0", "it ends in order rather than being cut off");
    daemon.stopped().await;
}

#[tokio::test]
async fn changes_of_the_history_and_of_variables_are_told() {
    let daemon = Daemon::start().await;
    let mut events = Events::open(&daemon, "").await;
    let id = daemon.store(daemon.exchange("/a", "", b"")).await;
    let added = daemon.post("/history", &serde_json::json!({ "exchange": id }).to_string()).await.json();
    assert_eq!(events.next("send").await, serde_json::json!({ "id": added["id"] }));
    daemon.post("/environments", r#"{"name":"e"}"#).await;
    assert_eq!(events.next("environment").await, serde_json::json!({}));
    let new = waylay_storage::model::NewSend {
        at_us: 1,
        method: "GET".into(),
        url: "u".into(),
        request: "{}".into(),
        environment: None,
        made_from: None,
    };
    let store = daemon.engine.store().clone();
    tokio::task::spawn_blocking(move || (0..150).all(|_| store.begin_send(&new).unwrap() > 0)).await.unwrap();
    let mut late = Events::open(&daemon, &format!("Last-Event-ID: {}\r\n", events.last_id)).await;
    assert_eq!(late.next("send").await, serde_json::json!({ "id": null }), "too many to tell of each");
    daemon.stop().await;
}
