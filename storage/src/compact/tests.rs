//! Rewriting segments, and that nothing of what was deleted is left.

use super::*;
use crate::{
    Deleted, Event, SEGMENTS, Store,
    fixtures::{chunk, exchange, killed, pattern, store, stream},
    model::{BodyEnd, BodyRecord, Exchange, ExchangeId, Part, SessionId},
};
use bytes::Bytes;
use std::{fs, io::Read, path::Path};

fn push(store: &Store, data: &[u8]) -> Box<Exchange> {
    let mut x = exchange(store, SessionId::SENT);
    x.response = stream(store.queue(), x.seq, Part::Response, data);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    x
}

fn read(reader: &Reader, id: ExchangeId) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.body(id, Part::Response).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn segments(dir: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(dir.join(SEGMENTS)).unwrap().map(Result::unwrap);
    let mut found: Vec<_> =
        entries.map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().len())).collect();
    found.sort();
    found
}

/// Every file below a folder that holds a text.
pub(crate) fn holding(dir: &Path, text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path(), text));
        } else if memchr::memmem::find(&fs::read(entry.path()).unwrap(), text).is_some() {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

#[test]
fn unused_parts_go_and_the_rest_stays_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let data = pattern(120_000);
    let (a, b, c) = (push(&store, &data[..40_000]), push(&store, &data), push(&store, &data[..60_000]));
    // One under way, partly spilled, whose extents move while it goes on.
    let mut open = exchange(&store, SessionId::SENT);
    chunk(store.queue(), open.seq, Part::Response, 0, &data[..20_000]);
    let placed = store.spill().keep(open.seq, Part::Response, 20_000, &data[20_000..30_000]).unwrap();
    store.queue().push(Event::Placed(placed));
    open.response = BodyRecord { size: 30_000, streamed: true, end: BodyEnd::Open, ..BodyRecord::default() };
    store.queue().push(Event::Open(open.clone()));
    store.flush().unwrap();
    assert_eq!(segments(dir.path()), [("0001".into(), 240_000), ("0002".into(), 10_000)]);

    store.delete(Deleted::Exchanges(vec![b.id])).unwrap();
    let late = store.spill().keep(open.seq, Part::Response, 30_000, &data[30_000..40_000]).unwrap();
    let done = gc(&store.cleaner, Others::Capture).unwrap();
    assert_eq!((done.exchanges, done.segments_rewritten, done.segments_removed), (1, 1, 0), "{done:?}");
    assert!(done.complete && done.bytes_after < done.bytes_before, "{done:?}");
    // What was written and is not in an extent yet keeps its file.
    assert_eq!(segments(dir.path()), [("0002".into(), 20_000), ("0003".into(), 120_000)]);

    store.queue().push(Event::Placed(late));
    chunk(store.queue(), open.seq, Part::Response, 40_000, &data[40_000..]);
    open.response = BodyRecord { size: 120_000, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
    store.queue().push(Event::Done(open.clone()));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let check = |reader: &Reader| {
        assert!(read(reader, a.id) == data[..40_000] && read(reader, c.id) == data[..60_000]);
        assert!(read(reader, open.id) == data);
    };
    check(&reader);
    let again = gc(&store.cleaner, Others::Capture).unwrap();
    assert_eq!((again.segments_rewritten, again.segments_removed), (0, 0), "there is nothing left to do");
    check(&reader);

    store.delete(Deleted::Matching(crate::Filter::default())).unwrap();
    gc(&store.cleaner, Others::None).unwrap();
    assert_eq!(segments(dir.path()), []);
    // Numbers do not come back.
    store.close().unwrap();
    let store = crate::fixtures::store(dir.path());
    push(&store, &data);
    assert_eq!(segments(dir.path()), [("0005".into(), 120_000)]);
}

#[test]
fn wherever_it_is_killed_every_body_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let data = pattern(50_000);
    let rows: Vec<_> = (0..6).map(|_| push(&store, &data)).collect();
    let gone: Vec<_> = rows.iter().step_by(2).map(|x| x.id).collect();
    store.delete(Deleted::Exchanges(gone)).unwrap();
    let left: Vec<_> = rows.iter().skip(1).step_by(2).map(|x| x.id).collect();
    let check = |what: &str| {
        let copy = killed(dir.path());
        let store = crate::fixtures::store(copy.path());
        let reader = store.reader().unwrap();
        for id in &left {
            assert!(read(&reader, *id) == data, "{what}");
        }
        gc(&store.cleaner, Others::Capture).unwrap();
        let reader = store.reader().unwrap();
        for id in &left {
            assert!(read(&reader, *id) == data, "{what}, and after it was done again");
        }
        let sizes: u64 = segments(copy.path()).iter().map(|(_, size)| size).sum();
        assert_eq!(sizes, 150_000, "{what}");
    };
    let alone = store.cleaner.work_alone();
    store.cleaner.purge(i64::MAX, Pace::Brisk).unwrap();
    drop(alone);
    check("purged");
    store.cleaner.files.close_all();
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let parts = segments::parts(&reader, 1).unwrap();
    let copied = store.cleaner.files.copy(1, &parts).unwrap();
    check("copied");
    let (to, places) = (copied.segment, copied.places);
    let (first, second) = (parts.clone(), parts.clone());
    let (some, rest) = (places.clone(), places);
    store.cleaner.within(move |tx| segments::move_extents(tx, 1, to, &first[..1], &some[..1])).unwrap();
    check("one moved");
    store.cleaner.within(move |tx| segments::move_extents(tx, 1, to, &second[1..], &rest[1..])).unwrap();
    check("all moved");
    store.cleaner.files.remove(1).unwrap();
    check("removed");
}

#[test]
fn no_byte_of_what_was_deleted_is_left_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut gone = Vec::new();
    // Out of order and of many sizes, so that rows move from page to page.
    for n in 0..400_u32 {
        let mut x = exchange(&store, SessionId::SENT);
        let text = if n % 3 == 0 { "CANARY" } else { "keep" };
        x.path = format!("/{text}/{n}");
        x.request_head = Bytes::from(format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", text.repeat(1 + n as usize % 300)));
        x.request = crate::fixtures::inline(text.repeat(1 + n as usize % 2000).as_bytes());
        if n % 5 == 0 {
            x.response = stream(store.queue(), x.seq, Part::Response, text.repeat(5_000).as_bytes());
        }
        if n % 4 == 0 {
            store.queue().push(Event::Open(x.clone()));
            store.flush().unwrap();
            x.response_head = Bytes::from(format!("HTTP/1.1 200\r\nY: {}\r\n\r\n", text.repeat(n as usize)));
        }
        store.queue().push(Event::Done(x.clone()));
        if n % 3 == 0 {
            gone.push(x.id);
        }
    }
    store.flush().unwrap();
    // Not at once: copies of rows are left behind when their neighbours go.
    let (first, second): (Vec<_>, Vec<_>) = gone.into_iter().partition(|id| id.number % 2 == 0);
    for some in [first, second] {
        store.delete(Deleted::Exchanges(some)).unwrap();
        let _alone = store.cleaner.work_alone();
        store.cleaner.purge(i64::MAX, Pace::Brisk).unwrap();
    }
    assert!(!holding(dir.path(), b"CANARY").is_empty(), "purging alone leaves segments and the log");
    let done = gc(&store.cleaner, Others::Capture).unwrap();
    assert!(done.complete, "{done:?}");
    assert_eq!(holding(dir.path(), b"CANARY"), [""; 0]);
    assert!(!holding(dir.path(), b"keepkeep").is_empty());
    let reader = store.reader().unwrap();
    assert_eq!(reader.exchanges().unwrap(), 266);
}

#[test]
fn capture_comes_before_writing_the_database_anew() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut rows = Vec::new();
    for _ in 0..2_000 {
        let mut x = exchange(&store, SessionId::SENT);
        x.request = crate::fixtures::inline(&[b'x'; 300]);
        rows.push(x.id);
        store.queue().push(Event::Done(x));
    }
    store.flush().unwrap();
    store.delete(Deleted::Exchanges(rows.split_off(1_500))).unwrap();
    // As if the writer were behind.
    let waiting = store.queue().budget().capacity() / 2;
    store.queue().budget().force(waiting);
    let busy = gc(&store.cleaner, Others::Capture).unwrap();
    assert!(!busy.complete && busy.notes[0].contains("beside so much traffic"), "{busy:?}");
    assert_eq!(store.reader().unwrap().exchanges().unwrap(), 1_500);
    store.queue().budget().give(waiting);
    let quiet = gc(&store.cleaner, Others::Capture).unwrap();
    assert!(quiet.complete, "{quiet:?}");
    store.queue().push(Event::Done(exchange(&store, SessionId::SENT)));
    store.flush().unwrap();
    assert_eq!(store.reader().unwrap().exchanges().unwrap(), 1_501);
}
