//! Cookies of captured exchanges, as events: what was set, what was sent, and what a browser does with it against the jar
//! that the session has filled so far.
//!
//! A thread of its own reads heads behind the writer's commits, so that capturing pays nothing for it. Exchanges are taken in
//! as they end. After a restart it goes on where it was.

#[cfg(test)]
mod tests;

use crate::{cookies::Jar, jars::seen::events};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use waylay_storage::{
    Committed, Reader, Store, StoreError,
    model::{CookieEvent, Exchange, SessionId},
};

/// How long commits gather before they are looked at.
const GATHER: Duration = Duration::from_millis(200);
/// After an error it is tried again no sooner.
const RETRY: Duration = Duration::from_secs(5);
/// Exchanges that are looked at in one go.
const STEP: usize = 500;
/// Jars that are held at once. One that is needed again is made anew from the session's exchanges.
const JARS: usize = 8;
/// Exchanges from which a jar is made anew: the newest of a session that have cookies.
const NEWEST: usize = 5_000;
/// Exchanges before the last that was written down, which are looked at again after a restart: they may have ended after it.
const AGAIN: i64 = 10_000;
/// How far it has come is written down with cookies, and without them after so many exchanges.
const OFTEN: i64 = 1_000;
/// Exchanges that wait to be looked at, in memory.
const WAITING: usize = 1 << 20;

/// The thread that looks for cookies.
pub(super) struct Cookies {
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
    /// Exchanges that are over and may have cookies, in the order in which they were committed.
    ended: Vec<i64>,
    /// The newest exchange that is over.
    last: i64,
    /// Up to where somebody was called for exchanges without cookies.
    called_for: i64,
    stop: bool,
}

impl Work {
    fn is_idle(&self) -> bool {
        self.ended.is_empty() && self.last < self.called_for + OFTEN
    }
}

/// What is to be looked at.
struct Batch {
    ended: Vec<i64>,
    /// Up to here there is nothing else.
    last: i64,
    /// Nothing more comes.
    stop: bool,
}

impl Cookies {
    /// Starts the thread.
    ///
    /// # Errors
    /// If there can be no thread.
    pub(super) fn start(store: &Arc<Store>) -> Result<Self, StoreError> {
        let desk = Arc::new(Desk::default());
        let told = Arc::clone(&desk);
        store.on_commit(move |rows| told.ended(rows));
        let keeper =
            Keeper { store: Arc::clone(store), desk: Arc::clone(&desk), jars: HashMap::new(), used: 0, written: 0 };
        let thread = thread::Builder::new().name("waylay-cookies".into()).spawn(move || keeper.run());
        let thread = thread.map_err(|source| StoreError::Io { path: "waylay-cookies".into(), source })?;
        Ok(Self { desk, thread: Mutex::new(Some(thread)) })
    }

    /// Looks at what is committed, and ends.
    pub(super) fn stop(&self) {
        self.desk.lock().stop = true;
        self.desk.called.notify_one();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Quick: this runs on the writer's thread.
    fn ended(&self, rows: &[Committed]) {
        let mut work = self.lock();
        let idle = work.is_idle();
        let room = WAITING - work.ended.len();
        work.ended.extend(rows.iter().filter(|row| row.done && row.cookies).map(|row| row.seq).take(room));
        let last = rows.iter().filter(|row| row.done).map(|row| row.seq).max();
        work.last = work.last.max(last.unwrap_or(0));
        let some = idle && !work.is_idle();
        drop(work);
        if some {
            self.called.notify_one();
        }
    }

    /// What has come.
    fn next(&self) -> Batch {
        let idle = |work: &mut Work| work.is_idle() && !work.stop;
        let work = self.called.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let stopped = |work: &mut Work| !work.stop;
        let mut work = self.called.wait_timeout_while(work, GATHER, stopped).unwrap_or_else(PoisonError::into_inner).0;
        work.called_for = work.last;
        Batch { ended: std::mem::take(&mut work.ended), last: work.last, stop: work.stop }
    }

    /// Waits a while, or until it is to stop. Tells whether it is.
    fn rest(&self, time: Duration) -> bool {
        let stopped = |work: &mut Work| !work.stop;
        self.called.wait_timeout_while(self.lock(), time, stopped).unwrap_or_else(PoisonError::into_inner).0.stop
    }
}

struct Keeper {
    store: Arc<Store>,
    desk: Arc<Desk>,
    /// With when they were used last.
    jars: HashMap<SessionId, (Jar, u64)>,
    used: u64,
    /// Up to where it was last written down that heads have been looked at.
    written: i64,
}

impl Keeper {
    fn run(mut self) {
        let mut waiting: Vec<i64> = loop {
            match self.missed() {
                Ok(missed) => break missed,
                Err(error) => tracing::warn!(%error, "cookies cannot be looked for; trying again"),
            }
            if self.desk.rest(RETRY) {
                return;
            }
        };
        // What ended while the thread began may have been found both ways.
        let mut known: HashSet<i64> = waiting.iter().copied().collect();
        let mut last = 0;
        loop {
            if waiting.is_empty() {
                let mut batch = self.desk.next();
                if batch.ended.is_empty() && batch.stop {
                    return;
                }
                batch.ended.retain(|seq| !known.contains(seq));
                known = HashSet::new();
                (waiting, last) = (batch.ended, batch.last);
            }
            match self.look(&waiting, last) {
                Ok(()) => waiting.clear(),
                Err(error) => {
                    tracing::warn!(%error, "cookies cannot be looked for; trying again");
                    // They have taken in what was not written down.
                    self.jars.clear();
                    if self.desk.rest(RETRY) {
                        return;
                    }
                }
            }
        }
    }

    /// Exchanges that ended while nobody looked.
    fn missed(&self) -> Result<Vec<i64>, StoreError> {
        let reader = self.store.reader()?;
        let (mut missed, mut after) = (Vec::new(), (reader.cookies_read()? - AGAIN).max(0));
        loop {
            let some = reader.without_cookies(after, STEP)?;
            let Some(last) = some.last() else { return Ok(missed) };
            after = *last;
            missed.extend(some);
        }
    }

    /// Writes the cookies of exchanges down; up to `last` there are no others. What is written down already stays, if this has to be
    /// repeated.
    fn look(&mut self, seqs: &[i64], last: i64) -> Result<(), StoreError> {
        let reader = self.store.reader()?;
        for seqs in seqs.chunks(STEP) {
            let (began, mut found) = (Instant::now(), Vec::new());
            for seq in seqs {
                let Some(exchange) = reader.heads(*seq)?.filter(Exchange::has_cookies) else { continue };
                found.extend(events(self.jar(&reader, exchange.id.session)?, &exchange));
            }
            self.note(found, seqs.iter().copied().max().unwrap_or(0))?;
            // With much to do it takes half of a processor. What is left when the daemon ends is done after the next start.
            if seqs.len() == STEP && self.desk.rest(began.elapsed()) {
                return Ok(());
            }
        }
        self.note(Vec::new(), last)
    }

    /// Writes down what was found, and how far it has come: if nothing was, only from time to time.
    fn note(&mut self, found: Vec<CookieEvent>, read: i64) -> Result<(), StoreError> {
        if !found.is_empty() || read >= self.written + OFTEN {
            self.store.add_cookie_events(found, read)?;
            self.written = self.written.max(read);
        }
        Ok(())
    }

    /// The jar of a session, as it is now.
    fn jar(&mut self, reader: &Reader, session: SessionId) -> Result<&mut Jar, StoreError> {
        self.used += 1;
        if !self.jars.contains_key(&session) {
            let oldest = self.jars.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
            if let Some(oldest) = oldest.filter(|_| self.jars.len() >= JARS) {
                self.jars.remove(&oldest);
            }
            let mut jar = Jar::new();
            for seq in reader.cookie_exchanges(session, NEWEST)? {
                if let Some(exchange) = reader.heads(seq)? {
                    events(&mut jar, &exchange);
                }
            }
            self.jars.insert(session, (jar, self.used));
        }
        let (jar, used) = self.jars.entry(session).or_default();
        *used = self.used;
        Ok(jar)
    }
}
