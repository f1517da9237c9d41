//! Row 8: the CA's key is for its owner alone and leaves the folder by no way.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};
use waylay_tests::{
    client,
    daemon::{Daemon, Launch},
    origin::Origin,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o777
}

fn assert_private(path: &Path) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let allowed = if metadata.is_dir() { 0o700 } else { 0o600 };
    let certificate = path.extension().is_some_and(|e| e == "pem");
    assert!(mode(path) & !allowed == 0 || certificate, "{} is {:o}", path.display(), mode(path));
    assert_eq!(metadata.uid(), rustix::process::geteuid().as_raw());
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        assert_private(&entry.path());
    }
}

#[tokio::test]
async fn security_08_everything_in_the_data_folder_is_private_whatever_the_umask() {
    // The fixture starts it with a umask that forbids nothing.
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/bytes/100000")).await;
    let data = daemon.data();
    for (path, expected) in [("", 0o700), ("ca", 0o700), ("ca/waylay-ca.key", 0o600), ("token", 0o600)] {
        assert_eq!(mode(&data.join(path)), expected, "{path:?}");
    }
    for path in ["waylay.db", "daemon.json"] {
        assert_eq!(mode(&data.join(path)), 0o600, "{path:?}");
    }
    assert_private(&data);
}

#[tokio::test]
async fn security_08_the_key_leaves_by_no_way() {
    let daemon = Launch::new().args(&["--log", "debug"]).start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    let pem = fs::read_to_string(daemon.data().join("ca/waylay-ca.key")).unwrap();
    assert!(pem.contains("PRIVATE KEY"), "this is the key");
    let lines: Vec<&str> = pem.lines().filter(|l| !l.starts_with("--")).collect();
    let der = BASE64_STANDARD.decode(lines.concat()).unwrap();
    let leaks = |bytes: &[u8]| {
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        holds(b"PRIVATE KEY") || holds(lines[0].as_bytes()) || holds(&der[36..68])
    };
    assert!(leaks(pem.as_bytes()) && leaks(&der), "the search finds a key");

    for path in ["/ca", "/ca.pem", "/status", "/ca.key", "/ca/key", "/ca/waylay-ca.key", "/../ca/waylay-ca.key"] {
        let answer = daemon.api().ask(Method::GET, path, &[], "").await;
        assert!(!leaks(&answer.body), "{path}");
    }
    for path in ["/ca/waylay-ca.key", "/../ca/waylay-ca.key", "/%2e%2e/ca/waylay-ca.key", "/..%2fca%2fwaylay-ca.key"] {
        let answer = daemon.api().request(Method::GET, path, &[], "").await;
        assert!(!leaks(&answer.body), "{path}");
    }
    for format in [&["ca", "show"][..], &["ca", "show", "--json"], &["ca", "export"], &["ca", "export", "--bundle"]] {
        let output = daemon.waylay(format).await.expect(0);
        assert!(!leaks(output.stdout.as_bytes()) && !leaks(output.stderr.as_bytes()), "{format:?}");
    }
    let place = daemon.stop().await;
    search(&place.data(), &leaks);
}

fn search(folder: &Path, leaks: &impl Fn(&[u8]) -> bool) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, leaks);
        } else if !path.ends_with("ca/waylay-ca.key") {
            assert!(!leaks(&fs::read(&path).unwrap()), "the key is in {}", path.display());
        }
    }
}

#[tokio::test]
async fn security_08_a_key_others_can_read_is_refused() {
    let place = Daemon::start().await.stop().await;
    let key = place.data().join("ca/waylay-ca.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let output = place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await.expect(6);
    assert!(output.stderr.contains("waylay-ca.key"), "{}", output.stderr);
    assert!(output.stderr.contains("chmod"), "it says what to type: {}", output.stderr);
}
