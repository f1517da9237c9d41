//! Files written and read with a real store between.

use super::*;
use crate::{fixtures, formats::redact::Secrets};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};
use waylay_storage::{
    Event, Filter, NewSession, Options, Store,
    model::{
        BodyEnd, BodyRecord, Connection, Exchange, Failure, Gap, HttpVersion, Kind, Message, MessageKind, MessageState,
        Part, RecordingRules, Role, Scheme, Session, Side, Source, Stage, Timings, Tls,
    },
};

struct Fixture {
    store: Store,
    session: Session,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options { min_free: 0, ..Options::new(dir.path()) }).unwrap();
        let rules = RecordingRules::default();
        let session = store.open_session(NewSession { name: "t".into(), source: Source::Proxy, command: None, rules });
        Self { store, session: session.unwrap(), dir }
    }

    fn exchange(&self) -> Exchange {
        Exchange {
            seq: self.store.ids().next_seq(),
            id: self.store.ids().next_exchange(self.session.id),
            started_us: 1_700_000_000_123_456,
            timings: Timings { ready_us: Some(10), head_us: Some(2000), end_us: Some(2500), ..Timings::default() },
            path: "/p?a=1&b=%20".into(),
            request_head: Bytes::from_static(b"GET /p?a=1&b=%20 HTTP/1.1\r\nHost: a.test\r\nX: 1\r\nx: 2\r\n\r\n"),
            response_head: Bytes::from_static(
                b"HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\r\n",
            ),
            request: whole(b""),
            response: whole(b"hello"),
            ..fixtures::exchange()
        }
    }

    fn done(&self, x: Exchange) {
        self.store.queue().push(Event::Done(Box::new(x)));
    }

    fn chunks(&self, x: &mut Exchange, part: Part, bytes: &[u8]) {
        for (number, piece) in bytes.chunks(100_000).enumerate() {
            self.store.queue().budget().force(piece.len());
            let (offset, data) = (number as u64 * 100_000, Bytes::copy_from_slice(piece));
            self.store.queue().push(Event::Chunk { seq: x.seq, part, offset, data });
        }
        let size = bytes.len() as u64;
        *x.body_mut(part) = BodyRecord { size, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
    }

    fn export(&self, filter: &str, secrets: Secrets) -> (Value, String) {
        self.store.flush().unwrap();
        let mut out = Vec::new();
        let scope = Scope { filter: Filter::parse(filter).unwrap(), secrets };
        export(&self.store.reader().unwrap(), &scope, &mut out, |_| ()).unwrap();
        (serde_json::from_slice(&out).unwrap(), String::from_utf8(out).unwrap())
    }

    fn import(&self, bytes: &[u8]) -> Result<Imported, ImportError> {
        let mut file = tempfile::tempfile_in(self.dir.path()).unwrap();
        file.write_all(bytes).unwrap();
        import(&self.store, &file, "file.har", |_| true)
    }
}

fn whole(bytes: &[u8]) -> BodyRecord {
    let parts = if bytes.is_empty() { Vec::new() } else { vec![Bytes::copy_from_slice(bytes)] };
    BodyRecord { size: bytes.len() as u64, parts, end: BodyEnd::Complete, ..BodyRecord::default() }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Exchanges of all kinds.
fn filled() -> Fixture {
    let fixture = Fixture::new();
    let tls = Tls { version: "TLS 1.3".into(), cipher: "TLS_AES_128_GCM_SHA256".into(), ..Tls::default() };
    let connection = |id, role, tls| {
        fixture.store.queue().push(Event::Connection(Box::new(Connection {
            id,
            role,
            opened_us: 1_700_000_000_000_000,
            peer: "[2001:db8::1]:443".parse().unwrap(),
            local: None,
            authority: "a.test:443".into(),
            dns_us: Some(3),
            connect_us: Some(4),
            tls_us: Some(5),
            tls,
            via: None,
            via_us: None,
            process: None,
        })));
    };
    connection(1, Role::Client, None);
    connection(2, Role::Upstream, Some(tls));
    let connected = |mut x: Exchange| {
        (x.client_connection, x.upstream_connection) = (Some(1), Some(2));
        x
    };
    fixture.done(connected(fixture.exchange()));
    let mut odd = connected(fixture.exchange());
    odd.request_head = Bytes::from_static(b"POST http://a.test/p HTTP/1.1\r\nhost:a.test\r\nx-bytes: caf\xe9\r\n\r\n");
    odd.sent_head = Bytes::from_static(b"POST /p HTTP/1.1\r\nhost: a.test\r\n\r\n");
    (odd.method, odd.path, odd.request) = ("POST".into(), "/p".into(), whole(b"\xff\0binary"));
    odd.response_head = Bytes::from_static(b"HTTP/2 200\r\ncontent-encoding: gzip\r\ncontent-type: text/html\r\n\r\n");
    odd.response_version = Some(HttpVersion::Http2);
    odd.response = whole(&gzip(b"<html>decoded</html>"));
    odd.response_trailers = Bytes::from_static(b"x-end: 1\r\n");
    fixture.done(odd);
    let mut lost = fixture.exchange();
    lost.response = BodyRecord { size: 10, gaps: vec![Gap { offset: 2, length: 5 }], ..whole(b"hello") };
    fixture.done(lost);
    let mut big = fixture.exchange();
    fixture.chunks(&mut big, Part::Response, &b"0123456789".repeat(1_000_000));
    fixture.chunks(&mut big, Part::Request, &[7; 300_000]);
    fixture.done(big);
    let mut failed = fixture.exchange();
    (failed.status, failed.response_version, failed.response_head) = (None, None, Bytes::new());
    failed.timings = Timings { end_us: Some(77), ..Timings::default() };
    failed.response = BodyRecord::default();
    failed.failure = Some(Failure {
        side: Side::Upstream,
        stage: Stage::Connect,
        reason: "refused".into(),
        message: "Nobody listens.".into(),
    });
    fixture.done(failed);
    let mut tunnel = fixture.exchange();
    (tunnel.kind, tunnel.scheme, tunnel.method, tunnel.path) =
        (Kind::Tunnel, Scheme::Tcp, "CONNECT".into(), String::new());
    tunnel.request_head = Bytes::from_static(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    tunnel.response = BodyRecord { size: 1000, gaps: vec![Gap { offset: 0, length: 1000 }], ..whole(b"") };
    fixture.done(tunnel);
    websocket(&fixture);
    let mut events = fixture.exchange();
    events.kind = Kind::Sse;
    fixture.chunks(&mut events, Part::Response, b"data: one\n\ndata: two\n\n");
    for (number, offset) in [(1, 0), (2, 11)] {
        fixture.store.queue().push(message(&events, number, Part::Response, MessageKind::Event, offset, 9, None));
    }
    events.messages = 2;
    fixture.done(events);
    fixture.store.flush().unwrap();
    fixture
}

fn websocket(fixture: &Fixture) {
    let mut x = fixture.exchange();
    (x.kind, x.status) = (Kind::Websocket, Some(101));
    x.response_head = Bytes::from_static(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    fixture.chunks(&mut x, Part::Request, "héllo".as_bytes());
    fixture.chunks(&mut x, Part::Response, b"\x00\xff\x01");
    let queue = fixture.store.queue();
    queue.push(message(&x, 1, Part::Request, MessageKind::Text, 0, 6, None));
    queue.push(message(&x, 2, Part::Response, MessageKind::Binary, 0, 3, None));
    queue.push(message(&x, 3, Part::Response, MessageKind::Ping, 0, 2, Some(Bytes::from_static(b"hi"))));
    queue.push(message(&x, 4, Part::Request, MessageKind::Close, 0, 0, Some(Bytes::new())));
    x.messages = 4;
    fixture.done(x);
}

fn message(
    x: &Exchange,
    number: i64,
    part: Part,
    kind: MessageKind,
    offset: u64,
    length: u64,
    payload: Option<Bytes>,
) -> Event {
    Event::Message(Box::new(Message {
        seq: x.seq,
        number,
        part,
        kind,
        at_us: number * 1000,
        offset,
        length,
        wire_length: length,
        fragments: 1,
        compressed: false,
        state: MessageState::Complete,
        payload,
    }))
}

/// Without what is a number of this store.
fn without_numbers(mut har: Value) -> Value {
    for entry in har["log"]["entries"].as_array_mut().unwrap() {
        entry["_waylay"]["id"] = json!("");
        entry.as_object_mut().unwrap().remove("connection");
        for side in ["client", "upstream"] {
            if let Some(socket) = entry["_waylay"][side].as_object_mut() {
                socket.insert("id".into(), json!(0));
            }
        }
    }
    har
}

#[test]
fn what_was_exported_and_imported_is_exported_again() {
    let fixture = filled();
    for secrets in [Secrets::Keep, Secrets::Redact] {
        let session = fixture.session.id;
        let (first, text) = fixture.export(&format!("session:{session}"), secrets);
        let imported = fixture.import(text.as_bytes()).unwrap();
        assert_eq!((imported.exchanges, &imported.refused[..], &imported.notes[..]), (8, &[][..], &[][..]));
        let (second, _) = fixture.export(&format!("session:{}", imported.session.id), Secrets::Keep);
        let (first, second) = (without_numbers(first), without_numbers(second));
        for (first, second) in
            first["log"]["entries"].as_array().unwrap().iter().zip(second["log"]["entries"].as_array().unwrap())
        {
            if secrets == Secrets::Redact && first["response"]["content"]["_omitted"].is_string() {
                continue;
            }
            assert!(first == second, "{secrets:?}\n{:.3000}\n{:.3000}", first.to_string(), second.to_string());
        }
    }
}

#[test]
fn an_entry_says_what_har_can_say() {
    let (har, text) = filled().export("", Secrets::Keep);
    let entries = har["log"]["entries"].as_array().unwrap();
    assert!(!text.starts_with('\u{feff}') && har["log"]["version"] == "1.2");
    let first = &entries[0];
    assert_eq!(first["startedDateTime"], "2023-11-14T22:13:20.123456Z");
    assert_eq!(
        (&first["time"], &first["timings"]["wait"], &first["timings"]["dns"]),
        (&json!(2.5), &json!(1.99), &json!(-1))
    );
    assert_eq!((&first["serverIPAddress"], &first["_serverPort"]), (&json!("2001:db8::1"), &json!(443)));
    assert_eq!(first["_securityDetails"]["protocol"], "TLS 1.3");
    assert_eq!(first["request"]["queryString"][1], json!({ "name": "b", "value": " " }));
    let headers =
        json!([{ "name": "Host", "value": "a.test" }, { "name": "X", "value": "1" }, { "name": "x", "value": "2" }]);
    assert_eq!(first["request"]["headers"], headers);
    assert_eq!(first["response"]["cookies"][1], json!({ "name": "b", "value": "2" }));
    assert_eq!(
        (&first["response"]["statusText"], &first["response"]["content"]["text"]),
        (&json!("Fine"), &json!("hello"))
    );
    let odd = &entries[1];
    assert_eq!(odd["request"]["postData"]["_encoding"], "base64");
    assert_eq!(odd["response"]["content"]["text"], "<html>decoded</html>");
    assert_eq!((&odd["response"]["content"]["size"], &odd["response"]["headersSize"]), (&json!(20), &json!(-1)));
    assert_eq!(entries[3]["response"]["content"]["encoding"], "base64", "too big to be looked at as a whole");
    let failed = &entries[4]["response"];
    assert_eq!((&failed["status"], &failed["_error"]), (&json!(0), &json!("refused: Nobody listens.")));
    assert_eq!((&entries[5]["_kind"], &entries[5]["request"]["url"]), (&json!("tunnel"), &json!("tcp://a.test:443")));
    let said = &entries[6]["_webSocketMessages"];
    assert_eq!(said[0], json!({ "type": "send", "time": 1_700_000_000.124_456, "opcode": 1, "data": "héllo" }));
    assert_eq!((&said[1]["opcode"], &said[1]["data"]), (&json!(2), &json!("AP8B")));
    assert!(entries[6]["request"]["url"].as_str().unwrap().starts_with("wss://"));
    assert_eq!(entries[7]["_serverSentEvents"][1]["data"], "two");
}

#[test]
fn no_secret_is_left_anywhere() {
    let fixture = Fixture::new();
    let secret = "tok-9f8e7d6c5b4a";
    let mut x = fixture.exchange();
    x.path = format!("/p?access_token={secret}");
    x.request_head =
        format!("GET {} HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nX-Note: {secret}\r\n\r\n", x.path).into();
    x.response = whole(&gzip(format!("{{\"note\":\"{secret}\"}}").as_bytes()));
    x.response_head = Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    x.request = whole(format!("\u{0}\u{1}\u{fffd}{secret}").as_bytes());
    fixture.done(x);
    let mut latin = fixture.exchange();
    latin.response = whole([b"\xe9 ", secret.as_bytes()].concat().as_slice());
    fixture.done(latin);
    let (har, text) = fixture.export("", Secrets::Redact);
    use base64::{Engine, prelude::BASE64_STANDARD};
    let inside: String = text
        .split('"')
        .filter_map(|s| BASE64_STANDARD.decode(s).ok())
        .map(|b| String::from_utf8_lossy(&b).into_owned())
        .collect();
    assert!(!text.contains(secret) && !inside.contains(secret), "{text}");
    let entry = &har["log"]["entries"][0];
    assert_eq!(entry["response"]["content"]["text"], "{\"note\":\"REDACTED-token-1\"}");
    assert_eq!(entry["request"]["headers"][0]["value"], "Bearer REDACTED-token-1");
    assert!(
        har["log"]["_waylay"]["hidden"].as_array().is_some_and(|hidden| hidden.len() >= 4),
        "{}",
        har["log"]["_waylay"]
    );
    assert!(fixture.export("", Secrets::Keep).1.contains(secret), "the test looks for what is there");
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/har/samples")
}

#[test]
fn files_of_other_tools_are_imported_or_refused_with_the_reason() {
    let table = [
        ("NeuraLegion__fixtures_har.gh-75.json", Ok((3, ""))),
        ("NeuraLegion__fixtures_har.invalid-server-ip.json", Ok((1, ""))),
        ("ahmadnassri__har_invalid.json", Err("it has no log.entries")),
        ("ahmadnassri__har_valid.json", Ok((1, ""))),
        ("grafana__example_api-check.har", Ok((1, ""))),
        ("grafana__example_api.har", Ok((1, ""))),
        ("haralyzer__data_humanssuck.net.har", Ok((4, ""))),
        ("haralyzer__data_humanssuck.net_duplicate_url.har", Ok((5, ""))),
        ("jonluca__data_ServerService-GetNavigationMenu2-ff.har", Ok((1, ""))),
        ("jonluca__data_ServerService-GetNavigationMenu2-fiddler.har", Ok((1, ""))),
    ];
    assert_eq!(fs::read_dir(samples()).unwrap().count(), table.len());
    let fixture = Fixture::new();
    for (name, wanted) in table {
        let file = File::open(samples().join(name)).unwrap();
        let found = import(&fixture.store, &file, name, |_| true);
        match (found, wanted) {
            (Ok(found), Ok((count, refused))) => {
                let reasons: Vec<_> = found.refused.iter().map(|r| &r.reason[..]).collect();
                assert_eq!((found.exchanges, reasons.join("; ")), (count, refused.to_owned()), "{name}");
                assert_eq!((found.session.source, found.session.exchanges), (Source::Import, count as i64), "{name}");
            }
            (Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{name}: {error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn of_a_broken_file_nothing_is_kept_and_the_place_is_told() {
    let fixture = Fixture::new();
    let entry = r#"{"startedDateTime":"2020-01-01T00:00:00Z","request":{"method":"GET","url":"http://a.test/"},"response":{"status":200}}"#;
    for (bytes, wanted) in [
        ("".to_owned(), "empty"),
        ("GET / HTTP/1.1".to_owned(), "does not begin with '{'"),
        ("PK\u{3}\u{4}".to_owned(), "ZIP"),
        ("{}".to_owned(), "no log.entries"),
        ("{\"log\":{\"entries\":{}}}".to_owned(), "log.entries, a list"),
        ("{\"log\":{}}".to_owned(), "no log.entries"),
        (format!("{{\"log\":{{\"entries\":[{entry},{entry},{{\"request\""), "ends in the middle (entry 2, line 1)"),
        (format!("{{\"log\":{{\"entries\":[{entry},\n{entry}]}}}} x"), "line 2"),
        (format!("{{\"log\":{{\"entries\":[{entry},\nno]}}}}"), "entry 1, line 2"),
        (r#"{"log":{"entries":[{"request":{"method":"GET","url":"data:x"}}]}}"#.to_owned(), "none of the 1 entries"),
        (format!("{}{}", "[".repeat(10), ""), "does not begin"),
        (format!("{{\"log\":{{\"entries\":[{}", "[".repeat(100_000)), "recursion"),
    ] {
        let error = fixture.import(bytes.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{bytes:.80}: {error}");
    }
    fixture.store.flush().unwrap();
    let reader = fixture.store.reader().unwrap();
    assert_eq!(reader.sessions().unwrap().len(), 2, "the one of sent exchanges and the fixture's");
    assert!(reader.list(&Default::default()).unwrap().items.is_empty());
}

#[test]
fn what_real_tools_write_is_understood() {
    let fixture = Fixture::new();
    let har = json!({ "log": { "entries": [
        { "startedDateTime": "2020-01-01T00:00:00.5+01:00", "comment": "IE", "serverIPAddress": "[::1]", "connection": "7",
          "request": { "method": "GET", "url": "https://a.test/x y?q=é#f", "cookies": { "a": "b" }, "httpVersion": "h2",
            "headers": [{ "name": ":authority", "value": "a.test" }, { "name": ":path", "value": "/x" }] },
          "response": { "status": 200, "statusText": "OK", "headers": [{ "name": "Set-Cookie", "value": "a=1\nb=2" },
            { "name": "content-encoding", "value": "br" }], "content": { "text": "decoded", "size": 7 } },
          "timings": { "blocked": -1, "dns": 1, "connect": 5, "ssl": 3, "send": 0, "wait": 10, "receive": 2 } },
        { "request": { "method": "POST", "url": "http://[::1]:81", "postData": { "params": [{ "name": "a b", "value": "c" }] } },
          "response": { "status": 0, "_error": "net::ERR_FAILED" }, "serverIPAddress": "" },
        { "startedDateTime": "2020-01-01T00:00:00Z", "request": { "method": "GET", "url": "https://a.test/" },
          "response": { "status": 200, "content": { "size": 5000, "mimeType": "image/png" } } },
        { "startedDateTime": "2020-01-01T00:00:00Z", "request": { "method": "GET", "url": "wss://a.test/" }, "response": { "status": 101 },
          "_webSocketMessages": [{ "type": "send", "time": 1_577_836_801.5, "opcode": 1, "data": "hi" },
            { "type": "receive", "time": 1_577_836_802.0, "opcode": 2, "data": "AP8=" }] },
        { "request": { "method": "GET", "url": "chrome-extension://x/y" } },
        { "request": { "url": "http://a.test/" } },
        { "request": { "method": "GET", "url": "http://a.test/" }, "response": { "status": 200, "content": { "text": "!", "encoding": "base64" } } },
        null
    ] } });
    let text = format!("\u{feff}{har}");
    let imported = fixture.import(text.as_bytes()).unwrap();
    let reasons: Vec<_> = imported.refused.iter().map(|r| (r.index, &r.reason[..])).collect();
    assert_eq!(
        reasons,
        [
            (4, "its URL is no web address but one of 'chrome-extension:'"),
            (5, "request.method is missing"),
            (6, "response.content.text is no base64"),
            (7, "it has no request")
        ]
    );
    assert_eq!((imported.exchanges, imported.notes.len()), (4, 1), "{:?}", imported.notes);
    let (har, _) = fixture.export(&format!("session:{}", imported.session.id), Secrets::Keep);
    let entries = har["log"]["entries"].as_array().unwrap();
    let first = &entries[0];
    assert_eq!(first["startedDateTime"], "2019-12-31T23:00:00.500000Z");
    assert_eq!(first["request"]["url"], "https://a.test/x%20y?q=%C3%A9");
    assert_eq!(first["request"]["headers"], json!([{ "name": "host", "value": "a.test" }]));
    assert_eq!(first["response"]["cookies"].as_array().unwrap().len(), 2);
    assert_eq!(first["response"]["content"]["text"], "decoded");
    assert_eq!(
        (&first["time"], &first["timings"]["ssl"], &first["serverIPAddress"]),
        (&json!(18), &json!(3), &json!("::1"))
    );
    assert_eq!(entries[1]["request"]["postData"]["text"], "a+b=c");
    assert_eq!(entries[1]["request"]["url"], "http://[::1]:81/");
    assert_eq!(
        (&entries[1]["response"]["status"], &entries[1]["response"]["_error"]),
        (&json!(0), &json!("ERR_FAILED: net::ERR_FAILED"))
    );
    assert_eq!(
        (&entries[2]["response"]["bodySize"], &entries[2]["response"]["content"]["size"]),
        (&json!(5000), &json!(0))
    );
    assert_eq!(entries[3]["_webSocketMessages"][1]["data"], "AP8=");
    assert_eq!(entries[3]["_waylayMessages"][0]["at_us"], 1_500_000);
}

#[test]
fn an_import_that_did_not_come_to_its_end_is_gone_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Store::open(Options { min_free: 0, ..Options::new(dir.path()) }).unwrap();
    let store = open();
    let rules = RecordingRules::default();
    for source in [Source::Import, Source::Proxy] {
        store.open_session(NewSession { name: "x".into(), source, command: None, rules: rules.clone() }).unwrap();
    }
    store.close().unwrap();
    let sessions = open().reader().unwrap().sessions().unwrap();
    let sources: Vec<_> = sessions.iter().map(|s| s.source).collect();
    assert_eq!(sources, [Source::Send, Source::Proxy]);
}
