//! Zip archives of a few files: what is imported and exported when one file is not enough. Hostile ones are refused before
//! they cost anything.

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    io::{self, Cursor, Read, Seek, Write},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// Most entries, folders too.
pub const MAX_ENTRIES: usize = 10_000;
/// Most bytes that all entries of an archive may come to.
pub const MAX_INFLATED: u64 = 64 << 20;
/// How many times longer an entry may be than what it is stored as, once it is longer than [`FREE`].
const MAX_RATIO: u64 = 500;
/// Entries up to so many bytes may be as repetitive as they like.
const FREE: u64 = 1 << 20;
/// Longest name of an entry, bytes.
const MAX_NAME: usize = 1024;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive, with `/` between the parts.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why an archive is not read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no zip archive, or a damaged one.
    #[error("The zip archive cannot be read: {0}.")]
    Damaged(String),
    /// There are too many entries.
    #[error("The zip archive has {0} entries; {MAX_ENTRIES} are allowed.")]
    TooMany(usize),
    /// It would be too much.
    #[error("The files in the zip archive are more than {} MiB together.", MAX_INFLATED >> 20)]
    TooLarge,
    /// It is made to be too much.
    #[error("{0:?} in the zip archive is more than {MAX_RATIO} times as long as what it is stored as: a zip bomb.")]
    Bomb(String),
    /// A name leads out of the archive, or to no file at all.
    #[error("{0:?} in the zip archive is not the name of a file within it.")]
    Name(String),
    /// There are two files of one name.
    #[error("{0:?} is twice in the zip archive.")]
    Twice(String),
    /// It cannot be read without a password.
    #[error("{0:?} in the zip archive is encrypted.")]
    Encrypted(String),
    /// It is a link.
    #[error("{0:?} in the zip archive is a link, not a file.")]
    Link(String),
    /// The file itself cannot be read.
    #[error("The zip archive cannot be read: {0}.")]
    Io(#[from] io::Error),
}

/// Whether a file begins as a zip archive does.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files in an archive, in its order. What systems leave in archives besides (`__MACOSX`, `.DS_Store`) is passed over.
///
/// # Errors
/// If it is no archive, or one that this program does not want to read: too many entries, too much in them, names that
/// lead elsewhere.
pub fn read(file: impl Read + Seek) -> Result<Vec<Entry>, ArchiveError> {
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(ArchiveError::TooMany(archive.len()));
    }
    let (mut entries, mut names, mut room) = (Vec::new(), HashSet::new(), MAX_INFLATED);
    for number in 0..archive.len() {
        let (name, is_encrypted) = {
            let raw = archive.by_index_raw(number).map_err(damaged)?;
            let name = raw.name().map_err(damaged)?.into_owned();
            if raw.is_symlink() {
                return Err(ArchiveError::Link(name));
            }
            (name, raw.encrypted())
        };
        if !is_within(&name) {
            return Err(ArchiveError::Name(name));
        }
        if name.ends_with('/') || is_clutter(&name) {
            continue;
        }
        if is_encrypted {
            return Err(ArchiveError::Encrypted(name));
        }
        if !names.insert(name.clone()) {
            return Err(ArchiveError::Twice(name));
        }
        let entry = archive.by_index(number).map_err(damaged)?;
        let longest = entry.compressed_size().saturating_mul(MAX_RATIO).max(FREE);
        let mut bytes = Vec::new();
        // What the archive says about lengths is not believed.
        entry.take(longest.min(room) + 1).read_to_end(&mut bytes).map_err(|e| ArchiveError::Damaged(e.to_string()))?;
        let length = bytes.len() as u64;
        if length > room {
            return Err(ArchiveError::TooLarge);
        }
        if length > longest {
            return Err(ArchiveError::Bomb(name));
        }
        room -= length;
        entries.push(Entry { name, bytes });
    }
    Ok(entries)
}

/// An archive of these files. The same files make the same archive.
///
/// # Errors
/// If there are two files of one name, or together they are longer than an archive can be.
pub fn write<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn damaged(e: ZipError) -> ArchiveError {
    match e {
        ZipError::Io(e) if e.kind() != io::ErrorKind::UnexpectedEof && e.kind() != io::ErrorKind::InvalidData => {
            ArchiveError::Io(e)
        }
        e => ArchiveError::Damaged(e.to_string()),
    }
}

/// Whether a name is a path that stays in the archive, on every system.
fn is_within(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    let path = name.strip_suffix('/').unwrap_or(name);
    name.len() <= MAX_NAME && !name.contains(['\\', '\0', ':']) && path.split('/').all(plain)
}

fn is_clutter(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next() == Some(".DS_Store")
}
