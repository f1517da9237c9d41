use super::Decode;
use crate::{
    Event, Filter, ListQuery, NewSession, Reader, SortKey, SortedPage, SortedQuery, Store,
    fixtures::{connection, exchange, failure, inline, store},
    model::{Connection, Failure, Head, Kind, Process, RecordingRules, Scheme, SessionId, Source},
};
use std::{
    collections::BTreeSet,
    io::Read,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Bodies as they are.
struct Plain;

impl Decode for Plain {
    fn text(&self, _: &Head, body: &mut dyn Read) -> Option<String> {
        let mut text = String::new();
        body.read_to_string(&mut text).ok().map(|_| text)
    }
}

fn session(store: &Store) -> SessionId {
    let rules = RecordingRules::default();
    store.open_session(NewSession { name: "s".into(), source: Source::Proxy, command: None, rules }).unwrap().id
}

/// Exchanges of many kinds.
fn capture(store: &Store, session: SessionId, count: i64) {
    for i in 0..count {
        let mut x = exchange(store, session);
        x.method = ["GET", "post", "PUT"][(i % 3) as usize].into();
        x.host = format!("h{}.example.test", i % 7);
        x.path = format!("/api/v{}/Items/{i}?q=%20{}", i % 2, i * 31);
        x.status = (i % 11 != 0).then_some([200, 204, 304, 404, 500][(i % 5) as usize]);
        x.kind = [Kind::Http, Kind::Http, Kind::Sse, Kind::Websocket][(i % 4) as usize];
        x.source = [Source::Proxy, Source::Send, Source::Import][(i % 3) as usize];
        x.timings.end_us = (i % 13 != 0).then_some(i * 100);
        x.failure =
            (i % 6 == 0).then(|| Failure { reason: ["reset", "timeout"][(i % 4 / 2) as usize].into(), ..failure() });
        (x.scheme, x.port) = [(Scheme::Https, 443), (Scheme::Http, 80), (Scheme::Http, 8080)][(i % 10 / 4) as usize];
        x.client_connection = [Some(1), Some(2), Some(3), None][(i % 4) as usize];
        x.omitted.media = i % 9 == 0;
        let more = ["", "cookie: sid=v1; Sid=2\r\n", "X-Odd: \r\n", "Cookie: =none\r\nCookie: a=b;sid=v3\r\n"]
            [(i % 8 / 2) as usize];
        x.request_head = format!("GET / HTTP/1.1\r\nX-Id: a{}-b\r\nHost: x\r\n{more}\r\nx-body: 1", i % 17).into();
        if i % 2 == 0 {
            x.response_head =
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: sid=; Path=/\r\n\r\n"[..].into();
        }
        if i % 16 == 5 {
            x.response_head = b"HTTP/1.1 204 No Content\r\n\r\n"[..].into();
        }
        x.response = inline(format!("The word w{} stands here", i % 19).repeat((i % 3) as usize).as_bytes());
        let open = i % 10 == 3;
        store.queue().push(if open { Event::Open(x) } else { Event::Done(x) });
    }
    store.flush().unwrap();
}

/// A connection whose client is told of.
fn connect(store: &Store, process: Option<&str>) {
    let process = process.map(|name| Process { pid: 1, name: name.into() });
    store.queue().push(Event::Connection(Box::new(Connection { process, ..*connection(store) })));
}

fn settled(dir: &Path) -> Reader {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let reader = Reader::open(dir).unwrap();
        let state = reader.index_state().unwrap();
        if state.is_some_and(|state| state.behind == 0 && state.text_behind == 0) {
            return reader;
        }
        assert!(Instant::now() < until, "the index does not come to an end: {state:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const FILTERS: &[&str] = &[
    "",
    "items",
    "ITEMS/4",
    "/api/v1",
    "xy",
    "nowhere",
    "method:GET",
    "method:POST,put",
    "-method:get",
    "status:404",
    "status:4xx",
    "-status:2xx",
    "host:h3",
    "host:example",
    "-host:h1 host:h",
    "-host:h",
    "-method:get,post,put",
    "-type:/x/",
    "-header:x-id",
    "-header:host -cookie:sid",
    "-port:443",
    "-reason:t",
    "path:items",
    "path:/v0/",
    "type:json",
    "type:html",
    "-type:html",
    "is:failed",
    "-is:failed",
    "is:pending",
    "is:ws",
    "is:sse -is:failed",
    "is:http",
    "dur<5ms",
    "-dur<5ms",
    "dur>1ms",
    "size>30",
    "-size>30",
    "before:2020-01-01",
    "session:1",
    "session:9",
    "session:1 status:5xx items method:PUT",
    "host:h2 status:200 path:items/2",
    "scheme:http",
    "-scheme:http",
    "port:8080",
    "-port:443 scheme:https",
    "port:44",
    "reason:time",
    "-reason:time",
    "reason:/^res/",
    "is:failed reason:RESET",
    "process:fox",
    "-process:fox",
    "process:/^curl$/",
    "process:none",
    "header:x-odd",
    "-header:X-Odd",
    "header:odd",
    "header:x-body",
    "header:set-cookie status:200",
    "header:x-id=a3-",
    "-header:x-id=A3",
    "header:x-odd OR port:8080",
    "cookie:sid",
    "-cookie:sid",
    "cookie:Sid",
    "cookie:sid=3",
    "-cookie:sid=3",
    "cookie:SID",
    "cookie:a header:cookie",
];

fn seqs(reader: &Reader, text: &str, query: ListQuery) -> Vec<i64> {
    let query = ListQuery { filter: Filter::parse(text).unwrap(), ..query };
    let page = reader.list(&query).unwrap();
    let seqs: Vec<i64> = page.items.iter().map(|x| x.seq).collect();
    if let Some(matched) = page.matched.filter(|_| page.before.is_none()) {
        assert_eq!(matched.count, seqs.len() as u64, "{text}");
    }
    seqs
}

/// All matches page by page, in both directions, must be those that a look at every row finds.
fn agrees(dir: &Path) {
    let indexed = Reader::open(dir).unwrap();
    assert!(indexed.indexed);
    let mut plain = Reader::open(dir).unwrap();
    plain.indexed = false;
    for text in FILTERS {
        let all = seqs(&plain, text, ListQuery { limit: 1000, ..ListQuery::default() });
        let mut back = Vec::new();
        let mut query = ListQuery { limit: 7, filter: Filter::parse(text).unwrap(), ..ListQuery::default() };
        loop {
            let page = indexed.list(&query).unwrap();
            if let Some(matched) = page.matched {
                assert_eq!((matched.count, matched.at_least), (all.len() as u64, false), "{text}");
            }
            back.splice(0..0, page.items.iter().map(|x| x.seq));
            query.before = page.before;
            if page.before.is_none() {
                break;
            }
        }
        assert_eq!(back, all, "{text}, newest first");
        let mut forth: Vec<i64> = Vec::new();
        loop {
            let after = Some(forth.last().copied().unwrap_or(0));
            let next = seqs(&indexed, text, ListQuery { after, limit: 7, ..ListQuery::default() });
            if next.is_empty() {
                break;
            }
            forth.extend(next);
        }
        assert_eq!(forth, all, "{text}, oldest first");
        sorted_agrees(&indexed, &plain, text);
        let [kept, counted] = [&indexed, &plain].map(|r| r.facets(&Filter::parse(text).unwrap()).unwrap());
        assert_eq!(kept, counted, "{text}");
    }
}

/// By each column, in both directions, page by page.
fn sorted_agrees(indexed: &Reader, plain: &Reader, text: &str) {
    for (name, key) in SortKey::ALL {
        for descending in [false, true] {
            let filter = Filter::parse(text).unwrap();
            let mut query = SortedQuery { filter, key: *key, descending, cursor: None, limit: 1000 };
            let seqs = |page: &SortedPage| page.items.iter().map(|x| x.seq).collect::<Vec<_>>();
            let whole = plain.sorted(&query).unwrap();
            assert_eq!(whole.matched.unwrap().count, whole.items.len() as u64);
            let (mut paged, mut limits) = (Vec::new(), [1, 23, 50].into_iter().cycle());
            loop {
                query.limit = limits.next().unwrap();
                let page = indexed.sorted(&query).unwrap();
                paged.extend(seqs(&page));
                query.cursor = page.next;
                if query.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(paged, seqs(&whole), "{text} by {name}, {descending}");
        }
    }
}

#[test]
fn the_index_finds_what_a_look_at_every_row_finds_at_any_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store);
    connect(&store, Some("firefox"));
    connect(&store, None);
    capture(&store, session, 120);
    store.keep_index(Arc::new(Plain)).unwrap();
    settled(dir.path());
    agrees(dir.path());
    // Who a client is may become known after what it asked for is over.
    connect(&store, Some("curl"));
    store.flush().unwrap();
    agrees(dir.path());
    // What comes while it is looked at, and what ends later than it began.
    capture(&store, session, 60);
    agrees(dir.path());
    let ended: Vec<i64> = seqs(&Reader::open(dir.path()).unwrap(), "is:pending", ListQuery::default());
    for seq in ended.iter().take(5) {
        let mut x = exchange(&store, session);
        (x.seq, x.id.number) = (*seq, *seq);
        x.path = "/ended/items".into();
        store.queue().push(Event::Done(x));
    }
    store.flush().unwrap();
    agrees(dir.path());
    settled(dir.path());
    agrees(dir.path());
}

#[test]
fn a_row_that_comes_later_than_newer_ones_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store);
    store.keep_index(Arc::new(Plain)).unwrap();
    let late = exchange(&store, session);
    capture(&store, session, 3);
    settled(dir.path());
    let seq = late.seq;
    store.queue().push(Event::Done(late));
    store.flush().unwrap();
    for reader in [Reader::open(dir.path()).unwrap(), settled(dir.path())] {
        assert_eq!(seqs(&reader, "method:GET items?n=", ListQuery::default()), [seq]);
    }
}

#[test]
fn numbers_of_which_no_row_comes_are_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store);
    store.keep_index(Arc::new(Plain)).unwrap();
    let before = exchange(&store, session);
    capture(&store, session, 2);
    settled(dir.path());
    // One is known to be missing, one is not yet.
    let behind = exchange(&store, session);
    for x in [before, behind] {
        store.queue().push(Event::Withdrawn { seq: x.seq, id: x.id });
    }
    store.flush().unwrap();
    capture(&store, session, 2);
    let pending =
        |reader: &Reader| -> i64 { reader.db.query_row("SELECT count(*) FROM ix.pending", [], |r| r.get(0)).unwrap() };
    let until = Instant::now() + Duration::from_secs(60);
    while pending(&settled(dir.path())) != 0 {
        assert!(Instant::now() < until, "still waited for");
        std::thread::sleep(Duration::from_millis(20));
    }
    agrees(dir.path());
}

#[test]
fn words_of_heads_and_bodies_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store);
    capture(&store, session, 40);
    let mut everywhere = exchange(&store, session);
    everywhere.path = "/thrice".into();
    everywhere.request_head = b"GET /thrice HTTP/1.1\r\nHost: x\r\n\r\n"[..].into();
    everywhere.response = inline(b"thrice");
    store.queue().push(Event::Done(everywhere));
    store.flush().unwrap();
    store.keep_index(Arc::new(Plain)).unwrap();
    let reader = settled(dir.path());
    let with_word =
        |n: i64| (0..40).filter(|i| i % 19 == n && i % 3 > 0 && i % 10 != 3).map(|i| i + 1).collect::<Vec<_>>();
    let search = |reader: &Reader, table: &str, query: &str| {
        let sql = format!("SELECT rowid FROM ix.{table} WHERE {table} MATCH ?1 ORDER BY rowid");
        let mut statement = reader.db.prepare(&sql).unwrap();
        let found = statement.query_map([query], |r| r.get(0)).unwrap();
        found.map(Result::unwrap).collect::<Vec<i64>>()
    };
    assert_eq!(search(&reader, "body_words", "\"word w4 stands\""), with_word(4));
    let id = search(&reader, "head_words", "\"x id a3\"");
    assert_eq!(id, (0..40).filter(|i| i % 17 == 3 && i % 10 != 3).map(|i| i + 1).collect::<Vec<i64>>());
    assert!(search(&reader, "head_words", "nothing").is_empty());

    // By filters: newest first and oldest first, alone and beside other terms.
    let found =
        |text: &str, after: Option<i64>| seqs(&reader, text, ListQuery { after, limit: 30, ..ListQuery::default() });
    for after in [None, Some(0)] {
        assert_eq!(found("body:\"word w4 stands\"", after), with_word(4));
        assert_eq!(found("text:w4", after), with_word(4));
        assert_eq!(found("text:a3", after), id);
        assert_eq!(found("text:items/33", after), [34], "the URL alone has it");
        assert_eq!(found("text:thrice", after), [41], "URL, head and body have it");
        assert_eq!(found("body:w4 method:GET", after), found("method:GET body:w4", after));
        assert!(found("body:nothing", after).is_empty());
        assert!(found("body:w4 -text:w4", after).is_empty());
        assert_eq!(found("header:x-id=a3-", after), [4, 21, 38], "what is not over is looked at where it lies");
        assert_eq!(found("body:w4 OR body:w5", after).len(), with_word(4).len() + with_word(5).len());
    }
    let facets = reader.facets(&Filter::parse("body:w4").unwrap()).unwrap();
    assert_eq!((facets.counted, facets.all), (with_word(4).len() as i64, true));
}

#[test]
fn what_is_forgotten_leaves_no_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = session(&store);
    capture(&store, session, 30);
    let mut x = exchange(&store, session);
    x.host = "canaryhost.test".into();
    x.path = "/canarypath".into();
    x.request_head = b"GET / HTTP/1.1\r\ncanaryfield: zephyrvalue\r\n\r\n"[..].into();
    x.response = inline(b"canarybody");
    let seq = x.seq;
    store.queue().push(Event::Done(x));
    store.flush().unwrap();
    store.keep_index(Arc::new(Plain)).unwrap();
    let before = settled(dir.path()).facets(&Filter::default()).unwrap();
    let canaries = || -> BTreeSet<String> {
        let files = ["index.db", "index.db-wal"].map(|name| std::fs::read(dir.path().join(name)).unwrap_or_default());
        ["canaryhost", "canaryfield", "zephyrvalue", "canarybody"]
            .into_iter()
            .filter(|c| files.iter().any(|f| memchr::memmem::find(f, c.as_bytes()).is_some()))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(canaries().len(), 4, "{:?}", canaries());
    let index = store.index().unwrap();
    index.forget(&[seq, 9_999]).unwrap();
    index.forget(&[seq]).unwrap();
    index.compact().unwrap();
    assert_eq!(canaries(), BTreeSet::new());
    let after = Reader::open(dir.path()).unwrap().facets(&Filter::default()).unwrap();
    assert_eq!(after.counted, before.counted - 1);
    assert!(!after.host.iter().any(|share| share.value.contains("canary")));
}

#[test]
fn an_index_that_is_damaged_or_of_another_store_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let one = store(dir.path());
    let session = session(&one);
    capture(&one, session, 20);
    one.keep_index(Arc::new(Plain)).unwrap();
    settled(dir.path());
    one.close().unwrap();
    std::fs::write(dir.path().join("index.db"), b"this is no database at all, and never was one").unwrap();
    let two = store(dir.path());
    assert!(!Reader::open(dir.path()).unwrap().indexed);
    two.keep_index(Arc::new(Plain)).unwrap();
    settled(dir.path());
    agrees(dir.path());
    two.close().unwrap();
    // The captured rows are gone, the index is not.
    for name in ["waylay.db", "waylay.db-wal", "waylay.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(name));
    }
    let three = store(dir.path());
    assert!(!Reader::open(dir.path()).unwrap().indexed);
    capture(&three, self::session(&three), 10);
    three.keep_index(Arc::new(Plain)).unwrap();
    settled(dir.path());
    agrees(dir.path());
}
