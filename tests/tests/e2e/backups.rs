//! Backups of a store that is in use, and of one for which there is no room.

use super::security_24_store::{SIZES, Traffic, check_integrity};
use serde_json::{Value, json};
use std::{fs, path::Path};
use waylay_tests::{
    client,
    daemon::{Daemon, Place},
    disk::Disk,
    origin::{Origin, routes::pattern},
    program::{self, Output},
    rows,
};

async fn waylay(place: &Place, folder: &Path, args: &[&str]) -> Output {
    let mut command = program::command(program::waylay(), &place.home());
    program::run(command.arg("--data-dir").arg(folder).args(args)).await
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_backup_while_traffic_flows_is_whole_in_every_row() {
    let (daemon, origin) = (Daemon::start().await, Origin::tls(&["http/1.1", "h2"]).await);
    let place = daemon.place().clone();
    let traffic = Traffic::begin(&daemon, &origin).await;
    traffic.flows(40).await;
    let mut before = 0;
    for round in 0..3 {
        let to = place.home().join(format!("copy-{round}"));
        let made = daemon.waylay(&["store", "backup", to.to_str().unwrap(), "--json"]).await.expect(0).json();
        assert_eq!(made["missing_bytes"], 0, "{made}");
        let exchanges = made["exchanges"].as_u64().unwrap();
        assert!(exchanges >= before.max(1), "{made}");
        before = exchanges;
        traffic.flows(8).await;
        // Read while the daemon it was taken of goes on.
        let check = waylay(&place, &to, &["store", "check", "--json"]).await.expect(0).json();
        assert_eq!(check["ok"], true, "{check}");
        check_bodies(&place, &to).await;
    }
    traffic.end().await;
    check_integrity(&daemon.stop().await.data());
}

/// Every exchange of a backup that is over has the whole body it had: a tenth of them are read.
async fn check_bodies(place: &Place, copy: &Path) {
    let lines = waylay(place, copy, &["ls", "is:http", "--limit", "100000", "--jsonl"]).await.expect(0).json_lines();
    let done: Vec<&Value> = lines.iter().filter(|row| row["done"] == true && row["status"] == 200).collect();
    assert!(!done.is_empty());
    for row in &done {
        assert_eq!(row["truncated"], false, "{row}");
        assert!(SIZES.contains(&(row["response_size"].as_u64().unwrap() as usize)), "{row}");
    }
    for row in done.iter().step_by(done.len() / 12 + 1) {
        let file = place.home().join("body");
        let mut command = program::command("sh", &place.home());
        command.args(["-c", r#""$@" > body"#, "sh"]).arg(program::waylay()).arg("--data-dir").arg(copy);
        program::run(command.args(["body", rows::id(row)]).current_dir(place.home())).await.expect(0);
        assert!(fs::read(&file).unwrap() == pattern(row["response_size"].as_u64().unwrap() as usize), "{row}");
    }
}

#[tokio::test]
async fn without_room_nothing_is_left_of_a_backup_and_the_older_one_stays() {
    let (daemon, origin) = (Daemon::start().await, Origin::plain().await);
    let get = async |n: usize| {
        client::get(&daemon, &origin.url(&format!("/bytes/3000000?{n}"))).await;
        rows::done(&daemon, "path:/bytes", n + 1).await;
    };
    get(0).await;
    let other = Place::new();
    let Some(disk) = Disk::mount(&other, 16) else { return };
    let to = other.data().join("copy");
    let to_text = to.to_str().unwrap();
    daemon.waylay(&["store", "backup", to_text]).await.expect(0);
    get(1).await;
    // Too little for the database; enough for that, not for the bodies.
    for free in [0, 2] {
        disk.leave_free(free);
        let failed = daemon.waylay(&["store", "backup", to_text, "--force"]).await.expect(7).stderr;
        assert!(failed.to_lowercase().contains("space") || failed.contains("full"), "{free}: {failed}");
        assert!(failed.contains("Nothing of the backup is left"), "{failed}");
        let mut left = names(&other.data());
        left.sort();
        assert_eq!(left, ["copy", "filler"], "with {free} MiB");
        let listed = waylay(daemon.place(), &to, &["ls", "--json"]).await.expect(0).json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "the older one is as it was");
        assert_eq!(waylay(daemon.place(), &to, &["store", "check", "--json"]).await.expect(0).json()["ok"], true);
    }
    get(2).await;
    disk.clear();
    let made = daemon.waylay(&["store", "backup", to_text, "--force", "--json"]).await.expect(0).json();
    assert_eq!((&made["exchanges"], &made["body_bytes"]), (&json!(3), &json!(9_000_000)), "{made}");
}
