//! A collection of the store as a file for Postman: captured bodies put in, secrets hidden, and what was done to it told.

use super::{Version, redact, side::SideFiles, write, write::captured};
use crate::{
    collection::{Collection, Item},
    formats::{
        archive,
        redact::{Hidden, Redaction, Secrets},
    },
};
use std::io::{self, Read};
use waylay_storage::{
    Reader,
    model::{ExchangeId, Part},
};

/// All captured bodies of one export come to at most so many bytes.
const MAX_BODIES: u64 = 64 << 20;

/// How a collection is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The version of the format.
    pub version: Version,
    /// What becomes of secrets.
    pub secrets: Secrets,
    /// Whether bytes that are no text get files of their own.
    pub with_files: bool,
}

/// A collection as files.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The name of the file, without what systems do not allow in names.
    pub name: String,
    /// The collection, as JSON.
    pub file: Vec<u8>,
    /// What lies beside it.
    pub files: SideFiles,
    /// How many requests are in it.
    pub requests: usize,
    /// What was hidden.
    pub hidden: Vec<Hidden>,
    /// What Postman will not have of it, in sentences.
    pub notes: Vec<String>,
}

/// Makes the files of a collection.
///
/// # Errors
/// If a captured body cannot be read.
pub fn export(reader: &Reader, mut collection: Collection, options: &Options) -> io::Result<Exported> {
    let (mut room, mut failed) = (MAX_BODIES, None);
    let lost = captured::resolve(&mut collection, &mut |id| {
        body(reader, id, &mut room).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let mut redaction = Redaction::default();
    if options.secrets == Secrets::Redact {
        redact::learn(&mut redaction, &collection);
        redaction.ready();
        redact::hide(&mut redaction, &mut collection);
    }
    let mut files = SideFiles::default();
    let mut written = write(&collection, options.version, options.with_files.then_some(&mut files));
    let mut file = serde_json::to_vec_pretty(&written.file)?;
    file.push(b'\n');
    let gone =
        |id| format!("The captured body of {id} is not there any more, not whole, or too large; it was left out.");
    written.notes.extend(lost.into_iter().map(gone));
    let name = format!("{}.postman_collection.json", plain(&collection.name));
    let requests = requests(&collection.items);
    Ok(Exported { name, file, files, requests, hidden: redaction.hidden(), notes: written.notes })
}

impl Exported {
    /// All of it as one zip archive.
    ///
    /// # Errors
    /// If it is longer than an archive can be.
    pub fn zip(&self) -> io::Result<Vec<u8>> {
        archive::write([(self.name.as_str(), self.file.as_slice())].into_iter().chain(self.files.iter()))
    }
}

/// The body of the request of an exchange, if all of it is kept and there is room for it.
fn body(reader: &Reader, id: &str, room: &mut u64) -> io::Result<Option<Vec<u8>>> {
    let Ok(id) = id.parse::<ExchangeId>() else { return Ok(None) };
    let Some(mut body) = reader.body(id, Part::Request).map_err(io::Error::other)? else { return Ok(None) };
    if body.stored < body.size || body.size > *room {
        return Ok(None);
    }
    *room -= body.size;
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

fn requests(items: &[Item]) -> usize {
    let of = |item: &Item| match item {
        Item::Folder(folder) => requests(&folder.items),
        Item::Request(_) => 1,
    };
    items.iter().map(of).sum()
}

/// A name that every system has files of.
fn plain(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || " -_.()".contains(c) { c } else { '_' }).take(80).collect();
    let plain = plain.trim_matches([' ', '.']);
    if plain.is_empty() { "collection".to_owned() } else { plain.to_owned() }
}
