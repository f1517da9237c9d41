//! Replays: begun, gone on with, ended.

use crate::{
    Changes, Reader, Store, StoreError,
    model::{ExchangeId, NewReplay, Replay, ReplayState, Replayed, SessionId, Tally, Verdict},
    reader::unknown,
};
use rusqlite::{Error, OptionalExtension, Row, Transaction, params};

impl Store {
    /// Begins a replay, and gives back its number.
    pub fn begin_replay(&self, new: &NewReplay) -> Result<i64, StoreError> {
        let NewReplay { session, started_us, total, what } = new.clone();
        let (session, what) = (session.0, what.to_string());
        let id = self.cleaner.within(move |tx| {
            let sql = "INSERT INTO replay (session, state, started_us, total, what) VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = params![session, ReplayState::Running.word(), started_us, total, what];
            tx.prepare_cached(sql)?.execute(row)?;
            Ok(tx.last_insert_rowid())
        })?;
        self.tell_of_replay(id);
        Ok(id)
    }

    /// Adds what came of some requests.
    pub fn add_replayed(&self, replay: i64, rows: Vec<Replayed>) -> Result<(), StoreError> {
        let mut tally = Tally::default();
        rows.iter().for_each(|row| tally.count(row.verdict));
        self.cleaner.within(move |tx| {
            rows.iter().try_for_each(|row| insert(tx, replay, row))?;
            let sql =
                "UPDATE replay SET done = done + ?2, same = same + ?3, changed = changed + ?4, failed = failed + ?5,
                skipped = skipped + ?6, sent = sent + ?7 WHERE id = ?1";
            let Tally { done, same, changed, failed, skipped, sent } = tally;
            tx.prepare_cached(sql)?.execute(params![replay, done, same, changed, failed, skipped, sent])
        })?;
        self.tell_of_replay(replay);
        Ok(())
    }

    /// Ends a replay.
    pub fn end_replay(
        &self,
        id: i64,
        state: ReplayState,
        ended_us: i64,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        self.cleaner.within(move |tx| {
            let sql = "UPDATE replay SET state = ?2, ended_us = ?3, error = ?4 WHERE id = ?1";
            tx.prepare_cached(sql)?.execute(params![id, state.word(), ended_us, error])
        })?;
        self.tell_of_replay(id);
        Ok(())
    }

    fn tell_of_replay(&self, id: i64) {
        self.told(&Changes { replays: vec![id], ..Changes::default() });
    }
}

const REPLAY: &str = "SELECT r.id, r.session, s.name, r.state, r.started_us, r.ended_us, r.total, r.done, r.same, r.changed, \
    r.failed, r.skipped, r.sent, r.what, r.error FROM replay AS r JOIN session AS s ON s.id = r.session \
    WHERE s.deletion IS NULL";

const REPLAYED: &str = "SELECT position, original_session, original_number, item, name, method, url, status, result, \
    result_status, duration_us, verdict, comparison, error FROM replayed";

impl Reader {
    /// Replays before the one of a number, newest first.
    pub fn replays(&self, before: Option<i64>, limit: usize) -> Result<Vec<Replay>, StoreError> {
        let sql = format!("{REPLAY} AND r.id < ?1 ORDER BY r.id DESC LIMIT ?2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![before.unwrap_or(i64::MAX), limit as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(replay(row)?);
        }
        Ok(found)
    }

    /// One replay, unless its session was deleted.
    pub fn replay(&self, id: i64) -> Result<Option<Replay>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!("{REPLAY} AND r.id = ?1"))?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(replay).transpose()
    }

    /// What came of the requests of a replay behind a position, in order: those with one verdict, or all.
    pub fn replayed(
        &self,
        replay: &Replay,
        verdict: Option<Verdict>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Replayed>, StoreError> {
        let sql = format!(
            "{REPLAYED} WHERE replay = ?1 AND position > ?2 AND (?3 IS NULL OR verdict = ?3) ORDER BY position LIMIT ?4"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![replay.id, after, verdict.map(Verdict::word), limit as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(replayed(row, replay.session)?);
        }
        Ok(found)
    }

    /// The exchange that this one replays, if it does.
    pub fn replayed_by(&self, id: ExchangeId) -> Result<Option<ExchangeId>, StoreError> {
        let sql = "SELECT original_session, original_number FROM replay JOIN replayed ON replayed.replay = replay.id
            WHERE replay.session = ?1 AND replayed.result = ?2 AND original_number IS NOT NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        let original = |r: &Row<'_>| Ok(ExchangeId { session: SessionId(r.get(0)?), number: r.get(1)? });
        Ok(statement.query_row([id.session.0, id.number], original).optional()?)
    }
}

fn insert(tx: &Transaction<'_>, replay: i64, row: &Replayed) -> Result<(), Error> {
    let sql =
        "INSERT OR REPLACE INTO replayed (replay, position, original_session, original_number, item, name, method,
        url, status, result, result_status, duration_us, verdict, comparison, error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let Replayed { position, original, item, name, method, url, status, result, .. } = row;
    let Replayed { result_status, duration_us, verdict, comparison, error, .. } = row;
    let (session, number) = original.map(|id| (id.session.0, id.number)).unzip();
    let result = result.map(|id| id.number);
    let row = params![
        replay,
        position,
        session,
        number,
        item,
        name,
        method,
        url,
        status,
        result,
        result_status,
        duration_us,
        verdict.word(),
        comparison,
        error
    ];
    tx.prepare_cached(sql)?.execute(row).map(drop)
}

fn replay(row: &Row<'_>) -> Result<Replay, StoreError> {
    let (state, what): (String, String) = (row.get(3)?, row.get(13)?);
    Ok(Replay {
        id: row.get(0)?,
        session: SessionId(row.get(1)?),
        name: row.get(2)?,
        state: ReplayState::from_word(&state).ok_or_else(|| unknown("state of a replay", &state))?,
        started_us: row.get(4)?,
        ended_us: row.get(5)?,
        total: row.get(6)?,
        tally: Tally {
            done: row.get(7)?,
            same: row.get(8)?,
            changed: row.get(9)?,
            failed: row.get(10)?,
            skipped: row.get(11)?,
            sent: row.get(12)?,
        },
        what: serde_json::from_str(&what).map_err(|_| unknown("description of a replay", "…"))?,
        error: row.get(14)?,
    })
}

fn replayed(row: &Row<'_>, session: SessionId) -> Result<Replayed, StoreError> {
    let verdict: String = row.get(11)?;
    let original = match (row.get(1)?, row.get(2)?) {
        (Some(session), Some(number)) => Some(ExchangeId { session: SessionId(session), number }),
        _ => None,
    };
    Ok(Replayed {
        position: row.get(0)?,
        original,
        item: row.get(3)?,
        name: row.get(4)?,
        method: row.get(5)?,
        url: row.get(6)?,
        status: row.get(7)?,
        result: row.get::<_, Option<i64>>(8)?.map(|number| ExchangeId { session, number }),
        result_status: row.get(9)?,
        duration_us: row.get(10)?,
        verdict: Verdict::from_word(&verdict).ok_or_else(|| unknown("verdict", &verdict))?,
        comparison: row.get(12)?,
        error: row.get(13)?,
    })
}

/// Marks replays as interrupted that were under way when the daemon ended. They end with their sessions.
pub(crate) fn interrupt(tx: &Transaction<'_>) -> Result<(), Error> {
    let [interrupted, running] = [ReplayState::Interrupted, ReplayState::Running].map(ReplayState::word);
    let sql = "UPDATE replay SET state = ?1, ended_us = coalesce((SELECT ended_us FROM session WHERE id = session), started_us)
        WHERE state = ?2";
    tx.execute(sql, [interrupted, running]).map(drop)
}

/// Lets go of what is known of the answer of an exchange that is removed for good: how it compares with others.
pub(crate) fn forget(tx: &Transaction<'_>, session: i64, number: i64) -> Result<(), Error> {
    let original = "UPDATE replayed SET comparison = NULL
        WHERE comparison IS NOT NULL AND original_session = ?1 AND original_number = ?2";
    let result = "UPDATE replayed SET comparison = NULL
        WHERE result = ?2 AND replay = (SELECT id FROM replay WHERE session = ?1)";
    tx.prepare_cached(original)?.execute([session, number])?;
    tx.prepare_cached(result)?.execute([session, number]).map(drop)
}

/// Removes some rows of replays whose session is gone for good; how many.
pub(crate) fn purge_some(tx: &Transaction<'_>) -> Result<u64, Error> {
    let gone = "SELECT id FROM replay WHERE session NOT IN (SELECT id FROM session)";
    let rows = format!("DELETE FROM replayed WHERE id IN (SELECT id FROM replayed WHERE replay IN ({gone}) LIMIT 200)");
    match tx.execute(&rows, [])? {
        0 => Ok(tx.execute(&format!("DELETE FROM replay WHERE id IN ({gone})"), [])? as u64),
        some => Ok(some as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Deleted, Event, NewSession, Scope,
        fixtures::{exchange, store},
        model::{RecordingRules, SessionState, Source},
    };
    use serde_json::json;

    fn begun(store: &Store) -> (i64, SessionId) {
        let new = NewSession {
            name: "again".into(),
            source: Source::Replay,
            command: None,
            rules: RecordingRules::default(),
        };
        let session = store.open_session(new).unwrap().id;
        let new = NewReplay { session, started_us: 5, total: 3, what: json!({"session": 7}) };
        (store.begin_replay(&new).unwrap(), session)
    }

    fn row(position: i64, verdict: Verdict, result: Option<ExchangeId>) -> Replayed {
        Replayed {
            position,
            original: Some(ExchangeId { session: SessionId(7), number: position + 10 }),
            item: None,
            name: None,
            method: "GET".into(),
            url: "http://a.test/".into(),
            status: Some(200),
            result,
            result_status: result.map(|_| 200),
            duration_us: Some(3),
            verdict,
            comparison: Some("{}".into()),
            error: None,
        }
    }

    #[test]
    fn what_comes_of_requests_is_counted_and_found_by_verdict() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let (id, session) = begun(&store);
        let result = |number| Some(ExchangeId { session, number });
        let rows =
            [row(1, Verdict::Same, result(1)), row(2, Verdict::Skipped, None), row(3, Verdict::Changed, result(2))];
        store.add_replayed(id, rows[..1].to_vec()).unwrap();
        store.add_replayed(id, rows[1..].to_vec()).unwrap();
        let reader = store.reader().unwrap();
        let running = reader.replay(id).unwrap().unwrap();
        let tally = Tally { done: 3, same: 1, changed: 1, skipped: 1, ..Tally::default() };
        assert_eq!((running.tally, running.total, running.name.as_str()), (tally, 3, "again"));
        assert_eq!((running.state, running.what.clone()), (ReplayState::Running, json!({"session": 7})));
        assert_eq!(reader.replayed(&running, None, 0, 10).unwrap(), rows);
        assert_eq!(reader.replayed(&running, None, 1, 1).unwrap(), rows[1..2]);
        assert_eq!(reader.replayed(&running, Some(Verdict::Changed), 0, 10).unwrap(), rows[2..]);
        assert_eq!(reader.replayed_by(result(2).unwrap()).unwrap(), rows[2].original);
        assert_eq!(reader.replayed_by(result(3).unwrap()).unwrap(), None);
        store.end_replay(id, ReplayState::Done, 9, None).unwrap();
        let done = reader.replay(id).unwrap().unwrap();
        assert_eq!((done.state, done.ended_us), (ReplayState::Done, Some(9)));
        let (second, _) = begun(&store);
        let list = |before, limit| reader.replays(before, limit).unwrap().into_iter().map(|r| r.id).collect::<Vec<_>>();
        assert_eq!(list(None, 10), [second, id]);
        assert_eq!((list(Some(second), 10), list(None, 1)), (vec![id], vec![second]));
    }

    #[test]
    fn nothing_of_an_answer_stays_when_its_exchange_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let (id, session) = begun(&store);
        let mut rows = Vec::new();
        for position in 1..=3 {
            let (original, result) = (exchange(&store, SessionId::SENT), exchange(&store, session));
            let comparison = Some(format!("CANARY{position}"));
            rows.push(Replayed {
                original: Some(original.id),
                comparison,
                ..row(position, Verdict::Changed, Some(result.id))
            });
            store.queue().push(Event::Done(original));
            store.queue().push(Event::Done(result));
        }
        store.flush().unwrap();
        store.add_replayed(id, rows.clone()).unwrap();
        let gone = vec![rows[0].original.unwrap(), rows[1].result.unwrap()];
        store.delete(Deleted::Exchanges(gone)).unwrap();
        let out = tempfile::tempdir().unwrap();
        store.reader().unwrap().backup(&out.path().join("copy"), Scope::Whole).unwrap();
        store.gc().unwrap();
        for dir in [dir.path(), &out.path().join("copy")] {
            let found = |canary: &[u8]| !crate::compact::holding(dir, canary).is_empty();
            assert_eq!([found(b"CANARY1"), found(b"CANARY2"), found(b"CANARY3")], [false, false, true], "{dir:?}");
        }
        let replay = store.reader().unwrap().replay(id).unwrap().unwrap();
        let left = store.reader().unwrap().replayed(&replay, None, 0, 10).unwrap();
        assert_eq!((left.len(), left[0].verdict), (3, Verdict::Changed), "that it differed stays");
    }

    #[test]
    fn it_goes_with_its_session_and_is_interrupted_with_the_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let (id, session, other) = {
            let store = store(dir.path());
            let (id, session) = begun(&store);
            store.add_replayed(id, vec![row(1, Verdict::Same, None)]).unwrap();
            let (other, _) = begun(&store);
            store.end_replay(id, ReplayState::Cancelled, 9, None).unwrap();
            (id, session, other)
        };
        let store = store(dir.path());
        let reader = store.reader().unwrap();
        assert_eq!(reader.replay(id).unwrap().unwrap().state, ReplayState::Cancelled);
        let interrupted = reader.replay(other).unwrap().unwrap();
        assert!(interrupted.state == ReplayState::Interrupted && interrupted.ended_us.is_some(), "{interrupted:?}");
        store.close_session(session, SessionState::Stopped).unwrap();
        store.delete(Deleted::Session(session)).unwrap();
        assert!(reader.replay(id).unwrap().is_none() && reader.replays(None, 10).unwrap().len() == 1);
        store.gc().unwrap();
        let left = |table: &str| -> i64 {
            reader.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
        };
        assert_eq!((left("replayed"), left("replay")), (0, 1));
    }
}
