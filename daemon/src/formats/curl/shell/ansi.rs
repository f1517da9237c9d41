//! `$'…'` of Bash, and the escapes of `printf` and `echo -e`.

/// Reads what stands behind `$'` up to the closing quote. Answers the bytes, and how much of the text that was with the
/// quote; `None` if there is no closing quote.
pub(super) fn quoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'\'' => return Some((out, at + 1)),
            b'\\' => {
                text.get(at + 1)?;
                at += escape(&text[at..], &mut out);
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// A whole text with escapes, as `printf` takes its format.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' && at + 1 < text.len() {
            at += escape(&text[at..], &mut out);
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// An escape: a backslash and at least one byte behind it. Answers how long it is.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match text[1] {
        b'a' => 7,
        b'b' => 8,
        b'e' | b'E' => 27,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        byte @ (b'\\' | b'\'' | b'"' | b'?') => byte,
        b'c' if text.len() > 2 => {
            out.push(text[2] & 0x1f);
            return 3;
        }
        b'0'..=b'7' => {
            let (value, digits) = number(&text[1..], 8, 3);
            out.push(value as u8);
            return 1 + digits;
        }
        b'x' => {
            let (value, digits) = number(&text[2..], 16, 2);
            if digits == 0 {
                out.extend_from_slice(b"\\x");
            } else {
                out.push(value as u8);
            }
            return 2 + digits;
        }
        kind @ (b'u' | b'U') => {
            let (value, digits) = number(&text[2..], 16, if kind == b'u' { 4 } else { 8 });
            return 2 + digits + unicode(text, kind, value, digits, out);
        }
        byte => {
            out.extend_from_slice(&[b'\\', byte]);
            return 2;
        }
    };
    out.push(byte);
    2
}

/// A character by its number. A browser writes those beyond 16 bits as two surrogates, which belong together. Answers how much
/// longer the escape is than its own digits.
fn unicode(text: &[u8], kind: u8, value: u32, digits: usize, out: &mut Vec<u8>) -> usize {
    if digits == 0 {
        out.extend_from_slice(&[b'\\', kind]);
        return 0;
    }
    let mut buffer = [0; 4];
    if (0xd800..0xdc00).contains(&value) && text[2 + digits..].starts_with(b"\\u") {
        let (low, more) = number(&text[4 + digits..], 16, 4);
        if more == 4 && (0xdc00..0xe000).contains(&low) {
            let both = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
            let both = char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(both.encode_utf8(&mut buffer).as_bytes());
            return 2 + more;
        }
    }
    let found = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(found.encode_utf8(&mut buffer).as_bytes());
    0
}

/// The number that a text begins with, of so many digits at most, and how many it has.
fn number(text: &[u8], base: u32, most: usize) -> (u32, usize) {
    let digits = text.iter().take(most).map_while(|b| char::from(*b).to_digit(base));
    digits.fold((0, 0), |(value, digits), digit| (value.wrapping_mul(base).wrapping_add(digit), digits + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_bash_has_them() {
        for (text, expected) in [
            (r"a\'b' c", &b"a'b"[..]),
            (r"\u0021\u00e4\U0001F600'", "!ä😀".as_bytes()),
            (r"\ud83d\ude00'", "😀".as_bytes()),
            (r"\ud83d'", "\u{fffd}".as_bytes()),
            (r"\xff\x4\101\0'", b"\xff\x04A\0"),
            (r"\n\r\t\\\q\x\u'", b"\n\r\t\\\\q\\x\\u"),
            (r"\cA'", b"\x01"),
        ] {
            assert_eq!(quoted(text.as_bytes()).map(|(bytes, _)| bytes).as_deref(), Some(expected), "{text}");
        }
        for open in ["", "abc", r"a\", r"a\'"] {
            assert_eq!(quoted(open.as_bytes()), None, "{open}");
        }
        assert_eq!(unescaped(br"\000a\n\"), b"\0a\n\\");
    }
}
