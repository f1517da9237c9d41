//! Cookies seen in exchanges: written behind the writer by whoever reads heads, gone with their exchanges.

use crate::{
    Reader, Store, StoreError,
    model::{CookieEvent, CookieOutcome, Exchange, ExchangeId, SessionId},
    reader::{exchange, unknown},
};
use bytes::Bytes;
use rusqlite::{OptionalExtension, Row, params, types::Type};

type Result<T> = std::result::Result<T, StoreError>;

/// Rows of one transaction: others wait behind it.
const STEP: usize = 200;

const COLUMNS: &str = "seq, position, session, number, at_us, host, outcome, reason, message, raw";

/// Without what is deleted.
pub(crate) const SEEN: &str =
    "seq NOT IN (SELECT seq FROM deleted) AND session NOT IN (SELECT id FROM session WHERE deletion IS NOT NULL)";

impl Store {
    /// Adds what was found in exchanges; what is there already stays as it is, and what belongs to an exchange that is gone is
    /// dropped. `read` is the `seq` up to which heads have been looked at.
    pub fn add_cookie_events(&self, events: Vec<CookieEvent>, read: i64) -> Result<()> {
        let sql = format!(
            "INSERT OR IGNORE INTO cookie_event ({COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             WHERE EXISTS (SELECT 1 FROM exchange WHERE seq = ?1)"
        );
        for events in events.chunks(STEP) {
            let (sql, events) = (sql.clone(), events.to_vec());
            self.cleaner.within(move |tx| {
                let mut insert = tx.prepare_cached(&sql)?;
                for event in &events {
                    let (reason, message) = event.reason.as_ref().map(|(word, text)| (word, text)).unzip();
                    let (id, raw) = (event.exchange, &event.raw[..]);
                    let (host, outcome) = (&event.host, event.outcome.word());
                    insert.execute(params![
                        event.seq,
                        event.position,
                        id.session.0,
                        id.number,
                        event.at_us,
                        host,
                        outcome,
                        reason,
                        message,
                        raw
                    ])?;
                }
                Ok(())
            })?;
        }
        self.cleaner.within(move |tx| {
            let sql = "INSERT INTO counter VALUES ('cookies', ?1) ON CONFLICT DO UPDATE SET value = max(value, ?1)";
            tx.prepare_cached(sql)?.execute([read])
        })?;
        Ok(())
    }
}

impl Reader {
    /// Cookies of a session in the order in which its exchanges began, behind a place (`seq` and position); those of one host
    /// only, if it is given.
    pub fn cookie_events(
        &self,
        session: SessionId,
        host: Option<&str>,
        after: (i64, i64),
        limit: usize,
    ) -> Result<Vec<CookieEvent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cookie_event WHERE session = ?1 AND (seq, position) > (?2, ?3) AND (?4 IS NULL OR host = ?4)
             AND deletion IS NULL AND {SEEN} ORDER BY seq, position LIMIT ?5"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![session.0, after.0, after.1, host, limit], event)?;
        rows.map(|row| row.map_err(unreadable)).collect()
    }

    /// Cookies seen in one exchange, in order.
    pub(crate) fn cookie_events_of(&self, exchange: ExchangeId) -> Result<Vec<CookieEvent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cookie_event WHERE session = ?1
             AND seq = (SELECT seq FROM exchange WHERE session = ?1 AND number = ?2)
             AND deletion IS NULL AND {SEEN} ORDER BY position"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![exchange.session.0, exchange.number], event)?;
        rows.map(|row| row.map_err(unreadable)).collect()
    }

    /// The newest exchanges of a session in which cookies were seen (`seq`), ascending.
    pub fn cookie_exchanges(&self, session: SessionId, most: usize) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT DISTINCT seq FROM cookie_event WHERE session = ?1 AND {SEEN} ORDER BY seq DESC LIMIT {most}"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut seqs: Vec<i64> =
            statement.query_map([session.0], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
        seqs.reverse();
        Ok(seqs)
    }

    /// Up to which `seq` heads were read for cookies.
    pub fn cookies_read(&self) -> Result<i64> {
        let sql = "SELECT value FROM counter WHERE name = 'cookies'";
        Ok(self.db.prepare_cached(sql)?.query_row([], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// Exchanges that are over and of which no cookie is known, behind a `seq`, ascending; at most so many.
    pub fn without_cookies(&self, after: i64, most: usize) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT seq FROM exchange WHERE seq > ?1 AND done = 1 AND {SEEN}
             AND NOT EXISTS (SELECT 1 FROM cookie_event WHERE cookie_event.seq = exchange.seq) ORDER BY seq LIMIT {most}"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        Ok(statement.query_map([after], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
    }

    /// An exchange that is over, by its place in the order of all, without its bodies.
    pub fn heads(&self, seq: i64) -> Result<Option<Exchange>> {
        let sql = format!("SELECT {} FROM exchange_listed WHERE seq = ?1 AND done = 1", exchange::COLUMNS);
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([seq])?;
        rows.next()?.map(|row| exchange::exchange(row).map(|(exchange, _)| exchange)).transpose()
    }
}

fn event(row: &Row<'_>) -> rusqlite::Result<CookieEvent> {
    let outcome = row.get_ref(6)?.as_str()?;
    let outcome = CookieOutcome::from_word(outcome)
        .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(6, Type::Text, outcome.into()))?;
    Ok(CookieEvent {
        seq: row.get(0)?,
        position: row.get(1)?,
        exchange: ExchangeId { session: SessionId(row.get(2)?), number: row.get(3)? },
        at_us: row.get(4)?,
        host: row.get(5)?,
        outcome,
        reason: row.get::<_, Option<_>>(7)?.zip(row.get(8)?),
        raw: Bytes::from(row.get::<_, Vec<u8>>(9)?),
    })
}

fn unreadable(error: rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, word) => unknown("outcome of a cookie", &word.to_string()),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Deleted, Event,
        fixtures::{exchange, store},
        model::{RecordingRules, Source},
    };

    fn event(of: &Exchange, position: i64, raw: &'static str) -> CookieEvent {
        CookieEvent {
            seq: of.seq,
            exchange: of.id,
            position,
            at_us: of.started_us,
            host: of.host.clone(),
            outcome: CookieOutcome::Rejected,
            reason: Some(("prefix".into(), "It may not.".into())),
            raw: Bytes::from_static(raw.as_bytes()),
        }
    }

    #[test]
    fn cookies_are_listed_in_order_and_go_with_their_exchanges() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let (name, rules) = ("one".into(), RecordingRules::default());
        let new = crate::NewSession { name, source: Source::Proxy, command: None, rules };
        let session = store.open_session(new).unwrap().id;
        let made: Vec<_> = (0..3).map(|_| exchange(&store, session)).collect();
        made.iter().for_each(|x| store.queue().push(Event::Done(x.clone())));
        store.flush().unwrap();
        let reader = store.reader().unwrap();
        assert_eq!(reader.without_cookies(0, 9).unwrap(), made.iter().map(|x| x.seq).collect::<Vec<_>>());

        let sent = CookieEvent { outcome: CookieOutcome::Sent, reason: None, ..event(&made[0], 0, "a=1") };
        let other = CookieEvent { host: "other.test".into(), ..event(&made[2], 0, "c=1") };
        let all = [sent, event(&made[0], 1, "b=\u{e9}"), other];
        store.add_cookie_events(all.iter().rev().cloned().collect(), made[1].seq).unwrap();
        // What is known stays, and what has no exchange does not come.
        let lost = CookieEvent { seq: 999, ..event(&made[0], 0, "x") };
        store.add_cookie_events(vec![event(&made[0], 0, "again"), lost], 0).unwrap();
        let list = |host, after, limit| reader.cookie_events(session, host, after, limit).unwrap();
        assert_eq!(list(None, (0, -1), 9), all);
        assert_eq!(list(None, (made[0].seq, 0), 1), all[1..2]);
        assert_eq!(list(Some("other.test"), (0, -1), 9), all[2..]);
        assert_eq!(reader.cookies_read().unwrap(), made[1].seq);
        assert_eq!(reader.without_cookies(0, 9).unwrap(), [made[1].seq]);
        assert_eq!(reader.cookie_exchanges(session, 9).unwrap(), [made[0].seq, made[2].seq]);
        assert_eq!(reader.cookie_exchanges(session, 1).unwrap(), [made[2].seq]);
        let heads = reader.heads(made[0].seq).unwrap().unwrap();
        assert_eq!((heads.id, heads.request_head), (made[0].id, made[0].request_head.clone()));

        // Deleted, they are not seen; purged, they are gone.
        let deletion = store.delete(Deleted::Exchanges(vec![made[0].id])).unwrap();
        assert_eq!(list(None, (0, -1), 9), all[2..]);
        assert!(reader.heads(made[0].seq).unwrap().is_none());
        store.undelete(deletion.id).unwrap();
        assert_eq!(list(None, (0, -1), 9), all);
        store.delete(Deleted::Exchanges(vec![made[0].id])).unwrap();
        store.gc().unwrap();
        let rows: i64 = reader.db.query_row("SELECT count(*) FROM cookie_event", [], |r| r.get(0)).unwrap();
        assert_eq!((rows, list(None, (0, -1), 9).len()), (1, 1));
    }
}
