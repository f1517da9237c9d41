//! The text of a file in whichever encoding it was saved.

use super::PostmanError;
use std::borrow::Cow;

/// UTF-8, or UTF-16 in either order, by the mark at its beginning or, without one, by the zero beside its first brace.
pub(in crate::formats) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, PostmanError> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3),
        [0xff, 0xfe, rest @ ..] => utf16(rest, 2, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, 2, u16::from_be_bytes),
        [b'{' | b'[', 0, ..] => utf16(bytes, 0, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => utf16(bytes, 0, u16::from_be_bytes),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: &[u8], mark: usize) -> Result<Cow<'_, str>, PostmanError> {
    let text = std::str::from_utf8(bytes);
    text.map(Cow::Borrowed).map_err(|e| PostmanError::NotText { encoding: "UTF-8", offset: mark + e.valid_up_to() })
}

fn utf16(bytes: &[u8], mark: usize, unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, PostmanError> {
    let not_text = |offset| PostmanError::NotText { encoding: "UTF-16", offset: mark + offset };
    let (pairs, rest) = bytes.as_chunks();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let c = c.map_err(|_| not_text(at))?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    if rest.is_empty() { Ok(Cow::Owned(text)) } else { Err(not_text(at)) }
}
