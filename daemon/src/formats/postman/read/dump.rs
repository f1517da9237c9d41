//! Data dumps, and several files at once.

use super::{Kind, Place, Read, Refused, collection, one, reader::Reader, sniff::sniff};
use crate::formats::{postman::SideFiles, postman_environment};
use serde_json::{Value, json};

/// More environments in one file are not read.
const MAX_ENVIRONMENTS: usize = 1_000;

/// After so many notes, files that are none of Postman's are passed over silently.
const MAX_NOTES: usize = 200;

/// A dump in one file: `Backup.postman_dump.json`.
pub(super) fn dump(file: Value, reader: &mut Reader<'_>, read: &mut Read) -> Result<(), Refused> {
    let Value::Object(mut members) = file else { return Ok(()) };
    let place = Place::ROOT;
    let mut elements = |name: &str| match members.shift_remove(name) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    };
    let at = place.member("collections");
    for (number, element) in elements("collections").into_iter().enumerate() {
        let place = at.index(number);
        if element.is_null() {
            reader.note(&place, "it is null and was left out.");
        } else {
            read.collections.push(collection(element, &place, reader)?);
        }
    }
    let at = place.member("environments");
    let mut environments = elements("environments");
    if environments.len() > MAX_ENVIRONMENTS {
        let message = format!("There are more than {MAX_ENVIRONMENTS} environments.");
        return Err(Refused::at(&at, message, "Export the environments from Postman one by one."));
    }
    let globals = elements("globals");
    if !globals.is_empty() {
        environments.push(json!({"name": "Globals", "values": globals, "_postman_variable_scope": "globals"}));
    }
    for (number, element) in environments.into_iter().enumerate() {
        match postman_environment::read(element.to_string().as_bytes()) {
            Ok(environment) => {
                read.notes.extend(environment.notes.iter().map(|note| format!("{}: {note}", environment.name)));
                read.environments.push(environment);
            }
            Err(e) => reader.note(&at.index(number), &format!("{e} It was left out.")),
        }
    }
    let presets = elements("headerPresets").len();
    if presets > 0 {
        reader.note(&place.member("headerPresets"), &format!("{presets} sets of header fields were left out."));
    }
    Ok(())
}

/// Several files: a new data dump, or any folder with files of Postman in it.
pub(super) fn archive(files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<Read, Refused> {
    let (mut read, mut side, mut others) = (Read::default(), SideFiles::default(), Vec::new());
    for (name, bytes) in files {
        if !side.adopt(&name, &bytes) {
            others.push((name, bytes));
        }
    }
    for (name, bytes) in others {
        match sniff(&bytes) {
            Some(Kind::Index) => {}
            Some(_) => {
                let before = read.notes.len();
                one(&bytes, &side, &mut read)
                    .map_err(|e| Refused { message: format!("{name}: {}", e.message), ..e })?;
                for note in &mut read.notes[before..] {
                    *note = format!("{name}: {note}");
                }
            }
            None if read.notes.len() >= MAX_NOTES => {}
            None => read.notes.push(format!("{name}: it is no file of Postman and was left out.")),
        }
    }
    if read.collections.is_empty() && read.environments.is_empty() {
        let message = "There is no collection and no environment of Postman in it.";
        return Err(Refused::at(&Place::ROOT, message, "Export them from Postman as JSON."));
    }
    Ok(read)
}
