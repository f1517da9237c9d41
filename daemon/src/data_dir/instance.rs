//! `daemon.json`: how other processes of the same user find the running daemon.

use super::{DataDir, DataDirError, io_error, replace_private};
use serde::{Deserialize, Serialize};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What a running daemon says about itself. Trusted only while the folder's lock is held: a killed daemon leaves
/// the file behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its process id.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// When it started; microseconds since the Unix epoch.
    pub started_us: i64,
    /// Where the proxy listens.
    pub proxy: Vec<SocketAddr>,
    /// Where the UI and the control API listen.
    pub ui: Vec<SocketAddr>,
}

impl Instance {
    /// Reads the file, whoever wrote it; `None` if it is not there.
    ///
    /// # Errors
    /// [`DataDirError::Io`], also for contents that are not an instance.
    pub fn read(data: &DataDir) -> Result<Option<Self>, DataDirError> {
        let path = Self::file(data);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| io_error(&path, e.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io_error(&path, source)),
        }
    }

    /// Reads the file of a daemon that runs now; `None` if none does, or if it is not ready yet.
    ///
    /// # Errors
    /// As [`Instance::read`].
    pub fn running(data: &DataDir) -> Result<Option<Self>, DataDirError> {
        if data.is_held()? { Self::read(data) } else { Ok(None) }
    }

    /// Tells other processes about this daemon.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn write(&self, data: &DataDir) -> Result<(), DataDirError> {
        let path = Self::file(data);
        let text = serde_json::to_vec(self).map_err(|error| io_error(&path, error.into()))?;
        replace_private(&path, &text).map_err(|source| io_error(&path, source))
    }

    /// Removes what a daemon told: the file and the token. For use under the lock only.
    pub fn forget(data: &DataDir) {
        for path in [Self::file(data), data.token()] {
            forget_file(&path);
        }
    }

    fn file(data: &DataDir) -> PathBuf {
        data.path().join("daemon.json")
    }
}

fn forget_file(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "cannot remove a file of the daemon");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_daemon_left_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(dir.path().to_owned()), None).unwrap();
        let instance = Instance {
            pid: 1,
            version: "1.2.3".into(),
            started_us: 5,
            proxy: vec!["127.0.0.1:5559".parse().unwrap(), "[::1]:5559".parse().unwrap()],
            ui: vec!["127.0.0.1:5560".parse().unwrap()],
        };
        let lock = data.lock().unwrap();
        assert_eq!(Instance::running(&data).unwrap(), None, "not ready yet");
        instance.write(&data).unwrap();
        assert_eq!(Instance::running(&data).unwrap(), Some(instance.clone()));
        assert!(matches!(data.lock(), Err(DataDirError::Held { holder: Some(h), .. }) if *h == instance));
        drop(lock);
        assert_eq!(Instance::running(&data).unwrap(), None, "nobody holds the lock");
        Instance::forget(&data);
        assert_eq!(Instance::read(&data).unwrap(), None);
    }
}
