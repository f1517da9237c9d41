//! The database and its log.
//!
//! What is deleted is overwritten (`secure_delete`). But when rows move from page to page, SQLite leaves copies in the
//! unused part of a page, and if such a row is deleted later, its copy stays. Only writing the whole database anew (VACUUM)
//! leaves nothing for certain; while that lasts, nothing else can be written.

use super::{Gc, Others};
use crate::{DATABASE, Reader, StoreError, purge::Cleaner};
use rusqlite::{Connection, Error, ErrorCode};
use std::{sync::Arc, thread, time::Duration};

/// A database up to this size, bytes, is written anew in memory; larger ones in a file beside.
const SMALL: i64 = 128 << 20;

/// A database above this size, bytes, is not written anew while a daemon captures: the last step, some seconds by then,
/// cannot be broken off.
const LARGE: i64 = 2 << 30;

/// How often it is looked whether what is captured piles up, in steps of SQLite's machine: some hundred rows.
const STEPS: i32 = 1_000;

/// Pages that are given back at once.
const PAGES: i64 = 64;

/// How often, and how long apart, it is tried to empty the log while readers look at it.
const ATTEMPTS: u32 = 40;
const APART: Duration = Duration::from_millis(250);

/// Makes the database as small as it can be, and leaves nothing of what was deleted. While a daemon captures it comes
/// first: as soon as what it captures piles up, this is broken off and the database stays as it was.
pub(super) fn shrink(cleaner: &Cleaner, reader: &Reader, others: Others, gc: &mut Gc) -> Result<(), StoreError> {
    let used = (pragma(reader, "page_count")? - pragma(reader, "freelist_count")?) * pragma(reader, "page_size")?;
    let why = if others == Others::None {
        cleaner.upkeep(move |db| write_anew(db, used))?;
        return Ok(());
    } else if used > LARGE {
        format!("has more than {} GiB, and capture would wait for too long", LARGE >> 30)
    } else {
        let queue = cleaner.queue();
        let done = cleaner.upkeep(move |db| {
            let queue = Arc::clone(&queue);
            db.progress_handler(STEPS, Some(move || queue.is_behind()))?;
            let done = write_anew(db, used);
            db.progress_handler(0, None::<fn() -> bool>)?;
            match done {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(false),
                done => done.map(|()| true),
            }
        })?;
        if done {
            return Ok(());
        }
        "could not be written anew beside so much traffic".to_owned()
    };
    gc.notes.push(format!(
        "{DATABASE} {why}: remains of what was deleted can be left in it until `waylay store gc` is run {}",
        if used > LARGE { "without a daemon" } else { "at a quieter time" }
    ));
    give_back(cleaner, reader)
}

fn write_anew(db: &Connection, used: i64) -> Result<(), Error> {
    if used > SMALL {
        db.pragma_update(None, "temp_store", "file")?;
    }
    let done = db.execute_batch("VACUUM");
    db.pragma_update(None, "temp_store", "memory")?;
    done
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
