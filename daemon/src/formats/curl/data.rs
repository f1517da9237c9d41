//! The data of a request, as curl's options about it say.

use super::{
    form::{FormPart, PartValue},
    order::{DataKind, Datum, Order},
    shell::Input,
};
use crate::request::{
    Body, Field,
    captured::editable,
    draft::{Language, Part},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// A text as `--data-urlencode` writes it.
pub fn percent_encoded(bytes: &[u8]) -> String {
    url::form_urlencoded::byte_serialize(bytes).collect::<String>().replace('+', "%20")
}

/// What is sent.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) bytes: Vec<u8>,
    /// A file, and nothing besides.
    pub(super) file: Option<String>,
}

/// All data together: joined by `&`, JSON one behind the other.
pub(super) fn data(order: &Order, input: &Input, notes: &mut Vec<String>) -> Result<Data, String> {
    let mut all = Data::default();
    let json = order.data.iter().any(|datum| datum.kind == DataKind::Json);
    let mut files = Files { input, alone: order.data.len() == 1 && !order.get, notes };
    for Datum { kind, value } in &order.data {
        let bytes = match (kind, value.strip_prefix(b"@")) {
            (DataKind::Lines, Some(path)) => files.content(path, true)?,
            (DataKind::Binary | DataKind::Json, Some(path)) => files.content(path, false)?,
            (DataKind::Encoded, _) => Content::Bytes(files.encoded(value)?),
            _ => Content::Bytes(value.clone()),
        };
        match bytes {
            Content::File(path) => all.file = Some(path),
            Content::Bytes(bytes) => {
                if !json && !all.bytes.is_empty() {
                    all.bytes.push(b'&');
                }
                all.bytes.extend(bytes);
            }
        }
    }
    Ok(all)
}

enum Content {
    Bytes(Vec<u8>),
    File(String),
}

struct Files<'a> {
    input: &'a Input,
    /// What is read is all the data.
    alone: bool,
    notes: &'a mut Vec<String>,
}

impl Files<'_> {
    /// What a file holds: it is not read. `-` is standard input.
    fn content(&mut self, path: &[u8], lines: bool) -> Result<Content, String> {
        let path = String::from_utf8_lossy(path).into_owned();
        let path = match (&path[..], self.input) {
            ("-", Input::Text(text)) => {
                let mut text = text.clone();
                if lines {
                    text.retain(|b| !matches!(b, b'\r' | b'\n' | 0));
                }
                return Ok(Content::Bytes(text));
            }
            ("-", Input::File(path)) => path.clone(),
            ("-", Input::Pipe) => {
                let reason = "its body is what another command prints, which only a shell can run";
                return Err(reason.to_owned());
            }
            ("-", Input::None) => {
                return Err("its body would be read from standard input, and nothing is there".to_owned());
            }
            _ => path,
        };
        if self.alone {
            let less = if lines { ", without its line ends as curl would send it" } else { "" };
            self.notes.push(format!("The body is the file {path:?}, which is not read here: choose it again{less}."));
            return Ok(Content::File(path));
        }
        Ok(Content::Bytes(self.hole(&path)))
    }

    /// What only a file holds, as a variable.
    fn hole(&mut self, path: &str) -> Vec<u8> {
        let name: String =
            path.chars().map(|c| if c.is_alphanumeric() || ".-".contains(c) { c } else { '_' }).collect();
        let name: String = name.chars().take(100).collect();
        self.notes.push(format!(
            "What is in the file {path:?} is not known here. It stands as {{{{file_{name}}}}}: give that a value."
        ));
        format!("{{{{file_{name}}}}}").into_bytes()
    }

    /// `CONTENT`, `=CONTENT`, `NAME=CONTENT`, `@FILE` or `NAME@FILE`.
    fn encoded(&mut self, value: &[u8]) -> Result<Vec<u8>, String> {
        let Some(at) = value.iter().position(|b| matches!(b, b'=' | b'@')) else {
            return Ok(percent_encoded(value).into_bytes());
        };
        let (name, rest) = (&value[..at], &value[at + 1..]);
        let content = if value[at] == b'=' {
            percent_encoded(rest).into_bytes()
        } else {
            match (rest, self.input) {
                (b"-", Input::Text(text)) => percent_encoded(text).into_bytes(),
                _ => self.hole(&String::from_utf8_lossy(rest)),
            }
        };
        Ok(if name.is_empty() { content } else { [name, b"=", &content].concat() })
    }
}

/// Bytes in the form in which they are best edited; `headers` say what they are.
pub(super) fn body(bytes: Vec<u8>, headers: &[Field]) -> Body {
    if bytes.is_empty() {
        return Body::None;
    }
    if let Some(body) = editable(headers, &bytes) {
        return body;
    }
    match String::from_utf8(bytes) {
        Ok(raw) if !raw.contains('\0') => Body::Raw { raw, language: Language::Text },
        Ok(raw) => Body::Bytes { base64: BASE64_STANDARD.encode(raw) },
        Err(e) => Body::Bytes { base64: BASE64_STANDARD.encode(e.as_bytes()) },
    }
}

/// The parts of a form. Files are named, not read.
pub(super) fn parts(form: Vec<FormPart>, notes: &mut Vec<String>) -> Vec<Part> {
    let part = |part: FormPart| {
        let FormPart { name, value, content_type, file_name } = part;
        let mut made = Part { key: name, content_type, file_name, ..Part::default() };
        match value {
            PartValue::Text(text) => made.value = text,
            PartValue::Content(path) => {
                let path = path.to_string_lossy();
                notes
                    .push(format!("The part {:?} is the text in the file {path:?}, which is not read here.", made.key));
                made.value = format!("{{{{file_{}}}}}", made.key.replace(['{', '}'], "_"));
            }
            PartValue::File(path) => {
                let path = path.to_string_lossy().into_owned();
                notes.push(format!("The file {path:?} of the form is not read here: choose it again."));
                made.src = Some(vec![path]);
            }
        }
        made
    };
    form.into_iter().map(part).collect()
}
