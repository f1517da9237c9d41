//! The segment the writer appends to.

use super::{Files, Place, Segment};
use crate::model::Part;
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, IoSlice, Seek, SeekFrom, Write},
    sync::Arc,
};

/// Chunks per write: `IOV_MAX` is 1024 on the systems we know.
const GROUP: usize = 512;

/// So many bytes are written for a try.
const PROBE: usize = 64 << 10;

/// Bytes of a body on their way into a segment.
pub(crate) struct Chunk {
    pub(crate) seq: i64,
    pub(crate) part: Part,
    pub(crate) offset: u64,
    pub(crate) data: Bytes,
}

pub(crate) struct Appender {
    files: Arc<Files>,
    current: Option<Current>,
    /// The number of a segment to go on with, if it is there: the last one when the store was closed in order, or the
    /// one that could not be written to a moment ago.
    again: Option<i64>,
}

struct Current {
    segment: Arc<Segment>,
    end: u64,
}

impl Appender {
    /// `again` is the segment to go on with. After an end that was not in order this must be a new one: a power
    /// failure may have cut the last one short of what extents say.
    pub(crate) fn new(files: Arc<Files>, again: Option<i64>) -> Self {
        Self { files, current: None, again }
    }

    /// Appends the chunks and reports where each came to lie, in order. After an error, what was reported is written
    /// and the rest is not; the last chunk reported may be a part of one.
    pub(crate) fn append(&mut self, chunks: &[Chunk], mut placed: impl FnMut(&Chunk, Place)) -> io::Result<()> {
        if self.current.as_ref().is_some_and(|c| !self.files.holds(&c.segment)) {
            self.current = None; // removed or replaced: nobody would find what is written to it
        }
        for group in chunks.chunks(GROUP) {
            let files = self.files.clone();
            let current = self.current()?;
            let mut slices: Vec<_> = group.iter().map(|c| IoSlice::new(&c.data)).collect();
            let (mut written, result) = write_all(&current.segment.file, &mut slices);
            files.written(&current.segment);
            for chunk in group {
                let length = written.min(chunk.data.len() as u64);
                if length > 0 {
                    placed(chunk, Place { segment: current.segment.number, position: current.end, length });
                }
                current.end += length;
                written -= length;
            }
            if let Err(e) = result {
                // Its length is asked for anew before anything else is written to it.
                self.again = self.current.take().map(|c| c.segment.number);
                return Err(e);
            }
        }
        Ok(())
    }

    /// Lets go of a segment that is not to be added to any more.
    pub(crate) fn leave_closed(&mut self) {
        if self.current.as_ref().is_some_and(|c| self.files.is_closed(c.segment.number)) {
            self.current = None;
        }
    }

    /// Finds out whether bytes can be written, when there are none to write.
    pub(crate) fn probe(&mut self) -> io::Result<()> {
        let current = self.current()?;
        let (end, file) = (current.end, &current.segment.file);
        let zeros = [0; PROBE];
        let (_, mut result) = write_all(file, &mut [IoSlice::new(&zeros)]);
        result = result.and(file.set_len(end)).and((&*file).seek(SeekFrom::Start(end)).map(drop));
        if result.is_err() {
            self.again = self.current.take().map(|c| c.segment.number);
        }
        result
    }

    fn current(&mut self) -> io::Result<&mut Current> {
        let usable = |c: &Current| c.end < self.files.limit && !self.files.is_closed(c.segment.number);
        let current = match self.current.take().filter(usable) {
            Some(current) => current,
            None => self.open()?,
        };
        Ok(self.current.insert(current))
    }

    fn open(&mut self) -> io::Result<Current> {
        if let Some((segment, end)) = self.again.take().and_then(|number| self.files.reopen(number)) {
            (&segment.file).seek(SeekFrom::Start(end))?;
            return Ok(Current { segment, end });
        }
        Ok(Current { segment: self.files.create()?, end: 0 })
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
    use std::{fs, path::Path, sync::Mutex};

    fn files(dir: &Path) -> Arc<Files> {
        let files = Files::open(dir.into(), 0).unwrap();
        Arc::new(Files { limit: 8, ..files })
    }

    fn chunk(data: &'static str) -> Chunk {
        Chunk { seq: 1, part: Part::Response, offset: 0, data: Bytes::from_static(data.as_bytes()) }
    }

    fn append(appender: &mut Appender, chunks: &[Chunk]) -> Vec<(i64, u64, u64)> {
        let mut places = Vec::new();
        appender.append(chunks, |_, p| places.push((p.segment, p.position, p.length))).unwrap();
        places
    }

    #[test]
    fn bytes_follow_each_other_and_a_full_segment_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        let mut appender = Appender::new(files.clone(), None);
        assert_eq!(append(&mut appender, &[chunk("abc"), chunk(""), chunk("de")]), [(1, 0, 3), (1, 3, 2)]);
        assert_eq!(append(&mut appender, &[chunk("fghi")]), [(1, 5, 4)]);
        assert_eq!(append(&mut appender, &[chunk("j")]), [(2, 0, 1)]);
        assert_eq!(files.dirty.lock().unwrap().len(), 2);
        files.sync().unwrap();
        assert_eq!(files.dirty.lock().unwrap().len(), 0);
        assert_eq!(append(&mut appender, &[chunk("k")]), [(2, 1, 1)]);
        assert_eq!(files.dirty.lock().unwrap().len(), 1);
        assert_eq!(fs::read(dir.path().join("0001")).unwrap(), b"abcdefghi");
    }

    #[test]
    fn after_a_restart_the_last_segment_is_gone_on_with_only_if_it_is_known_to_be_whole() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("0002"), b"jxyz").unwrap();
        let files = self::files(dir.path());
        assert_eq!(append(&mut Appender::new(files.clone(), Some(2)), &[chunk("k")]), [(2, 4, 1)]);
        assert_eq!(append(&mut Appender::new(files.clone(), None), &[chunk("k")]), [(3, 0, 1)]);
        fs::write(dir.path().join("0003"), b"long enough").unwrap();
        assert_eq!(append(&mut Appender::new(files, Some(3)), &[chunk("k")]), [(4, 0, 1)]);
        // The database knows of numbers whose files are gone.
        let files = Arc::new(Files::open(dir.path().into(), 9).unwrap());
        assert_eq!(append(&mut Appender::new(files, Some(9)), &[chunk("k")]), [(10, 0, 1)]);
    }

    #[test]
    fn what_was_removed_is_noticed_and_numbers_do_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("segments");
        fs::create_dir(&inside).unwrap();
        let mut appender = Appender::new(files(&inside), None);
        assert_eq!(append(&mut appender, &[chunk("a")]), [(1, 0, 1)]);
        fs::remove_file(inside.join("0001")).unwrap();
        assert_eq!(append(&mut appender, &[chunk("b")]), [(2, 0, 1)]);
        fs::remove_dir_all(&inside).unwrap();
        assert_eq!(append(&mut appender, &[chunk("c")]), [(3, 0, 1)]);
        fs::rename(&inside, dir.path().join("elsewhere")).unwrap();
        fs::write(&inside, "in the way").unwrap();
        assert!(appender.append(&[chunk("d")], |_, _| panic!("nothing was written")).is_err());
        fs::remove_file(&inside).unwrap();
        assert_eq!(append(&mut appender, &[chunk("e")]), [(4, 0, 1)]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_an_error_the_file_is_opened_anew() {
        let dir = tempfile::tempdir().unwrap();
        let full = || File::options().write(true).open("/dev/full").unwrap();
        let mut slices = [IoSlice::new(b""), IoSlice::new(b"abc")];
        let (written, result) = write_all(&full(), &mut slices);
        assert_eq!((written, result.unwrap_err().kind()), (0, io::ErrorKind::StorageFull));

        let files = Files { last: Mutex::new(1), ..Files::open(dir.path().into(), 0).unwrap() };
        std::os::unix::fs::symlink("/dev/full", dir.path().join("0001")).unwrap();
        let files = Arc::new(files);
        let mut appender = Appender::new(files.clone(), None);
        appender.current = Some(Current { segment: Segment::new(1, full()), end: 7 });
        assert!(appender.append(&[chunk("a")], |_, _| panic!("nothing was written")).is_err());
        fs::remove_file(dir.path().join("0001")).unwrap();
        fs::write(dir.path().join("0001"), "part").unwrap();
        assert_eq!(append(&mut appender, &[chunk("b")]), [(1, 4, 1)]);
    }

    #[test]
    fn a_try_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let files = Arc::new(Files::open(dir.path().into(), 0).unwrap());
        let mut appender = Appender::new(files, None);
        appender.probe().unwrap();
        assert_eq!(append(&mut appender, &[chunk("a")]), [(1, 0, 1)]);
        appender.probe().unwrap();
        assert_eq!(append(&mut appender, &[chunk("b")]), [(1, 1, 1)]);
        assert_eq!(fs::read(dir.path().join("0001")).unwrap(), b"ab");
        fs::remove_dir_all(dir.path()).unwrap();
        fs::write(dir.path(), "in the way").unwrap();
        appender.current = None;
        assert!(appender.probe().is_err());
        fs::remove_file(dir.path()).unwrap();
        fs::create_dir(dir.path()).unwrap();
    }
}
