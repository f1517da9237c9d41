//! Files of bodies.

use super::Gc;
use crate::{
    DATABASE, Reader, StoreError, model::Part, platform, purge::Cleaner, schema::aside, segments::ranges::Live,
    writer::write_counters,
};
use rusqlite::{Error, Transaction, params};
use std::{collections::HashMap, fs::File, io, sync::Arc};

/// Extents that are moved in one transaction.
const AT_ONCE: usize = 500;

/// This much of the disk stays free when a file is rewritten.
const MARGIN: u64 = 16 << 20;

/// Which files are worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zeal {
    /// All with an unused byte, also those that are being added to: others are begun for that.
    Everything,
    /// Those of which half is unused.
    Worthwhile,
}

/// Removes files that are of no use and rewrites those with unused parts.
pub(super) fn compact(cleaner: &Cleaner, reader: &Reader, zeal: Zeal, gc: &mut Gc) -> Result<(), StoreError> {
    let files = &cleaner.files;
    let io = || StoreError::io(files.dir());
    if let [first, ..] = &aside::list(&cleaner.dir)[..] {
        let why = "files of bodies were left alone, as it refers to them; when it is not needed any more, delete it";
        gc.notes.push(format!("{}: {why}", first.display()));
        return Ok(());
    }
    if zeal == Zeal::Everything {
        files.close_all();
        cleaner.spill.leave_closed();
    }
    // From here on nobody who writes to a segment is unknown: what was written before is either held or in an extent.
    cleaner.flush()?;
    files.sync().map_err(io())?;
    let candidates: Vec<(i64, u64)> =
        files.list().map_err(io())?.into_iter().filter(|(number, _)| !files.is_held(*number)).collect();
    cleaner.flush()?;
    let used = used(reader)?;
    let mut old = Vec::new();
    for (number, length) in candidates {
        let live = used.get(&number).copied().unwrap_or(0);
        if live == 0 {
            gc.segments_removed += 1;
        } else if live < length && (zeal == Zeal::Everything || live <= length / 2) {
            if platform::free_space(files.dir()).is_some_and(|free| free < live + MARGIN) {
                let path = crate::segments::path(files.dir(), number);
                gc.notes.push(format!("{} was left alone: to rewrite it takes {live} bytes of room", path.display()));
                continue;
            }
            rewrite(cleaner, reader, number)?;
            gc.segments_rewritten += 1;
        } else {
            continue;
        }
        old.push(number);
    }
    if old.is_empty() {
        return Ok(());
    }
    sync_log(cleaner)?;
    let used = self::used(reader)?;
    for number in old.into_iter().filter(|number| !used.contains_key(number)) {
        files.remove(number).map_err(io())?;
    }
    Ok(())
}

/// How many bytes of each segment belong to bodies.
pub(crate) fn used(reader: &Reader) -> Result<HashMap<i64, u64>, StoreError> {
    let mut statement = reader.db.prepare_cached("SELECT segment, sum(length) FROM extent GROUP BY segment")?;
    let sums = statement.query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(sums.collect::<Result<_, _>>()?)
}

fn rewrite(cleaner: &Cleaner, reader: &Reader, number: i64) -> Result<(), StoreError> {
    let parts: Arc<[Live]> = parts(reader, number)?.into();
    let copied = cleaner.files.copy(number, &parts).map_err(StoreError::io(cleaner.files.dir()))?;
    let to = copied.segment;
    let places: Arc<[(u64, u64)]> = copied.places.into();
    for begin in (0..parts.len()).step_by(AT_ONCE) {
        let end = parts.len().min(begin + AT_ONCE);
        let (parts, places) = (Arc::clone(&parts), Arc::clone(&places));
        cleaner.within(move |tx| move_extents(tx, number, to, &parts[begin..end], &places[begin..end]))?;
    }
    Ok(())
}

pub(super) fn parts(reader: &Reader, number: i64) -> Result<Vec<Live>, StoreError> {
    let sql = "SELECT seq, part, offset, position, length FROM extent WHERE segment = ?1 ORDER BY position";
    let mut statement = reader.db.prepare_cached(sql)?;
    let parts = statement.query_map([number], |r| {
        Ok(Live {
            seq: r.get(0)?,
            part: if r.get::<_, i64>(1)? == 0 { Part::Request } else { Part::Response },
            offset: r.get::<_, i64>(2)?.unsigned_abs(),
            position: r.get::<_, i64>(3)?.unsigned_abs(),
            length: r.get::<_, i64>(4)?.unsigned_abs(),
        })
    })?;
    Ok(parts.collect::<Result<_, _>>()?)
}

/// Lets extents point to where their bytes were copied. Those that were purged meanwhile stay away.
pub(super) fn move_extents(
    tx: &Transaction<'_>,
    from: i64,
    to: i64,
    parts: &[Live],
    places: &[(u64, u64)],
) -> Result<(), Error> {
    let mut update = tx.prepare_cached(
        "UPDATE extent SET segment = ?5, position = ?6, length = ?7
         WHERE seq = ?1 AND part = ?2 AND offset = ?3 AND segment = ?4",
    )?;
    let mut delete =
        tx.prepare_cached("DELETE FROM extent WHERE seq = ?1 AND part = ?2 AND offset = ?3 AND segment = ?4")?;
    for (part, (position, length)) in parts.iter().zip(places) {
        let (which, offset) = (part.part as i64, part.offset.cast_signed());
        match length {
            0 => delete.execute(params![part.seq, which, offset, from])?,
            _ => {
                let (position, length) = (position.cast_signed(), length.cast_signed());
                update.execute(params![part.seq, which, offset, from, to, position, length])?
            }
        };
    }
    write_counters(tx, [("segment", to)])
}

/// Makes durable what has been committed. (Only the log is opened: closing the database's file would drop SQLite's locks.)
fn sync_log(cleaner: &Cleaner) -> Result<(), StoreError> {
    let path = cleaner.dir.join(format!("{DATABASE}-wal"));
    match File::open(&path).and_then(|log| log.sync_data()) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(StoreError::io(path)),
    }
}
