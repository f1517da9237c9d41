//! What is written is what is read.

use super::*;
use crate::filter::FullText;
use crate::{
    Event, Filter, NewSession, Store,
    fixtures::{self, chunk, exchange, failure, inline, pattern, store, stream},
    model::{
        BodyEnd, BodyRecord, Gap, Head, HttpVersion, Kind, Part, Passthrough, PassthroughOrigin, RecordingRules,
        Scheme, SessionState, Source,
    },
};
use bytes::Bytes;
use std::io::Read;

fn session(store: &Store, name: &str) -> SessionId {
    let new = NewSession {
        name: name.into(),
        source: Source::Run,
        command: Some("curl x".into()),
        rules: RecordingRules::default(),
    };
    store.open_session(new).unwrap().id
}

fn read(reader: &Reader, id: ExchangeId, part: Part) -> (Vec<u8>, Body) {
    let mut body = reader.body(id, part).unwrap().unwrap();
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, body.stored);
    (bytes, body)
}

#[test]
fn a_small_exchange_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, session(&store, "one"));
    x.request = inline(b"question");
    x.response = BodyRecord { parts: vec![Bytes::from("an"), Bytes::from("swer")], ..inline(b"answer") };
    x.sent_head = Bytes::from_static(b"GET / HTTP/2\r\nhost: example.test\r\n\r\n");
    x.response_trailers = Bytes::from_static(b"grpc-status: 0\r\n");
    x.failure = Some(failure());
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();

    let reader = store.reader().unwrap();
    let (found, done) = reader.exchange(x.id).unwrap().unwrap();
    assert!(done);
    let without_parts = |x: &crate::model::Exchange| {
        let mut x = x.clone();
        x.request.parts.clear();
        x.response.parts.clear();
        format!("{x:?}")
    };
    assert_eq!(without_parts(&found), without_parts(&x));
    for (part, head) in [(Part::Request, &x.request_head), (Part::Response, &x.response_head)] {
        assert_eq!(reader.head(x.id, part).unwrap(), Some(Head::parse(head)));
    }
    assert_eq!(read(&reader, x.id, Part::Request).0, b"question");
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert_eq!((&bytes[..], body.size, body.gaps, body.end), (&b"answer"[..], 6, vec![], BodyEnd::Complete));
    let nobody = ExchangeId { session: x.id.session, number: 99 };
    assert!(reader.exchange(nobody).unwrap().is_none() && reader.body(nobody, Part::Request).unwrap().is_none());
}

#[test]
fn a_big_body_comes_back_from_segments() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (request, response) = (pattern(30_001), pattern(100_003));
    let mut x = exchange(&store, SessionId::SENT);
    let mut other = exchange(&store, SessionId::SENT);
    // Two exchanges at once, pieces interleaved.
    x.request = stream(store.queue(), x.seq, Part::Request, &request);
    let (first, second) = response.split_at(50_000);
    stream(store.queue(), x.seq, Part::Response, first);
    other.response = stream(store.queue(), other.seq, Part::Response, &request);
    store.flush().unwrap();
    chunk(store.queue(), x.seq, Part::Response, 50_000, second);
    x.response = BodyRecord { size: 100_003, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
    store.queue().push(Event::Done(x.clone()));
    store.queue().push(Event::Done(other.clone()));
    store.flush().unwrap();

    let reader = store.reader().unwrap();
    assert!(read(&reader, x.id, Part::Request).0 == request);
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert!(bytes == response && body.gaps.is_empty() && body.size == 100_003);
    assert!(read(&reader, other.id, Part::Response).0 == request);
    let (found, _) = reader.exchange(x.id).unwrap().unwrap();
    assert!(found.response.streamed && found.response.gaps.is_empty() && found.response.parts.is_empty());
    assert!(!reader.summaries(&[x.seq]).unwrap()[0].truncated);
    // Neighbours in body and file are one run, also across commits.
    let runs: i64 = reader.db.query_row("SELECT count(*) FROM extent WHERE seq = ?1", [x.seq], |r| r.get(0)).unwrap();
    assert_eq!(runs, 3);
    assert_eq!(store.queue().budget().used(), 0);
}

#[test]
fn what_was_not_kept_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let gap = |offset, length| Gap { offset, length };
    // Not recorded at all, as a policy may decide; recorded without its middle; small with a hole.
    let mut unrecorded = exchange(&store, SessionId::SENT);
    unrecorded.response = BodyRecord { size: 500, gaps: vec![gap(0, 500)], ..inline(b"") };
    let mut holed = exchange(&store, SessionId::SENT);
    chunk(store.queue(), holed.seq, Part::Response, 0, &[1; 100]);
    chunk(store.queue(), holed.seq, Part::Response, 300, &[2; 50]);
    holed.response = BodyRecord { size: 400, streamed: true, gaps: vec![gap(100, 200)], ..inline(b"") };
    let mut small = exchange(&store, SessionId::SENT);
    small.request = BodyRecord { size: 10, gaps: vec![gap(3, 4)], ..inline(b"abcdef") };
    for x in [&unrecorded, &holed, &small] {
        store.queue().push(Event::Done(x.clone()));
    }
    store.flush().unwrap();

    let reader = store.reader().unwrap();
    let (bytes, body) = read(&reader, unrecorded.id, Part::Response);
    assert_eq!((bytes, body.size, body.gaps), (vec![], 500, vec![gap(0, 500)]));
    let (bytes, body) = read(&reader, holed.id, Part::Response);
    // The last 50 bytes never came, and the recorder did not say so.
    assert_eq!((bytes, body.gaps), ([[1; 100].as_slice(), &[2; 50]].concat(), vec![gap(100, 200), gap(350, 50)]));
    let (bytes, body) = read(&reader, small.id, Part::Request);
    assert_eq!((&bytes[..], body.size, body.gaps), (&b"abcdef"[..], 10, vec![gap(3, 4)]));
    let found = reader.exchange(holed.id).unwrap().unwrap().0;
    assert_eq!(found.response.gaps, [gap(100, 200), gap(350, 50)]);
    let summaries = reader.summaries(&[unrecorded.seq, holed.seq, small.seq]).unwrap();
    assert!(summaries.iter().all(|s| s.truncated));
}

#[test]
fn segments_that_are_cut_or_gone_are_gaps_not_errors() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, SessionId::SENT);
    let data = pattern(50_000);
    x.response = stream(store.queue(), x.seq, Part::Response, &data);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let segment = dir.path().join("segments/0001");
    fs::File::options().write(true).open(&segment).unwrap().set_len(20_000).unwrap();
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert!(bytes == data[..20_000]);
    assert_eq!((body.size, body.gaps), (50_000, vec![Gap { offset: 20_000, length: 30_000 }]));

    // Cut after the body was opened: an error, not a wait or a wrong end.
    let mut body = reader.body(x.id, Part::Response).unwrap().unwrap();
    fs::File::options().write(true).open(&segment).unwrap().set_len(10).unwrap();
    assert_eq!(body.read_to_end(&mut Vec::new()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);

    fs::remove_file(&segment).unwrap();
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert_eq!((bytes.len(), body.gaps), (0, vec![Gap { offset: 0, length: 50_000 }]));
}

#[test]
fn overlapping_and_overlong_runs_are_read_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, SessionId::SENT);
    let data = pattern(40);
    for (offset, end) in [(10, 30), (0, 20), (12, 15), (30, 40)] {
        chunk(store.queue(), x.seq, Part::Response, offset as u64, &data[offset..end]);
        store.flush().unwrap();
    }
    x.response = BodyRecord { size: 35, streamed: true, ..inline(b"") };
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    let (bytes, body) = read(&store.reader().unwrap(), x.id, Part::Response);
    assert_eq!((&bytes[..], body.gaps), (&data[..35], vec![]));
}

#[test]
fn an_open_exchange_is_seen_and_then_final() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store, "one");
    let reader = store.reader().unwrap();
    let mut x = exchange(&store, session);
    x.response.end = BodyEnd::Open;
    x.response.size = 5;
    x.response.parts = vec![Bytes::from_static(b"first")];
    let early = x.clone();
    store.queue().push(Event::Open(x.clone()));
    store.flush().unwrap();
    let summary = &reader.summaries(&[x.seq]).unwrap()[0];
    assert!(!summary.done && summary.response_end == BodyEnd::Open);
    assert_eq!(read(&reader, x.id, Part::Response).0, b"first");
    assert!(!reader.exchange(x.id).unwrap().unwrap().1);
    assert_eq!(reader.session(session).unwrap().unwrap().exchanges, 1);
    assert_eq!(reader.session(session).unwrap().unwrap().bytes, 0);

    // It outgrows its row, which is not written again yet.
    let data = pattern(20_000);
    stream(store.queue(), x.seq, Part::Response, &data);
    store.flush().unwrap();
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert!(bytes == data && body.size == 20_000 && body.gaps.is_empty());

    // The client goes away.
    x.response = BodyRecord { size: 20_000, streamed: true, end: BodyEnd::Dropped, ..BodyRecord::default() };
    x.failure = Some(failure());
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    store.queue().push(Event::Open(early)); // late: changes nothing
    store.queue().push(Event::Done(x.clone())); // twice: counts once
    store.flush().unwrap();
    let summary = &reader.summaries(&[x.seq]).unwrap()[0];
    assert!(summary.done && !summary.truncated);
    assert_eq!((summary.response_size, summary.response_end), (20_000, BodyEnd::Dropped));
    assert_eq!(summary.failure, Some(failure()));
    assert!(read(&reader, x.id, Part::Response).0 == data);
    let totals = reader.session(session).unwrap().unwrap();
    assert_eq!((totals.exchanges, totals.bytes, totals.failures), (1, 20_000, 1));
}

#[test]
fn a_connection_comes_back_with_its_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut c = fixtures::connection(&store);
    let other = fixtures::connection(&store);
    store.queue().push(Event::Connection(Box::new(crate::model::Connection { tls: None, ..*c.clone() })));
    store.queue().push(Event::Connection(other.clone()));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    assert!(reader.connection(c.id).unwrap().unwrap().tls.is_none());
    // More becomes known of the first: its handshake, and who is at its other end.
    c.tls_us = Some(77);
    c.process = Some(crate::model::Process { pid: 4711, name: "curl".into() });
    store.queue().push(Event::Connection(c.clone()));
    store.flush().unwrap();
    for expected in [&c, &other] {
        let found = reader.connection(expected.id).unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }
    let certificates: i64 = reader.db.query_row("SELECT count(*) FROM certificate", [], |r| r.get(0)).unwrap();
    assert_eq!(certificates, 2, "the same certificate is stored once");
    assert!(reader.connection(99).unwrap().is_none());
}

#[test]
fn lists_page_back_to_the_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (a, b) = (session(&store, "a"), session(&store, "b"));
    for i in 0..25 {
        store.queue().push(Event::Done(exchange(&store, if i % 5 == 0 { b } else { a })));
    }
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let seqs = |page: &Page| page.items.iter().map(|s| s.seq).collect::<Vec<_>>();

    let mut query = ListQuery { limit: 10, ..ListQuery::default() };
    let mut all = Vec::new();
    loop {
        let page = reader.list(&query).unwrap();
        assert_eq!(page.matched.map(|m| m.count), query.before.is_none().then_some(25));
        assert!(page.items.is_sorted_by_key(|s| s.seq));
        all.splice(0..0, seqs(&page));
        query.before = page.before;
        if page.before.is_none() {
            break;
        }
    }
    assert_eq!(all, (1..=25).collect::<Vec<_>>());

    let after = reader.list(&ListQuery { after: Some(20), limit: 3, ..ListQuery::default() }).unwrap();
    assert_eq!((seqs(&after), after.before), (vec![21, 22, 23], None));
    let filter = Filter::parse(&format!("session:{b}")).unwrap();
    let of_b = reader.list(&ListQuery { filter, limit: 3, ..ListQuery::default() }).unwrap();
    assert_eq!((seqs(&of_b), of_b.before, of_b.matched.unwrap().count), (vec![11, 16, 21], Some(11), 5));
    assert_eq!(reader.list(&ListQuery { limit: 0, ..ListQuery::default() }).unwrap().items.len(), 1);
    assert_eq!(seqs(&Page { items: reader.summaries(&[7, 99, 3]).unwrap(), ..after }), [7, 3]);
}

#[test]
fn a_session_is_listed_without_reading_what_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (condition, values) = Filter::parse("session:3 host:x").unwrap().expression().sql(FullText::Set);
    let plan = format!("EXPLAIN QUERY PLAN SELECT seq FROM exchange_listed WHERE {condition} ORDER BY seq DESC");
    let reader = store.reader().unwrap();
    let bound = values.iter().map(|v| match v {
        crate::filter::Value::Integer(n) => n as &dyn rusqlite::ToSql,
        crate::filter::Value::Text(t) => t as &dyn rusqlite::ToSql,
    });
    let step = |r: &rusqlite::Row<'_>| r.get::<_, String>(3);
    let plan: String = reader.db.query_row(&plan, rusqlite::params_from_iter(bound), step).unwrap();
    assert_eq!(plan, "SEARCH exchange USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
}

#[test]
fn filters_find_what_they_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store, "one");
    let mut all: Vec<_> = (0..7).map(|_| exchange(&store, session)).collect();
    all[1].method = "POST".into();
    all[1].path = "/login?user=100%_x".into();
    all[2].status = Some(404);
    all[2].response_head = Bytes::from_static(b"HTTP/1.1 404 No\r\nContent-Type: text/HTML\r\n\r\n");
    all[3].host = "cdn.Example.org".into();
    all[3].scheme = Scheme::Http;
    all[3].port = 8080;
    all[4].status = None;
    all[4].response_head = Bytes::new();
    all[4].failure = Some(failure());
    all[5].kind = Kind::Tunnel;
    all[5].host = "2001:db8::1".into();
    all[5].scheme = Scheme::Tcp;
    all[5].port = 22;
    all[5].path = String::new();
    let let_through =
        Passthrough { pattern: "2001:db8::1".into(), origin: PassthroughOrigin::User, sni: Some("a.test".into()) };
    all[5].passthrough = Some(let_through.clone());
    all[6].kind = Kind::Websocket;
    all[6].status = Some(101);
    let last = all.pop().unwrap();
    all.into_iter().for_each(|x| store.queue().push(Event::Done(x)));
    store.queue().push(Event::Open(last));
    store.flush().unwrap();

    let reader = store.reader().unwrap();
    for (text, expected) in [
        ("", vec![1, 2, 3, 4, 5, 6, 7]),
        ("  ", vec![1, 2, 3, 4, 5, 6, 7]),
        ("LOGIN", vec![2]),
        ("-login", vec![1, 3, 4, 5, 6, 7]),
        ("https://example.test/items", vec![1, 3, 5, 7]),
        ("http://cdn.example.org:8080/", vec![4]),
        ("tcp://[2001:db8::1]:22", vec![6]),
        ("\"100%_x\"", vec![2]),
        ("100%x", vec![]),
        ("method:post,put", vec![2]),
        ("-method:GET", vec![2]),
        ("status:404", vec![3]),
        ("status:4xx,1XX", vec![3, 7]),
        ("-status:2xx", vec![3, 5, 7]),
        ("host:CDN", vec![4]),
        ("host:cdn,2001", vec![4, 6]),
        ("-host:cdn -is:tunnel path:items", vec![1, 3, 5, 7]),
        ("type:json", vec![1, 2, 4, 6, 7]),
        ("type:html", vec![3]),
        ("is:failed", vec![5]),
        ("is:pending", vec![7]),
        ("is:http", vec![1, 2, 3, 4, 5]),
        ("is:ws", vec![7]),
        ("is:tunnel,ws", vec![6, 7]),
        ("is:sse", vec![]),
        ("is:passthrough", vec![6]),
        ("is:pinned", vec![]),
        ("session:0", vec![]),
        ("-session:0 status:404", vec![3]),
        ("session:1 status:404", vec![3]),
        ("-session:1", vec![]),
        ("path:\"?user\"", vec![2]),
    ] {
        let filter = Filter::parse(text).unwrap();
        let page = reader.list(&ListQuery { filter, ..ListQuery::default() }).unwrap();
        assert_eq!(page.items.iter().map(|s| s.seq).collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(page.matched.unwrap().count, expected.len() as u64, "{text}");
    }
    let why = reader.exchange(reader.summaries(&[6]).unwrap()[0].id).unwrap().unwrap().0.passthrough;
    assert_eq!(why.as_ref(), Some(&let_through));
    assert_eq!(reader.summaries(&[6]).unwrap()[0].passthrough, why);
}

#[test]
fn kinds_have_words_in_filters() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let words = [
        ("http", Kind::Http),
        ("ws", Kind::Websocket),
        ("sse", Kind::Sse),
        ("grpc", Kind::Grpc),
        ("tunnel", Kind::Tunnel),
    ];
    for (_, kind) in words {
        let mut x = exchange(&store, SessionId::SENT);
        x.kind = kind;
        store.queue().push(Event::Done(x));
    }
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    for (word, kind) in words {
        let filter = Filter::parse(&format!("is:{word}")).unwrap();
        let found = reader.list(&ListQuery { filter, ..ListQuery::default() }).unwrap().items;
        assert_eq!(found.iter().map(|s| s.kind).collect::<Vec<_>>(), [kind], "{word}");
    }
}

#[test]
fn a_summary_says_what_the_list_shows() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, SessionId::SENT);
    x.request.size = 3;
    x.response.size = 9;
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    let summary = store.reader().unwrap().summaries(&[x.seq]).unwrap().remove(0);
    assert_eq!((summary.id, summary.kind, summary.source, summary.done), (x.id, Kind::Http, Source::Proxy, true));
    assert_eq!((summary.started_us, summary.timings), (x.started_us, x.timings));
    assert_eq!((&summary.method[..], summary.scheme, summary.port), ("GET", Scheme::Https, 443));
    assert_eq!((&summary.host[..], &summary.path[..]), ("example.test", "/items?n=1"));
    assert_eq!((&summary.url[..], summary.status), ("https://example.test/items?n=1", Some(200)));
    assert_eq!(summary.content_type.as_deref(), Some("application/json"));
    assert_eq!((summary.request_version, summary.response_version), (HttpVersion::Http11, Some(HttpVersion::Http2)));
    assert_eq!((summary.request_size, summary.response_size, summary.truncated), (3, 9, false));
    assert_eq!((summary.response_end, summary.failure), (BodyEnd::Complete, None));
}

#[test]
fn ids_are_resolved_as_typed() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    assert_eq!(reader.resolve("@last").unwrap(), None);
    let x = exchange(&store, SessionId::SENT);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    assert_eq!(reader.resolve("@last").unwrap(), Some(x.id));
    assert_eq!(reader.resolve("0.1").unwrap(), Some(x.id));
    assert_eq!(reader.resolve("0.2").unwrap(), None);
    for bad in ["", "1", "@first", "0.1 ", "0.-1", "last"] {
        assert!(matches!(reader.resolve(bad), Err(StoreError::BadId(_))), "{bad:?}");
    }
}

#[test]
fn sessions_stats_and_changes_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let before = reader.data_version().unwrap();
    assert_eq!(reader.data_version().unwrap(), before);
    let id = session(&store, "curl");
    assert_ne!(reader.data_version().unwrap(), before);
    store.close_session(id, SessionState::Paused).unwrap();
    assert_eq!(reader.session(id).unwrap().unwrap().ended_us, None);
    store.close_session(id, SessionState::Stopped).unwrap();
    let missing = store.close_session(SessionId(99), SessionState::Stopped);
    assert!(matches!(missing, Err(StoreError::NoSession(SessionId(99)))));

    let sessions = reader.sessions().unwrap();
    let shown: Vec<_> = sessions.iter().map(|s| (s.id.0, &s.name[..], s.source, s.state)).collect();
    let expected =
        [(0, "Sent", Source::Send, SessionState::Recording), (1, "curl", Source::Run, SessionState::Stopped)];
    assert_eq!(shown, expected);
    assert_eq!(sessions[1].command.as_deref(), Some("curl x"));
    assert!(sessions[1].ended_us.is_some());

    let mut x = exchange(&store, id);
    x.response = stream(store.queue(), x.seq, Part::Response, &pattern(1 << 20));
    store.queue().push(Event::Done(x));
    store.flush().unwrap();
    let stats = reader.stats().unwrap();
    assert_eq!((stats.sessions, stats.exchanges, stats.schema), (2, 1, 1));
    assert!(stats.bytes > 1 << 20);
}

#[test]
fn the_sql_view_is_there_and_readers_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store.queue().push(Event::Done(exchange(&store, SessionId::SENT)));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let sql = "SELECT id, started, url, status FROM v_exchanges";
    let row: (String, String, String, i64) =
        reader.db.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))).unwrap();
    let expected = ("0.1".into(), "2026-09-21T14:13:20.000Z".into(), "https://example.test/items?n=1".into(), 200);
    assert_eq!(row, expected);
    assert!(reader.db.execute("DELETE FROM exchange", []).is_err());
    assert!(reader.db.pragma_query_value(None, "query_only", |r| r.get::<_, bool>(0)).unwrap());
}
