//! What takes how much room.

use crate::{DATABASE, Reader, SEGMENTS, StoreError, compact, index::INDEX, segments::Files};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

/// How long the sizes of tables may take to find out.
const PATIENCE: Duration = Duration::from_secs(5);

/// What takes how much room, bytes of files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// All of it.
    pub bytes: u64,
    /// What `gc` would give back, roughly.
    pub reclaimable: u64,
    /// The database, of which so much is unused.
    pub database: Room,
    /// Its log.
    pub log_bytes: u64,
    /// The files of big bodies.
    pub segments: Room,
    /// How many files those are.
    pub segment_files: u64,
    /// The index, with its log.
    pub index_bytes: u64,
    /// What is in the database, the largest first.
    pub tables: Vec<Table>,
    /// Sessions, the oldest first.
    pub sessions: Vec<SessionUsage>,
    /// Exchanges that are deleted and not purged yet.
    pub deleted_exchanges: i64,
    /// Sessions likewise.
    pub deleted_sessions: i64,
}

/// Room, and how much of it is of no use.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    /// All of it.
    pub bytes: u64,
    /// Of no use.
    pub unused: u64,
}

/// One table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: i64,
    /// Its bytes, indexes included; `None` if it took too long to find out.
    pub bytes: Option<i64>,
}

/// One session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionUsage {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its exchanges.
    pub exchanges: i64,
    /// Bytes of their bodies as transferred.
    pub bytes: i64,
    /// Whether retention leaves it alone.
    pub pinned: bool,
}

impl Reader {
    /// Finds out what takes how much room. It may take some seconds.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let db = &self.db;
        let number = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0));
        let unused = number("PRAGMA freelist_count")? * number("PRAGMA page_size")?;
        let database = Room { bytes: length(&self.dir.join(DATABASE))?, unused: unused.unsigned_abs() };
        let log_bytes = length(&self.dir.join(format!("{DATABASE}-wal")))?;
        let folder = self.dir.join(SEGMENTS);
        let files = Files::open(folder.clone(), 0).and_then(|files| files.list());
        let files = match files {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            files => files.map_err(StoreError::io(folder))?,
        };
        let used = compact::used(self)?;
        let bytes = files.iter().map(|(_, length)| length).sum();
        let live: u64 = files.iter().map(|(n, length)| used.get(n).copied().unwrap_or(0).min(*length)).sum();
        let segments = Room { bytes, unused: bytes - live };
        let index_bytes = length(&self.dir.join(INDEX))? + length(&self.dir.join(format!("{INDEX}-wal")))?;
        let deleted_exchanges = number(
            "SELECT (SELECT count(*) FROM deleted) + coalesce((SELECT sum(exchanges) FROM session WHERE deletion IS NOT NULL), 0)",
        )?;
        Ok(Usage {
            bytes: database.bytes + log_bytes + segments.bytes + index_bytes,
            reclaimable: database.unused + log_bytes + segments.unused,
            database,
            log_bytes,
            segments,
            segment_files: files.len() as u64,
            index_bytes,
            tables: tables(db)?,
            sessions: self.session_usage()?,
            deleted_exchanges,
            deleted_sessions: number("SELECT count(*) FROM session WHERE deletion IS NOT NULL")?,
        })
    }

    fn session_usage(&self) -> Result<Vec<SessionUsage>, StoreError> {
        let sessions = self.sessions()?.into_iter().map(|s| SessionUsage {
            id: s.id.0,
            name: s.name,
            exchanges: s.exchanges,
            bytes: s.bytes,
            pinned: s.pinned,
        });
        Ok(sessions.collect())
    }
}

fn tables(db: &Connection) -> Result<Vec<Table>, StoreError> {
    let names = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let names: Vec<String> = db.prepare(names)?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    let sizes = sizes(db)?;
    let mut tables = Vec::new();
    for name in names {
        let rows = db.query_row(&format!("SELECT count(*) FROM main.{name}"), [], |r| r.get(0))?;
        let bytes = sizes.as_ref().map(|sizes| sizes.get(&name).copied().unwrap_or(0));
        tables.push(Table { name, rows, bytes });
    }
    tables.sort_by_key(|table| std::cmp::Reverse((table.bytes, table.rows)));
    Ok(tables)
}

/// Bytes of each table with its indexes: all pages are looked at, as far as the time goes.
fn sizes(db: &Connection) -> Result<Option<HashMap<String, i64>>, StoreError> {
    let until = Instant::now() + PATIENCE;
    db.progress_handler(1000, Some(move || Instant::now() >= until))?;
    let read = || {
        let sql = "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat('main', 1) AS d
            LEFT JOIN main.sqlite_schema AS s ON s.name = d.name GROUP BY 1";
        db.prepare(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()
    };
    let sizes: rusqlite::Result<HashMap<String, i64>> = read();
    db.progress_handler(0, None::<fn() -> bool>)?;
    match sizes {
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => Ok(None),
        sizes => Ok(Some(sizes?)),
    }
}

/// Length of a file, 0 if it is not there.
fn length(path: &Path) -> Result<u64, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(StoreError::io(path)(e)),
    }
}
