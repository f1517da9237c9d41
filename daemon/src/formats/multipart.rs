//! `multipart/form-data` (RFC 7578), read as it comes: no part needs to be in memory, however large.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

/// Longest boundary, bytes (RFC 2046, 5.1.1).
const BOUNDARY: usize = 70;
/// Longest head of a part, and most that may stand before the first, bytes.
const HEAD: usize = 8 << 10;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A part of this name begins.
    Part(String),
    /// Bytes of it.
    Data(Bytes),
    /// There are no more parts. What follows counts for nothing.
    End,
}

/// Why a body cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// It ends before its last boundary.
    #[error("it ends in the middle")]
    CutOff,
    /// What stands before the first part, or the head of a part, is too long.
    #[error("more than {HEAD} bytes stand before a part")]
    LongHead,
    /// A part has no name.
    #[error("a part has no name (Content-Disposition: form-data; name=\"…\")")]
    NoName,
    /// Something else follows a boundary.
    #[error("a boundary is followed by neither a line end nor two hyphens")]
    Boundary,
}

/// Reads one body. Bytes are [given](Reader::give) to it, and pieces [taken](Reader::take).
pub struct Reader {
    /// A line end, two hyphens and the boundary.
    delimiter: Finder<'static>,
    waiting: BytesMut,
    at: At,
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first boundary, with so many bytes passed.
    Preamble(usize),
    Boundary,
    Head,
    Part,
    End,
}

impl Reader {
    /// For bodies with this boundary; `None` if it can be none.
    pub fn new(boundary: &str) -> Option<Self> {
        if boundary.is_empty() || boundary.len() > BOUNDARY {
            return None;
        }
        let delimiter = Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned();
        // The first boundary may stand at the very beginning, where no line ends before it.
        Some(Self { delimiter, waiting: BytesMut::from(&b"\r\n"[..]), at: At::Preamble(0), ended: false })
    }

    /// More of the body has come.
    pub fn give(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// All of it has come.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// The next piece; `None` if more of the body is needed for it.
    pub fn take(&mut self) -> Result<Option<Piece>, Bad> {
        loop {
            match self.at {
                At::Preamble(passed) => match self.data() {
                    Some(data) => {
                        if passed + data.len() > HEAD {
                            return Err(Bad::LongHead);
                        }
                        self.at = At::Preamble(passed + data.len());
                    }
                    None if self.at == At::Boundary => {}
                    None => return self.more(),
                },
                At::Part => match self.data() {
                    Some(data) => return Ok(Some(Piece::Data(data))),
                    None if self.at == At::Boundary => {}
                    None => return self.more(),
                },
                At::Boundary => {
                    // RFC 2046 allows blanks here; nobody sends them.
                    match self.waiting.get(..2) {
                        Some(b"\r\n") => self.at = At::Head,
                        Some(b"--") => self.at = At::End,
                        Some(_) => return Err(Bad::Boundary),
                        None => return self.more(),
                    }
                }
                At::Head => {
                    // The line end of the boundary is still there: an empty head is two of them.
                    let Some(end) = memchr::memmem::find(&self.waiting, b"\r\n\r\n") else {
                        return if self.waiting.len() >= HEAD + 4 { Err(Bad::LongHead) } else { self.more() };
                    };
                    if end > HEAD {
                        return Err(Bad::LongHead);
                    }
                    let head = self.waiting.split_to(end + 2);
                    self.at = At::Part;
                    // The empty line.
                    self.waiting.advance(2);
                    return Ok(Some(Piece::Part(name(&head).ok_or(Bad::NoName)?)));
                }
                At::End => return Ok(Some(Piece::End)),
            }
        }
    }

    /// Bytes before the next delimiter; with none left, the delimiter is passed.
    fn data(&mut self) -> Option<Bytes> {
        let delimiter = self.delimiter.needle().len();
        match self.delimiter.find(&self.waiting) {
            Some(0) => {
                self.waiting.advance(delimiter);
                self.at = At::Boundary;
                None
            }
            Some(at) => Some(self.waiting.split_to(at).freeze()),
            // The end of what is there may be the beginning of a delimiter.
            None => match self.waiting.len().checked_sub(delimiter - 1) {
                Some(sure @ 1..) => Some(self.waiting.split_to(sure).freeze()),
                _ => None,
            },
        }
    }

    fn more(&self) -> Result<Option<Piece>, Bad> {
        if self.ended { Err(Bad::CutOff) } else { Ok(None) }
    }
}

/// The name of a part, by its head.
fn name(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = lines.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?;
    let mut rest =
        value.trim().get(..9).filter(|kind| kind.eq_ignore_ascii_case("form-data")).map(|_| &value.trim()[9..])?;
    loop {
        rest = rest.trim_start().strip_prefix(';')?.trim_start();
        let (key, value) = rest.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        if key.trim().eq_ignore_ascii_case("name") {
            // As browsers write what cannot stand between quotes (HTML, 4.10.21.8).
            return Some(value.trim().replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All pieces of a body that comes in pieces of `step` bytes, neighbouring data joined.
    fn pieces(boundary: &str, body: &[u8], step: usize) -> Result<Vec<(String, Vec<u8>)>, Bad> {
        let mut reader = Reader::new(boundary).unwrap();
        let (mut parts, mut chunks) = (Vec::<(String, Vec<u8>)>::new(), body.chunks(step.max(1)));
        loop {
            match reader.take()? {
                Some(Piece::Part(name)) => parts.push((name, Vec::new())),
                Some(Piece::Data(data)) => parts.last_mut().expect("a part").1.extend_from_slice(&data),
                Some(Piece::End) => return Ok(parts),
                None => match chunks.next() {
                    Some(chunk) => reader.give(chunk),
                    None => reader.finish(),
                },
            }
        }
    }

    fn of(name: &str, data: &[u8]) -> (String, Vec<u8>) {
        (name.to_owned(), data.to_vec())
    }

    #[test]
    fn bodies_are_cut_into_their_parts() {
        let head = "Content-Disposition: form-data; name=";
        for (body, parts) in [
            (format!("--B\r\n{head}\"a\"\r\n\r\n1\r\n--B--\r\n"), Ok(vec![of("a", b"1")])),
            (format!("preamble\r\n--B\r\n{head}a\r\n\r\n1\r\n--B--epilogue"), Ok(vec![of("a", b"1")])),
            (format!("--B\r\n{head}\"a\"\r\n\r\n\r\n--B--"), Ok(vec![of("a", b"")])),
            (format!("--B\r\n{head}\"a\"\r\n\r\n--B--"), Err(Bad::CutOff)),
            (
                format!(
                    "--B\r\n{head}\"a\"; filename=\"x\"\r\nContent-Type: text/plain\r\n\r\n\r\n--C\r\n--B\r\nX: 1\r\ncontent-disposition:form-data;filename=y; name=\"b%22%0D%0A\"\r\n\r\n\r\n\r\n\r\n--B--"
                ),
                Ok(vec![of("a", b"\r\n--C"), of("b\"\r\n", b"\r\n\r\n")]),
            ),
            ("--B--".to_owned(), Ok(vec![])),
            (String::new(), Err(Bad::CutOff)),
            ("--B".to_owned(), Err(Bad::CutOff)),
            (format!("--B\r\n{head}\"a\"\r\n\r\n1"), Err(Bad::CutOff)),
            (format!("--B\r\n{head}\"a\"\r\n\r\n1\r\n--B"), Err(Bad::CutOff)),
            ("--Bxy".to_owned(), Err(Bad::Boundary)),
            ("--B\r\nX: 1\r\n\r\n1\r\n--B--".to_owned(), Err(Bad::NoName)),
            ("--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--B--".to_owned(), Err(Bad::NoName)),
            ("--B\r\nContent-Disposition: form-date; name=\"a\"\r\n\r\n1\r\n--B--".to_owned(), Err(Bad::NoName)),
            ("x".repeat(HEAD + 100), Err(Bad::LongHead)),
            (format!("--B\r\n{head}\"a\"\r\nX: {}\r\n\r\n1\r\n--B--", "x".repeat(HEAD)), Err(Bad::LongHead)),
            (format!("--B\r\n{}", "x".repeat(HEAD + 100)), Err(Bad::LongHead)),
        ] {
            for step in [1, 2, 7, usize::MAX >> 1] {
                assert_eq!(pieces("B", body.as_bytes(), step), parts, "{body:?} by {step}");
            }
        }
        assert!(Reader::new("").is_none() && Reader::new(&"b".repeat(71)).is_none());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_however_it_comes(
            parts in prop::collection::vec(("[a-z]{1,8}", prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'B'), any::<u8>()], 0..200)), 0..4),
            step in 1_usize..64,
        ) {
            let boundary = "Bound-ary";
            let mut body = Vec::new();
            for (name, data) in &parts {
                body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes());
                body.extend_from_slice(data);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
            prop_assert_eq!(pieces(boundary, &body, step), Ok(parts));
        }

        #[test]
        fn any_bytes_are_read_alike_however_they_come(body in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'B'), any::<u8>()], 0..300), step in 1_usize..40) {
            prop_assert_eq!(pieces("B", &body, step), pieces("B", &body, usize::MAX >> 1));
        }
    }
}
