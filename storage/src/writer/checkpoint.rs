//! Moving the log into the database.
//!
//! SQLite does this in line with a commit unless told otherwise, and the `fsync`s of it can take hundreds of
//! milliseconds. Here a thread of its own syncs the segments (the database should not refer to bytes that a power
//! failure could take away) and then moves what the log holds, through a second connection, without waiting for
//! anyone. The writer moves the little that came in meanwhile, so that the log can begin anew.

use crate::{schema::PAGE, segments::Files};
use rusqlite::Connection;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

/// The log is moved when it holds so many pages more: 32 MiB.
const PAGES: i64 = (32 << 20) / PAGE as i64;

pub(super) struct Checkpoint {
    /// `None` once stopped.
    thread: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
    finished: Arc<Finished>,
    running: bool,
    /// Pages in the log when it was last moved: if readers keep it from beginning anew, the next attempt waits until
    /// as much again has come.
    moved_at: i64,
}

/// How the checkpoint asked for last went, until the writer has seen it.
type Finished = Mutex<Option<Result<(), String>>>;

/// Pages in the log, and how many of them are in the database already.
struct Log {
    pages: i64,
    moved: i64,
}

impl Checkpoint {
    pub(super) fn start(db: Connection, files: Arc<Files>) -> io::Result<Self> {
        let (requests, receiver) = mpsc::channel();
        let finished = Arc::new(Finished::default());
        let done = finished.clone();
        let thread = thread::Builder::new()
            .name("waylay-checkpoint".into())
            .spawn(move || serve(&db, &files, &receiver, &done))?;
        Ok(Self { thread: Some((requests, thread)), finished, running: false, moved_at: 0 })
    }

    /// Begins a checkpoint if the log has grown enough, or ends one. Never waits for the disk on account of the bulk.
    /// Returns how a checkpoint went that has ended.
    pub(super) fn after_commit(&mut self, db: &Connection) -> Option<Result<(), String>> {
        if self.running {
            let result = self.finished.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            self.running = false;
            let rest = log(db, "passive").map_err(|e| e.to_string());
            return Some(result.and(rest.map(|log| self.moved_at = log.pages)));
        }
        let now = match log(db, "noop") {
            Ok(log) => log,
            Err(e) => return Some(Err(e.to_string())),
        };
        if now.pages < self.moved_at {
            self.moved_at = 0; // it began anew
        }
        if now.pages - now.moved >= PAGES && now.pages >= self.moved_at + PAGES {
            self.moved_at = now.pages;
            self.running = self.request();
        }
        None
    }

    /// Lets a checkpoint under way end, and the thread with it.
    pub(super) fn stop(&mut self) {
        if let Some((requests, thread)) = self.thread.take() {
            drop(requests);
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }

    fn request(&self) -> bool {
        self.thread.as_ref().is_some_and(|(requests, _)| requests.send(()).is_ok())
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(db: &Connection, files: &Files, requests: &mpsc::Receiver<()>, finished: &Finished) {
    for () in requests {
        let synced = files.sync().map_err(|e| e.to_string());
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        path::Path,
        time::{Duration, Instant},
    };

    fn files(dir: &Path) -> Arc<Files> {
        Arc::new(Files::open(dir.into(), 0).unwrap())
    }

    #[test]
    fn the_log_is_moved_and_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let db = crate::schema::open_for_writing(dir.path()).unwrap();
        let beside = crate::schema::open_beside(dir.path()).unwrap();
        let mut checkpoint = Checkpoint::start(beside, files(dir.path())).unwrap();
        let sql = "INSERT INTO certificate (sha256, der) VALUES (randomblob(32), zeroblob(?1))";
        let mut grow = |bytes: u64| {
            db.execute(sql, [bytes as i64]).unwrap();
            checkpoint.after_commit(&db).transpose().unwrap();
            (checkpoint.running, log(&db, "noop").unwrap())
        };
        assert!(!grow(1 << 20).0, "not worth it yet");
        let (running, before) = grow(PAGES as u64 * PAGE);
        assert!(running && before.pages >= PAGES);
        let end = Instant::now() + Duration::from_secs(60);
        while grow(1).0 {
            assert!(Instant::now() < end, "the checkpoint does not end");
            thread::yield_now();
        }
        let (running, after) = grow(1);
        assert!(!running && after.pages < PAGES, "{} pages are in the log", after.pages);
        assert!(std::fs::metadata(dir.path().join(crate::DATABASE)).unwrap().len() > PAGES as u64 * PAGE);
    }

    #[test]
    fn a_reader_that_stays_is_no_reason_to_try_all_the_time() {
        let dir = tempfile::tempdir().unwrap();
        let db = crate::schema::open_for_writing(dir.path()).unwrap();
        let reader = crate::schema::open_beside(dir.path()).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM session").unwrap();
        let beside = crate::schema::open_beside(dir.path()).unwrap();
        let mut checkpoint = Checkpoint::start(beside, files(dir.path())).unwrap();
        let mut begun = 0;
        for _ in 0..48 {
            let sql = "INSERT INTO certificate (sha256, der) VALUES (randomblob(32), zeroblob(?1))";
            db.execute(sql, [PAGES / 16 * PAGE as i64]).unwrap();
            let was_running = checkpoint.running;
            checkpoint.after_commit(&db).transpose().unwrap();
            begun += usize::from(checkpoint.running && !was_running);
        }
        assert!((1..=3).contains(&begun), "{begun} checkpoints for three times what begins one");
        checkpoint.stop();
    }
}
