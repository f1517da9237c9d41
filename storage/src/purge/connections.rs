//! Connections and certificates that nothing refers to any more.
//!
//! No index tells which exchanges went over a connection: it would cost every exchange that is stored. Exchanges are read
//! instead, from about the time at which the oldest of the connections was opened.

use super::{Cleaner, Pace};
use crate::{Reader, StoreError, store::now_us};
use rusqlite::{Connection, Error, OptionalExtension, Transaction};
use std::{collections::HashSet, time::Instant};

/// Connections that may be without an exchange, at most; beyond that all are looked at.
const CANDIDATES: usize = 200_000;

/// Exchanges that are read at once.
const READ: i64 = 5_000;

/// Connections that are removed at once.
const AT_ONCE: usize = 200;

/// A connection that was opened so lately, microseconds, may have an exchange that is not stored yet.
const FRESH: i64 = 10_000_000;

/// An exchange may wait for its connection; so many microseconds before it was opened at most.
const WAITED: i64 = 3_600_000_000;

/// Connections that exchanges went over which are gone.
#[derive(Default)]
pub(super) struct Unreferenced {
    ids: HashSet<i64>,
    too_many: bool,
}

impl Unreferenced {
    pub(super) fn add(&mut self, connections: Vec<i64>) {
        self.ids.extend(connections);
        if self.ids.len() > CANDIDATES {
            self.too_many = true;
            self.ids.clear();
        }
    }
}

/// Removes those of the candidates that no exchange refers to. Gives back how many there were.
pub(super) fn sweep(
    cleaner: &Cleaner,
    reader: &Reader,
    candidates: Unreferenced,
    pace: Pace,
) -> Result<u64, StoreError> {
    let Unreferenced { ids, too_many } = candidates;
    let mut removed = 0;
    if !too_many {
        return remove_unused(cleaner, &reader.db, ids, pace);
    }
    let mut after = 0;
    loop {
        let sql = "SELECT id FROM connection WHERE id > ?1 ORDER BY id LIMIT ?2";
        let read = |r: &rusqlite::Row<'_>| r.get::<_, i64>(0);
        let ids: Vec<i64> =
            reader.db.prepare_cached(sql)?.query_map([after, CANDIDATES as i64], read)?.collect::<Result<_, _>>()?;
        let Some(last) = ids.last() else { return Ok(removed) };
        after = *last;
        removed += remove_unused(cleaner, &reader.db, ids.into_iter().collect(), pace)?;
    }
}

/// Looks at every connection: also at those that lost their exchanges while nobody counted.
pub(crate) fn sweep_all(cleaner: &Cleaner, reader: &Reader) -> Result<u64, StoreError> {
    sweep(cleaner, reader, Unreferenced { ids: HashSet::new(), too_many: true }, Pace::Brisk)
}

fn remove_unused(cleaner: &Cleaner, db: &Connection, mut ids: HashSet<i64>, pace: Pace) -> Result<u64, StoreError> {
    let now = now_us();
    let mut oldest = i64::MAX;
    let mut opened = db.prepare_cached("SELECT opened_us FROM connection WHERE id = ?1")?;
    let mut found = HashSet::new();
    for id in ids.drain() {
        if let Some(at) = opened.query_row([id], |r| r.get::<_, i64>(0)).optional()?
            && at < now.saturating_sub(FRESH)
        {
            oldest = oldest.min(at);
            found.insert(id);
        }
    }
    drop(opened);
    let mut ids = found;
    let mut after = first_since(db, oldest.saturating_sub(WAITED))? - 1;
    while !ids.is_empty() {
        let begun = Instant::now();
        let mut used = db.prepare_cached(
            "SELECT seq, client_connection, upstream_connection FROM exchange WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = used.query([after, READ])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            after = row.get(0)?;
            for connection in [row.get::<_, Option<i64>>(1)?, row.get(2)?].into_iter().flatten() {
                ids.remove(&connection);
            }
            read += 1;
        }
        if read < READ {
            break;
        }
        cleaner.rest(pace, begun.elapsed())?;
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    for some in ids.chunks(AT_ONCE) {
        let (begun, some) = (Instant::now(), some.to_vec());
        cleaner.within(move |tx| remove(tx, &some))?;
        cleaner.rest(pace, begun.elapsed())?;
    }
    Ok(ids.len() as u64)
}

/// The first exchange that began at that time or later, roughly: clocks and order may differ a little.
fn first_since(db: &Connection, at_us: i64) -> Result<i64, Error> {
    let bounds = "SELECT ifnull(min(seq), 1), ifnull(max(seq), 0) FROM exchange";
    let (mut low, mut high): (i64, i64) = db.query_row(bounds, [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let mut probe = db.prepare_cached("SELECT seq, started_us FROM exchange WHERE seq >= ?1 ORDER BY seq LIMIT 1")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let found = probe.query_row([middle], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?))).optional()?;
        match found {
            Some((seq, started)) if started < at_us => low = seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

fn remove(tx: &Transaction<'_>, ids: &[i64]) -> Result<(), Error> {
    let mut chain = tx.prepare_cached("DELETE FROM chain WHERE connection = ?1 RETURNING certificate")?;
    let mut connection = tx.prepare_cached("DELETE FROM connection WHERE id = ?1")?;
    let mut certificate = tx.prepare_cached(
        "DELETE FROM certificate WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM chain WHERE certificate = ?1)",
    )?;
    for id in ids {
        let certificates: Vec<i64> = chain.query_map([id], |r| r.get(0))?.collect::<Result<_, _>>()?;
        connection.execute([id])?;
        for id in certificates {
            certificate.execute([id])?;
        }
    }
    Ok(())
}
