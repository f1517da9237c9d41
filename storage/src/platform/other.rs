//! Windows: without owner and mode bits.

use super::Identity;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::windows::fs::FileExt,
    path::Path,
};

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

pub(super) fn refused(_: &Metadata) -> Option<&'static str> {
    None
}

pub(super) fn close_to_others(_: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// The standard library does not tell; but a file that is open cannot be removed or renamed here.
pub(super) fn identity(_: &Metadata) -> Option<Identity> {
    None
}

pub(super) fn write_all_at(file: &File, mut data: &[u8], mut position: u64) -> io::Result<()> {
    while !data.is_empty() {
        match file.seek_write(data, position)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            n => (data, position) = (&data[n..], position + n as u64),
        }
    }
    Ok(())
}

/// The standard library does not tell.
pub(super) fn free_space(_: &Path) -> Option<u64> {
    None
}

pub(super) fn private() -> OpenOptions {
    OpenOptions::new()
}
