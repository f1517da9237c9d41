//! What kind of file somebody wants to import.

use super::archive;
use crate::platform::At;
use std::{
    fs::File,
    io::{self, Read},
};

/// Largest file of variables, bytes.
pub const LARGEST: u64 = 8 << 20;

/// How much of a file is looked at, bytes.
const BEGINNING: u64 = 256;

/// What a file is, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// HTTP Archive.
    Har,
    /// JSON of another kind, or a HAR that does not say so at once.
    Json,
    /// A zip archive.
    Zip,
    /// Compressed by gzip.
    Gzip,
    /// A text: commands, perhaps.
    Text,
    /// Nothing.
    Empty,
}

/// Looks at how a file begins.
///
/// # Errors
/// If it cannot be read.
pub fn form(file: &File) -> io::Result<Form> {
    let mut bytes = Vec::new();
    At { file, position: 0 }.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(form_of(&bytes))
}

/// Looks at how bytes begin.
pub fn form_of(bytes: &[u8]) -> Form {
    let bytes = &bytes[..bytes.len().min(BEGINNING as usize)];
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = marked.trim_ascii_start();
    match text {
        [] if bytes.len() < BEGINNING as usize => Form::Empty,
        // All of what is looked at is blank.
        [] => Form::Json,
        _ if archive::is_zip(bytes) => Form::Zip,
        [0x1f, 0x8b, ..] => Form::Gzip,
        [b'{', ..] if memchr::memmem::find(text, b"\"log\"").is_some() => Form::Har,
        [b'{' | b'[', ..] => Form::Json,
        // UTF-16, with its mark or without.
        [0xff, 0xfe, b'{' | b'[', 0, ..] | [0xfe, 0xff, 0, b'{' | b'[', ..] | [0, b'{', ..] => Form::Json,
        _ => Form::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn files_are_known_by_how_they_begin() {
        let utf16: Vec<u8> = "\u{feff}{\"values\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}{\"values\":[]}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, expected) in [
            (&b"{\"log\":{\"entries\":[]}}"[..], Form::Har),
            (b"\xef\xbb\xbf \n{\"log\":{}}", Form::Har),
            (b"{\"name\":\"e\",\"values\":[]}", Form::Json),
            (b" [1]", Form::Json),
            (&[b' '; 300], Form::Json),
            (&utf16, Form::Json),
            (&big, Form::Json),
            (b"PK\x03\x04...", Form::Zip),
            (b"\x1f\x8b\x08", Form::Gzip),
            (b"curl http://h/ -d '{\"log\":1}'", Form::Text),
            (b"", Form::Empty),
            (b"\xef\xbb\xbf \n", Form::Empty),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            assert_eq!(form(&file).unwrap(), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
