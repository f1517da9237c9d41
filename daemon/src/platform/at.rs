//! Reading a file from a place of one's own.

use std::{
    borrow::Borrow,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// Reads a file from a position of its own, whatever else is read of it meanwhile.
#[derive(Debug)]
pub struct At<F> {
    /// The file.
    pub file: F,
    /// Where the next byte is.
    pub position: u64,
}

impl<F: Borrow<File>> Read for At<F> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(self.file.borrow(), to, self.position)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(self.file.borrow(), to, self.position)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl<F: Borrow<File>> Seek for At<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.file.borrow().metadata()?.len().checked_add_signed(by),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
