//! Sessions: their states, their pauses, and what becomes of exchanges that are kept out.

use super::*;
use crate::{
    Event,
    fixtures::{chunk, exchange, inline, killed, pattern, store},
    model::{BodyEnd, BodyRecord, Part},
};
use std::{path::Path, thread::sleep};

fn open(store: &Store) -> Session {
    let rules = RecordingRules { methods: vec!["GET".into()], ..RecordingRules::default() };
    store.open_session(NewSession { name: "one".into(), source: Source::Proxy, command: None, rules }).unwrap()
}

fn read(dir: &Path, id: SessionId) -> Session {
    Reader::open(dir).unwrap().session(id).unwrap().unwrap()
}

/// Microseconds that pass at least.
fn pass() -> i64 {
    sleep(Duration::from_millis(3));
    3000
}

#[test]
fn pauses_do_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let id = open(&store).id;
    let first = pass();
    let paused = store.set_session(id, SessionState::Paused).unwrap();
    assert_eq!((paused.state, paused.ended_us, paused.paused_us), (SessionState::Paused, None, 0));
    let then = paused.duration_us(i64::MAX);
    assert!(then >= first, "{paused:?}");
    let pause = pass();
    let again = store.set_session(id, SessionState::Paused).unwrap();
    assert_eq!(again.pause_us, paused.pause_us, "a pause begins once");
    assert_eq!(again.duration_us(store.session_time(id)), then, "time stands still");
    let resumed = store.set_session(id, SessionState::Recording).unwrap();
    assert!(resumed.paused_us >= pause && resumed.pause_us.is_none(), "{resumed:?}");
    let second = pass();
    store.set_session(id, SessionState::Paused).unwrap();
    pass();
    let ended = store.set_session(id, SessionState::Stopped).unwrap();
    let whole = ended.ended_us.unwrap() - ended.started_us;
    assert_eq!(ended.duration_us(0), whole - ended.paused_us);
    assert!(ended.paused_us >= 2 * pause && ended.pause_us.is_none(), "{ended:?}");
    assert!((first + second..whole - 2 * pause + 1).contains(&ended.duration_us(0)), "{ended:?}");
    assert_eq!(read(dir.path(), id).paused_us, ended.paused_us);
}

#[test]
fn a_session_is_changed_in_the_parts_that_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let id = open(&store).id;
    let change = |changes| store.update_session(id, changes).unwrap();
    let named = change(SessionChanges { name: Some("two".into()), ..SessionChanges::default() });
    assert_eq!((&named.name[..], named.rules.methods.len(), named.pinned), ("two", 1, false));
    let noted =
        change(SessionChanges { note: Some(Some("why".into())), pinned: Some(true), ..SessionChanges::default() });
    assert_eq!((&noted.name[..], noted.note.as_deref(), noted.pinned), ("two", Some("why"), true));
    let rules = RecordingRules { media: true, ..RecordingRules::default() };
    let ruled = change(SessionChanges { note: Some(None), rules: Some(rules.clone()), ..SessionChanges::default() });
    assert_eq!((ruled.note, ruled.rules, ruled.pinned), (None, rules, true));
    let plain = change(SessionChanges { rules: Some(RecordingRules::default()), ..SessionChanges::default() });
    assert_eq!(read(dir.path(), id).rules, plain.rules);
    let missing = store.update_session(SessionId(99), SessionChanges::default());
    assert!(matches!(missing, Err(StoreError::NoSession(SessionId(99)))));
}

#[test]
fn a_session_that_a_killed_daemon_left_has_the_duration_it_had() {
    for (resumed, exchange_after) in [(false, false), (false, true), (true, false)] {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let id = open(&store).id;
        let recorded = pass();
        store.set_session(id, SessionState::Paused).unwrap();
        let paused = pass();
        let mut late = 0;
        if exchange_after {
            // Begun before the pause, over after it.
            let mut x = exchange(&store, id);
            late = 5_000_000;
            (x.started_us, x.timings.end_us) = (store.session_time(id), Some(late));
            store.queue().push(Event::Done(x));
            store.flush().unwrap();
        }
        if resumed {
            store.set_session(id, SessionState::Recording).unwrap();
        }
        let before = read(dir.path(), id);
        let copy = killed(dir.path());
        let reopened = crate::fixtures::store(copy.path());
        let found = read(copy.path(), id);
        assert_eq!((found.state, found.pause_us), (SessionState::Interrupted, None), "{found:?}");
        assert!(found.duration_us(0) >= recorded, "{found:?}");
        let known = if resumed { found.ended_us.unwrap() } else { before.pause_us.unwrap() };
        assert_eq!(found.duration_us(0), known - before.started_us - before.paused_us, "{found:?}");
        assert!(found.paused_us >= paused + late || !exchange_after, "{found:?}");
        drop(reopened);
    }
}

#[test]
fn a_withdrawn_exchange_leaves_nothing_but_a_count() {
    let dir = tempfile::tempdir().unwrap();
    // What is pushed together is written together: a batch gathers until something is asked.
    let patient = Options { tick: Duration::from_secs(3600), ..crate::fixtures::options(dir.path()) };
    let store = Store::open(patient).unwrap();
    let removed: Arc<Mutex<Vec<Changes>>> = Arc::default();
    let heard = Arc::clone(&removed);
    store.on_change(move |changes| heard.lock().unwrap().push(changes.clone()));
    let id = open(&store).id;
    let kept = exchange(&store, id);
    store.queue().push(Event::Done(kept.clone()));
    // One that has a row already, and bytes in a segment; one that has neither.
    for shown in [true, false] {
        let mut x = exchange(&store, id);
        let (seq, exchange_id) = (x.seq, x.id);
        if shown {
            x.request = BodyRecord { end: BodyEnd::Open, ..inline(b"abc") };
            store.queue().push(Event::Open(x));
            store.flush().unwrap();
            chunk(store.queue(), seq, Part::Request, 0, &pattern(20_000));
            store.flush().unwrap();
            assert_eq!(read(dir.path(), id).exchanges, 2);
        } else {
            chunk(store.queue(), seq, Part::Request, 0, &pattern(20_000));
            // In one batch with its end, as a row that is never written.
            store.queue().push(Event::Open(x));
        }
        store.queue().push(Event::Withdrawn { seq, id: exchange_id });
        store.flush().unwrap();
        assert!(Reader::open(dir.path()).unwrap().exchange(exchange_id).unwrap().is_none());
        let told: Vec<Changes> = std::mem::take(&mut *removed.lock().unwrap());
        let gone = if shown { vec![exchange_id] } else { vec![] };
        let told: Vec<_> = told.into_iter().map(|change| (change.removed, change.sessions)).collect();
        assert_eq!(told, [(gone, vec![id])]);
    }
    store.queue().push(Event::LeftOut { session: id, count: 5 });
    store.flush().unwrap();
    let session = read(dir.path(), id);
    assert_eq!((session.exchanges, session.left_out), (1, 7));
    let db = rusqlite::Connection::open(dir.path().join(crate::DATABASE)).unwrap();
    let count = |table| db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!((count("exchange"), count("extent"), count("message")), (1, 0, 0));
    let clean = || db.query_row("SELECT value FROM counter WHERE name = 'clean'", [], |r| r.get::<_, i64>(0)).unwrap();
    store.close().unwrap();
    assert_eq!(clean(), 1, "nothing is left to be put right");
    let next = crate::fixtures::store(dir.path()).ids().next_exchange(id);
    assert_eq!(next.number, 4, "numbers do not come back");
}
