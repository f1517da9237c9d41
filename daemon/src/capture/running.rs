//! Exchanges that are still under way a moment after they began get a row, so that lists show them.
//!
//! Nearly all exchanges are over by the time anybody looks, and those cost one push and nothing else.

use super::recorder::{Capture, Recorder};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use waylay_storage::{Event, model::Exchange};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const SETTLED_AFTER: Duration = Duration::from_millis(50);
/// How often a row under way is written anew at most, while its sizes grow.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// Exchanges that may still be under way.
#[derive(Default)]
pub struct Running {
    young: Mutex<VecDeque<(Instant, Weak<Recorder>)>>,
}

impl Running {
    pub(super) fn add(&self, recorder: &Arc<Recorder>) {
        let entry = (Instant::now(), Arc::downgrade(recorder));
        self.young.lock().unwrap_or_else(PoisonError::into_inner).push_back(entry);
    }

    fn all(&self) -> Vec<Weak<Recorder>> {
        let mut young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        young.drain(..).map(|(_, recorder)| recorder).collect()
    }

    fn settled(&self, now: Instant) -> Vec<Weak<Recorder>> {
        let mut young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        let old = young.partition_point(|(since, _)| now.duration_since(*since) >= SETTLED_AFTER);
        young.drain(..old).map(|(_, recorder)| recorder).collect()
    }
}

struct Shown {
    recorder: Weak<Recorder>,
    at: Instant,
    state: (Option<u16>, u64, u64),
}

/// Writes rows for exchanges under way until `end`, and closes the rows of those that still are.
pub async fn show(capture: Arc<Capture>, end: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut shown: Vec<Shown> = Vec::new();
    while end.run_until_cancelled(ticks.tick()).await.is_some() {
        let now = Instant::now();
        shown.retain_mut(|entry| {
            let Some(recorder) = entry.recorder.upgrade() else { return false };
            let changed = |x: &Exchange| {
                let status_news = entry.state.0 != x.status;
                status_news || (entry.state != state(x) && now.duration_since(entry.at) >= REFRESH_EVERY)
            };
            let due = recorder.lock().as_deref().is_some_and(changed);
            if due && let Some(row) = recorder.snapshot() {
                (entry.at, entry.state) = (now, state(&row));
                capture.queue.push(Event::Open(row));
            }
            true
        });
        for weak in capture.running.settled(now) {
            // Held until the row is queued: if ours is the last reference, its `Done` must come after this `Open`.
            let Some(recorder) = weak.upgrade() else { continue };
            let Some(row) = recorder.snapshot() else { continue };
            shown.push(Shown { recorder: weak, at: now, state: state(&row) });
            capture.queue.push(Event::Open(row));
        }
    }
    for recorder in shown.into_iter().map(|entry| entry.recorder).chain(capture.running.all()) {
        if let Some(recorder) = recorder.upgrade() {
            recorder.cut_off();
        }
    }
}

fn state(x: &Exchange) -> (Option<u16>, u64, u64) {
    (x.status, x.request.size, x.response.size)
}
