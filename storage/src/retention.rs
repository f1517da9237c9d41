//! What is kept for how long. Sessions go whole, the oldest first; those that are pinned or not over stay, and those that are
//! to be kept until a time of their own stay until then and go then. Of what was sent (session 0), the oldest exchanges go,
//! and by age the entries of the history; by size those go last. What goes by retention is not brought back.

#[cfg(test)]
mod tests;

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
