//! Where big bodies lie in the segments.

use crate::{model::Part, segments::Place};
use std::collections::{BTreeMap, HashMap};

/// So many bodies without an end are remembered; beyond that they only lose the joining of neighbours.
const BODIES: usize = 4096;

/// So many runs may wait to be committed: some MiB. While the database cannot be written, more are not kept.
const RUNS: usize = 64 << 10;

/// A run of a body in a segment; its key tells the body and the offset in it.
pub(super) type Pending = BTreeMap<(i64, Part, u64), Place>;

#[derive(Default)]
pub(super) struct Extents {
    /// Written to a segment, not yet committed; also runs that were committed and have grown.
    pending: Pending,
    /// The last run of each body under way: its offset in the body and its place.
    tails: HashMap<(i64, Part), (u64, Place)>,
    /// Bodies were forgotten that may never get a row, though some of them may be in the database.
    overflowed: bool,
}

impl Extents {
    /// Notes where the bytes from `offset` of a body came to lie. Gives back how many of them are lost, because too
    /// much waits already: all or none.
    pub(super) fn place(&mut self, body: (i64, Part), offset: u64, place: Place) -> u64 {
        let tail = match self.tails.get(&body) {
            Some(&(first, last)) if follows((first, last), offset, place) => {
                (first, Place { length: last.length + place.length, ..last })
            }
            _ => (offset, place),
        };
        let key = (body.0, body.1, tail.0);
        if self.pending.len() >= RUNS && !self.pending.contains_key(&key) {
            return place.length;
        }
        if self.tails.len() >= BODIES {
            self.tails.clear();
            self.overflowed = true;
        }
        self.tails.insert(body, tail);
        self.pending.insert(key, tail.1);
        0
    }

    pub(super) fn pending(&self) -> &Pending {
        &self.pending
    }

    /// What was pending is in the database.
    pub(super) fn committed(&mut self) {
        self.pending.clear();
    }

    /// The exchange is over and its row is in the database.
    pub(super) fn finish(&mut self, seq: i64) {
        if !self.tails.is_empty() {
            self.tails.remove(&(seq, Part::Request));
            self.tails.remove(&(seq, Part::Response));
        }
    }

    /// The exchange's row was given up: nobody will ask for its bodies.
    pub(super) fn forget(&mut self, seq: i64) {
        let of_it = (seq, Part::Request, 0)..=(seq, Part::Response, u64::MAX);
        let keys: Vec<_> = self.pending.range(of_it).map(|(key, _)| *key).collect();
        for key in keys {
            self.pending.remove(&key);
        }
        self.finish(seq);
        self.overflowed = true;
    }

    /// Every body noted here belongs to an exchange whose row is final.
    pub(super) fn is_settled(&self) -> bool {
        self.tails.is_empty() && self.pending.is_empty() && !self.overflowed
    }
}

/// Whether bytes go on where the last run ends, in the body and in the file.
fn follows((offset, last): (u64, Place), next_offset: u64, next: Place) -> bool {
    next.segment == last.segment
        && last.position.checked_add(last.length) == Some(next.position)
        && offset.checked_add(last.length) == Some(next_offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(extents: &mut Extents, seq: i64, offset: u64, position: u64, length: u64) {
        extents.place((seq, Part::Response), offset, Place { segment: 1, position, length });
    }

    fn pending(extents: &Extents) -> Vec<(i64, u64, u64, u64)> {
        extents.pending().iter().map(|(k, p)| (k.0, k.2, p.position, p.length)).collect()
    }

    #[test]
    fn neighbours_are_joined_also_across_commits() {
        let mut extents = Extents::default();
        place(&mut extents, 1, 0, 0, 10);
        place(&mut extents, 1, 10, 10, 10);
        place(&mut extents, 2, 0, 20, 5);
        assert_eq!(pending(&extents), [(1, 0, 0, 20), (2, 0, 20, 5)]);
        extents.committed();
        place(&mut extents, 2, 5, 25, 5); // grows a committed run
        place(&mut extents, 2, 20, 30, 5); // a gap in the body
        place(&mut extents, 1, 20, 35, 5); // not where the file's run ended
        assert_eq!(pending(&extents), [(1, 20, 35, 5), (2, 0, 20, 10), (2, 20, 30, 5)]);
    }

    #[test]
    fn what_waits_is_bounded_and_the_rest_is_a_loss() {
        let mut extents = Extents::default();
        let apart = |n: usize| Place { segment: 1, position: 2 * n as u64, length: 1 };
        for n in 0..RUNS {
            assert_eq!(extents.place((n as i64, Part::Request), 0, apart(n)), 0);
        }
        assert_eq!(extents.place((-1, Part::Request), 0, Place { segment: 2, position: 0, length: 7 }), 7);
        let grown = Place { segment: 1, position: 2 * RUNS as u64 - 1, length: 5 };
        assert_eq!(extents.place((RUNS as i64 - 1, Part::Request), 1, grown), 0, "what grows takes no more room");
        assert_eq!(extents.pending().len(), RUNS);
        extents.committed();
        assert_eq!(extents.place((-1, Part::Request), 0, apart(0)), 0);
    }

    #[test]
    fn ended_and_dead_bodies_are_not_kept() {
        let mut extents = Extents::default();
        place(&mut extents, 1, 0, 0, 10);
        extents.committed();
        assert!(!extents.is_settled());
        extents.finish(1);
        assert!(extents.is_settled());
        for seq in 0..3 * BODIES as i64 {
            place(&mut extents, seq, 0, 0, 1);
        }
        assert!(extents.tails.len() <= BODIES);
        extents.committed();
        extents.tails.clear();
        assert!(!extents.is_settled());
    }

    #[test]
    fn of_a_row_that_is_given_up_nothing_waits() {
        let mut extents = Extents::default();
        place(&mut extents, 1, 0, 0, 10);
        place(&mut extents, 2, 0, 10, 10);
        extents.forget(2);
        assert_eq!(pending(&extents), [(1, 0, 0, 10)]);
        extents.committed();
        extents.finish(1);
        assert!(!extents.is_settled(), "of the second, something may be in the database");
    }
}
