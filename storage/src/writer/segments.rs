//! The files that hold big bodies: `segments/0001` and so on, appended to by the writer alone.

use super::Chunk;
use crate::platform;
use std::{
    fs::{self, File},
    io::{self, IoSlice, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A segment this long is not added to any more.
const LIMIT: u64 = 1 << 30;

/// Chunks per write: `IOV_MAX` is 1024 on the systems we know.
const GROUP: usize = 512;

/// Where bytes came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: i64,
    pub(super) position: u64,
    pub(super) length: u64,
}

pub(super) struct Segments {
    dir: PathBuf,
    limit: u64,
    current: Option<Segment>,
    /// Written to since they were last synced.
    dirty: Vec<Arc<File>>,
}

struct Segment {
    number: i64,
    file: Arc<File>,
    end: u64,
    dirty: bool,
}

/// The file of a segment.
pub(crate) fn path(dir: &Path, number: i64) -> PathBuf {
    dir.join(format!("{number:04}"))
}

impl Segments {
    /// The folder is looked at when the first bytes come.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, limit: LIMIT, current: None, dirty: Vec::new() }
    }

    /// Appends the chunks and reports where each came to lie, in order. After an error, what was reported is written
    /// and the rest is not; the last chunk reported may be a part of one.
    pub(super) fn append(&mut self, chunks: &[Chunk], mut placed: impl FnMut(&Chunk, Place)) -> io::Result<()> {
        for group in chunks.chunks(GROUP) {
            let segment = self.current()?;
            let mut slices: Vec<_> = group.iter().map(|c| IoSlice::new(&c.data)).collect();
            let (mut written, result) = write_all(&segment.file, &mut slices);
            for chunk in group {
                let length = written.min(chunk.data.len() as u64);
                if length > 0 {
                    placed(chunk, Place { segment: segment.number, position: segment.end, length });
                }
                segment.end += length;
                written -= length;
            }
            if let Err(e) = result {
                // Its length is asked for anew before anything else is written to it.
                self.current = None;
                return Err(e);
            }
        }
        Ok(())
    }

    /// The files written to since this was last asked; they have to be synced.
    pub(super) fn take_dirty(&mut self) -> Vec<Arc<File>> {
        if let Some(segment) = &mut self.current {
            segment.dirty = false;
        }
        std::mem::take(&mut self.dirty)
    }

    /// Makes everything written durable.
    pub(super) fn sync(&mut self) -> Result<(), crate::StoreError> {
        let files = self.take_dirty();
        files.iter().try_for_each(|f| f.sync_data()).map_err(crate::StoreError::io(&self.dir))
    }

    /// The segment to append to, noted as written to.
    fn current(&mut self) -> io::Result<&mut Segment> {
        if self.current.as_ref().is_some_and(|s| s.end >= self.limit) {
            self.current = None;
        }
        let segment = match self.current.take() {
            Some(segment) => segment,
            None => self.open()?,
        };
        let segment = self.current.insert(segment);
        if !segment.dirty {
            segment.dirty = true;
            self.dirty.push(segment.file.clone());
        }
        Ok(segment)
    }

    /// Opens the last segment, or the one behind it if that is full.
    fn open(&self) -> io::Result<Segment> {
        let number = |name: std::ffi::OsString| name.to_str()?.parse::<i64>().ok().filter(|n| *n > 0);
        let mut last = 1;
        for entry in fs::read_dir(&self.dir)? {
            last = number(entry?.file_name()).unwrap_or(1).max(last);
        }
        loop {
            let file = platform::private().append(true).create(true).open(path(&self.dir, last))?;
            let found = file.metadata()?;
            if found.is_file() && found.len() < self.limit {
                return Ok(Segment { number: last, file: Arc::new(file), end: found.len(), dirty: false });
            }
            last += 1;
        }
    }
}

/// Writes as much as can be written, and says how much that was.
fn write_all(mut file: &File, mut slices: &mut [IoSlice<'_>]) -> (u64, io::Result<()>) {
    let mut written = 0;
    IoSlice::advance_slices(&mut slices, 0); // drops empty ones in front
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(n) => {
                written += n as u64;
                IoSlice::advance_slices(&mut slices, n);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (written, Err(e)),
        }
    }
    (written, Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Part;
    use bytes::Bytes;

    fn chunk(data: &'static str) -> Chunk {
        Chunk { seq: 1, part: Part::Response, offset: 0, data: Bytes::from_static(data.as_bytes()) }
    }

    fn append(segments: &mut Segments, chunks: &[Chunk]) -> Vec<(i64, u64, u64)> {
        let mut places = Vec::new();
        segments.append(chunks, |_, p| places.push((p.segment, p.position, p.length))).unwrap();
        places
    }

    #[test]
    fn bytes_follow_each_other_and_a_full_segment_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let mut segments = Segments { limit: 8, ..Segments::new(dir.path().into()) };
        assert_eq!(append(&mut segments, &[chunk("abc"), chunk(""), chunk("de")]), [(1, 0, 3), (1, 3, 2)]);
        assert_eq!(append(&mut segments, &[chunk("fghi")]), [(1, 5, 4)]);
        assert_eq!(append(&mut segments, &[chunk("j")]), [(2, 0, 1)]);
        assert_eq!(segments.take_dirty().len(), 2);
        assert_eq!(segments.take_dirty().len(), 0);
        assert_eq!(fs::read(dir.path().join("0001")).unwrap(), b"abcdefghi");

        // Bytes left behind by a writer that was killed are not written over.
        fs::write(dir.path().join("0002"), b"jxyz").unwrap();
        let mut segments = Segments { limit: 8, ..Segments::new(dir.path().into()) };
        assert_eq!(append(&mut segments, &[chunk("k")]), [(2, 4, 1)]);
        assert_eq!(segments.take_dirty().len(), 1);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_until_it_is_back() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("segments");
        let mut segments = Segments::new(inside.clone());
        assert!(segments.append(&[chunk("a")], |_, _| panic!("nothing was written")).is_err());
        fs::create_dir(inside).unwrap();
        assert_eq!(append(&mut segments, &[chunk("b")]), [(1, 0, 1)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_an_error_the_file_is_opened_anew() {
        let dir = tempfile::tempdir().unwrap();
        let full = || Arc::new(File::options().write(true).open("/dev/full").unwrap());
        let mut slices = [IoSlice::new(b""), IoSlice::new(b"abc")];
        let (written, result) = write_all(&full(), &mut slices);
        assert_eq!((written, result.unwrap_err().kind()), (0, io::ErrorKind::StorageFull));

        let current = Some(Segment { number: 1, file: full(), end: 7, dirty: false });
        let mut segments = Segments { current, ..Segments::new(dir.path().into()) };
        assert!(segments.append(&[chunk("a")], |_, _| panic!("nothing was written")).is_err());
        assert_eq!(append(&mut segments, &[chunk("b")]), [(1, 0, 1)]);
    }
}
