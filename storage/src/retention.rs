//! What is kept for how long. Sessions go whole, the oldest first; those that are pinned or not over stay, and those that are
//! to be kept until a time of their own stay until then and go then. Of what was sent (session 0), the oldest exchanges go,
//! and by age the entries of the history; by size those go last. What goes by retention is not brought back.

use crate::{
    Deleted, Reader, Store, StoreError, compact,
    index::INDEX,
    model::{ExchangeId, SessionId, SessionState},
    purge::Pace,
};
use rusqlite::params;
use std::time::Duration;

/// Exchanges of session 0 that go at once.
const AT_ONCE: i64 = 500;

/// What an exchange takes besides its bodies, bytes, roughly.
const ROW: i64 = 1500;

/// What may be kept. The default keeps everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// How long after its end a session is kept, and an exchange that was sent.
    pub max_age: Option<Duration>,
    /// How many bytes of the disk may be in use by database, index and bodies.
    pub max_size: Option<u64>,
}

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Sessions.
    pub sessions: u64,
    /// Exchanges, those of the sessions included.
    pub exchanges: u64,
    /// Entries of the history.
    pub sends: u64,
    /// Bytes that are in use by more than may be: what is left is pinned, to be kept for longer, or not over.
    pub excess: u64,
    /// When the next session will have been kept long enough, microseconds since the Unix epoch.
    pub next_us: Option<i64>,
}

impl Store {
    /// Removes what is older, or more, than may be kept. `now_us` is the time, microseconds since the Unix epoch.
    pub fn retain(&self, policy: &Retention, now_us: i64) -> Result<Retained, StoreError> {
        let mut gone = Retained::default();
        let _alone = self.cleaner.work_alone();
        let reader = self.reader()?;
        let age = policy.max_age.map(|age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
        self.remove_older(&reader, age, now_us, &mut gone)?;
        if let Some(size) = policy.max_size {
            self.remove_beyond(&reader, i64::try_from(size).unwrap_or(i64::MAX), &mut gone)?;
        }
        if gone.exchanges > 0 || gone.sessions > 0 || gone.sends > 0 {
            self.purge_now()?;
            compact::tidy(&self.cleaner)?;
        }
        Ok(gone)
    }

    fn remove_older(
        &self,
        reader: &Reader,
        age: Option<i64>,
        now_us: i64,
        gone: &mut Retained,
    ) -> Result<(), StoreError> {
        for session in over(reader)? {
            match session.keep_until_us.or(age.map(|age| session.ended_us.saturating_add(age))) {
                None => {}
                Some(due) if due <= now_us => self.remove(Deleted::Session(session.id), gone)?,
                Some(due) => gone.next_us = Some(gone.next_us.map_or(due, |next| next.min(due))),
            }
        }
        let Some(age) = age else { return Ok(()) };
        let before_us = now_us.saturating_sub(age);
        loop {
            let ids = oldest_sent(reader, before_us)?;
            if ids.is_empty() {
                break;
            }
            self.remove(Deleted::Exchanges(ids), gone)?;
        }
        loop {
            let ids = reader.oldest_sends(before_us, AT_ONCE)?;
            if ids.is_empty() {
                return Ok(());
            }
            self.remove(Deleted::Sends(ids), gone)?;
        }
    }

    fn remove_beyond(&self, reader: &Reader, size: i64, gone: &mut Retained) -> Result<(), StoreError> {
        let index = std::fs::metadata(self.dir().join(INDEX)).map_or(0, |found| found.len().cast_signed());
        let before = reader.exchanges()?.max(1);
        loop {
            // The index shrinks later, by as much.
            let exchanges = reader.exchanges()?.min(before);
            let index = i128::from(index) * i128::from(exchanges) / i128::from(before);
            let used = in_use(reader)?.saturating_add(i64::try_from(index).unwrap_or(0));
            let mut excess = used.saturating_sub(size);
            gone.excess = u64::try_from(excess).unwrap_or(0);
            if excess <= 0 {
                return Ok(());
            }
            let mut sessions = over(reader)?;
            sessions.retain(|session| session.keep_until_us.is_none());
            for (at, session) in sessions.iter().enumerate() {
                // Less than this may be in use for it: then it is looked again.
                excess -= session.bytes.saturating_add(session.exchanges.saturating_mul(ROW));
                self.remove(Deleted::Session(session.id), gone)?;
                if excess <= 0 || at == 100 {
                    break;
                }
            }
            if sessions.is_empty() {
                let (exchanges, sends) = (oldest_sent(reader, i64::MAX)?, reader.oldest_sends(i64::MAX, AT_ONCE)?);
                match (exchanges.is_empty(), sends.is_empty()) {
                    (false, _) => self.remove(Deleted::Exchanges(exchanges), gone)?,
                    (true, false) => self.remove(Deleted::Sends(sends), gone)?,
                    (true, true) => return Ok(()),
                }
            }
            self.purge_now()?;
        }
    }

    fn remove(&self, what: Deleted, gone: &mut Retained) -> Result<(), StoreError> {
        let deletion = match self.cleaner.delete(what) {
            // Somebody else was first, or it is recorded into again.
            Err(
                StoreError::NoSession(_)
                | StoreError::StillOpen(_)
                | StoreError::NoExchange(_)
                | StoreError::NoSend(_)
                | StoreError::SendUnderWay(_),
            ) => return Ok(()),
            deletion => deletion?,
        };
        gone.sessions += deletion.sessions.unsigned_abs();
        gone.exchanges += deletion.exchanges.unsigned_abs();
        gone.sends += deletion.sends.unsigned_abs();
        let id = deletion.id;
        // Without this row it cannot be taken back.
        self.cleaner.within(move |tx| tx.execute("DELETE FROM deletion WHERE id = ?1", [id]))?;
        Ok(())
    }

    /// Purges what cannot be taken back, and nothing else.
    fn purge_now(&self) -> Result<(), StoreError> {
        self.cleaner.purge(i64::MIN, Pace::Gentle).map(drop)
    }
}

/// A session that is over and not pinned.
struct Over {
    id: SessionId,
    ended_us: i64,
    keep_until_us: Option<i64>,
    exchanges: i64,
    bytes: i64,
}

/// Sessions that may go, those that ended first before the others.
fn over(reader: &Reader) -> Result<Vec<Over>, StoreError> {
    let sql = "SELECT id, coalesce(ended_us, started_us), exchanges, bytes, keep_us FROM session
        WHERE id <> ?1 AND pinned = 0 AND deletion IS NULL AND state IN (?2, ?3) ORDER BY 2, id";
    let [stopped, interrupted] = [SessionState::Stopped, SessionState::Interrupted].map(SessionState::word);
    let mut statement = reader.db.prepare_cached(sql)?;
    let rows = statement.query_map(params![SessionId::SENT.0, stopped, interrupted], |r| {
        let (id, keep_until_us) = (SessionId(r.get(0)?), r.get(4)?);
        Ok(Over { id, ended_us: r.get(1)?, keep_until_us, exchanges: r.get(2)?, bytes: r.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The oldest exchanges that were sent and began no later than that, unless their session is pinned.
fn oldest_sent(reader: &Reader, until_us: i64) -> Result<Vec<ExchangeId>, StoreError> {
    let session = SessionId::SENT;
    let sql = "SELECT number FROM exchange_listed WHERE session = ?1 AND done = 1 AND started_us <= ?2
        AND NOT EXISTS (SELECT 1 FROM session WHERE id = ?1 AND pinned = 1) ORDER BY number LIMIT ?3";
    let mut statement = reader.db.prepare_cached(sql)?;
    let rows =
        statement.query_map([session.0, until_us, AT_ONCE], |r| Ok(ExchangeId { session, number: r.get(0)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Bytes that rows and bodies take, without what can be given back.
fn in_use(reader: &Reader) -> Result<i64, StoreError> {
    let sql = "SELECT (page_count - freelist_count) * page_size + (SELECT coalesce(sum(length), 0) FROM extent)
        FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    Ok(reader.db.query_row(sql, [], |r| r.get(0))?)
}

#[cfg(test)]
mod tests {
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
}
