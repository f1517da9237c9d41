//! The folder for files that requests are made of. Requests come from files of other people too: what they name is looked
//! for in this folder alone, unless the user allows more.
//!
//! - this file: which names there are, and opening
//! - [`shelf`]: listing, adding, removing

mod shelf;
#[cfg(test)]
mod tests;

pub use shelf::{Incoming, Listed};

use crate::platform;
use std::{
    fs::{DirBuilder, File},
    io,
    path::{Component, Path},
    sync::Arc,
};

/// Longest name of a file, bytes.
const NAME: usize = 255;

/// The folder, and whether files elsewhere may be read.
#[derive(Clone, Debug)]
pub struct Files {
    folder: Arc<Path>,
    read_outside: bool,
}

/// A file that is open for reading.
#[derive(Debug)]
pub struct Opened {
    /// Its bytes from the first.
    pub file: File,
    /// How many there are now.
    pub length: u64,
    /// Its name without folders.
    pub name: String,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct FileError {
    /// What kind of error it is.
    pub kind: FileErrorKind,
    /// What is wrong, in a sentence that names the file.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileErrorKind {
    /// It may not be named so.
    Name,
    /// There is none.
    Missing,
    /// It is not what it should be: a folder, a pipe, a link.
    NotAFile,
    /// The disk is full.
    NoRoom,
    /// The system does not let us.
    Io,
}

impl Files {
    /// The folder `folder`, which is made for its owner alone if it is not there; its parent must be.
    ///
    /// # Errors
    /// As the system says.
    pub fn new(folder: &Path, read_outside: bool) -> io::Result<Self> {
        if !folder.is_dir() {
            platform::private_dir(&mut DirBuilder::new()).create(folder)?;
        }
        let files = Self { folder: folder.into(), read_outside };
        files.sweep();
        Ok(files)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens what a request names: a path below the folder, or an absolute one where that is allowed.
    ///
    /// # Errors
    /// [`FileError`], which says what to do.
    pub async fn open(&self, src: &str) -> Result<Opened, FileError> {
        let (files, src) = (self.clone(), src.to_owned());
        let opening = tokio::task::spawn_blocking(move || files.open_now(&src));
        // Only a panic, or the end of the runtime, is in the way.
        opening.await.unwrap_or_else(|e| Err(FileError::io("a file", &io::Error::other(e), "try again")))
    }

    /// [`open`](Self::open), which blocks.
    pub fn open_now(&self, src: &str) -> Result<Opened, FileError> {
        let path = Path::new(src);
        let file = match path.strip_prefix(&self.folder) {
            Err(_) if path.is_absolute() && self.read_outside => open_outside(path),
            Err(_) if path.is_absolute() => return Err(self.outside(src)),
            Ok(inner) => platform::open_below(&self.folder, self.inner(src, inner)?),
            Err(_) => platform::open_below(&self.folder, self.inner(src, path)?),
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let hint = format!("files are looked for in {}", self.folder.display());
        let file = file.map_err(|error| FileError::io(src, &error, &hint))?;
        let found = file.metadata().map_err(|error| FileError::io(src, &error, &hint))?;
        if !found.is_file() {
            return Err(FileError::not_a_file(src));
        }
        Ok(Opened { file, length: found.len(), name })
    }

    /// Holds a path to plain names.
    fn inner<'a>(&self, src: &str, path: &'a Path) -> Result<&'a Path, FileError> {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(name) if is_name(&name.to_string_lossy()));
        match path.components().all(plain) && path.file_name().is_some() {
            true => Ok(path),
            false => Err(self.outside(src)),
        }
    }

    fn outside(&self, src: &str) -> FileError {
        let folder = self.folder.display();
        FileError {
            kind: FileErrorKind::Name,
            message: match src {
                "" => "no file is named".to_owned(),
                src => format!("{} is not in the folder for files", shown(src)),
            },
            hint: format!(
                "put it into {folder} and name it without its folder, or allow other places with \
                 `waylay config set send.read_outside true` and start the daemon again"
            ),
        }
    }
}

/// Whether a file of the folder can have this name: one segment of a path, which does not begin with a dot.
pub fn is_name(name: &str) -> bool {
    let bad = |c: char| c.is_control() || c == '/' || c == '\\';
    !name.is_empty() && name.len() <= NAME && !name.starts_with('.') && !name.contains(bad)
}

fn open_outside(path: &Path) -> io::Result<File> {
    // To open some devices does something already.
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    platform::open_without_waiting(path)
}

impl FileError {
    fn io(name: &str, error: &io::Error, hint: &str) -> Self {
        let name = shown(name);
        let (kind, message) = match error.kind() {
            io::ErrorKind::NotFound => (FileErrorKind::Missing, format!("there is no file {name}")),
            io::ErrorKind::InvalidInput | io::ErrorKind::NotADirectory => {
                return Self::not_a_file(&name);
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                (FileErrorKind::NoRoom, format!("there is no room for the file {name}: {error}"))
            }
            _ => (FileErrorKind::Io, format!("the file {name} cannot be used: {error}")),
        };
        Self { kind, message, hint: hint.to_owned() }
    }

    fn not_a_file(name: &str) -> Self {
        Self {
            kind: FileErrorKind::NotAFile,
            message: format!("{} is not a file: a folder, a link, a pipe or a device", shown(name)),
            hint: "name a plain file; links and what is behind them are refused".to_owned(),
        }
    }
}

/// Names come from elsewhere: printable, and not too much of them.
fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(120).flat_map(char::escape_debug).collect();
    if name.chars().nth(120).is_some() {
        shown.push('…');
    }
    shown
}
