//! Giving rows up that could not be written, and what becomes of the rows of exchanges whose end is among them.

use super::Writer;
use crate::queue::{Event, event::weight};
use std::collections::HashSet;

impl Writer {
    /// Gives up the oldest rows that wait to be tried again once they fill half the budget: the other half belongs to
    /// bodies, which otherwise would hold up the traffic.
    pub(super) fn shed(&mut self) {
        if self.retry.is_none() {
            return;
        }
        let limit = self.shared.queue.budget().capacity() / 2;
        let mut held: usize = self.rows.iter().map(weight).sum();
        let excess = self.rows.iter().take_while(|row| {
            let over = held > limit;
            held -= weight(row).min(held);
            over
        });
        let excess = excess.count();
        for row in self.rows.drain(..excess) {
            if let Event::Open(x) | Event::Done(x) = &row {
                self.extents.forget(x.seq);
            }
            self.shared.queue.give_up(&row);
        }
    }

    /// Of the ends that were given up, those alone matter whose exchange has a row, or is about to get one.
    pub(super) fn forget_unseen_ends(&mut self) {
        if self.lost_ends.is_empty() {
            return;
        }
        let opening = |event: &Event| match event {
            Event::Open(x) => Some(x.seq),
            _ => None,
        };
        let opening: HashSet<_> = self.rows.iter().filter_map(opening).collect();
        self.lost_ends.retain(|seq| self.open.contains(seq) || opening.contains(seq));
    }
}
