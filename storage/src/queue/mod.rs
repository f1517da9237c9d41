//! The way into the store. Nothing here waits for a disk.
//!
//! - [`event`]: what is handed over, and what it weighs
//! - [`budget`]: the bytes that may be under way to the writer
//! - [`ids`]: numbers for exchanges and connections
//! - this file: [`Queue`], one short lock between many producers and the one writer

pub mod budget;
pub mod event;
pub mod ids;

pub use budget::Budget;
pub use event::{Event, INLINE};
pub use ids::Ids;

use crate::{
    StoreError,
    writer::command::{Command, Reply},
};
use event::weight;
use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

/// Messages on their way to the writer.
///
/// The writer gathers for a tick before it takes a batch, and is woken early only if it is idle or a good part of the
/// budget has piled up: a wake-up for each exchange would cost more than the exchange's row.
pub struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    budget: Budget,
    /// Rows, and bytes of bodies, dropped because the writer was too far behind, or gone.
    shed: (AtomicU64, AtomicU64),
    /// Exchanges whose end is among what was dropped: they may have a row that says they are under way.
    lost_ends: Mutex<Vec<i64>>,
}

/// So many lost ends are remembered. Rows of others say that they are under way until the store is opened again.
const LOST_ENDS: usize = 64 << 10;

#[derive(Default)]
struct Inner {
    events: Vec<Event>,
    commands: Vec<Command>,
    /// Of the events waiting here.
    bytes: usize,
    /// The writer sleeps until it is woken.
    idle: bool,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            inner: Mutex::default(),
            wake: Condvar::new(),
            budget: Budget::new(budget),
            shed: Default::default(),
            lost_ends: Mutex::default(),
        }
    }

    /// Hands an event over. Rows account for their own weight; the bytes of a chunk must have been taken from the
    /// [`Budget`] before, and are given back for the caller once they are written or given up.
    ///
    /// What would overdraw the budget too far is dropped and counted (see [`Health`](crate::Health)): messages at one and
    /// a half times the budget, for some streams are nothing but messages; chunks at twice and rows at three times the
    /// budget, which takes a writer that hangs in the operating system; and once the store is closed everything.
    pub fn push(&self, event: Event) {
        let weight = weight(&event);
        let is_row = !matches!(event, Event::Chunk { .. });
        if is_row {
            self.budget.force(weight);
        }
        let halves = match event {
            Event::Message(_) => 3,
            Event::Chunk { .. } => 4,
            _ => 6,
        };
        if self.budget.used() > (self.budget.capacity() / 2).saturating_mul(halves) {
            return self.give_up(&event);
        }
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            return self.give_up(&event);
        }
        inner.events.push(event);
        let before = inner.bytes;
        inner.bytes += weight;
        let urgent = before < self.urgent() && inner.bytes >= self.urgent();
        let wake = std::mem::take(&mut inner.idle) || urgent;
        drop(inner);
        if wake {
            self.wake.notify_one();
        }
    }

    /// Counts bytes of a body that its producer let pass without handing them over.
    pub fn count_lost(&self, bytes: u64) {
        self.shed.1.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether so much waits for the writer that it should do nothing else.
    pub(crate) fn is_behind(&self) -> bool {
        self.budget.used() > self.budget.capacity() / 4
    }

    /// The bytes under way, which bound what may be pushed.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Hands a command to the writer, behind everything pushed before; `false` once the store is closed.
    pub(crate) fn command(&self, command: Command) -> bool {
        let mut inner = self.lock();
        if inner.closed {
            return false;
        }
        inner.commands.push(command);
        inner.idle = false;
        drop(inner);
        self.wake.notify_one();
        true
    }

    /// Asks the writer for something and waits for its answer.
    pub(crate) fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, StoreError> {
        let (reply, answer) = mpsc::sync_channel(1);
        if !self.command(command(reply)) {
            return Err(StoreError::Closed);
        }
        answer.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Moves what is waiting into `events` and `commands`, both empty. Sleeps until there is something (at most
    /// `patience`), then lets a batch gather for `tick` unless it is big already or a command waits.
    pub(crate) fn take(
        &self,
        events: &mut Vec<Event>,
        commands: &mut Vec<Command>,
        tick: Duration,
        patience: Option<Duration>,
    ) {
        let mut inner = self.lock();
        let limit = patience.map(|p| Instant::now() + p);
        while inner.events.is_empty() && inner.commands.is_empty() {
            inner.idle = true;
            let Some(left) = limit.map(|l| l.saturating_duration_since(Instant::now())) else {
                inner = self.wake.wait(inner).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if left.is_zero() {
                break;
            }
            inner = self.wake.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        inner.idle = false;
        let end = Instant::now() + tick;
        while !inner.events.is_empty() && inner.commands.is_empty() && inner.bytes < self.urgent() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self.wake.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::swap(&mut inner.events, events);
        std::mem::swap(&mut inner.commands, commands);
        inner.bytes = 0;
    }

    /// Refuses everything from now on and returns the commands nobody will answer.
    pub(crate) fn close(&self) -> Vec<Command> {
        let mut inner = self.lock();
        inner.closed = true;
        let (events, commands) = (std::mem::take(&mut inner.events), std::mem::take(&mut inner.commands));
        drop(inner);
        events.iter().for_each(|m| self.give_up(m));
        commands
    }

    /// Rows, and bytes of bodies, given up here.
    pub(crate) fn shed(&self) -> (u64, u64) {
        (self.shed.0.load(Ordering::Relaxed), self.shed.1.load(Ordering::Relaxed))
    }

    /// Counts an event as lost, and gives back what it weighed.
    pub(crate) fn give_up(&self, event: &Event) {
        match event {
            Event::Chunk { data, .. } => self.count_lost(data.len() as u64),
            Event::Placed(placed) => self.count_lost(placed.place.length),
            _ => drop(self.shed.0.fetch_add(1, Ordering::Relaxed)),
        }
        let ended = match event {
            Event::Done(x) => Some(x.seq),
            Event::Withdrawn { seq, .. } => Some(*seq),
            _ => None,
        };
        if let Some(seq) = ended {
            let mut ends = self.lost_ends.lock().unwrap_or_else(PoisonError::into_inner);
            if ends.len() < LOST_ENDS {
                ends.push(seq);
            }
        }
        self.budget.give(weight(event));
    }

    /// The exchanges whose end was given up since this was last asked.
    pub(crate) fn take_lost_ends(&self) -> Vec<i64> {
        std::mem::take(&mut *self.lost_ends.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// So much waiting is worth waking the writer for before its tick is over.
    fn urgent(&self) -> usize {
        self.budget.capacity() / 8
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing under this lock can leave it half changed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::numbered,
        model::{ExchangeId, Message, MessageKind, MessageState, Part, SessionId},
    };
    use bytes::Bytes;
    use std::sync::Arc;

    fn chunk(len: usize) -> Event {
        Event::Chunk { seq: 1, part: Part::Request, offset: 0, data: Bytes::from(vec![0; len]) }
    }

    fn take(queue: &Queue, tick: Duration) -> usize {
        let (mut events, mut commands) = (Vec::new(), Vec::new());
        queue.take(&mut events, &mut commands, tick, None);
        events.len()
    }

    #[test]
    fn a_sleeping_writer_is_woken_and_gathers() {
        let queue = Arc::new(Queue::new(1 << 20));
        let writer = std::thread::spawn({
            let queue = queue.clone();
            move || take(&queue, Duration::from_secs(3600))
        });
        let big = queue.urgent() / 2;
        queue.push(chunk(big)); // begins the tick, which alone would last an hour
        queue.push(chunk(big)); // urgent: ends it
        assert_eq!(writer.join().unwrap(), 2);
    }

    #[test]
    fn a_command_ends_the_tick() {
        let queue = Queue::new(1 << 20);
        queue.push(chunk(1));
        let (reply, _answer) = std::sync::mpsc::sync_channel(1);
        assert!(queue.command(Command::flush(reply)));
        assert_eq!(take(&queue, Duration::from_secs(3600)), 1);
    }

    #[test]
    fn messages_have_less_room_than_what_they_belong_to() {
        let queue = Queue::new(4000);
        let message = Message {
            seq: 1,
            number: 1,
            part: Part::Response,
            kind: MessageKind::Event,
            at_us: 0,
            offset: 0,
            length: 5,
            wire_length: 5,
            fragments: 1,
            compressed: false,
            state: MessageState::Complete,
            payload: None,
        };
        queue.budget().force(6001);
        queue.push(Event::Message(Box::new(message.clone())));
        assert_eq!((queue.shed(), queue.budget().used()), ((1, 0), 6001));
        queue.budget().give(1001);
        queue.push(Event::Message(Box::new(message)));
        assert_eq!(queue.shed(), (1, 0));
        assert!(queue.budget().used() > 5000, "it weighs something");
    }

    #[test]
    fn nothing_accumulates_once_far_behind_or_closed() {
        let queue = Queue::new(4000);
        let row = || Event::Done(numbered(1, ExchangeId { session: SessionId::SENT, number: 1 }));
        queue.budget().force(8000);
        queue.push(chunk(1000)); // accounted for above
        assert_eq!(queue.shed(), (0, 0));
        queue.budget().force(500);
        queue.push(chunk(500));
        assert_eq!((queue.shed(), queue.budget().used()), ((0, 500), 8000));
        queue.push(row());
        let weight = queue.budget().used() - 8000;
        assert_eq!(queue.shed(), (0, 500), "rows have more room");
        queue.budget().force(4000);
        queue.push(row());
        assert_eq!((queue.shed(), queue.budget().used()), ((1, 500), 12_000 + weight));
        queue.close();
        assert_eq!((queue.shed(), queue.budget().used()), ((2, 1500), 11_000));
        queue.push(chunk(1000));
        assert_eq!((queue.shed(), queue.budget().used()), ((2, 2500), 10_000));
        let (reply, _answer) = std::sync::mpsc::sync_channel(1);
        assert!(!queue.command(Command::flush(reply)));
    }
}
