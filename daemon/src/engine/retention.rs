//! What is kept for how long: looked at when the daemon starts, when a session has ended or what holds for it has changed,
//! when the next one is due, and every few minutes.

use super::{Engine, blocking};
use crate::capture::recorder::now_us;
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;
use waylay_storage::{Retained, Retention, Store};

/// How often it is looked at in any case: of what was sent, and of the room that is in use, nobody tells.
const EVERY: Duration = Duration::from_secs(120);

/// The least time between two looks.
const REST: Duration = Duration::from_secs(1);

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
pub(super) struct Shared {
    state: Mutex<State>,
    /// Something may go that could not before.
    look: Notify,
}

impl Shared {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Engine {
    /// What is kept for how long.
    pub fn retention(&self) -> (Retention, State) {
        (self.settings.retention, *self.retention.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks soon at what may be kept: a session has ended, or is to be kept for another time.
    pub fn look_at_retention(&self) {
        self.retention.look.notify_one();
    }
}

/// Removes what may not be kept, again and again, until the daemon stops.
pub(super) async fn keep(store: Arc<Store>, policy: Retention, shared: Arc<Shared>, stopping: CancellationToken) {
    loop {
        let (store, now) = (Arc::clone(&store), now_us());
        let mut next_us = None;
        match blocking(move || store.retain(&policy, now)).await {
            Ok(retained) => {
                next_us = retained.next_us;
                note(&shared, retained, now);
            }
            Err(error) => tracing::warn!(%error, "what is too old or too much could not be removed; trying again"),
        }
        let due = next_us.and_then(|next| u64::try_from(next.saturating_sub(now_us())).ok());
        let wait = due.map_or(EVERY, |us| Duration::from_micros(us).min(EVERY));
        let rest = async {
            tokio::time::sleep(REST).await;
            let _ = timeout(wait.saturating_sub(REST), shared.look.notified()).await;
        };
        if stopping.run_until_cancelled(rest).await.is_none() {
            return;
        }
    }
}

fn note(shared: &Shared, retained: Retained, at_us: i64) {
    let Retained { sessions, exchanges, sends, excess, .. } = retained;
    if exchanges > 0 || sessions > 0 || sends > 0 {
        tracing::info!(sessions, exchanges, sends, "removed by retention");
        shared.set(|state| state.last = Some(LastRemoved { at_us, sessions, exchanges }));
    }
    if excess > 0 {
        tracing::warn!(
            bytes = excess,
            "more is in use than retention.max_size; what is left is pinned, kept for longer, or not over"
        );
    }
    shared.set(|state| state.excess = excess);
}
