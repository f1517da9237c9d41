//! [`Folder`] on Unix: opened once without following a link, and everything after that relative to what was opened.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::{Access, MAX_FILE};
use crate::error::CaError;

/// Permission bits of the folder.
const FOLDER: Mode = Mode::RWXU;

/// A folder of ours: not a link, owned by the user we run as, closed to everyone else.
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

/// Held while the folder is changed; other processes wait. Ends with the value, or with the process.
pub(crate) struct Lock {
    _fd: OwnedFd,
}

impl Access {
    fn mode(self) -> Mode {
        match self {
            Access::Private => Mode::RUSR | Mode::WUSR,
            Access::Public => Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH,
        }
    }
}

impl Folder {
    /// Opens a folder after checking it; `None` if nothing is there.
    pub(crate) fn open(path: &Path) -> Result<Option<Folder>, CaError> {
        // A trailing slash would make the system follow a link in the last place.
        let path: PathBuf = path.components().collect();
        let fd = match open_folder(&path) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(refusal(&path, "folder", errno)),
        };
        check(&fd, &path, FOLDER)?;
        Ok(Some(Folder { fd, path }))
    }

    /// Opens a folder after checking it, and makes it first if need be, with the folders above it.
    pub(crate) fn open_or_create(path: &Path) -> Result<Folder, CaError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let created = DirBuilder::new().recursive(true).mode(bits(FOLDER)).create(path);
        created.map_err(|error| CaError::Io { doing: "create", path: path.to_owned(), error })?;
        let folder = Self::open(path)?.ok_or_else(|| CaError::Missing { dir: path.to_owned() })?;
        // Without this a power cut could lose the folder, and with it a root that is trusted already.
        if let Some(parent) = folder.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            let synced = File::open(parent).and_then(|parent| parent.sync_all());
            synced.map_err(|error| CaError::Io { doing: "flush", path: parent.to_owned(), error })?;
        }
        Ok(folder)
    }

    /// Waits until no other process changes the folder.
    pub(crate) fn lock(&self) -> Result<Lock, CaError> {
        // Opened anew: the lock belongs to this opening and ends with it.
        let fd = open_here(&self.fd).map_err(|errno| self.failed("lock", "", errno))?;
        loop {
            match rustix::fs::flock(&fd, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Lock { _fd: fd }),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(self.failed("lock", "", errno)),
            }
        }
    }

    /// Whether there is anything of this name, be it a link to nowhere.
    pub(crate) fn contains(&self, name: &str) -> Result<bool, CaError> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.failed("read", name, errno)),
        }
    }

    /// The content of a file after checking it; `None` if there is none.
    pub(crate) fn read(&self, name: &str, access: Access) -> Result<Option<Vec<u8>>, CaError> {
        // NONBLOCK: a pipe put here must not hold us up.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let path = self.path(name);
        let fd = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(refusal(&path, "regular file", errno)),
        };
        let stat = check(&fd, &path, access.mode())?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(CaError::WrongKind { path, wanted: "regular file" });
        }
        let mut bytes = Vec::new();
        let read = File::from(fd).take(MAX_FILE + 1).read_to_end(&mut bytes);
        match read {
            Ok(length) if length as u64 > MAX_FILE => Err(io::Error::from(ErrorKind::FileTooLarge)),
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(error),
        }
        .map_err(|error| CaError::Io { doing: "read", path, error })
    }

    /// Writes a file that must not be there yet, and flushes it. Its mode is right from its creation on.
    pub(crate) fn write_new(&self, name: &str, bytes: &[u8], access: Access) -> Result<(), CaError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, access.mode());
        let mut file = File::from(fd.map_err(|errno| self.failed("create", name, errno))?);
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|error| CaError::Io { doing: "write", path: self.path(name), error })
    }

    /// Gives a file another name, replacing what bears it.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), CaError> {
        rustix::fs::renameat(&self.fd, from, &self.fd, to).map_err(|errno| self.failed("replace", to, errno))
    }

    /// Removes a file if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CaError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(self.failed("remove", name, errno)),
        }
    }

    /// Makes renames and removals durable.
    pub(crate) fn sync(&self) -> Result<(), CaError> {
        rustix::fs::fsync(&self.fd).map_err(|errno| self.failed("flush", "", errno))
    }

    /// Where a file of this name is, for messages.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn failed(&self, doing: &'static str, name: &str, errno: Errno) -> CaError {
        let path = if name.is_empty() { self.path.clone() } else { self.path(name) };
        CaError::Io { doing, path, error: errno.into() }
    }
}

fn open_folder(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
}

/// A second, independent opening of the same folder.
fn open_here(folder: &OwnedFd) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(folder, ".", flags, Mode::empty())
}

/// Ours, and open to nobody beyond `allowed`. Checked on what is open, so nobody can swap it afterwards.
fn check(fd: &OwnedFd, path: &Path, allowed: Mode) -> Result<Stat, CaError> {
    let stat = rustix::fs::fstat(fd).map_err(|errno| CaError::Io {
        doing: "read",
        path: path.to_owned(),
        error: errno.into(),
    })?;
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid != user {
        return Err(CaError::ForeignOwner { path: path.to_owned(), owner: stat.st_uid, user });
    }
    let mode = Mode::from_raw_mode(stat.st_mode);
    let others = Mode::RWXG | Mode::RWXO;
    if !(mode & others).difference(allowed).is_empty() {
        return Err(CaError::TooOpen { path: path.to_owned(), mode: bits(mode), wanted: bits(allowed) });
    }
    Ok(stat)
}

#[allow(clippy::useless_conversion, reason = "modes have 16 bits on some systems")]
fn bits(mode: Mode) -> u32 {
    mode.as_raw_mode().into()
}

/// Why something could not be opened: the system says much the same for a link, a file and a folder in the wrong place.
fn refusal(path: &Path, wanted: &'static str, errno: Errno) -> CaError {
    let path = path.to_owned();
    match fs::symlink_metadata(&path) {
        Ok(found) if found.file_type().is_symlink() => CaError::Symlink { path },
        Ok(found) if wanted == "folder" && !found.is_dir() => CaError::WrongKind { path, wanted },
        _ => CaError::Io { doing: "open", path, error: io::Error::from(errno) },
    }
}
