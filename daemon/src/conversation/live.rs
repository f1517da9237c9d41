//! What has happened lately in a conversation, for readers that may be slow: one ring for all of them. A reader that falls
//! behind its end is told how much it has missed, and costs nothing until then.

use super::{View, message::LiveMessage};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;

/// Entries a ring holds.
const ENTRIES: usize = 2000;
/// Bytes of payload a ring holds, and what each entry takes besides.
const BYTES: usize = 8 << 20;
/// What an entry takes besides its payload, bytes.
const ENTRY: usize = 512;
/// What the rings of all conversations hold together, bytes.
const ALL_BYTES: usize = 64 << 20;

/// What the rings of all conversations hold, bytes.
#[derive(Debug, Default)]
pub struct Held(AtomicUsize);

/// Something that has happened.
#[derive(Clone, Debug)]
pub enum Told {
    /// It stands like that now.
    State(Arc<View>),
    /// A message was sent or has come.
    Message(Arc<LiveMessage>),
}

/// The ring of one conversation.
#[derive(Debug)]
pub struct Live {
    ring: Mutex<Ring>,
    latest: watch::Sender<u64>,
    held: Arc<Held>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Told>,
    bytes: usize,
    /// How many there have ever been: the number of the last.
    last: u64,
}

/// What a reader gets next.
#[derive(Clone, Debug)]
pub struct Next {
    /// The number of what is told here.
    pub number: u64,
    /// What stood between, and is not there any more.
    pub missed: u64,
    /// What has happened.
    pub told: Told,
}

impl Live {
    pub(super) fn new(held: Arc<Held>) -> Self {
        Self { ring: Mutex::default(), latest: watch::Sender::new(0), held }
    }

    pub(super) fn push(&self, told: Told) {
        let mut ring = self.lock();
        let size = size(&told);
        ring.entries.push_back(told);
        ring.bytes += size;
        ring.last += 1;
        let mut all = self.held.0.fetch_add(size, Ordering::Relaxed) + size;
        while ring.entries.len() > ENTRIES || ring.bytes > BYTES || (all > ALL_BYTES && ring.entries.len() > 1) {
            let Some(oldest) = ring.entries.pop_front() else { break };
            let size = self::size(&oldest);
            ring.bytes -= size;
            all = self.held.0.fetch_sub(size, Ordering::Relaxed) - size;
        }
        let last = ring.last;
        drop(ring);
        self.latest.send_replace(last);
    }

    /// Tells of new numbers.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// What comes behind number `after`; 0 begins with the oldest there is.
    pub fn next(&self, after: u64) -> Option<Next> {
        let ring = self.lock();
        let oldest = ring.last + 1 - ring.entries.len() as u64;
        let number = (after + 1).max(oldest);
        let at = usize::try_from(number.checked_sub(oldest)?).ok()?;
        let told = ring.entries.get(at)?.clone();
        Some(Next { number, missed: number - after - 1, told })
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let bytes = self.lock().bytes;
        self.held.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn size(told: &Told) -> usize {
    ENTRY
        + match told {
            Told::State(view) => view.url.len(),
            Told::Message(message) => message.payload.len(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Sender;
    use bytes::Bytes;
    use waylay_storage::model::MessageKind;

    fn message(number: u64, length: usize) -> Told {
        let payload = Bytes::from(vec![0; length]);
        let (sender, kind) = (Sender::Origin, MessageKind::Binary);
        Told::Message(Arc::new(LiveMessage { number, sender, kind, at_us: 0, length: length as u64, payload }))
    }

    fn numbers(live: &Live, mut after: u64) -> Vec<(u64, u64)> {
        std::iter::from_fn(|| {
            let next = live.next(after)?;
            after = next.number;
            Some((next.number, next.missed))
        })
        .collect()
    }

    #[test]
    fn a_reader_is_told_what_it_has_missed() {
        let live = Live::new(Arc::default());
        assert!(live.next(0).is_none());
        for n in 1..=3 {
            live.push(message(n, 1));
        }
        assert_eq!(numbers(&live, 0), [(1, 0), (2, 0), (3, 0)]);
        assert_eq!(numbers(&live, 2), [(3, 0)]);
        assert!(live.next(3).is_none() && live.next(99).is_none());
        for n in 4..=ENTRIES as u64 + 2 {
            live.push(message(n, 1));
        }
        assert_eq!(numbers(&live, 1)[0], (3, 1));
        assert_eq!(live.lock().entries.len(), ENTRIES);
    }

    #[test]
    fn rings_are_bounded_one_by_one_and_together() {
        let held = Arc::<Held>::default();
        let rings: Vec<_> = (0..20).map(|_| Live::new(Arc::clone(&held))).collect();
        for _ in 0..4 {
            for live in &rings {
                (0..4).for_each(|n| live.push(message(n, 3 << 20)));
                assert!(live.lock().bytes <= BYTES);
            }
        }
        assert!(held.0.load(Ordering::Relaxed) <= ALL_BYTES + 10 * (4 << 20), "{held:?}");
        drop(rings);
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }
}
