//! Pieces of a body that have waited for room as long as they may are written to a file, on a thread that may wait.

use super::recorder::Capture;
use bytes::Bytes;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};
use waylay_storage::{Event, Spill, model::Part};

/// Bodies that may be written to files at the same time; each has a thread meanwhile.
const AT_ONCE: usize = 4;

/// A disk slower than this, in bytes per second, is not worth waiting for.
const SLOWEST: u64 = 16 << 20;

/// The way to the files, for all bodies.
pub(super) struct Files {
    spill: Arc<Spill>,
    turns: Arc<Semaphore>,
}

impl Files {
    pub(super) fn new(spill: Arc<Spill>) -> Self {
        Self { spill, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

type Keep = dyn Future<Output = bool> + Send + Sync;

/// What has been spilled of one body.
#[derive(Default)]
pub(super) struct Spilling {
    /// When the piece in hand was begun; resolves to whether it was kept.
    current: Option<(Instant, Pin<Box<Keep>>)>,
    taken: Duration,
    bytes: u64,
    gave_up: bool,
}

impl Spilling {
    /// Whether a piece is in hand.
    pub(super) fn is_under_way(&self) -> bool {
        self.current.is_some()
    }

    /// Ready with whether the piece is kept. Once one is not, none is tried any more.
    pub(super) fn poll_keep(
        &mut self,
        cx: &mut Context<'_>,
        capture: &Capture,
        seq: i64,
        part: Part,
        offset: u64,
        data: &Bytes,
    ) -> Poll<bool> {
        if self.gave_up {
            return Poll::Ready(false);
        }
        let left = self.allowance(capture.stall).saturating_sub(self.taken);
        let (since, current) = self.current.get_or_insert_with(|| {
            let (spill, turns) = (Arc::clone(&capture.files.spill), Arc::clone(&capture.files.turns));
            let queue = Arc::clone(&capture.queue);
            let data = data.clone();
            let keep = async move {
                let written = async {
                    let turn = turns.acquire_owned().await.ok()?;
                    let write = move || {
                        let kept = spill.keep(seq, part, offset, &data);
                        drop(turn);
                        kept
                    };
                    tokio::task::spawn_blocking(write).await.ok()?.ok()
                };
                // What is written later than that is nobody's: the row has a gap there, and may be over.
                let placed = timeout(left, written).await.ok().flatten();
                placed.map(|placed| queue.push(Event::Placed(placed))).is_some()
            };
            (Instant::now(), Box::pin(keep))
        });
        let kept = ready!(current.as_mut().poll(cx));
        self.taken += since.elapsed();
        self.current = None;
        self.bytes += data.len() as u64;
        self.gave_up = !kept;
        Poll::Ready(kept)
    }

    /// How long the pieces so far, and the next one, may take in all.
    fn allowance(&self, stall: Duration) -> Duration {
        stall + Duration::from_millis(self.bytes / (SLOWEST / 1000))
    }

    /// As if a piece had failed.
    #[cfg(test)]
    pub(super) fn give_up(&mut self) {
        self.gave_up = true;
    }
}
