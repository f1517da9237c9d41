//! The rows of messages.

use super::batch::{Written, int, or_refuse};
use crate::{
    Committed,
    model::{ExchangeId, Message, SessionId},
};
use rusqlite::{Error, Transaction, params};
use std::collections::{BTreeMap, HashSet};

/// Writes the messages of one batch.
pub(super) struct Messages<'tx> {
    tx: &'tx Transaction<'tx>,
    /// The last message of each exchange that got one.
    last: BTreeMap<i64, i64>,
}

impl<'tx> Messages<'tx> {
    pub(super) fn new(tx: &'tx Transaction<'_>) -> Self {
        Self { tx, last: BTreeMap::new() }
    }

    pub(super) fn write(&mut self, m: &Message, written: &mut Written) -> Result<(), Error> {
        let mut insert = self.tx.prepare_cached(
            "INSERT INTO message (seq, number, part, kind, at_us, offset, length, wire_length, fragments, compressed,
               state, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        let result = insert.execute(params![
            m.seq,
            m.number,
            m.part as i64,
            m.kind.word(),
            m.at_us,
            int(m.offset),
            int(m.length),
            int(m.wire_length),
            m.fragments,
            m.compressed,
            m.state.word(),
            m.payload.as_deref(),
        ]);
        match or_refuse(result, written)? {
            Ok(_) => drop(self.last.insert(m.seq, m.number)),
            Err(e) => tracing::error!(error = %e, seq = m.seq, number = m.number, "a message could not be stored"),
        }
        Ok(())
    }

    /// Brings the count in rows that were there before this batch up to date, and notes that they have changed.
    pub(super) fn count(self, open: &HashSet<i64>, written: &mut Written) -> Result<(), Error> {
        if self.last.is_empty() {
            return Ok(());
        }
        let mut update = self.tx.prepare_cached(
            "UPDATE exchange SET messages = ?2 WHERE seq = ?1 AND messages < ?2 RETURNING session, number",
        )?;
        for (seq, last) in self.last.into_iter().filter(|(seq, _)| open.contains(seq)) {
            let mut rows = update.query([seq, last])?;
            if let Some(row) = rows.next()? {
                let id = ExchangeId { session: SessionId(row.get(0)?), number: row.get(1)? };
                written.committed.push(Committed { seq, id, done: false, cookies: false });
            }
        }
        Ok(())
    }
}
