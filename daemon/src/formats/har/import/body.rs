//! Bodies of a file: held where they are short, else found again in the file.

use super::long::Place;
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    read::DecoderReader,
};
use serde_json::Value;
use std::{
    fs::File,
    io::{Cursor, Read},
};

/// With or without `=` at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of a body or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In memory.
    Held(Vec<u8>),
    /// The text of a long string.
    File {
        /// Where it stands.
        place: Place,
        /// What it holds is base64.
        base64: bool,
    },
}

impl Source {
    /// The bytes that a text stands for; `None` if there is no text, or an empty one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(text: &Value, base64: bool) -> Result<Option<Self>, &'static str> {
        let text = match text {
            Value::String(text) => text,
            Value::Null => return Ok(None),
            _ => return Err("is no text"),
        };
        if let Some(place) = Place::of(text) {
            return Ok(Some(Self::File { place, base64 }));
        }
        let bytes = match base64 {
            false => text.clone().into_bytes(),
            true => decoded(text).ok_or("is no base64")?,
        };
        Ok((!bytes.is_empty()).then_some(Self::Held(bytes)))
    }

    /// Whether an `encoding` says base64.
    pub fn is_base64(encoding: &Value) -> bool {
        encoding.as_str().is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
    }

    /// The bytes, to be read once. Reading gives an error of kind `InvalidData` for what is no base64.
    pub fn open(self, file: &File) -> Box<dyn Read + '_> {
        match self {
            Self::Held(bytes) => Box::new(Cursor::new(bytes)),
            Self::File { place, base64: false } => Box::new(place.text(file)),
            Self::File { place, base64: true } => Box::new(DecoderReader::new(place.text(file), &BASE64)),
        }
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}
