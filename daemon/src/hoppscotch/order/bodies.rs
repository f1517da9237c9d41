//! Bodies: small ones go into the draft, large ones into a file beside it.

use super::MapError;
use crate::{
    agent::Lent,
    data_dir::create_nameless,
    hoppscotch::{
        call::{BadCall, Content, FormValue, Kind, form},
        members::Place,
        octets,
    },
    platform::At,
    request::{
        Draft,
        draft::{Body, Field, Language, Part},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

/// Bodies up to this size stand in the history as they are, bytes of the JSON that they came as.
const SMALL: u64 = 256 << 10;
/// Parts of a form.
const PARTS: usize = 1000;

/// Bodies on their way into a draft.
pub(super) struct Bodies<'a> {
    json: &'a Arc<File>,
    scratch: &'a Path,
    /// Large ones, one behind the other.
    file: Option<Arc<File>>,
    /// How long that is.
    end: u64,
    files: HashMap<String, Lent>,
}

impl<'a> Bodies<'a> {
    /// For a call that is all of the file `json`; large ones are written to a file without a name in the folder `scratch`.
    pub(super) fn new(json: &'a Arc<File>, scratch: &'a Path) -> Self {
        Self { json, scratch, file: None, end: 0, files: HashMap::new() }
    }

    /// Those that are too large for the draft, by the names it has for them.
    pub(super) fn files(self) -> HashMap<String, Lent> {
        self.files
    }

    /// Puts a body into a draft.
    ///
    /// # Errors
    /// [`MapError`].
    pub(super) fn put(&mut self, draft: &mut Draft, content: Content) -> Result<(), MapError> {
        let Content { kind, content: place, media_type } = content;
        let usual = match kind {
            Kind::Text => "text/plain",
            Kind::Json => "application/json",
            Kind::Xml => "application/xml",
            Kind::Urlencoded => "application/x-www-form-urlencoded",
            Kind::Binary => "application/octet-stream",
            Kind::Multipart => "",
        };
        let typed = draft.headers.iter().any(|field| field.key.eq_ignore_ascii_case("content-type"));
        if kind != Kind::Multipart && !typed {
            let media_type = media_type.filter(|text| !text.is_empty()).unwrap_or_else(|| usual.to_owned());
            draft.headers.push(Field::new("content-type", media_type));
        }
        draft.body = match kind {
            Kind::Multipart => Body::Formdata { formdata: self.form(place)? },
            Kind::Json => self.json(place)?,
            _ => self.octets(place)?,
        };
        Ok(())
    }

    /// A value as it came.
    fn json(&mut self, place: Place) -> Result<Body, MapError> {
        let Place(from, length) = place;
        let mut text = String::new();
        let mut reader = At { file: &**self.json, position: from }.take(length);
        if length <= SMALL && reader.read_to_string(&mut text).is_ok() {
            return Ok(Body::Raw { raw: text, language: Language::Text });
        }
        Ok(self.lent(Lent::Part(Arc::clone(self.json), from, length)))
    }

    /// A text or bytes.
    fn octets(&mut self, place: Place) -> Result<Body, MapError> {
        if place.1 > SMALL {
            let lent = self.written(place)?;
            return Ok(self.lent(lent));
        }
        let mut bytes = Vec::new();
        octets::write(self.json, place, &mut bytes).map_err(bad_content)?;
        Ok(match String::from_utf8(bytes) {
            Ok(raw) => Body::Raw { raw, language: Language::Text },
            Err(e) => Body::Bytes { base64: BASE64_STANDARD.encode(e.as_bytes()) },
        })
    }

    fn form(&mut self, place: Place) -> Result<Vec<Part>, MapError> {
        let mut parts = Vec::new();
        for (key, values) in form(self.json, place)? {
            for value in values {
                if parts.len() == PARTS {
                    return Err(BadCall(format!("The form of the request has more than {PARTS} parts.")).into());
                }
                let key = key.clone();
                parts.push(match value {
                    FormValue::Text { value } => Part { key, value, ..Part::default() },
                    FormValue::File { filename, content_type, data } => {
                        let lent = self.written(data)?;
                        let name = format!(".page:{}", parts.len() + 1);
                        self.files.insert(name.clone(), lent);
                        Part {
                            key,
                            src: Some(vec![name]),
                            file_name: filename.filter(|name| !name.is_empty()).unwrap_or_else(|| "blob".to_owned()),
                            content_type: content_type
                                .filter(|kind| !kind.is_empty())
                                .unwrap_or_else(|| "application/octet-stream".to_owned()),
                            ..Part::default()
                        }
                    }
                });
            }
        }
        Ok(parts)
    }

    /// Bytes of any size, written out.
    fn written(&mut self, place: Place) -> Result<Lent, MapError> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(create_nameless(self.scratch)?))),
        };
        let mut to = io::BufWriter::with_capacity(64 << 10, &*file);
        let length = octets::write(self.json, place, &mut to).map_err(bad_content)?;
        to.into_inner().map_err(io::IntoInnerError::into_error)?;
        let from = self.end;
        self.end += length;
        Ok(Lent::Part(file, from, length))
    }

    /// The only body.
    fn lent(&mut self, lent: Lent) -> Body {
        let src = ".page:body".to_owned();
        self.files.insert(src.clone(), lent);
        Body::File { src }
    }
}

fn bad_content(error: io::Error) -> MapError {
    if error.kind() == io::ErrorKind::InvalidData {
        return BadCall(format!("The member 'content' of the request cannot be used: {error}.")).into();
    }
    error.into()
}
