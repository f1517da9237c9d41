//! Sends under way, by their numbers in the history.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Those under way.
#[derive(Debug, Default)]
pub struct Running(Mutex<HashMap<i64, CancellationToken>>);

impl Running {
    /// One more, until what is given back is dropped.
    pub(super) fn add(self: &Arc<Self>, send: i64, cancel: CancellationToken) -> Entry {
        self.lock().insert(send, cancel);
        Entry { running: Arc::clone(self), send }
    }

    /// Ends one; whether there was one.
    pub fn cancel(&self, send: i64) -> bool {
        let found = self.lock().get(&send).cloned();
        found.inspect(CancellationToken::cancel).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A send is under way while this is there.
pub(super) struct Entry {
    running: Arc<Running>,
    send: i64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.lock().remove(&self.send);
    }
}
