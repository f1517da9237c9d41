//! A file that is there whole or not at all.

use crate::{
    cli::report::{Exit, Report},
    platform,
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// A file under way, beside the place where it will be. Removed if it is not finished.
pub(in crate::cli) struct Target {
    path: PathBuf,
    draft: PathBuf,
    file: File,
    force: bool,
    finished: bool,
}

impl Target {
    /// Begins a file for the user alone. Without `force`, one that is there is left alone.
    pub(in crate::cli) fn create(path: &Path, force: bool) -> Result<Self, Report> {
        if !force && fs::symlink_metadata(path).is_ok() {
            return Err(taken(path));
        }
        let name = path.file_name().ok_or_else(|| unwritable(path, io::ErrorKind::IsADirectory.into()))?;
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.part", std::process::id()));
        let draft = path.with_file_name(draft);
        let mut options = OpenOptions::new();
        let file = platform::private_file(options.write(true).create(true).truncate(true)).open(&draft);
        let file = file.map_err(|error| unwritable(path, error))?;
        Ok(Self { path: path.to_owned(), draft, file, force, finished: false })
    }

    pub(in crate::cli) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file where it belongs.
    pub(in crate::cli) fn finish(mut self) -> Result<(), Report> {
        let failed = |error| unwritable(&self.path, error);
        // A full disk may show only here.
        self.file.sync_data().map_err(failed)?;
        if !self.force && fs::symlink_metadata(&self.path).is_ok() {
            return Err(taken(&self.path));
        }
        fs::rename(&self.draft, &self.path).map_err(failed)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.finished {
            // What matters is why it was not finished.
            let _ = fs::remove_file(&self.draft);
        }
    }
}

fn taken(path: &Path) -> Report {
    Report::new(Exit::IO, format!("{} is there already", path.display()))
        .advise("Name another file, or add --force to replace it.")
}

/// What to say of a file that cannot be written.
pub(in crate::cli) fn unwritable(path: &Path, error: io::Error) -> Report {
    let report = Report::io(format!("cannot write {}", path.display()), error);
    report.advise("What was written of it has been removed.").exiting(Exit::IO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.har");
        let names = || fs::read_dir(dir.path()).unwrap().count();
        let mut target = Target::create(&path, false).unwrap();
        target.file().write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(target);
        assert_eq!(names(), 0);
        let mut target = Target::create(&path, false).unwrap();
        target.file().write_all(b"whole").unwrap();
        target.finish().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names()), (b"whole".to_vec(), 1));
        assert!(Target::create(&path, false).is_err_and(|report| report.exit() == Exit::IO));
        drop(Target::create(&path, true).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"whole", "the old one stays until there is a new one");
        Target::create(&path, true).unwrap().finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
