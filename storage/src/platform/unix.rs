//! Unix: owner and mode.

use super::Identity;
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

pub(super) fn refused(found: &Metadata) -> Option<&'static str> {
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Some("belongs to another user");
    }
    (found.mode() & 0o002 != 0).then_some("may be written by every user; take that right away (chmod o-w)")
}

pub(super) fn close_to_others(path: &Path, found: &Metadata) -> io::Result<()> {
    match found.mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, Permissions::from_mode(0o600)),
    }
}

pub(super) fn identity(found: &Metadata) -> Option<Identity> {
    Some((found.dev(), found.ino()))
}

pub(super) fn write_all_at(file: &File, data: &[u8], position: u64) -> io::Result<()> {
    file.write_all_at(data, position)
}

pub(super) fn free_space(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
