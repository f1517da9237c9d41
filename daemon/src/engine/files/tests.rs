//! What may be read by which name.

use super::*;
use std::{fs, io::Read};

fn files(read_outside: bool) -> (tempfile::TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::new(&dir.path().join("files"), read_outside).unwrap();
    fs::write(files.folder().join("a b.txt"), "inside").unwrap();
    fs::create_dir(files.folder().join("sub")).unwrap();
    fs::write(files.folder().join("sub/c.txt"), "below").unwrap();
    fs::write(dir.path().join("secret"), "outside").unwrap();
    (dir, files)
}

fn read(files: &Files, src: &str) -> Result<String, FileErrorKind> {
    let Opened { mut file, length, name } = files.open_now(src).map_err(|error| {
        assert!(!error.hint.is_empty() && !error.message.is_empty());
        error.kind
    })?;
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!((length, src.ends_with(&name)), (text.len() as u64, true));
    Ok(text)
}

#[test]
fn files_are_found_below_the_folder_and_nowhere_else() {
    let (dir, files) = files(false);
    assert_eq!(read(&files, "a b.txt").as_deref(), Ok("inside"));
    assert_eq!(read(&files, "sub/c.txt").as_deref(), Ok("below"));
    let absolute = files.folder().join("sub/c.txt");
    assert_eq!(read(&files, absolute.to_str().unwrap()).as_deref(), Ok("below"));
    let outside = dir.path().join("secret");
    for src in ["", ".", "..", "../secret", "sub/../../secret", "/etc/passwd", outside.to_str().unwrap(), "a\0b", ".x"]
    {
        assert_eq!(read(&files, src), Err(FileErrorKind::Name), "{src:?}");
    }
    for src in [files.folder().join("../secret"), files.folder().to_owned()] {
        assert_eq!(read(&files, src.to_str().unwrap()), Err(FileErrorKind::Name), "{}", src.display());
    }
    assert_eq!(read(&files, "none.txt"), Err(FileErrorKind::Missing));
    assert_eq!(read(&files, "sub"), Err(FileErrorKind::NotAFile));
    let said = files.open_now("/etc/\u{1b}[31m").unwrap_err();
    assert!(said.hint.contains("send.read_outside") && !said.message.contains('\u{1b}'), "{said:?}");
}

#[test]
fn other_places_can_be_allowed() {
    let (dir, files) = files(true);
    assert_eq!(read(&files, dir.path().join("secret").to_str().unwrap()).as_deref(), Ok("outside"));
    assert_eq!(read(&files, "../secret"), Err(FileErrorKind::Name), "relative to what?");
    assert_eq!(read(&files, "/dev/zero"), Err(FileErrorKind::NotAFile));
    assert_eq!(read(&files, dir.path().to_str().unwrap()), Err(FileErrorKind::NotAFile));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_refused_and_nobody_waits() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (dir, inside) = files(false);
    let folder = inside.folder().to_owned();
    symlink(dir.path().join("secret"), folder.join("link")).unwrap();
    symlink(dir.path(), folder.join("up")).unwrap();
    let pipe = folder.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for src in ["link", "up/secret", "pipe"] {
        assert_eq!(read(&inside, src), Err(FileErrorKind::NotAFile), "{src}");
    }
    let outside = Files::new(&folder, true).unwrap();
    assert_eq!(read(&outside, pipe.to_str().unwrap()), Err(FileErrorKind::NotAFile));
    let names: Vec<String> = inside.list().unwrap().into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["a b.txt"]);
    assert_eq!(inside.add("link").unwrap_err().kind, FileErrorKind::NotAFile);
    inside.remove("link").unwrap();
    assert!(dir.path().join("secret").exists());
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_is_added_is_all_there_or_not_at_all() {
    use std::io::Write;
    let (_dir, files) = files(false);
    let mut incoming = files.add("new").unwrap();
    incoming.file().write_all(b"12345").unwrap();
    assert_eq!(read(&files, "new"), Err(FileErrorKind::Missing));
    let listed = incoming.finish().unwrap();
    assert_eq!((&listed.name[..], listed.size), ("new", 5));
    assert!(listed.modified_us > 1_600_000_000_000_000);
    let mut over = files.add("new").unwrap();
    over.file().write_all(b"123").unwrap();
    drop(over);
    assert_eq!(read(&files, "new").as_deref(), Ok("12345"));
    let count = || fs::read_dir(files.folder()).unwrap().count();
    assert_eq!(count(), 3, "no draft is left");
    #[cfg(unix)]
    assert_eq!(crate::platform::open_to_others(&files.folder().join("new").metadata().unwrap()), None);
    std::mem::forget(files.add("killed").unwrap());
    assert_eq!(count(), 4);
    Files::new(files.folder(), false).unwrap();
    assert_eq!(count(), 3);
    for bad in ["", ".", "..", "a/b", "a\\b", ".hidden", "a\nb", &"x".repeat(256)] {
        assert_eq!(files.add(bad).unwrap_err().kind, FileErrorKind::Name, "{bad:?}");
        assert_eq!(files.remove(bad).unwrap_err().kind, FileErrorKind::Name, "{bad:?}");
    }
    assert_eq!(files.remove("sub").unwrap_err().kind, FileErrorKind::NotAFile);
    assert_eq!(files.remove("none").unwrap_err().kind, FileErrorKind::Missing);
    files.remove("new").unwrap();
    assert_eq!(files.list().unwrap().len(), 1);
}
