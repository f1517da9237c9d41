//! The files in an archive.

use super::{super::summary::Refused, Found, Refusal, is_late_har, refusal};
use crate::{
    data_dir,
    formats::{
        archive::{self, ArchiveError},
        postman::{self, SideFiles},
        recognise::{Form, form_of},
    },
    platform::At,
};
use std::{
    fs::File,
    io::{BufReader, Write},
};

impl Found<'_> {
    /// Each file in an archive. What is none of the known ones is passed over; what is broken is told of.
    pub(super) fn zip(&mut self, file: &File, name: &str) -> Result<(), Refusal> {
        let entries = archive::read(BufReader::new(At { file, position: 0 })).map_err(|e| match e {
            ArchiveError::Io(e) => Refusal::Io(e),
            e => refusal(&e.to_string(), "Unpack it, and import what is in it."),
        })?;
        let mut files = SideFiles::default();
        let (mut passed, mut first) = (0, None);
        let entries: Vec<_> = entries.into_iter().filter(|entry| !files.adopt(&entry.name, &entry.bytes)).collect();
        for entry in entries {
            let called = stem(&entry.name);
            let taken = match form_of(&entry.bytes) {
                Form::Har => self.scratched(&entry.bytes).and_then(|file| self.har(file, &called)),
                Form::Json if postman::sniff(&entry.bytes) == Some(postman::Kind::Index) => continue,
                Form::Json if is_late_har(&entry.bytes) => {
                    self.scratched(&entry.bytes).and_then(|file| self.har(file, &called))
                }
                Form::Json
                    if postman::sniff(&entry.bytes).is_some() || entry.name.to_ascii_lowercase().ends_with(".json") =>
                {
                    self.json(&entry.bytes, &called, &files)
                }
                Form::Text if is_script(&entry.name) => self.text(&entry.bytes, &called),
                _ => {
                    passed += 1;
                    continue;
                }
            };
            if let Err(refused) = taken {
                let place = match &refused {
                    Refusal::Io(_) => return Err(refused),
                    Refusal::File { json_path: Some(path), .. } => format!("{}: {path}", entry.name),
                    _ => entry.name,
                };
                self.summary.refused.push(Refused { place: place.clone(), reason: refused.to_string() });
                first.get_or_insert((place, refused));
            }
        }
        if passed > 0 {
            self.notes(vec![format!("{passed} files in the archive are none of those that can be imported.")]);
        }
        match first {
            _ if !self.contents.is_empty() => Ok(()),
            None => Err(refusal(&format!("Nothing in {name} can be imported."), "")),
            Some((place, refused)) => {
                let (json_path, hint) = match &refused {
                    Refusal::File { json_path, hint, .. } => (json_path.clone(), hint.clone()),
                    _ => (None, String::new()),
                };
                Err(Refusal::File { message: format!("{place}: {refused}"), json_path, hint })
            }
        }
    }

    /// Bytes as a file without a name.
    fn scratched(&self, bytes: &[u8]) -> Result<File, Refusal> {
        let mut file = data_dir::create_nameless(self.scratch)?;
        file.write_all(bytes)?;
        Ok(file)
    }
}

/// A file in an archive that may hold commands.
fn is_script(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".sh", ".bash", ".zsh", ".cmd", ".bat", ".ps1", ".txt", ".curl"].iter().any(|end| name.ends_with(end))
}

/// The name of a file without its folders and its last ending.
fn stem(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}
