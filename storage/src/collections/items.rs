//! What is in collections: added, changed, moved.

use super::touch;
use crate::{
    Store, StoreError,
    model::{ItemKind, NewItem},
    store::now_us,
};
use rusqlite::{Error, OptionalExtension, Transaction, params};
use std::sync::Arc;

/// Rows, and bytes of them, that are written in one transaction: capture waits behind it.
const ROWS: usize = 500;
const BYTES: usize = 1 << 20;

/// So many folders may stand in one another.
pub const DEEPEST: i64 = 32;

/// A new item and which of those before it, or of what is there, it is in.
struct Flat {
    parent: Option<usize>,
    position: i64,
    item: NewItem,
}

impl Store {
    /// Adds items, with all that is in them, to a collection: below `parent` or at the top, before what stands at
    /// `position` there, or behind all. Gives back their numbers. They are seen once all of them are there.
    ///
    /// # Errors
    /// [`StoreError::NoCollection`]; [`StoreError::NoItem`] for the parent; [`StoreError::BadPlace`].
    pub fn add_items(
        &self,
        collection: i64,
        parent: Option<i64>,
        position: Option<usize>,
        items: Vec<NewItem>,
    ) -> Result<Vec<i64>, StoreError> {
        let kinds: Vec<ItemKind> = items.iter().map(|item| item.kind).collect();
        let height = items.iter().map(height).max().unwrap_or(0);
        self.cleaner.within(move |tx| room(tx, collection, parent, &kinds, height))??;
        let mark = self.mark()?;
        let made = self.insert(collection, parent, items, mark);
        self.settle(collection, mark, made, move |tx, ids| arrange(tx, collection, parent, ids, position))
    }

    /// Changes an item, but for what is in it: `new.items` count for nothing.
    ///
    /// # Errors
    /// [`StoreError::NoItem`] if there is none of that kind.
    pub fn change_item(&self, id: i64, new: NewItem) -> Result<(), StoreError> {
        let now = now_us();
        let collection = self.cleaner.within(move |tx| {
            let sql = "UPDATE item SET name = ?2, method = ?3, url = ?4, status = ?5, scripts = ?6, content = ?7, changed_us = ?8
                WHERE id = ?1 AND kind = ?9 AND deletion IS NULL RETURNING collection";
            let NewItem { kind, name, method, url, status, scripts, content, items: _ } = &new;
            let row = params![id, name, method, url, status, scripts, content, now, kind.word()];
            let changed: Option<i64> = tx.prepare_cached(sql)?.query_row(row, |r| r.get(0)).optional()?;
            if let Some(collection) = changed {
                touch(tx, collection, now)?;
            }
            Ok(changed)
        })?;
        self.tell_of_collections(&[collection.ok_or(StoreError::NoItem(id))?]);
        Ok(())
    }

    /// Moves items, in this order, with all that is in them: into a collection, below `parent` there or at its top, before
    /// what stands at `position` there without them, or behind all.
    ///
    /// # Errors
    /// Like [`add_items`](Self::add_items); then nothing has moved.
    pub fn move_items(
        &self,
        ids: &[i64],
        collection: i64,
        parent: Option<i64>,
        position: Option<usize>,
    ) -> Result<(), StoreError> {
        let (ids, now): (Arc<[i64]>, _) = (ids.into(), now_us());
        let changed = self.cleaner.within(move |tx| {
            let mut changed = match movable(tx, &ids, collection, parent)? {
                Ok(changed) => changed,
                Err(refusal) => return Ok(Err(refusal)),
            };
            for id in &ids[..] {
                tx.prepare_cached(&format!(
                    "UPDATE item SET collection = ?2 WHERE collection <> ?2 AND id IN ({BELOW})"
                ))?
                .execute([*id, collection])?;
                tx.prepare_cached("UPDATE item SET parent = ?2 WHERE id = ?1")?.execute(params![id, parent])?;
            }
            arrange(tx, collection, parent, &ids, position)?;
            changed.push(collection);
            changed.sort_unstable();
            changed.dedup();
            for id in &changed {
                touch(tx, *id, now)?;
            }
            Ok(Ok(changed))
        })??;
        self.tell_of_collections(&changed);
        Ok(())
    }

    /// Writes rows under a mark, some at a time, and gives back the numbers of the topmost.
    pub(super) fn insert(
        &self,
        collection: i64,
        parent: Option<i64>,
        items: Vec<NewItem>,
        mark: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let (mut flat, now) = (Vec::new(), now_us());
        flatten(items, None, &mut flat);
        let tops: Vec<usize> = (0..flat.len()).filter(|at| flat[*at].parent.is_none()).collect();
        let mut ids: Vec<i64> = Vec::with_capacity(flat.len());
        let mut rest = flat.into_iter().peekable();
        while rest.peek().is_some() {
            let mut bytes = 0;
            let mut some = Vec::new();
            while some.len() < ROWS && bytes < BYTES {
                let Some(next) = rest.next() else { break };
                bytes += next.item.content.len();
                some.push(next);
            }
            let before = ids.clone();
            ids.extend(self.cleaner.within(move |tx| {
                let mut ids = before.clone();
                for flat in &some {
                    let parent = flat.parent.map_or(parent, |at| ids.get(at).copied());
                    ids.push(insert_one(tx, collection, parent, flat, mark, now)?);
                }
                Ok(ids.split_off(before.len()))
            })?);
        }
        Ok(tops.into_iter().filter_map(|at| ids.get(at).copied()).collect())
    }
}

/// Whether items of these kinds, with so many folders in one another, can be put there.
fn room(
    tx: &Transaction<'_>,
    collection: i64,
    parent: Option<i64>,
    kinds: &[ItemKind],
    height: i64,
) -> Result<Result<(), StoreError>, Error> {
    let known = "SELECT EXISTS (SELECT 1 FROM collection WHERE id = ?1 AND deletion IS NULL)";
    if !tx.prepare_cached(known)?.query_row([collection], |r| r.get(0))? {
        return Ok(Err(StoreError::NoCollection(collection)));
    }
    let (mut around, mut depth) = (None, 0);
    if let Some(id) = parent {
        let sql = "SELECT kind FROM item WHERE id = ?1 AND collection = ?2 AND deletion IS NULL";
        let kind: Option<String> = tx.prepare_cached(sql)?.query_row([id, collection], |r| r.get(0)).optional()?;
        let Some(kind) = kind else { return Ok(Err(StoreError::NoItem(id))) };
        around = ItemKind::from_word(&kind);
        let folders = format!("SELECT count(*) FROM ({ABOVE}) JOIN item USING (id) WHERE kind = 'folder'");
        depth = tx.prepare_cached(&folders)?.query_row([id], |r| r.get(0))?;
    }
    if !kinds.iter().all(|kind| kind.fits(around)) {
        return Ok(Err(StoreError::BadPlace(
            "folders and requests stand in folders or at the top, examples below requests",
        )));
    }
    if depth + height > DEEPEST {
        return Ok(Err(StoreError::BadPlace("folders can be 32 deep")));
    }
    Ok(Ok(()))
}

/// Whether items can be moved there; the collections they are in.
fn movable(
    tx: &Transaction<'_>,
    ids: &[i64],
    collection: i64,
    parent: Option<i64>,
) -> Result<Result<Vec<i64>, StoreError>, Error> {
    let (mut kinds, mut from, mut height) = (Vec::new(), Vec::new(), 0);
    for id in ids {
        let sql = "SELECT kind, collection FROM item WHERE id = ?1 AND deletion IS NULL";
        let found = tx.prepare_cached(sql)?.query_row([id], |r| Ok((r.get::<_, String>(0)?, r.get(1)?))).optional()?;
        let Some((kind, collection)) = found else { return Ok(Err(StoreError::NoItem(*id))) };
        kinds.extend(ItemKind::from_word(&kind));
        from.push(collection);
        let levels = "WITH RECURSIVE below (id, level) AS (SELECT id, kind = 'folder' FROM item WHERE id = ?1 UNION ALL
            SELECT item.id, level + (item.kind = 'folder') FROM item JOIN below ON item.parent = below.id)
            SELECT max(level) FROM below";
        height = height.max(tx.prepare_cached(levels)?.query_row([id], |r| r.get(0))?);
    }
    if let Some(parent) = parent {
        let above = format!("SELECT EXISTS (SELECT 1 FROM ({ABOVE}) WHERE id = ?2)");
        let mut above = tx.prepare_cached(&above)?;
        for id in ids {
            if above.query_row([parent, *id], |r| r.get(0))? {
                return Ok(Err(StoreError::BadPlace("a folder cannot be moved into itself")));
            }
        }
    }
    Ok(room(tx, collection, parent, &kinds, height)?.map(|()| from))
}

/// An item and all it is in.
pub(super) const ABOVE: &str = "WITH RECURSIVE above (id, level) AS (SELECT ?1, 0 UNION ALL
    SELECT item.parent, level + 1 FROM item JOIN above USING (id) WHERE item.parent IS NOT NULL AND level < 100)
    SELECT id, level FROM above";

/// An item and all that is in it.
pub(crate) const BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT ?1 UNION ALL
    SELECT item.id FROM item JOIN below ON item.parent = below.id) SELECT id FROM below";

/// Puts items that have this parent already in order among the others.
fn arrange(
    tx: &Transaction<'_>,
    collection: i64,
    parent: Option<i64>,
    ids: &[i64],
    position: Option<usize>,
) -> Result<(), Error> {
    let sql = "SELECT id, position FROM item WHERE collection = ?1 AND parent IS ?2 AND deletion IS NULL ORDER BY position, id";
    let there = tx
        .prepare_cached(sql)?
        .query_map(params![collection, parent], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<Vec<(i64, i64)>, Error>>()?;
    let mut others = there.into_iter().filter(|(id, _)| !ids.contains(id)).collect::<Vec<_>>();
    let at = position.unwrap_or(usize::MAX).min(others.len());
    // What stands before keeps its place; what stands behind makes room.
    let behind = others.split_off(at);
    let mut next = others.last().map_or(0, |(_, position)| position + 1);
    let mut place = tx.prepare_cached("UPDATE item SET position = ?2 WHERE id = ?1")?;
    for id in ids {
        place.execute([*id, next])?;
        next += 1;
    }
    for (id, position) in behind {
        if position >= next {
            break;
        }
        place.execute([id, next])?;
        next += 1;
    }
    Ok(())
}

fn insert_one(
    tx: &Transaction<'_>,
    collection: i64,
    parent: Option<i64>,
    flat: &Flat,
    mark: i64,
    now_us: i64,
) -> Result<i64, Error> {
    let NewItem { kind, name, method, url, status, scripts, content, items: _ } = &flat.item;
    let sql = "INSERT INTO item (collection, parent, position, kind, name, method, url, status, scripts, changed_us, deletion, content)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let row = params![
        collection,
        parent,
        flat.position,
        kind.word(),
        name,
        method,
        url,
        status,
        scripts,
        now_us,
        mark,
        content
    ];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(tx.last_insert_rowid())
}

/// Parents before what is in them.
fn flatten(items: Vec<NewItem>, parent: Option<usize>, flat: &mut Vec<Flat>) {
    for (position, mut item) in items.into_iter().enumerate() {
        let inner = std::mem::take(&mut item.items);
        flat.push(Flat { parent, position: position as i64, item });
        let at = flat.len() - 1;
        flatten(inner, Some(at), flat);
    }
}

fn height(item: &NewItem) -> i64 {
    i64::from(item.kind == ItemKind::Folder) + item.items.iter().map(height).max().unwrap_or(0)
}
