//! Bytes of one body on their way into the store.
//!
//! A body that stays small is kept with its row. A larger one is sent to the writer in chunks, each of which must
//! first find room in the byte budget. Without room its bytes wait (so the sender is slowed by its own TCP window), but
//! never longer than the stall limit in all: from then on they are spilled to a file, past the writer. If that fails, or
//! is too slow as well, they pass unrecorded and the row says exactly which.

use super::{recorder::Recorder, spill::Spilling};
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
    model::{BodyEnd, BodyRecord, Gap, Part},
};

/// Fewer bytes than this are likely a slice of a read buffer they would keep alive: they are copied instead.
const COPY_BELOW: usize = 4096;

/// Writes down one body of a row.
pub struct Keeper {
    recorder: Option<Arc<Recorder>>,
    part: Part,
    /// Few bodies ever wait.
    stall: Option<Box<Stall>>,
}

/// How a body has waited for room.
#[derive(Default)]
struct Stall {
    /// The wait under way: when it began, and when it has lasted too long.
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
    /// Waits that are over.
    waited: Duration,
    /// It has waited for as long as it may.
    gave_up: bool,
    spilling: Spilling,
}

impl Keeper {
    /// `recorder` is `None` where nothing is recorded.
    pub fn new(recorder: Option<Arc<Recorder>>, part: Part) -> Self {
        Self { recorder, part, stall: None }
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
        let omitted = part == Part::Response && exchange.omitted.body();
        let record = exchange.body_mut(part);
        let length = data.len() as u64;
        if omitted {
            record.size += length;
            return Poll::Ready(());
        }
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
        let at_once = self.stall.as_ref().is_none_or(|stall| !stall.spilling.is_under_way());
        if at_once && queue.budget().try_take(data.len()) {
            if let Some(stall) = &mut self.stall {
                stall.end_wait();
            }
            queue.push(Event::Chunk { seq, part, offset: record.size, data: own(data) });
        } else {
            let stall = self.stall.get_or_insert_default();
            match ready!(stall.poll_room(cx, recorder, part, record.size, data)) {
                Room::Budget => queue.push(Event::Chunk { seq, part, offset: record.size, data: own(data) }),
                Room::File => {}
                Room::None => {
                    queue.count_lost(length);
                    missing(record, length);
                }
            }
        }
        record.size += length;
        Poll::Ready(())
    }

    /// As if its bytes had waited for `time` already, and with `files` or without.
    #[cfg(test)]
    pub(super) fn exhaust(&mut self, time: Duration, files: bool) {
        let stall = self.stall.get_or_insert_default();
        stall.waited = time;
        if !files {
            stall.spilling.give_up();
        }
    }

    /// Says how the body ended, once, and lets go of the row.
    pub fn close(&mut self, end: BodyEnd) {
        if let Some(recorder) = self.recorder.take() {
            recorder.note(|x| x.body_mut(self.part).end = end);
        }
    }
}

/// Where a piece of a body has found room.
enum Room {
    /// In the byte budget, on the way to the writer.
    Budget,
    /// In a file.
    File,
    /// Nowhere.
    None,
}

impl Stall {
    fn poll_room(
        &mut self,
        cx: &mut Context<'_>,
        recorder: &Recorder,
        part: Part,
        offset: u64,
        data: &Bytes,
    ) -> Poll<Room> {
        let capture = &recorder.capture;
        if !self.gave_up {
            if capture.queue.budget().poll_take(data.len(), cx).is_ready() {
                self.end_wait();
                return Poll::Ready(Room::Budget);
            }
            let left = capture.stall.saturating_sub(self.waited);
            let (_, limit) = self.wait.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
            ready!(limit.as_mut().poll(cx));
            (self.gave_up, self.wait) = (true, None);
        }
        let kept = ready!(self.spilling.poll_keep(cx, capture, recorder.seq, part, offset, data));
        Poll::Ready(if kept { Room::File } else { Room::None })
    }

    fn end_wait(&mut self) {
        if let Some((since, _)) = self.wait.take() {
            self.waited += since.elapsed();
        }
    }
}

/// The next `length` bytes of a body are not kept.
fn missing(record: &mut BodyRecord, length: u64) {
    match record.gaps.last_mut() {
        Some(gap) if gap.offset + gap.length == record.size => gap.length += length,
        _ => record.gaps.push(Gap { offset: record.size, length }),
    }
}

/// A copy that keeps no read buffer alive.
fn own(data: &Bytes) -> Bytes {
    if data.len() < COPY_BELOW { Bytes::copy_from_slice(data) } else { data.clone() }
}
