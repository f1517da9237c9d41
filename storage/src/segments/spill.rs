//! Where bytes go that found no room in memory on their way to the writer.

use super::{Files, Place, Segment, lock};
use crate::{
    model::Part,
    platform,
    queue::{Event, Queue},
    room::Room,
};
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
    queue: Arc<Queue>,
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
pub struct Placed {
    pub(crate) seq: i64,
    pub(crate) part: Part,
    pub(crate) offset: u64,
    pub(crate) place: Place,
}

impl Spill {
    pub(crate) fn new(files: Arc<Files>, queue: Arc<Queue>, room: Arc<Room>) -> Self {
        Self { files, queue, room, current: Mutex::default() }
    }

    /// Writes `data`, which stands at `offset` in the body `part` of the exchange `seq`, to a file, and tells the
    /// writer where. Pieces may come in any order, but the row of the exchange must be pushed after this has returned.
    /// Takes nothing from the budget.
    ///
    /// # Errors
    /// What the operating system said; [`io::ErrorKind::StorageFull`] also while the disk is so full that bodies are not
    /// stored. Nothing of `data` is kept then; it is counted in [`Health::shed_bytes`](crate::Health::shed_bytes), and
    /// for the body it is a gap.
    pub fn keep(&self, seq: i64, part: Part, offset: u64, data: &[u8]) -> io::Result<()> {
        let place = self.write(data).inspect_err(|_| self.queue.count_lost(data.len() as u64))?;
        self.queue.push(Event::Placed(Placed { seq, part, offset, place }));
        Ok(())
    }

    fn write(&self, data: &[u8]) -> io::Result<Place> {
        if self.room.is_low() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let length = data.len() as u64;
        let (segment, position) = self.reserve(length)?;
        platform::write_all_at(&segment.file, data, position)?;
        self.files.written(&segment);
        Ok(Place { segment: segment.number, position, length })
    }

    /// The segment to write to, and the place in it that is from now on taken. Several may write at once.
    fn reserve(&self, length: u64) -> io::Result<(Arc<Segment>, u64)> {
        let mut slot = lock(&self.current);
        let usable = |c: &Current| c.end < self.files.limit && self.files.holds(&c.segment);
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
        Reader, SEGMENTS, Store,
        fixtures::{chunk, exchange, killed, pattern, store},
        model::{BodyEnd, BodyRecord, Exchange, ExchangeId, Gap, SessionId},
    };
    use std::{fs, io::Read, thread};

    const PART: Part = Part::Response;

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
        let keep = |from: usize, to: usize| store.spill().keep(x.seq, PART, from as u64, &data[from..to]).unwrap();
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
                        store.spill().keep(x.seq, PART, i as u64 * 7000, piece).unwrap();
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
    fn what_cannot_be_spilled_is_counted_and_a_gap_until_it_can() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let segments = dir.path().join(SEGMENTS);
        let mut x = exchange(&store, SessionId::SENT);
        store.spill().keep(x.seq, PART, 0, b"first").unwrap();
        fs::rename(&segments, dir.path().join("elsewhere")).unwrap();
        fs::write(&segments, "in the way").unwrap();
        store.spill().keep(x.seq, PART, 5, b"second").unwrap_err();
        assert_eq!(store.health().shed_bytes, 6);
        fs::remove_file(&segments).unwrap();
        store.spill().keep(x.seq, PART, 11, b"third").unwrap();
        x.response = BodyRecord { size: 16, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
        store.queue().push(Event::Done(x.clone()));
        store.flush().unwrap();
        let missing = vec![Gap { offset: 0, length: 11 }];
        assert_eq!(read(&store.reader().unwrap(), x.id), (b"third".to_vec(), missing), "the first went with its file");
    }
}
