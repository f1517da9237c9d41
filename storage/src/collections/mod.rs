//! Collections: requests that are kept, in trees of folders.
//!
//! - this file: collections themselves
//! - [`items`]: what is in them: added, changed, moved
//! - [`read`]: lists, trees, searches

mod items;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use items::BELOW;
pub use items::DEEPEST;

use crate::{Changes, Store, StoreError, model::NewItem, store::now_us};
use rusqlite::{Error, Transaction, params};

impl Store {
    /// Adds a collection with all that is in it, and gives back its number. It is seen once it is whole.
    pub fn add_collection(&self, name: &str, content: &str, items: Vec<NewItem>) -> Result<i64, StoreError> {
        let mark = self.mark()?;
        let (own, text, now) = (name.to_owned(), content.to_owned(), now_us());
        let id = self.cleaner.within(move |tx| {
            let sql = "INSERT INTO collection (name, changed_us, deletion, content) VALUES (?1, ?2, ?3, ?4)";
            tx.prepare_cached(sql)?.execute(params![own, now, mark, text])?;
            Ok(tx.last_insert_rowid())
        })?;
        let added = self.insert(id, None, items, mark);
        self.settle(id, mark, added, |_, _| Ok(())).map(|_| id)
    }

    /// Changes what a collection is called, and what it holds besides its items.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`].
    pub fn change_collection(&self, id: i64, name: &str, content: &str) -> Result<(), StoreError> {
        let (name, content, now) = (name.to_owned(), content.to_owned(), now_us());
        self.change(id, move |tx| {
            let sql =
                "UPDATE collection SET name = ?2, content = ?3, changed_us = ?4 WHERE id = ?1 AND deletion IS NULL";
            tx.prepare_cached(sql)?.execute(params![id, name, content, now])
        })
    }

    /// Writes down which session fills a collection and how, JSON; `None` for none.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`].
    pub fn set_live(&self, id: i64, live: Option<String>) -> Result<(), StoreError> {
        self.change(id, move |tx| {
            let sql = "UPDATE collection SET live = ?2 WHERE id = ?1 AND deletion IS NULL";
            tx.prepare_cached(sql)?.execute(params![id, live])
        })
    }

    /// Writes down how captured requests were put into a collection, JSON.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`].
    pub fn set_grouping(&self, id: i64, grouping: String) -> Result<(), StoreError> {
        self.change(id, move |tx| {
            let sql = "UPDATE collection SET grouping = ?2 WHERE id = ?1 AND deletion IS NULL";
            tx.prepare_cached(sql)?.execute(params![id, grouping])
        })
    }

    fn change(
        &self,
        id: i64,
        work: impl Fn(&Transaction<'_>) -> Result<usize, Error> + Send + 'static,
    ) -> Result<(), StoreError> {
        if self.cleaner.within(work)? == 0 {
            return Err(StoreError::NoCollection(id));
        }
        self.tell_of_collections(&[id]);
        Ok(())
    }

    pub(super) fn tell_of_collections(&self, ids: &[i64]) {
        self.told(&Changes { collections: ids.to_vec(), ..Changes::default() });
    }

    /// A number below zero for rows that are being made: until [`settle`](Self::settle) they are not seen.
    fn mark(&self) -> Result<i64, StoreError> {
        self.cleaner.within(|tx| {
            // Deletions are counted; a number that is taken from there belongs to nobody else.
            tx.prepare_cached("INSERT INTO deletion (at_us, undone) VALUES (0, 1)")?.execute([])?;
            let number = tx.last_insert_rowid();
            tx.prepare_cached("DELETE FROM deletion WHERE id = ?1")?.execute([number])?;
            Ok(-number)
        })
    }

    /// Has everybody see what was made under a mark, put in place in the same transaction; or takes it back if that has
    /// failed.
    fn settle(
        &self,
        collection: i64,
        mark: i64,
        made: Result<Vec<i64>, StoreError>,
        put: impl Fn(&Transaction<'_>, &[i64]) -> Result<(), Error> + Send + 'static,
    ) -> Result<Vec<i64>, StoreError> {
        let settled = made.and_then(|tops| {
            let (seen, now) = (tops.clone(), now_us());
            self.cleaner.within(move |tx| {
                tx.prepare_cached("UPDATE collection SET deletion = NULL WHERE deletion = ?1")?.execute([mark])?;
                tx.prepare_cached("UPDATE item SET deletion = NULL WHERE deletion = ?1")?.execute([mark])?;
                put(tx, &seen)?;
                touch(tx, collection, now)
            })?;
            Ok(tops)
        });
        match &settled {
            Ok(_) => self.tell_of_collections(&[collection]),
            Err(_) => {
                // Should this fail as well, the next start removes them.
                let _ = self.cleaner.within(move |tx| {
                    tx.prepare_cached("DELETE FROM item WHERE deletion = ?1")?.execute([mark])?;
                    tx.prepare_cached("DELETE FROM collection WHERE deletion = ?1")?.execute([mark])
                });
            }
        }
        settled
    }
}

/// Says that something in a collection has changed.
fn touch(tx: &Transaction<'_>, collection: i64, now_us: i64) -> Result<usize, Error> {
    tx.prepare_cached("UPDATE collection SET changed_us = max(changed_us, ?2) WHERE id = ?1")?
        .execute([collection, now_us])
}
