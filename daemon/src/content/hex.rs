//! Bytes as hexadecimal digits.

use std::fmt;

/// Bytes to be written as two digits each, lower case, without spaces.
pub struct Hex<'a>(&'a [u8]);

impl<'a> Hex<'a> {
    /// The first `most` bytes.
    pub fn of(bytes: &'a [u8], most: usize) -> Self {
        Self(&bytes[..bytes.len().min(most)])
    }
}

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
