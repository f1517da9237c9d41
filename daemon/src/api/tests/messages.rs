use super::harness::Daemon;
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use serde_json::{Value, json};
use std::io::Write;
use waylay_storage::model::{
    BodyEnd, BodyRecord, Exchange, ExchangeId, Kind, Message, MessageKind, MessageState, Part,
};

/// An exchange under way, whose messages are stored as the recorder would.
struct Talk<'d> {
    daemon: &'d Daemon,
    exchange: Exchange,
    ends: [u64; 2],
    last: i64,
}

impl<'d> Talk<'d> {
    fn begin(daemon: &'d Daemon, kind: Kind, response_fields: &str) -> Self {
        let mut exchange = daemon.exchange("/talk", response_fields, b"");
        exchange.kind = kind;
        (exchange.request.end, exchange.response.end) = (BodyEnd::Open, BodyEnd::Open);
        Self { daemon, exchange, ends: [0; 2], last: 0 }
    }

    fn say(&mut self, part: Part, kind: MessageKind, payload: impl AsRef<[u8]>) {
        self.say_as(part, kind, payload, |_| {});
    }

    /// Stores a message whose row is changed by `change`.
    fn say_as(&mut self, part: Part, kind: MessageKind, payload: impl AsRef<[u8]>, change: impl FnOnce(&mut Message)) {
        let payload = Bytes::copy_from_slice(payload.as_ref());
        let (offset, length) = (self.ends[part as usize], payload.len() as u64);
        let control = matches!(kind, MessageKind::Ping | MessageKind::Pong | MessageKind::Close);
        if !control {
            self.ends[part as usize] += length;
            if length > 0 {
                self.daemon.store_chunk(self.exchange.seq, part, offset, payload.clone());
            }
        }
        self.last += 1;
        let mut message = Message {
            seq: self.exchange.seq,
            number: self.last,
            part,
            kind,
            at_us: self.last * 1000,
            offset,
            length,
            wire_length: length,
            fragments: 1,
            compressed: false,
            state: MessageState::Complete,
            payload: control.then_some(payload),
        };
        change(&mut message);
        self.daemon.store_message(message);
    }

    async fn open(&self) -> ExchangeId {
        self.daemon.store_open(self.exchange.clone()).await
    }

    async fn over(mut self) {
        let record = |size| BodyRecord { size, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
        (self.exchange.request, self.exchange.response) = (record(self.ends[0]), record(self.ends[1]));
        self.exchange.messages = self.last;
        self.daemon.store(self.exchange).await;
    }
}

fn strings<'a>(page: &'a Value, key: &str) -> Vec<&'a str> {
    page["items"].as_array().unwrap().iter().map(|m| m[key].as_str().unwrap_or("-")).collect()
}

fn numbers(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|m| m["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn messages_of_a_websocket_are_listed_while_it_is_open() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Websocket, "");
    let id = talk.open().await;
    let list = format!("/exchanges/{id}/messages");
    assert_eq!(daemon.get(&list).await.json(), json!({ "items": [], "total": 0, "next": null }));
    talk.say(Part::Request, MessageKind::Text, "{\n  \"hello\": \"w\u{f6}rld\"\n}");
    talk.say_as(Part::Response, MessageKind::Binary, b"\x00\x01\xfe", |m| {
        (m.wire_length, m.fragments, m.compressed) = (9, 3, true);
    });
    talk.say(Part::Response, MessageKind::Ping, "beat");
    talk.say(Part::Response, MessageKind::Binary, "text after all");
    talk.say(Part::Response, MessageKind::Close, b"\x03\xe9bye");
    talk.open().await;
    let page = daemon.get(&list).await.json();
    assert_eq!((numbers(&page), &page["total"], &page["next"]), (vec![1, 2, 3, 4, 5], &5.into(), &Value::Null));
    assert_eq!(strings(&page, "sender"), ["client", "origin", "origin", "origin", "origin"]);
    assert_eq!(strings(&page, "kind"), ["text", "binary", "ping", "binary", "close"]);
    let previews = ["{ \"hello\": \"w\u{f6}rld\" }", "0001fe", "beat", "text after all", "1001 going away: bye"];
    assert_eq!(strings(&page, "preview"), previews);
    let second = json!({
        "number": 2, "sender": "origin", "kind": "binary", "at_us": 2000, "length": 3, "wire_length": 9, "fragments": 3,
        "compressed": true, "state": "complete", "preview": "0001fe", "event": null, "event_id": null,
        "close_code": null, "missing": 0,
    });
    assert_eq!(page["items"][1], second);
    assert_eq!(page["items"][4]["close_code"], 1001);

    for (query, found, next) in [
        ("limit=2", vec![1, 2], json!(2)),
        ("limit=2&after=2", vec![3, 4], json!(4)),
        ("after=4", vec![5], Value::Null),
        ("sender=client", vec![1], Value::Null),
        ("sender=origin&limit=3", vec![2, 3, 4], json!(4)),
        ("text=HELLO", vec![1], Value::Null),
        ("text=e&sender=origin", vec![3, 4, 5], Value::Null),
        ("text=W%C3%B6R", vec![1], Value::Null),
        ("text=nowhere", vec![], Value::Null),
    ] {
        let page = daemon.get(&format!("{list}?{query}")).await.json();
        assert_eq!((numbers(&page), &page["next"], &page["total"]), (found, &next, &5.into()), "{query}");
    }
    talk.over().await;
    assert_eq!(strings(&daemon.get(&list).await.json(), "preview"), previews);
    assert_eq!(daemon.get(&format!("/exchanges/{id}")).await.json()["messages"], 5);
    daemon.stop().await;
}

#[tokio::test]
async fn one_message_is_shown_whole_within_bounds() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Websocket, "");
    let long = "\u{e9}".repeat(700_000); // 1.4 MB; the bound of 1 MiB falls between characters
    talk.say(Part::Request, MessageKind::Text, "short");
    talk.say(Part::Response, MessageKind::Text, format!("x{long}"));
    talk.say(Part::Response, MessageKind::Binary, [b'\0'; 10_000]);
    talk.say(Part::Response, MessageKind::Close, b"\x03\xe8\xff");
    talk.say(Part::Request, MessageKind::Close, b"\x03");
    talk.say_as(Part::Response, MessageKind::Text, "deflated", |m| m.state = MessageState::Undecoded);
    let id = talk.open().await;
    let get = async |number: u32| daemon.get(&format!("/exchanges/{id}/messages/{number}")).await.json();
    let short = get(1).await;
    let expected = json!({
        "number": 1, "sender": "client", "kind": "text", "at_us": 1000, "length": 5, "wire_length": 5, "fragments": 1,
        "compressed": false, "state": "complete", "event": null, "event_id": null, "close_code": null, "missing": 0,
        "text": "short", "truncated": false, "hex": null, "data": null, "retry": null, "fields": null,
        "fields_truncated": false, "close_reason": null, "decode_error": null,
    });
    assert_eq!(short, expected);
    let cut = get(2).await;
    let text = cut["text"].as_str().unwrap();
    assert!(text.len() == (1 << 20) - 1 && format!("x{long}").starts_with(text), "{}", text.len());
    assert_eq!((&cut["truncated"], &cut["length"]), (&true.into(), &1_400_001.into()));
    let binary = get(3).await;
    assert_eq!((&binary["text"], binary["hex"].as_str().unwrap().len()), (&Value::Null, 2 * 4096));
    let close = get(4).await;
    let told = (&close["close_code"], &close["close_reason"], &close["decode_error"], &close["hex"]);
    assert_eq!(told, (&1000.into(), &"\u{fffd}".into(), &"the reason is not UTF-8".into(), &"03e8ff".into()));
    let close = get(5).await;
    assert_eq!((&close["close_code"], &close["close_reason"]), (&Value::Null, &Value::Null));
    assert!(close["decode_error"].as_str().unwrap().contains("two bytes"), "{close}");
    let undecoded = get(6).await;
    assert_eq!((&undecoded["text"], &undecoded["hex"]), (&Value::Null, &"6465666c61746564".into()));
    assert!(undecoded["decode_error"].is_string(), "{undecoded}");
    daemon.stop().await;
}

#[tokio::test]
async fn payloads_are_exact_and_nothing_a_browser_renders() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Websocket, "");
    let html = b"<script>alert(1)</script>";
    let large: Vec<u8> = (0..700_000u32).map(|n| n.to_be_bytes()[2]).collect();
    talk.say(Part::Response, MessageKind::Text, html);
    talk.say(Part::Response, MessageKind::Binary, &large);
    talk.say_as(Part::Response, MessageKind::Binary, b"kept", |m| m.length = 10);
    talk.say(Part::Request, MessageKind::Pong, b"\xff");
    let id = talk.open().await;
    let get = async |number: u32| daemon.get(&format!("/exchanges/{id}/messages/{number}/payload")).await;
    let answer = get(1).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &html[..]));
    let attachment = format!("attachment; filename=\"{id}-message-1.bin\"");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", attachment.as_str()),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
        ("x-waylay-size", "25"),
        ("content-length", "25"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    assert!(get(2).await.body == large);
    let holed = get(3).await;
    assert_eq!((&holed.body[..], holed.header("x-waylay-size")), (&b"kept"[..], Some("10")));
    assert_eq!(holed.header("x-waylay-stored"), Some("4"));
    assert_eq!(daemon.get(&format!("/exchanges/{id}/messages?after=2&limit=1")).await.json()["items"][0]["missing"], 6);
    assert_eq!(get(4).await.body, b"\xff");
    daemon.stop().await;
}

#[tokio::test]
async fn events_are_read_as_browsers_do() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Sse, "Content-Type: text/event-stream\r\n");
    for lines in ["event: add\r\nid: 7\r\ndata: {\r\ndata: }\r\n", ": ping\n", "retry: 50\ndata:x\n"] {
        talk.say(Part::Response, MessageKind::Event, lines);
    }
    let id = talk.open().await;
    let page = daemon.get(&format!("/exchanges/{id}/messages")).await.json();
    assert_eq!(strings(&page, "preview"), ["{ }", ": ping", "x"]);
    assert_eq!((strings(&page, "event"), strings(&page, "event_id")), (vec!["add", "-", "-"], vec!["7", "-", "-"]));
    let get = async |number: u32| daemon.get(&format!("/exchanges/{id}/messages/{number}")).await.json();
    let first = get(1).await;
    assert_eq!((&first["data"], &first["event"]), (&"{\n}".into(), &"add".into()));
    assert!(first["text"].as_str().unwrap().ends_with("data: }\r\n"), "{first}");
    assert_eq!(get(2).await["data"], Value::Null);
    assert_eq!(get(3).await["retry"], 50);
    daemon.stop().await;
}

#[tokio::test]
async fn grpc_messages_are_decompressed_and_taken_apart() {
    let daemon = Daemon::start().await;
    let fields = "content-type: application/grpc\r\ngrpc-encoding: gzip\r\n";
    let mut talk = Talk::begin(&daemon, Kind::Grpc, fields);
    talk.exchange.request_head =
        "POST /talk HTTP/2\r\ncontent-type: application/grpc+proto\r\ngrpc-encoding: deflate\r\n\r\n".into();
    let message = b"\x0a\x05hello\x10\x96\x01";
    let gzip = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(message).unwrap();
    let zlib = zlib.finish().unwrap();
    let compressed = |m: &mut Message| m.compressed = true;
    talk.say(Part::Request, MessageKind::Grpc, message);
    talk.say_as(Part::Request, MessageKind::Grpc, &zlib, compressed);
    talk.say_as(Part::Response, MessageKind::Grpc, gzip(message), compressed);
    talk.say(Part::Response, MessageKind::Grpc, b"");
    talk.say_as(Part::Response, MessageKind::Grpc, &zlib, compressed); // not what the head says
    talk.say(Part::Response, MessageKind::Grpc, b"\xff\xff\xff");
    talk.say_as(Part::Response, MessageKind::Grpc, gzip(&vec![0; 50 << 20]), compressed);
    talk.say(Part::Response, MessageKind::GrpcTrailers, "grpc-status:0\r\n");
    let id = talk.open().await;
    let page = daemon.get(&format!("/exchanges/{id}/messages")).await.json();
    let line = "1: \"hello\", 2: 150";
    let previews = strings(&page, "preview");
    assert_eq!(previews[..4], [line, line, line, ""]);
    assert!(previews[4].starts_with("78") && previews[6].starts_with("0000"), "{previews:?}");
    assert_eq!((previews[5], previews[7]), ("ffffff", "grpc-status:0"));

    let get = async |number: u32| daemon.get(&format!("/exchanges/{id}/messages/{number}")).await.json();
    let tree = json!([
        { "number": 1, "wire": "len", "value": { "text": "hello" } },
        { "number": 2, "wire": "varint", "value": { "uint": "150", "sint": "75" } },
    ]);
    for number in 1..=3 {
        let shown = get(number).await;
        assert_eq!((&shown["fields"], &shown["text"], &shown["decode_error"]), (&tree, &Value::Null, &Value::Null));
        assert_eq!(shown["hex"], "0a0568656c6c6f109601");
    }
    assert_eq!(get(4).await["fields"], json!([]));
    let broken = get(5).await;
    assert!(broken["decode_error"].as_str().unwrap().starts_with("not valid gzip data"), "{broken}");
    assert_eq!((&broken["fields"], broken["hex"].as_str().unwrap().len()), (&Value::Null, 2 * zlib.len()));
    let bytes = get(6).await;
    assert_eq!((&bytes["fields"], &bytes["hex"], &bytes["text"]), (&Value::Null, &"ffffff".into(), &Value::Null));
    let bomb = get(7).await;
    assert_eq!((&bomb["truncated"], &bomb["fields"]), (&true.into(), &Value::Null));
    assert_eq!(daemon.get(&format!("/exchanges/{id}/messages/2/payload")).await.body, zlib, "as it was sent");
    daemon.stop().await;
}

#[tokio::test]
async fn compression_that_nobody_named_and_json_are_told() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Grpc, "grpc-encoding: snappy\r\n");
    talk.exchange.request_head = "POST /talk HTTP/2\r\ncontent-type: application/grpc+json\r\n\r\n".into();
    talk.say(Part::Request, MessageKind::Grpc, b"\n\t{ }");
    talk.say_as(Part::Request, MessageKind::Grpc, b"\xf0", |m| m.compressed = true);
    talk.say_as(Part::Response, MessageKind::Grpc, b"\xf0", |m| m.compressed = true);
    let id = talk.open().await;
    let get = async |number: u32| daemon.get(&format!("/exchanges/{id}/messages/{number}")).await.json();
    assert_eq!(get(1).await["text"], "\n\t{ }");
    assert!(get(2).await["decode_error"].as_str().unwrap().contains("no grpc-encoding"));
    assert!(get(3).await["decode_error"].as_str().unwrap().contains("'snappy'"));
    daemon.stop().await;
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_said() {
    let daemon = Daemon::start().await;
    let mut talk = Talk::begin(&daemon, Kind::Websocket, "");
    talk.say(Part::Request, MessageKind::Text, "one");
    let id = talk.open().await;
    let long = "x".repeat(1025);
    for (path, status, code) in [
        ("/exchanges/9.9/messages".to_owned(), 404, "not_found"),
        ("/exchanges/x/messages".to_owned(), 404, "not_found"),
        ("/exchanges/9.9/messages/1".to_owned(), 404, "not_found"),
        (format!("/exchanges/{id}/messages/2"), 404, "not_found"),
        (format!("/exchanges/{id}/messages/0/payload"), 404, "not_found"),
        (format!("/exchanges/{id}/messages/one"), 404, "not_found"),
        (format!("/exchanges/{id}/messages/%FF"), 404, "not_found"),
        (format!("/exchanges/{id}/messages?limit=0"), 400, "bad_request"),
        (format!("/exchanges/{id}/messages?limit=1001"), 400, "bad_request"),
        (format!("/exchanges/{id}/messages?after=x"), 400, "bad_request"),
        (format!("/exchanges/{id}/messages?sender=server"), 400, "bad_request"),
        (format!("/exchanges/{id}/messages?text={long}"), 400, "bad_request"),
        (format!("/exchanges/{id}/messages?foo=1"), 400, "bad_request"),
    ] {
        daemon.get(&path).await.error(status, code);
    }
    for path in ["", "/1", "/1/payload"] {
        let path = format!("/api/v1/exchanges/{id}/messages{path}");
        let nobody = format!("Host: {}\r\n", daemon.address);
        daemon.ask("GET", &path, &nobody, "").await.error(401, "unauthorized");
        assert_eq!(daemon.ask("GET", &path, &daemon.program(), "").await.status, 200, "{path}");
    }
    let last = daemon.get("/exchanges/@last/messages/1").await.json();
    assert_eq!(last["text"], "one");
    daemon.stop().await;
}
