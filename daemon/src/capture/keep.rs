//! Bytes of one body on their way into the store.
//!
//! A body that stays small is kept with its row. A larger one is sent to the writer in chunks, each of which must
//! first find room in the byte budget. Without room its bytes wait (so the sender is slowed by its own TCP window), but
//! never longer than the stall limit in all: then they pass unrecorded and the row says exactly which.

use super::recorder::Recorder;
use bytes::Bytes;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::time::Sleep;
use waylay_storage::{
    Event, INLINE,
    model::{BodyEnd, Gap, Part},
};

/// Fewer bytes than this are likely a slice of a read buffer they would keep alive: they are copied instead.
const COPY_BELOW: usize = 4096;

/// Writes down one body of a row.
pub struct Keeper {
    recorder: Option<Arc<Recorder>>,
    part: Part,
    wait: Option<Wait>,
    stalled: Duration,
    gave_up: bool,
}

struct Wait {
    since: Instant,
    limit: Pin<Box<Sleep>>,
}

impl Keeper {
    /// `recorder` is `None` where nothing is recorded.
    pub fn new(recorder: Option<Arc<Recorder>>, part: Part) -> Self {
        Self { recorder, part, wait: None, stalled: Duration::ZERO, gave_up: false }
    }

    /// The row, while the body goes on.
    pub fn recorder(&self) -> Option<&Arc<Recorder>> {
        self.recorder.as_ref()
    }

    /// Ready once `data`, which is to be the same until then, is kept or given up on.
    pub fn poll_keep(&mut self, cx: &mut Context<'_>, data: &Bytes) -> Poll<()> {
        let Some(recorder) = &self.recorder else { return Poll::Ready(()) };
        let (queue, seq, part) = (&recorder.capture.queue, recorder.seq, self.part);
        let mut guard = recorder.lock();
        let Some(exchange) = guard.as_deref_mut() else { return Poll::Ready(()) };
        let record = exchange.body_mut(part);
        let length = data.len() as u64;
        if !record.streamed {
            if record.size + length <= INLINE as u64 {
                record.size += length;
                record.parts.push(own(data));
                return Poll::Ready(());
            }
            record.streamed = true;
            let mut offset = 0;
            for data in std::mem::take(&mut record.parts) {
                let length = data.len() as u64;
                queue.budget().force(data.len());
                queue.push(Event::Chunk { seq, part, offset, data });
                offset += length;
            }
        }
        let room = if self.gave_up {
            // Once stalled for too long, take room only where it costs no wait.
            queue.budget().try_take(data.len())
        } else {
            let room = queue.budget().poll_take(data.len(), cx).is_ready();
            if !room {
                let left = recorder.capture.stall.saturating_sub(self.stalled);
                let wait = self
                    .wait
                    .get_or_insert_with(|| Wait { since: Instant::now(), limit: Box::pin(tokio::time::sleep(left)) });
                ready!(wait.limit.as_mut().poll(cx));
                self.gave_up = true;
            }
            room
        };
        if let Some(wait) = self.wait.take() {
            self.stalled += wait.since.elapsed();
        }
        if room {
            queue.push(Event::Chunk { seq, part, offset: record.size, data: own(data) });
        } else {
            match record.gaps.last_mut() {
                Some(gap) if gap.offset + gap.length == record.size => gap.length += length,
                _ => record.gaps.push(Gap { offset: record.size, length }),
            }
        }
        record.size += length;
        Poll::Ready(())
    }

    /// As if its bytes had waited for `time` already.
    #[cfg(test)]
    pub(super) fn exhaust(&mut self, time: Duration) {
        self.stalled = time;
    }

    /// Says how the body ended, once, and lets go of the row.
    pub fn close(&mut self, end: BodyEnd) {
        if let Some(recorder) = self.recorder.take() {
            recorder.note(|x| x.body_mut(self.part).end = end);
        }
    }
}

/// A copy that keeps no read buffer alive.
fn own(data: &Bytes) -> Bytes {
    if data.len() < COPY_BELOW { Bytes::copy_from_slice(data) } else { data.clone() }
}
