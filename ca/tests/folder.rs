//! Who may own, read and replace the key, and who is refused.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use waylay_ca::{Authority, CaError, Certificate};

const KEY: &str = "waylay-ca.key";
const PEM: &str = "waylay-ca.pem";

struct Setup {
    _temporary: tempfile::TempDir,
    root: PathBuf,
    dir: PathBuf,
}

/// A folder with an authority in it.
fn setup() -> Setup {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().to_owned();
    let dir = root.join("ca");
    Authority::open(&dir).unwrap();
    Setup { _temporary: temporary, root, dir }
}

fn chmod(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn refused(dir: &Path) -> CaError {
    let error = Authority::open(dir).expect_err("was opened");
    assert!(!error.hint().is_empty());
    error
}

#[test]
fn a_linked_folder_or_file_is_refused() {
    let setup = setup();
    let link = setup.root.join("link");
    symlink(&setup.dir, &link).unwrap();
    for spelling in [link.clone(), setup.root.join("link/"), setup.root.join("link/.")] {
        assert!(matches!(refused(&spelling), CaError::Symlink { .. }), "{}", spelling.display());
        assert!(matches!(Certificate::load(&spelling), Err(CaError::Symlink { .. })));
        assert!(matches!(Authority::rotate(&spelling), Err(CaError::Symlink { .. })));
    }
    for name in [KEY, PEM] {
        let (file, elsewhere) = (setup.dir.join(name), setup.root.join(name));
        fs::rename(&file, &elsewhere).unwrap();
        symlink(&elsewhere, &file).unwrap();
        let CaError::Symlink { path } = refused(&setup.dir) else { panic!("{name}") };
        assert_eq!(path, file);
        fs::rename(&elsewhere, &file).unwrap();
    }
    Authority::open(&setup.dir).unwrap();
}

#[test]
fn a_link_to_nowhere_is_refused_and_not_written_through() {
    let setup = setup();
    let nowhere = setup.root.join("planted");
    symlink(&nowhere, setup.root.join("ca2")).unwrap();
    assert!(Authority::open(&setup.root.join("ca2")).is_err());
    for name in ["waylay-ca.key.new", "waylay-ca.pem.new"] {
        symlink(&nowhere, setup.dir.join(name)).unwrap();
    }
    let rotated = Authority::rotate(&setup.dir).unwrap();
    assert!(!nowhere.exists());
    assert_eq!(&rotated, Authority::open(&setup.dir).unwrap().certificate());
}

#[test]
fn rotation_replaces_a_linked_key_rather_than_what_it_points_to() {
    let setup = setup();
    let elsewhere = setup.root.join("elsewhere");
    fs::write(&elsewhere, "precious").unwrap();
    fs::remove_file(setup.dir.join(KEY)).unwrap();
    symlink(&elsewhere, setup.dir.join(KEY)).unwrap();
    Authority::rotate(&setup.dir).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    Authority::open(&setup.dir).unwrap();
}

#[test]
fn what_is_open_to_others_is_refused_with_the_command_that_closes_it() {
    let setup = setup();
    let key = setup.dir.join(KEY);
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o666] {
        chmod(&key, mode);
        let error = refused(&setup.dir);
        assert!(matches!(&error, CaError::TooOpen { path, .. } if path == &key), "{mode:o}: {error}");
        assert!(error.hint().contains(&format!("chmod 600 {}", key.display())), "{}", error.hint());
        chmod(&key, 0o600);
    }
    chmod(&key, 0o400);
    Authority::open(&setup.dir).unwrap();
    for mode in [0o770, 0o702, 0o755, 0o711, 0o1777] {
        chmod(&setup.dir, mode);
        assert!(matches!(refused(&setup.dir), CaError::TooOpen { .. }), "{mode:o}");
        assert!(matches!(Certificate::load(&setup.dir), Err(CaError::TooOpen { .. })));
        chmod(&setup.dir, 0o700);
    }
    chmod(setup.dir.join(PEM), 0o666);
    assert!(matches!(refused(&setup.dir), CaError::TooOpen { .. }));
    chmod(setup.dir.join(PEM), 0o644);
    Authority::open(&setup.dir).unwrap();
}

/// Giving a file away takes privileges; without them there is nothing to test.
#[test]
fn what_belongs_to_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let setup = setup();
    for path in [setup.dir.join(KEY), setup.dir.join(PEM), setup.dir.clone()] {
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
        let error = refused(&setup.dir);
        assert!(matches!(&error, CaError::ForeignOwner { owner: 65_534, user: 0, .. }), "{}: {error}", path.display());
        assert!(error.hint().contains("chown"));
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    }
    std::os::unix::fs::chown(&setup.dir, Some(65_534), None).unwrap();
    assert!(matches!(Authority::rotate(&setup.dir), Err(CaError::ForeignOwner { .. })));
    assert!(matches!(Certificate::load(&setup.dir), Err(CaError::ForeignOwner { .. })));
}

#[test]
fn something_else_in_the_place_of_folder_or_file_is_named() {
    let setup = setup();
    let file = setup.root.join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&file), CaError::WrongKind { wanted: "folder", .. }));
    assert!(matches!(refused(&file.join("ca")), CaError::Io { .. }));

    let key = setup.dir.join(KEY);
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    chmod(&key, 0o700);
    assert!(matches!(refused(&setup.dir), CaError::TooOpen { .. } | CaError::WrongKind { .. }));
    fs::remove_dir(&key).unwrap();
}

/// Opening a pipe waits for its other end, unless one takes care.
#[test]
fn a_pipe_in_the_place_of_the_key_does_not_hang() {
    let setup = setup();
    let key = setup.dir.join(KEY);
    fs::remove_file(&key).unwrap();
    let made = std::process::Command::new("mkfifo").arg("-m").arg("600").arg(&key).status().unwrap();
    assert!(made.success());
    assert!(matches!(refused(&setup.dir), CaError::WrongKind { wanted: "regular file", .. }));
}

#[test]
fn a_huge_file_is_not_read_whole() {
    let setup = setup();
    fs::File::options().write(true).open(setup.dir.join(KEY)).unwrap().set_len(1 << 40).unwrap();
    let error = refused(&setup.dir);
    assert!(matches!(error, CaError::Io { doing: "read", .. }), "{error}");
}

#[test]
fn many_that_open_an_empty_folder_at_once_get_one_root() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("deep/below/ca");
    let start = std::sync::Barrier::new(8);
    let prints: Vec<String> = std::thread::scope(|scope| {
        let open = || {
            start.wait();
            Authority::open(&dir).unwrap().certificate().sha256()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(prints.iter().all(|print| print == &prints[0]), "{prints:?}");
}
