//! Removing the rows of exchanges, a few at a time.

use crate::replays;
use rusqlite::{Connection, Error, Transaction};
use std::time::{Duration, Instant};

/// How long a transaction may go on; the one row or the few messages it is at come on top.
const SLICE: Duration = Duration::from_millis(4);

/// Messages that are removed by one statement.
const MESSAGES: i64 = 500;

/// What a transaction has done.
#[derive(Default)]
pub(super) struct Step {
    /// Exchanges that are gone; of the next one, messages may be.
    pub(super) exchanges: usize,
    /// The connections they went over.
    pub(super) connections: Vec<i64>,
}

/// A row of `deleted`, `session`, `send`, `item` or `collection` whose deletion cannot be taken back.
pub(super) const FINAL: &str = "deletion IS NOT NULL AND deletion NOT IN (SELECT id FROM deletion)";

/// Whether there is something to purge that was deleted before `cutoff`, or whose purge was not finished.
pub(super) fn is_due(db: &Connection, cutoff: i64) -> Result<bool, Error> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM deletion WHERE undone = 0 AND at_us <= ?1)
           OR EXISTS (SELECT 1 FROM deleted WHERE {FINAL}) OR EXISTS (SELECT 1 FROM session WHERE {FINAL})
           OR EXISTS (SELECT 1 FROM send WHERE {FINAL}) OR EXISTS (SELECT 1 FROM item WHERE deletion > 0 AND {FINAL})
           OR EXISTS (SELECT 1 FROM collection WHERE deletion > 0 AND {FINAL})
           OR EXISTS (SELECT 1 FROM cookie WHERE {FINAL}) OR EXISTS (SELECT 1 FROM jar WHERE {FINAL})
           OR EXISTS (SELECT 1 FROM jar_domain WHERE {FINAL})
           OR EXISTS (SELECT 1 FROM cookie_event WHERE deletion > 0 AND {FINAL})"
    );
    db.query_row(&sql, [cutoff], |r| r.get(0))
}

/// Some of the exchanges that are to go.
pub(super) fn doomed(db: &Connection, most: usize) -> Result<Vec<i64>, Error> {
    let one_by_one = format!("SELECT seq FROM deleted WHERE {FINAL} LIMIT ?1");
    let whole = format!(
        "SELECT exchange.seq FROM (SELECT id FROM session WHERE {FINAL}) AS gone
         JOIN exchange ON exchange.session = gone.id LIMIT ?1"
    );
    let read = |sql: &str| db.prepare_cached(sql)?.query_map([most as i64], |r| r.get(0))?.collect();
    let seqs: Vec<i64> = read(&one_by_one)?;
    if seqs.is_empty() { read(&whole) } else { Ok(seqs) }
}

/// Removes exchanges until the time is over.
pub(super) fn purge(tx: &Transaction<'_>, seqs: &[i64]) -> Result<Step, Error> {
    let begun = Instant::now();
    let mut messages = tx.prepare_cached(
        "DELETE FROM message WHERE seq = ?1 AND number < (SELECT min(number) FROM message WHERE seq = ?1) + ?2",
    )?;
    let mut extents = tx.prepare_cached("DELETE FROM extent WHERE seq = ?1")?;
    let mut cookies = tx.prepare_cached("DELETE FROM cookie_event WHERE seq = ?1")?;
    let mut exchange = tx.prepare_cached(
        "DELETE FROM exchange WHERE seq = ?1 RETURNING client_connection, upstream_connection, session, number",
    )?;
    let mut mark = tx.prepare_cached("DELETE FROM deleted WHERE seq = ?1")?;
    let mut step = Step::default();
    for seq in seqs {
        while messages.execute([*seq, MESSAGES])? > 0 {
            if begun.elapsed() >= SLICE {
                return Ok(step);
            }
        }
        extents.execute([seq])?;
        cookies.execute([seq])?;
        let mut gone = exchange.query([seq])?;
        while let Some(row) = gone.next()? {
            step.connections.extend(row.get::<_, Option<i64>>(0)?);
            step.connections.extend(row.get::<_, Option<i64>>(1)?);
            replays::forget(tx, row.get(2)?, row.get(3)?)?;
        }
        drop(gone);
        mark.execute([seq])?;
        step.exchanges += 1;
        if begun.elapsed() >= SLICE {
            break;
        }
    }
    Ok(step)
}

/// Removes sessions whose exchanges are gone. Gives back how many there were.
pub(super) fn purge_sessions(tx: &Transaction<'_>) -> Result<u64, Error> {
    let sql = format!(
        "DELETE FROM session WHERE {FINAL} AND NOT EXISTS (SELECT 1 FROM exchange WHERE exchange.session = session.id)"
    );
    Ok(tx.execute(&sql, [])? as u64)
}
