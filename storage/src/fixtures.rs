//! Exchanges and connections for tests.

use crate::{
    Event, INLINE, Options, Queue, Store,
    model::{
        BodyEnd, BodyRecord, Connection, Exchange, ExchangeId, Failure, HttpVersion, Kind, Omitted, Part, Role, Scheme,
        SessionId, Side, Source, Stage, Timings, Tls,
    },
};
use bytes::Bytes;
use std::{fs, path::Path, time::Duration};

/// For a writer that does not let batches gather, however full the disk is.
pub(crate) fn options(dir: &Path) -> Options {
    Options { tick: Duration::ZERO, min_free: 0, ..Options::new(dir) }
}

/// A store whose writer does not let batches gather.
pub(crate) fn store(dir: &Path) -> Store {
    Store::open(options(dir)).unwrap()
}

/// An exchange that went well: `GET https://example.test/items?n=<number>`, 200, JSON.
pub(crate) fn exchange(store: &Store, session: SessionId) -> Box<Exchange> {
    numbered(store.ids().next_seq(), store.ids().next_exchange(session))
}

pub(crate) fn numbered(seq: i64, id: ExchangeId) -> Box<Exchange> {
    Box::new(Exchange {
        seq,
        id,
        kind: Kind::Http,
        source: Source::Proxy,
        started_us: 1_790_000_000_000_000 + seq,
        timings: Timings { head_us: Some(500), end_us: Some(900), ..Timings::default() },
        client_connection: Some(1),
        upstream_connection: None,
        scheme: Scheme::Https,
        host: "example.test".into(),
        port: 443,
        method: "GET".into(),
        path: format!("/items?n={}", id.number),
        status: Some(200),
        request_version: HttpVersion::Http11,
        response_version: Some(HttpVersion::Http2),
        request_head: Bytes::from(format!("GET /items?n={} HTTP/1.1\r\nHost: example.test\r\n\r\n", id.number)),
        sent_head: Bytes::new(),
        response_head: Bytes::from_static(b"HTTP/2 200\r\ncontent-type: application/JSON; charset=utf-8\r\n\r\n"),
        request_trailers: Bytes::new(),
        response_trailers: Bytes::new(),
        request: BodyRecord { end: BodyEnd::Complete, ..BodyRecord::default() },
        response: BodyRecord { end: BodyEnd::Complete, ..BodyRecord::default() },
        messages: 0,
        omitted: Omitted::default(),
        passthrough: None,
        failure: None,
    })
}

pub(crate) fn failure() -> Failure {
    Failure { side: Side::Upstream, stage: Stage::Response, reason: "reset".into(), message: "It broke off.".into() }
}

/// A small body.
pub(crate) fn inline(data: &[u8]) -> BodyRecord {
    assert!(data.len() <= INLINE);
    BodyRecord {
        size: data.len() as u64,
        parts: vec![Bytes::copy_from_slice(data)],
        end: BodyEnd::Complete,
        ..BodyRecord::default()
    }
}

/// Pushes a big body as the recorder does, in pieces, and returns its record.
pub(crate) fn stream(queue: &Queue, seq: i64, part: Part, data: &[u8]) -> BodyRecord {
    let mut offset = 0;
    for piece in data.chunks(10_000) {
        chunk(queue, seq, part, offset, piece);
        offset += piece.len() as u64;
    }
    BodyRecord { size: offset, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() }
}

pub(crate) fn chunk(queue: &Queue, seq: i64, part: Part, offset: u64, data: &[u8]) {
    queue.budget().force(data.len());
    queue.push(Event::Chunk { seq, part, offset, data: Bytes::copy_from_slice(data) });
}

/// Bytes that differ everywhere, so that misplaced ones show.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

/// The folder as a killed daemon would leave it: the files of a store that is still open.
pub(crate) fn killed(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join(crate::SEGMENTS)).unwrap();
    for from in [dir.to_owned(), dir.join(crate::SEGMENTS)] {
        for entry in fs::read_dir(&from).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                let to = copy.path().join(entry.path().strip_prefix(dir).unwrap());
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    copy
}

pub(crate) fn connection(store: &Store) -> Box<Connection> {
    Box::new(Connection {
        id: store.ids().next_connection(),
        role: Role::Upstream,
        opened_us: 1_790_000_000_000_000,
        peer: "[2001:db8::1]:443".parse().unwrap(),
        local: Some("192.0.2.1:50000".parse().unwrap()),
        authority: "example.test:443".into(),
        dns_us: Some(1),
        connect_us: Some(2),
        tls_us: Some(3),
        tls: Some(Tls {
            version: "TLS 1.3".into(),
            cipher: "TLS13_AES_256_GCM_SHA384".into(),
            group: Some("X25519".into()),
            alpn: Some("h2".into()),
            offered_alpn: vec!["h2".into(), "http/1.1".into()],
            sni: Some("example.test".into()),
            resumed: false,
            doubt: None,
            client_certificate: Some("CN=ann".into()),
            verified: Some(true),
            chain: vec![Bytes::from_static(b"leaf"), Bytes::from_static(b"issuer")],
        }),
        via: Some("http://proxy.test:3128".into()),
        via_us: Some(4),
        process: None,
    })
}
