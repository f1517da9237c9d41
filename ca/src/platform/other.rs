//! [`Folder`] where there are no Unix modes: the access lists of the user's profile folder, which new files inherit, decide
//! who may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{Access, MAX_FILE};
use crate::error::CaError;

/// Locked while the folder is changed; a folder itself cannot be locked here.
const LOCK: &str = "waylay-ca.lock";

/// A folder of ours: not a link.
pub(crate) struct Folder {
    path: PathBuf,
}

/// Held while the folder is changed; other processes wait. Ends with the value, or with the process.
pub(crate) struct Lock {
    _file: File,
}

impl Folder {
    /// Opens a folder after checking it; `None` if nothing is there.
    pub(crate) fn open(path: &Path) -> Result<Option<Folder>, CaError> {
        let path: PathBuf = path.components().collect();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_symlink() => Err(CaError::Symlink { path }),
            Ok(found) if !found.is_dir() => Err(CaError::WrongKind { path, wanted: "folder" }),
            Ok(_) => Ok(Some(Folder { path })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CaError::Io { doing: "open", path, error }),
        }
    }

    /// Opens a folder after checking it, and makes it first if need be, with the folders above it.
    pub(crate) fn open_or_create(path: &Path) -> Result<Folder, CaError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        fs::create_dir_all(path).map_err(|error| CaError::Io { doing: "create", path: path.to_owned(), error })?;
        Self::open(path)?.ok_or_else(|| CaError::Missing { dir: path.to_owned() })
    }

    /// Waits until no other process changes the folder.
    pub(crate) fn lock(&self) -> Result<Lock, CaError> {
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(self.path(LOCK));
        let locked = opened.and_then(|file| file.lock().map(|()| file));
        locked.map(|file| Lock { _file: file }).map_err(|error| self.failed("lock", LOCK, error))
    }

    /// Whether there is anything of this name, be it a link to nowhere.
    pub(crate) fn contains(&self, name: &str) -> Result<bool, CaError> {
        match fs::symlink_metadata(self.path(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed("read", name, error)),
        }
    }

    /// The content of a file after checking it; `None` if there is none.
    pub(crate) fn read(&self, name: &str, _access: Access) -> Result<Option<Vec<u8>>, CaError> {
        let path = self.path(name);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.file_type().is_symlink() => return Err(CaError::Symlink { path }),
            Ok(found) if !found.is_file() => return Err(CaError::WrongKind { path, wanted: "regular file" }),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read", name, error)),
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
        match read {
            Ok(length) if length as u64 > MAX_FILE => Err(io::Error::from(ErrorKind::FileTooLarge)),
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(error),
        }
        .map_err(|error| self.failed("read", name, error))
    }

    /// Writes a file that must not be there yet, and flushes it.
    pub(crate) fn write_new(&self, name: &str, bytes: &[u8], _access: Access) -> Result<(), CaError> {
        let created = OpenOptions::new().create_new(true).write(true).open(self.path(name));
        let written = created.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
        written.map_err(|error| self.failed("write", name, error))
    }

    /// Gives a file another name, replacing what bears it.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), CaError> {
        fs::rename(self.path(from), self.path(to)).map_err(|error| self.failed("replace", to, error))
    }

    /// Removes a file if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CaError> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed("remove", name, error)),
            _ => Ok(()),
        }
    }

    /// Renames need no flush of the folder here: the file system journals them.
    pub(crate) fn sync(&self) -> Result<(), CaError> {
        Ok(())
    }

    /// Where a file of this name is, for messages.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn failed(&self, doing: &'static str, name: &str, error: io::Error) -> CaError {
        CaError::Io { doing, path: self.path(name), error }
    }
}
