//! Hiding entries of the history with what was sent, showing them again, and removing them for good. What was captured
//! elsewhere and only added to the history stays.

use super::{Cleaner, Deletion, mark::AT_ONCE, rows::FINAL};
use crate::{Changes, Reader, StoreError, model::SessionId};
use rusqlite::{Error, OptionalExtension, Transaction};

impl Cleaner {
    pub(super) fn hide_sends(&self, ids: Vec<i64>) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        let mut find =
            reader.db.prepare_cached("SELECT state = 'running' FROM send WHERE id = ?1 AND deletion IS NULL")?;
        for id in &ids {
            match find.query_row([id], |r| r.get(0)).optional()? {
                None => return Err(StoreError::NoSend(*id)),
                Some(true) => return Err(StoreError::SendUnderWay(*id)),
                Some(false) => {}
            }
        }
        let mut deletion = self.begin()?;
        for some in ids.chunks(AT_ONCE) {
            self.hide_some(&mut deletion, some.to_vec())?;
        }
        Ok(deletion)
    }

    pub(super) fn hide_all_sends(&self) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        // What begins from now on was not meant.
        let last: i64 = reader.db.query_row("SELECT ifnull(max(id), 0) FROM send", [], |r| r.get(0))?;
        let mut deletion = self.begin()?;
        let running = "SELECT count(*) FROM send WHERE state = 'running' AND deletion IS NULL AND id <= ?1";
        deletion.under_way = reader.db.query_row(running, [last], |r| r.get(0))?;
        let next = "SELECT id FROM send WHERE id > ?1 AND id <= ?2 AND deletion IS NULL AND state <> 'running'
            ORDER BY id LIMIT ?3";
        let (mut next, mut after) = (reader.db.prepare_cached(next)?, 0);
        loop {
            let ids = next.query_map([after, last, AT_ONCE as i64], |r| r.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let Some(end) = ids.last() else { return Ok(deletion) };
            after = *end;
            self.hide_some(&mut deletion, ids)?;
        }
    }

    /// Shows entries again that a deletion has hidden.
    pub(super) fn show_sends(&self, deletion: i64) -> Result<(), StoreError> {
        loop {
            let sends = self.within(move |tx| {
                let sql = "UPDATE send SET deletion = NULL
                    WHERE id IN (SELECT id FROM send WHERE deletion = ?1 LIMIT ?2) RETURNING id";
                tx.prepare_cached(sql)?.query_map([deletion, AT_ONCE as i64], |r| r.get(0))?.collect()
            })?;
            let sends: Vec<i64> = sends;
            if sends.is_empty() {
                return Ok(());
            }
            self.progress.changed(&Changes { sends, ..Changes::default() });
        }
    }

    /// Removes entries for good whose deletion cannot be taken back. Gives back how many there were.
    pub(super) fn purge_sends(&self) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            match self.within(purge_some)? {
                0 => return Ok(purged),
                some => purged += some,
            }
        }
    }

    fn hide_some(&self, deletion: &mut Deletion, ids: Vec<i64>) -> Result<(), StoreError> {
        let id = deletion.id;
        let (sends, exchanges) = self.within(move |tx| hide(tx, id, &ids))?;
        deletion.sends += sends.len() as i64;
        self.progress.changed(&Changes { sends, ..Changes::default() });
        for some in exchanges.chunks(AT_ONCE) {
            self.hide(deletion, some.to_vec())?;
        }
        Ok(())
    }
}

/// Gives back which entries were hidden, and the exchanges (`seq`) that go with them.
fn hide(tx: &Transaction<'_>, deletion: i64, ids: &[i64]) -> Result<(Vec<i64>, Vec<i64>), Error> {
    let mut mark = tx.prepare_cached(
        "UPDATE send SET deletion = ?2 WHERE id = ?1 AND deletion IS NULL AND state <> 'running' RETURNING sent",
    )?;
    let mut sent = tx.prepare_cached(
        "SELECT x.seq FROM hop JOIN exchange AS x ON x.session = hop.session AND x.number = hop.number
         WHERE hop.send = ?1 AND hop.session = ?2",
    )?;
    let (mut hidden, mut exchanges) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(is_sent) = mark.query_row([*id, deletion], |r| r.get(0)).optional()? else { continue };
        hidden.push(*id);
        if is_sent {
            let seqs = sent.query_map([*id, SessionId::SENT.0], |r| r.get(0))?;
            exchanges.extend(seqs.collect::<Result<Vec<i64>, _>>()?);
        }
    }
    Ok((hidden, exchanges))
}

fn purge_some(tx: &Transaction<'_>) -> Result<u64, Error> {
    let some = format!("SELECT id FROM send WHERE {FINAL} LIMIT 100");
    tx.prepare_cached(&format!("DELETE FROM hop WHERE send IN ({some})"))?.execute([])?;
    Ok(tx.prepare_cached(&format!("DELETE FROM send WHERE id IN ({some})"))?.execute([])? as u64)
}
