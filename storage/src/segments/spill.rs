//! Where bytes go that found no room in memory on their way to the writer.

use super::{Files, Place, Segment, lock};
use crate::{model::Part, platform, room::Room};
use std::{
    io,
    sync::{Arc, Mutex},
};

/// The way to the disk past the writer: a segment that those who have the bytes write to themselves.
///
/// It is for bodies that have waited for the [`Budget`](crate::Budget) as long as they may. It waits for the disk, so
/// it must be called where that is allowed, and for one body at a time: what is under way here is not bounded by the
/// budget.
pub struct Spill {
    files: Arc<Files>,
    room: Arc<Room>,
    current: Mutex<Option<Current>>,
}

struct Current {
    segment: Arc<Segment>,
    /// Where the next bytes go. What was to stand before may still be under way, or have failed: then nothing refers
    /// to that place.
    end: u64,
}

/// Bytes of a body that stand in a segment already.
#[derive(Debug)]
#[must_use = "the bytes are lost unless this is pushed"]
pub struct Placed {
    pub(crate) seq: i64,
    pub(crate) part: Part,
    pub(crate) offset: u64,
    pub(crate) place: Place,
    /// Until an extent tells of the bytes, nobody may take the segment for unused.
    _held: Arc<Segment>,
}

impl Spill {
    pub(crate) fn new(files: Arc<Files>, room: Arc<Room>) -> Self {
        Self { files, room, current: Mutex::default() }
    }

    /// Writes `data`, which stands at `offset` in the body `part` of the exchange `seq`, to a file. Takes nothing from the
    /// budget.
    ///
    /// The bytes are kept once what this gives back is pushed as [`Event::Placed`](crate::Event::Placed), before the row of the exchange; pieces
    /// may come in any order. Whoever does not wait for the end of this drops it: then they are nobody's.
    ///
    /// # Errors
    /// What the operating system said; [`io::ErrorKind::StorageFull`] also while the disk is so full that bodies are not
    /// stored. Nothing of `data` is kept then: for the body it is a gap, to be counted by
    /// [`Queue::count_lost`](crate::Queue::count_lost).
    pub fn keep(&self, seq: i64, part: Part, offset: u64, data: &[u8]) -> io::Result<Placed> {
        if self.room.is_low() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let length = data.len() as u64;
        let (segment, position) = self.reserve(length)?;
        platform::write_all_at(&segment.file, data, position)?;
        self.files.written(&segment);
        let place = Place { segment: segment.number, position, length };
        Ok(Placed { seq, part, offset, place, _held: segment })
    }

    /// Lets go of a segment that is not to be added to any more.
    pub(crate) fn leave_closed(&self) {
        let mut current = lock(&self.current);
        if current.as_ref().is_some_and(|c| self.files.is_closed(c.segment.number)) {
            *current = None;
        }
    }

    /// The segment to write to, and the place in it that is from now on taken. Several may write at once.
    fn reserve(&self, length: u64) -> io::Result<(Arc<Segment>, u64)> {
        let mut slot = lock(&self.current);
        let files = &self.files;
        let usable = |c: &Current| c.end < files.limit && !files.is_closed(c.segment.number) && files.holds(&c.segment);
        let mut current = match slot.take().filter(usable) {
            Some(current) => current,
            None => Current { segment: self.files.create()?, end: 0 },
        };
        let taken = (current.segment.clone(), current.end);
        current.end += length;
        *slot = Some(current);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Event, Reader, SEGMENTS, Store,
        fixtures::{chunk, exchange, killed, pattern, store},
        model::{BodyEnd, BodyRecord, Exchange, ExchangeId, Gap, SessionId},
    };
    use std::{fs, io::Read, thread};

    const PART: Part = Part::Response;

    fn spill(store: &Store, seq: i64, offset: u64, data: &[u8]) -> io::Result<()> {
        let placed = store.spill().keep(seq, PART, offset, data)?;
        store.queue().push(Event::Placed(placed));
        Ok(())
    }

    fn read(reader: &Reader, id: ExchangeId) -> (Vec<u8>, Vec<Gap>) {
        let mut body = reader.body(id, PART).unwrap().unwrap();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, body.stored);
        (bytes, body.gaps)
    }

    /// Of 60,000 bytes, the first by the queue, then some spilled, some lost, some by the queue again and the rest
    /// spilled, the last piece first.
    fn mixed(store: &Store, data: &[u8]) -> Box<Exchange> {
        let mut x = exchange(store, SessionId::SENT);
        chunk(store.queue(), x.seq, PART, 0, &data[..20_000]);
        let keep = |from: usize, to: usize| spill(store, x.seq, from as u64, &data[from..to]).unwrap();
        keep(20_000, 25_000);
        keep(25_000, 30_000);
        chunk(store.queue(), x.seq, PART, 40_000, &data[40_000..45_000]);
        keep(50_000, 60_000);
        keep(45_000, 50_000);
        x.response = BodyRecord { size: 60_000, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
        x.response.gaps = vec![Gap { offset: 30_000, length: 10_000 }];
        x
    }

    #[test]
    fn a_body_that_went_both_ways_comes_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let data = pattern(60_000);
        let kept = [&data[..30_000], &data[40_000..]].concat();
        let gap = vec![Gap { offset: 30_000, length: 10_000 }];
        let store = store(dir.path());
        let first = mixed(&store, &data);
        store.queue().push(Event::Done(first.clone()));
        store.flush().unwrap();
        let reader = store.reader().unwrap();
        assert!(read(&reader, first.id) == (kept.clone(), gap.clone()));
        assert!(reader.summaries(&[first.seq]).unwrap()[0].truncated);
        assert_eq!((store.health().shed_bytes, store.queue().budget().used()), (0, 0));
        store.close().unwrap();

        // Neither the writer nor a spill begins anew where something lies.
        let again = crate::fixtures::store(dir.path());
        let second = mixed(&again, &data);
        again.queue().push(Event::Done(second.clone()));
        again.close().unwrap();
        for id in [first.id, second.id] {
            assert!(read(&reader, id) == (kept.clone(), gap.clone()));
        }
        let mut names: Vec<_> =
            fs::read_dir(dir.path().join(SEGMENTS)).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["0001", "0002", "0003"], "the writer's, a spill that was gone on with, a new spill");
    }

    #[test]
    fn what_was_spilled_without_a_row_is_nobodys_after_a_crash() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let data = pattern(60_000);
        let under_way = mixed(&store, &data);
        let lost = mixed(&store, &data);
        let mut row = under_way.clone();
        row.response.end = BodyEnd::Open;
        store.queue().push(Event::Open(row));
        store.flush().unwrap();

        let dir = killed(dir.path());
        let store = crate::fixtures::store(dir.path());
        let reader = store.reader().unwrap();
        let (bytes, gaps) = read(&reader, under_way.id);
        assert!(bytes == [&data[..30_000], &data[40_000..]].concat(), "what was committed is there");
        assert_eq!(gaps, [Gap { offset: 30_000, length: 10_000 }]);
        assert!(reader.body(lost.id, PART).unwrap().is_none());
        let next = mixed(&store, &data);
        store.queue().push(Event::Done(next.clone()));
        store.flush().unwrap();
        assert!(read(&reader, next.id).0 == bytes && read(&reader, under_way.id).0 == bytes);
        let db = rusqlite::Connection::open(dir.path().join(crate::DATABASE)).unwrap();
        let known: i64 = db.query_row("SELECT count(DISTINCT seq) FROM extent", [], |r| r.get(0)).unwrap();
        assert_eq!(known, 2);
    }

    #[test]
    fn many_may_spill_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let rows: Vec<_> = (0..8).map(|_| exchange(&store, SessionId::SENT)).collect();
        let data = pattern(200_000);
        thread::scope(|s| {
            for x in &rows {
                let (store, data) = (&store, &data);
                s.spawn(move || {
                    for (i, piece) in data.chunks(7000).enumerate() {
                        spill(store, x.seq, i as u64 * 7000, piece).unwrap();
                    }
                });
            }
        });
        for mut x in rows.clone() {
            x.response = BodyRecord { size: 200_000, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
            store.queue().push(Event::Done(x));
        }
        store.flush().unwrap();
        let reader = store.reader().unwrap();
        for x in rows {
            assert!(read(&reader, x.id) == (data.clone(), Vec::new()));
            assert!(!reader.summaries(&[x.seq]).unwrap()[0].truncated);
        }
    }

    #[test]
    fn what_cannot_be_spilled_is_a_gap_until_it_can() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let segments = dir.path().join(SEGMENTS);
        let mut x = exchange(&store, SessionId::SENT);
        spill(&store, x.seq, 0, b"first").unwrap();
        fs::rename(&segments, dir.path().join("elsewhere")).unwrap();
        fs::write(&segments, "in the way").unwrap();
        spill(&store, x.seq, 5, b"second").unwrap_err();
        fs::remove_file(&segments).unwrap();
        spill(&store, x.seq, 11, b"third").unwrap();
        let given_up = store.spill().keep(x.seq, PART, 0, b"FIRST").unwrap();
        drop(given_up);
        x.response = BodyRecord { size: 16, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
        store.queue().push(Event::Done(x.clone()));
        store.flush().unwrap();
        let missing = vec![Gap { offset: 0, length: 11 }];
        assert_eq!(read(&store.reader().unwrap(), x.id), (b"third".to_vec(), missing), "the first went with its file");
    }
}
