//! The model into a file of Postman's, valid by its schema.
//!
//! - [`v2`]: collections, folders, items and examples
//! - [`request`], [`url`], [`body`], [`auth`], [`settings`]: their parts
//! - [`fits`]: what was kept of a file and may stand in a file that is valid
//! - [`literal`]: captured text that would be taken for variables
//! - [`captured`]: bodies of exchanges, put into the collection first

mod auth;
mod body;
pub mod captured;
mod fits;
pub(super) mod literal;
mod request;
mod settings;
pub(super) mod url;
mod v2;

use super::{place::Place, read::reader::Reader, side::SideFiles};
use crate::collection::Collection;
use literal::Literals;
use serde_json::{Map, Value};

/// The version of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 2.1.0.
    #[default]
    V21,
    /// 2.0.0.
    V20,
}

impl Version {
    /// The schema by whose name importers know it.
    pub fn schema(self) -> &'static str {
        match self {
            Self::V21 => "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
            Self::V20 => "https://schema.getpostman.com/json/collection/v2.0.0/collection.json",
        }
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The collection.
    pub file: Value,
    /// What Postman will not have of it, in sentences.
    pub notes: Vec<String>,
}

/// Writes a collection. Bytes that are no text go to `files`; without such, they are kept where this program alone finds them.
/// Bodies that are [captured](crate::request::Body::Captured) ones have to be [resolved](captured::resolve) before: here they
/// are no bodies.
pub fn write(collection: &Collection, version: Version, files: Option<&mut SideFiles>) -> Written {
    let mut writer = Writer::new(collection, version, files);
    let file = writer.collection(collection);
    Written { file: Value::Object(file), notes: writer.notes }
}

/// What goes with a file through all of its writing.
struct Writer<'f> {
    version: Version,
    files: Option<&'f mut SideFiles>,
    literals: Literals,
    notes: Vec<String>,
}

/// The members of an object.
type Members = Map<String, Value>;

/// More notes say nothing new.
const MAX_NOTES: usize = 100;

impl<'f> Writer<'f> {
    fn new(collection: &Collection, version: Version, files: Option<&'f mut SideFiles>) -> Self {
        Self { version, files, literals: Literals::beside(&collection.variables), notes: Vec::new() }
    }

    fn note(&mut self, what: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(what);
        }
    }

    /// What reading would give for a part that was just written.
    fn read_back<T>(&self, read: impl FnOnce(&Place<'_>, &mut Reader<'_>) -> T) -> T {
        let none = SideFiles::default();
        let mut reader = Reader::new(self.files.as_deref().unwrap_or(&none));
        reader.literals = self.literals.by_name();
        read(&Place::ROOT, &mut reader)
    }
}
