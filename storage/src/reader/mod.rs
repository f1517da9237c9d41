//! Reading: lists, single exchanges, connections, bodies. A reader never writes and never holds up the writer.
//!
//! - this file: [`Reader`], and what it finds out about sessions and the store
//! - [`list`]: pages of summaries
//! - [`sorted`]: pages in the order of any column
//! - [`facets`]: how many there are of each method, host, status, type
//! - [`history`]: what was sent from here, and sessions, newest first
//! - [`exchange`]: one exchange, its connections
//! - [`body`]: the stored bytes of a body, from the row or from segments
//! - [`messages`]: messages of WebSockets, event streams and gRPC calls, and their payloads
//! - `plan`: how matches of a filter are found; `entries`: what the index can tell of a filter
//! - `range`: the stored bytes of a part of a body
//! - `sessions`: rows of sessions; `row`: columns to vocabulary
//! - [`walk`]: all exchanges that match, whole, for exports; [`asked`]: what was asked in them

pub mod asked;
pub mod body;
mod entries;
pub mod exchange;
pub mod facets;
pub mod history;
pub mod list;
pub mod messages;
mod plan;
mod range;
mod row;
pub(crate) mod sessions;
pub mod sorted;
#[cfg(test)]
mod tests;
pub mod walk;

pub use asked::Asked;
pub use body::Body;
pub use facets::{Facets, Share};
pub use history::{BadHistoryCursor, HistoryCursor, HistoryEntry, HistoryPage, HistoryQuery, SendDetail};
pub use list::{ListQuery, Matched, Page};
pub use messages::{MessagePage, MessageQuery, Payload};
pub(crate) use row::unknown;
pub use sorted::{BadCursor, Cursor, SortKey, SortedPage, SortedQuery};

use crate::{
    DATABASE, SEGMENTS, StoreError, index,
    model::{BadId, ExchangeId, Session, SessionId},
    platform, schema,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The longest that one query may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Steps of SQLite after which the time is looked at. One step can search a head of half a MiB.
const LOOK: i32 = 1_000;

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A read-only connection to a store: cheap to keep, used by one thread at a time. It works while a daemon writes,
/// when there is none, and after one was killed.
pub struct Reader {
    pub(crate) db: Connection,
    pub(crate) dir: PathBuf,
    /// What the files of database and index were when they were opened, where that can be told.
    files: [Option<platform::Identity>; 2],
    /// Whether the index is attached, as `ix`.
    pub(crate) indexed: bool,
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

/// How far the index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct IndexState {
    /// About how many exchanges it does not hold yet: they are found all the same, but not as fast.
    pub behind: i64,
    /// Exchanges whose text has not been read yet: full text does not find them.
    pub text_behind: i64,
}

impl Reader {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none; [`StoreError::NewerSchema`] and [`StoreError::OlderSchema`] if it is
    /// another version's.
    pub fn open(dir: &Path) -> Result<Self> {
        // Looked at before it is opened: if it is replaced in between, this reader is not taken to be current.
        let files = identities(dir);
        let db = schema::open_for_reading(dir)?;
        rusqlite::vtab::array::load_module(&db)?;
        let indexed = index::attach(&db, dir);
        Ok(Self { db, dir: dir.into(), files, indexed })
    }

    /// Whether this still reads the store's database and its index. It does not when that was damaged and was set aside, or
    /// the index was made anew: then a new reader is needed.
    pub fn is_current(&self) -> bool {
        identities(&self.dir) == self.files
    }

    /// Whether a file is the database of a store, of this version or another.
    pub fn is_store(path: &Path) -> bool {
        schema::is_store(path)
    }

    /// All sessions, the oldest first.
    pub fn sessions(&self) -> Result<Vec<Session>> {
        sessions::read(&self.db, "WHERE deletion IS NULL ORDER BY id", params![])
    }

    /// One session.
    pub fn session(&self, id: SessionId) -> Result<Option<Session>> {
        Ok(sessions::read(&self.db, "WHERE id = ?1 AND deletion IS NULL", params![id.0])?.pop())
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

    /// How far the index has come; `None` if there is none.
    pub fn index_state(&self) -> Result<Option<IndexState>> {
        if !self.indexed {
            return Ok(None);
        }
        let sql = "SELECT
              max(0, coalesce((SELECT max(seq) FROM exchange), 0) - (SELECT value FROM ix.state WHERE name = 'floor'))
              + (SELECT count(*) FROM ix.pending CROSS JOIN exchange USING (seq) WHERE done = 1),
              (SELECT count(*) FROM ix.unread)";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(Some(statement.query_row([], |r| Ok(IndexState { behind: r.get(0)?, text_behind: r.get(1)? }))?))
    }

    /// What tells this store's database from any other.
    pub(crate) fn identity(&self) -> Result<i64> {
        let sql = "SELECT value FROM counter WHERE name = 'identity'";
        Ok(self.db.query_row(sql, [], |r| r.get(0)).optional()?.unwrap_or(0))
    }

    /// Runs queries, and breaks them off when they take too long.
    pub(crate) fn in_time<T>(&self, f: impl FnOnce() -> Result<T>) -> Result<T> {
        self.break_off(Instant::now() + PATIENCE)?;
        let result = f();
        self.db.progress_handler(0, None::<fn() -> bool>)?;
        match result {
            Err(StoreError::Database(e)) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Err(StoreError::TooSlow(PATIENCE))
            }
            result => result,
        }
    }

    /// Breaks off what runs then, until the end of [`in_time`](Self::in_time).
    fn break_off(&self, until: Instant) -> Result<()> {
        Ok(self.db.progress_handler(LOOK, Some(move || Instant::now() >= until))?)
    }

    /// Runs `f` on the database as it is at one moment.
    pub(crate) fn snapshot<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let snapshot = self.db.unchecked_transaction()?;
        let result = f(&self.db)?;
        snapshot.finish()?;
        Ok(result)
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
            sessions: count("session WHERE deletion IS NULL")?,
            exchanges: self.exchanges()?,
            bytes: file_len(&self.dir.join(DATABASE))? + file_len(&log)? + self.segments_len()?,
            schema: schema::VERSION,
        })
    }

    /// How many exchanges there are, without those that were deleted: sessions count theirs.
    pub(crate) fn exchanges(&self) -> Result<i64> {
        let sql = "SELECT coalesce(sum(exchanges), 0) FROM session WHERE deletion IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
    }

    fn find_id(&self, rest: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Option<ExchangeId>> {
        let mut statement = self.db.prepare_cached(&format!("SELECT session, number FROM exchange_listed {rest}"))?;
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

fn identities(dir: &Path) -> [Option<platform::Identity>; 2] {
    [DATABASE, index::INDEX].map(|name| platform::identity(&dir.join(name)).ok().flatten())
}

/// Length of a file, 0 if it is not there: the log comes and goes.
fn file_len(path: &Path) -> Result<u64> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(StoreError::io(path)(e)),
    }
}
