//! Files that nobody else may read, from the moment they exist.

use crate::platform;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Creates or truncates a file for its owner alone.
///
/// # Errors
/// As the system says.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    platform::private_file(options.create(true).truncate(true).write(true)).open(path)
}

/// Creates a file in a folder that nobody can open by a name, and that is gone once it is closed, however this process
/// ends.
///
/// # Errors
/// As the system says.
pub fn create_nameless(folder: &Path) -> io::Result<File> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let name = format!("nameless.{}.{}", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
    let path = folder.join(name);
    // One that is there was left by a process of this number that was killed in between.
    let _ = std::fs::remove_file(&path);
    let mut options = OpenOptions::new();
    let file = platform::private_file(options.create_new(true).read(true).write(true)).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// Replaces a file's contents at once: readers see the old file or the new one, never a part.
///
/// # Errors
/// As the system says; the old file is then still there.
pub fn replace_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let draft = path.with_file_name(name);
    let written = create_private(&draft).and_then(|mut file| file.write_all(contents));
    let done = written.and_then(|()| std::fs::rename(&draft, path));
    if done.is_err() {
        // What matters is the first error; a draft that cannot be removed either is harmless.
        let _ = std::fs::remove_file(&draft);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        replace_private(&path, b"one").unwrap();
        replace_private(&path, b"2").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"2");
        assert_eq!(platform::open_to_others(&path.metadata().unwrap()), None);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
        assert!(replace_private(&dir.path().join("missing/a"), b"x").is_err());
    }
}
