//! The database and its log.
//!
//! What is deleted is overwritten (`secure_delete`). But when rows move from page to page, SQLite leaves copies in the
//! unused part of a page, and if such a row is deleted later, its copy stays. Only writing the whole database anew (VACUUM)
//! leaves nothing for certain; while that lasts, nothing else can be written.

use super::{Gc, Others};
use crate::{DATABASE, Reader, StoreError, purge::Cleaner};
use std::{thread, time::Duration};

/// A database up to this size, bytes, is written anew while a daemon captures: some tenths of a second.
const QUICK: i64 = 128 << 20;

/// Pages that are given back at once.
const PAGES: i64 = 64;

/// How often, and how long apart, it is tried to empty the log while readers look at it.
const ATTEMPTS: u32 = 40;
const APART: Duration = Duration::from_millis(250);

/// Makes the database as small as it can be, and leaves nothing of what was deleted if that can be done quickly.
pub(super) fn shrink(cleaner: &Cleaner, reader: &Reader, others: Others, gc: &mut Gc) -> Result<(), StoreError> {
    let used = (pragma(reader, "page_count")? - pragma(reader, "freelist_count")?) * pragma(reader, "page_size")?;
    if others == Others::Capture && used > QUICK {
        gc.notes.push(format!(
            "{DATABASE} has more than {} MiB and was not written anew, as capture would wait for that; remains of what was \
             deleted can be left in it until `waylay store gc` is run without a daemon",
            QUICK >> 20
        ));
        return give_back(cleaner, reader);
    }
    cleaner.upkeep(move |db| {
        // In memory if it is small.
        if used > QUICK {
            db.pragma_update(None, "temp_store", "file")?;
        }
        let done = db.execute_batch("VACUUM");
        db.pragma_update(None, "temp_store", "memory")?;
        done
    })
}

/// Gives unused pages at the end of the file back, a few at a time.
pub(super) fn give_back(cleaner: &Cleaner, reader: &Reader) -> Result<(), StoreError> {
    let mut unused = pragma(reader, "freelist_count")?;
    while unused > 0 {
        cleaner.upkeep(|db| db.execute_batch(&format!("PRAGMA incremental_vacuum({PAGES})")))?;
        let left = pragma(reader, "freelist_count")?;
        if left >= unused {
            break; // others delete, too, or the database was made without it
        }
        unused = left;
    }
    Ok(())
}

/// Moves what the log holds into the database and empties it.
pub(super) fn empty_log(cleaner: &Cleaner, gc: &mut Gc) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        cleaner.files.sync().map_err(StoreError::io(cleaner.files.dir()))?;
        let busy = cleaner.upkeep(|db| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, bool>(0)))?;
        if !busy {
            return Ok(());
        }
        thread::sleep(APART);
    }
    gc.notes.push(format!("{DATABASE}-wal could not be emptied, as somebody reads the store; run gc again later"));
    Ok(())
}

fn pragma(reader: &Reader, name: &str) -> Result<i64, StoreError> {
    Ok(reader.db.query_row(&format!("PRAGMA {name}"), [], |r| r.get(0))?)
}
