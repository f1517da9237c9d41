//! Cookies of captured exchanges, as events: what was set, what was sent, and what a browser does with it against the jar
//! that the session has filled so far.
//!
//! A thread of its own reads heads behind the writer's commits, so that capturing pays nothing for it. Exchanges are taken in
//! as they end. After a restart it goes on where it was.

#[cfg(test)]
mod tests;

use crate::{
    cookies::Jar,
    jars::seen::{events, has_cookies},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use waylay_storage::{Reader, Store, StoreError, model::SessionId};

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
    /// Exchanges that are over, in the order in which they were committed.
    ended: Vec<i64>,
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
        store.on_commit(move |rows| told.ended(rows.iter().filter(|row| row.done).map(|row| row.seq)));
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
    fn ended(&self, seqs: impl Iterator<Item = i64>) {
        let mut work = self.lock();
        let first = work.ended.is_empty();
        let room = WAITING - work.ended.len();
        work.ended.extend(seqs.take(room));
        let some = first && !work.ended.is_empty();
        drop(work);
        if some {
            self.called.notify_one();
        }
    }

    /// What has come, and whether it is the last.
    fn next(&self) -> (Vec<i64>, bool) {
        let idle = |work: &mut Work| work.ended.is_empty() && !work.stop;
        let work = self.called.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let stopped = |work: &mut Work| !work.stop;
        let mut work = self.called.wait_timeout_while(work, GATHER, stopped).unwrap_or_else(PoisonError::into_inner).0;
        (std::mem::take(&mut work.ended), work.stop)
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
        loop {
            if waiting.is_empty() {
                let (mut ended, stop) = self.desk.next();
                if ended.is_empty() && stop {
                    return;
                }
                ended.retain(|seq| !known.contains(seq));
                known = HashSet::new();
                waiting = ended;
            }
            match self.look(&waiting) {
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

    /// Writes the cookies of exchanges down. What is written down already stays, if this has to be repeated.
    fn look(&mut self, seqs: &[i64]) -> Result<(), StoreError> {
        let reader = self.store.reader()?;
        for seqs in seqs.chunks(STEP) {
            let (began, mut found) = (Instant::now(), Vec::new());
            for seq in seqs {
                let Some(exchange) = reader.heads(*seq)?.filter(has_cookies) else { continue };
                found.extend(events(self.jar(&reader, exchange.id.session)?, &exchange));
            }
            let last = seqs.iter().copied().max().unwrap_or(0);
            if !found.is_empty() || last >= self.written + OFTEN {
                self.store.add_cookie_events(found, last)?;
                self.written = last;
            }
            // With much to do it takes half of a processor. What is left when the daemon ends is done after the next start.
            if seqs.len() == STEP && self.desk.rest(began.elapsed()) {
                break;
            }
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
