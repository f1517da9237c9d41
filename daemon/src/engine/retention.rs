//! What is kept for how long: looked at when the daemon starts, and every few minutes.

use super::{Engine, blocking};
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use waylay_storage::{Retained, Retention, Store};

/// How often it is looked at: what a session has been, when it stops, is found within this.
const EVERY: Duration = Duration::from_secs(120);

/// What was removed the last time that anything was.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LastRemoved {
    /// When, microseconds since the Unix epoch.
    pub at_us: i64,
    /// Sessions.
    pub sessions: u64,
    /// Exchanges, those of the sessions included.
    pub exchanges: u64,
}

/// How retention stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// What it last did, in this run of the daemon.
    pub last: Option<LastRemoved>,
    /// Bytes in use beyond what may be kept, that cannot be removed.
    pub excess: u64,
}

/// Shared by the task and those who ask.
#[derive(Default)]
pub(super) struct Shared(Mutex<State>);

impl Shared {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Engine {
    /// What is kept for how long.
    pub fn retention(&self) -> (Retention, State) {
        (self.settings.retention, *self.retention.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Removes what may not be kept, again and again, until the daemon stops.
pub(super) async fn keep(store: Arc<Store>, policy: Retention, shared: Arc<Shared>, stopping: CancellationToken) {
    if policy == Retention::default() {
        return;
    }
    loop {
        let (store, now) = (Arc::clone(&store), crate::capture::recorder::now_us());
        match blocking(move || store.retain(&policy, now)).await {
            Ok(retained) => note(&shared, retained, now),
            Err(error) => tracing::warn!(%error, "what is too old or too much could not be removed; trying again"),
        }
        let wait = stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await;
        if wait.is_none() {
            return;
        }
    }
}

fn note(shared: &Shared, retained: Retained, at_us: i64) {
    let Retained { sessions, exchanges, sends, excess } = retained;
    if exchanges > 0 || sessions > 0 || sends > 0 {
        tracing::info!(sessions, exchanges, sends, "removed by retention");
        shared.set(|state| state.last = Some(LastRemoved { at_us, sessions, exchanges }));
    }
    if excess > 0 {
        tracing::warn!(bytes = excess, "more is in use than retention.max_size; what is left is pinned or not over");
    }
    shared.set(|state| state.excess = excess);
}
