//! What the user has set once for all, by name.

use crate::{Changes, Reader, Store, StoreError, reader::unknown};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

impl Store {
    /// A setting; `None` if it was never set.
    pub fn setting(&self, name: &str) -> Result<Option<Value>, StoreError> {
        self.reader()?.setting(name)
    }

    /// Keeps a setting.
    pub fn set_setting(&self, name: &str, value: &Value) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.to_string());
        let sql = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
        self.cleaner.within(move |tx| tx.prepare_cached(sql)?.execute(params![name, value]))?;
        self.told(&Changes { settings: true, ..Changes::default() });
        Ok(())
    }
}

impl Reader {
    /// A setting; `None` if it was never set.
    pub fn setting(&self, name: &str) -> Result<Option<Value>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
        let found: Option<String> = statement.query_row([name], |r| r.get(0)).optional()?;
        found.map(|json| serde_json::from_str(&json).map_err(|_| unknown("setting", name))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::store;
    use serde_json::json;

    #[test]
    fn settings_stay() {
        let dir = tempfile::tempdir().unwrap();
        {
            let store = store(dir.path());
            assert_eq!(store.setting("a").unwrap(), None);
            store.set_setting("a", &json!({"n": 1})).unwrap();
            store.set_setting("a", &json!({"n": 2})).unwrap();
            store.set_setting("b", &json!(null)).unwrap();
        }
        let store = store(dir.path());
        assert_eq!(store.setting("a").unwrap(), Some(json!({"n": 2})));
        assert_eq!(store.setting("b").unwrap(), Some(json!(null)));
    }
}
