//! What is in the folder: listing, adding, removing.

use super::{FileError, FileErrorKind, Files, is_name, shown};
use crate::platform;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

/// What files are called that are not all there.
const DRAFT: &str = ".coming.";

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was last changed, microseconds since the Unix epoch.
    pub modified_us: i64,
}

/// A file that is being added. Unless it is [finished](Self::finish), nothing of it stays.
#[derive(Debug)]
pub struct Incoming {
    name: String,
    draft: PathBuf,
    target: PathBuf,
    file: File,
}

impl Files {
    /// The files, by name. Folders, links and other things are not among them.
    ///
    /// # Errors
    /// [`FileError`] if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, FileError> {
        let unreadable = |error: io::Error| self.unreadable(&error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&*self.folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Some(name) = entry.file_name().to_str().filter(|name| is_name(name)).map(str::to_owned) else {
                continue;
            };
            match entry.metadata() {
                Ok(found) if found.is_file() => files.push(listed(name, &found)),
                _ => {} // or it went meanwhile
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    /// Begins to add a file.
    ///
    /// # Errors
    /// [`FileError`] for a name that cannot be, and for one that is taken by something else than a file.
    pub fn add(&self, name: &str) -> Result<Incoming, FileError> {
        let target = self.named(name)?;
        match fs::symlink_metadata(&target) {
            Ok(found) if !found.is_file() => return Err(FileError::not_a_file(name)),
            _ => {}
        }
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("{DRAFT}{}.{number}", std::process::id()));
        let mut options = OpenOptions::new();
        let file = platform::private_file(options.create_new(true).write(true)).open(&draft);
        let file = file.map_err(|error| FileError::io(name, &error, "look at the folder's owner and rights"))?;
        Ok(Incoming { name: name.to_owned(), draft, target, file })
    }

    /// Removes a file.
    ///
    /// # Errors
    /// [`FileError`] if there is none.
    pub fn remove(&self, name: &str) -> Result<(), FileError> {
        let path = self.named(name)?;
        let hint = format!("GET /api/v1/files lists those in {}", self.folder.display());
        let found = fs::symlink_metadata(&path).map_err(|error| FileError::io(name, &error, &hint))?;
        if found.is_dir() {
            return Err(FileError::not_a_file(name));
        }
        fs::remove_file(path).map_err(|error| FileError::io(name, &error, &hint))
    }

    /// Removes what a daemon that was killed has left half added.
    pub(super) fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&*self.folder) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                // What cannot be removed is in nobody's way.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn named(&self, name: &str) -> Result<PathBuf, FileError> {
        if is_name(name) {
            return Ok(self.folder.join(name));
        }
        Err(FileError {
            kind: FileErrorKind::Name,
            message: format!("'{}' is not a name for a file", shown(name)),
            hint: "a name has 1 to 255 bytes, no slashes or control characters, and does not begin with a dot"
                .to_owned(),
        })
    }

    fn unreadable(&self, error: &io::Error) -> FileError {
        FileError::io(&self.folder.display().to_string(), error, "look at send.files_dir in the settings")
    }
}

impl Incoming {
    /// Where its bytes go.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts it into its place, over what was there.
    ///
    /// # Errors
    /// [`FileError`]; what was there is as it was.
    pub fn finish(self) -> Result<Listed, FileError> {
        let failed = |error: io::Error| FileError::io(&self.name, &error, "look at the folder's owner and rights");
        self.file.sync_all().map_err(failed)?;
        let found = self.file.metadata().map_err(failed)?;
        fs::rename(&self.draft, &self.target).map_err(failed)?;
        Ok(listed(self.name.clone(), &found))
    }

    /// What an error of writing means.
    pub fn failed(&self, error: &io::Error) -> FileError {
        FileError::io(&self.name, error, "it needs its size on the disk of the folder for files")
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Once it is in its place, there is none.
        let _ = fs::remove_file(&self.draft);
    }
}

fn listed(name: String, found: &Metadata) -> Listed {
    let modified = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Listed { name, size: found.len(), modified_us: i64::try_from(modified.as_micros()).unwrap_or(i64::MAX) }
}
