//! A walk through the faults of a disk: it refuses to take another byte at this point, then at the next one, and so on.
//! Each time, what the rows say must be what can be read, once everything can be written again.

use super::tests::eventually;
use crate::{
    Event, SEGMENTS, Store,
    fixtures::{chunk, exchange, inline, options, pattern},
    model::{BodyEnd, BodyRecord, Exchange, Gap, Part, SessionId},
};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

const SIZE: usize = 60_000;
const LOST: Gap = Gap { offset: 25_000, length: 5_000 };

/// A disk that can be limited.
trait Disk {
    /// The folder for a store.
    fn folder(&self) -> &Path;
    /// Refuses more than `bytes`.
    fn limit(&self, bytes: u64);
    /// Refuses nothing.
    fn lift(&self);
}

/// Pushes exchanges with bodies of all kinds; gives them back as their rows should be.
fn push(store: &Store, data: &[u8]) -> Vec<Exchange> {
    let mut pushed = Vec::new();
    for i in 0..6 {
        let mut x = exchange(store, SessionId::SENT);
        let seq = x.seq;
        if i % 2 == 0 {
            x.request = inline(&data[..9000]);
            x.response.end = BodyEnd::Complete;
        } else {
            store.queue().push(Event::Open(x.clone()));
            // By the queue, by a spill, by the queue, by a spill.
            chunk(store.queue(), seq, Part::Response, 0, &data[..12_000]);
            chunk(store.queue(), seq, Part::Response, 12_000, &data[12_000..20_000]);
            let spill = |from: usize, to: usize| {
                // As the recorder does: what a spill refuses is a gap that it knows of.
                let (offset, length) = (from as u64, (to - from) as u64);
                match store.spill().keep(seq, Part::Response, offset, &data[from..to]) {
                    Ok(placed) => store.queue().push(Event::Placed(placed)),
                    Err(_) => {
                        store.queue().count_lost(length);
                        return Some(Gap { offset, length });
                    }
                }
                None
            };
            let early = spill(20_000, 25_000);
            // Of every other body, some was let pass without being kept.
            let from = if i % 4 == 1 { LOST.offset } else { LOST.offset + LOST.length } as usize;
            chunk(store.queue(), seq, Part::Response, from as u64, &data[from..50_000]);
            let late = spill(50_000, SIZE);
            x.response = BodyRecord { size: SIZE as u64, streamed: true, end: BodyEnd::Complete, ..x.response };
            x.response.gaps = early.into_iter().chain(late).collect();
            if i % 4 == 3 {
                x.response.gaps.push(LOST);
                store.queue().count_lost(LOST.length);
            }
            x.response.gaps.sort_by_key(|gap| gap.offset);
        }
        store.queue().push(Event::Done(x.clone()));
        pushed.push(*x);
    }
    pushed
}

/// Checks every row against what can be read, and what is missing against what was counted.
fn check(store: &Store, pushed: &[Exchange], data: &[u8], counted: Option<u64>) {
    let reader = store.reader().unwrap();
    let mut missing = 0;
    for x in pushed {
        let (row, done) = reader.exchange(x.id).unwrap().expect("no row was given up: they all find room");
        assert!(done && row.response.end == BodyEnd::Complete && row.failure.is_none(), "{row:?}");
        let mut gaps = 0;
        for (part, said) in [(Part::Request, &row.request), (Part::Response, &row.response)] {
            let mut body = reader.body(x.id, part).unwrap().unwrap();
            assert_eq!((body.size, &body.gaps), (said.size, &said.gaps));
            let mut expected = data[..body.size as usize].to_vec();
            for gap in body.gaps.iter().rev() {
                drop(expected.drain(gap.offset as usize..(gap.offset + gap.length) as usize));
                gaps += gap.length;
            }
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).unwrap();
            assert!(bytes == expected, "{} of {} bytes of {}", bytes.len(), expected.len(), x.id);
        }
        assert_eq!(reader.summaries(&[x.seq]).unwrap()[0].truncated, gaps > 0, "{}", x.id);
        missing += gaps;
    }
    assert_eq!(missing, counted.unwrap_or(missing), "what is missing is what was counted");
}

/// One fault, at `bytes`; says whether there was one.
fn fault(disk: &dyn Disk, bytes: impl Fn(&Path) -> u64) -> bool {
    let dir = disk.folder();
    let data = pattern(SIZE);
    let store = Store::open(options(dir)).unwrap();
    disk.limit(bytes(dir));
    let pushed = push(&store, &data);
    eventually("it goes well or it fails", || {
        let health = store.health();
        health.last_error.is_some() || health.backlog_bytes == 0
    });
    let failed = store.health().last_error.is_some() || store.health().shed_bytes > 0;
    disk.lift();
    store.flush().unwrap();
    assert_eq!(store.health().shed, 0);
    check(&store, &pushed, &data, Some(store.health().shed_bytes));

    // It goes on as if nothing had been, and after a restart as well.
    let next = push(&store, &data);
    store.flush().unwrap();
    assert_eq!((store.health().last_error, store.health().shed), (None, 0));
    let lost = store.health().shed_bytes;
    store.close().unwrap();
    let store = Store::open(options(dir)).unwrap();
    assert!(store.set_aside().is_empty());
    check(&store, &[pushed, next].concat(), &data, Some(lost));
    let db = rusqlite::Connection::open(dir.join(crate::DATABASE)).unwrap();
    let integrity: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    failed
}

/// Lets writes beyond a place in any file fail, in this whole process: EFBIG, which SQLite takes for an I/O error.
struct FileSize(tempfile::TempDir);

impl Disk for FileSize {
    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn limit(&self, bytes: u64) {
        set_file_size(Some(bytes));
    }

    fn lift(&self) {
        set_file_size(None);
    }
}

fn set_file_size(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: now.maximum }).unwrap();
}

/// The limit holds for a whole process, so this runs in one of its own, which ignores the signal that comes with it.
#[test]
fn what_rows_say_can_be_read_whichever_write_fails() {
    const CHILD: &str = "WAYLAY_TEST_FAULTS";
    if std::env::var_os(CHILD).is_none() {
        let name = "writer::faults::what_rows_say_can_be_read_whichever_write_fails";
        let mut child = Command::new("sh");
        child.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]).arg(std::env::current_exe().unwrap());
        let output = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    let fault = |bytes: &dyn Fn(&Path) -> u64| fault(&FileSize(tempfile::tempdir().unwrap()), bytes);
    // The log is longer than this already: no row can be written, and bodies only so far.
    let mut failed = (0..24).filter(|n| fault(&|_| n * 5_000)).count();
    // Bodies can be written, and of the log one page more each time.
    let log = |dir: &Path| fs::metadata(dir.join("waylay.db-wal")).unwrap().len();
    failed += (0..16).filter(|n| fault(&|dir| log(dir).max(200_000) + n * (crate::schema::PAGE + 24) / 2)).count();
    assert!(failed > 24 + 4, "{failed} faults were met");
}

/// A file system with so many bytes: ENOSPC, which SQLite takes for a full disk. It takes the right to mount.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    fn mount() -> Result<Self, String> {
        let disk = Self(tempfile::tempdir().unwrap());
        mount(&["-t", "tmpfs", "-o", "mode=0700,size=64m", "waylay-test"], disk.folder())?;
        Ok(disk)
    }
}

impl Disk for Tmpfs {
    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn limit(&self, bytes: u64) {
        let found = rustix::fs::statvfs(self.folder()).unwrap();
        let used = (found.f_blocks - found.f_bfree) * found.f_frsize;
        mount(&["-o", &format!("remount,size={}", used + bytes)], self.folder()).unwrap();
    }

    fn lift(&self) {
        mount(&["-o", "remount,size=64m"], self.folder()).unwrap();
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder()).status();
    }
}

fn mount(args: &[&str], at: &Path) -> Result<(), String> {
    let output = Command::new("mount").args(args).arg(at).output().map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn what_rows_say_can_be_read_wherever_the_disk_is_full() {
    let mut failed = 0;
    for pages in 0..40 {
        let disk = match Tmpfs::mount() {
            Ok(disk) => disk,
            Err(why) => return println!("SKIPPED: no disk can be mounted for this test: {why}"),
        };
        failed += usize::from(fault(&disk, |_| pages * 3 * 4096));
        let segments: Vec<PathBuf> =
            fs::read_dir(disk.folder().join(SEGMENTS)).unwrap().map(|e| e.unwrap().path()).collect();
        assert!(segments.len() <= 6, "a full disk is not filled with empty files: {segments:?}");
    }
    assert!(failed > 20, "{failed} of 40 disks were full");
}
