//! Hiding collections and what is in them, showing them again, and removing them for good.

use super::{Cleaner, Deletion, mark::AT_ONCE, rows::FINAL};
use crate::{Changes, Reader, StoreError, collections::BELOW};
use rusqlite::{Error, OptionalExtension, Transaction, params};

impl Cleaner {
    /// What is in it goes with it, and is not marked.
    pub(super) fn hide_collection(&self, id: i64) -> Result<Deletion, StoreError> {
        let mut deletion = self.begin()?;
        let number = deletion.id;
        let hidden = self.within(move |tx| {
            let sql = "UPDATE collection SET deletion = ?2 WHERE id = ?1 AND deletion IS NULL";
            let hidden = tx.prepare_cached(sql)?.execute([id, number])?;
            if hidden == 0 {
                tx.prepare_cached("DELETE FROM deletion WHERE id = ?1")?.execute([number])?;
            }
            Ok(hidden)
        })?;
        if hidden == 0 {
            return Err(StoreError::NoCollection(id));
        }
        deletion.collections = 1;
        self.tell_of_collections([id]);
        Ok(deletion)
    }

    pub(super) fn hide_items(&self, ids: &[i64]) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        let sql = "SELECT collection FROM item WHERE id = ?1 AND deletion IS NULL
            AND collection IN (SELECT id FROM collection WHERE deletion IS NULL)";
        let mut find = reader.db.prepare_cached(sql)?;
        let (mut collections, mut all) = (Vec::new(), Vec::new());
        for id in ids {
            collections.push(find.query_row([id], |r| r.get(0)).optional()?.ok_or(StoreError::NoItem(*id))?);
            let mut below = reader.db.prepare_cached(BELOW)?;
            all.extend(below.query_map([id], |r| r.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?);
        }
        drop(find);
        let mut deletion = self.begin()?;
        for some in all.chunks(AT_ONCE) {
            let (some, number) = (some.to_vec(), deletion.id);
            deletion.items += self.within(move |tx| hide(tx, number, &some))?;
        }
        self.tell_of_collections(collections);
        Ok(deletion)
    }

    /// Shows again what a deletion has hidden.
    pub(super) fn show_items(&self, deletion: i64) -> Result<(), StoreError> {
        let mut shown: Vec<i64> = self.within(move |tx| {
            let sql = "UPDATE collection SET deletion = NULL WHERE deletion = ?1 RETURNING id";
            tx.prepare_cached(sql)?.query_map([deletion], |r| r.get(0))?.collect()
        })?;
        loop {
            let collections: Vec<i64> = self.within(move |tx| {
                let sql = "UPDATE item SET deletion = NULL
                    WHERE id IN (SELECT id FROM item WHERE deletion = ?1 LIMIT ?2) RETURNING collection";
                tx.prepare_cached(sql)?.query_map([deletion, AT_ONCE as i64], |r| r.get(0))?.collect()
            })?;
            if collections.is_empty() {
                self.tell_of_collections(shown);
                return Ok(());
            }
            shown.extend(collections);
        }
    }

    /// Removes for good what can no longer be brought back. Gives back how many rows there were.
    pub(super) fn purge_items(&self) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            match self.within(purge_some)? {
                0 => return Ok(purged),
                some => purged += some,
            }
        }
    }

    fn tell_of_collections(&self, ids: impl IntoIterator<Item = i64>) {
        let mut collections: Vec<i64> = ids.into_iter().collect();
        collections.sort_unstable();
        collections.dedup();
        self.progress.changed(&Changes { collections, ..Changes::default() });
    }
}

fn hide(tx: &Transaction<'_>, deletion: i64, ids: &[i64]) -> Result<i64, Error> {
    let mut mark = tx.prepare_cached("UPDATE item SET deletion = ?2 WHERE id = ?1 AND deletion IS NULL")?;
    ids.iter().try_fold(0, |hidden, id| Ok(hidden + mark.execute([*id, deletion])? as i64))
}

fn purge_some(tx: &Transaction<'_>) -> Result<u64, Error> {
    let doomed = format!("deletion > 0 AND {FINAL}");
    let some = AT_ONCE as i64;
    let of_items = tx
        .prepare_cached(&format!("SELECT id FROM item WHERE {doomed} LIMIT ?1"))?
        .query_map([some], |r| r.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    // What was brought back into a folder that then went for good goes with it.
    let mut orphan = tx.prepare_cached(
        "UPDATE item SET deletion = (SELECT deletion FROM item AS gone WHERE gone.id = ?1) WHERE parent = ?1",
    )?;
    let mut gone = tx.prepare_cached("DELETE FROM item WHERE id = ?1")?;
    for id in &of_items {
        orphan.execute([id])?;
        gone.execute([id])?;
    }
    if !of_items.is_empty() {
        return Ok(of_items.len() as u64);
    }
    let collection = format!("SELECT id FROM collection WHERE {doomed} LIMIT 1");
    let Some(id) = tx.prepare_cached(&collection)?.query_row([], |r| r.get::<_, i64>(0)).optional()? else {
        return Ok(0);
    };
    let below = "DELETE FROM item WHERE id IN (SELECT id FROM item WHERE collection = ?1 LIMIT ?2)";
    let items = tx.prepare_cached(below)?.execute(params![id, some])?;
    if items > 0 {
        return Ok(items as u64);
    }
    Ok(tx.prepare_cached("DELETE FROM collection WHERE id = ?1")?.execute([id])? as u64)
}
