//! How the writer is doing, and who is told of commits.

use super::batch::Written;
use crate::{
    Committed, Health,
    model::{ExchangeId, SessionId},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
};

type Subscriber = Box<dyn Fn(&[Committed]) + Send + Sync>;
type Listener = Box<dyn Fn(&Changes) + Send + Sync>;

/// What a commit has changed besides rows that were added or have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Exchanges that had a row and have none any more.
    pub removed: Vec<ExchangeId>,
    /// Exchanges (`seq`) that have no row, and will get none.
    pub withdrawn: Vec<i64>,
    /// Sessions whose totals have changed.
    pub sessions: Vec<SessionId>,
    /// Entries of the history that are new, have changed, are gone or are back.
    pub sends: Vec<i64>,
    /// Replays that have begun, have come further, or have ended.
    pub replays: Vec<i64>,
    /// Environments or globals have changed.
    pub environments: bool,
    /// Collections that are new, have changed, are gone or are back.
    pub collections: Vec<i64>,
    /// Settings have changed.
    pub settings: bool,
    /// Jars that are new, are gone, or in which something has changed.
    pub jars: Vec<i64>,
    /// Of these jars, those in which cookies were deleted or brought back: whoever holds one reads it anew.
    pub jars_marked: Vec<i64>,
    /// The list of domains whose cookies are taken over has changed.
    pub cookie_sync: bool,
}

/// Shared by the writer and the store.
#[derive(Default)]
pub(crate) struct Progress {
    counts: Mutex<Counts>,
    subscribers: RwLock<Vec<Subscriber>>,
    listeners: RwLock<Vec<Listener>>,
}

#[derive(Default)]
struct Counts {
    committed: u64,
    shed: u64,
    shed_bytes: u64,
    errors: [Option<String>; 3],
}

/// What can fail on its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Area {
    Rows,
    Bodies,
    Checkpoint,
}

impl Progress {
    pub(crate) fn subscribe(&self, f: Subscriber) {
        self.subscribers.write().unwrap_or_else(PoisonError::into_inner).push(f);
    }

    pub(crate) fn listen(&self, f: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(f);
    }

    pub(crate) fn health(&self) -> Health {
        let counts = self.counts();
        Health {
            backlog_bytes: 0,
            committed: counts.committed,
            shed: counts.shed,
            shed_bytes: counts.shed_bytes,
            low_disk: None,
            last_error: counts.errors.iter().flatten().next().cloned(),
        }
    }

    pub(super) fn committed(&self, written: &Written) {
        let mut counts = self.counts();
        counts.committed += written.committed.len() as u64;
        counts.shed += written.refused;
        drop(counts);
        if !written.committed.is_empty() {
            tell(&self.subscribers, |subscriber| subscriber(&written.committed));
        }
        let removed = written.withdrawn.iter().filter(|row| row.done).map(|row| row.id);
        let withdrawn = written.withdrawn.iter().map(|row| row.seq);
        self.changed(&Changes {
            removed: removed.collect(),
            withdrawn: withdrawn.collect(),
            sessions: written.sessions.clone(),
            ..Changes::default()
        });
    }

    /// Tells of rows that are seen again.
    pub(crate) fn restored(&self, rows: &[Committed]) {
        tell(&self.subscribers, |subscriber| subscriber(rows));
    }

    /// Tells of other changes, if there are any.
    pub(crate) fn changed(&self, changes: &Changes) {
        if *changes != Changes::default() {
            tell(&self.listeners, |listener| listener(changes));
        }
    }

    pub(super) fn lost_bytes(&self, n: u64) {
        self.counts().shed_bytes += n;
    }

    pub(super) fn failed(&self, area: Area, error: String) {
        let mut counts = self.counts();
        let slot = &mut counts.errors[area as usize];
        if slot.is_none() {
            tracing::warn!(?area, error, "the capture store cannot be written; trying again");
        }
        *slot = Some(error);
    }

    pub(super) fn succeeded(&self, area: Area) {
        if self.counts().errors[area as usize].take().is_some() {
            tracing::info!(?area, "the capture store can be written again");
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Someone else's mistake must not end the capture.
fn tell<F>(them: &RwLock<Vec<F>>, one: impl Fn(&F)) {
    for f in them.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if catch_unwind(AssertUnwindSafe(|| one(f))).is_err() {
            tracing::error!("what was to be told of a commit panicked");
        }
    }
}
