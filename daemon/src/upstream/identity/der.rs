//! Just enough of ASN.1 to read files with keys: values of known types one behind the other (X.690), also of indefinite
//! length and in pieces, as some programs write PKCS#12.

use super::Malformed;

/// Values in values, at most.
const DEPTH: u8 = 16;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]` around a value.
pub(super) const CONTEXT_0: u8 = 0xa0;
const PIECES: u8 = 0x24;

/// Values that have not been read yet.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    rest: &'a [u8],
    depth: u8,
}

/// One value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub tag: u8,
    pub contents: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
    depth: u8,
}

impl<'a> Values<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: DEPTH }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<Value<'a>, Malformed> {
        let (value, rest) = read(self.rest, self.depth)?;
        self.rest = rest;
        Ok(value)
    }

    /// The next value, which must be of a type.
    pub(super) fn next(&mut self, tag: u8) -> Result<Value<'a>, Malformed> {
        let value = self.any()?;
        if value.tag == tag { Ok(value) } else { Err(Malformed) }
    }

    /// What is inside the next value.
    pub(super) fn inside(&mut self, tag: u8) -> Result<Values<'a>, Malformed> {
        self.next(tag)?.values()
    }

    /// A number that is not negative.
    pub(super) fn number(&mut self) -> Result<u64, Malformed> {
        let bytes = self.next(INTEGER)?.contents;
        if bytes.is_empty() || bytes[0] >= 0x80 || bytes.len() > 9 {
            return Err(Malformed);
        }
        bytes.iter().try_fold(0u64, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b))).ok_or(Malformed)
    }
}

impl<'a> Value<'a> {
    /// The values in it.
    pub(super) fn values(&self) -> Result<Values<'a>, Malformed> {
        let depth = self.depth.checked_sub(1).ok_or(Malformed)?;
        Ok(Values { rest: self.contents, depth })
    }

    /// The bytes of an OCTET STRING, `[0] IMPLICIT` included, put together where it is in pieces.
    pub(super) fn octets(&self) -> Result<Vec<u8>, Malformed> {
        if self.tag & 0x20 == 0 {
            return Ok(self.contents.to_vec());
        }
        let (mut pieces, mut bytes) = (self.values()?, Vec::new());
        while !pieces.is_empty() {
            let piece = pieces.any()?;
            if piece.tag != OCTET_STRING && piece.tag != PIECES {
                return Err(Malformed);
            }
            bytes.extend(piece.octets()?);
        }
        Ok(bytes)
    }
}

/// The first value, and what is behind it.
fn read(bytes: &[u8], depth: u8) -> Result<(Value<'_>, &[u8]), Malformed> {
    let (&tag, &first) = (bytes.first().ok_or(Malformed)?, bytes.get(1).ok_or(Malformed)?);
    if tag & 0x1f == 0x1f {
        return Err(Malformed);
    }
    let (from, length) = match first {
        0..=0x7f => (2, usize::from(first)),
        0x80 => return read_indefinite(tag, bytes, depth),
        0x81..=0x84 => {
            let from = 2 + usize::from(first - 0x80);
            let length = bytes.get(2..from).ok_or(Malformed)?;
            (from, length.iter().fold(0, |n, b| n << 8 | usize::from(*b)))
        }
        _ => return Err(Malformed),
    };
    let end = from.checked_add(length).ok_or(Malformed)?;
    let contents = bytes.get(from..end).ok_or(Malformed)?;
    Ok((Value { tag, contents, whole: &bytes[..end], depth }, &bytes[end..]))
}

/// A value that ends where its values end (X.690, 8.1.3.6).
fn read_indefinite(tag: u8, bytes: &[u8], depth: u8) -> Result<(Value<'_>, &[u8]), Malformed> {
    let inner = depth.checked_sub(1).ok_or(Malformed)?;
    if tag & 0x20 == 0 {
        return Err(Malformed);
    }
    let mut rest = &bytes[2..];
    while !rest.starts_with(&[0, 0]) {
        rest = read(rest, inner)?.1;
    }
    let end = bytes.len() - rest.len();
    Ok((Value { tag, contents: &bytes[2..end], whole: &bytes[..end + 2], depth }, &rest[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_either_length_are_read() {
        let mut values = Values::new(&[0x30, 3, 2, 1, 5, 0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0, 5, 0]);
        assert_eq!(values.inside(SEQUENCE).unwrap().number().unwrap(), 5);
        assert_eq!(values.any().unwrap().octets().unwrap(), [1, 2, 3]);
        assert!(values.next(5).is_ok() && values.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes: Vec<u8>) {
            let mut values = Values::new(&bytes);
            while let Ok(value) = values.any() {
                let _ = value.octets();
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = [0x30, 0x80].repeat(100_000);
        assert!(Values::new(&deep).any().is_err());
    }
}
