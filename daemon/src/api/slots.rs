//! How many connections there may be. When all are taken, the one that has been idle longest gives way to a new one, so
//! that nobody can keep others out by opening connections and saying nothing.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio_util::sync::CancellationToken;

/// The connections there are, oldest first.
pub(crate) struct Slots {
    most: usize,
    taken: Mutex<VecDeque<Arc<State>>>,
}

/// One connection's place; given up when dropped.
pub(crate) struct Slot {
    slots: Arc<Slots>,
    state: Arc<State>,
}

/// Marks a connection as busy: a request has come and its answer is not all sent.
pub(crate) struct InUse(Arc<State>);

#[derive(Default)]
struct State {
    requests: AtomicUsize,
    evicted: CancellationToken,
}

impl Slots {
    /// Room for `most` connections.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// A place for a new connection; `None` if all are taken by busy ones.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Slot> {
        let mut taken = self.lock();
        if taken.len() >= self.most {
            let idle = taken.iter().position(|s| s.requests.load(Ordering::Acquire) == 0)?;
            taken.remove(idle)?.evicted.cancel();
        }
        let state = Arc::new(State::default());
        taken.push_back(Arc::clone(&state));
        Some(Slot { slots: Arc::clone(self), state })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<State>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    pub(crate) fn in_use(&self) -> InUse {
        self.state.requests.fetch_add(1, Ordering::AcqRel);
        InUse(Arc::clone(&self.state))
    }

    /// Completes when the connection has to give way.
    pub(crate) async fn evicted(&self) {
        self.state.evicted.cancelled().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().retain(|s| !Arc::ptr_eq(s, &self.state));
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 5;

    #[test]
    fn the_oldest_idle_connection_gives_way() {
        let slots = Slots::new(MOST);
        let mut held: Vec<Slot> = (0..MOST).map(|_| slots.take().unwrap()).collect();
        let busy = held[0].in_use();
        held.push(slots.take().unwrap());
        let evicted: Vec<bool> = held.iter().map(|s| s.state.evicted.is_cancelled()).collect();
        assert_eq!(evicted.iter().position(|e| *e), Some(1), "0 is busy, 1 is the oldest idle one");
        assert_eq!(evicted.iter().filter(|e| **e).count(), 1);
        drop(busy);
        let _another = slots.take().unwrap();
        assert!(held[0].state.evicted.is_cancelled());
    }

    #[test]
    fn busy_connections_are_not_cut() {
        let slots = Slots::new(MOST);
        let held: Vec<Slot> = (0..MOST).map(|_| slots.take().unwrap()).collect();
        let busy: Vec<InUse> = held.iter().map(Slot::in_use).collect();
        assert!(slots.take().is_none());
        drop(busy);
        assert!(slots.take().is_some());
        drop(held);
        assert_eq!(slots.lock().len(), 0);
    }
}
