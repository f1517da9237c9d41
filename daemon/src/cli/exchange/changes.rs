//! What is changed about a captured request before it is sent again.

use crate::{
    cli::report::{Exit, Report},
    exchange::forward::belongs_to_connection,
    view::Field,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};
use std::{
    io::{self, Read},
    str::FromStr,
};

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
    fn name(&self) -> &str {
        let (Self::Set(name, _) | Self::Remove(name)) = self;
        name
    }
}

/// The captured fields with the changes made: a changed field keeps its place, a new one comes last.
pub(super) fn headers(captured: &[Field], changes: &[HeaderChange]) -> Vec<Field> {
    let mut headers = Vec::with_capacity(captured.len() + changes.len());
    let mut placed = vec![false; changes.len()];
    for field in captured.iter().filter(|field| is_resent(&field.name)) {
        let change = changes.iter().rposition(|change| change.name().eq_ignore_ascii_case(&field.name));
        match change.map(|number| (number, &changes[number])) {
            None => headers.push(field.clone()),
            Some((number, HeaderChange::Set(name, value))) if !placed[number] => {
                headers.push(field_of(name, value));
                placed[number] = true;
            }
            Some(_) => {}
        }
    }
    for (number, change) in changes.iter().enumerate() {
        let replaced = changes[number + 1..].iter().any(|later| later.name().eq_ignore_ascii_case(change.name()));
        if let (HeaderChange::Set(name, value), false, false) = (change, placed[number], replaced) {
            headers.push(field_of(name, value));
        }
    }
    headers
}

/// Whether a field is of the request rather than of its connection, or no field at all.
fn is_resent(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(':') && !belongs_to_connection(name)
}

fn field_of(name: &str, value: &str) -> Field {
    Field { name: name.into(), value: value.into(), bytes: None, name_bytes: None }
}

/// Puts a body into a request to the API: `DATA`, or the bytes of `@FILE` (`@-` for standard input) as they are.
pub(super) fn add_body(data: &str, request: &mut Map<String, Value>) -> Result<(), Report> {
    let bytes = match data.strip_prefix('@') {
        None => data.as_bytes().to_vec(),
        Some("-") => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Report::io("cannot read standard input", error))?;
            bytes
        }
        Some(path) => std::fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Report::new(Exit::NOT_FOUND, format!("there is no file '{path}'")).caused_by(error)
            }
            _ => Report::io(format!("cannot read {path}"), error),
        })?,
    };
    let (key, value) = match String::from_utf8(bytes) {
        Ok(text) => ("body", text),
        Err(error) => ("body_base64", BASE64_STANDARD.encode(error.as_bytes())),
    };
    request.insert(key.into(), value.into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let captured = [
            ("Connection", "close"),
            (":scheme", "https"),
            ("", "no field"),
            ("A", "1"),
            ("b", "2"),
            ("a", "3"),
            ("C", "4"),
        ]
        .map(|(name, value)| field_of(name, value));
        let changes: Vec<HeaderChange> =
            ["a: 9", "C:", "D: 5", "e: 1", "E: 2"].map(|text| text.parse().unwrap()).into();
        let result = headers(&captured, &changes);
        let wanted = [("a", "9"), ("b", "2"), ("D", "5"), ("E", "2")];
        assert_eq!(result, wanted.map(|(name, value)| field_of(name, value)));
    }

    #[test]
    fn a_body_comes_from_the_command_line_or_a_file() {
        let mut request = Map::new();
        add_body("a=1", &mut request).unwrap();
        assert_eq!(request["body"], "a=1");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        std::fs::write(&path, b"\xff\x00").unwrap();
        add_body(&format!("@{}", path.display()), &mut request).unwrap();
        assert_eq!(request["body_base64"], "/wA=");
        let missing = add_body(&format!("@{}", dir.path().join("c").display()), &mut request).unwrap_err();
        assert_eq!(missing.exit(), Exit::NOT_FOUND);
    }
}
