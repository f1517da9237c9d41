//! [`Store`]: an open folder with its writer.

use crate::{
    Decode, Reader, SEGMENTS, StoreError,
    index::Index,
    model::{ExchangeId, RecordingRules, Session, SessionId, SessionState, Source},
    platform,
    queue::{Ids, Queue},
    room::{LowDisk, Room},
    schema::{self, aside},
    segments::{Files, append::Appender, spill::Spill},
    writer::{self, Progress, Shared, Writer, command::Command},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where the store is and how its writer works.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder; created if it is missing (its parent must exist).
    pub dir: PathBuf,
    /// Bytes that may be in flight to the writer.
    pub budget: usize,
    /// How long the writer lets a batch gather.
    pub tick: Duration,
    /// Bytes that must be free on the disk, or else bodies are not stored until a fifth more is; 0 for never.
    pub min_free: u64,
}

impl Options {
    /// A store in `dir` with the usual bounds: 24 MiB in flight, a batch every 20 ms, 1 GiB of the disk left free.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), budget: 24 << 20, tick: Duration::from_millis(20), min_free: 1 << 30 }
    }
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its name.
    pub name: String,
    /// What will fill it.
    pub source: Source,
    /// The command line of `waylay run`.
    pub command: Option<String>,
    /// What is recorded.
    pub rules: RecordingRules,
}

/// An exchange whose row has just been committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its place in the order of all exchanges.
    pub seq: i64,
    /// What people call it.
    pub id: ExchangeId,
    /// Whether it is over.
    pub done: bool,
}

/// How the writer is doing.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Bytes handed over and not yet committed.
    pub backlog_bytes: usize,
    /// Rows committed since the store was opened.
    pub committed: u64,
    /// Rows given up since then because they could not be written in time.
    pub shed: u64,
    /// Bytes of bodies given up since then; their rows show them as gaps.
    pub shed_bytes: u64,
    /// Why the last attempt to write failed; `None` again once writing succeeds.
    pub last_error: Option<String>,
    /// Bodies are not stored, because the disk is nearly full.
    pub low_disk: Option<LowDisk>,
}

/// A store, open for capture. At most one process may have a folder open so; the caller sees to that.
pub struct Store {
    dir: PathBuf,
    queue: Arc<Queue>,
    spill: Arc<Spill>,
    ids: Arc<Ids>,
    progress: Arc<Progress>,
    room: Arc<Room>,
    /// Made from what is stored, once it is asked for.
    index: OnceLock<Arc<Index>>,
    /// `None` once closed.
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in a folder, creating or migrating it. What a daemon left open that did not end in order is
    /// marked as interrupted. A damaged database is set aside, see [`set_aside`](Self::set_aside), and a new one begun.
    ///
    /// # Errors
    /// [`StoreError::Unsafe`] if the folder is not safely ours, [`StoreError::NewerSchema`] and
    /// [`StoreError::NotAStore`] for a file that cannot be used; [`StoreError::Corrupt`] if a new database is damaged as
    /// well.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let Options { dir, budget, tick, min_free } = options;
        platform::own_folder(&dir)?;
        platform::own_folder(&dir.join(SEGMENTS))?;
        let (db, found) = schema::open(&dir, now_us())?;
        let segments = dir.join(SEGMENTS);
        let files = Files::open(segments.clone(), found.segment).map_err(StoreError::io(segments))?;
        let shared = Shared {
            queue: Arc::new(Queue::new(budget)),
            ids: Arc::new(found.ids),
            progress: Arc::default(),
            files: Arc::new(files),
            room: Arc::new(Room::new(dir.clone(), min_free)),
        };
        let Shared { queue, ids, progress, files, room } = shared.clone();
        let appender = Appender::new(files.clone(), found.clean.then(|| files.last()));
        let writer = Writer::new(db, &dir, shared, appender, tick)?;
        let thread = writer::start(writer).map_err(StoreError::io(&dir))?;
        let spill = Arc::new(Spill::new(files, room.clone()));
        Ok(Self { dir, queue, spill, ids, progress, room, index: OnceLock::new(), writer: Mutex::new(Some(thread)) })
    }

    /// The way in for everything captured.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// The way past the writer, for bytes that find no room in the queue's budget.
    pub fn spill(&self) -> &Arc<Spill> {
        &self.spill
    }

    /// Numbers for new exchanges and connections.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Opens a session. Its row is committed when this returns.
    pub fn open_session(&self, new: NewSession) -> Result<Session, StoreError> {
        let started_us = now_us();
        self.ask(|reply| Command::open_session(new, started_us, reply))
    }

    /// Ends a session, or pauses or resumes it: [`Session::ended_us`] is set unless `state` is `Recording` or `Paused`.
    pub fn close_session(&self, id: SessionId, state: SessionState) -> Result<(), StoreError> {
        let now = now_us();
        self.ask(|reply| Command::set_session(id, state, now, reply))
    }

    /// Ends a session and puts it on its way out: it is not shown any more, and purged like what a user has deleted.
    pub fn discard_session(&self, id: SessionId) -> Result<(), StoreError> {
        let now = now_us();
        self.ask(|reply| Command::discard(id, now, reply))
    }

    /// Waits until everything pushed before is committed. While the disk refuses, this gives up after some seconds
    /// with [`StoreError::Write`]; what was pushed is still tried again.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.ask(Command::flush)
    }

    /// Calls `f` after each commit, on the writer's thread: it must be quick.
    pub fn on_commit(&self, f: impl Fn(&[Committed]) + Send + Sync + 'static) {
        self.progress.subscribe(Box::new(f));
    }

    /// How the writer is doing.
    pub fn health(&self) -> Health {
        let (written, (rows, bytes)) = (self.progress.health(), self.queue.shed());
        Health {
            backlog_bytes: self.queue.budget().used(),
            shed: written.shed + rows,
            shed_bytes: written.shed_bytes + bytes,
            low_disk: self.room.state(),
            ..written
        }
    }

    /// Databases that were damaged and were set aside, then or earlier, and are still in the folder, oldest first.
    pub fn set_aside(&self) -> Vec<PathBuf> {
        aside::list(&self.dir)
    }

    /// Keeps the index from now on, on a thread of its own: what makes lists and searches fast. The second time this does
    /// nothing.
    ///
    /// # Errors
    /// If there can be no thread.
    pub fn keep_index(&self, decode: Arc<dyn Decode>) -> Result<(), StoreError> {
        if self.index.get().is_some() {
            return Ok(());
        }
        let (last_seq, _) = self.ids.last();
        let index = Arc::new(Index::start(&self.dir, last_seq, decode).map_err(StoreError::io(&self.dir))?);
        let told = Arc::clone(&index);
        self.on_commit(move |rows| told.committed(rows));
        // Had somebody else been first, this one would end by being dropped.
        let _ = self.index.set(index);
        Ok(())
    }

    /// The index, once it is kept.
    pub(crate) fn index(&self) -> Option<&Arc<Index>> {
        self.index.get()
    }

    /// A new reader of this store.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.dir)
    }

    /// Writes what is under way, and closes. Does nothing the second time.
    pub fn close(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = writer.take() else { return Ok(()) };
        if let Some(index) = self.index.get() {
            index.stop();
        }
        let closed = self.ask(Command::close);
        // The writer answers just before it ends; if it panicked, `closed` says so already.
        let _ = thread.join();
        closed
    }

    fn ask<T>(
        &self,
        command: impl FnOnce(mpsc::SyncSender<Result<T, StoreError>>) -> Command,
    ) -> Result<T, StoreError> {
        let (reply, answer) = mpsc::sync_channel(1);
        if !self.queue.command(command(reply)) {
            return Err(StoreError::Closed);
        }
        answer.recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(e) = self.close() {
            tracing::warn!(error = %e, "the capture store did not close in order");
        }
    }
}

/// Microseconds since the Unix epoch; 0 for a clock that stands before it.
pub(crate) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
