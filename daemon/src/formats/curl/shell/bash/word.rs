//! Words, and what quotes them.

use super::{super::ansi, Reader};

impl Reader<'_> {
    /// A word, up to what separates words where it is not quoted.
    pub(super) fn word(&mut self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' => break,
                b')' if self.parentheses > 0 => break,
                b'\\' => match self.continues() {
                    0 => {
                        out.extend(self.after(1));
                        self.at += 2;
                    }
                    length => self.at += length,
                },
                b'\'' => {
                    let from = self.at + 1;
                    let end = memchr::memchr(b'\'', &self.text[from..]).ok_or_else(|| open('\''))?;
                    out.extend_from_slice(&self.text[from..from + end]);
                    self.at = from + end + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut out, Some(b'"'))?;
                }
                b'$' if self.after(1) == Some(b'\'') => {
                    let (bytes, length) = ansi::quoted(&self.text[self.at + 2..]).ok_or_else(|| open('\''))?;
                    out.extend(bytes);
                    self.at += 2 + length;
                }
                b'$' if self.after(1) == Some(b'"') => self.at += 1,
                b'$' => self.dollar(&mut out)?,
                b'`' if self.goes_on() > 0 => self.at += self.goes_on(),
                b'`' => self.backquoted(&mut out)?,
                _ => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(out)
    }

    /// What stands between double quotes, up to `end` and with it; without an end, all there is.
    pub(super) fn double_quoted(&mut self, out: &mut Vec<u8>, end: Option<u8>) -> Result<(), String> {
        loop {
            match self.peek() {
                None if end.is_none() => return Ok(()),
                None => return Err(open('"')),
                found if found == end => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => match self.after(1) {
                    Some(b'\n') => self.at += 2,
                    Some(b'\r') if self.after(2) == Some(b'\n') => self.at += 3,
                    Some(byte @ (b'$' | b'`' | b'\\')) => {
                        out.push(byte);
                        self.at += 2;
                    }
                    Some(b'"') if end.is_some() => {
                        out.push(b'"');
                        self.at += 2;
                    }
                    _ => {
                        out.push(b'\\');
                        self.at += 1;
                    }
                },
                Some(b'$') => self.dollar(out)?,
                Some(b'`') => self.backquoted(out)?,
                Some(byte) => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }
}

fn open(quote: char) -> String {
    format!("a {quote} is opened and not closed")
}
