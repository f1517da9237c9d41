//! Bytes and texts of any size, as JSON has them: a list of numbers, or a text.

use super::members::Place;
use crate::{formats::har::import::long::Unescaped, platform::At};
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
};

/// Bytes that are small enough for the memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Octets(pub Vec<u8>);

/// Writes the bytes of the value at `place` of `json`: the numbers of a list, or what is in a text. Answers how many.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] if it is neither; those of the files.
pub fn write(json: &File, place: Place, to: &mut impl Write) -> io::Result<u64> {
    let Place(from, length) = place;
    let part = |from, length| At { file: json, position: from }.take(length);
    let mut first = [0];
    part(from, length).read_exact(&mut first)?;
    match first[0] {
        b'"' => io::copy(&mut Unescaped::new(part(from + 1, length.saturating_sub(2))), to),
        b'[' => numbers(BufReader::with_capacity(64 << 10, part(from + 1, length.saturating_sub(1))), to),
        _ => Err(bad("neither a text nor a list of bytes")),
    }
}

/// The numbers of a list whose opening bracket has been read.
fn numbers(mut from: impl BufRead, to: &mut impl Write) -> io::Result<u64> {
    let (mut written, mut bytes, mut number) = (0, Vec::with_capacity(32 << 10), None);
    // Whether a number may begin here, and whether a comma or the end may come.
    let (mut begins, mut ends) = (true, true);
    loop {
        let piece = from.fill_buf()?;
        if piece.is_empty() {
            return Err(bad("a list without an end"));
        }
        let mut read = 0;
        let mut over = false;
        for byte in piece {
            read += 1;
            match byte {
                b'0'..=b'9' if begins || number.is_some() => {
                    let value = number.unwrap_or(0) * 10 + u16::from(byte - b'0');
                    if value > 255 {
                        return Err(bad("a number above 255 in a list of bytes"));
                    }
                    number = Some(value);
                    (begins, ends) = (false, true);
                }
                b' ' | b'\t' | b'\r' | b'\n' => bytes.extend(number.take().map(|n| n as u8)),
                b',' if ends && !begins => {
                    bytes.extend(number.take().map(|n| n as u8));
                    (begins, ends) = (true, false);
                }
                b']' if ends => {
                    bytes.extend(number.take().map(|n| n as u8));
                    over = true;
                    break;
                }
                _ => return Err(bad("something other than bytes in a list of them")),
            }
        }
        from.consume(read);
        to.write_all(&bytes)?;
        written += bytes.len() as u64;
        bytes.clear();
        if over {
            return Ok(written);
        }
    }
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Octets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of bytes or a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Octets, E> {
                Ok(Octets(text.as_bytes().to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Octets, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element()? {
                    bytes.push(byte);
                }
                Ok(Octets(bytes))
            }
        }
        from.deserialize_any(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<u8>, String> {
        let mut file = tempfile::tempfile().unwrap();
        write!(file, "x{json}y").unwrap();
        let mut out = Vec::new();
        let written = write(&file, Place(1, json.len() as u64), &mut out).map_err(|e| e.to_string())?;
        assert_eq!(written, out.len() as u64);
        Ok(out)
    }

    #[test]
    fn lists_and_texts_are_bytes() {
        for (json, expected) in [
            ("[]", &b""[..]),
            ("[ ]", b""),
            ("[0]", b"\0"),
            ("[0,255, 7 ,\n10]", &[0, 255, 7, 10]),
            (r#""""#, b""),
            (r#""a\u00e9\n\\""#, "aé\n\\".as_bytes()),
        ] {
            assert_eq!(read(json).as_deref(), Ok(expected), "{json}");
        }
        for bad in ["[", "[1", "[,]", "[1,]", "[1,,2]", "[1 2]", "[256]", "[1e1]", "[-1]", "[[1]]", "{}", "7", "null"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let many: Vec<u8> = (0..300_000_u32).map(|n| (n % 256) as u8).collect();
        assert_eq!(read(&serde_json::to_string(&many).unwrap()), Ok(many));
    }

    #[test]
    fn small_ones_are_read_alike() {
        let read = |json: &str| serde_json::from_str::<Octets>(json).map(|o| o.0).map_err(|e| e.to_string());
        assert_eq!(read("[1,2]"), Ok(vec![1, 2]));
        assert_eq!(read(r#""ab""#), Ok(b"ab".to_vec()));
        assert!(read("[256]").is_err() && read("7").is_err());
    }
}
