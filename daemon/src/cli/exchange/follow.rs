//! Which exchanges are new or have changed since one last looked.
//!
//! Exchanges are numbered as they begin and committed as they end, so that a lower number may turn up after a higher
//! one. The numbers that are still missing or pending below the highest known one are therefore looked for again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use waylay_storage::{Filter, ListQuery, Reader, StoreError, model::Summary};

/// How long a number that is missing is waited for: what takes longer shows up as pending long before.
const MISSING: Duration = Duration::from_secs(60);
/// Rows that are read at once.
const PAGE: usize = 500;
/// Numbers that lie further apart than this are asked for separately.
const SPAN: i64 = 1000;

/// Follows a store.
pub(super) struct Follower {
    filter: Filter,
    /// The highest number seen.
    highest: i64,
    /// Numbers up to the highest that are not over.
    unsettled: BTreeMap<i64, Unsettled>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unsettled {
    /// Not in the store, when last looked for.
    MissingSince(Instant),
    /// In the store, but not over.
    Pending,
}

impl Follower {
    /// Follows what comes after the exchanges that are there now.
    pub(super) fn new(reader: &Reader, filter: Filter) -> Result<Self, StoreError> {
        let mut follower = Self { filter, highest: 0, unsettled: BTreeMap::new() };
        let newest = reader.list(&ListQuery { limit: PAGE, ..ListQuery::default() })?.items;
        follower.highest = newest.first().map_or(0, |first| first.seq - 1);
        let now = Instant::now();
        for summary in &newest {
            follower.note(summary, now);
        }
        for pending in reader.list(&ListQuery { filter: pending(), limit: PAGE, ..ListQuery::default() })?.items {
            follower.unsettled.insert(pending.seq, Unsettled::Pending);
        }
        Ok(follower)
    }

    /// The highest number known.
    pub(super) fn highest(&self) -> i64 {
        self.highest
    }

    /// Takes exchanges that are shown anyway for known.
    pub(super) fn shown(&mut self, summaries: &[Summary]) {
        for summary in summaries {
            if summary.done {
                self.unsettled.remove(&summary.seq);
            } else {
                self.unsettled.insert(summary.seq, Unsettled::Pending);
            }
        }
    }

    /// What has begun, become pending or ended since the last call, and matches the filter now; in order of beginning.
    pub(super) fn changes(&mut self, reader: &Reader, now: Instant) -> Result<Vec<Summary>, StoreError> {
        let mut changed = self.settle(reader, now)?;
        loop {
            let query = ListQuery { after: Some(self.highest), limit: PAGE, ..ListQuery::default() };
            let items = reader.list(&query)?.items;
            for summary in &items {
                self.note(summary, now);
                changed.push(summary.seq);
            }
            if items.len() < PAGE {
                break;
            }
        }
        self.matching(reader, &changed)
    }

    /// Looks for what was not settled; gives the numbers that have changed.
    fn settle(&mut self, reader: &Reader, now: Instant) -> Result<Vec<i64>, StoreError> {
        self.unsettled.retain(|_, state| match state {
            Unsettled::MissingSince(since) => now.duration_since(*since) < MISSING,
            Unsettled::Pending => true,
        });
        let numbers: Vec<i64> = self.unsettled.keys().copied().collect();
        let mut changed = Vec::new();
        for summary in reader.summaries(&numbers)? {
            let before = self.unsettled.get(&summary.seq).copied();
            if summary.done {
                self.unsettled.remove(&summary.seq);
                changed.push(summary.seq);
            } else if before != Some(Unsettled::Pending) {
                self.unsettled.insert(summary.seq, Unsettled::Pending);
                changed.push(summary.seq);
            }
        }
        Ok(changed)
    }

    fn note(&mut self, summary: &Summary, now: Instant) {
        for missing in self.highest + 1..summary.seq {
            self.unsettled.insert(missing, Unsettled::MissingSince(now));
        }
        if !summary.done {
            self.unsettled.insert(summary.seq, Unsettled::Pending);
        }
        self.highest = self.highest.max(summary.seq);
    }

    /// Those of the ascending `numbers` that match the filter.
    fn matching(&self, reader: &Reader, numbers: &[i64]) -> Result<Vec<Summary>, StoreError> {
        let mut found = Vec::new();
        let mut rest = numbers;
        while let Some(first) = rest.first() {
            let length = rest.windows(2).position(|pair| pair[1] - pair[0] > SPAN).map_or(rest.len(), |end| end + 1);
            let (run, later) = rest.split_at(length);
            rest = later;
            let end = run.last().map(|last| last + 1);
            let mut after = first - 1;
            loop {
                let query = ListQuery { filter: self.filter.clone(), before: end, after: Some(after), limit: PAGE };
                let items = reader.list(&query)?.items;
                let more = items.len() == PAGE;
                after = items.last().map_or(after, |last| last.seq);
                found.extend(items.into_iter().filter(|summary| run.binary_search(&summary.seq).is_ok()));
                if !more {
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn pending() -> Filter {
    // Invariant: the term is part of the language; were it not, nothing old would be followed.
    Filter::parse("is:pending").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::Fixture, *};

    struct Tail {
        fixture: Fixture,
        follower: Follower,
        now: Instant,
    }

    impl Tail {
        fn new(fixture: Fixture, filter: &str) -> Self {
            let follower = Follower::new(&fixture.reader, Filter::parse(filter).unwrap()).unwrap();
            Self { fixture, follower, now: Instant::now() }
        }

        /// Numbers that are new or have changed, and whether each is over.
        fn changes(&mut self) -> Vec<(i64, bool)> {
            let found = self.follower.changes(&self.fixture.reader, self.now).unwrap();
            found.iter().map(|summary| (summary.seq, summary.done)).collect()
        }
    }

    #[test]
    fn what_is_committed_late_is_not_missed_and_nothing_is_told_twice() {
        let fixture = Fixture::new();
        fixture.done(1, 200);
        let mut tail = Tail::new(fixture, "");
        assert_eq!(tail.changes(), []);
        tail.fixture.done(4, 200);
        assert_eq!(tail.changes(), [(4, true)]);
        tail.fixture.done(3, 200);
        tail.fixture.done(5, 200);
        assert_eq!(tail.changes(), [(3, true), (5, true)]);
        assert_eq!(tail.changes(), []);
    }

    #[test]
    fn what_takes_long_is_told_when_it_begins_and_when_it_ends() {
        let fixture = Fixture::new();
        fixture.open(1);
        let mut tail = Tail::new(fixture, "");
        tail.fixture.open(2);
        assert_eq!(tail.changes(), [(2, false)]);
        assert_eq!(tail.changes(), []);
        tail.fixture.done(2, 200);
        tail.fixture.done(1, 200);
        assert_eq!(tail.changes(), [(1, true), (2, true)]);
    }

    #[test]
    fn an_exchange_is_told_once_it_matches() {
        let mut tail = Tail::new(Fixture::new(), "status:5xx");
        tail.fixture.open(1);
        tail.fixture.done(2, 200);
        assert_eq!(tail.changes(), []);
        tail.fixture.done(5000, 500);
        tail.fixture.done(1, 503);
        assert_eq!(tail.changes(), [(1, true), (5000, true)]);
    }

    #[test]
    fn a_number_that_never_comes_is_given_up() {
        let mut tail = Tail::new(Fixture::new(), "");
        tail.fixture.done(3, 200);
        assert_eq!(tail.changes(), [(3, true)]);
        assert_eq!(tail.follower.unsettled.len(), 2);
        tail.now += MISSING;
        assert_eq!(tail.changes(), []);
        assert!(tail.follower.unsettled.is_empty());
    }
}
