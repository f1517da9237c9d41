//! How large and how deep a file may be.

use super::{Place, Refused};

/// Largest file, bytes.
pub const MAX_FILE: usize = 64 << 20;
/// Most values in a file: objects, arrays and what is in them.
const MAX_VALUES: usize = 2_000_000;
/// Longest text in a file, bytes as written.
const MAX_TEXT: usize = 16 << 20;
/// Deepest folder.
pub const MAX_FOLDERS: usize = 32;
/// Most folders, requests and examples together.
pub const MAX_ITEMS: usize = 20_000;

/// Whether a file is small enough to be looked at.
pub(super) fn check_size(bytes: &[u8]) -> Result<(), Refused> {
    if bytes.len() <= MAX_FILE {
        return Ok(());
    }
    let message = format!("The file has {} bytes; {MAX_FILE} are allowed.", bytes.len());
    Err(Refused::at(&Place::ROOT, message, "Split the collection in Postman, and import the parts."))
}

/// Whether what a file would become in memory is bounded: a value can be a byte in the file and needs dozens of them here.
pub(super) fn check_count(text: &str) -> Result<(), Refused> {
    let bytes = text.as_bytes();
    let (mut values, mut at) = (0usize, 0usize);
    while let Some(found) = bytes[at..].iter().position(|b| matches!(b, b'"' | b',' | b'[' | b'{')) {
        at += found + 1;
        if bytes[at - 1] != b'"' {
            values += 1;
            continue;
        }
        let begins = at;
        while let Some(end) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
            at += end + 1;
            if bytes[at - 1] == b'"' {
                break;
            }
            at = (at + 1).min(bytes.len());
        }
        if at - begins > MAX_TEXT {
            let message = format!("A text in the file is {} bytes long; {MAX_TEXT} are allowed.", at - begins);
            return Err(Refused::at(&Place::ROOT, message, "Keep large bodies in files of their own."));
        }
    }
    if values > MAX_VALUES {
        let message = format!("The file holds {values} values; {MAX_VALUES} are allowed.");
        return Err(Refused::at(&Place::ROOT, message, "Split the collection in Postman, and import the parts."));
    }
    Ok(())
}

/// What is said of a file that is no JSON, or too deep for it.
pub(super) fn not_json(e: &serde_json::Error) -> Refused {
    let whole = e.to_string();
    let reason = whole.rsplit_once(" at line").map_or(whole.as_str(), |(reason, _)| reason);
    let at = format!("line {}, column {}", e.line(), e.column());
    if reason.contains("recursion limit") {
        let message = format!("The file is nested more than 127 deep ({at}).");
        return Refused::at(&Place::ROOT, message, "No collection needs that. Export it from Postman again.");
    }
    let message = format!("The file is no JSON: {reason} ({at}).");
    let hint = "Export it from Postman again. Of a page or a text with a collection in it, save the collection alone.";
    Refused::at(&Place::ROOT, message, hint)
}
