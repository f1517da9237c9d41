//! A folder as one zip archive, which is how it is looked at.

use crate::{
    cli::report::{Exit, Report},
    formats::archive::{self, MAX_ENTRIES, MAX_INFLATED},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How deep folders may lie in each other.
const DEEPEST: usize = 32;

/// All files in a folder, and in those in it. Links are not followed, hidden files and folders are passed over.
pub(super) fn packed(folder: &Path) -> Result<Vec<u8>, Report> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((path, name, depth)) = folders.pop() {
        if depth > DEEPEST {
            return Err(too_much(folder, &format!("folders that lie {DEEPEST} deep")));
        }
        let mut entries = sorted(&path)?;
        // The next one stands last.
        entries.reverse();
        for (path, entry) in entries {
            let kind = fs::symlink_metadata(&path).map_err(|e| unreadable(&path, e))?;
            let name = if name.is_empty() { entry } else { format!("{name}/{entry}") };
            if kind.is_dir() {
                folders.push((path, name, depth + 1));
            } else if kind.is_file() {
                bytes += kind.len();
                if bytes > MAX_INFLATED {
                    return Err(too_much(folder, &format!("{} MiB", MAX_INFLATED >> 20)));
                }
                if files.len() == MAX_ENTRIES {
                    return Err(too_much(folder, &format!("{MAX_ENTRIES} files")));
                }
                let content = fs::read(&path).map_err(|e| unreadable(&path, e))?;
                files.push((name, content));
            }
        }
    }
    files.sort();
    let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    archive::write(files).map_err(|e| unreadable(folder, e))
}

fn sorted(folder: &Path) -> Result<Vec<(PathBuf, String)>, Report> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let entry = entry.map_err(|e| unreadable(folder, e))?;
        let name = entry.file_name().to_string_lossy().replace(['\\', ':'], "_");
        if !name.starts_with('.') {
            found.push((entry.path(), name));
        }
    }
    found.sort();
    Ok(found)
}

fn too_much(folder: &Path, most: &str) -> Report {
    Report::new(Exit::USAGE, format!("{} holds more than {most}", folder.display()))
        .advise("Import what you want of it by itself.")
}

fn unreadable(path: &Path, error: io::Error) -> Report {
    Report::io(format!("cannot read {}", path.display()), error)
}
