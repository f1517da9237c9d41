//! Text from the wire made safe for a terminal: nothing in it can move the cursor, change colours or reorder letters.

use std::{borrow::Cow, fmt::Write};

/// One line: every character that is not plainly visible is written as an escape.
pub fn escaped(text: &str) -> Cow<'_, str> {
    replace(text, is_special)
}

/// Several lines: as [`escaped`], but line ends and tabs stay.
pub fn escaped_lines(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_special(c) && !matches!(c, '\n' | '\t'))
}

/// Bytes as one line; what is not UTF-8 is written as `\xNN`.
pub fn escaped_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn replace(text: &str, special: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if special(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters, and what is invisible or changes the direction or the order of what follows (Unicode UAX 9).
fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_steered() {
        assert_eq!(escaped("a\x1b[2Jb\r\n\tc\u{9b}1m"), "a\\u{1b}[2Jb\\r\\n\\tc\\u{9b}1m");
        assert_eq!(escaped("user\u{202e}gpj.exe"), "user\\u{202e}gpj.exe");
        assert!(matches!(escaped("héllo wörld ✓"), Cow::Borrowed(_)));
        assert_eq!(escaped_lines("a\n\tb\r\x07"), "a\n\tb\\r\\u{7}");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown() {
        assert_eq!(escaped_bytes(b"caf\xe9 \xc3\xa9\x00"), "caf\\xe9 é\\u{0}");
    }

    proptest::proptest! {
        #[test]
        fn no_control_character_survives(bytes: Vec<u8>) {
            proptest::prop_assert!(!escaped_bytes(&bytes).contains(|c: char| c.is_control()));
        }
    }
}
