//! [`Store`]: an open folder with its writer.

use crate::{
    Decode, Gc, Reader, SEGMENTS, StoreError,
    compact::{self, Others},
    index::Index,
    model::{ExchangeId, RecordingRules, Session, SessionId, SessionState, Source},
    platform,
    purge::{Cleaner, Deleted, Deletion},
    queue::{Ids, Queue},
    room::{LowDisk, Room},
    schema::{self, aside},
    segments::{Files, append::Appender, spill::Spill},
    writer::{self, Changes, Progress, Shared, Writer, command::Command},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
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
    /// How long what was deleted can be brought back.
    pub undo: Duration,
}

impl Options {
    /// A store in `dir` with the usual bounds: 24 MiB in flight, a batch every 20 ms, 1 GiB of the disk left free, 30 s to
    /// bring back what was deleted.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            budget: 24 << 20,
            tick: Duration::from_millis(20),
            min_free: 1 << 30,
            undo: Duration::from_secs(30),
        }
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

/// What is to be different about a session; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct SessionChanges {
    /// Its name.
    pub name: Option<String>,
    /// What is written down about it; `Some(None)` removes that.
    pub note: Option<Option<String>>,
    /// Whether retention leaves it alone.
    pub pinned: Option<bool>,
    /// Until when retention leaves it alone, to remove it then; `Some(None)`: as configured.
    pub keep_until_us: Option<Option<i64>>,
    /// What is recorded. Whoever records must be told besides.
    pub rules: Option<RecordingRules>,
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
    /// Whether its heads may speak of cookies that are to be looked at.
    pub cookies: bool,
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
    /// When each session that is open was opened, by both clocks.
    clocks: Mutex<HashMap<SessionId, (i64, Instant)>>,
    /// Made from what is stored, once it is asked for.
    index: OnceLock<Arc<Index>>,
    pub(crate) cleaner: Arc<Cleaner>,
    /// The threads that write and that clean up; `None` once closed.
    threads: Mutex<Option<[JoinHandle<()>; 2]>>,
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
        let Options { dir, budget, tick, min_free, undo } = options;
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
        let spill = Arc::new(Spill::new(files.clone(), room.clone()));
        let cleaner = Cleaner::new(dir.clone(), queue.clone(), files, spill.clone(), progress.clone(), undo);
        let cleaning = cleaner.start().map_err(StoreError::io(&dir))?;
        let threads = Mutex::new(Some([cleaning, thread]));
        Ok(Self {
            dir,
            queue,
            spill,
            ids,
            progress,
            room,
            clocks: Mutex::default(),
            index: OnceLock::new(),
            cleaner,
            threads,
        })
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
        let (started_us, started) = (now_us(), Instant::now());
        let session: Session = self.ask(|reply| Command::open_session(new, started_us, reply))?;
        self.clocks().insert(session.id, (started_us, started));
        Ok(session)
    }

    /// Pauses a session, resumes it or ends it, and gives it back as it is then: [`Session::ended_us`] is set unless
    /// `state` is `Recording` or `Paused`.
    pub fn set_session(&self, id: SessionId, state: SessionState) -> Result<Session, StoreError> {
        let now = self.session_time(id);
        let session: Session = self.ask(|reply| Command::set_session(id, state, now, reply))?;
        if session.ended_us.is_some() {
            self.clocks().remove(&id);
        }
        Ok(session)
    }

    /// [`set_session`](Self::set_session), for an end nobody looks at.
    pub fn close_session(&self, id: SessionId, state: SessionState) -> Result<(), StoreError> {
        self.set_session(id, state).map(drop)
    }

    /// Changes what a session is called and what it records, and gives it back as it is then.
    pub fn update_session(&self, id: SessionId, changes: SessionChanges) -> Result<Session, StoreError> {
        self.ask(|reply| Command::update_session(id, changes, reply))
    }

    /// What time it is in a session, microseconds since the Unix epoch: what the wall clock showed when it was opened,
    /// and the time since by a clock that never jumps. So its durations are right whatever becomes of the wall clock.
    pub fn session_time(&self, id: SessionId) -> i64 {
        let Some((us, then)) = self.clocks().get(&id).copied() else { return now_us() };
        us.saturating_add(i64::try_from(then.elapsed().as_micros()).unwrap_or(i64::MAX))
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

    /// Calls `f` after each commit that changed more than rows of exchanges, on the writer's thread: it must be quick.
    pub fn on_change(&self, f: impl Fn(&Changes) + Send + Sync + 'static) {
        self.progress.listen(Box::new(f));
    }

    /// Deletes exchanges or a session: from here on nobody sees them. For [`Options::undo`] they can be brought back.
    ///
    /// # Errors
    /// [`StoreError::NoSession`], [`StoreError::NoExchange`], [`StoreError::NoSend`]; [`StoreError::StillOpen`],
    /// [`StoreError::UnderWay`] and [`StoreError::SendUnderWay`] for what is not over, [`StoreError::SentSession`]. Then
    /// nothing is deleted.
    pub fn delete(&self, what: Deleted) -> Result<Deletion, StoreError> {
        self.cleaner.delete(what)
    }

    /// Brings back what was deleted, as it was.
    ///
    /// # Errors
    /// [`StoreError::NoDeletion`]; [`StoreError::Purged`] if it came too late.
    pub fn undelete(&self, id: i64) -> Result<(), StoreError> {
        self.cleaner.undelete(id)
    }

    /// Purges what was deleted, gives room back, and leaves no byte of what was deleted in any file. Capture goes on
    /// meanwhile.
    pub fn gc(&self) -> Result<Gc, StoreError> {
        compact::gc(&self.cleaner, Others::Capture)
    }

    /// [`gc`](Self::gc), where nothing else uses the store: complete however large it is.
    pub fn gc_alone(&self) -> Result<Gc, StoreError> {
        compact::gc(&self.cleaner, Others::None)
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
        let told = Arc::clone(&index);
        self.on_change(move |changes| told.withdrawn(&changes.withdrawn));
        self.cleaner.derived(index.clone());
        // Had somebody else been first, this one would end by being dropped.
        let _ = self.index.set(index);
        Ok(())
    }

    /// The index, once it is kept.
    #[cfg(test)]
    pub(crate) fn index(&self) -> Option<&Arc<Index>> {
        self.index.get()
    }

    /// A new reader of this store.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.dir)
    }

    /// Writes what is under way, and closes. Does nothing the second time.
    pub fn close(&self) -> Result<(), StoreError> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let Some([cleaning, writing]) = threads.take() else { return Ok(()) };
        self.cleaner.stop();
        // A panic there has been reported there.
        let _ = cleaning.join();
        if let Some(index) = self.index.get() {
            index.stop();
        }
        let closed = self.ask(Command::close);
        // The writer answers just before it ends; if it panicked, `closed` says so already.
        let _ = writing.join();
        closed
    }

    /// Tells those who listen of what has been changed.
    pub(crate) fn told(&self, changes: &Changes) {
        self.progress.changed(changes);
    }

    fn clocks(&self) -> MutexGuard<'_, HashMap<SessionId, (i64, Instant)>> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T>(
        &self,
        command: impl FnOnce(mpsc::SyncSender<Result<T, StoreError>>) -> Command,
    ) -> Result<T, StoreError> {
        self.queue.ask(command)
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
mod session_tests;
#[cfg(test)]
mod tests;
