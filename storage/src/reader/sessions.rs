//! Rows of sessions.

use super::{
    Result,
    row::{rules, word},
};
use crate::model::{Session, SessionId};
use rusqlite::{Connection, Row, ToSql};

const COLUMNS: &str = "id, name, source, state, started_us, ended_us, command, exchanges, bytes, failures, note, pinned, \
    rules, paused_us, pause_us, left_out, keep_us";

/// The sessions that `rest` of a query asks for.
pub(crate) fn read(db: &Connection, rest: &str, params: &[&dyn ToSql]) -> Result<Vec<Session>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM session {rest}"))?;
    let mut rows = statement.query(params)?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        sessions.push(session(row)?);
    }
    Ok(sessions)
}

fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        name: row.get(1)?,
        source: word(row, 2)?,
        state: word(row, 3)?,
        started_us: row.get(4)?,
        ended_us: row.get(5)?,
        command: row.get(6)?,
        exchanges: row.get(7)?,
        bytes: row.get(8)?,
        failures: row.get(9)?,
        note: row.get(10)?,
        pinned: row.get(11)?,
        rules: rules(row, 12)?,
        paused_us: row.get(13)?,
        pause_us: row.get(14)?,
        left_out: row.get(15)?,
        keep_until_us: row.get(16)?,
    })
}
