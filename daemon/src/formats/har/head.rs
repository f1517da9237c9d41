//! Message heads as HAR's lists of fields, and back.

use super::extra::{Raw, Side};
use bytes::Bytes;
use waylay_storage::model::{Field, Head, HttpVersion};

/// A request head put together from what HAR has of it.
pub fn request(method: &str, target: &str, version: HttpVersion, fields: &[(String, String)]) -> Vec<u8> {
    head(&format!("{method} {target} {}", version.as_str()), fields)
}

/// A response head, likewise.
pub fn response(version: HttpVersion, status: u16, text: &str, fields: &[(String, String)]) -> Vec<u8> {
    let space = if text.is_empty() { "" } else { " " };
    head(&format!("{} {status}{space}{text}", version.as_str()), fields)
}

/// The fields of a head as text; bytes that are no UTF-8 are replaced.
pub fn fields(head: &Head) -> Vec<(String, String)> {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    head.fields.iter().map(|Field { name, value }| (text(name), text(value))).collect()
}

/// What the status line says behind the status.
pub fn reason(head: &Head) -> String {
    String::from_utf8_lossy(&head.line).splitn(3, ' ').nth(2).unwrap_or_default().to_owned()
}

/// Keeps of a head what `canonical`, put together from HAR's fields, does not give back.
pub fn keep(side: &mut Side, raw: &Bytes, canonical: &[u8]) {
    if raw.is_empty() || raw == canonical {
        return;
    }
    let split = |head: &[u8]| memchr::memmem::find(head, b"\r\n").unwrap_or(head.len());
    let (at, canonical_at) = (split(raw), split(canonical));
    if raw[at..] == canonical[canonical_at..] {
        side.line = Raw::some(&raw[..at]);
    } else {
        side.head = Raw::some(raw);
    }
}

/// The inverse of [`keep`].
pub fn restore(side: &Side, canonical: Vec<u8>) -> Bytes {
    if let Some(head) = side.head.as_ref().and_then(Raw::bytes) {
        return head;
    }
    let Some(line) = side.line.as_ref().and_then(Raw::bytes) else { return canonical.into() };
    let at = memchr::memmem::find(&canonical, b"\r\n").unwrap_or(canonical.len());
    [&line, &canonical[at..]].concat().into()
}

fn head(line: &str, fields: &[(String, String)]) -> Vec<u8> {
    let mut out = one_line(line);
    out.extend_from_slice(b"\r\n");
    for (name, value) in fields {
        out.extend_from_slice(&one_line(name));
        out.extend_from_slice(b": ");
        out.extend_from_slice(&one_line(value));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// Text from a file must not begin a line of its own.
fn one_line(text: &str) -> Vec<u8> {
    text.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back_byte_for_byte() {
        for (raw, kept) in [
            (&b"GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\n\r\n"[..], "nothing"),
            (b"GET http://a/a HTTP/1.1\r\nHost: a\r\n\r\n", "line"),
            (b"GET /a HTTP/1.1\r\nHost:a\r\n\r\n", "head"),
            (b"GET /a HTTP/1.1\r\nX: caf\xe9\r\n\r\n", "head"),
            (b"", "nothing"),
        ] {
            let raw = Bytes::copy_from_slice(raw);
            let canonical = request("GET", "/a", HttpVersion::Http11, &fields(&Head::parse(&raw)));
            let mut side = Side::default();
            keep(&mut side, &raw, &canonical);
            let found = (side.line.is_some(), side.head.is_some());
            assert_eq!(found, (kept == "line", kept == "head"), "{raw:?}");
            if !raw.is_empty() {
                assert_eq!(restore(&side, canonical), raw);
            }
        }
    }

    #[test]
    fn a_field_cannot_bring_another() {
        let head = response(HttpVersion::Http11, 200, "O\r\nK: v", &[("A".into(), "1\r\nB: 2".into())]);
        assert_eq!(Head::parse(&head.into()).fields.len(), 1);
    }
}
