//! Telling text from bytes, and reading it.

use std::fmt;

/// How text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// RFC 3629.
    Utf8,
    /// UTF-16, least significant byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
    /// What browsers read under the names ISO-8859-1 and US-ASCII.
    Windows1252,
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        })
    }
}

/// A body that reads as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Without a byte order mark.
    pub text: String,
    /// How it was written.
    pub charset: Charset,
}

impl Text {
    /// Reads `bytes` as text: by their byte order mark, else by the charset that `content_type` names, else as UTF-8 if
    /// they are, else as Windows-1252. `None` if they look like no text. With `cut`, the bytes were cut at some length
    /// and the last character may be incomplete.
    pub fn of(bytes: &[u8], content_type: Option<&[u8]>, cut: bool) -> Option<Self> {
        let read = |charset, text: Option<String>| text.map(|text| Self { text, charset });
        if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
            return read(Charset::Utf8, utf8(rest, cut));
        }
        if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
            return read(Charset::Utf16Le, utf16(rest, u16::from_le_bytes));
        }
        if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
            return read(Charset::Utf16Be, utf16(rest, u16::from_be_bytes));
        }
        match content_type.and_then(named) {
            Some(Charset::Utf16Le) => return read(Charset::Utf16Le, utf16(bytes, u16::from_le_bytes)),
            Some(Charset::Utf16Be) => return read(Charset::Utf16Be, utf16(bytes, u16::from_be_bytes)),
            Some(Charset::Windows1252) if !looks_binary(bytes) => {
                return read(Charset::Windows1252, Some(windows_1252(bytes)));
            }
            Some(Charset::Utf8 | Charset::Windows1252) | None => {}
        }
        if looks_binary(bytes) {
            return None;
        }
        read(Charset::Utf8, utf8(bytes, cut)).or_else(|| read(Charset::Windows1252, Some(windows_1252(bytes))))
    }
}

/// The charset parameter of a media type, if it is one of ours.
fn named(content_type: &[u8]) -> Option<Charset> {
    let content_type = std::str::from_utf8(content_type).ok()?.to_ascii_lowercase();
    let parameter = content_type.split(';').skip(1).find_map(|p| p.trim().strip_prefix("charset="))?;
    match parameter.trim().trim_matches('"') {
        "utf-8" | "utf8" => Some(Charset::Utf8),
        "utf-16" | "utf-16le" => Some(Charset::Utf16Le),
        "utf-16be" => Some(Charset::Utf16Be),
        "iso-8859-1" | "iso8859-1" | "latin1" | "windows-1252" | "us-ascii" | "ascii" => Some(Charset::Windows1252),
        _ => None,
    }
}

/// Control characters no text has, among the first bytes.
fn looks_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4 << 10)];
    head.iter().any(|b| matches!(b, 0..=6 | 0x0e..=0x1a | 0x1c..=0x1f))
}

fn utf8(bytes: &[u8], cut: bool) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        // No length: the bytes end within a character.
        Err(e) if cut && e.error_len().is_none() => {
            std::str::from_utf8(&bytes[..e.valid_up_to()]).ok().map(str::to_owned)
        }
        Err(_) => None,
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The index of the WHATWG encoding standard; its holes stay control characters.
fn windows_1252(bytes: &[u8]) -> String {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let read = |b: &u8| match b {
        0x80..=0x9f => HIGH[usize::from(b - 0x80)],
        _ => char::from(*b),
    };
    bytes.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], content_type: &str) -> Option<(String, Charset)> {
        Text::of(bytes, Some(content_type.as_bytes()), false).map(|t| (t.text, t.charset))
    }

    #[test]
    fn charsets_are_told_apart() {
        let table: [(&[u8], &str, &str, Charset); 10] = [
            (b"", "", "", Charset::Utf8),
            ("\u{e9}t\u{e9}".as_bytes(), "", "\u{e9}t\u{e9}", Charset::Utf8),
            (b"\xef\xbb\xbf{}", "application/json", "{}", Charset::Utf8),
            (b"\xff\xfea\0\xe9\0", "", "a\u{e9}", Charset::Utf16Le),
            (b"\xfe\xff\0a\0\xe9", "text/plain; charset=utf-8", "a\u{e9}", Charset::Utf16Be),
            (b"a\0b\0", "text/plain; charset=\"UTF-16LE\"", "ab", Charset::Utf16Le),
            (b"\xe9t\xe9 \x80", "text/plain", "\u{e9}t\u{e9} \u{20ac}", Charset::Windows1252),
            (b"\xc3\xa9", "text/html;charset=ISO-8859-1", "\u{c3}\u{a9}", Charset::Windows1252),
            (b"\xe9", "text/html; charset=utf-8", "\u{e9}", Charset::Windows1252),
            (b"\x1b[31mred\x1b[0m\r\n\t\x0c", "", "\x1b[31mred\x1b[0m\r\n\t\x0c", Charset::Utf8),
        ];
        for (bytes, content_type, text, charset) in table {
            assert_eq!(of(bytes, content_type), Some((text.to_owned(), charset)), "{bytes:?} as {content_type}");
        }
    }

    #[test]
    fn bytes_are_no_text() {
        for bytes in [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], b"\x1f\x8b\x08\0", b"a\0b"] {
            assert_eq!(of(bytes, "text/plain"), None, "{bytes:?}");
            assert_eq!(of(bytes, "text/plain; charset=latin1"), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_cut_within_a_character_is_no_reason_to_read_it_as_latin() {
        let cut = &"caf\u{e9}".as_bytes()[..4];
        assert_eq!(Text::of(cut, None, true).map(|t| t.text).as_deref(), Some("caf"));
        assert_eq!(Text::of(cut, None, false).map(|t| t.charset), Some(Charset::Windows1252));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_text_or_not(bytes: Vec<u8>, content_type: Option<Vec<u8>>, cut: bool) {
            Text::of(&bytes, content_type.as_deref(), cut);
        }
    }
}
