//! The database file: its tables, its migrations, and how every connection to it is set up.
//!
//! - `0001_store.sql`: the tables; until the first release there is this one migration, edited in place
//! - [`aside`]: what becomes of a database that is damaged
//! - [`ends`]: ending the rows of exchanges whose end is not known
//! - [`recovery`]: what is put right after a daemon that did not end in order

pub(crate) mod aside;
pub(crate) mod ends;
pub(crate) mod recovery;

use crate::{DATABASE, StoreError, filter::functions, platform};
use recovery::Recovered;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use rusqlite_migration::{M, Migrations, SchemaVersion};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

const STEPS: &[M<'static>] = &[M::up(include_str!("0001_store.sql"))];

const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The schema this version reads and writes.
pub(crate) const VERSION: usize = STEPS.len();

/// `PRAGMA application_id` of a store: "WAYL".
const APPLICATION: i64 = 0x5741_594c;

/// Bytes per page of the database and its log.
pub(crate) const PAGE: u64 = 16 << 10;

/// How long one statement waits for a lock that another program holds, before the writer turns to its queue again.
const LOCK_WAIT: Duration = Duration::from_millis(100);

/// How long a reader waits: only while a log that was left behind is being read in.
const READ_WAIT: Duration = Duration::from_secs(5);

/// Opens the database of a store that nobody else has open for writing. One that is damaged is set aside, and a new one
/// begun.
pub(crate) fn open(dir: &Path, now_us: i64) -> Result<(Connection, Recovered), StoreError> {
    match open_checked(dir, now_us) {
        Err(damage @ StoreError::Corrupt { .. }) => {
            let path = aside::set_aside(dir)?;
            aside::tell(&path, &damage);
            open_checked(dir, now_us)
        }
        opened => opened,
    }
}

fn open_checked(dir: &Path, now_us: i64) -> Result<(Connection, Recovered), StoreError> {
    let path = dir.join(DATABASE);
    let mut db = open_for_writing(dir)?;
    let recovered = check_and_recover(&mut db, &path, now_us).map_err(|e| e.about(&path));
    if recovered.is_err() {
        leave_log(&db);
    }
    Ok((db, recovered?))
}

fn check_and_recover(db: &mut Connection, path: &Path, now_us: i64) -> Result<Recovered, StoreError> {
    if !recovery::was_closed(db)?
        && let Some(detail) = aside::check(db)?
    {
        return Err(StoreError::Corrupt { path: path.into(), detail });
    }
    recovery::recover(db, now_us)
}

/// Keeps what is in the log out of the database when `db` is dropped: both stay as they are.
pub(crate) fn leave_log(db: &Connection) {
    if let Err(error) = db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
        tracing::warn!(%error, "the log of the database may be moved into it");
    }
}

/// Opens the database for writing, creating or migrating it as needed.
pub(crate) fn open_for_writing(dir: &Path) -> Result<Connection, StoreError> {
    let path = dir.join(DATABASE);
    platform::own_file(&path)?;
    open_and_migrate(&path, &MIGRATIONS).map_err(|e| e.about(&path))
}

/// A second connection to a database that [`open_for_writing`] has prepared.
pub(crate) fn open_beside(dir: &Path) -> Result<Connection, StoreError> {
    let db = connect(&dir.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "synchronous", "normal")?;
    Ok(db)
}

/// Opens the database of a store for reading only.
pub(crate) fn open_for_reading(dir: &Path) -> Result<Connection, StoreError> {
    let path = dir.join(DATABASE);
    match fs::symlink_metadata(&path) {
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(StoreError::Missing { dir: dir.into() });
        }
        Err(e) => return Err(StoreError::io(path)(e)),
        // An empty file is one that a daemon has just created, or an older one left when it was killed at once.
        Ok(found) if found.len() == 0 => return Err(StoreError::Missing { dir: dir.into() }),
        Ok(_) => platform::plain_file(&path)?,
    };
    let open = || {
        let db = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        db.busy_timeout(READ_WAIT)?;
        db.pragma_update(None, "query_only", true)?;
        functions::register(&db)?;
        match check(&db, &path, &MIGRATIONS)? {
            VERSION => Ok(db),
            0 => Err(StoreError::Missing { dir: dir.into() }),
            found => Err(StoreError::OlderSchema { path: path.clone(), found, supported: VERSION }),
        }
    };
    open().map_err(|e| e.about(&path))
}

/// Whether a file is the database of a store.
pub(crate) fn is_store(path: &Path) -> bool {
    let found = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|db| Ok(db.pragma_query_value(None, "application_id", |r| r.get::<_, i64>(0))?));
    found.is_ok_and(|application| application == APPLICATION)
}

fn connect(path: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
    // No URI names: a folder may be called `a?mode=memory`.
    let db = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(LOCK_WAIT)?;
    db.set_prepared_statement_cache_capacity(48);
    Ok(db)
}

fn open_and_migrate(path: &Path, migrations: &Migrations<'_>) -> Result<Connection, StoreError> {
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let prepared = prepare(&mut db, path, migrations);
    if prepared.is_err() {
        leave_log(&db);
    }
    prepared.map(|()| db)
}

fn prepare(db: &mut Connection, path: &Path, migrations: &Migrations<'_>) -> Result<(), StoreError> {
    let version = check(db, path, migrations)?;
    // The page size takes effect only while the file is empty, and only before the log is switched on.
    db.pragma_update(None, "page_size", PAGE as i64)?;
    if version == 0 {
        // Likewise; written to the file whenever it is set. It lets the file shrink bit by bit.
        db.pragma_update(None, "auto_vacuum", "incremental")?;
    }
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "cache_size", -8000)?;
    if version > 0 && migrations.pending_migrations(db)? > 0 {
        copy(db, path, version)?;
    }
    migrations.to_latest(db)?;
    Ok(())
}

/// The schema of a database; refuses a newer one and other programs' files.
fn check(db: &Connection, path: &Path, migrations: &Migrations<'_>) -> Result<usize, StoreError> {
    let application: i64 = db.pragma_query_value(None, "application_id", |r| r.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
    if tables > 0 && application != APPLICATION {
        return Err(StoreError::NotAStore { path: path.into() });
    }
    match migrations.current_version(db)? {
        SchemaVersion::Outside(found) => {
            let ahead = migrations.pending_migrations(db)?.unsigned_abs() as usize;
            let supported = found.get().saturating_sub(ahead);
            Err(StoreError::NewerSchema { path: path.into(), found: found.get(), supported })
        }
        version => Ok(version.into()),
    }
}

/// Keeps the database as it was before a migration, beside it: `waylay.db.schema-1`.
fn copy(db: &Connection, path: &Path, version: usize) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".schema-{version}"));
    let copy = PathBuf::from(name);
    match fs::remove_file(&copy) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(StoreError::io(copy)(e)),
        _ => platform::own_file(&copy)?,
    }
    let target = copy.to_str().ok_or(StoreError::Unsafe { path: copy.clone(), reason: "is not a UTF-8 path" })?;
    db.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_kept_of_what_a_migration_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(DATABASE);
        drop(open_for_writing(dir.path()).unwrap());
        let count = |path: &Path| {
            let db = Connection::open(path).unwrap();
            db.query_row("SELECT count(*) FROM pragma_table_info('session')", [], |r| r.get::<_, i64>(0)).unwrap()
        };
        let (before, copy) = (count(&path), dir.path().join("waylay.db.schema-1"));
        drop(open_for_writing(dir.path()).unwrap());
        assert!(!copy.exists(), "nothing was to be migrated");

        let next = Migrations::new([STEPS, &[M::up("ALTER TABLE session ADD COLUMN remark TEXT")]].concat());
        let db = open_and_migrate(&path, &next).unwrap();
        assert_eq!(next.current_version(&db).unwrap(), SchemaVersion::Inside(2.try_into().unwrap()));
        assert_eq!((count(&path), count(&copy)), (before + 1, before));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(copy).unwrap()) & 0o777, 0o600);
        let refused = open_for_writing(dir.path()).unwrap_err();
        assert!(matches!(refused, StoreError::NewerSchema { found: 2, supported: 1, .. }));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_database_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(DATABASE);
        drop(open_for_writing(dir.path()).unwrap());
        let broken = "ALTER TABLE session ADD COLUMN remark TEXT; INSERT INTO nowhere VALUES (1);";
        let next = Migrations::new([STEPS, &[M::up(broken)]].concat());
        assert!(matches!(open_and_migrate(&path, &next), Err(StoreError::Migration(_))));
        let db = open_for_writing(dir.path()).unwrap();
        assert!(db.prepare("SELECT remark FROM session").is_err());
    }
}
