//! A copy of a store that is in use: a folder that can be used as a data folder. It holds the database as it was at one
//! moment, and of the files of bodies the parts that belong to it, at the same places.

use crate::{DATABASE, Reader, SEGMENTS, StoreError, platform, schema, segments::path as segment_path};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes that are copied at a time.
const PIECE: usize = 256 << 10;

/// How often it is begun anew because files of bodies were rewritten meanwhile.
const ATTEMPTS: usize = 5;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// Sessions, the one of what is sent included.
    pub sessions: i64,
    /// Exchanges.
    pub exchanges: i64,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of big bodies; 0 in a database alone.
    pub body_bytes: u64,
    /// Bytes of big bodies that are missing from the store itself.
    pub missing_bytes: u64,
}

/// What a backup is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A folder with everything.
    Whole,
    /// The database as one file: without bodies over 16 KiB.
    Database,
}

impl Reader {
    /// Copies the store to `to`, where nothing may be, as it is at one moment. What is deleted is not in the copy.
    ///
    /// # Errors
    /// [`StoreError::Io`] if something is there, or the disk is full; then nothing is left of it.
    pub fn backup(&self, to: &Path, scope: Scope) -> Result<Backup, StoreError> {
        if to.symlink_metadata().is_ok() {
            return Err(StoreError::io(to)(io::ErrorKind::AlreadyExists.into()));
        }
        let mut name = to.file_name().ok_or_else(|| StoreError::io(to)(io::ErrorKind::InvalidInput.into()))?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let draft = Draft(to.with_file_name(name));
        draft.remove().map_err(StoreError::io(&draft.0))?;
        let mut backup = match scope {
            Scope::Database => self.copy_database(&draft.0)?,
            Scope::Whole => self.copy_all(&draft)?,
        };
        fs::rename(&draft.0, to).map_err(StoreError::io(to))?;
        backup.path = to.into();
        Ok(backup)
    }

    fn copy_all(&self, draft: &Draft) -> Result<Backup, StoreError> {
        for attempt in 1.. {
            draft.remove().map_err(StoreError::io(&draft.0))?;
            platform::own_folder(&draft.0)?;
            let mut backup = self.copy_database(&draft.0.join(DATABASE))?;
            let (copied, missing) = self.copy_bodies(&draft.0)?;
            (backup.body_bytes, backup.missing_bytes) = (copied, missing);
            if missing == 0 || attempt == ATTEMPTS {
                return Ok(backup);
            }
        }
        Err(StoreError::Closed) // not reached: the attempts end
    }

    fn copy_database(&self, to: &Path) -> Result<Backup, StoreError> {
        let text = to.to_str().ok_or(StoreError::Unsafe { path: to.into(), reason: "is not a UTF-8 path" })?;
        // For us alone from the beginning; VACUUM takes an empty file.
        platform::own_file(to)?;
        let about = |e: rusqlite::Error| full(e, to);
        let db = schema::open_for_reading(&self.dir)?;
        db.pragma_update(None, "query_only", false).map_err(about)?;
        db.execute("VACUUM INTO ?1", [text]).map_err(about)?;
        drop(db);
        let db = Connection::open(to).map_err(about)?;
        forget_deleted(&db).map_err(about)?;
        let number = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0));
        let backup = Backup {
            path: to.into(),
            sessions: number("SELECT count(*) FROM session").map_err(about)?,
            exchanges: number("SELECT count(*) FROM exchange").map_err(about)?,
            database_bytes: fs::metadata(to).map_err(StoreError::io(to))?.len(),
            body_bytes: 0,
            missing_bytes: 0,
        };
        drop(db);
        sync(to)?;
        Ok(backup)
    }

    /// Copies the runs of bytes that the copy of the database in `to` refers to. Gives back how many bytes there were, and
    /// how many were not there.
    fn copy_bodies(&self, to: &Path) -> Result<(u64, u64), StoreError> {
        let db = Connection::open(to.join(DATABASE))?;
        let folder = to.join(SEGMENTS);
        platform::own_folder(&folder)?;
        let (mut copied, mut missing) = (0, 0);
        let mut files: BTreeMap<i64, Option<(File, File)>> = BTreeMap::new();
        let mut statement = db.prepare("SELECT segment, position, length FROM extent ORDER BY segment, position")?;
        let mut rows = statement.query([])?;
        let mut buffer = vec![0; PIECE];
        while let Some(row) = rows.next()? {
            let (number, position, length) = (row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
            let (position, length) = (position.unsigned_abs(), length.unsigned_abs());
            if !files.contains_key(&number) {
                files.clear(); // they come in their order
                files.insert(number, self.open_pair(&folder, number)?);
            }
            let Some(Some((from, file))) = files.get_mut(&number) else {
                missing += length;
                continue;
            };
            let n = copy_run(from, file, position, length, &mut buffer).map_err(StoreError::io(&folder))?;
            copied += n;
            missing += length - n;
        }
        for entry in fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
            sync(&entry.map_err(StoreError::io(&folder))?.path())?;
        }
        Ok((copied, missing))
    }

    fn open_pair(&self, folder: &Path, number: i64) -> Result<Option<(File, File)>, StoreError> {
        let from = segment_path(&self.dir.join(SEGMENTS), number);
        let from = match File::open(&from) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            from => from.map_err(StoreError::io(from_path(&self.dir, number)))?,
        };
        let path = segment_path(folder, number);
        let to = platform::private().write(true).create_new(true).open(&path).map_err(StoreError::io(path))?;
        Ok(Some((from, to)))
    }
}

fn from_path(dir: &Path, number: i64) -> PathBuf {
    segment_path(&dir.join(SEGMENTS), number)
}

/// Copies a run to the same place. Gives back how much of it there was.
fn copy_run(from: &mut File, to: &File, position: u64, length: u64, buffer: &mut [u8]) -> io::Result<u64> {
    from.seek(SeekFrom::Start(position))?;
    let mut done = 0;
    while done < length {
        let most = usize::try_from(length - done).unwrap_or(PIECE).min(PIECE);
        let n = match from.read(&mut buffer[..most]) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        platform::write_all_at(to, &buffer[..n], position + done)?;
        done += n as u64;
    }
    Ok(done)
}

/// Takes out of a copy what was deleted from the store.
fn forget_deleted(db: &Connection) -> Result<(), rusqlite::Error> {
    db.execute_batch(
        "PRAGMA secure_delete = ON;
         CREATE TEMP TABLE gone AS SELECT seq FROM deleted
           UNION SELECT seq FROM exchange WHERE session IN (SELECT id FROM session WHERE deletion IS NOT NULL);",
    )?;
    let any = "SELECT EXISTS (SELECT 1 FROM gone) OR EXISTS (SELECT 1 FROM send WHERE deletion IS NOT NULL)
        OR EXISTS (SELECT 1 FROM item WHERE deletion IS NOT NULL)
        OR EXISTS (SELECT 1 FROM collection WHERE deletion IS NOT NULL)
        OR EXISTS (SELECT 1 FROM cookie WHERE deletion IS NOT NULL) OR EXISTS (SELECT 1 FROM jar WHERE deletion IS NOT NULL)
        OR EXISTS (SELECT 1 FROM cookie_event WHERE deletion > 0)";
    let any: bool = db.query_row(any, [], |r| r.get(0))?;
    for table in ["message", "extent", "cookie_event", "exchange"] {
        db.execute(&format!("DELETE FROM {table} WHERE seq IN (SELECT seq FROM gone)"), [])?;
    }
    db.execute_batch(
        "DELETE FROM session WHERE deletion IS NOT NULL;
         DELETE FROM replayed WHERE replay IN (SELECT id FROM replay WHERE session NOT IN (SELECT id FROM session));
         DELETE FROM replay WHERE session NOT IN (SELECT id FROM session);
         UPDATE replayed SET comparison = NULL WHERE comparison IS NOT NULL AND (
           (original_number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exchange
             WHERE session = original_session AND number = original_number))
           OR NOT EXISTS (SELECT 1 FROM exchange JOIN replay ON replay.session = exchange.session
             WHERE replay.id = replayed.replay AND exchange.number = replayed.result));
         DELETE FROM hop WHERE send IN (SELECT id FROM send WHERE deletion IS NOT NULL);
         DELETE FROM send WHERE deletion IS NOT NULL;
         DELETE FROM item WHERE deletion IS NOT NULL
           OR collection IN (SELECT id FROM collection WHERE deletion IS NOT NULL);
         DELETE FROM collection WHERE deletion IS NOT NULL;
         DELETE FROM cookie WHERE deletion IS NOT NULL OR jar IN (SELECT id FROM jar WHERE deletion IS NOT NULL);
         DELETE FROM cookie_value WHERE cookie NOT IN (SELECT id FROM cookie);
         DELETE FROM jar_domain WHERE deletion IS NOT NULL;
         DELETE FROM jar WHERE deletion IS NOT NULL;
         UPDATE cookie_event SET deletion = -1, host = '', reason = NULL, message = NULL, raw = x'' WHERE deletion > 0;
         DELETE FROM deleted;
         DELETE FROM deletion;
         UPDATE counter SET value = 0 WHERE name = 'clean';",
    )?;
    if any { db.execute_batch("VACUUM") } else { Ok(()) }
}

/// A full disk is an error of the file.
fn full(error: rusqlite::Error, path: &Path) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => StoreError::io(path)(io::ErrorKind::StorageFull.into()),
        _ => error.into(),
    }
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::io(path))
}

/// What is being written; removed unless it was moved to its place.
struct Draft(PathBuf);

impl Draft {
    fn remove(&self) -> io::Result<()> {
        let removed = match fs::symlink_metadata(&self.0) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(&self.0),
            Ok(_) => fs::remove_file(&self.0),
            Err(e) => Err(e),
        };
        // SQLite's journal, if it was broken off.
        let mut journal = self.0.as_os_str().to_owned();
        journal.push("-journal");
        let _ = fs::remove_file(journal);
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // There is an error already, or nothing to remove.
        let _ = self.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Deleted, Event,
        fixtures::{exchange, inline, pattern, store, stream},
        model::{Part, SessionId},
    };

    #[test]
    fn a_backup_is_a_store_of_one_moment_without_what_was_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let data = pattern(100_000);
        let mut rows = Vec::new();
        for n in 0..6 {
            let mut x = exchange(&store, SessionId::SENT);
            x.request = inline(if n == 2 { b"CANARY" } else { b"kept" });
            x.response = stream(store.queue(), x.seq, Part::Response, &data);
            store.queue().push(Event::Done(x.clone()));
            rows.push(x);
        }
        store.flush().unwrap();
        store.delete(Deleted::Exchanges(vec![rows[2].id])).unwrap();
        let out = tempfile::tempdir().unwrap();
        let to = out.path().join("copy");
        let backup = store.reader().unwrap().backup(&to, Scope::Whole).unwrap();
        assert_eq!((backup.exchanges, backup.body_bytes, backup.missing_bytes), (5, 500_000, 0));
        assert!(store.reader().unwrap().backup(&to, Scope::Whole).is_err(), "something is there");
        assert_eq!(crate::compact::holding(&to, b"CANARY"), [""; 0]);
        let again = crate::fixtures::store(&to);
        let reader = again.reader().unwrap();
        assert!(reader.check().unwrap().ok);
        for x in rows.iter().filter(|x| x.id != rows[2].id) {
            let mut bytes = Vec::new();
            reader.body(x.id, Part::Response).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
            assert!(bytes == data);
        }
        assert_eq!(again.ids().next_exchange(SessionId::SENT).number, 7, "numbers go on");
        let alone = out.path().join("copy.db");
        let backup = reader.backup(&alone, Scope::Database).unwrap();
        assert_eq!((backup.exchanges, backup.body_bytes), (5, 0));
        let names: Vec<_> = fs::read_dir(out.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "no draft is left: {names:?}");
    }
}
