//! What is noted, counted and told while a file is read.

use super::{
    super::{
        own::{self, Void},
        place::Place,
        side::SideFiles,
        write::literal,
    },
    Refused,
    bounds::{MAX_FOLDERS, MAX_ITEMS},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::HashMap;

/// So many notes are kept; further ones are counted.
const MAX_NOTES: usize = 100;

/// What goes with a file through all of its reading.
pub(crate) struct Reader<'f> {
    /// The files beside it.
    pub(super) files: &'f SideFiles,
    /// Captured texts by the names of the variables that hold them.
    pub(in super::super) literals: HashMap<String, String>,
    notes: Vec<String>,
    more: usize,
    items: usize,
}

impl<'f> Reader<'f> {
    /// At the beginning of a file.
    pub(crate) fn new(files: &'f SideFiles) -> Self {
        Self { files, literals: HashMap::new(), notes: Vec::new(), more: 0, items: 0 }
    }

    /// Notes what is wrong at a place.
    pub(super) fn note(&mut self, place: &Place<'_>, what: &str) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(format!("{place}: {what}"));
        } else {
            self.more += 1;
        }
    }

    /// All that was noted.
    pub(super) fn into_notes(mut self) -> Vec<String> {
        if self.more > 0 {
            self.notes.push(format!("And {} more like these.", self.more));
        }
        self.notes
    }

    /// Counts a folder, a request or an example.
    pub(super) fn count(&mut self, place: &Place<'_>) -> Result<(), Refused> {
        self.items += 1;
        if self.items <= MAX_ITEMS {
            return Ok(());
        }
        let message = format!("There are more than {MAX_ITEMS} folders, requests and examples.");
        Err(Refused::at(place, message, "Split the collection in Postman, and import the parts."))
    }

    /// Whether a folder may be so deep.
    pub(super) fn check_depth(&self, depth: usize, place: &Place<'_>) -> Result<(), Refused> {
        if depth <= MAX_FOLDERS {
            return Ok(());
        }
        let message = format!("Folders are more than {MAX_FOLDERS} deep.");
        Err(Refused::at(place, message, "Move what is inside further up."))
    }

    /// The captured text that a text stands for.
    pub(super) fn literal(&self, text: &str) -> Option<&str> {
        self.literals.get(literal::name(text)?).map(String::as_str)
    }

    /// Puts what stands under `_waylay` over what was read.
    pub(super) fn besides<T: Serialize + DeserializeOwned>(
        &mut self,
        read: &mut T,
        besides: Option<Value>,
        said: &[&Value],
        place: &Place<'_>,
    ) {
        let Some(besides) = besides else { return };
        match own::apply(read, besides, said) {
            Ok(()) => {}
            Err(Void::Changed) => self.note(place, "it was changed since it was exported; _waylay was left out."),
            Err(Void::Unfit) => self.note(place, "_waylay does not fit and was left out."),
        }
    }
}
