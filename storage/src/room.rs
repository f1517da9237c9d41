//! How much room is left on the disk. Bodies are not stored while there is too little: what is left is for heads, and
//! for everybody else.

use crate::platform;
use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// The disk is not asked more often.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The disk is too full for bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowDisk {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that must be free before bodies are stored again.
    pub wanted: u64,
}

/// Watches the disk that a folder lies on.
pub(crate) struct Room {
    dir: PathBuf,
    /// Bytes below which bodies are not stored; 0 if they always are.
    least: u64,
    low: AtomicBool,
    free: AtomicU64,
    looked: Mutex<Option<Instant>>,
}

impl Room {
    pub(crate) fn new(dir: PathBuf, least: u64) -> Self {
        Self { dir, least, low: false.into(), free: u64::MAX.into(), looked: Mutex::default() }
    }

    /// Whether there is too little. Asks the disk if it was not asked lately; one that does not answer, or a system
    /// that cannot be asked, is taken to have room.
    pub(crate) fn is_low(&self) -> bool {
        if self.least > 0 && self.is_due(Instant::now()) {
            self.judge(platform::free_space(&self.dir).unwrap_or(u64::MAX));
        }
        self.low.load(Ordering::Relaxed)
    }

    /// What was found when the disk was asked last.
    pub(crate) fn state(&self) -> Option<LowDisk> {
        let low = LowDisk { free: self.free.load(Ordering::Relaxed), wanted: self.enough() };
        self.low.load(Ordering::Relaxed).then_some(low)
    }

    fn is_due(&self, now: Instant) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|at| now.saturating_duration_since(at) >= LOOK_EVERY);
        if due {
            *looked = Some(now);
        }
        due
    }

    fn judge(&self, free: u64) {
        self.free.store(free, Ordering::Relaxed);
        let was = self.low.load(Ordering::Relaxed);
        let low = free < if was { self.enough() } else { self.least };
        self.low.store(low, Ordering::Relaxed);
        let dir = self.dir.display();
        match (was, low) {
            (false, true) => tracing::warn!(%dir, free, "the disk is nearly full: bodies are not stored for now"),
            (true, false) => tracing::info!(%dir, free, "there is room on the disk again: bodies are stored"),
            _ => {}
        }
    }

    /// A fifth more than the least, so that what is stored does not end it at once.
    fn enough(&self) -> u64 {
        self.least.saturating_add(self.least / 5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_more_room_to_go_on_than_it_took_to_stop() {
        let room = Room::new(PathBuf::new(), 1000);
        for (free, low) in [(1000, false), (999, true), (1000, true), (1199, true), (1200, false), (1000, false)] {
            room.judge(free);
            assert_eq!(room.state(), low.then_some(LowDisk { free, wanted: 1200 }), "{free} bytes are free");
        }
    }

    #[test]
    fn the_disk_is_asked_once_in_a_while() {
        let room = Room::new(PathBuf::new(), 1);
        let now = Instant::now();
        let asked = [0, 1, 999, 1000, 1001, 2000].map(|ms| room.is_due(now + Duration::from_millis(ms)));
        assert_eq!(asked, [true, false, false, true, false, true]);
    }

    #[test]
    fn a_real_disk_answers() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!Room::new(dir.path().into(), 1).is_low());
        #[cfg(unix)]
        assert!(Room::new(dir.path().into(), u64::MAX / 2).is_low());
        assert!(!Room::new(dir.path().into(), 0).is_low(), "0 is never");
        assert!(!Room::new(dir.path().join("none"), u64::MAX / 2).is_low(), "no answer");
    }
}
