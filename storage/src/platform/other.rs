//! Systems without owner and mode bits.

use std::{
    fs::{self, Metadata, OpenOptions},
    io,
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

pub(super) fn private() -> OpenOptions {
    OpenOptions::new()
}
