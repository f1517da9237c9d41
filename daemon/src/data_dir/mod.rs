//! The data folder: where one instance of Waylay keeps its store, its CA, its log and its traces of running.
//!
//! - [`DataDir`]: which folder it is, and whether it is safe to use
//! - `lock`: one daemon per folder
//! - `instance`: how other processes find that daemon
//! - `private_file`: files that are the owner's alone from the moment they exist

mod instance;
mod lock;
mod private_file;

pub use instance::Instance;
pub use lock::Lock;
pub use private_file::{create_nameless, create_private, replace_private};

use crate::platform;
use std::{
    ffi::OsString,
    fs::DirBuilder,
    io,
    path::{Path, PathBuf},
};

/// The environment variable that names the data folder.
pub const ENVIRONMENT: &str = "WAYLAY_DATA_DIR";

/// One instance's folder. Naming it touches nothing; [`DataDir::create`] and [`DataDir::check`] do.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    chosen: bool,
}

impl DataDir {
    /// The folder named by the flag, else by [`ENVIRONMENT`], else the platform's own place for data.
    ///
    /// # Errors
    /// [`DataDirError::NoHome`] if nothing names it and there is no home folder.
    pub fn locate(flag: Option<PathBuf>, environment: Option<OsString>) -> Result<Self, DataDirError> {
        let named = flag.or_else(|| environment.map(PathBuf::from)).filter(|path| !path.as_os_str().is_empty());
        let (path, chosen) = match named {
            Some(path) => (std::path::absolute(&path).map_err(|source| io_error(&path, source))?, true),
            None => (project_dirs()?.data_local_dir().to_owned(), false),
        };
        Ok(Self { path, chosen })
    }

    /// Its absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the user named it, rather than the platform.
    pub fn is_chosen(&self) -> bool {
        self.chosen
    }

    /// Where its settings are kept: inside a folder that was named (so that a second instance is complete in itself),
    /// else in the platform's place for configuration.
    pub fn config_file(&self) -> Result<PathBuf, DataDirError> {
        let folder = if self.chosen { self.path.clone() } else { project_dirs()?.config_dir().to_owned() };
        Ok(folder.join("config.toml"))
    }

    /// The folder of the certificate authority.
    pub fn ca(&self) -> PathBuf {
        self.path.join("ca")
    }

    /// The secret that commands show the daemon.
    pub fn token(&self) -> PathBuf {
        self.path.join("token")
    }

    /// The folder of the log.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// The folder of what captured commands are pointed to.
    pub fn run(&self) -> PathBuf {
        self.path.join("run")
    }

    /// Creates the folder for its owner alone if it is not there, and checks it.
    ///
    /// # Errors
    /// See [`DataDirError`]; an existing folder that is empty and open to others is closed instead of refused.
    pub fn create(&self) -> Result<(), DataDirError> {
        if self.check()? {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        platform::private_dir(&mut builder).create(&self.path).map_err(|source| self.io(source))?;
        self.check().map(drop)
    }

    /// Checks a folder that others might have prepared: `false` if it is not there.
    ///
    /// # Errors
    /// See [`DataDirError`].
    pub fn check(&self) -> Result<bool, DataDirError> {
        let path = || self.path.clone();
        let meta = match self.path.symlink_metadata() {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.io(error)),
        };
        if meta.is_symlink() {
            return Err(DataDirError::Symlink { path: path() });
        }
        if !meta.is_dir() {
            return Err(DataDirError::NotAFolder { path: path() });
        }
        if let (Some(owner), Some(user)) = (platform::owner(&meta), platform::user())
            && owner != user
        {
            return Err(DataDirError::ForeignOwner { path: path(), owner, user });
        }
        if let Some(mode) = platform::open_to_others(&meta) {
            if !self.is_empty() {
                return Err(DataDirError::OpenToOthers { path: path(), mode });
            }
            platform::only_for_owner(&self.path).map_err(|source| self.io(source))?;
        }
        match platform::access_problem(&self.path) {
            Some(source) => Err(self.io(source)),
            None => Ok(true),
        }
    }

    /// Creates one of its folders, for its owner alone.
    ///
    /// # Errors
    /// [`DataDirError::Io`].
    pub fn create_folder(&self, folder: &Path) -> Result<(), DataDirError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        platform::private_dir(&mut builder).create(folder).map_err(|source| io_error(folder, source))
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.path).is_ok_and(|mut entries| entries.next().is_none())
    }

    fn io(&self, source: io::Error) -> DataDirError {
        io_error(&self.path, source)
    }
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Nothing says where it is to be.
    #[error("there is no home folder to keep data in")]
    NoHome,
    /// Whoever made the link decides where it leads.
    #[error("{} is a symbolic link", path.display())]
    Symlink {
        /// The folder.
        path: PathBuf,
    },
    /// It is a file, or something else.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
    },
    /// Its owner could read and replace everything in it.
    #[error("{} belongs to user {owner}, and waylay runs as user {user}", path.display())]
    ForeignOwner {
        /// The folder.
        path: PathBuf,
        /// User id of its owner.
        owner: u32,
        /// User id of this process.
        user: u32,
    },
    /// Others may look into it or change it.
    #[error("{} is open to other users (mode {mode:04o})", path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process holds the lock.
    #[error("{} is in use", path.display())]
    Held {
        /// The folder.
        path: PathBuf,
        /// Who holds it, if that is known.
        holder: Option<Box<Instance>>,
    },
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was to be opened, read or written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn io_error(path: &Path, source: io::Error) -> DataDirError {
    DataDirError::Io { path: path.to_owned(), source }
}

fn project_dirs() -> Result<directories::ProjectDirs, DataDirError> {
    directories::ProjectDirs::from("", "", "waylay").ok_or(DataDirError::NoHome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_beats_the_environment_beats_the_platform() {
        let flag = || Some(PathBuf::from("/a/flag"));
        let env = || Some(OsString::from("/an/environment"));
        assert_eq!(DataDir::locate(flag(), env()).unwrap().path(), Path::new("/a/flag"));
        let named = DataDir::locate(None, env()).unwrap();
        assert_eq!(named.path(), Path::new("/an/environment"));
        assert_eq!(named.config_file().unwrap(), Path::new("/an/environment/config.toml"));
        let platform = DataDir::locate(None, Some(OsString::new())).unwrap();
        assert!(!platform.is_chosen(), "an empty variable names nothing");
        assert_ne!(platform.config_file().unwrap().parent(), Some(platform.path()));
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::{
            fs::{self, Permissions},
            os::unix::fs::{PermissionsExt, symlink},
        };

        fn dir(path: &Path) -> DataDir {
            DataDir::locate(Some(path.to_owned()), None).unwrap()
        }

        fn mode(path: &Path) -> u32 {
            path.metadata().unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn it_is_created_for_its_owner_alone() {
            let parent = tempfile::tempdir().unwrap();
            let data = dir(&parent.path().join("new/folder"));
            assert!(!data.check().unwrap());
            data.create().unwrap();
            assert_eq!(mode(data.path()), 0o700);
            assert!(data.check().unwrap());
        }

        #[test]
        fn someone_elses_folder_is_refused() {
            let own = tempfile::tempdir().unwrap();
            // Only the superuser can give a folder away, and only others find one of the superuser's.
            let (foreign, owner) = match platform::user() {
                Some(0) => {
                    std::os::unix::fs::chown(own.path(), Some(1), None).unwrap();
                    (own.path(), 1)
                }
                _ => (Path::new("/"), 0),
            };
            for result in [dir(foreign).check().map(drop), dir(foreign).create()] {
                assert!(matches!(result, Err(DataDirError::ForeignOwner { owner: o, .. }) if o == owner), "{result:?}");
            }
        }

        #[test]
        fn what_others_could_have_prepared_is_refused() {
            let parent = tempfile::tempdir().unwrap();
            let link = parent.path().join("link");
            symlink(parent.path(), &link).unwrap();
            assert!(matches!(dir(&link).create(), Err(DataDirError::Symlink { .. })));
            let file = parent.path().join("file");
            fs::write(&file, "").unwrap();
            assert!(matches!(dir(&file).create(), Err(DataDirError::NotAFolder { .. })));
            assert!(matches!(dir(&file.join("below")).create(), Err(DataDirError::Io { .. })));

            let open = parent.path().join("open");
            fs::create_dir(&open).unwrap();
            fs::set_permissions(&open, Permissions::from_mode(0o775)).unwrap();
            dir(&open).create().unwrap();
            assert_eq!(mode(&open), 0o700, "an empty one is closed");
            fs::write(open.join("something"), "").unwrap();
            fs::set_permissions(&open, Permissions::from_mode(0o775)).unwrap();
            assert!(matches!(dir(&open).create(), Err(DataDirError::OpenToOthers { mode: 0o775, .. })));
            assert_eq!(mode(&open), 0o775, "one with contents is left as it is");
        }
    }
}
