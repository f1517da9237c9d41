//! When a request may begin.

use super::asked::{AT_ONCE, Concurrency, Timing};
use std::time::Duration;

/// When a request was under way, the first time, microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub began_us: i64,
    /// When it had ended.
    pub ended_us: i64,
}

/// Knows what is under way.
#[derive(Debug)]
pub struct Gate {
    concurrency: Concurrency,
    /// By position.
    under_way: Vec<(i64, Span)>,
}

impl Gate {
    /// With nothing under way.
    pub fn new(concurrency: Concurrency) -> Self {
        Self { concurrency, under_way: Vec::new() }
    }

    /// Whether one that was under way then may begin now.
    pub fn is_open(&self, then: Span) -> bool {
        match self.concurrency {
            Concurrency::Number(most) => self.under_way.len() < most.get(),
            Concurrency::Captured => {
                let had_ended = |(_, other): &(i64, Span)| other.ended_us <= then.began_us;
                self.under_way.len() < AT_ONCE && !self.under_way.iter().any(had_ended)
            }
        }
    }

    /// One has begun.
    pub fn begin(&mut self, position: i64, then: Span) {
        self.under_way.push((position, then));
    }

    /// One has ended.
    pub fn end(&mut self, position: i64) {
        self.under_way.retain(|(other, _)| *other != position);
    }
}

/// How long after the first one a request is due that began then; `before` is how long after the first the one before it began
/// now.
pub fn due(timing: Timing, interval: Duration, first: Span, then: Span, before: Option<Duration>) -> Duration {
    match (timing, before) {
        (Timing::Fast, _) | (_, None) => Duration::ZERO,
        (Timing::Asis, _) => {
            Duration::from_micros(then.began_us.saturating_sub(first.began_us).try_into().unwrap_or(0))
        }
        (Timing::Fixed, Some(before)) => before + interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroUsize;

    fn span(began_us: i64, ended_us: i64) -> Span {
        Span { began_us, ended_us }
    }

    #[test]
    fn as_captured_one_waits_for_those_that_had_ended_before() {
        let mut gate = Gate::new(Concurrency::Captured);
        // 1: 0-10, 2: 5-20, 3: 10-12, 4: 21-30.
        gate.begin(1, span(0, 10));
        assert!(gate.is_open(span(5, 20)), "they overlapped");
        gate.begin(2, span(5, 20));
        assert!(!gate.is_open(span(10, 12)), "the first had ended");
        gate.end(1);
        assert!(gate.is_open(span(10, 12)));
        gate.begin(3, span(10, 12));
        assert!(!gate.is_open(span(21, 30)));
        gate.end(3);
        assert!(!gate.is_open(span(21, 30)));
        gate.end(2);
        assert!(gate.is_open(span(21, 30)));
    }

    #[test]
    fn as_many_as_given_are_under_way() {
        let mut gate = Gate::new(Concurrency::Number(NonZeroUsize::new(2).unwrap()));
        gate.begin(1, span(0, 1));
        assert!(gate.is_open(span(9, 9)));
        gate.begin(2, span(5, 6));
        assert!(!gate.is_open(span(9, 9)));
        gate.end(1);
        assert!(gate.is_open(span(9, 9)));
    }

    #[test]
    fn gaps_are_none_the_captured_ones_or_fixed() {
        let ms = Duration::from_millis;
        let (first, then) = (span(1_000_000, 0), span(1_250_000, 0));
        let due = |timing, before| due(timing, ms(40), first, then, before);
        assert_eq!(due(Timing::Fast, Some(ms(7))), ms(0));
        assert_eq!(due(Timing::Asis, Some(ms(7))), ms(250));
        assert_eq!(due(Timing::Fixed, Some(ms(7))), ms(47));
        assert_eq!(due(Timing::Fixed, None), ms(0));
        assert_eq!(super::due(Timing::Asis, ms(0), then, first, Some(ms(1))), ms(0), "a clock that went back");
    }
}
