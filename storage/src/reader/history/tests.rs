//! The history: what is listed, what goes, what comes back.

use super::*;
use crate::{
    Deleted, Event, NewSession, Options, Retention, Scope, Store,
    fixtures::{exchange, killed, options, store},
    model::{NewSend, RecordingRules, SendEnd, SendState, Source},
};
use std::{path::Path, time::Duration};

fn new(at_us: i64, method: &str, url: &str) -> NewSend {
    NewSend {
        at_us,
        method: method.into(),
        url: url.into(),
        request: format!(r#"{{"url":"{url}"}}"#),
        environment: Some("local".into()),
        made_from: None,
    }
}

fn end(method: &str, url: &str, exchanges: Vec<i64>) -> SendEnd {
    SendEnd {
        state: SendState::Done,
        method: method.into(),
        url: url.into(),
        exchanges,
        status: Some(200),
        duration_us: 900,
        bytes: 12,
        error: None,
    }
}

/// The number of a new exchange of session 0, whose path is `/items?n=<number>`.
fn sent(store: &Store) -> i64 {
    let x = exchange(store, SessionId::SENT);
    let number = x.id.number;
    store.queue().push(Event::Done(x));
    number
}

/// An entry that is over, with so many exchanges.
fn send(store: &Store, at_us: i64, url: &str, hops: usize) -> i64 {
    let id = store.begin_send(&new(at_us, "GET", url)).unwrap();
    let exchanges = (0..hops).map(|_| sent(store)).collect();
    store.end_send(id, end("GET", url, exchanges)).unwrap();
    id
}

fn session(store: &Store) -> SessionId {
    let rules = RecordingRules::default();
    store.open_session(NewSession { name: "s".into(), source: Source::Proxy, command: None, rules }).unwrap().id
}

/// The entries as text: `12` for a send, `s7` for a session.
fn listed(reader: &Reader, query: &HistoryQuery) -> Vec<String> {
    let (mut seen, mut query) = (Vec::new(), query.clone());
    loop {
        let page = reader.history(&query).unwrap();
        seen.extend(page.items.iter().map(|item| match item {
            HistoryEntry::Send(send) => send.id.to_string(),
            HistoryEntry::Session(session) => format!("s{}", session.id),
        }));
        // As it comes back from whoever was given it.
        query.before = page.before.map(|place| place.to_string().parse().unwrap());
        if query.before.is_none() {
            return seen;
        }
    }
}

fn all(reader: &Reader) -> Vec<String> {
    listed(reader, &HistoryQuery { limit: 100, ..HistoryQuery::default() })
}

fn filtered(reader: &Reader, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter).unwrap();
    listed(reader, &HistoryQuery { filter, limit: 2, ..HistoryQuery::default() })
}

#[test]
fn an_entry_is_told_from_beginning_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let id = store.begin_send(&new(5, "GET", "{{base}}/a")).unwrap();
    let begun = reader.send(id).unwrap().unwrap();
    assert_eq!((begun.entry.state, &begun.entry.url[..]), (SendState::Running, "{{base}}/a"));
    assert_eq!((begun.entry.exchange, begun.hops.len(), begun.entry.sent), (None, 0, true));
    let hops = vec![sent(&store), sent(&store)];
    let error = Some(r#"{"stage":"wait"}"#.into());
    let failed = SendEnd { state: SendState::Failed, error, ..end("GET", "http://h/a", hops.clone()) };
    store.end_send(id, failed).unwrap();
    let ended = reader.send(id).unwrap().unwrap();
    assert_eq!(ended.entry.exchange.unwrap().to_string(), format!("0.{}", hops[1]));
    let numbers: Vec<_> = ended.hops.iter().map(|hop| hop.id.number).collect();
    assert_eq!(numbers, hops);
    assert_eq!(ended.hops[0].url, format!("https://example.test/items?n={}", hops[0]));
    assert_eq!(ended.entry.error.as_ref().unwrap()["stage"], "wait");
    assert_eq!((ended.entry.status, ended.entry.bytes, &ended.entry.url[..]), (Some(200), 12, "http://h/a"));
    assert_eq!(ended.request, r#"{"url":"{{base}}/a"}"#, "as it was written");
    assert_eq!(reader.send(id + 1).unwrap(), None);
}

#[test]
fn pages_hold_sends_and_sessions_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let early = send(&store, 1, "http://h/", 0);
    let sessions = [session(&store), session(&store)];
    let now = crate::store::now_us() + 1_000_000;
    let late = [now, now, now + 1].map(|at| send(&store, at, "http://h/", 1));
    let expected = [
        late[2].to_string(),
        late[1].to_string(),
        late[0].to_string(),
        format!("s{}", sessions[1]),
        format!("s{}", sessions[0]),
        early.to_string(),
    ];
    let reader = store.reader().unwrap();
    for limit in [1, 2, 3, 5, 6, 100] {
        assert_eq!(listed(&reader, &HistoryQuery { limit, ..HistoryQuery::default() }), expected, "{limit}");
    }
    for bad in ["", "1", "1.1", "1.2.3", "a.1.3", "1.1.3.4"] {
        assert!(bad.parse::<HistoryCursor>().is_err(), "{bad}");
    }
}

#[test]
fn filters_ask_the_exchanges_of_a_send() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    session(&store);
    let sends = [1, 2, 0, 1].map(|hops| send(&store, 5, "http://h/", hops));
    let reader = store.reader().unwrap();
    let [one, two, _, four] = sends.map(|id| id.to_string());
    assert_eq!(filtered(&reader, "host:example"), [four.clone(), two.clone(), one.clone()]);
    assert_eq!(filtered(&reader, "n=2"), [two.clone()], "a redirect counts");
    assert_eq!(filtered(&reader, "-n=2"), [four.clone(), two, one]);
    assert_eq!(filtered(&reader, "session:0 n=4"), [four]);
    assert!(filtered(&reader, "host:other").is_empty());
    let words = HistoryQuery { filter: Filter::parse("body:x").unwrap(), ..HistoryQuery::default() };
    assert!(matches!(reader.history(&words), Err(StoreError::NoIndex)));
}

#[test]
fn earlier_ones_of_the_same_request_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let like = |id| {
        let query = HistoryQuery { like: Some(id), limit: 1, ..HistoryQuery::default() };
        listed(&store.reader().unwrap(), &query)
    };
    let first = send(&store, 1, "http://h/a?x=1", 0);
    send(&store, 2, "http://h/ab", 0);
    let post = store.begin_send(&new(3, "POST", "http://h/a")).unwrap();
    let made = |at| NewSend { made_from: Some("7.42".into()), ..new(at, "PUT", &format!("http://h/{at}")) };
    let [from, again] = [4, 5].map(|at| store.begin_send(&made(at)).unwrap());
    let last = send(&store, 6, "http://h/a?x=2", 0);
    send(&store, 7, "http://h/a?later", 0);
    assert_eq!(like(last), [first.to_string()]);
    assert_eq!(like(again), [from.to_string()]);
    assert!(like(post).is_empty() && like(first).is_empty());
    let missing = HistoryQuery { like: Some(99), ..HistoryQuery::default() };
    assert!(matches!(store.reader().unwrap().history(&missing), Err(StoreError::NoSend(99))));
}

#[test]
fn what_a_killed_daemon_was_sending_is_interrupted_and_numbers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let done = send(&store, 1, "http://h/", 1);
    let running = store.begin_send(&new(2, "GET", "http://h/")).unwrap();
    store.delete(Deleted::Sends(vec![done])).unwrap();
    let dir = killed(dir.path());
    let store = open(dir.path(), Duration::ZERO);
    let reader = store.reader().unwrap();
    assert_eq!(reader.send(running).unwrap().unwrap().entry.state, SendState::Interrupted);
    store.delete(Deleted::AllSends).unwrap();
    store.gc().unwrap();
    assert_eq!(all(&reader), [""; 0]);
    drop((reader, store));
    let store = crate::fixtures::store(dir.path());
    assert_eq!(store.begin_send(&new(3, "GET", "http://h/")).unwrap(), running + 1);
}

fn open(dir: &Path, undo: Duration) -> Store {
    Store::open(Options { undo, ..options(dir) }).unwrap()
}

#[test]
fn what_is_deleted_goes_with_its_exchanges_and_comes_back_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), Duration::from_secs(3600));
    let captured = exchange(&store, session(&store));
    store.queue().push(Event::Done(captured.clone()));
    let [one, two] = [2, 1].map(|hops| send(&store, 1, "http://h/", hops));
    let added =
        store.add_send(&new(2, "GET", "https://example.test/"), captured.id, end("GET", "u", Vec::new())).unwrap();
    let running = store.begin_send(&new(3, "GET", "http://h/")).unwrap();
    let reader = store.reader().unwrap();
    let left = || (all(&reader), reader.exchanges().unwrap());
    let everything = left();
    assert_eq!((everything.0.len(), everything.1), (5, 4));
    assert_eq!(reader.send(added).unwrap().unwrap().entry.exchange, Some(captured.id));

    let refused = store.delete(Deleted::Sends(vec![one, running]));
    assert!(matches!(refused, Err(StoreError::SendUnderWay(id)) if id == running));
    assert!(matches!(store.delete(Deleted::Sends(vec![one, 99])), Err(StoreError::NoSend(99))));
    assert_eq!(left(), everything, "all or nothing");

    let deletion = store.delete(Deleted::Sends(vec![one])).unwrap();
    assert_eq!((deletion.sends, deletion.exchanges), (1, 2));
    assert!(!left().0.contains(&one.to_string()) && reader.send(one).unwrap().is_none());
    assert!(matches!(store.delete(Deleted::Sends(vec![one])), Err(StoreError::NoSend(_))));
    store.undelete(deletion.id).unwrap();
    assert_eq!(left(), everything);
    assert_eq!(reader.send(one).unwrap().unwrap().hops.len(), 2);

    let deletion = store.delete(Deleted::AllSends).unwrap();
    assert_eq!((deletion.sends, deletion.exchanges, deletion.under_way), (3, 3, 1));
    let still: Vec<String> = all(&reader);
    assert!(still.contains(&running.to_string()) && still.len() == 2, "{still:?}");
    assert!(reader.exchange(captured.id).unwrap().is_some(), "what was only added is not ours to delete");
    store.undelete(deletion.id).unwrap();
    assert_eq!(left(), everything);

    let copy = dir.path().join("copy");
    store.delete(Deleted::Sends(vec![two])).unwrap();
    reader.backup(&copy, Scope::Whole).unwrap();
    store.gc().unwrap();
    let rows = |dir: &Path, sql: &str| {
        rusqlite::Connection::open(dir.join(crate::DATABASE))
            .unwrap()
            .query_row(sql, [], |r| r.get::<_, i64>(0))
            .unwrap()
    };
    for dir in [&copy, dir.path()] {
        assert_eq!(rows(dir, "SELECT count(*) FROM send"), 3, "for good: {}", dir.display());
        assert_eq!(rows(dir, "SELECT count(*) FROM hop WHERE send NOT IN (SELECT id FROM send)"), 0);
    }
    assert!(reader.check().unwrap().ok);
}

#[test]
fn an_entry_stays_without_its_exchange_until_it_is_too_old_itself() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let id = send(&store, 1_000_000, "http://h/", 2);
    let reader = store.reader().unwrap();
    let last = reader.send(id).unwrap().unwrap().entry.exchange.unwrap();
    store.delete(Deleted::Exchanges(vec![last])).unwrap();
    let left = reader.send(id).unwrap().unwrap();
    assert_eq!((left.entry.exchange, left.hops.len()), (None, 1), "another hop is not the result");
    assert_eq!(filtered(&reader, "host:example"), [id.to_string()]);
    let policy = Retention { max_age: Some(Duration::from_secs(10)), max_size: None };
    assert_eq!(store.retain(&policy, 10_000_000).unwrap().sends, 0);
    assert_eq!(all(&reader), [id.to_string()]);
    let gone = store.retain(&policy, 11_000_000).unwrap();
    assert_eq!((gone.sends, all(&reader).len()), (1, 0));

    send(&store, crate::store::now_us(), "http://h/", 1);
    let policy = Retention { max_age: None, max_size: Some(1) };
    let gone = store.retain(&policy, 0).unwrap();
    assert_eq!((gone.exchanges, gone.sends, all(&reader).len()), (1, 1, 0));
}

#[test]
fn changes_are_told() {
    use std::sync::{Arc, Mutex};
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), Duration::from_secs(3600));
    let told = Arc::<Mutex<Vec<crate::Changes>>>::default();
    let listener = Arc::clone(&told);
    store.on_change(move |changes| listener.lock().unwrap().push(changes.clone()));
    let id = send(&store, 1, "http://h/", 0);
    let deletion = store.delete(Deleted::Sends(vec![id])).unwrap();
    store.undelete(deletion.id).unwrap();
    let changes = std::mem::take(&mut *told.lock().unwrap());
    assert!(changes.iter().all(|change| change.sends == [id]) && changes.len() == 4, "{changes:?}");
    store.add_environment("e", Vec::new()).unwrap();
    store.set_setting("s", &serde_json::json!(1)).unwrap();
    let changes = std::mem::take(&mut *told.lock().unwrap());
    assert!(changes[0].environments && changes[1].settings && changes.len() == 2, "{changes:?}");
}
