//! Opening: what is created, what is refused, and what is put right.

use super::*;
use crate::{
    Event,
    fixtures::{chunk, exchange, inline, killed, pattern, store, stream},
    model::{BodyEnd, BodyRecord, Gap, Part, RecordingRules, Side, Stage},
};
use std::{fs, io::Read};

fn new_session() -> NewSession {
    NewSession { name: "one".into(), source: Source::Proxy, command: None, rules: RecordingRules::default() }
}

fn read(reader: &Reader, id: ExchangeId, part: Part) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.body(id, part).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn everything_is_there_after_a_restart_and_numbers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (first, session) = {
        let store = store(dir.path());
        let session = store.open_session(new_session()).unwrap();
        let mut x = exchange(&store, session.id);
        x.response = stream(store.queue(), x.seq, Part::Response, &pattern(40_000));
        store.queue().push(Event::Done(x.clone()));
        let _unused = (store.ids().next_exchange(session.id), store.ids().next_connection(), store.ids().next_seq());
        store.close_session(session.id, SessionState::Stopped).unwrap();
        store.close().unwrap();
        store.close().unwrap();
        assert!(matches!(store.open_session(new_session()), Err(StoreError::Closed)));
        (x, session.id)
    };
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    assert!(read(&reader, first.id, Part::Response) == pattern(40_000));
    assert_eq!(reader.session(session).unwrap().unwrap().state, SessionState::Stopped);
    assert_eq!(store.ids().next_exchange(session).to_string(), "1.3");
    assert_eq!((store.ids().next_seq(), store.ids().next_connection()), (3, 2));
    assert_eq!(store.open_session(new_session()).unwrap().id, SessionId(2));
}

#[test]
fn what_a_killed_daemon_left_open_is_interrupted() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let session = store.open_session(new_session()).unwrap().id;
    let data = pattern(50_000);
    // One done; one in the middle of a response; one that only just began; one without any row yet.
    let done = exchange(&store, session);
    store.queue().push(Event::Done(done.clone()));
    let mut streaming = exchange(&store, session);
    streaming.response = BodyRecord { end: BodyEnd::Open, ..inline(&data[..10]) };
    store.queue().push(Event::Open(streaming.clone()));
    stream(store.queue(), streaming.seq, Part::Response, &data[..20_000]);
    chunk(store.queue(), streaming.seq, Part::Response, 30_000, &data[30_000..]);
    let mut begun = exchange(&store, SessionId::SENT);
    (begun.status, begun.response_head, begun.response.end) = (None, bytes::Bytes::new(), BodyEnd::Open);
    begun.request.end = BodyEnd::Open;
    store.queue().push(Event::Open(begun.clone()));
    let lost = exchange(&store, session);
    stream(store.queue(), lost.seq, Part::Request, &data);
    store.flush().unwrap();

    let dir = killed(dir.path());
    let before = Reader::open(dir.path()).unwrap(); // works without a daemon, on its log
    assert!(!before.exchange(streaming.id).unwrap().unwrap().1);
    drop(before);
    let store = crate::fixtures::store(dir.path());
    let reader = store.reader().unwrap();

    let (found, over) = reader.exchange(streaming.id).unwrap().unwrap();
    assert!(over);
    let failure = found.failure.unwrap();
    let expected = (Side::Waylay, Stage::Response, "interrupted");
    assert_eq!((failure.side, failure.stage, &failure.reason[..]), expected);
    assert_eq!((found.response.size, found.response.end), (50_000, BodyEnd::Dropped));
    assert_eq!(found.response.gaps, [Gap { offset: 20_000, length: 10_000 }]);
    assert!(read(&reader, streaming.id, Part::Response) == [&data[..20_000], &data[30_000..]].concat());
    assert!(reader.summaries(&[streaming.seq]).unwrap()[0].truncated);

    let (found, over) = reader.exchange(begun.id).unwrap().unwrap();
    assert!(over && found.failure.is_some());
    assert_eq!((found.request.end, found.response.end), (BodyEnd::Dropped, BodyEnd::Open));
    assert!(reader.exchange(done.id).unwrap().unwrap().0.failure.is_none());

    let session = reader.session(session).unwrap().unwrap();
    assert_eq!((session.state, session.exchanges, session.failures), (SessionState::Interrupted, 2, 1));
    assert_eq!((session.bytes, session.ended_us.is_some()), (50_000, true));
    assert_eq!(reader.session(SessionId::SENT).unwrap().unwrap().state, SessionState::Recording);
    let db = rusqlite::Connection::open(dir.path().join(crate::DATABASE)).unwrap();
    let orphans: i64 = db.query_row("SELECT count(*) FROM extent WHERE seq = ?1", [lost.seq], |r| r.get(0)).unwrap();
    assert_eq!(orphans, 0);
    let integrity: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
    assert_eq!(integrity, "ok");

    // New bytes do not land on those that nothing refers to.
    let mut next = exchange(&store, SessionId::SENT);
    next.response = stream(store.queue(), next.seq, Part::Response, &data);
    store.queue().push(Event::Done(next.clone()));
    store.flush().unwrap();
    assert!(read(&reader, next.id, Part::Response) == data);
    assert!(read(&reader, streaming.id, Part::Response).len() == 40_000);
}

#[test]
fn readers_work_with_and_without_a_daemon() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Reader::open(dir.path()), Err(StoreError::Missing { .. })));
    assert!(matches!(Reader::open(&dir.path().join("none")), Err(StoreError::Missing { .. })));
    fs::write(dir.path().join(crate::DATABASE), "").unwrap();
    assert!(matches!(Reader::open(dir.path()), Err(StoreError::Missing { .. })));
    let store = store(dir.path());
    let early = Reader::open(dir.path()).unwrap();
    let x = exchange(&store, SessionId::SENT);
    store.queue().push(Event::Done(x.clone()));
    store.close().unwrap();
    assert!(early.exchange(x.id).unwrap().is_some());
    drop(early);
    let late = Reader::open(dir.path()).unwrap();
    assert!(late.exchange(x.id).unwrap().is_some());
    // And a daemon can start while someone reads.
    let store = crate::fixtures::store(dir.path());
    let next = exchange(&store, SessionId::SENT);
    store.queue().push(Event::Done(next.clone()));
    store.flush().unwrap();
    assert!(late.exchange(next.id).unwrap().is_some());
}

#[test]
fn files_that_are_no_store_are_refused_and_left_alone() {
    let create = |sql: &str| {
        let dir = tempfile::tempdir().unwrap();
        let db = rusqlite::Connection::open(dir.path().join(crate::DATABASE)).unwrap();
        db.execute_batch(sql).unwrap();
        dir
    };
    let open = |dir: &Path| {
        let path = dir.join(crate::DATABASE);
        let before = fs::read(&path).unwrap();
        let error = Store::open(Options::new(dir)).err().unwrap();
        assert!(fs::read(&path).unwrap() == before, "{error}");
        (error, Reader::open(dir).err().unwrap())
    };

    let newer = tempfile::tempdir().unwrap();
    drop(store(newer.path()));
    let db = rusqlite::Connection::open(newer.path().join(crate::DATABASE)).unwrap();
    db.pragma_update(None, "user_version", 7).unwrap();
    drop(db);
    let (error, reading) = open(newer.path());
    assert!(matches!(error, StoreError::NewerSchema { found: 7, supported: 1, .. }), "{error}");
    assert!(error.to_string().contains("use the newer Waylay"));
    assert!(matches!(reading, StoreError::NewerSchema { .. }), "{reading}");

    let foreign = create("CREATE TABLE bookmarks (url TEXT)");
    let (error, reading) = open(foreign.path());
    assert!(matches!((&error, &reading), (StoreError::NotAStore { .. }, StoreError::NotAStore { .. })), "{error}");

    let text = tempfile::tempdir().unwrap();
    fs::write(text.path().join(crate::DATABASE), "not a database, ".repeat(1000)).unwrap();
    let (error, reading) = open(text.path());
    assert!(matches!((&error, &reading), (StoreError::NotAStore { .. }, StoreError::NotAStore { .. })), "{error}");
}

#[test]
fn a_damaged_database_is_set_aside_whole_and_a_new_one_is_begun() {
    type Damage = fn(&mut Vec<u8>);
    let page = schema::PAGE as usize;
    let cases: [(&str, bool, Damage); 5] = [
        ("the first page, behind the file's header", true, |b| b[100..16 << 10].fill(0xff)),
        ("the name of the format, though not our own", true, |b| b[..16].fill(b'x')),
        ("zeros, as a power failure leaves them", true, |b| b[..16 << 10].fill(0)),
        ("a page in the middle, after a crash", false, |b| b[3 * (16 << 10)..4 * (16 << 10)].fill(0x5a)),
        ("cut off, after a crash", false, |b| b.truncate(4 * (16 << 10))),
    ];
    for (what, in_order, damage) in cases {
        let dir = tempfile::tempdir().unwrap();
        let mut place = dir.path().to_owned();
        let store = store(dir.path());
        let session = store.open_session(new_session()).unwrap().id;
        for _ in 0..20 {
            let mut x = exchange(&store, session);
            x.response = inline(&pattern(10_000));
            store.queue().push(Event::Done(x));
        }
        store.flush().unwrap();
        let crashed;
        if in_order {
            store.close().unwrap();
        } else {
            crashed = killed(dir.path());
            place = crashed.path().to_owned();
            // All that the log holds is moved, for the damage to show; the store stays unclosed.
            let db = rusqlite::Connection::open(place.join(crate::DATABASE)).unwrap();
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            drop(db);
            fs::write(place.join("waylay.db-wal"), "").unwrap();
        }
        let path = place.join(crate::DATABASE);
        let mut bytes = fs::read(&path).unwrap();
        assert!(bytes.len() > 5 * page, "{} bytes", bytes.len());
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();

        let store = crate::fixtures::store(&place);
        let aside = store.set_aside();
        assert_eq!(aside.len(), 1, "{what}: {aside:?}");
        assert!(fs::read(&aside[0]).unwrap() == bytes, "{what}: it was changed");
        let x = exchange(&store, SessionId::SENT);
        store.queue().push(Event::Done(x.clone()));
        store.flush().unwrap();
        let reader = store.reader().unwrap();
        assert!(reader.exchange(x.id).unwrap().is_some(), "{what}");
        assert_eq!(reader.sessions().unwrap().len(), 1, "{what}: what was is in the old file");
    }
}

#[test]
fn damage_that_only_a_check_finds_is_set_aside_with_its_log_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let push = |n: usize| {
        for _ in 0..n {
            let mut x = exchange(&store, SessionId::SENT);
            x.response = inline(&pattern(10_000));
            store.queue().push(Event::Done(x));
        }
        store.flush().unwrap();
    };
    push(20);
    let db = rusqlite::Connection::open(dir.path().join(crate::DATABASE)).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    push(1);
    let dir = killed(dir.path());
    let [path, log] = ["waylay.db", "waylay.db-wal"].map(|name| dir.path().join(name));
    // A page of rows in the middle, that nothing reads at the start.
    let mut bytes = fs::read(&path).unwrap();
    let page = schema::PAGE as usize;
    let tenth = bytes.windows(15).position(|w| w == b"n=10 HTTP/1.1\r\n").unwrap();
    let at = tenth / page;
    bytes[at * page..(at + 1) * page].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let logged = fs::read(&log).unwrap();
    assert!(!logged.is_empty());

    let store = crate::fixtures::store(dir.path());
    let aside = store.set_aside();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(fs::read(&aside[0]).unwrap() == bytes, "the database is as it was found");
    let aside = format!("{}-wal", aside[0].display());
    assert!(fs::read(aside).unwrap() == logged, "and so is its log");
}

#[test]
fn bytes_that_a_power_failure_took_are_a_gap_and_not_those_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let data = pattern(40_000);
    let mut old = exchange(&store, SessionId::SENT);
    old.response = stream(store.queue(), old.seq, Part::Response, &data);
    store.queue().push(Event::Done(old.clone()));
    store.flush().unwrap();
    let dir = killed(dir.path());
    let segment = fs::File::options().write(true).open(dir.path().join("segments/0001")).unwrap();
    segment.set_len(10_000).unwrap();
    let store = crate::fixtures::store(dir.path());
    let mut next = exchange(&store, SessionId::SENT);
    next.response = stream(store.queue(), next.seq, Part::Response, &data);
    store.queue().push(Event::Done(next.clone()));
    store.close().unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    assert!(read(&reader, old.id, Part::Response) == data[..10_000]);
    assert!(read(&reader, next.id, Part::Response) == data);
}

#[test]
fn a_database_that_was_not_closed_but_is_whole_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = exchange(&store, SessionId::SENT);
    store.queue().push(Event::Done(x.clone()));
    store.flush().unwrap();
    let dir = killed(dir.path());
    let store = crate::fixtures::store(dir.path());
    assert!(store.set_aside().is_empty() && store.reader().unwrap().exchange(x.id).unwrap().is_some());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn refusal(dir: &Path) -> String {
        match Store::open(Options::new(dir)) {
            Err(e @ StoreError::Unsafe { .. }) => e.to_string(),
            Err(e) => panic!("another error: {e}"),
            Ok(_) => panic!("{} was opened", dir.display()),
        }
    }

    #[test]
    fn only_we_can_read_what_is_created() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("data");
        let store = store(&dir);
        let mut x = exchange(&store, SessionId::SENT);
        x.response = stream(store.queue(), x.seq, Part::Response, &pattern(20_000));
        store.queue().push(Event::Done(x));
        store.flush().unwrap();
        let mode = |name: &str| fs::metadata(dir.join(name)).unwrap().mode() & 0o777;
        let files = ["waylay.db", "waylay.db-wal", "waylay.db-shm", "segments/0001"];
        assert_eq!(files.map(mode), [0o600; 4]);
        assert_eq!(["", "segments"].map(mode), [0o700; 2]);

        store.close().unwrap();
        fs::set_permissions(dir.join("waylay.db"), fs::Permissions::from_mode(0o644)).unwrap();
        drop(crate::fixtures::store(&dir));
        assert_eq!(mode("waylay.db"), 0o600, "a file that became too open is closed again");
    }

    #[test]
    fn folders_and_files_that_are_not_ours_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        let [real, link] = ["real", "link"].map(|name| parent.path().join(name));
        fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        assert!(refusal(&link).contains("symbolic link"));
        assert_eq!(fs::read_dir(&real).unwrap().count(), 0, "nothing was created behind the link");

        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(refusal(&file).contains("not a folder"));

        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), real.join(SEGMENTS)).unwrap();
        assert!(refusal(&real).contains("symbolic link"));
        fs::remove_file(real.join(SEGMENTS)).unwrap();

        fs::write(elsewhere.path().join("target"), "").unwrap();
        symlink(elsewhere.path().join("target"), real.join(crate::DATABASE)).unwrap();
        assert!(refusal(&real).contains("not a plain file"));
        fs::remove_file(real.join(crate::DATABASE)).unwrap();

        fs::set_permissions(&real, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(refusal(&real).contains("every user"));
        fs::set_permissions(&real, fs::Permissions::from_mode(0o755)).unwrap();
        drop(store(&real));

        // Giving a folder away takes the rights of root.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&real, Some(12345), None).unwrap();
            assert!(refusal(&real).contains("another user"));
        }
    }
}
