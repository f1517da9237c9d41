//! Modes of what is created, whatever the umask. The umask belongs to the whole process, so this test is alone in its own.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::{Mode, RawMode};
use waylay_ca::Authority;

#[test]
fn the_key_is_private_under_every_umask() {
    for umask in [0o000_u32, 0o022, 0o077, 0o177] {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().join("data/ca");
        fs::create_dir(temporary.path().join("data")).unwrap();
        let before = rustix::process::umask(Mode::from_raw_mode(umask as RawMode));
        // 0o177 takes the right to enter the new folder from everyone but root; the folder exists already in real life.
        if umask == 0o177 {
            rustix::process::umask(Mode::from_raw_mode(0o077));
            Authority::open(&dir).unwrap();
            rustix::process::umask(Mode::from_raw_mode(umask as RawMode));
        }
        Authority::open(&dir).unwrap();
        Authority::rotate(&dir).unwrap();
        rustix::process::umask(before);
        let mode = |path: &std::path::Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&dir), 0o700, "umask {umask:03o}");
        assert_eq!(mode(&dir.join("waylay-ca.key")), 0o600, "umask {umask:03o}");
        assert_eq!(mode(&dir.join("waylay-ca.pem")), 0o644 & !umask, "umask {umask:03o}");
        let names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }
}
