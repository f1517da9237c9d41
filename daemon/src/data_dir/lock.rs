//! One daemon per data folder: a lock on a file, which the system drops with the process however it ends.

use super::{DataDir, DataDirError, Instance, io_error};
use crate::platform;
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

/// How long a lock is tried for: [`DataDir::is_held`] holds it for a moment, which must not look like a daemon.
const PATIENCE: Duration = Duration::from_millis(300);

/// Held by the one process that may write to a data folder; given up when dropped.
#[derive(Debug)]
pub struct Lock {
    /// Closing it is what gives the lock up.
    _file: File,
}

impl DataDir {
    /// Takes the folder's lock. The folder must be there.
    ///
    /// # Errors
    /// [`DataDirError::Held`] if another process has it, after less than half a second.
    pub fn lock(&self) -> Result<Lock, DataDirError> {
        let path = self.lock_file();
        let mut options = OpenOptions::new();
        let file = platform::private_file(options.create(true).truncate(false).write(true)).open(&path);
        let file = file.map_err(|source| io_error(&path, source))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::Error(source)) => return Err(io_error(&path, source)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::WouldBlock) => {
                    let holder = Instance::read(self).ok().flatten().map(Box::new);
                    return Err(DataDirError::Held { path: self.path.clone(), holder });
                }
            }
        }
    }

    /// Whether a process holds the lock now.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn is_held(&self) -> Result<bool, DataDirError> {
        let path = self.lock_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(io_error(&path, source)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => Err(io_error(&path, source)),
        }
    }

    fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(dir.path().to_owned()), None).unwrap();
        assert!(!data.is_held().unwrap());
        let lock = data.lock().unwrap();
        assert!(data.is_held().unwrap());
        assert!(matches!(data.lock(), Err(DataDirError::Held { holder: None, .. })));
        drop(lock);
        assert!(!data.is_held().unwrap());
        data.lock().unwrap();
    }
}
