//! The media type of a response, for lists and filters.

use std::borrow::Cow;

/// Longer ones are cut: RFC 6838, 4.2 allows 127 characters for each of type and subtype.
const LONGEST: usize = 255;

/// The media type of a stored head (RFC 9110, 8.3): lower case, without parameters. The first field counts.
pub(super) fn content_type(head: &[u8]) -> Option<Cow<'_, str>> {
    const NAME: &[u8] = b"content-type:";
    let mut rest = head;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        rest = &rest[end + 1..];
        if rest.len() > NAME.len() && rest[..NAME.len()].eq_ignore_ascii_case(NAME) {
            let value = &rest[NAME.len()..];
            let value = &value[..memchr::memchr2(b'\n', b';', value).unwrap_or(value.len())];
            return lower_case(value.trim_ascii());
        }
    }
    None
}

fn lower_case(value: &[u8]) -> Option<Cow<'_, str>> {
    let value = &value[..value.len().min(LONGEST)];
    let text = String::from_utf8_lossy(value);
    if text.is_empty() {
        return None;
    }
    Some(if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_found_in_any_head() {
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", Some("text/html")),
            ("HTTP/2 200\r\na: b\r\ncontent-type:application/JSON\r\n\r\n", Some("application/json")),
            ("HTTP/1.1 200 OK\nCONTENT-TYPE:\timage/png \n\n", Some("image/png")),
            ("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n", Some("a/b")),
            ("HTTP/1.1 200 OK\r\nContent-Type: text/plain", Some("text/plain")),
            ("HTTP/1.1 200 OK\r\nX-Content-Type: a/b\r\nContent-Types: a/b\r\n\r\n", None),
            ("HTTP/1.1 200 OK\r\nContent-Type: ; charset=utf-8\r\n\r\n", None),
            ("HTTP/1.1 200 OK\r\nContent-Type:", None),
            ("Content-Type: a/b", None),
            ("", None),
        ] {
            assert_eq!(content_type(head.as_bytes()).as_deref(), expected, "{head:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(value: Vec<u8>) {
            let head = [b"HTTP/1.1 200 OK\r\nContent-Type: ", &value[..]].concat();
            content_type(&value);
            content_type(&head);
        }
    }
}
