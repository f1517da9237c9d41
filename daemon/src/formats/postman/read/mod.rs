//! Files of Postman into the model.
//!
//! - [`sniff`](mod@sniff): which of them a file is, without reading all of it
//! - [`bounds`]: how large and how deep a file may be
//! - [`reader`]: what is noted, counted and told on the way
//! - [`members`]: the members of an object, one after the other
//! - [`v2`]: collections, folders and items of versions 2.0 and 2.1
//! - [`request`], [`url`], [`headers`], [`body`], [`auth`], [`settings`], [`example`]: their parts
//! - [`v1`]: version 1, made version 2 first
//! - [`dump`]: data dumps, and several files at once

pub(super) mod auth;
pub(super) mod body;
mod bounds;
mod dump;
pub(super) mod example;
mod headers;
mod members;
pub(super) mod reader;
pub(super) mod request;
mod settings;
mod sniff;
pub(super) mod url;
mod v1;
pub(super) mod v2;

use super::{place::Place, side::SideFiles};
use crate::{
    collection::Collection,
    formats::postman_environment::{self, PostmanEnvironment, PostmanError, text::decoded},
};
use reader::Reader;
use serde_json::Value;

pub use bounds::{MAX_FILE, MAX_FOLDERS, MAX_ITEMS};
pub use sniff::{Kind, sniff};

/// What files hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// Collections, in order.
    pub collections: Vec<Collection>,
    /// Environments and globals, in order.
    pub environments: Vec<PostmanEnvironment>,
    /// What was not taken over, or not as it stands, in sentences.
    pub notes: Vec<String>,
}

/// Why a file is not imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// Where, as a JSON path: `$.item[3].request.url`.
    pub json_path: String,
    /// What to do about it.
    pub hint: String,
}

/// Reads a file: a collection of any version, an environment, globals, or a data dump in one file.
///
/// # Errors
/// If it is none, or one that is too large, too deep or broken.
pub fn read(bytes: &[u8]) -> Result<Read, Refused> {
    read_with(bytes, &SideFiles::default())
}

/// [`read`], with the files beside it.
///
/// # Errors
/// As [`read`].
pub fn read_with(bytes: &[u8], files: &SideFiles) -> Result<Read, Refused> {
    let mut read = Read::default();
    one(bytes, files, &mut read)?;
    Ok(read)
}

/// Reads several files: what was in an archive or a folder. Files that are none of Postman's are passed over and noted.
///
/// # Errors
/// If one of Postman's files is broken; the message names it.
pub fn read_archive(files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<Read, Refused> {
    dump::archive(files)
}

fn one(bytes: &[u8], files: &SideFiles, read: &mut Read) -> Result<(), Refused> {
    bounds::check_size(bytes)?;
    let text = decoded(bytes).map_err(not_text)?;
    let kind = sniff::kind(&text);
    if kind == Some(Kind::Environment) {
        let environment = postman_environment::read(bytes).map_err(not_text)?;
        read.notes.extend(environment.notes.iter().cloned());
        read.environments.push(environment);
        return Ok(());
    }
    bounds::check_count(&text)?;
    let file: Value = serde_json::from_str(&text).map_err(|e| bounds::not_json(&e))?;
    let mut reader = Reader::new(files);
    match kind {
        Some(Kind::Dump) => dump::dump(file, &mut reader, read)?,
        Some(Kind::Collection) => read.collections.push(collection(file, &Place::ROOT, &mut reader)?),
        Some(Kind::Index) => {
            let hint = "Import the folder or the zip archive that it is the index of.";
            return Err(Refused::at(&Place::ROOT, "This is the index of a data dump, without its files.", hint));
        }
        _ => return Err(sniff::refusal(&file)),
    }
    read.notes.append(&mut reader.into_notes());
    Ok(())
}

/// A collection of any version.
fn collection(file: Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Result<Collection, Refused> {
    let Value::Object(mut members) = file else {
        return Err(Refused::at(place, "A collection should be an object.", "Export it from Postman again."));
    };
    // As Postman's own API answers.
    if let Some(Value::Object(_)) = members.get("collection")
        && !members.contains_key("item")
        && let Some(inner) = members.shift_remove("collection")
    {
        return collection(inner, &place.member("collection"), reader);
    }
    if v1::is_one(&members) {
        let members = v1::converted(members, place, reader)?;
        return v2::collection(members, place, reader);
    }
    v2::check_version(&members, place)?;
    v2::collection(members, place, reader)
}

fn not_text(e: PostmanError) -> Refused {
    let hint = match &e {
        PostmanError::NotText { .. } => "Save it as UTF-8.",
        _ => "Export it from Postman again.",
    };
    Refused::at(&Place::ROOT, e.to_string(), hint)
}

impl Refused {
    fn at(place: &Place<'_>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), json_path: place.to_string(), hint: hint.into() }
    }
}
