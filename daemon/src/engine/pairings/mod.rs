//! Web pages that may hand requests over, and how they come to: pairing.
//!
//! The user names an origin, which opens a [`window`] of two minutes with a one-time code; who shows the code from a
//! page of that origin gets a token, and is a [`Pairing`] from then on, until the user revokes it.
//!
//! - [`window`]: windows and the guesses at their codes
//! - [`pairing`]: a page that is paired, and what it has under way
//! - `file`: where pairings are kept

mod file;
pub mod pairing;
#[cfg(test)]
mod tests;
pub mod window;

pub use pairing::{Facts, Kind, Pairing};
pub use window::{OpenWindow, WindowState};

use crate::{
    agent::Rights,
    capture::recorder::now_us,
    config::WebOrigin,
    secret::{Digest, Secret},
};
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use window::{Guess, Windows};

/// Pairings there can be. Each token that comes is compared with all of them.
pub const PAIRINGS: usize = 100;
/// Origins that can be blocked.
pub const BLOCKED: usize = 1000;
/// How often what was used last is written down.
const WRITTEN_EVERY: Duration = Duration::from_secs(10);

/// All of them. Cheap to ask: nothing here waits for the disk but what says so.
pub struct Pairings {
    state: Mutex<State>,
    /// Held while it is written, so that the last to write writes what holds last.
    file: tokio::sync::Mutex<file::File>,
    tell: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

#[derive(Default)]
struct State {
    /// The last number that was given.
    last: u64,
    paired: Vec<Arc<Pairing>>,
    windows: Windows,
    /// Origins that have neither: none is opened for them, and none is paired.
    blocked: Vec<WebOrigin>,
    /// Counts or times have changed since the file was written.
    is_stale: bool,
}

/// Why a page was not paired.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The user has not opened a window for this origin and protocol, or it is over.
    #[error("no pairing was begun for this page, or its time is over")]
    NoWindow,
    /// The code is wrong.
    #[error("this is not the code; {tries_left} tries are left")]
    Wrong {
        /// How often it may be tried again.
        tries_left: u32,
    },
    /// The code was wrong too often.
    #[error("the code was wrong too often")]
    Locked,
    /// There are too many pairings.
    #[error("there are {PAIRINGS} pairings already")]
    Full,
    /// There are no random numbers, or the pairing could not be kept.
    #[error("the pairing could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// Why an origin was not blocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// There are too many.
    #[error("{BLOCKED} origins are blocked already")]
    TooMany,
    /// It could not be written down. It holds until the daemon ends.
    #[error("it could not be written down: {0}")]
    Io(#[from] io::Error),
}

/// Why a window was not opened.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// The user wants no page of this origin.
    #[error("pages of {0} are blocked")]
    Blocked(WebOrigin),
    /// There are too many.
    #[error("{} windows are open already", window::MOST)]
    TooMany,
    /// There are no random numbers.
    #[error("no code could be made: {0}")]
    Io(#[from] io::Error),
}

impl Pairings {
    /// Those that were kept in the data folder `data`.
    ///
    /// # Errors
    /// The path of the file and what is wrong with it; quotes nothing of it.
    pub(super) async fn open(data: &Path) -> Result<Self, (std::path::PathBuf, String)> {
        let (file::Known { paired, blocked, last }, file) = file::open(data).await?;
        let state = State { last, blocked, paired: paired.into_iter().map(Arc::new).collect(), ..State::default() };
        Ok(Self { state: Mutex::new(state), file: tokio::sync::Mutex::new(file), tell: Mutex::default() })
    }

    /// Calls `f` whenever a window or a pairing comes, changes or goes; not when only counts change, nor when time passes.
    pub fn on_change(&self, f: impl Fn() + Send + 'static) {
        self.tell.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(f));
    }

    /// Opens a window for pages of `origin` that speak `kind`, in place of one that is open for it. What is paired by it will have
    /// `rights`.
    ///
    /// # Errors
    /// [`WindowError`].
    pub fn open_window(&self, origin: WebOrigin, kind: Kind, rights: Rights) -> Result<OpenWindow, WindowError> {
        let code = Secret::random_code()?;
        let opened = {
            let mut state = self.lock();
            if state.blocked.contains(&origin) {
                return Err(WindowError::Blocked(origin));
            }
            state.windows.open((origin, kind, rights), code, Instant::now())
        };
        let opened = opened.ok_or(WindowError::TooMany)?;
        tracing::info!(origin = %opened.origin, "a window for pairing is open");
        self.changed();
        Ok(opened)
    }

    /// Windows that are open, and those that lately were.
    pub fn windows(&self) -> Vec<OpenWindow> {
        self.lock().windows.list(Instant::now())
    }

    /// Closes a window; `false` if none of that number is open.
    pub fn close_window(&self, id: u64) -> bool {
        let closed = self.lock().windows.close(id, Instant::now());
        if closed {
            self.changed();
        }
        closed
    }

    /// Whether a window is open for pages of this origin that speak `kind`.
    pub fn is_window_open(&self, origin: &str, kind: Kind) -> bool {
        self.lock().windows.is_open(origin, kind, Instant::now())
    }

    /// Whether any page of this origin is paired that speaks `kind`.
    pub fn is_paired(&self, origin: &str, kind: Kind) -> bool {
        self.lock().paired.iter().any(|p| p.origin.as_str() == origin && p.kind == kind)
    }

    /// Whether anything needs the protocol `kind`: a window that is open, or a pairing.
    pub fn needs(&self, kind: Kind) -> bool {
        let mut state = self.lock();
        state.paired.iter().any(|p| p.kind == kind)
            || state.windows.list(Instant::now()).iter().any(|w| w.kind == kind && w.state == WindowState::Open)
    }

    /// Pairs a page of `origin` that shows the `code` of the window that is open for it. With `key`, which the two have agreed on,
    /// messages are encrypted. The token is told this once; it is kept as a digest only.
    ///
    /// # Errors
    /// [`PairError`]. A wrong code costs a try.
    pub async fn pair(
        &self,
        origin: &str,
        kind: Kind,
        code: &str,
        key: Option<[u8; 32]>,
    ) -> Result<(Arc<Pairing>, String), PairError> {
        let token = match kind {
            Kind::Native => Secret::random()?,
            Kind::Hoppscotch => Secret::random_uuid()?,
        };
        let guessed = self.guess(origin, kind, code, token.digest(), key);
        // A try less is news as well.
        self.changed();
        let pairing = guessed?;
        if let Err(error) = self.write().await {
            self.lock().paired.retain(|p| p.id != pairing.id);
            self.changed();
            return Err(error.into());
        }
        tracing::info!(origin = %pairing.origin, id = pairing.id, "a web page is paired");
        Ok((pairing, token.reveal().to_owned()))
    }

    fn guess(
        &self,
        origin: &str,
        kind: Kind,
        code: &str,
        token: Digest,
        key: Option<[u8; 32]>,
    ) -> Result<Arc<Pairing>, PairError> {
        let mut state = self.lock();
        let (id, is_full) = (state.last + 1, state.paired.len() >= PAIRINGS);
        let (origin, rights) = match state.windows.guess((origin, kind), code, (!is_full).then_some(id), Instant::now())
        {
            Guess::Right { origin, rights } => (origin, rights),
            Guess::Wrong { tries_left } => return Err(PairError::Wrong { tries_left }),
            Guess::Locked => return Err(PairError::Locked),
            Guess::NoWindow => return Err(PairError::NoWindow),
            Guess::NoRoom => return Err(PairError::Full),
        };
        state.last = id;
        let pairing = Arc::new(Pairing::new(Facts::new(id, kind, origin, now_us(), rights), token, key));
        state.paired.push(Arc::clone(&pairing));
        Ok(pairing)
    }

    /// The pairing that a token belongs to.
    pub fn pairing_of(&self, token: &[u8]) -> Option<Arc<Pairing>> {
        self.lock().paired.iter().find(|p| p.is_shown(token)).cloned()
    }

    /// All pairings, in the order in which they were made.
    pub fn list(&self) -> Vec<Arc<Pairing>> {
        self.lock().paired.clone()
    }

    /// Changes what a page may, for requests that begin from now on; `None` if there is no such pairing.
    ///
    /// # Errors
    /// As the system says. It holds then all the same until the daemon ends.
    pub async fn set_rights(&self, id: u64, rights: Rights) -> io::Result<Option<Arc<Pairing>>> {
        let found = self.lock().paired.iter().find(|p| p.id == id).cloned();
        let Some(pairing) = found else { return Ok(None) };
        pairing.set_rights(rights);
        self.changed();
        self.write().await?;
        Ok(Some(pairing))
    }

    /// Ends a pairing at once: its token means nothing any more, and what it has under way is broken off. `false` if there is none
    /// of that number.
    ///
    /// # Errors
    /// As the system says. It is ended then all the same, but comes back when the daemon is started again.
    pub async fn revoke(&self, id: u64) -> io::Result<bool> {
        let revoked = {
            let mut state = self.lock();
            let at = state.paired.iter().position(|p| p.id == id);
            at.map(|at| state.paired.remove(at))
        };
        let Some(pairing) = revoked else { return Ok(false) };
        pairing.end();
        tracing::info!(origin = %pairing.origin, id, "a web page is not paired any more");
        self.changed();
        self.write().await?;
        Ok(true)
    }

    /// The origins that are blocked, in the order in which they were.
    pub fn blocked(&self) -> Vec<WebOrigin> {
        self.lock().blocked.clone()
    }

    /// Ends all that pages of an origin have: windows, pairings and what is under way. Until it is unblocked there is nothing of that
    /// for them any more, and so they get no answer that they could read.
    ///
    /// # Errors
    /// [`BlockError`].
    pub async fn block(&self, origin: WebOrigin) -> Result<(), BlockError> {
        let ended: Vec<_> = {
            let mut state = self.lock();
            if !state.blocked.contains(&origin) {
                if state.blocked.len() >= BLOCKED {
                    return Err(BlockError::TooMany);
                }
                state.blocked.push(origin.clone());
            }
            state.windows.close_all(&origin, Instant::now());
            state.paired.extract_if(.., |pairing| pairing.origin == origin).collect()
        };
        ended.iter().for_each(|pairing| pairing.end());
        tracing::info!(%origin, "pages of this origin are blocked");
        self.changed();
        Ok(self.write().await?)
    }

    /// Lets pages of an origin be paired again; `false` if it is not blocked.
    ///
    /// # Errors
    /// As the system says. It holds then all the same until the daemon ends.
    pub async fn unblock(&self, origin: &str) -> io::Result<bool> {
        let found = {
            let mut state = self.lock();
            let at = state.blocked.iter().position(|blocked| blocked.as_str() == origin);
            at.map(|at| state.blocked.remove(at)).is_some()
        };
        if found {
            self.changed();
            self.write().await?;
        }
        Ok(found)
    }

    /// Notes that `pairing` has begun a request.
    pub fn used(&self, pairing: &Pairing) {
        pairing.count(now_us());
        self.lock().is_stale = true;
    }

    /// Writes down now and then when pairings were used last, until `stopping`, and then once more.
    pub(super) async fn keep(self: Arc<Self>, stopping: CancellationToken) {
        loop {
            let stopped = stopping.run_until_cancelled(tokio::time::sleep(WRITTEN_EVERY)).await.is_none();
            if self.lock().is_stale
                && let Err(error) = self.write().await
            {
                tracing::warn!(%error, "when pairings were used last could not be written down");
            }
            if stopped {
                return;
            }
        }
    }

    async fn write(&self) -> io::Result<()> {
        let file = self.file.lock().await;
        let (last, paired, blocked) = {
            let mut state = self.lock();
            state.is_stale = false;
            (state.last, state.paired.clone(), state.blocked.clone())
        };
        file.write(last, &paired, blocked).await
    }

    fn changed(&self) {
        self.tell.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|tell| tell());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
