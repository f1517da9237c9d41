//! What is changed about a captured request before it is sent again.

use crate::{
    cli::report::Report,
    request::{Body, Field, draft::Language},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::str::FromStr;

/// A change of a header field, as curl writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderChange {
    /// `Name: value`: takes the place of all fields of that name.
    Set(String, String),
    /// `Name:` removes them.
    Remove(String),
}

impl FromStr for HeaderChange {
    type Err = String;

    /// Reads `Name: value`, `Name;` (an empty value) and `Name:`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match (text.split_once(':'), text.strip_suffix(';')) {
            (Some((name, value)), _) => (name.trim(), Some(value.trim())),
            (None, Some(name)) => (name.trim(), None),
            (None, None) => {
                return Err("a header is written 'Name: value', 'Name;' for an empty one, 'Name:' to remove it".into());
            }
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("'{name}' is not the name of a header"));
        }
        Ok(match value {
            Some("") => Self::Remove(name.into()),
            Some(value) => Self::Set(name.into(), value.into()),
            None => Self::Set(name.into(), String::new()),
        })
    }
}

impl HeaderChange {
    /// Of the field.
    pub fn name(&self) -> &str {
        let (Self::Set(name, _) | Self::Remove(name)) = self;
        name
    }
}

/// The fields with the changes made: a changed field keeps its place, a new one comes last.
pub(super) fn changed(fields: Vec<Field>, changes: &[HeaderChange]) -> Vec<Field> {
    let mut headers = Vec::with_capacity(fields.len() + changes.len());
    let mut placed = vec![false; changes.len()];
    for field in fields {
        let change = changes.iter().rposition(|change| change.name().eq_ignore_ascii_case(&field.key));
        match change.map(|number| (number, &changes[number])) {
            None => headers.push(field),
            Some((number, HeaderChange::Set(name, value))) if !placed[number] => {
                headers.push(Field::new(name.as_str(), value.as_str()));
                placed[number] = true;
            }
            Some(_) => {}
        }
    }
    for (number, change) in changes.iter().enumerate() {
        let replaced = changes[number + 1..].iter().any(|later| later.name().eq_ignore_ascii_case(change.name()));
        if let (HeaderChange::Set(name, value), false, false) = (change, placed[number], replaced) {
            headers.push(Field::new(name.as_str(), value.as_str()));
        }
    }
    headers
}

/// `DATA`, or the bytes of `@FILE` (`@-` for standard input) as they are.
pub(super) fn body(data: &str) -> Result<Body, Report> {
    let bytes = match data.strip_prefix('@') {
        None => data.as_bytes().to_vec(),
        Some(path) => crate::cli::send::read(path)?,
    };
    Ok(match String::from_utf8(bytes) {
        Ok(raw) => Body::Raw { raw, language: Language::Text },
        Err(error) => Body::Bytes { base64: BASE64_STANDARD.encode(error.as_bytes()) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::Exit;

    #[test]
    fn changes_are_written_as_for_curl() {
        let read = |text: &str| text.parse::<HeaderChange>();
        assert_eq!(read("X-A: b: c"), Ok(HeaderChange::Set("X-A".into(), "b: c".into())));
        assert_eq!(read("X-A:"), Ok(HeaderChange::Remove("X-A".into())));
        assert_eq!(read("X-A;"), Ok(HeaderChange::Set("X-A".into(), String::new())));
        for bad in ["", "X-A", ": b", "a b: c", ";"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_change_takes_the_place_of_all_fields_of_its_name() {
        let field = |(name, value): (&str, &str)| Field::new(name, value);
        let fields = [("A", "1"), ("b", "2"), ("a", "3"), ("C", "4")].map(field).to_vec();
        let changes: Vec<HeaderChange> =
            ["a: 9", "C:", "D: 5", "e: 1", "E: 2"].map(|text| text.parse().unwrap()).into();
        assert_eq!(changed(fields, &changes), [("a", "9"), ("b", "2"), ("D", "5"), ("E", "2")].map(field));
    }

    #[test]
    fn a_body_comes_from_the_command_line_or_a_file() {
        let raw = |text: &str| Body::Raw { raw: text.into(), language: Language::Text };
        assert_eq!(body("a=1").unwrap(), raw("a=1"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        std::fs::write(&path, b"\xff\x00").unwrap();
        assert_eq!(body(&format!("@{}", path.display())).unwrap(), Body::Bytes { base64: "/wA=".into() });
        let missing = body(&format!("@{}", dir.path().join("c").display())).unwrap_err();
        assert_eq!(missing.exit(), Exit::NOT_FOUND);
    }
}
