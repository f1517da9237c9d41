//! Where rows go, at this moment.

use super::Policy;
use arc_swap::ArcSwapOption;
use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use waylay_storage::model::SessionId;

/// What the exchanges of a port are added to, if anything. Asked once for each exchange, without a lock.
#[derive(Debug)]
pub struct Recording(ArcSwapOption<Target>);

/// A session that is recorded into.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its number.
    pub session: SessionId,
    /// What is recorded; the usual if `None`.
    pub policy: Option<Arc<Policy>>,
}

impl Target {
    /// What is sent from here: all of it is recorded, but for the bodies of responses where these are not to be saved.
    pub fn sent(save_responses: bool) -> Self {
        Self { session: SessionId::SENT, policy: Some(Arc::new(Policy::sent(save_responses))) }
    }
}

impl Recording {
    /// Into `target`, or nowhere.
    pub fn new(target: Option<Target>) -> Self {
        Self(ArcSwapOption::from_pointee(target))
    }

    /// The session at this moment.
    pub fn session(&self) -> Option<SessionId> {
        self.0.load().as_ref().map(|target| target.session)
    }

    /// Changes it for exchanges that begin from now on.
    pub fn set(&self, target: Option<Target>) {
        self.0.store(target.map(Arc::new));
    }

    pub(super) fn target(&self) -> arc_swap::Guard<Option<Arc<Target>>> {
        self.0.load()
    }
}

/// Exchanges that the rules kept out and that the store has not been told of.
#[derive(Debug, Default)]
pub(super) struct LeftOut(Mutex<HashMap<SessionId, u64>>);

impl LeftOut {
    pub(super) fn count(&self, session: SessionId) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(session).or_default() += 1;
    }

    pub(super) fn take(&self) -> HashMap<SessionId, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A client's connection. It gets a row with the first exchange that has one: what leaves no rows leaves no traces.
pub struct ClientConnection {
    id: i64,
    written: AtomicBool,
    write: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl ClientConnection {
    /// With the number `id`; `write` sends its row.
    pub fn new(id: i64, write: impl FnOnce() + Send + 'static) -> Self {
        Self { id, written: AtomicBool::new(false), write: Mutex::new(Some(Box::new(write))) }
    }

    /// Its number, for an exchange that has a row.
    pub fn noted(&self) -> i64 {
        if !self.written.load(Ordering::Acquire) {
            let write = self.write.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(write) = write {
                write();
            }
            self.written.store(true, Ordering::Release);
        }
        self.id
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConnection").field("id", &self.id).field("written", &self.written).finish()
    }
}
