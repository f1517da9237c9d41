//! The files that hold big bodies: `segments/0001` and so on.
//!
//! - this file: [`Files`], their folder, their numbers, and which of them must be synced
//! - [`append`]: the segment the writer appends to
//! - [`spill`]: the segment of bytes that found no room on the way to the writer
//! - [`ranges`]: copying the parts of a segment that are in use
//!
//! A number is used once. Of a file that was lost, extents may still speak; bytes of other bodies must not come to lie
//! where they point.

pub(crate) mod append;
pub(crate) mod ranges;
pub mod spill;

use crate::platform;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

/// A segment this long is not added to any more.
const LIMIT: u64 = 1 << 30;

/// Where bytes came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: i64,
    pub(crate) position: u64,
    pub(crate) length: u64,
}

/// The folder of segments, shared by those who write to it.
pub(crate) struct Files {
    dir: PathBuf,
    limit: u64,
    /// The last number in use.
    last: Mutex<i64>,
    /// Written to since they were last synced.
    dirty: Mutex<Vec<Arc<Segment>>>,
    /// Up to this number nothing is added to a segment any more.
    closed: AtomicI64,
    /// Those that somebody may hold, to write to them or to tell of what was written.
    held: Mutex<Vec<Weak<Segment>>>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct Segment {
    number: i64,
    file: File,
    dirty: AtomicBool,
}

/// The file of a segment.
pub(crate) fn path(dir: &Path, number: i64) -> PathBuf {
    dir.join(format!("{number:04}"))
}

impl Files {
    /// Looks at the folder, whose numbers were used up to `last` at least.
    pub(crate) fn open(dir: PathBuf, last: i64) -> io::Result<Self> {
        // A name far from any real number is not ours.
        let number = |name: std::ffi::OsString| name.to_str()?.parse::<i64>().ok().filter(|n| *n < i64::MAX / 2);
        let mut last = last.max(0);
        for entry in fs::read_dir(&dir)? {
            last = number(entry?.file_name()).unwrap_or(0).max(last);
        }
        Ok(Self {
            dir,
            limit: LIMIT,
            last: Mutex::new(last),
            dirty: Mutex::default(),
            closed: AtomicI64::new(0),
            held: Mutex::default(),
        })
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// From now on nothing new is added to the segments there are, once those who write to them have noticed.
    pub(crate) fn close_all(&self) -> i64 {
        let last = self.last();
        self.closed.store(last, Ordering::Release);
        last
    }

    /// Whether somebody may still write to a segment, or have written to it what no extent tells of yet.
    pub(crate) fn is_held(&self, number: i64) -> bool {
        let mut held = lock(&self.held);
        held.retain(|segment| segment.strong_count() > 0);
        held.iter().filter_map(Weak::upgrade).any(|segment| segment.number == number)
    }

    /// Whether a segment is not added to any more.
    fn is_closed(&self, number: i64) -> bool {
        number <= self.closed.load(Ordering::Acquire)
    }

    fn hold(&self, number: i64, file: File) -> Arc<Segment> {
        let segment = Segment::new(number, file);
        lock(&self.held).push(Arc::downgrade(&segment));
        segment
    }

    /// The last number in use; 0 if there is none.
    pub(crate) fn last(&self) -> i64 {
        *lock(&self.last)
    }

    /// Creates the next segment, and the folder if it has gone.
    pub(crate) fn create(&self) -> io::Result<Arc<Segment>> {
        let mut last = lock(&self.last);
        loop {
            let path = path(&self.dir, *last + 1);
            match platform::private().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    *last += 1;
                    return Ok(self.hold(*last, file));
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => *last += 1,
                Err(e) if e.kind() == io::ErrorKind::NotFound => platform::create_folder(&self.dir)?,
                Err(e) => return Err(e),
            }
        }
    }

    /// A segment that is there already and not full, with its length.
    fn reopen(&self, number: i64) -> Option<(Arc<Segment>, u64)> {
        if self.is_closed(number) {
            return None;
        }
        let path = path(&self.dir, number);
        platform::plain_file(&path).ok()?;
        let file = platform::private().write(true).open(path).ok()?;
        let length = file.metadata().ok()?.len();
        (length < self.limit).then(|| (self.hold(number, file), length))
    }

    /// Whether a segment is still the file that has its name.
    fn holds(&self, segment: &Segment) -> bool {
        platform::is_at(&segment.file, &path(&self.dir, segment.number))
    }

    /// Notes that a segment was written to. To be called after the bytes are written and before anything refers to
    /// them: then they are synced before what refers to them is.
    fn written(&self, segment: &Arc<Segment>) {
        if !segment.dirty.swap(true, Ordering::AcqRel) {
            lock(&self.dirty).push(segment.clone());
        }
    }

    /// Makes durable what was written before this is called.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let mut files = std::mem::take(&mut *lock(&self.dirty));
        if files.is_empty() {
            return Ok(());
        }
        let mut result = match platform::sync_folder(&self.dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()), // then the files have gone as well
            result => result,
        };
        while let (Ok(()), Some(segment)) = (&result, files.pop()) {
            segment.dirty.store(false, Ordering::Release);
            result = segment.file.sync_data();
        }
        lock(&self.dirty).append(&mut files);
        result
    }
}

impl Segment {
    fn new(number: i64, file: File) -> Arc<Self> {
        Arc::new(Self { number, file, dirty: AtomicBool::new(false) })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can be left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
