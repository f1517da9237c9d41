//! Messages for WebSockets that are kept, by the URL they are for.

use crate::{
    Reader, Store, StoreError,
    model::{MessageFormat, NewSavedMessage, SavedMessage},
    reader::unknown,
    store::now_us,
};
use rusqlite::{Row, params};

impl Store {
    /// Keeps a message, unless there are `most` already.
    ///
    /// # Errors
    /// [`StoreError::TooManySavedMessages`].
    pub fn add_saved_message(&self, new: NewSavedMessage, most: i64) -> Result<SavedMessage, StoreError> {
        let (now, inserted) = (now_us(), new.clone());
        let id = self.cleaner.within(move |tx| {
            if tx.query_row("SELECT count(*) FROM saved_message", [], |r| r.get::<_, i64>(0))? >= most {
                return Ok(None);
            }
            let NewSavedMessage { name, url, format, content } = &inserted;
            let sql = "INSERT INTO saved_message (url, name, format, content, changed_us) VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.prepare_cached(sql)?.execute(params![url, name, format.word(), content, now])?;
            Ok(Some(tx.last_insert_rowid()))
        })?;
        let id = id.ok_or(StoreError::TooManySavedMessages(most))?;
        Ok(SavedMessage { id, message: new, changed_us: now })
    }

    /// Changes a message that is kept.
    ///
    /// # Errors
    /// [`StoreError::NoSavedMessage`].
    pub fn change_saved_message(&self, id: i64, new: NewSavedMessage) -> Result<SavedMessage, StoreError> {
        let (now, changed) = (now_us(), new.clone());
        let found = self.cleaner.within(move |tx| {
            let NewSavedMessage { name, url, format, content } = &changed;
            let sql =
                "UPDATE saved_message SET url = ?2, name = ?3, format = ?4, content = ?5, changed_us = ?6 WHERE id = ?1";
            tx.prepare_cached(sql)?.execute(params![id, url, name, format.word(), content, now])
        })?;
        if found == 0 {
            return Err(StoreError::NoSavedMessage(id));
        }
        Ok(SavedMessage { id, message: new, changed_us: now })
    }

    /// Removes a message for good.
    ///
    /// # Errors
    /// [`StoreError::NoSavedMessage`].
    pub fn remove_saved_message(&self, id: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM saved_message WHERE id = ?1";
        let removed = self.cleaner.within(move |tx| tx.prepare_cached(sql)?.execute([id]))?;
        if removed > 0 { Ok(()) } else { Err(StoreError::NoSavedMessage(id)) }
    }
}

const SELECT: &str = "SELECT id, name, url, format, content, changed_us FROM saved_message";

impl Reader {
    /// The messages kept for a URL, or all, with numbers higher than `after`: the first `limit` of them, ascending.
    pub fn saved_messages(&self, url: Option<&str>, after: i64, limit: usize) -> Result<Vec<SavedMessage>, StoreError> {
        let of_url = if url.is_some() { "url = ?1" } else { "?1 IS NULL" };
        let sql = format!("{SELECT} WHERE {of_url} AND id > ?2 ORDER BY id LIMIT ?3");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![url, after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(saved_message(row)?);
        }
        Ok(found)
    }
}

fn saved_message(row: &Row<'_>) -> Result<SavedMessage, StoreError> {
    let format: String = row.get(3)?;
    let message = NewSavedMessage {
        name: row.get(1)?,
        url: row.get(2)?,
        format: MessageFormat::from_word(&format).ok_or_else(|| unknown("format of a saved message", &format))?,
        content: row.get(4)?,
    };
    Ok(SavedMessage { id: row.get(0)?, message, changed_us: row.get(5)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::store;

    fn new(name: &str, url: &str) -> NewSavedMessage {
        NewSavedMessage { name: name.into(), url: url.into(), format: MessageFormat::Json, content: "{}".into() }
    }

    #[test]
    fn messages_are_kept_by_url() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let one = store.add_saved_message(new("b", "wss://a.test/"), 3).unwrap();
        let two = store.add_saved_message(new("A", "wss://a.test/"), 3).unwrap();
        let other = store.add_saved_message(new("c", "{{base}}"), 3).unwrap();
        let full = store.add_saved_message(new("d", "{{base}}"), 3);
        assert!(matches!(full, Err(StoreError::TooManySavedMessages(3))), "{full:?}");
        let page = |url, after, limit| {
            let found = store.reader().unwrap().saved_messages(url, after, limit).unwrap();
            found.iter().map(|m| m.id).collect::<Vec<_>>()
        };
        let ids = |url| page(url, 0, 9);
        assert_eq!(ids(Some("wss://a.test/")), [one.id, two.id]);
        assert_eq!(ids(None), [one.id, two.id, other.id]);
        assert_eq!((page(None, one.id, 1), page(None, other.id, 1)), (vec![two.id], vec![]));
        let hex = NewSavedMessage { format: MessageFormat::Hex, content: "ff".into(), ..new("z", "{{base}}") };
        let changed = store.change_saved_message(one.id, hex).unwrap();
        assert_eq!(store.reader().unwrap().saved_messages(Some("{{base}}"), 0, 9).unwrap()[0], changed);
        store.remove_saved_message(one.id).unwrap();
        for refused in [store.remove_saved_message(one.id), store.change_saved_message(one.id, new("x", "y")).map(drop)]
        {
            assert!(matches!(refused, Err(StoreError::NoSavedMessage(id)) if id == one.id));
        }
        assert_eq!(ids(Some("{{base}}")), [other.id]);
        assert_eq!(store.add_saved_message(new("e", "u"), 9).unwrap().id, other.id + 1, "numbers do not come back");
    }
}
