//! Row 24: a disk that is full, a database that is locked, removed or damaged, a folder that is gone: traffic never
//! stops; what cannot be captured is counted and told; capture goes on by itself.

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::task::JoinHandle;
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::{Daemon, Launch, Place},
    disk::Disk,
    origin::{Origin, routes::pattern},
    rows, wait,
};

/// Clients that ask for bodies of several sizes until they are stopped, and insist on getting every one whole.
pub(super) struct Traffic {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<()>>,
}

/// In the row; at the limit of that; in segments.
pub(super) const SIZES: [usize; 4] = [300, 16 << 10, 40_000, 300_000];

impl Traffic {
    pub(super) async fn begin(daemon: &Daemon, origin: &Origin) -> Self {
        let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut clients = Vec::new();
        for client in 0..4 {
            let speak = if client % 2 == 0 { Speak::Http1 } else { Speak::Http2 };
            let mut link = Link::open(daemon, &origin.url("/"), speak).await;
            let (stop, answers, base) = (stop.clone(), answers.clone(), origin.url("/bytes/"));
            clients.push(tokio::spawn(async move {
                for i in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let size = SIZES[i % SIZES.len()];
                    let url = format!("{base}{size}?client={client}&request={i}");
                    let answer = wait::within("an answer", link.get(&url)).await.unwrap();
                    assert!(answer.status == 200 && answer.body == pattern(size), "{url} is whole");
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        Self { stop, answers, clients }
    }

    /// Waits for so many more answers.
    pub(super) async fn flows(&self, more: usize) {
        let goal = self.answers.load(Ordering::Relaxed) + more;
        wait::until("traffic to flow", || async { (self.answers.load(Ordering::Relaxed) >= goal).then_some(()) }).await;
    }

    pub(super) async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            wait::within("a client to end", client).await.unwrap();
        }
    }
}

/// Waits until the daemon's status says that it is storing, or how it is not.
async fn storing(daemon: &Daemon, word: &str) -> Value {
    wait::until(&format!("capture to be {word}"), || async {
        let status = daemon.api().get("/status").await;
        (status["capture"]["storing"] == word).then_some(status)
    })
    .await
}

/// One more exchange is stored whole.
async fn check_stored(daemon: &Daemon, origin: &Origin, name: &str) {
    for size in SIZES {
        let url = origin.url(&format!("/bytes/{size}?{name}"));
        assert_eq!(client::get(daemon, &url).await.body, pattern(size));
        let row = rows::one(daemon, &rows::of(&url)).await;
        assert_eq!((&row["truncated"], &row["response_size"]), (&false.into(), &size.into()), "{row}");
        assert_eq!(rows::body(daemon, &row, "response").await, pattern(size));
    }
}

/// What every row says of its body is what can be read of it. Gives back how many say that something is missing. A list
/// does not know of bodies that were `lost_later`, after their row was written; who asks for one is told.
async fn check_truth(daemon: &Daemon, lost_later: bool) -> usize {
    /// Of many rows, about so many are looked at.
    const LOOKED_AT: usize = 300;
    let mut truncated = 0;
    let rows = rows::list(daemon, "is:http").await;
    let step = rows.len() / LOOKED_AT + 1;
    for row in rows.into_iter().step_by(step) {
        assert_eq!(row["done"], true, "{row}");
        let detail = rows::detail(daemon, &row).await;
        if detail["response"].is_null() {
            assert!(row["failure"].is_object(), "{row}");
            continue;
        }
        let body = &detail["response"]["body"];
        // All of it, but for exchanges whose end was lost.
        let size = row["response_size"].as_u64().unwrap() as usize;
        let url = row["url"].as_str().unwrap();
        assert!(row["failure"].is_object() || url.contains(&format!("/bytes/{size}?")), "{row}");
        let mut expected = pattern(size);
        for gap in body["gaps"].as_array().unwrap().iter().rev() {
            let [offset, length] = ["offset", "length"].map(|key| gap[key].as_u64().unwrap() as usize);
            drop(expected.drain(offset..offset + length));
        }
        assert_eq!(body["stored"], expected.len(), "{detail}");
        assert!(rows::body(daemon, &row, "response").await == expected, "{detail}");
        assert!(row["truncated"] == true || expected.len() == size || lost_later, "{detail}");
        truncated += usize::from(expected.len() < size);
    }
    truncated
}

pub(super) fn check_integrity(data: &Path) {
    let store = Connection::open_with_flags(data.join("waylay.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let result: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(result, "ok");
}

#[tokio::test]
async fn security_24_on_a_full_disk_traffic_flows_and_capture_comes_back() {
    let place = Place::new();
    let Some(disk) = Disk::mount(&place, 48) else { return };
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Launch::at(place).start().await;
    let traffic = Traffic::begin(&daemon, &origin).await;
    traffic.flows(8).await;
    disk.leave_free(0);
    let status = wait::until("rows and bodies to be given up", || async {
        let status = daemon.api().get("/status").await;
        let capture = &status["capture"];
        let [rows, bytes] = ["shed_rows", "shed_bytes"].map(|key| capture[key].as_u64().unwrap());
        (capture["storing"] == "failing" && rows > 0 && bytes > 0).then_some(status)
    })
    .await;
    assert!(status["capture"]["why"].as_str().unwrap().contains("full"), "{status}");
    let peak = status["capture"]["peak_bytes"].as_u64().unwrap();
    assert!(peak <= 48 << 20, "what is on its way stays bounded: {peak}");
    let said = daemon.waylay(&["status"]).await.expect(0).stdout;
    assert!(said.contains("could not be kept") && said.contains("cannot be written to"), "{said}");
    traffic.flows(20).await;
    assert!(client::get(&daemon, "http://localhost:1/nobody").await.status == 502, "new connections work as well");

    disk.clear();
    storing(&daemon, "ok").await;
    traffic.end().await;
    check_stored(&daemon, &origin, "after").await;
    let shed = daemon.api().get("/status").await;
    assert!(shed["capture"]["shed_bytes"].as_u64() > Some(0), "what was lost stays counted: {shed}");
    assert!(shed["capture"]["why"].is_null(), "{shed}");
    assert!(check_truth(&daemon, false).await > 0, "rows were stored whose bodies were not");
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_24_with_little_room_left_heads_are_stored_and_bodies_are_not() {
    let place = Place::new();
    let Some(disk) = Disk::mount(&place, 96) else { return };
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Launch::at(place).env("WAYLAY_CAPTURE_MIN_FREE", "30 MiB").start().await;
    check_stored(&daemon, &origin, "before").await;
    disk.leave_free(20);
    let status = wait::until("bodies not to be stored", || async {
        client::get(&daemon, &origin.url("/bytes/300?low")).await;
        let status = daemon.api().get("/status").await;
        (status["capture"]["storing"] == "paused").then_some(status)
    })
    .await;
    assert!(status["capture"]["why"].as_str().unwrap().contains("36 MiB"), "a fifth more: {status}");
    let said = daemon.waylay(&["status"]).await.expect(0).stdout;
    assert!(said.contains("bodies are not stored"), "{said}");
    for size in SIZES {
        let url = origin.url(&format!("/bytes/{size}?paused"));
        assert_eq!(client::get(&daemon, &url).await.body, pattern(size));
        let row = rows::one_in_detail(&daemon, &rows::of(&url)).await;
        assert_eq!((&row["status"], &row["response"]["body"]["stored"]), (&200.into(), &0.into()), "{row}");
        assert_eq!(rows::values(&row, "response", "content-length"), [size.to_string()], "heads are stored");
    }
    // Between the two limits nothing changes.
    disk.leave_free(33);
    let status = wait::until("the disk to be looked at", || async {
        let status = daemon.api().get("/status").await;
        status["capture"]["why"].as_str().unwrap().contains("Only 3").then_some(status)
    })
    .await;
    assert_eq!(status["capture"]["storing"], "paused", "{status}");
    disk.leave_free(45);
    storing(&daemon, "ok").await;
    check_stored(&daemon, &origin, "after").await;
    assert!(check_truth(&daemon, false).await >= SIZES.len());
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_24_a_locked_database_is_waited_for() {
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Daemon::start().await;
    let other = Connection::open(daemon.data().join("waylay.db")).unwrap();
    let traffic = Traffic::begin(&daemon, &origin).await;
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let status = storing(&daemon, "failing").await;
    assert!(status["capture"]["why"].as_str().unwrap().contains("locked"), "{status}");
    wait::until("rows to be given up", || async {
        let status = daemon.api().get("/status").await;
        (status["capture"]["shed_rows"].as_u64() > Some(0)).then_some(())
    })
    .await;
    traffic.flows(20).await;
    other.execute_batch("ROLLBACK").unwrap();
    storing(&daemon, "ok").await;
    traffic.end().await;
    check_stored(&daemon, &origin, "after").await;
    assert_eq!(check_truth(&daemon, false).await, 0, "bodies went to segments meanwhile");
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_24_a_folder_of_segments_that_is_lost_is_made_anew() {
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Daemon::start().await;
    let traffic = Traffic::begin(&daemon, &origin).await;
    let segments = daemon.data().join("segments");
    wait::until("a segment", || async { segments.join("0001").exists().then_some(()) }).await;
    fs::rename(&segments, daemon.data().join("elsewhere")).unwrap();
    traffic.flows(8).await;
    wait::until("a new folder", || async { segments.join("0002").exists().then_some(()) }).await;
    fs::remove_dir_all(&segments).unwrap();
    fs::write(&segments, "in the way").unwrap();
    let status = storing(&daemon, "failing").await;
    assert!(status["capture"]["shed_bytes"].as_u64() > Some(0), "{status}");
    traffic.flows(8).await;
    fs::remove_file(&segments).unwrap();
    storing(&daemon, "ok").await;
    traffic.end().await;
    check_stored(&daemon, &origin, "after").await;
    assert!(check_truth(&daemon, true).await > 0);
    check_integrity(&daemon.stop().await.data());
}

/// Fills all pages but the first with what no page can be.
fn damage(database: &fs::File) {
    const PAGE: u64 = 16 << 10;
    let length = database.metadata().unwrap().len();
    database.write_all_at(&vec![0x5a; (length - PAGE) as usize], PAGE).unwrap();
}

/// The daemon tells of a database that was set aside, which is still there.
async fn check_told(daemon: &Daemon) {
    let status = daemon.api().get("/status").await;
    let notice = status["notices"][0].as_str().unwrap_or_else(|| panic!("a notice: {status}"));
    let said = daemon.waylay(&["status"]).await.expect(0).stdout;
    let names = fs::read_dir(daemon.data()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let aside = names.filter(|name| name.starts_with("waylay.db.corrupt-") && !name.contains("-wal"));
    let aside: Vec<_> = aside.filter(|name| !name.ends_with("-shm")).collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    for text in [notice, said.as_str()] {
        assert!(text.contains(&aside[0]) && text.contains("damaged") && text.contains(".recover"), "{text}");
    }
    assert!(daemon.stderr().contains(&aside[0]), "{}", daemon.stderr());
}

#[tokio::test]
async fn security_24_a_database_found_damaged_at_the_start_is_set_aside() {
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Daemon::start().await;
    let ca = fs::read(daemon.ca_file()).unwrap();
    check_stored(&daemon, &origin, "before").await;
    let place = daemon.kill().await;
    // What the log holds has to be in the database for the damage to matter.
    let database = place.data().join("waylay.db");
    let db = Connection::open(&database).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(db);
    damage(&fs::File::options().write(true).open(&database).unwrap());
    let daemon = Launch::at(place).start().await;
    check_told(&daemon).await;
    assert_eq!(fs::read(daemon.ca_file()).unwrap(), ca, "the CA is the same");
    check_stored(&daemon, &origin, "after").await;
    assert_eq!(rows::list(&daemon, "is:http").await.len(), SIZES.len());
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_24_a_database_damaged_while_it_is_used_is_set_aside_and_traffic_flows() {
    let origin = Origin::tls(&["http/1.1", "h2"]).await;
    let daemon = Daemon::start().await;
    let traffic = Traffic::begin(&daemon, &origin).await;
    traffic.flows(8).await;
    let database = daemon.data().join("waylay.db");
    // This file, whatever has its name by then.
    let file = fs::File::options().write(true).open(&database).unwrap();
    wait::until("the daemon to notice", || async {
        // Pages that it has at hand it does not read again, unless somebody else has written.
        if let Ok(other) = Connection::open(&database) {
            let _ = other.execute_batch("UPDATE counter SET value = value; PRAGMA wal_checkpoint(TRUNCATE)");
        }
        damage(&file);
        (!daemon.api().get("/status").await["notices"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    traffic.flows(8).await;
    check_told(&daemon).await;
    traffic.end().await;
    storing(&daemon, "ok").await;
    check_stored(&daemon, &origin, "after").await;
    check_truth(&daemon, false).await;
    let sessions = daemon.api().get("/sessions").await;
    let recording = sessions["items"].as_array().unwrap().iter().any(|s| s["id"] == 1 && s["state"] == "recording");
    assert!(recording, "the session goes on: {sessions}");
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_24_a_disk_that_has_stopped_holds_no_download_up_and_fills_no_memory() {
    const BIG: usize = 192 << 20;
    let place = Place::new();
    let Some(disk) = Disk::mount_freezable(&place) else { return };
    let origin = Origin::tls(&["http/1.1"]).await;
    let daemon = Launch::at(place).start().await;
    check_stored(&daemon, &origin, "before").await;
    let url = origin.url(&format!("/bytes/{BIG}?frozen"));
    let frozen = disk.freeze();
    let answer = client::get(&daemon, &url).await;
    assert!(answer.body == pattern(BIG), "the download is whole");
    let peak = peak_memory(&daemon);
    assert!(peak < 128 << 20, "{peak} bytes of memory at most, for {BIG} that found no disk");
    assert_eq!(client::get(&daemon, &origin.url("/bytes/300?more")).await.body, pattern(300));
    drop(frozen);
    storing(&daemon, "ok").await;
    let row = rows::one(&daemon, &rows::of(&url)).await;
    assert_eq!((&row["truncated"], &row["response_size"]), (&true.into(), &BIG.into()), "{row}");
    let stored = rows::detail(&daemon, &row).await["response"]["body"]["stored"].as_u64().unwrap();
    let lost = daemon.api().get("/status").await["capture"]["shed_bytes"].as_u64().unwrap();
    assert_eq!(stored + lost, BIG as u64, "what is missing is counted to the byte");
    assert!(check_truth(&daemon, false).await > 0);
    check_stored(&daemon, &origin, "after").await;
    check_integrity(&daemon.stop().await.data());
}

/// The most memory the daemon has had, in bytes.
fn peak_memory(daemon: &Daemon) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}
