//! The `Content-Encoding` field (RFC 9110, 8.4).

use super::DecodeError;
use std::fmt;

/// One content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952; also known as `x-gzip`.
    Gzip,
    /// RFC 1950 by the book; many senders leave the zlib wrapper out (RFC 1951).
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878, with the window of RFC 9659.
    Zstd,
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        })
    }
}

/// Codings in the order they were applied; empty if there are none. `identity` is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codings(Vec<Coding>);

impl Codings {
    /// How many codings a body may have.
    pub const MAX: usize = 4;

    /// Reads all values of the field, in order. Names are compared without regard to case.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DecodeError> {
        let names = values.into_iter().flat_map(|v| v.split(|b| *b == b',')).map(<[u8]>::trim_ascii);
        let mut codings = Vec::new();
        let mut count = 0;
        for name in names.filter(|n| !n.is_empty()) {
            match name.to_ascii_lowercase().as_slice() {
                b"identity" => continue,
                b"gzip" | b"x-gzip" => codings.push(Coding::Gzip),
                b"deflate" => codings.push(Coding::Deflate),
                b"br" => codings.push(Coding::Brotli),
                b"zstd" => codings.push(Coding::Zstd),
                other => return Err(DecodeError::Unknown(other[..other.len().min(40)].escape_ascii().to_string())),
            }
            count += 1;
            // Counting goes on for the message, keeping does not: the field may list thousands.
            codings.truncate(Self::MAX);
        }
        if count > Self::MAX { Err(DecodeError::TooMany { count }) } else { Ok(Self(codings)) }
    }

    /// The codings in the order they were applied.
    pub fn as_slice(&self) -> &[Coding] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Coding::*, *};

    fn parse(values: &[&str]) -> Result<Vec<Coding>, String> {
        Codings::parse(values.iter().map(|v| v.as_bytes())).map(|c| c.0).map_err(|e| e.to_string())
    }

    #[test]
    fn lists_are_read_in_order_over_all_fields() {
        assert_eq!(parse(&[]), Ok(vec![]));
        assert_eq!(parse(&["identity", ", ,"]), Ok(vec![]));
        assert_eq!(parse(&["GZip, br", " x-gzip ,,Deflate"]), Ok(vec![Gzip, Brotli, Gzip, Deflate]));
        assert_eq!(parse(&["zstd"]), Ok(vec![Zstd]));
    }

    #[test]
    fn the_unknown_is_named_and_too_many_are_refused() {
        assert!(parse(&["gzip, x-\u{1b}[2J"]).unwrap_err().contains(r"'x-\x1b[2j'"));
        assert!(parse(&["compress"]).unwrap_err().contains("known: gzip"));
        assert!(parse(&[&"gzip,".repeat(5)]).unwrap_err().starts_with("5 content codings"));
        assert!(parse(&[&"a".repeat(10_000)]).unwrap_err().len() < 200);
    }
}
