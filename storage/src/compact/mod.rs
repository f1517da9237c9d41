//! Giving room back, and leaving no trace of what was deleted.
//!
//! - this file: [`Gc`], what was done, and the order of it
//! - [`segments`]: files of bodies: those without use are removed, those with unused parts rewritten
//! - [`database`]: the database and its log
//!
//! Whenever this ends, by an error, `kill -9` or a power failure, every body is whole: the parts in use of a segment are
//! copied and synced before extents point to the copy, and these are durable before the old file is removed.

mod database;
mod segments;
#[cfg(test)]
mod tests;

pub(crate) use segments::used;
#[cfg(test)]
pub(crate) use tests::holding;

use crate::{
    Reader, StoreError,
    purge::{Cleaner, Pace, connections},
    schema::aside,
};
use serde::{Deserialize, Serialize};

/// What was removed, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gc {
    /// Exchanges that had been deleted.
    pub exchanges: u64,
    /// Sessions that had been deleted.
    pub sessions: u64,
    /// Connections that no exchange went over any more.
    pub connections: u64,
    /// Files of bodies that were of no use.
    pub segments_removed: u64,
    /// Files of bodies of which a part was of no use.
    pub segments_rewritten: u64,
    /// Bytes of the store before and after.
    pub bytes_before: u64,
    /// See there.
    pub bytes_after: u64,
    /// No byte of what was deleted is left in any file.
    pub complete: bool,
    /// Why it is not complete: what was left alone and what to do about it.
    pub notes: Vec<String>,
}

/// Who else uses the store meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// A daemon that captures: it must not wait for long.
    Capture,
    /// Nobody.
    None,
}

/// Purges what was deleted and compacts everything.
pub(crate) fn gc(cleaner: &Cleaner, others: Others) -> Result<Gc, StoreError> {
    let _alone = cleaner.work_alone();
    let reader = Reader::open(&cleaner.dir)?;
    let mut gc = Gc { bytes_before: reader.stats()?.bytes, ..Gc::default() };
    let purged = cleaner.purge(i64::MAX, Pace::Brisk)?;
    (gc.exchanges, gc.sessions) = (purged.exchanges, purged.sessions);
    gc.connections = purged.connections + connections::sweep_all(cleaner, &reader)?;
    segments::compact(cleaner, &reader, segments::Zeal::Everything, &mut gc)?;
    database::shrink(cleaner, &reader, others, &mut gc)?;
    if let Some(derived) = cleaner.derivative() {
        derived.compact()?;
    }
    drop(reader);
    database::empty_log(cleaner, &mut gc)?;
    for path in aside::list(&cleaner.dir) {
        gc.notes.push(format!("{} is an older database and was left alone", path.display()));
    }
    gc.bytes_after = Reader::open(&cleaner.dir)?.stats()?.bytes;
    gc.complete = gc.notes.is_empty();
    Ok(gc)
}

/// Gives back the room that is easily had, while nobody waits for it.
pub(crate) fn tidy(cleaner: &Cleaner) -> Result<(), StoreError> {
    let reader = Reader::open(&cleaner.dir)?;
    let mut gc = Gc::default();
    segments::compact(cleaner, &reader, segments::Zeal::Worthwhile, &mut gc)?;
    database::give_back(cleaner, &reader)
}
