//! What the flags about data make of them.

use super::SendArgs;
use crate::{
    cli::report::{Exit, Report},
    formats::curl::data::percent_encoded,
};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A file longer than this is handed over as a file, bytes.
const INLINE: u64 = 1 << 20;

/// What is sent as data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) bytes: Vec<u8>,
    /// One file, and nothing besides.
    pub(super) file: Option<PathBuf>,
    /// There is some, be it empty.
    pub(super) given: bool,
    pub(super) json: bool,
}

/// All of it: data joined by `&`, JSON one behind the other.
pub(super) fn data(args: &SendArgs) -> Result<Data, Report> {
    let SendArgs { data, data_raw, data_binary, data_urlencode, data_json, .. } = args;
    let forms = data.len() + data_raw.len() + data_binary.len() + data_urlencode.len();
    let mut all = Data { given: forms + data_json.len() > 0, json: !data_json.is_empty(), ..Data::default() };
    if all.json && forms > 0 {
        return Err(Report::new(Exit::USAGE, "--json and --data do not go together"));
    }
    if let ([one], 1, false) = (&data_binary[..], forms, all.json)
        && let Some(path) = one.strip_prefix('@').filter(|path| *path != "-")
        && fs::metadata(path).is_ok_and(|found| found.len() > INLINE)
    {
        all.file = Some(path.into());
        return Ok(all);
    }
    let mut add = |bytes: Vec<u8>, between: &[u8]| {
        if !all.bytes.is_empty() {
            all.bytes.extend_from_slice(between);
        }
        all.bytes.extend(bytes);
    };
    for text in data {
        let mut bytes = text_or_file(text)?;
        if text.starts_with('@') {
            bytes.retain(|b| !matches!(b, b'\r' | b'\n' | 0));
        }
        add(bytes, b"&");
    }
    for text in data_raw {
        add(text.clone().into_bytes(), b"&");
    }
    for text in data_binary {
        add(text_or_file(text)?, b"&");
    }
    for text in data_urlencode {
        add(encoded(text)?, b"&");
    }
    for text in data_json {
        add(text_or_file(text)?, b"");
    }
    Ok(all)
}

/// As curl's `--data-urlencode` has it.
fn encoded(text: &str) -> Result<Vec<u8>, Report> {
    let at = text.find(['=', '@']);
    let (name, value) = match at.map(|at| (&text[..at], &text[at..])) {
        Some((name, value)) => match value.strip_prefix('@') {
            Some(path) => (name, read(path)?),
            None => (name, value.as_bytes()[1..].to_vec()),
        },
        None => ("", text.as_bytes().to_vec()),
    };
    let value = percent_encoded(&value);
    Ok(if name.is_empty() { value } else { format!("{name}={value}") }.into_bytes())
}

fn text_or_file(text: &str) -> Result<Vec<u8>, Report> {
    text.strip_prefix('@').map_or_else(|| Ok(text.as_bytes().to_vec()), read)
}

/// The bytes of a file; `-` is standard input.
pub(in crate::cli) fn read(path: &str) -> Result<Vec<u8>, Report> {
    if path == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Report::io("cannot read standard input", error))?;
        return Ok(bytes);
    }
    fs::read(path).map_err(|error| unreadable(Path::new(path), error))
}

/// What to say of a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Report {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Report::new(Exit::NOT_FOUND, format!("there is no file '{}'", path.display())).caused_by(error)
        }
        _ => Report::io(format!("cannot read {}", path.display()), error),
    }
}
