//! Lists of collections, their trees, and what is found in them.

use super::items::{ABOVE, BELOW};
use crate::{
    Reader, StoreError,
    model::{CollectionRow, CollectionSummary, ItemKind, ItemRow},
    reader::unknown,
};
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

/// Of what is seen.
const SEEN: &str = "item.deletion IS NULL AND item.collection IN (SELECT id FROM collection WHERE deletion IS NULL)";

const COLUMNS: &str = "item.id, item.collection, item.parent, item.kind, item.name, item.method, item.url, item.status, item.scripts, \
    item.changed_us";

impl Reader {
    /// All collections, by name.
    pub fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let sql = "SELECT c.id, c.name, c.changed_us, c.live, count(*) FILTER (WHERE i.kind = 'request'),
              count(*) FILTER (WHERE i.kind = 'folder'), count(*) FILTER (WHERE i.kind = 'example'), coalesce(sum(i.scripts), 0)
            FROM collection AS c LEFT JOIN item AS i ON i.collection = c.id AND i.deletion IS NULL
            WHERE c.deletion IS NULL GROUP BY c.id ORDER BY c.name COLLATE NOCASE, c.id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            Ok(CollectionSummary {
                id: r.get(0)?,
                name: r.get(1)?,
                changed_us: r.get(2)?,
                live: r.get(3)?,
                requests: r.get(4)?,
                folders: r.get(5)?,
                examples: r.get(6)?,
                scripts: r.get(7)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// One collection.
    pub fn collection(&self, id: i64) -> Result<Option<CollectionRow>> {
        let sql =
            "SELECT id, name, changed_us, live, grouping, content FROM collection WHERE id = ?1 AND deletion IS NULL";
        let row = self.db.prepare_cached(sql)?.query_row([id], |r| {
            Ok(CollectionRow {
                id: r.get(0)?,
                name: r.get(1)?,
                changed_us: r.get(2)?,
                live: r.get(3)?,
                grouping: r.get(4)?,
                content: r.get(5)?,
            })
        });
        Ok(row.optional()?)
    }

    /// All that is in a collection, without what it holds: in the order of their places, whatever they are in.
    pub fn outline(&self, collection: i64) -> Result<Vec<ItemRow>> {
        let sql = format!("SELECT {COLUMNS} FROM item WHERE collection = ?1 AND {SEEN} ORDER BY position, id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([collection])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(item(row)?);
        }
        Ok(found)
    }

    /// All that is in a collection, or in one of its items with that item itself, in the order of their places.
    pub fn contents(&self, collection: i64, of: Option<i64>) -> Result<Vec<(ItemRow, String)>> {
        let all = format!(
            "SELECT {COLUMNS}, content FROM item WHERE collection = ?2 AND ?1 IS NULL AND {SEEN} ORDER BY position, id"
        );
        let some = format!(
            "SELECT {COLUMNS}, content FROM item WHERE id IN ({BELOW}) AND collection = ?2 AND {SEEN} ORDER BY position, id"
        );
        self.with_content(if of.is_some() { &some } else { &all }, params![of, collection])
    }

    /// One item, and what it holds.
    pub fn item(&self, id: i64) -> Result<Option<(ItemRow, String)>> {
        let sql = format!("SELECT {COLUMNS}, content FROM item WHERE id = ?1 AND {SEEN}");
        Ok(self.with_content(&sql, params![id])?.pop())
    }

    /// What stands directly in an item.
    pub fn children(&self, id: i64) -> Result<Vec<ItemRow>> {
        let sql = format!("SELECT {COLUMNS} FROM item WHERE parent = ?1 AND {SEEN} ORDER BY position, id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(item(row)?);
        }
        Ok(found)
    }

    /// What an item is in, the topmost first, and the item itself at the end.
    pub fn path(&self, id: i64) -> Result<Vec<(ItemRow, String)>> {
        let sql = format!(
            "SELECT {COLUMNS}, content FROM ({ABOVE}) AS above JOIN item USING (id) WHERE {SEEN} ORDER BY level DESC"
        );
        self.with_content(&sql, params![id])
    }

    /// Items whose name, method or URL contains a text, letters of ASCII in either case: at most so many, by collection and
    /// number.
    pub fn search_items(&self, text: &str, most: usize) -> Result<Vec<ItemRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM item WHERE {SEEN}
             AND (instr(lower(name), ?1) OR instr(lower(method || ' ' || url), ?1)) ORDER BY collection, id LIMIT ?2"
        );
        self.in_time(|| {
            let mut statement = self.db.prepare_cached(&sql)?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![text.to_ascii_lowercase(), most])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(item(row)?);
            }
            Ok(found)
        })
    }

    fn with_content(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Vec<(ItemRow, String)>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((item(row)?, row.get(10)?));
        }
        Ok(found)
    }
}

fn item(row: &Row<'_>) -> Result<ItemRow> {
    let kind = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(ItemRow {
        id: row.get(0)?,
        collection: row.get(1)?,
        parent: row.get(2)?,
        kind: ItemKind::from_word(kind).ok_or_else(|| unknown("kind of item", kind))?,
        name: row.get(4)?,
        method: row.get(5)?,
        url: row.get(6)?,
        status: row.get(7)?,
        scripts: row.get(8)?,
        changed_us: row.get(9)?,
    })
}
