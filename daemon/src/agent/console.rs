//! What has been sent, step by step: the last sends, in memory.

use super::{Hop, SendError};
use crate::request::variables::Scope;
use serde::Serialize;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// As many are kept.
const ENTRIES: usize = 5000;
/// As long are they kept, microseconds.
const AGE_US: i64 = 24 * 3600 * 1_000_000;

/// The console.
#[derive(Default)]
pub struct Console {
    entries: Mutex<Entries>,
    tell: Mutex<Option<Box<dyn Fn() + Send>>>,
}

#[derive(Default)]
struct Entries {
    last: i64,
    kept: VecDeque<Entry>,
}

/// One send.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its number here, ascending.
    pub id: i64,
    /// When it ended, microseconds since the Unix epoch.
    pub at_us: i64,
    /// How it went.
    pub level: Level,
    /// Its number in the history.
    pub send: i64,
    /// Method, URL, and what came of it.
    pub title: String,
    /// How long it took, microseconds.
    pub duration_us: i64,
    /// The variables it used.
    pub variables: Vec<Used>,
    /// Its exchanges, in order.
    pub hops: Vec<Hop>,
    /// What should be known although it did not stand in the way.
    pub warnings: Vec<String>,
    /// Why it failed.
    pub error: Option<SendError>,
}

/// How a send went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Without trouble.
    Log,
    /// With something that should be known.
    Warn,
    /// It failed.
    Error,
}

/// A variable that a request used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Its name.
    pub name: String,
    /// What stood for it; of secrets, dots.
    pub value: String,
    /// Where that came from.
    pub scope: Scope,
    /// Whether it is secret.
    pub secret: bool,
}

impl Console {
    /// Calls `f` when there is a new entry, and when all are forgotten.
    pub fn on_change(&self, f: impl Fn() + Send + 'static) {
        *self.tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(f));
    }

    /// Adds an entry; its number is given here.
    pub(super) fn add(&self, mut entry: Entry) {
        {
            let mut entries = self.lock();
            entries.last += 1;
            entry.id = entries.last;
            let oldest = entry.at_us - AGE_US;
            entries.kept.push_back(entry);
            while entries.kept.len() > ENTRIES || entries.kept.front().is_some_and(|e| e.at_us < oldest) {
                entries.kept.pop_front();
            }
        }
        self.changed();
    }

    /// The number of the last entry there was; 0 if there was none.
    pub fn last(&self) -> i64 {
        self.lock().last
    }

    /// Entries behind number `after`, the oldest first, at most `most` of those that `wanted` wants.
    pub fn entries(&self, after: i64, most: usize, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let entries = self.lock();
        let from = entries.kept.partition_point(|e| e.id <= after);
        entries.kept.range(from..).filter(|e| wanted(e)).take(most).cloned().collect()
    }

    /// The newest entries, at most `most` of those that `wanted` wants, the oldest of them first.
    pub fn newest(&self, most: usize, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let entries = self.lock();
        let mut found: Vec<_> = entries.kept.iter().rev().filter(|e| wanted(e)).take(most).cloned().collect();
        found.reverse();
        found
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().kept.clear();
        self.changed();
    }

    fn changed(&self) {
        if let Some(tell) = &*self.tell.lock().unwrap_or_else(PoisonError::into_inner) {
            tell();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at_us: i64) -> Entry {
        Entry {
            id: 0,
            at_us,
            level: Level::Log,
            send: at_us,
            title: String::new(),
            duration_us: 0,
            variables: Vec::new(),
            hops: Vec::new(),
            warnings: Vec::new(),
            error: None,
        }
    }

    fn ids(entries: &[Entry]) -> Vec<i64> {
        entries.iter().map(|e| e.id).collect()
    }

    #[test]
    fn the_newest_are_kept_for_a_day() {
        let console = Console::default();
        for n in 0..ENTRIES as i64 + 3 {
            console.add(entry(n));
        }
        assert_eq!(ids(&console.entries(0, 2, |_| true)), [4, 5]);
        assert_eq!(ids(&console.newest(2, |_| true)), [5002, 5003]);
        console.add(entry(AGE_US + ENTRIES as i64 + 1));
        assert_eq!(ids(&console.entries(0, 10, |_| true)), [5002, 5003, 5004]);
        assert_eq!(ids(&console.entries(5003, 10, |_| true)), [5004]);
        console.clear();
        console.add(entry(0));
        assert_eq!(ids(&console.newest(10, |_| true)), [5005]);
    }
}
