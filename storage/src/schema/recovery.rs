//! What is put right when a store is opened: after an orderly end there is nothing to do, after any other the open
//! sessions and sends become interrupted, exchanges under way end there, and extents without an exchange are dropped.

use super::ends::end_exchanges;
use crate::{
    StoreError,
    model::{SendState, SessionId, SessionState, Source},
    queue::Ids,
    replays,
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// What a store was found to be.
pub(crate) struct Recovered {
    /// The numbers to go on from.
    pub(crate) ids: Ids,
    /// Whether it was closed in order.
    pub(crate) clean: bool,
    /// The last segment that bytes were known to be in; 0 if there is none.
    pub(crate) segment: i64,
}

/// Whether a store was closed in order; true for a new one.
pub(crate) fn was_closed(db: &Connection) -> Result<bool, StoreError> {
    Ok(counter(db, "clean", 1)? != 0)
}

/// Brings the rows in order and marks the store as in use.
pub(crate) fn recover(db: &mut Connection, now_us: i64) -> Result<Recovered, StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let clean = was_closed(&tx)?;
    end_exchanges(&tx, "done = 0", "Waylay ended before this exchange did; what had come by then was kept.")?;
    forget_imports(&tx, now_us)?;
    interrupt_sessions(&tx)?;
    let [interrupted, running] = [SendState::Interrupted, SendState::Running].map(SendState::word);
    tx.execute("UPDATE send SET state = ?1 WHERE state = ?2", [interrupted, running])?;
    replays::interrupt(&tx)?;
    for table in ["item", "collection"] {
        // What was being made when the daemon ended.
        tx.execute(&format!("DELETE FROM {table} WHERE deletion < 0"), [])?;
    }
    if !clean {
        for table in ["extent", "message"] {
            tx.execute(&format!("DELETE FROM {table} WHERE seq NOT IN (SELECT seq FROM exchange)"), [])?;
        }
    }
    tx.execute(
        "INSERT INTO session (id, name, source, state, started_us, changed_us, rules)
          VALUES (?1, 'Sent', ?2, ?3, ?4, ?4, '{\"media\":true}') ON CONFLICT DO NOTHING",
        params![SessionId::SENT.0, Source::Send.word(), SessionState::Recording.word(), now_us],
    )?;
    set_counter(&tx, "clean", 0)?;
    // What is made from this database knows it by the moment it was begun in.
    tx.execute("INSERT INTO counter VALUES ('identity', ?1) ON CONFLICT DO NOTHING", [now_us])?;
    let recovered = Recovered { ids: ids(&tx)?, clean, segment: counter(&tx, "segment", 0)? };
    tx.commit()?;
    Ok(recovered)
}

/// Marks the store as closed in order and keeps the numbers given out, so that none comes back.
pub(crate) fn close(db: &mut Connection, ids: &Ids) -> Result<(), StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (seq, connection) = ids.last();
    set_counter(&tx, "seq", seq)?;
    set_counter(&tx, "connection", connection)?;
    for (session, number) in ids.last_numbers() {
        let sql = "UPDATE session SET last_number = max(last_number, ?2) WHERE id = ?1";
        tx.prepare_cached(sql)?.execute([session.0, number])?;
    }
    set_counter(&tx, "clean", 1)?;
    tx.commit()?;
    Ok(())
}

/// Imports that did not come to their end are on their way out: half a file is no session.
fn forget_imports(tx: &Transaction<'_>, now_us: i64) -> Result<(), StoreError> {
    let open = "source = ?1 AND state = ?2 AND deletion IS NULL";
    let [source, state] = [Source::Import.word(), SessionState::Recording.word()];
    let sql = format!("SELECT EXISTS (SELECT 1 FROM session WHERE {open})");
    if tx.query_row(&sql, [source, state], |row| row.get(0))? {
        tx.execute("INSERT INTO deletion (at_us) VALUES (?1)", [now_us])?;
        let deletion = tx.last_insert_rowid();
        tx.execute(&format!("UPDATE session SET deletion = ?3 WHERE {open}"), params![source, state, deletion])?;
    }
    Ok(())
}

fn interrupt_sessions(tx: &Transaction<'_>) -> Result<(), StoreError> {
    // What is nearest to when it ended: its last exchange, or its last change of state. A pause lasted until then.
    let last = "max(started_us, changed_us, coalesce(
          (SELECT started_us + coalesce(end_us, 0) FROM exchange WHERE seq = session.last_seq), started_us))";
    let sql = &format!(
        "UPDATE session SET state = ?1, ended_us = {last}, pause_us = NULL,
          paused_us = paused_us + coalesce({last} - pause_us, 0)
        WHERE state IN (?2, ?3) AND id <> ?4"
    );
    let [interrupted, recording, paused] =
        [SessionState::Interrupted, SessionState::Recording, SessionState::Paused].map(SessionState::word);
    tx.execute(sql, params![interrupted, recording, paused, SessionId::SENT.0])?;
    Ok(())
}

fn ids(tx: &Transaction<'_>) -> Result<Ids, StoreError> {
    let last = |sql: &str| tx.query_row(sql, [], |r| r.get::<_, Option<i64>>(0));
    let seq = last("SELECT max(seq) FROM exchange")?.unwrap_or(0).max(counter(tx, "seq", 0)?);
    let connection = last("SELECT max(id) FROM connection")?.unwrap_or(0).max(counter(tx, "connection", 0)?);
    let mut sessions = tx.prepare("SELECT id, last_number FROM session")?;
    let numbers = sessions.query_map([], |r| Ok((SessionId(r.get(0)?), r.get(1)?)))?;
    Ok(Ids::after(seq, connection, numbers.collect::<Result<Vec<_>, _>>()?))
}

fn counter(db: &Connection, name: &str, absent: i64) -> Result<i64, StoreError> {
    let mut statement = db.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
    let mut rows = statement.query([name])?;
    Ok(rows.next()?.map(|r| r.get(0)).transpose()?.unwrap_or(absent))
}

fn set_counter(tx: &Transaction<'_>, name: &str, value: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO counter VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    tx.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}
