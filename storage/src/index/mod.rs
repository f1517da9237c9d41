//! The index: a second database beside the first, `index.db`, from which lists, filters, counts and full text are
//! answered. It holds nothing that is not in the store: if it is lost, damaged, or of another version, it is made anew.
//!
//! A thread of its own fills it behind the writer, so that capturing costs nothing more. Filters on columns are exact all
//! the same: rows it does not hold yet are looked at where they lie (see `reader::plan`). Full text finds what has been
//! read so far.
//!
//! - this file: [`Index`], the thread and what is asked of it
//! - [`file`](mod@file): opening and making the database
//! - [`columns`]: the columns, counters and URLs of rows that have come
//! - [`names`]: the names of their header fields and cookies
//! - [`words`]: the words of heads and bodies; [`Decode`] makes text of bodies
//! - [`forget`]: taking out what is deleted
//! - [`pace`]: how much of a processor it may use

pub(crate) mod columns;
pub(crate) mod file;
mod forget;
pub(crate) mod names;
mod pace;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use file::{INDEX, attach};
pub use words::Decode;

use crate::{Committed, Reader, StoreError};
use file::File;
use pace::Pace;
use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long changes gather before they are looked at.
const GATHER: Duration = Duration::from_millis(200);
/// With nothing to do for so long, the database is closed, and its memory given back.
const IDLE: Duration = Duration::from_secs(5);
/// Words that were left because of much traffic are looked at again after so long.
const LATER: Duration = Duration::from_secs(1);
/// After an error it is tried again no sooner.
const RETRY: Duration = Duration::from_secs(5);

/// The thread that keeps the index.
pub(crate) struct Index {
    desk: Arc<Desk>,
    /// `None` once it has ended.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Where work for the thread is laid down.
#[derive(Default)]
struct Desk {
    work: Mutex<Work>,
    called: Condvar,
}

#[derive(Default)]
struct Work {
    /// Rows committed since the thread looked last; `None` for none.
    committed: Option<u64>,
    /// Numbers of which no row will come.
    withdrawn: Vec<i64>,
    asked: Vec<Request>,
    stop: bool,
}

/// What others ask for, and wait for.
enum Request {
    Forget(Vec<i64>, Reply),
    Compact(Reply),
}

type Reply = mpsc::SyncSender<Result<(), StoreError>>;

impl Index {
    /// Starts the thread for the store in `dir`. Numbers up to `last_seq` were given out before.
    pub(crate) fn start(dir: &Path, last_seq: i64, decode: Arc<dyn Decode>) -> io::Result<Self> {
        // From the beginning there is something to search in.
        let made = Reader::open(dir).and_then(|store| file::open(dir, store.identity()?));
        if let Err(error) = made {
            tracing::warn!(%error, "the index cannot be opened; trying again");
        }
        let desk = Arc::new(Desk::default());
        // What came while it did not run.
        desk.lock().committed = Some(0);
        let keeper =
            Keeper { dir: dir.into(), last_seq, decode, desk: Arc::clone(&desk), dead: HashSet::new(), open: None };
        let thread = thread::Builder::new().name("waylay-index".into()).spawn(move || keeper.run())?;
        Ok(Self { desk, thread: Mutex::new(Some(thread)) })
    }

    /// Tells of rows that were committed; quick.
    pub(crate) fn committed(&self, rows: &[Committed]) {
        let mut work = self.desk.lock();
        let first = work.committed.is_none();
        *work.committed.get_or_insert(0) += rows.len() as u64;
        drop(work);
        if first {
            self.desk.called.notify_one();
        }
    }

    /// Tells of exchanges that have no row, and will get none; quick.
    pub(crate) fn withdrawn(&self, seqs: &[i64]) {
        if !seqs.is_empty() {
            self.desk.lock().withdrawn.extend(seqs);
        }
    }

    /// Takes exchanges out. What is not there is no error.
    pub(crate) fn forget(&self, seqs: &[i64]) -> Result<(), StoreError> {
        self.ask(|reply| Request::Forget(seqs.to_vec(), reply))
    }

    /// Lets no byte remain of what was taken out.
    pub(crate) fn compact(&self) -> Result<(), StoreError> {
        self.ask(Request::Compact)
    }

    /// Ends the thread, after the transaction it is at.
    pub(crate) fn stop(&self) {
        self.desk.lock().stop = true;
        self.desk.called.notify_one();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Its panic has been reported, and nothing depends on it.
            let _ = thread.join();
        }
    }

    fn ask(&self, request: impl FnOnce(Reply) -> Request) -> Result<(), StoreError> {
        let (reply, answer) = mpsc::sync_channel(1);
        let mut work = self.desk.lock();
        if work.stop {
            return Err(StoreError::Closed);
        }
        work.asked.push(request(reply));
        drop(work);
        self.desk.called.notify_one();
        answer.recv().unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is work, at most `patience`. `None` to end.
    fn next(&self, patience: Option<Duration>) -> Option<Work> {
        let until = patience.map(|p| Instant::now() + p);
        let mut work = self.lock();
        loop {
            let due = until.is_some_and(|until| until <= Instant::now());
            if work.stop {
                // Those who wait are told by the end of their channel.
                work.asked.clear();
                return None;
            }
            if due || work.committed.is_some() || !work.asked.is_empty() {
                return Some(std::mem::take(&mut *work));
            }
            work = match until {
                None => self.called.wait(work).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    self.called.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Sleeps, but not longer than until somebody asks for something or it is to end.
    fn rest(&self, length: Duration) {
        let until = Instant::now() + length;
        let mut work = self.lock();
        while !work.stop && work.asked.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            work = self.called.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn is_wanted(&self) -> bool {
        let work = self.lock();
        work.stop || !work.asked.is_empty()
    }
}

/// The thread.
struct Keeper {
    dir: PathBuf,
    last_seq: i64,
    decode: Arc<dyn Decode>,
    desk: Arc<Desk>,
    /// Numbers given out in this run of which no row will come.
    dead: HashSet<i64>,
    open: Option<Open>,
}

/// The index, and the store it is made from.
struct Open {
    index: File,
    store: Reader,
}

impl Keeper {
    fn run(mut self) {
        let mut pace = Pace::new();
        let mut patience = None;
        while let Some(work) = self.desk.next(patience) {
            if work.committed.is_none() && work.asked.is_empty() && patience == Some(IDLE) {
                self.open = None;
                patience = None;
                continue;
            }
            pace.saw(work.committed.unwrap_or(0));
            self.dead.extend(work.withdrawn);
            for request in work.asked {
                self.answer(request);
            }
            patience = Some(match self.catch_up(&mut pace) {
                Ok(true) => IDLE,
                Ok(false) => LATER,
                Err(error) => {
                    tracing::warn!(%error, "the index cannot be kept up; trying again");
                    self.open = None;
                    if matches!(error, StoreError::Corrupt { .. } | StoreError::NotAStore { .. }) {
                        file::remove(&self.dir);
                    }
                    RETRY
                }
            });
        }
    }

    /// Brings in what has come, column by column first; returns early when somebody asks for something. `false` if words
    /// are left for when there is less traffic, which nobody may tell of.
    fn catch_up(&mut self, pace: &mut Pace) -> Result<bool, StoreError> {
        self.desk.rest(GATHER);
        loop {
            let began = Instant::now();
            let decode = Arc::clone(&self.decode);
            let more = self.fill_columns()? || (!pace.is_busy() && words::fill(self.opened()?, &*decode)?);
            if !more || self.desk.is_wanted() {
                // What is left is taken up when the asking is over.
                if more {
                    self.desk.lock().committed.get_or_insert(0);
                }
                return Ok(!pace.is_busy());
            }
            let mut work = self.desk.lock();
            pace.saw(work.committed.take().unwrap_or(0));
            self.dead.extend(std::mem::take(&mut work.withdrawn));
            drop(work);
            self.desk.rest(pace.pause_after(began.elapsed()));
        }
    }

    fn answer(&mut self, request: Request) {
        let (reply, result) = match request {
            Request::Forget(seqs, reply) => (reply, self.forget(&seqs)),
            Request::Compact(reply) => (reply, self.opened().and_then(|open| forget::compact(&mut open.index))),
        };
        // Whoever asked may have gone.
        let _ = reply.send(result);
    }

    fn forget(&mut self, seqs: &[i64]) -> Result<(), StoreError> {
        // What has not come in yet must not do so afterwards.
        let last = seqs.iter().max().copied().unwrap_or(0);
        while self.opened()?.index.state("floor")?.unwrap_or(0) < last && self.fill_columns()? {}
        forget::forget(&mut self.opened()?.index, seqs)
    }

    /// Whether there may be more.
    fn fill_columns(&mut self) -> Result<bool, StoreError> {
        let last_seq = self.last_seq;
        let dead = std::mem::take(&mut self.dead);
        let filled = columns::fill(self.opened()?, |seq| seq <= last_seq || dead.contains(&seq));
        self.dead = dead;
        if matches!(filled, Ok(false)) {
            // All up to the floor have been seen to.
            let floor = self.opened()?.index.state("floor")?.unwrap_or(0);
            self.dead.retain(|seq| *seq > floor);
        }
        filled
    }

    fn opened(&mut self) -> Result<&mut Open, StoreError> {
        let current = |open: &Open| open.store.is_current();
        if self.open.as_ref().is_none_or(|open| !current(open)) {
            self.open = None;
            let store = Reader::open(&self.dir)?;
            let index = file::open(&self.dir, store.identity()?)?;
            self.open = Some(Open { index, store });
        }
        // Opened just above.
        self.open.as_mut().ok_or(StoreError::Closed)
    }
}
