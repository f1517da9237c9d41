//! Entries of the history: begun, ended, added.

use crate::{
    Changes, Reader, Store, StoreError,
    model::{ExchangeId, NewSend, SendEnd, SendState, SessionId},
};
use rusqlite::{Error, Transaction, params};

impl Store {
    /// Begins an entry, and gives back its number.
    pub fn begin_send(&self, new: &NewSend) -> Result<i64, StoreError> {
        let new = new.clone();
        let id = self.cleaner.within(move |tx| insert(tx, &new, SendState::Running, true))?;
        self.tell_of_send(id);
        Ok(id)
    }

    /// Ends an entry that was begun. One that is there no more stays gone.
    pub fn end_send(&self, id: i64, end: SendEnd) -> Result<(), StoreError> {
        self.cleaner.within(move |tx| {
            let exchanges = end.exchanges.iter().map(|number| ExchangeId { session: SessionId::SENT, number: *number });
            if finish(tx, id, &end)? { link(tx, id, exchanges) } else { Ok(()) }
        })?;
        self.tell_of_send(id);
        Ok(())
    }

    /// Adds what was captured: an entry that was not sent. `new` tells when it was captured; `end` names no exchanges.
    pub fn add_send(&self, new: &NewSend, exchange: ExchangeId, end: SendEnd) -> Result<i64, StoreError> {
        let new = new.clone();
        let id = self.cleaner.within(move |tx| {
            let id = insert(tx, &new, end.state, false)?;
            finish(tx, id, &end)?;
            link(tx, id, [exchange].into_iter())?;
            Ok(id)
        })?;
        self.tell_of_send(id);
        Ok(id)
    }

    fn tell_of_send(&self, id: i64) {
        self.told(&Changes { sends: vec![id], ..Changes::default() });
    }
}

impl Reader {
    /// The numbers of the oldest entries that began no later than that and are over, unless what was sent
    /// is pinned.
    pub(crate) fn oldest_sends(&self, until_us: i64, most: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id FROM send WHERE deletion IS NULL AND at_us <= ?1 AND state <> 'running'
            AND NOT EXISTS (SELECT 1 FROM session WHERE id = ?2 AND pinned = 1) ORDER BY at_us, id LIMIT ?3";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([until_us, SessionId::SENT.0, most], |r| r.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn insert(tx: &Transaction<'_>, new: &NewSend, state: SendState, sent: bool) -> Result<i64, Error> {
    let NewSend { at_us, method, url, request, environment, made_from } = new;
    let sql = "INSERT INTO send (at_us, state, sent, method, url, environment, made_from, request)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let row = params![at_us, state.word(), sent, method, url, environment, made_from, request];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(tx.last_insert_rowid())
}

fn finish(tx: &Transaction<'_>, id: i64, end: &SendEnd) -> Result<bool, Error> {
    let SendEnd { state, method, url, exchanges: _, status, duration_us, bytes, error } = end;
    let sql = "UPDATE send SET state = ?2, method = ?3, url = ?4, status = ?5, duration_us = ?6, bytes = ?7, error = ?8
        WHERE id = ?1";
    let row = params![id, state.word(), method, url, status, duration_us, bytes, error];
    Ok(tx.prepare_cached(sql)?.execute(row)? > 0)
}

fn link(tx: &Transaction<'_>, send: i64, exchanges: impl Iterator<Item = ExchangeId>) -> Result<(), Error> {
    let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO hop VALUES (?1, ?2, ?3, ?4)")?;
    for (position, id) in exchanges.enumerate() {
        insert.execute(params![send, position as i64, id.session.0, id.number])?;
    }
    Ok(())
}
