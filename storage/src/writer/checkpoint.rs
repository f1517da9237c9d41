//! Moving the log into the database.
//!
//! SQLite does this in line with a commit unless told otherwise, and the `fsync`s of it can take hundreds of
//! milliseconds. Here a thread of its own syncs the segments (the database should not refer to bytes that a power
//! failure could take away) and then moves what the log holds, through a second connection, without waiting for
//! anyone. The writer moves the little that came in meanwhile, so that the log can begin anew.

use super::segments::Segments;
use crate::{StoreError, platform, schema::PAGE};
use rusqlite::Connection;
use std::{
    fs::File,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

/// The log is moved when it holds so many pages more: 32 MiB.
const PAGES: i64 = (32 << 20) / PAGE as i64;

pub(super) struct Checkpoint {
    /// `None` once stopped.
    thread: Option<(mpsc::Sender<Dirty>, JoinHandle<()>)>,
    finished: Arc<Finished>,
    running: bool,
    /// Pages in the log when it was last moved: if readers keep it from beginning anew, the next attempt waits until
    /// as much again has come.
    moved_at: i64,
}

/// Segments to be synced first.
type Dirty = Vec<Arc<File>>;

/// How the checkpoint asked for last went, until the writer has seen it.
type Finished = Mutex<Option<Result<(), String>>>;

/// Pages in the log, and how many of them are in the database already.
struct Log {
    pages: i64,
    moved: i64,
}

impl Checkpoint {
    pub(super) fn start(db: Connection, segments: &Path) -> Result<Self, StoreError> {
        let (requests, receiver) = mpsc::channel();
        let finished = Arc::new(Finished::default());
        let (done, dir) = (finished.clone(), segments.to_owned());
        let thread = thread::Builder::new()
            .name("waylay-checkpoint".into())
            .spawn(move || serve(&db, &dir, &receiver, &done))
            .map_err(StoreError::io(segments))?;
        Ok(Self { thread: Some((requests, thread)), finished, running: false, moved_at: 0 })
    }

    /// Begins a checkpoint if the log has grown enough, or ends one. Never waits for the disk on account of the bulk.
    pub(super) fn after_commit(&mut self, db: &Connection, segments: &mut Segments) -> Result<(), String> {
        if self.running {
            let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(result) = finished else { return Ok(()) };
            self.running = false;
            let rest = log(db, "passive").map_err(|e| e.to_string());
            return result.and(rest.map(|log| self.moved_at = log.pages));
        }
        let now = log(db, "noop").map_err(|e| e.to_string())?;
        if now.pages < self.moved_at {
            self.moved_at = 0; // it began anew
        }
        if now.pages - now.moved >= PAGES && now.pages >= self.moved_at + PAGES {
            self.moved_at = now.pages;
            self.running = self.request(segments.take_dirty());
        }
        Ok(())
    }

    /// Lets a checkpoint under way end, and the thread with it.
    pub(super) fn stop(&mut self) {
        if let Some((requests, thread)) = self.thread.take() {
            drop(requests);
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }

    fn request(&self, files: Dirty) -> bool {
        self.thread.as_ref().is_some_and(|(requests, _)| requests.send(files).is_ok())
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(db: &Connection, dir: &Path, requests: &mpsc::Receiver<Dirty>, finished: &Finished) {
    let sync = |files: &[Arc<File>]| -> io::Result<()> {
        platform::sync_folder(dir)?;
        files.iter().try_for_each(|f| f.sync_data())
    };
    for files in requests {
        let synced = sync(&files).map_err(|e| e.to_string());
        let result = synced.and_then(|()| log(db, "passive").map(drop).map_err(|e| e.to_string()));
        *finished.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
}

fn log(db: &Connection, mode: &str) -> rusqlite::Result<Log> {
    let mut statement = db.prepare_cached(match mode {
        "noop" => "PRAGMA wal_checkpoint(noop)",
        _ => "PRAGMA wal_checkpoint(passive)",
    })?;
    statement.query_row([], |r| Ok(Log { pages: r.get(1)?, moved: r.get(2)? }))
}
