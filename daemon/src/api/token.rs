//! The token file: what programs of this user show the daemon.

use crate::platform;
use crate::secret::{Digest, Secret};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// The bearer token of one run of the daemon.
#[derive(Debug)]
pub struct Token(Secret);

impl Token {
    /// Makes a new token and writes it to the file `token` in the data folder, readable for its owner alone from the
    /// moment it exists. A token of an earlier run is replaced.
    ///
    /// # Errors
    /// If the system gives no random numbers, or the file cannot be written.
    pub fn create(data_dir: &Path) -> io::Result<Self> {
        let secret = Secret::random()?;
        let draft = data_dir.join("token.new");
        match fs::remove_file(&draft) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut file = private_file(&draft)?;
        file.write_all(secret.reveal().as_bytes())?;
        drop(file);
        fs::rename(&draft, data_dir.join("token"))?;
        Ok(Self(secret))
    }

    /// The token itself, for a client in this process.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    pub(super) fn digest(&self) -> Digest {
        self.0.digest()
    }
}

/// Creates a file that must not be there yet, so that nobody can have prepared one with other rights or a link.
fn private_file(path: &Path) -> io::Result<File> {
    platform::private_file(OpenOptions::new().write(true).create_new(true)).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, symlink};

    #[test]
    fn the_file_is_the_owners_alone_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        fs::write(&elsewhere, "kept").unwrap();
        symlink(&elsewhere, dir.path().join("token")).unwrap();
        symlink(&elsewhere, dir.path().join("token.new")).unwrap();
        let token = Token::create(dir.path()).unwrap();
        let path = dir.path().join("token");
        assert_eq!(fs::read_to_string(&path).unwrap(), token.reveal());
        assert_eq!(fs::symlink_metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "kept");
        let next = Token::create(dir.path()).unwrap();
        assert_ne!(next.reveal(), token.reveal());
        assert_eq!(fs::read_to_string(&path).unwrap(), next.reveal());
    }
}
