//! Row 26: `kill -9` at any moment costs nothing that is older than a second.
//!
//! It is killed five times here. `WAYLAY_TEST_KILLS=20` makes it twenty, and tells of each.

use rusqlite::{Connection, OpenFlags};
use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::{Daemon, Launch},
    origin::Origin,
    rows, wait,
};

/// What must have survived.
const OLD: Duration = Duration::from_secs(1);
/// A restart takes two seconds at most; a debug build on a busy machine gets as much again.
const RESTART: Duration = Duration::from_secs(4);

/// Looks at a copy: what a killed daemon left behind is for the next one to put right.
fn check_integrity(data: &Path) {
    let copy = tempfile::tempdir().unwrap();
    for name in ["waylay.db", "waylay.db-wal"] {
        match fs::copy(data.join(name), copy.path().join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => panic!("{name}: {e}"),
            _ => {}
        }
    }
    let file = copy.path().join("waylay.db");
    let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let result: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(result, "ok");
}

#[tokio::test]
async fn security_26_nothing_older_than_a_second_is_lost() {
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut daemon = Daemon::start().await;
    for round in 0..rounds() {
        let acknowledged: Arc<Mutex<Vec<(Instant, String)>>> = Arc::default();
        let mut clients = Vec::new();
        for client in 0..8 {
            let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
            // Small bodies lie in their row, larger ones in segments.
            let urls = (0..).map(|i| (i, if i % 10 == 0 { 40_000 } else { 300 }));
            let base = origin.url("/bytes/");
            let acknowledged = acknowledged.clone();
            clients.push(tokio::spawn(async move {
                for (i, size) in urls {
                    let url = format!("{base}{size}?round={round}&client={client}&request={i}");
                    // It ends when the daemon is killed.
                    let Ok(answer) = link.get(&url).await else { return };
                    assert_eq!(answer.body.len(), size);
                    acknowledged.lock().unwrap().push((Instant::now(), url));
                }
            }));
        }
        wait::until("old and new exchanges", || async {
            let list = acknowledged.lock().unwrap();
            let old = list.iter().filter(|(at, _)| at.elapsed() > OLD).count();
            (old >= 100 + 20 * round).then_some(())
        })
        .await;
        let ca = fs::read(daemon.ca_file()).unwrap();
        let killed = Instant::now();
        let place = daemon.kill().await;
        for client in clients {
            wait::within("a client to notice", client).await.unwrap();
        }
        check_integrity(&place.data());

        let begun = Instant::now();
        daemon = Launch::at(place).start().await;
        let restart = begun.elapsed();
        assert!(restart < RESTART, "the restart took {restart:?}");
        assert_eq!(fs::read(daemon.ca_file()).unwrap(), ca, "the CA is the same");
        let acknowledged = acknowledged.lock().unwrap().clone();
        let checked = check_survivors(&daemon, &acknowledged, killed, round).await;
        let answered = acknowledged.len();
        println!(
            "kill {}: integrity ok, CA unchanged, restart {restart:?}; {answered} answered, none of {checked} older than {OLD:?} lost",
            round + 1,
        );
    }
    check_integrity(&daemon.stop().await.data());
}

#[tokio::test]
async fn security_26_a_quiet_daemon_loses_nothing_either() {
    let origin = Origin::tls(&["http/1.1"]).await;
    let daemon = Daemon::start().await;
    let url = origin.url("/gated");
    let mut open = Link::open(&daemon, &url, Speak::Http1).await;
    let response = open.send(http::Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    // A single small exchange fills no batch; only time gets it written.
    client::get(&daemon, &origin.url("/json")).await;
    let acknowledged = Instant::now();
    wait::until("the exchange to be old", || async { (acknowledged.elapsed() > OLD).then_some(()) }).await;
    let place = daemon.kill().await;
    drop(response);
    check_integrity(&place.data());

    let again = Launch::at(place).start().await;
    let row = rows::one(&again, "path:/json").await;
    assert_eq!((&row["status"], rows::failure(&row).as_str()), (&200.into(), ""), "{row}");
    let row = rows::one(&again, "path:/gated").await;
    assert_eq!(rows::failure(&row), "waylay response interrupted", "what was under way is closed, and says why: {row}");
}

fn rounds() -> usize {
    std::env::var("WAYLAY_TEST_KILLS").map_or(5, |n| n.parse().expect("WAYLAY_TEST_KILLS is a number"))
}

/// Gives back how many exchanges were old enough to have to be there.
async fn check_survivors(daemon: &Daemon, acknowledged: &[(Instant, String)], killed: Instant, round: usize) -> usize {
    let rows = rows::list(daemon, &format!("\"round={round}&\"")).await;
    assert!(rows.iter().all(|r| r["done"] == true), "nothing is left open");
    let mut checked = 0;
    for (at, url) in acknowledged.iter().filter(|(at, _)| *at + OLD < killed) {
        let row = rows.iter().find(|r| r["url"] == url.as_str());
        let row = row.unwrap_or_else(|| panic!("{url}, acknowledged {:?} before the kill, is lost", killed - *at));
        assert_eq!((&row["status"], &row["response_end"]), (&200.into(), &"complete".into()), "{row}");
        if row["response_size"] == 40_000 || checked % 50 == 0 {
            let body = rows::body(daemon, row, "response").await;
            assert_eq!(body.len(), row["response_size"].as_u64().unwrap() as usize, "the body survived, too: {row}");
            assert_eq!(body, waylay_tests::origin::routes::pattern(body.len()));
        }
        checked += 1;
    }
    assert!(checked >= 100, "{checked} were old enough to be checked");
    let sessions = daemon.api().get("/sessions").await;
    let states = sessions["items"].as_array().unwrap().iter().filter(|s| s["state"] == "interrupted").count();
    assert_eq!(states, round + 1, "each killed session is marked: {sessions}");
    checked
}
