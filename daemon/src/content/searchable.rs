//! What of a body is worth searching.

use super::{Codings, Text, decode};
use std::io::Read;
use waylay_storage::{Decode, model::Head};

/// Bytes of a body that are searched, decoded: the first of them.
const LONGEST: u64 = 256 << 10;

/// Makes text of bodies for the full-text index.
pub struct Searchable;

impl Decode for Searchable {
    fn text(&self, head: &Head, body: &mut dyn Read) -> Option<String> {
        let codings = Codings::parse(head.values("content-encoding").map(|v| &v[..])).ok()?;
        // What comes before a break is worth searching, too.
        let decoded = decode(body, &codings, LONGEST);
        Text::of(&decoded.bytes, head.value("content-type").map(|v| &v[..]), decoded.truncated).map(|text| text.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn text_is_found_under_its_codings_and_bytes_are_not_text() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all("{\"name\":\"Zoë\"}".as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let head = |fields: &str| Head::parse(&Bytes::from(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n")));
        let text = |fields: &str, body: &[u8]| Searchable.text(&head(fields), &mut &*body);
        assert_eq!(text("Content-Encoding: gzip", &gzip).as_deref(), Some("{\"name\":\"Zoë\"}"));
        assert_eq!(text("Content-Encoding: other", &gzip), None);
        assert_eq!(text("Content-Type: image/png", b"\x89PNG\r\n\x1a\n\0\0\0"), None);
        assert_eq!(text("A: b", &vec![b'a'; 1 << 20]).map(|text| text.len() as u64), Some(LONGEST));
    }
}
