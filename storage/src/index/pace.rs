//! How much of a processor the index may use: half of one while there is little traffic, hardly any while there is
//! much. What then waits is found all the same, only less fast.

use std::time::{Duration, Instant};

/// Exchanges per second from which on the traffic comes first.
const BUSY: u64 = 2_500;
/// Over what time they are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

pub(super) struct Pace {
    since: Instant,
    seen: u64,
    busy: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), seen: 0, busy: false }
    }

    /// Notes that so many exchanges have come.
    pub(super) fn saw(&mut self, exchanges: u64) {
        self.seen += exchanges;
        let elapsed = self.since.elapsed();
        if elapsed >= WINDOW {
            self.busy = self.seen as f64 > BUSY as f64 * elapsed.as_secs_f64();
            (self.since, self.seen) = (Instant::now(), 0);
        } else if self.seen > BUSY {
            self.busy = true;
        }
    }

    /// Whether there is so much traffic that only what is needed is done.
    pub(super) fn is_busy(&self) -> bool {
        self.busy
    }

    /// How long to rest after having worked so long.
    pub(super) fn pause_after(&self, worked: Duration) -> Duration {
        (worked * if self.busy { 30 } else { 1 }).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_traffic_makes_it_rest() {
        let mut pace = Pace::new();
        pace.saw(10);
        assert!(!pace.is_busy());
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(10));
        pace.saw(BUSY);
        assert!(pace.is_busy());
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(300));
        assert_eq!(pace.pause_after(Duration::from_secs(10)), LONGEST);
        pace.since -= WINDOW * 2;
        pace.saw(0);
        assert!(!pace.is_busy(), "{} in two seconds are not much", BUSY + 10);
    }
}
