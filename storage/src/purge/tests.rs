//! Deleting, bringing back, removing for good.

use super::*;
use crate::{
    Event, Filter, ListQuery, NewSession, Options, Reader, Store,
    fixtures::{connection, exchange, inline, killed, options, pattern, stream},
    model::{
        Exchange, Message, MessageKind, MessageState, Part, RecordingRules, Session, SessionId, SessionState, Source,
    },
};
use bytes::Bytes;
use std::path::Path;

fn open(dir: &Path, undo: Duration) -> Store {
    Store::open(Options { undo, ..options(dir) }).unwrap()
}

/// Nothing is purged by itself while a test runs.
fn store(dir: &Path) -> Store {
    open(dir, Duration::from_secs(3600))
}

fn session(store: &Store, name: &str) -> SessionId {
    let new = NewSession { name: name.into(), source: Source::Proxy, command: None, rules: RecordingRules::default() };
    store.open_session(new).unwrap().id
}

/// An exchange over connections of its own, with a small and a big body, a failure and a message.
fn rich(store: &Store, session: SessionId) -> Box<Exchange> {
    let mut x = exchange(store, session);
    let client = connection(store);
    x.client_connection = Some(client.id);
    store.queue().push(Event::Connection(client));
    x.request = inline(b"small");
    x.response = stream(store.queue(), x.seq, Part::Response, &pattern(40_000));
    x.failure = Some(crate::fixtures::failure());
    x.messages = 1;
    store.queue().push(Event::Message(Box::new(Message {
        seq: x.seq,
        number: 1,
        part: Part::Response,
        kind: MessageKind::Ping,
        at_us: 1,
        offset: 0,
        length: 4,
        wire_length: 6,
        fragments: 1,
        compressed: false,
        state: MessageState::Complete,
        payload: Some(Bytes::from_static(b"ping")),
    })));
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    x
}

fn totals(session: &Session) -> [i64; 3] {
    [session.exchanges, session.bytes, session.failures]
}

/// All that can be seen of a store, as text.
fn seen(reader: &Reader, exchanges: &[&Exchange]) -> String {
    let mut text = String::new();
    for filter in ["", "is:failed", "host:example", "session:1"] {
        let filter = Filter::parse(filter).unwrap();
        let page = reader.list(&ListQuery { filter, ..ListQuery::default() }).unwrap();
        text +=
            &format!("{:?} {:?}\n", page.matched.map(|m| m.count), page.items.iter().map(|i| i.id).collect::<Vec<_>>());
    }
    for x in exchanges {
        let body = reader.body(x.id, Part::Response).unwrap().map(|b| (b.size, b.stored));
        let messages = reader.messages(x.id, &crate::MessageQuery::default()).unwrap().map(|m| m.total);
        let message = reader.message(x.id, 1).unwrap().is_some();
        let there = reader.exchange(x.id).unwrap().is_some();
        let head = reader.head(x.id, Part::Request).unwrap().is_some();
        let id = reader.resolve(&x.id.to_string()).unwrap();
        let summary = reader.summaries(&[x.seq]).unwrap().len();
        text += &format!("{body:?} {messages:?} {message} {there} {head} {id:?} {summary}\n");
    }
    for view in ["v_exchanges", "v_messages"] {
        let sql = format!("SELECT count(*) FROM {view}");
        text += &format!("{view} {}\n", reader.db.query_row(&sql, [], |r| r.get::<_, i64>(0)).unwrap());
    }
    for session in reader.sessions().unwrap() {
        text += &format!("{} {:?}\n", session.id, totals(&session));
    }
    text += &format!("{:?} {:?}", reader.resolve("@last").unwrap(), reader.stats().unwrap().exchanges);
    text
}

fn count(reader: &Reader, table: &str) -> i64 {
    reader.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
}

#[test]
fn what_is_deleted_is_hidden_everywhere_and_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (one, other) = (session(&store, "one"), session(&store, "other"));
    let rows = [rich(&store, one), rich(&store, one), rich(&store, other), rich(&store, SessionId::SENT)];
    let rows: Vec<&Exchange> = rows.iter().map(|x| &**x).collect();
    store.close_session(one, SessionState::Stopped).unwrap();
    let reader = store.reader().unwrap();
    let before = seen(&reader, &rows);

    let single = store.delete(Deleted::Exchanges(vec![rows[1].id, rows[3].id])).unwrap();
    assert_eq!((single.exchanges, single.sessions), (2, 0));
    assert_eq!(totals(&reader.session(one).unwrap().unwrap()), [1, 40_005, 1]);
    assert_eq!(totals(&reader.session(SessionId::SENT).unwrap().unwrap()), [0, 0, 0]);
    assert!(reader.exchange(rows[1].id).unwrap().is_none() && reader.exchange(rows[0].id).unwrap().is_some());
    let whole = store.delete(Deleted::Session(one)).unwrap();
    assert_eq!((whole.exchanges, whole.sessions), (1, 1), "one of its exchanges is deleted already");
    let rest = store.delete(Deleted::Matching(Filter::parse("host:example").unwrap())).unwrap();
    assert_eq!((rest.exchanges, rest.under_way), (1, 0));

    let nothing = seen(&reader, &rows);
    assert!(nothing.lines().take(4).all(|line| line == "Some(0) []"), "{nothing}");
    let gone = "None None false false false None 0";
    assert_eq!(nothing.lines().filter(|line| *line == gone).count(), 4, "{nothing}");
    assert!(nothing.contains("v_exchanges 0\nv_messages 0\n0 [0, 0, 0]\n2 [0, 0, 0]\nNone 0"), "{nothing}");

    // In another order than they were made in.
    for id in [single.id, rest.id, whole.id] {
        store.undelete(id).unwrap();
    }
    assert_eq!(seen(&reader, &rows), before);
    assert!(matches!(store.undelete(whole.id), Err(StoreError::Purged(_))), "only once");
    assert!(matches!(store.undelete(99), Err(StoreError::NoDeletion(99))));
}

#[test]
fn what_is_not_over_is_not_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let one = session(&store, "one");
    let done = rich(&store, one);
    let open = exchange(&store, one);
    store.queue().push(Event::Open(open.clone()));
    store.flush().unwrap();
    let refused = |what| store.delete(what).unwrap_err().to_string();
    assert_eq!(refused(Deleted::Session(one)), "session 1 is not over");
    assert_eq!(refused(Deleted::Session(SessionId(9))), "there is no session 9");
    assert_eq!(refused(Deleted::Session(SessionId::SENT)), "session 0 holds what is sent and stays");
    assert_eq!(refused(Deleted::Exchanges(vec![done.id, open.id])), "exchange 1.2 is still under way");
    assert_eq!(refused(Deleted::Exchanges(vec!["1.9".parse().unwrap()])), "there is no exchange 1.9");
    let reader = store.reader().unwrap();
    assert!(reader.exchange(done.id).unwrap().is_some(), "all or nothing");
    let deletion = store.delete(Deleted::Matching(Filter::default())).unwrap();
    assert_eq!((deletion.exchanges, deletion.under_way), (1, 1));
    assert_eq!(totals(&reader.session(one).unwrap().unwrap()), [1, 0, 0]);
}

#[test]
fn purging_leaves_nothing_of_it_and_no_number_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (one, other) = (session(&store, "one"), session(&store, "other"));
    let (kept, gone) = (rich(&store, other), rich(&store, other));
    rich(&store, one);
    rich(&store, one);
    store.close_session(one, SessionState::Stopped).unwrap();
    let forgotten = Arc::new(Mutex::new(Vec::new()));
    store.cleaner.derived(Arc::new(Notes(forgotten.clone())));
    store.delete(Deleted::Session(one)).unwrap();
    let single = store.delete(Deleted::Exchanges(vec![gone.id])).unwrap();
    let alone = store.cleaner.work_alone();
    let purged = store.cleaner.purge(now_us(), Pace::Brisk).unwrap();
    drop(alone);
    assert_eq!((purged.exchanges, purged.sessions, purged.connections), (3, 1, 3));
    let reader = store.reader().unwrap();
    let left =
        ["exchange", "message", "extent", "connection", "chain", "certificate", "deletion", "deleted", "session"];
    assert_eq!(left.map(|table| count(&reader, table)), [1, 1, 1, 1, 2, 2, 0, 0, 2]);
    assert!(reader.exchange(kept.id).unwrap().is_some());
    assert_eq!(*forgotten.lock().unwrap(), [2, 3, 4]);
    assert!(matches!(store.undelete(single.id), Err(StoreError::Purged(_))));
    store.close().unwrap();
    let again = crate::fixtures::store(dir.path());
    assert_eq!(again.ids().next_exchange(other).to_string(), "2.3");
    assert_eq!((again.ids().next_seq(), again.ids().next_connection()), (5, 5));
    assert_eq!(session(&again, "new"), SessionId(3));
}

struct Notes(Arc<Mutex<Vec<i64>>>);

impl Forget for Notes {
    fn forget(&self, seqs: &[i64]) -> Result<(), StoreError> {
        let mut noted = self.0.lock().unwrap();
        for seq in seqs {
            if !noted.contains(seq) {
                noted.push(*seq);
            }
        }
        Ok(())
    }

    fn compact(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn eventually(what: &str, f: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !f() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn after_a_while_it_is_purged_by_itself_also_by_the_next_daemon() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), Duration::from_millis(10));
    let x = rich(&first, SessionId::SENT);
    first.delete(Deleted::Exchanges(vec![x.id])).unwrap();
    let reader = first.reader().unwrap();
    eventually("it is purged", || count(&reader, "exchange") == 0 && count(&reader, "extent") == 0);
    first.close().unwrap();

    let second = store(dir.path());
    let (x, y) = (rich(&second, SessionId::SENT), rich(&second, SessionId::SENT));
    second.delete(Deleted::Exchanges(vec![x.id])).unwrap();
    let undone = second.delete(Deleted::Exchanges(vec![y.id])).unwrap();
    // It was killed in the middle of taking one back.
    second.cleaner.within(move |tx| tx.execute("UPDATE deletion SET undone = 1 WHERE id = ?1", [undone.id])).unwrap();
    let left = killed(dir.path());
    let third = open(left.path(), Duration::from_millis(10));
    let reader = third.reader().unwrap();
    eventually("one is purged, one is back", || count(&reader, "exchange") == 1 && count(&reader, "deletion") == 0);
    assert!(reader.exchange(y.id).unwrap().is_some());
    assert_eq!(reader.session(SessionId::SENT).unwrap().unwrap().exchanges, 1);
}

#[test]
fn what_ends_after_its_session_was_purged_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let one = session(&store, "one");
    let mut late = exchange(&store, one);
    late.response = stream(store.queue(), late.seq, Part::Response, &pattern(40_000));
    store.queue().push(Event::Open(late.clone()));
    store.close_session(one, SessionState::Stopped).unwrap();
    store.delete(Deleted::Session(one)).unwrap();
    let alone = store.cleaner.work_alone();
    assert_eq!(store.cleaner.purge(now_us(), Pace::Brisk).unwrap().sessions, 1);
    drop(alone);
    stream(store.queue(), late.seq, Part::Response, &pattern(50_000));
    store.queue().push(Event::Done(late));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(["exchange", "extent", "message"].map(|table| count(&reader, table)), [0, 0, 0]);
    assert_eq!(store.health().last_error, None);
}

#[test]
fn many_messages_are_purged_in_steps() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = exchange(&store, SessionId::SENT);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    let seq = x.seq;
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO message SELECT ?1, i, 0, 'text', 0, 0, 0, 0, 1, 0, 'complete', NULL FROM n";
    store.cleaner.within(move |tx| tx.execute(fill, [seq])).unwrap();
    store.delete(Deleted::Exchanges(vec![x.id])).unwrap();
    let alone = store.cleaner.work_alone();
    assert_eq!(store.cleaner.purge(now_us(), Pace::Brisk).unwrap().exchanges, 1);
    drop(alone);
    let reader = store.reader().unwrap();
    assert_eq!((count(&reader, "message"), count(&reader, "exchange")), (0, 0));
}
