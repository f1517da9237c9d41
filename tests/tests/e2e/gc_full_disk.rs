//! Giving room back on a disk that has none left: what cannot be done is said, nothing is lost, and it is done once there
//! is room again.

use super::security_24_store::{Traffic, check_integrity};
use serde_json::json;
use std::fs;
use waylay_tests::{
    client,
    daemon::{Daemon, Launch, Place},
    disk::Disk,
    origin::{Origin, routes::pattern},
    rows,
};

/// Bytes of a body: a few fill a file of bodies in part.
const BODY: usize = 1_500_000;

/// Captures bodies of which every other one is called `gone`.
async fn captured(daemon: &Daemon, origin: &Origin) {
    for n in 0..8 {
        let name = ["gone", "kept"][n % 2];
        client::get(daemon, &origin.url(&format!("/bytes/{BODY}?{name}={n}"))).await;
    }
    rows::done(daemon, "path:/bytes", 8).await;
}

async fn check_kept(daemon: &Daemon) {
    let kept = rows::done(daemon, "path:kept", 4).await;
    for row in &kept {
        assert_eq!(row["truncated"], false, "{row}");
        assert!(rows::body(daemon, row, "response").await == pattern(BODY), "{row}");
    }
}

fn bodies(daemon: &Daemon) -> u64 {
    let folder = fs::read_dir(daemon.data().join("segments")).unwrap();
    folder.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn gc_on_a_full_disk_says_so_loses_nothing_and_is_done_later() {
    for free in [0, 3] {
        let place = Place::new();
        let Some(disk) = Disk::mount(&place, 64) else { return };
        let origin = Origin::tls(&["http/1.1", "h2"]).await;
        let daemon = Launch::at(place).start().await;
        captured(&daemon, &origin).await;
        assert_eq!(bodies(&daemon), 8 * BODY as u64);
        daemon.waylay(&["rm", "path:gone"]).await.expect(0);
        disk.leave_free(free);
        let gc = daemon.waylay(&["store", "gc"]).await;
        // Rows alone can be purged with little room.
        let (code, words) = if free == 0 { (7, "full") } else { (0, "it takes 6000000 bytes of room") };
        assert!(gc.stderr.contains(words), "with {free} MiB: {gc:?}");
        gc.expect(code);
        check_kept(&daemon).await;
        assert_eq!(rows::list(&daemon, "path:gone").await.len(), 0);
        assert!(bodies(&daemon) <= 8 * BODY as u64, "no half of a copy is left");
        assert!(client::get(&daemon, &origin.url("/json?meanwhile")).await.status == 200, "traffic flows");

        disk.clear();
        let traffic = Traffic::begin(&daemon, &origin).await;
        let gc = daemon.waylay(&["store", "gc", "--json"]).await.expect(0).json();
        assert_eq!(gc["complete"], true, "{gc}");
        traffic.flows(8).await;
        traffic.end().await;
        check_kept(&daemon).await;
        let check = daemon.waylay(&["store", "check", "--json"]).await.expect(0).json();
        assert_eq!((&check["ok"], rows::list(&daemon, "path:gone").await.len()), (&json!(true), 0), "{check}");
        check_integrity(&daemon.stop().await.data());
    }
}
