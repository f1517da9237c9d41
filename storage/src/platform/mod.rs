//! What differs between operating systems: who owns a folder, and files that only we may read.
//!
//! Both implementations offer the same functions. On systems other than Unix, access follows from the folder's
//! own list, which a profile folder sets to its user.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use other as system;
#[cfg(unix)]
use unix as system;

use crate::StoreError;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::Path,
};

/// Creates a folder for us alone, unless it is there already, and refuses one that is not safely ours.
pub(crate) fn own_folder(path: &Path) -> Result<(), StoreError> {
    match system::create_folder(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(StoreError::io(path)(e)),
        _ => check_folder(path),
    }
}

/// Refuses a folder that is a symbolic link, not a folder, another user's, or writable by everyone.
pub(crate) fn check_folder(path: &Path) -> Result<(), StoreError> {
    let unsafe_because = |reason| Err(StoreError::Unsafe { path: path.into(), reason });
    let found = fs::symlink_metadata(path).map_err(StoreError::io(path))?;
    if found.is_symlink() {
        return unsafe_because("is a symbolic link; name the folder it points to");
    }
    if !found.is_dir() {
        return unsafe_because("is not a folder");
    }
    system::refused(&found).map_or(Ok(()), unsafe_because)
}

/// Makes sure that a file exists, is a plain file, is ours, and that only we may read it.
pub(crate) fn own_file(path: &Path) -> Result<(), StoreError> {
    match private().write(true).create_new(true).open(path) {
        Ok(_) => return Ok(()),
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(StoreError::io(path)(e)),
        Err(_) => {}
    }
    let found = plain_file(path)?;
    if let Some(reason) = system::refused(&found) {
        return Err(StoreError::Unsafe { path: path.into(), reason });
    }
    system::close_to_others(path, &found).map_err(StoreError::io(path))
}

/// What is known of a file; refuses a symbolic link, a folder or a device.
pub(crate) fn plain_file(path: &Path) -> Result<Metadata, StoreError> {
    let found = fs::symlink_metadata(path).map_err(StoreError::io(path))?;
    match found.is_file() {
        true => Ok(found),
        false => Err(StoreError::Unsafe { path: path.into(), reason: "is not a plain file" }),
    }
}

/// Creates a folder only we may look into.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    system::create_folder(path)
}

/// Tells a file from others, whatever its name.
pub(crate) type Identity = (u64, u64);

/// What file `path` leads to; `None` where that cannot be told.
pub(crate) fn identity(path: &Path) -> io::Result<Option<Identity>> {
    Ok(system::identity(&fs::metadata(path)?))
}

/// Whether a file is the one that `path` leads to, as far as can be told.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), identity(path)) {
        (Ok(opened), Ok(found)) => system::identity(&opened) == found,
        _ => false,
    }
}

/// Writes all of `data` at a place in a file, whatever others write elsewhere in it meanwhile.
pub(crate) fn write_all_at(file: &File, data: &[u8], position: u64) -> io::Result<()> {
    system::write_all_at(file, data, position)
}

/// Bytes free for us on the disk of `path`; `None` if that cannot be told.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    system::free_space(path)
}

/// Options that create files only we may read.
pub(crate) fn private() -> OpenOptions {
    system::private()
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(path)?.sync_all(),
        false => Ok(()),
    }
}
