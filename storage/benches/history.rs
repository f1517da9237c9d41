//! A history of ten thousand sends: what its pages cost. Start it by `tests/bench history`; `--count N` makes a shorter one.
//!
//! Times are of warm caches: each question is asked several times, and the median counts.

#![allow(missing_docs, clippy::print_stdout)]

use bytes::Bytes;
use std::{
    io::Read,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use waylay_storage::{
    Decode, Event, Filter, HistoryQuery, NewSession, Options, Reader, Store,
    model::{
        BodyEnd, BodyRecord, Exchange, Head, HttpVersion, Kind, NewSend, Omitted, RecordingRules, Scheme, SendEnd,
        SendState, SessionId, SessionState, Source, Timings,
    },
};

/// How long a page may take.
const GOAL: Duration = Duration::from_millis(50);
/// How often each question is asked.
const ROUNDS: usize = 9;
/// Sessions among the sends.
const SESSIONS: i64 = 200;
/// Microseconds between two sends.
const APART: i64 = 60_000_000;

struct Plain;

impl Decode for Plain {
    fn text(&self, _: &Head, body: &mut dyn Read) -> Option<String> {
        let mut text = String::new();
        body.read_to_string(&mut text).ok().map(|_| text)
    }
}

fn main() {
    let mut count: i64 = 10_000;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--count" {
            count = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(count);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options { min_free: 0, ..Options::new(dir.path()) }).unwrap();
    store.keep_index(Arc::new(Plain)).unwrap();
    let began = Instant::now();
    fill(&store, count);
    println!("{count} sends and {SESSIONS} sessions stored in {:.1} s", began.elapsed().as_secs_f64());
    let reader = indexed(&store);
    println!("\n| a page of 100 | goal | median | |\n|---|---|---|---|");
    let page = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        HistoryQuery { filter, limit: 100, ..HistoryQuery::default() }
    };
    ask(&reader, "the first", &page(""));
    let mut last = page("");
    while let Some(before) = reader.history(&last).unwrap().before {
        last.before = Some(before);
    }
    ask(&reader, "the last", &last);
    ask(&reader, "of a filter that all match: `host:api`", &page("host:api"));
    ask(&reader, "of one that a tenth matches: `method:POST`", &page("method:POST"));
    ask(&reader, "of one that one matches: `path:/items/7?`", &page("path:/items/7?"));
    ask(&reader, "of one that none matches: `host:elsewhere`", &page("host:elsewhere"));
    ask(&reader, "of a rare word of a body: `body:number7x`", &page("body:number7x"));
    ask(&reader, "of what none has in a field: `header:x-none`", &page("header:x-none"));
    let like = HistoryQuery { like: Some(count), limit: 100, ..HistoryQuery::default() };
    ask(&reader, "of the same request", &like);
}

fn ask(reader: &Reader, what: &str, query: &HistoryQuery) {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        reader.history(query).unwrap();
        times.push(began.elapsed());
    }
    times.sort();
    let median = times[ROUNDS / 2];
    let met = if median <= GOAL { "met" } else { "not met" };
    println!("| {what} | <= {} ms | {:.1} ms | {met} |", GOAL.as_millis(), median.as_secs_f64() * 1e3);
}

fn fill(store: &Store, count: i64) {
    let start = 1_790_000_000_000_000;
    for number in 0..count {
        if number % (count / SESSIONS).max(1) == 0 {
            let rules = RecordingRules::default();
            let new = NewSession { name: format!("s{number}"), source: Source::Proxy, command: None, rules };
            let id = store.open_session(new).unwrap().id;
            store.close_session(id, SessionState::Stopped).unwrap();
        }
        let method = if number % 10 == 0 { "POST" } else { "GET" };
        let url = format!("https://api.example.test/items/{number}?page={}", number % 7);
        let new = NewSend {
            at_us: start + number * APART,
            method: method.into(),
            url: url.clone(),
            request: format!(
                r#"{{"method":"{method}","url":"{url}","body":{{"mode":"raw","raw":"{}"}}}}"#,
                "x".repeat(1500)
            ),
            environment: Some("local".into()),
            made_from: None,
        };
        let send = store.begin_send(&new).unwrap();
        let exchange = exchange(store, number, method);
        let end = SendEnd {
            state: SendState::Done,
            method: method.into(),
            url,
            exchanges: vec![exchange.id.number],
            status: Some(200),
            duration_us: 900,
            bytes: 2000,
            error: None,
        };
        store.queue().push(Event::Done(exchange));
        store.end_send(send, end).unwrap();
    }
}

fn exchange(store: &Store, number: i64, method: &str) -> Box<Exchange> {
    let body = Bytes::from(format!("number{number}x {}", "some words of an answer ".repeat(80)));
    let path = format!("/items/{number}?page={}", number % 7);
    Box::new(Exchange {
        seq: store.ids().next_seq(),
        id: store.ids().next_exchange(SessionId::SENT),
        kind: Kind::Http,
        source: Source::Send,
        started_us: 1_790_000_000_000_000 + number * APART,
        timings: Timings { head_us: Some(500), end_us: Some(900), ..Timings::default() },
        client_connection: None,
        upstream_connection: None,
        scheme: Scheme::Https,
        host: "api.example.test".into(),
        port: 443,
        method: method.into(),
        request_head: Bytes::from(format!("{method} {path} HTTP/1.1\r\nHost: api.example.test\r\nAccept: */*\r\n\r\n")),
        path,
        status: Some(200),
        request_version: HttpVersion::Http11,
        response_version: Some(HttpVersion::Http11),
        sent_head: Bytes::new(),
        response_head: Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"),
        request_trailers: Bytes::new(),
        response_trailers: Bytes::new(),
        request: BodyRecord { end: BodyEnd::Complete, ..BodyRecord::default() },
        response: BodyRecord {
            size: body.len() as u64,
            parts: vec![body],
            end: BodyEnd::Complete,
            ..BodyRecord::default()
        },
        messages: 0,
        omitted: Omitted::default(),
        passthrough: None,
        failure: None,
    })
}

/// A reader, once the index has come to the end.
fn indexed(store: &Store) -> Reader {
    store.flush().unwrap();
    loop {
        let reader = store.reader().unwrap();
        if reader.index_state().unwrap().is_some_and(|state| state.behind == 0 && state.text_behind == 0) {
            return reader;
        }
        thread::sleep(Duration::from_millis(100));
    }
}
