//! Windows: without owner and mode bits.

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

/// A file that is open cannot be replaced here.
pub(super) fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
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

pub(super) fn private() -> OpenOptions {
    OpenOptions::new()
}
