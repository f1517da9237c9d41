//! Files beside a collection: bytes that cannot stand in JSON.

use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// The folder they are in.
const FOLDER: &str = "files/";

/// Bytes by their names, `files/<SHA-256>.bin`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SideFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl SideFiles {
    /// Takes bytes in; answers their name.
    pub fn add(&mut self, bytes: &[u8]) -> String {
        let name = name(bytes);
        self.files.entry(name.clone()).or_insert_with(|| bytes.to_vec());
        name
    }

    /// Takes a file in, if it is one of these by its name and by what is in it.
    pub fn adopt(&mut self, path: &str, bytes: &[u8]) -> bool {
        let is_named = path.rfind(FOLDER).is_some_and(|at| {
            let (before, name) = path.split_at(at);
            (before.is_empty() || before.ends_with('/')) && name.ends_with(".bin")
        });
        let fits = is_named && path.ends_with(&name(bytes));
        if fits {
            self.add(bytes);
        }
        fits
    }

    /// The bytes under a name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Names and bytes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn name(bytes: &[u8]) -> String {
    let mut name = String::with_capacity(FOLDER.len() + 64 + 4);
    name.push_str(FOLDER);
    for byte in Sha256::digest(bytes) {
        let _ = write!(name, "{byte:02x}");
    }
    name + ".bin"
}
