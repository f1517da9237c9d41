//! The database file of the index.

use crate::{StoreError, platform};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::{fs, io, path::Path, time::Duration};

/// Its name in the store's folder.
pub(crate) const INDEX: &str = "index.db";
/// Schema number: another one's file is thrown away and made anew.
const VERSION: i64 = 2;
/// Bytes per page.
const PAGE: i64 = 16 << 10;

/// The open index, for writing. There is one.
pub(super) struct File {
    pub(super) db: Connection,
}

/// Opens the index of the store called `identity`. One that cannot be used is replaced by an empty one.
pub(super) fn open(dir: &Path, identity: i64) -> Result<File, StoreError> {
    let path = dir.join(INDEX);
    let usable = try_open(&path, identity);
    match usable {
        Ok(Some(file)) => Ok(file),
        unusable => {
            if let Err(error) = unusable {
                tracing::warn!(%error, "the index cannot be used and is made anew");
            }
            remove(dir);
            create(&path, identity)
        }
    }
}

/// Removes the index. It is made anew when it is opened next.
pub(super) fn remove(dir: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(dir.join(format!("{INDEX}{suffix}"))) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(error = %e, "the index cannot be removed");
            }
            _ => {}
        }
    }
}

fn try_open(path: &Path, identity: i64) -> Result<Option<File>, StoreError> {
    if fs::symlink_metadata(path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let db = connect(path)?;
    let version: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0))?;
    if version != VERSION {
        return Ok(None);
    }
    let file = File { db };
    Ok((file.state("identity")? == Some(identity)).then_some(file))
}

fn create(path: &Path, identity: i64) -> Result<File, StoreError> {
    let mut db = connect(path)?;
    let tx = db.transaction()?;
    tx.execute_batch(include_str!("index.sql"))?;
    tx.execute("INSERT INTO state VALUES ('identity', ?1), ('floor', 0)", [identity])?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(File { db })
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    platform::own_file(path)?;
    let open = || {
        let db =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(Duration::from_secs(1))?;
        db.pragma_update(None, "page_size", PAGE)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "normal")?;
        db.pragma_update(None, "secure_delete", true)?;
        db.pragma_update(None, "temp_store", "memory")?;
        db.pragma_update(None, "cache_size", -4000)?;
        db.set_prepared_statement_cache_capacity(32);
        Ok::<_, StoreError>(db)
    };
    open().map_err(|e| e.about(path))
}

impl File {
    pub(super) fn state(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT value FROM state WHERE name = ?1")?;
        Ok(statement.query_row([name], |r| r.get(0)).optional()?)
    }
}

/// Makes the index in a folder readable as `ix`; `false` if there is none that can be used.
pub(crate) fn attach(db: &Connection, dir: &Path) -> bool {
    let path = dir.join(INDEX);
    let Some(name) = path.to_str().filter(|_| path.is_file()) else { return false };
    let attached = || {
        db.execute("ATTACH ?1 AS ix", [name])?;
        let version: i64 = db.query_row("PRAGMA ix.user_version", [], |r| r.get(0))?;
        // Of another store: one that was set aside meanwhile.
        let own = "SELECT 1 FROM ix.state JOIN counter USING (name, value) WHERE name = 'identity'";
        Ok::<_, rusqlite::Error>(version == VERSION && db.query_row(own, [], |_| Ok(())).optional()?.is_some())
    };
    attached().unwrap_or_else(|error| {
        tracing::debug!(%error, "the index cannot be read");
        false
    })
}
