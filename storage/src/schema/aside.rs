//! A damaged database is set aside, never deleted: `waylay.db` becomes `waylay.db.corrupt-20260131T235959Z`, and its log
//! goes with it under the name SQLite looks for. Segments stay where they are: the old file refers to them still.
//!
//! What counts as damaged when a store is opened: SQLite says so; or a file without SQLite's header is ours
//! nevertheless, by the application id in its place, or is nothing but zeros at its beginning, as a power failure leaves
//! files; or it was not closed in order and a check of what [`CHECK`] gives time for finds something. Other programs'
//! files, and those of newer versions of Waylay, are refused and left alone.

use super::APPLICATION;
use crate::{DATABASE, StoreError};
use rusqlite::Connection;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How long a database may be checked while the daemon starts; some hundred MiB take it.
const CHECK: Duration = Duration::from_millis(500);

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Renames the database and what belongs to it. Nothing may be using it but readers.
pub(crate) fn set_aside(dir: &Path) -> Result<PathBuf, StoreError> {
    let from = dir.join(DATABASE);
    let to = free_name(&from)?;
    // The log first: should this end in between, a log without its database is nobody's, but a database without its
    // log has lost what it held.
    for companion in COMPANIONS {
        let (from, to) = (with(&from, companion), with(&to, companion));
        match fs::rename(&from, &to) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(StoreError::io(from)(e)),
            _ => {}
        }
    }
    fs::rename(&from, &to).map_err(StoreError::io(from))?;
    Ok(to)
}

/// Says in the log what happened.
pub(crate) fn tell(path: &Path, error: &StoreError) {
    let path = path.display();
    tracing::error!(%error, %path, "the capture database was damaged and has been set aside; a new one is begun");
}

/// The databases that were set aside and are still there, oldest first.
pub(crate) fn list(dir: &Path) -> Vec<PathBuf> {
    let prefix = format!("{DATABASE}.corrupt-");
    let is_one = |name: &str| name.starts_with(&prefix) && !COMPANIONS.iter().any(|c| name.ends_with(c));
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.filter(|e| e.file_name().to_str().is_some_and(is_one)).map(|e| e.path()).collect();
    found.sort();
    found
}

/// Whether a file that SQLite does not take for a database was one of ours.
pub(crate) fn was_ours(path: &Path) -> bool {
    let mut header = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    // https://www.sqlite.org/fileformat.html: the application id is a big-endian number at 68.
    read.is_ok() && (header == [0; 100] || header[68..72] == (APPLICATION as u32).to_be_bytes())
}

/// Looks for damage, as far as the time goes that there is for it. Gives back what was found.
pub(crate) fn check(db: &Connection) -> Result<Option<String>, StoreError> {
    let (done, end) = mpsc::channel::<()>();
    let interrupt = db.get_interrupt_handle();
    let watch = thread::Builder::new().name("waylay-check".into()).spawn(move || {
        if end.recv_timeout(CHECK) == Err(mpsc::RecvTimeoutError::Timeout) {
            interrupt.interrupt();
        }
    });
    let watch = watch.map_err(StoreError::io("a thread"))?;
    let found = db.query_row("PRAGMA quick_check(1)", [], |r| r.get::<_, String>(0));
    drop(done);
    // It does nothing that could panic.
    let _ = watch.join();
    match found {
        Ok(found) if found == "ok" => Ok(None),
        Ok(found) => Ok(Some(found)),
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// A name that nothing has yet.
fn free_name(path: &Path) -> Result<PathBuf, StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let sql = "SELECT strftime('%Y%m%dT%H%M%SZ', ?1, 'unixepoch')";
    let time: String = Connection::open_in_memory()?.query_row(sql, [now.cast_signed()], |r| r.get(0))?;
    let names = (1..).map(|n| match n {
        1 => with(path, &format!(".corrupt-{time}")),
        n => with(path, &format!(".corrupt-{time}.{n}")),
    });
    let taken = |name: &PathBuf| ["", "-wal", "-shm"].iter().any(|c| with(name, c).symlink_metadata().is_ok());
    let mut free = names.skip_while(taken);
    // Invariant: the names do not end, the files do.
    Ok(free.next().expect("a free name"))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
