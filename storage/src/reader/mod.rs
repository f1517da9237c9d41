//! Reading: lists, single exchanges, connections, bodies. A reader never writes and never holds up the writer.
//!
//! - this file: [`Reader`], and what it finds out about sessions and the store
//! - [`list`]: pages of summaries
//! - [`exchange`]: one exchange, its connections
//! - [`body`]: the stored bytes of a body, from the row or from segments
//! - [`messages`]: messages of WebSockets, event streams and gRPC calls, and their payloads
//! - `range`: the stored bytes of a part of a body
//! - `row`: columns to vocabulary
//! - [`walk`]: all exchanges that match, whole, for exports

pub mod body;
pub mod exchange;
pub mod list;
pub mod messages;
mod range;
mod row;
pub mod walk;
#[cfg(test)]
mod tests;

pub use body::Body;
pub use list::{ListQuery, Page};
pub use messages::{MessagePage, MessageQuery, Payload};

use crate::{
    DATABASE, SEGMENTS, StoreError,
    model::{BadId, ExchangeId, Session, SessionId},
    platform, schema,
};
use row::{rules, word};
use rusqlite::{Connection, Row, params};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A read-only connection to a store: cheap to keep, used by one thread at a time. It works while a daemon writes,
/// when there is none, and after one was killed.
pub struct Reader {
    db: Connection,
    dir: PathBuf,
    /// What the database's file was when it was opened, where that can be told.
    file: Option<platform::Identity>,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Sessions, the one of sent exchanges included.
    pub sessions: i64,
    /// Exchanges.
    pub exchanges: i64,
    /// Bytes of the database, its log and the segments on disk.
    pub bytes: u64,
    /// Schema version.
    pub schema: usize,
}

impl Reader {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none; [`StoreError::NewerSchema`] and [`StoreError::OlderSchema`] if it is
    /// another version's.
    pub fn open(dir: &Path) -> Result<Self> {
        // Looked at before it is opened: if it is replaced in between, this reader is not taken to be current.
        let file = platform::identity(&dir.join(DATABASE)).ok().flatten();
        Ok(Self { db: schema::open_for_reading(dir)?, dir: dir.into(), file })
    }

    /// Whether this still reads the store's database. It does not when that was damaged and was set aside: then a new
    /// reader is needed.
    pub fn is_current(&self) -> bool {
        platform::identity(&self.dir.join(DATABASE)).is_ok_and(|file| file == self.file)
    }

    /// All sessions, the oldest first.
    pub fn sessions(&self) -> Result<Vec<Session>> {
        self.query_sessions("WHERE deletion IS NULL ORDER BY id", params![])
    }

    /// One session.
    pub fn session(&self, id: SessionId) -> Result<Option<Session>> {
        Ok(self.query_sessions("WHERE id = ?1 AND deletion IS NULL", params![id.0])?.pop())
    }

    /// The exchange that is meant by what someone typed: `7.42`, or `@last` for the newest. `None` if it does not
    /// exist; other text is a [`StoreError::BadId`].
    pub fn resolve(&self, id: &str) -> Result<Option<ExchangeId>> {
        if id == "@last" {
            return self.find_id("ORDER BY seq DESC LIMIT 1", params![]);
        }
        if id.starts_with('@') {
            return Err(BadId(id.into()).into());
        }
        let id: ExchangeId = id.parse()?;
        self.find_id("WHERE session = ?1 AND number = ?2", params![id.session.0, id.number])
    }

    /// A number that changes whenever someone else has committed.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.db.prepare_cached("PRAGMA data_version")?.query_row([], |r| r.get(0))?)
    }

    /// How much the store holds.
    pub fn stats(&self) -> Result<Stats> {
        let count = |table| self.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0));
        let log = self.dir.join(format!("{DATABASE}-wal"));
        Ok(Stats {
            sessions: count("session")?,
            exchanges: count("exchange")?,
            bytes: file_len(&self.dir.join(DATABASE))? + file_len(&log)? + self.segments_len()?,
            schema: schema::VERSION,
        })
    }

    fn query_sessions(&self, rest: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Vec<Session>> {
        let columns = "id, name, source, state, started_us, ended_us, command, exchanges, bytes, failures, note, pinned, \
            rules, paused_us, pause_us, left_out";
        let mut statement = self.db.prepare_cached(&format!("SELECT {columns} FROM session {rest}"))?;
        let mut rows = statement.query(params)?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            sessions.push(session(row)?);
        }
        Ok(sessions)
    }

    fn find_id(&self, rest: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Option<ExchangeId>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT session, number FROM exchange {rest}"))?;
        let mut rows = statement.query(params)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(ExchangeId { session: SessionId(row.get(0)?), number: row.get(1)? }))
    }

    fn segments_len(&self) -> Result<u64> {
        let dir = self.dir.join(SEGMENTS);
        let entries = match fs::read_dir(&dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries.map_err(StoreError::io(&dir))?,
        };
        let mut sum = 0;
        for entry in entries {
            sum += file_len(&entry.map_err(StoreError::io(&dir))?.path())?;
        }
        Ok(sum)
    }
}

fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        name: row.get(1)?,
        source: word(row, 2)?,
        state: word(row, 3)?,
        started_us: row.get(4)?,
        ended_us: row.get(5)?,
        command: row.get(6)?,
        exchanges: row.get(7)?,
        bytes: row.get(8)?,
        failures: row.get(9)?,
        note: row.get(10)?,
        pinned: row.get(11)?,
        rules: rules(row, 12)?,
        paused_us: row.get(13)?,
        pause_us: row.get(14)?,
        left_out: row.get(15)?,
    })
}

/// Length of a file, 0 if it is not there: the log comes and goes.
fn file_len(path: &Path) -> Result<u64> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(StoreError::io(path)(e)),
    }
}
