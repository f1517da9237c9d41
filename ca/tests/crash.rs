//! `kill -9` at any moment of a creation or rotation leaves one whole pair.
#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use waylay_ca::{Authority, Certificate};

/// Set for the child only: the folder in which it rotates until it is killed.
const FOLDER: &str = "WAYLAY_TEST_ROTATE";

#[test]
fn a_killed_rotation_leaves_one_whole_pair() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("ca");
    let mut last = None;
    for round in 0..20 {
        let mut child = rotate_for_ever(&dir);
        wait_for_another(&dir, last.as_ref());
        // Some place in one of the next rotations; which one differs from round to round and run to run.
        for _ in 0..round * 500 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let opened = Authority::open(&dir).unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(opened.certificate(), &Certificate::load(&dir).unwrap());
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2, "leftovers in round {round}");
        last = Some(opened.certificate().clone());
    }
}

/// The child's side; does nothing when run as a test.
#[test]
fn rotate_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    loop {
        Authority::rotate(Path::new(&dir)).unwrap();
    }
}

fn rotate_for_ever(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "rotate_until_killed"])
        .env(FOLDER, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Until the child has rotated once.
fn wait_for_another(dir: &Path, last: Option<&Certificate>) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Certificate::load(dir).ok().as_ref() == last || Certificate::load(dir).is_err() {
        assert!(Instant::now() < deadline, "the child does not rotate");
        std::thread::sleep(Duration::from_millis(1));
    }
}
