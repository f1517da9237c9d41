//! Exchanges as a week of work may leave them: some hundred hosts of which few have most, paths with numbers in them,
//! bodies that are mostly the same.

use bytes::Bytes;
use std::{thread, time::Duration};
use waylay_storage::{
    Event, NewSession, Store,
    model::{
        BodyEnd, BodyRecord, Exchange, ExchangeId, Failure, HttpVersion, Kind, Omitted, RecordingRules, Scheme,
        SessionId, Side, Source, Stage, Timings,
    },
};

/// Hosts in all.
pub(crate) const HOSTS: u64 = 300;
/// Sessions in all.
const SESSIONS: i64 = 50;
/// Bodies that many exchanges share.
const BODIES: u64 = 400;

const METHODS: [&str; 12] =
    ["GET", "GET", "GET", "GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "OPTIONS"];
const STATUSES: [u16; 16] = [200, 200, 200, 200, 200, 200, 200, 200, 200, 204, 304, 301, 400, 404, 404, 500];
const TYPES: [&str; 10] = [
    "application/json",
    "application/json",
    "application/json",
    "text/html",
    "text/css",
    "text/javascript",
    "image/png",
    "image/svg+xml",
    "font/woff2",
    "application/octet-stream",
];
const NOUNS: [&str; 16] = [
    "users", "orders", "items", "carts", "search", "sessions", "invoices", "payments", "products", "reviews", "events",
    "metrics", "assets", "avatars", "messages", "settings",
];

/// Numbers that look like chance and are the same each time (SplitMix64).
pub(crate) fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Captures them all, as fast as the writer takes them.
pub(crate) fn capture(store: &Store, count: i64) {
    let mut session = None;
    for i in 0..count {
        if i % (count / SESSIONS).max(1) == 0 {
            let name = format!("session {i}");
            let rules = RecordingRules::default();
            let new = NewSession { name, source: Source::Proxy, command: None, rules };
            session = Some(store.open_session(new).unwrap().id);
        }
        push(store, session.unwrap(), i as u64);
    }
}

/// Captures one; waits while there is no room.
pub(crate) fn push(store: &Store, session: SessionId, number: u64) {
    while store.queue().budget().used() > 12 << 20 {
        thread::sleep(Duration::from_millis(1));
    }
    let (seq, id) = (store.ids().next_seq(), store.ids().next_exchange(session));
    store.queue().push(Event::Done(Box::new(exchange(seq, id, number))));
}

fn exchange(seq: i64, id: ExchangeId, n: u64) -> Exchange {
    let r = |salt: u64| chance(n.wrapping_mul(31).wrapping_add(salt));
    // The square of chance: few hosts have most.
    let host = (r(1) % HOSTS) * (r(2) % HOSTS) / HOSTS;
    let host = format!("{}.host{host}.example.com", ["api", "www", "cdn"][(host % 3) as usize]);
    let method = METHODS[(r(3) % METHODS.len() as u64) as usize];
    let status = STATUSES[(r(4) % STATUSES.len() as u64) as usize];
    let media = TYPES[(r(5) % TYPES.len() as u64) as usize];
    let [noun, other] = [6, 7].map(|salt| NOUNS[(r(salt) % NOUNS.len() as u64) as usize]);
    let path =
        format!("/api/v{}/{noun}/{}/{other}?page={}&trace={:08x}", r(8) % 3, r(9) % 50_000, r(10) % 40, r(11) >> 32);
    // One in ten thousand is something nobody else has.
    let path = if n % 10_000 == 77 { format!("{path}&needle=haystack{n}") } else { path };
    let failed = r(12) % 100 == 0;
    let body = body(r(13) % BODIES, n);
    let request_head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36\r\nAccept: application/json, text/plain, */*\r\nAccept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nCookie: sid={:016x}; theme=dark\r\nX-Request-Id: {:016x}\r\n\r\n",
        r(14),
        r(15)
    );
    let response_head = format!(
        "HTTP/2 {status}\r\ncontent-type: {media}; charset=utf-8\r\ndate: Sun, 22 Nov 2026 {:02}:{:02}:{:02} GMT\r\nserver: nginx\r\ncontent-length: {}\r\netag: \"{:012x}\"\r\ncache-control: no-cache\r\nvary: accept-encoding\r\n\r\n",
        r(16) % 24,
        r(17) % 60,
        r(18) % 60,
        body.len(),
        r(19) >> 16
    );
    Exchange {
        seq,
        id,
        kind: if r(20) % 200 == 0 { Kind::Websocket } else { Kind::Http },
        source: Source::Proxy,
        started_us: 1_790_000_000_000_000 + n as i64 * 20_000,
        timings: Timings { head_us: Some(20_000), end_us: Some((r(21) % 900_000) as i64 + 500), ..Timings::default() },
        client_connection: Some(1),
        upstream_connection: Some(2),
        scheme: Scheme::Https,
        host,
        port: 443,
        method: method.into(),
        path,
        status: (!failed).then_some(status),
        request_version: HttpVersion::Http11,
        response_version: Some(HttpVersion::Http2),
        request_head: request_head.into(),
        sent_head: Bytes::new(),
        response_head: if failed { Bytes::new() } else { response_head.into() },
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
        failure: failed.then(|| Failure {
            side: Side::Upstream,
            stage: Stage::Connect,
            reason: "refused".into(),
            message: "Nobody listens there.".into(),
        }),
    }
}

/// One of a few hundred documents; one in five thousand has words of its own.
fn body(which: u64, n: u64) -> Bytes {
    let mut text = String::from("{\"items\":[");
    for i in 0..which % 12 + 2 {
        let r = chance(which * 100 + i);
        text.push_str(&format!(
            "{{\"id\":{},\"name\":\"{} number {}\",\"state\":\"{}\"}},",
            r % 100_000,
            NOUNS[(r % 16) as usize],
            r % 977,
            ["open", "closed", "waiting"][(r % 3) as usize]
        ));
    }
    if n % 5_000 == 13 {
        text.push_str(&format!("{{\"note\":\"quixotic zeppelin {n}\"}},"));
    }
    text.push_str("null]}");
    text.into()
}
