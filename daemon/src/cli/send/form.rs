//! A part of a form, as curl's `-F` writes it.

use std::{path::PathBuf, str::FromStr};

/// One part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPart {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) content_type: String,
    pub(super) file_name: String,
}

/// What it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// The file, named.
    File(PathBuf),
    /// The text in the file.
    Content(PathBuf),
}

impl Default for Value {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl FromStr for FormPart {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once('=').ok_or("a part is written NAME=VALUE, NAME=@FILE or NAME=<FILE")?;
        let mut part = Self { name: name.to_owned(), ..Self::default() };
        let (kind, rest) = match rest.strip_prefix(['@', '<']) {
            Some(path) => (rest.chars().next(), path),
            None => (None, rest),
        };
        let mut pieces = rest.split(';');
        let mut value = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            match piece.trim_start().split_once('=') {
                Some(("type", kind)) => part.content_type = kind.trim().to_owned(),
                Some(("filename", name)) => part.file_name = name.trim().trim_matches('"').to_owned(),
                // A semicolon of the value's own; parameters of the type.
                _ if part.content_type.is_empty() => value = format!("{value};{piece}"),
                _ => part.content_type = format!("{};{piece}", part.content_type),
            }
        }
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).map(str::to_owned);
        let value = quoted.unwrap_or(value);
        part.value = match kind {
            Some('@') => Value::File(value.into()),
            Some(_) => Value::Content(value.into()),
            None => Value::Text(value),
        };
        Ok(part)
    }
}
