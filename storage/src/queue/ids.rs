//! Numbers for exchanges and connections, without I/O.

use crate::model::{ExchangeId, SessionId};
use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

/// Hands out numbers. None is handed out twice, also not after a restart once a row with it was stored.
pub struct Ids {
    seq: AtomicI64,
    connection: AtomicI64,
    /// The last number handed out in each session.
    numbers: RwLock<HashMap<SessionId, AtomicI64>>,
}

impl Ids {
    /// Goes on after the numbers given here, the last ones in use.
    pub(crate) fn after(seq: i64, connection: i64, numbers: impl IntoIterator<Item = (SessionId, i64)>) -> Self {
        let numbers = numbers.into_iter().map(|(s, n)| (s, AtomicI64::new(n))).collect();
        Self { seq: AtomicI64::new(seq), connection: AtomicI64::new(connection), numbers: RwLock::new(numbers) }
    }

    /// The next exchange's place in the order of all exchanges.
    pub fn next_seq(&self) -> i64 {
        self.seq.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The next connection's number.
    pub fn next_connection(&self) -> i64 {
        self.connection.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The id of the next exchange in a session.
    pub fn next_exchange(&self, session: SessionId) -> ExchangeId {
        let next = |last: &AtomicI64| last.fetch_add(1, Ordering::Relaxed) + 1;
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = numbers.get(&session) {
            return ExchangeId { session, number: next(last) };
        }
        drop(numbers);
        let mut numbers = self.numbers.write().unwrap_or_else(PoisonError::into_inner);
        ExchangeId { session, number: next(numbers.entry(session).or_default()) }
    }

    /// Numbers the exchanges of a new session.
    pub(crate) fn add(&self, session: SessionId) {
        self.numbers.write().unwrap_or_else(PoisonError::into_inner).entry(session).or_default();
    }

    /// The last numbers handed out: exchanges' order, connections.
    pub(crate) fn last(&self) -> (i64, i64) {
        (self.seq.load(Ordering::Relaxed), self.connection.load(Ordering::Relaxed))
    }

    /// The last number handed out in each session.
    pub(crate) fn last_numbers(&self) -> Vec<(SessionId, i64)> {
        let numbers = self.numbers.read().unwrap_or_else(PoisonError::into_inner);
        numbers.iter().map(|(s, n)| (*s, n.load(Ordering::Relaxed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_where_they_ended() {
        let ids = Ids::after(41, 6, [(SessionId(7), 41)]);
        assert_eq!((ids.next_seq(), ids.next_seq(), ids.next_connection()), (42, 43, 7));
        assert_eq!(ids.next_exchange(SessionId(7)).to_string(), "7.42");
        assert_eq!(ids.next_exchange(SessionId(8)).to_string(), "8.1");
        assert_eq!(ids.next_exchange(SessionId(8)).to_string(), "8.2");
        assert_eq!(ids.last(), (43, 7));
        let mut last = ids.last_numbers();
        last.sort();
        assert_eq!(last, [(SessionId(7), 42), (SessionId(8), 2)]);
    }
}
