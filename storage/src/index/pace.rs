//! How much of a processor the index may use: half of one while there is little traffic, a twentieth while there is some,
//! hardly any while there is much. What then waits is found all the same, only less fast.

use std::time::{Duration, Instant};

/// Exchanges per second from which on the index takes its time.
const BRISK: u64 = 250;
/// Exchanges per second from which on only what is needed is done.
const BUSY: u64 = 2_500;
/// Over what time they are counted.
const WINDOW: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

pub(super) struct Pace {
    since: Instant,
    seen: u64,
    traffic: Traffic,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Traffic {
    Little,
    Brisk,
    Busy,
}

impl Traffic {
    fn at(per_second: f64) -> Self {
        match per_second {
            rate if rate > BUSY as f64 => Self::Busy,
            rate if rate > BRISK as f64 => Self::Brisk,
            _ => Self::Little,
        }
    }

    /// Rest after work, in times of the work.
    fn rest(self) -> u32 {
        match self {
            Self::Little => 1,
            Self::Brisk => 19,
            Self::Busy => 30,
        }
    }
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), seen: 0, traffic: Traffic::Little }
    }

    /// Notes that so many exchanges have come.
    pub(super) fn saw(&mut self, exchanges: u64) {
        self.seen += exchanges;
        let elapsed = self.since.elapsed();
        if elapsed >= WINDOW {
            self.traffic = Traffic::at(self.seen as f64 / elapsed.as_secs_f64());
            (self.since, self.seen) = (Instant::now(), 0);
        } else {
            // A burst is known before its second is over.
            self.traffic = self.traffic.max(Traffic::at(self.seen as f64));
        }
    }

    /// Whether there is so much traffic that only what is needed is done.
    pub(super) fn is_busy(&self) -> bool {
        self.traffic == Traffic::Busy
    }

    /// How long to rest after having worked so long.
    pub(super) fn pause_after(&self, worked: Duration) -> Duration {
        (worked * self.traffic.rest()).min(LONGEST)
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
        pace.saw(BRISK);
        assert!(!pace.is_busy());
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(190));
        pace.saw(BUSY);
        assert!(pace.is_busy());
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(300));
        assert_eq!(pace.pause_after(Duration::from_secs(10)), LONGEST);
        pace.since -= WINDOW * 2;
        pace.saw(0);
        assert!(!pace.is_busy(), "{} in two seconds are some, not many", BUSY + BRISK + 10);
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(190));
        pace.since -= WINDOW;
        pace.saw(BRISK);
        assert_eq!(pace.pause_after(Duration::from_millis(10)), Duration::from_millis(10));
    }
}
