//! Row 22: a data folder that is a link or belongs to another user is refused.

use std::{fs, os::unix::fs::symlink};
use waylay_tests::daemon::{Daemon, Place};

const START: [&str; 5] = ["start", "--port", "0", "--ui-port", "0"];

#[tokio::test]
async fn security_22_a_linked_data_folder_is_refused() {
    let place = Place::new();
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), place.data()).unwrap();
    let output = place.waylay(&START).await.expect(6);
    assert!(output.stderr.contains("link"), "{}", output.stderr);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing was written through the link");
}

#[tokio::test]
async fn security_22_a_folder_of_another_user_is_refused() {
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    if std::os::unix::fs::chown(place.data(), Some(65534), Some(65534)).is_err() {
        println!("skipped: only root can give a folder away");
        return;
    }
    let output = place.waylay(&START).await.expect(6);
    assert!(output.stderr.contains("own"), "{}", output.stderr);
    assert_eq!(fs::read_dir(place.data()).unwrap().count(), 0, "nothing was written into it");
}

#[tokio::test]
async fn security_22_linked_secrets_are_refused() {
    for name in ["ca", "ca/waylay-ca.key"] {
        let place = Daemon::start().await.stop().await;
        let (real, moved) = (place.data().join(name), place.home().join("moved"));
        fs::rename(&real, &moved).unwrap();
        symlink(&moved, &real).unwrap();
        let output = place.waylay(&START).await.expect(6);
        assert!(output.stderr.contains("link"), "{name}: {}", output.stderr);
    }
}
