//! Event heads: a first line and an ordered list of fields, kept as the bytes of an HTTP/1 head.
//!
//! HTTP/1 heads are stored as they crossed the wire. HTTP/2 heads have no such bytes and are written in the same
//! form (`GET /path HTTP/2`, lower-case names), so that one format holds both.

use bytes::Bytes;

/// One header field or trailer, byte for byte. Order and duplicates are those of the head it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the case it had on the wire.
    pub name: Bytes,
    /// The value without the white space around it (RFC 9110, 5.5).
    pub value: Bytes,
}

/// A parsed head. Parsing never fails: what is not a field line is kept as a field without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Request line or status line, without its line end; empty for trailers.
    pub line: Bytes,
    /// The fields in order.
    pub fields: Vec<Field>,
}

impl Head {
    /// Reads a stored head: a first line, then fields.
    pub fn parse(raw: &Bytes) -> Self {
        let mut lines = Lines { raw, at: 0 };
        let line = lines.next().unwrap_or_default();
        Self { line, fields: fields(lines) }
    }

    /// Reads stored trailers: fields only.
    pub fn parse_trailers(raw: &Bytes) -> Self {
        Self { line: Bytes::new(), fields: fields(Lines { raw, at: 0 }) }
    }

    /// All values of the field `name`, compared without regard to ASCII case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Bytes> {
        let wanted = move |f: &&Field| f.name.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(wanted).map(|f| &f.value)
    }

    /// The first value of the field `name`.
    pub fn value(&self, name: &str) -> Option<&Bytes> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name.as_bytes())).map(|f| &f.value)
    }
}

fn fields(lines: Lines<'_>) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for line in lines.take_while(|l| !l.is_empty()) {
        let (name, value) = match memchr::memchr(b':', &line) {
            Some(colon) if !line.starts_with(b" ") && !line.starts_with(b"\t") => {
                (line.slice(..colon), line.slice(colon + 1..))
            }
            _ => (Bytes::new(), line),
        };
        let value = value.slice_ref(value.trim_ascii());
        fields.push(Field { name, value });
    }
    fields
}

struct Lines<'a> {
    raw: &'a Bytes,
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let rest = self.raw.get(self.at..).filter(|r| !r.is_empty())?;
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        self.at += end.map_or(rest.len(), |e| e + 1);
        Some(self.raw.slice_ref(line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(head: &Head) -> Vec<(&[u8], &[u8])> {
        head.fields.iter().map(|f| (&f.name[..], &f.value[..])).collect()
    }

    #[test]
    fn case_order_duplicates_and_bytes_are_kept() {
        let raw =
            Bytes::from_static(b"GET /a HTTP/1.1\r\nHoSt: x\r\nX-A: 1\r\nx-b:\xff\x80\r\nX-a:  2 \r\n\r\nbody: no");
        let head = Head::parse(&raw);
        assert_eq!(&head.line[..], b"GET /a HTTP/1.1");
        assert_eq!(list(&head), [(&b"HoSt"[..], &b"x"[..]), (b"X-A", b"1"), (b"x-b", b"\xff\x80"), (b"X-a", b"2")]);
        assert_eq!(head.values("x-a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(head.value("host").unwrap(), "x");
    }

    #[test]
    fn odd_input_is_kept_rather_than_refused() {
        assert_eq!(Head::parse(&Bytes::new()), Head::default());
        let folded = Head::parse(&Bytes::from_static(b"HTTP/1.1 200 OK\nA: b\n c: d\nnocolon"));
        assert_eq!(list(&folded), [(&b"A"[..], &b"b"[..]), (b"", b"c: d"), (b"", b"nocolon")]);
        let trailers = Head::parse_trailers(&Bytes::from_static(b"grpc-status: 0\r\n"));
        assert_eq!(list(&trailers), [(&b"grpc-status"[..], &b"0"[..])]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_parse(raw: Vec<u8>) {
            let head = Head::parse(&Bytes::from(raw.clone()));
            let kept: usize = head.line.len() + head.fields.iter().map(|f| f.name.len() + f.value.len()).sum::<usize>();
            proptest::prop_assert!(kept <= raw.len());
        }
    }
}
