use super::*;
use crate::{
    Event, NewSession, SessionChanges,
    fixtures::{exchange, pattern, store, stream},
    model::{Part, RecordingRules, Source},
};

const DAY: i64 = 86_400_000_000;

/// A session with one exchange of so many bytes; stopped unless it goes on.
fn session(store: &Store, bytes: usize, stop: bool) -> SessionId {
    let (name, source, rules) = ("s".into(), Source::Proxy, RecordingRules::default());
    let id = store.open_session(NewSession { name, source, command: None, rules }).unwrap().id;
    push(store, id, bytes);
    if stop {
        store.close_session(id, SessionState::Stopped).unwrap();
    }
    id
}

fn push(store: &Store, session: SessionId, bytes: usize) {
    let mut x = exchange(store, session);
    x.response = stream(store.queue(), x.seq, Part::Response, &pattern(bytes));
    store.queue().push(Event::Done(x));
    store.flush().unwrap();
}

fn set(store: &Store, sql: &'static str, id: SessionId, value: i64) {
    store.cleaner.within(move |tx| tx.execute(sql, [value, id.0])).unwrap();
}

fn left(store: &Store) -> Vec<i64> {
    store.reader().unwrap().sessions().unwrap().iter().map(|s| s.id.0).collect()
}

#[test]
fn the_old_go_and_the_pinned_and_the_running_stay() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let [old, pinned, young] = [(); 3].map(|()| session(&store, 20_000, true));
    let running = session(&store, 20_000, false);
    push(&store, SessionId::SENT, 10);
    let now = 1_800_000_000_000_000;
    for (id, days) in [(old, 31), (pinned, 31), (young, 29)] {
        set(&store, "UPDATE session SET ended_us = ?1 WHERE id = ?2", id, now - days * DAY);
    }
    set(&store, "UPDATE session SET started_us = ?1 WHERE id = ?2", running, now - 100 * DAY);
    set(&store, "UPDATE session SET pinned = ?1 WHERE id = ?2", pinned, 1);
    set(&store, "UPDATE exchange SET started_us = ?1 WHERE session = ?2", SessionId::SENT, now - 31 * DAY);
    assert_eq!(store.retain(&Retention::default(), now).unwrap(), Retained::default());
    let policy = Retention { max_age: Some(Duration::from_secs(30 * 86_400)), max_size: None };
    let early = store.retain(&policy, now - 2 * DAY).unwrap();
    assert_eq!(early, Retained { next_us: Some(now - DAY), ..Retained::default() });
    let gone = store.retain(&policy, now).unwrap();
    assert_eq!(gone, Retained { sessions: 1, exchanges: 2, next_us: Some(now + DAY), ..Retained::default() });
    assert_eq!(left(&store), [0, pinned.0, young.0, running.0]);
    assert_eq!(store.reader().unwrap().exchanges().unwrap(), 3);
    assert_eq!(store.retain(&policy, now + 2 * DAY).unwrap().sessions, 1, "the young one is old by then");
}

#[test]
fn a_session_with_a_time_of_its_own_stays_until_then_and_goes_then() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let [longer, shorter, pinned, usual] = [(); 4].map(|()| session(&store, 1 << 20, true));
    let running = session(&store, 10, false);
    let now = 1_800_000_000_000_000;
    for id in [longer, shorter, pinned, usual] {
        set(&store, "UPDATE session SET ended_us = ?1 WHERE id = ?2", id, now);
    }
    let until = |days: i64| SessionChanges { keep_until_us: Some(Some(now + days * DAY)), ..Default::default() };
    for (id, days) in [(longer, 90), (shorter, 2), (pinned, 2), (running, 2)] {
        let changed = store.update_session(id, until(days)).unwrap();
        assert_eq!(changed.keep_until_us, Some(now + days * DAY));
    }
    store.update_session(pinned, SessionChanges { pinned: Some(true), ..Default::default() }).unwrap();
    let month = Retention { max_age: Some(Duration::from_secs(30 * 86_400)), max_size: Some(1) };
    let none = Retention::default();
    assert_eq!(store.retain(&none, now).unwrap().next_us, Some(now + 2 * DAY));
    assert_eq!(store.retain(&none, now + 2 * DAY).unwrap().sessions, 1, "without any other retention, too");
    assert_eq!(left(&store), [0, longer.0, pinned.0, usual.0, running.0]);
    assert!(store.retain(&month, now + 40 * DAY).unwrap().excess > 1 << 20);
    assert_eq!(left(&store), [0, longer.0, pinned.0, running.0], "neither age nor size counts before");
    let usual_again = SessionChanges { keep_until_us: Some(None), ..Default::default() };
    assert_eq!(store.update_session(longer, usual_again).unwrap().keep_until_us, None);
    assert_eq!(store.retain(&month, now + 40 * DAY).unwrap().sessions, 1);
    store.close_session(running, SessionState::Stopped).unwrap();
    assert_eq!(store.retain(&none, now + 3 * DAY).unwrap().sessions, 1, "once it is over");
    assert_eq!(left(&store), [0, pinned.0]);
}

#[test]
fn what_is_too_much_goes_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let [first, pinned, third, fourth] = [(); 4].map(|()| session(&store, 1 << 20, true));
    let running = session(&store, 1 << 20, false);
    set(&store, "UPDATE session SET pinned = ?1 WHERE id = ?2", pinned, 1);
    let size = |mib: u64| Retention { max_age: None, max_size: Some(mib << 20) };
    assert_eq!(store.retain(&size(6), 0).unwrap(), Retained::default());
    let gone = store.retain(&size(4), 0).unwrap();
    assert_eq!(gone, Retained { sessions: 2, exchanges: 2, ..Retained::default() });
    assert_eq!(left(&store), [0, pinned.0, fourth.0, running.0], "{first} and {third} went");
    let most = store.retain(&size(1), 0).unwrap();
    assert_eq!((most.sessions, left(&store)), (1, vec![0, pinned.0, running.0]));
    assert!(most.excess > 1 << 20, "pinned and running ones are not touched: {most:?}");
}
