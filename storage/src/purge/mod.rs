//! Deleting: what is deleted is hidden at once, can be brought back for a while, and is then removed for good.
//!
//! - this file: [`Cleaner`], which deletes, brings back, and purges on a thread of its own
//! - [`mark`]: hiding exchanges and sessions, and showing them again
//! - [`sends`]: the same for entries of the history; [`collections`]: for collections and items; [`cookies`]: for jars and
//!   cookies
//! - [`rows`]: removing the rows of exchanges, a few at a time
//! - [`connections`]: connections and certificates that nothing refers to any more
//!
//! A deletion has a row in `deletion` while it can be taken back. Purging begins by removing that row: what then is
//! hidden by a deletion that does not exist goes, now or, if the daemon ends in between, when it starts again. All changes
//! are made by the writer in short transactions between its batches, so that capture does not wait for them.

mod collections;
pub(crate) mod connections;
mod cookies;
mod mark;
mod rows;
mod sends;
#[cfg(test)]
mod tests;

pub use mark::{Deleted, Deletion};

use crate::{
    Reader, StoreError, compact,
    index::{INDEX, Index},
    queue::Queue,
    replays,
    segments::{Files, spill::Spill},
    store::now_us,
    writer::{Progress, command::Command},
};
use connections::Unreferenced;
use rusqlite::{Connection, Error, Transaction};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long to wait after something went wrong.
const AGAIN: Duration = Duration::from_secs(30);

/// So many exchanges are looked up, and forgotten by others, at once.
const AT_ONCE: usize = 500;

/// What keeps data derived from exchanges, and has to let go of it before they are purged.
pub(crate) trait Forget: Send + Sync {
    /// Removes everything derived from these exchanges. Called before their rows go, and possibly again after a failure.
    ///
    /// # Errors
    /// What stood in the way; the rows then stay, hidden, and it is tried again.
    fn forget(&self, seqs: &[i64]) -> Result<(), StoreError>;

    /// Leaves no trace of what was forgotten in any file.
    ///
    /// # Errors
    /// What stood in the way.
    fn compact(&self) -> Result<(), StoreError>;
}

impl Forget for Index {
    fn forget(&self, seqs: &[i64]) -> Result<(), StoreError> {
        self.forget(seqs)
    }

    fn compact(&self) -> Result<(), StoreError> {
        self.compact()
    }
}

/// What has been removed for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Exchanges.
    pub exchanges: u64,
    /// Sessions.
    pub sessions: u64,
    /// Entries of the history.
    pub sends: u64,
    /// Collections, and folders, requests and examples.
    pub items: u64,
    /// Cookies of jars.
    pub cookies: u64,
    /// Connections.
    pub connections: u64,
}

/// How eagerly to purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A fifth of the time: nobody waits for it.
    Gentle,
    /// Half of the time: somebody waits, but capture comes first.
    Brisk,
}

/// Deletes, and cleans up after deletions.
pub(crate) struct Cleaner {
    pub(crate) dir: PathBuf,
    pub(crate) files: Arc<Files>,
    pub(crate) spill: Arc<Spill>,
    queue: Arc<Queue>,
    /// How long a deletion can be taken back.
    undo: Duration,
    progress: Arc<Progress>,
    forget: RwLock<Option<Arc<dyn Forget>>>,
    /// Held by whoever purges or compacts.
    at_work: Mutex<()>,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    closing: bool,
    /// There may be something new to do.
    changed: bool,
}

impl Cleaner {
    pub(crate) fn new(
        dir: PathBuf,
        queue: Arc<Queue>,
        files: Arc<Files>,
        spill: Arc<Spill>,
        progress: Arc<Progress>,
        undo: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            dir,
            files,
            spill,
            queue,
            undo,
            progress,
            forget: RwLock::default(),
            at_work: Mutex::default(),
            state: Mutex::default(),
            wake: Condvar::new(),
        })
    }

    /// Starts the thread that purges what can no longer be brought back.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<JoinHandle<()>> {
        let cleaner = Arc::clone(self);
        thread::Builder::new().name("waylay-purge".into()).spawn(move || cleaner.run())
    }

    /// Ends the thread, and whatever is being purged, at the next step.
    pub(crate) fn stop(&self) {
        lock(&self.state).closing = true;
        self.wake.notify_all();
    }

    pub(crate) fn derived(&self, forget: Arc<dyn Forget>) {
        *self.forget.write().unwrap_or_else(PoisonError::into_inner) = Some(forget);
        self.changed();
    }

    pub(crate) fn derivative(&self) -> Option<Arc<dyn Forget>> {
        self.forget.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is captured, on its way to the writer.
    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.queue)
    }

    /// Keeps others from purging and compacting.
    pub(crate) fn work_alone(&self) -> MutexGuard<'_, ()> {
        lock(&self.at_work)
    }

    /// Makes a change of the database, whole or not at all, and waits until it is committed.
    pub(crate) fn within<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let work = move |tx: &Transaction<'_>| {
            let done = work(tx)?;
            *lock(&slot) = Some(done);
            Ok(())
        };
        self.queue.ask(|reply| Command::work(Box::new(work), reply))?;
        lock(&result).take().ok_or(StoreError::Closed)
    }

    /// Does something with the writer's connection outside of a transaction.
    pub(crate) fn upkeep<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let work = move |db: &Connection| {
            let done = work(db)?;
            *lock(&slot) = Some(done);
            Ok(())
        };
        self.queue.ask(|reply| Command::upkeep(Box::new(work), reply))?;
        lock(&result).take().ok_or(StoreError::Closed)
    }

    /// Waits until the writer has committed all that it was given.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.queue.ask(Command::flush)
    }

    /// Purges what was deleted before `cutoff`, microseconds since the Unix epoch. To be called by who
    /// [works alone](Self::work_alone).
    pub(crate) fn purge(&self, cutoff: i64, pace: Pace) -> Result<Purged, StoreError> {
        self.within(move |tx| {
            tx.prepare_cached("DELETE FROM deletion WHERE undone = 0 AND at_us <= ?1")?.execute([cutoff])
        })?;
        let reader = Reader::open(&self.dir)?;
        let (mut purged, mut unreferenced) = (Purged::default(), Unreferenced::default());
        loop {
            let seqs = rows::doomed(&reader.db, AT_ONCE)?;
            if seqs.is_empty() {
                break;
            }
            if let Some(derived) = self.derivative() {
                derived.forget(&seqs)?;
            }
            purged.exchanges += seqs.len() as u64;
            let seqs: Arc<[i64]> = seqs.into();
            let mut done = 0;
            while done < seqs.len() {
                let (begun, rest) = (Instant::now(), Arc::clone(&seqs));
                let step = self.within(move |tx| rows::purge(tx, &rest[done..]))?;
                done += step.exchanges;
                unreferenced.add(step.connections);
                self.rest(pace, begun.elapsed())?;
            }
            // It may have read some of them after it had forgotten them.
            if let Some(derived) = self.derivative() {
                derived.forget(&seqs)?;
            }
        }
        purged.sessions = self.within(rows::purge_sessions)?;
        while self.within(replays::purge_some)? > 0 {}
        purged.sends = self.purge_sends()?;
        purged.items = self.purge_items()?;
        purged.cookies = self.purge_cookies()?;
        purged.connections = connections::sweep(self, &reader, unreferenced, pace)?;
        Ok(purged)
    }

    /// Leaves the writer to capture for a while after a step that took so long.
    fn rest(&self, pace: Pace, took: Duration) -> Result<(), StoreError> {
        let pause = match pace {
            Pace::Gentle => took * 4 + Duration::from_millis(5),
            Pace::Brisk => took,
        };
        let (state, _) = self
            .wake
            .wait_timeout_while(lock(&self.state), pause, |state| !state.closing)
            .unwrap_or_else(PoisonError::into_inner);
        if state.closing { Err(StoreError::Closed) } else { Ok(()) }
    }

    fn run(&self) {
        loop {
            let pause = match self.tend() {
                Ok(next) => next,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "what was deleted could not be purged; trying again");
                    Some(AGAIN)
                }
            };
            if !self.sleep(pause) {
                return;
            }
        }
    }

    /// Does what is due, and says when something will be again.
    fn tend(&self) -> Result<Option<Duration>, StoreError> {
        if self.derivative().is_none() && self.dir.join(INDEX).exists() {
            return Ok(None); // there is an index, and who keeps it is not there yet
        }
        let _alone = self.work_alone();
        let reader = Reader::open(&self.dir)?;
        for undone in mark::undone(&reader.db)? {
            self.show_again(undone)?;
        }
        let (now, undo) = (now_us(), micros(self.undo));
        if rows::is_due(&reader.db, now.saturating_sub(undo))? {
            let purged = self.purge(now.saturating_sub(undo), Pace::Gentle)?;
            compact::tidy(self)?;
            tracing::info!(exchanges = purged.exchanges, sessions = purged.sessions, "purged what was deleted");
        }
        let oldest = mark::oldest(&reader.db)?;
        // A clock that was set back does not keep it for longer.
        let left = oldest.map(|at| at.saturating_add(undo).saturating_sub(now_us()).clamp(0, undo));
        Ok(left.map(|us| Duration::from_micros(us.unsigned_abs()) + Duration::from_millis(1)))
    }

    /// `false` when the store closes.
    fn sleep(&self, pause: Option<Duration>) -> bool {
        let idle = |state: &mut State| !state.closing && !state.changed;
        let state = lock(&self.state);
        let mut state = match pause {
            Some(pause) => self.wake.wait_timeout_while(state, pause, idle).unwrap_or_else(PoisonError::into_inner).0,
            None => self.wake.wait_while(state, idle).unwrap_or_else(PoisonError::into_inner),
        };
        state.changed = false;
        !state.closing
    }

    fn changed(&self) {
        lock(&self.state).changed = true;
        self.wake.notify_all();
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can be left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
