//! Unix: owner and mode.

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

pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: io::Result<Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
    let opened = identity(file.metadata());
    opened.is_some() && opened == identity(fs::metadata(path))
}

pub(super) fn write_all_at(file: &File, data: &[u8], position: u64) -> io::Result<()> {
    file.write_all_at(data, position)
}

pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
