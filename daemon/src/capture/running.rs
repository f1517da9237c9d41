//! Exchanges that are still under way a moment after they began get a row, so that lists show them.
//!
//! Nearly all exchanges are over by the time anybody looks, and those cost one push and nothing else.

use super::recorder::{Capture, Recorder};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use waylay_storage::model::{Exchange, Source};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const SETTLED_AFTER: Duration = Duration::from_millis(50);
/// How often a row under way is written anew at most, while its sizes grow.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// Exchanges that may still be under way.
#[derive(Default)]
pub struct Running {
    young: Mutex<VecDeque<(Instant, Weak<Recorder>)>>,
    /// Those that have a row.
    shown: Mutex<Vec<Shown>>,
}

impl Running {
    pub(super) fn add(&self, recorder: &Arc<Recorder>) {
        let entry = (Instant::now(), Arc::downgrade(recorder));
        self.young.lock().unwrap_or_else(PoisonError::into_inner).push_back(entry);
    }

    /// Ends the rows of those whose source `is_meant`, because of something we do; `message` says what.
    pub fn cut_off(&self, is_meant: impl Fn(Source) -> bool, message: &str) {
        let young = self.young.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = young.iter().map(|(_, recorder)| recorder.clone()).collect();
        drop(young);
        all.extend(self.shown().iter().map(|entry| entry.recorder.clone()));
        // Not under a lock: the last to let go of a recorder closes its row.
        for recorder in all.iter().filter_map(Weak::upgrade) {
            if is_meant(recorder.source) {
                recorder.cut_off(message);
            }
        }
    }

    fn shown(&self) -> MutexGuard<'_, Vec<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
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
    while end.run_until_cancelled(ticks.tick()).await.is_some() {
        let now = Instant::now();
        capture.running.shown().retain_mut(|entry| {
            let Some(recorder) = entry.recorder.upgrade() else { return false };
            let changed = |x: &Exchange| {
                let status_news = entry.state.0 != x.status;
                status_news || (entry.state != state(x) && now.duration_since(entry.at) >= REFRESH_EVERY)
            };
            let due = recorder.lock().as_deref().is_some_and(changed);
            if due && let Some(state) = recorder.show(state) {
                (entry.at, entry.state) = (now, state);
            }
            true
        });
        for weak in capture.running.settled(now) {
            let Some(state) = weak.upgrade().and_then(|recorder| recorder.show(state)) else { continue };
            capture.running.shown().push(Shown { recorder: weak, at: now, state });
        }
        capture.tell_left_out();
    }
    capture.tell_left_out();
    let message = "Waylay ended before this exchange did; what had come by then was kept.";
    capture.running.cut_off(|_| true, message);
}

fn state(x: &Exchange) -> (Option<u16>, u64, u64) {
    (x.status, x.request.size, x.response.size)
}
