//! JSON written piece by piece, so that neither a document nor a long string in it need be in memory.

use base64::{engine::general_purpose::STANDARD, write::EncoderWriter};
use serde::Serialize;
use std::io::{self, Read, Write};

/// How much of a source is read at a time, bytes.
const PIECE: usize = 48 << 10;

/// Writes one JSON document. The caller keeps keys in objects and values behind keys; commas are put in here.
pub struct Json<W> {
    out: W,
    /// Whether the next key or value needs a comma before it.
    comma: bool,
}

impl<W: Write> Json<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self { out, comma: false }
    }

    /// What is written to.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Begins an object or an array: `{` or `[`.
    pub fn begin(&mut self, bracket: char) -> io::Result<()> {
        self.before()?;
        self.comma = false;
        write!(self.out, "{bracket}")
    }

    /// Ends it: `}` or `]`.
    pub fn end(&mut self, bracket: char) -> io::Result<()> {
        self.comma = true;
        write!(self.out, "{bracket}")
    }

    /// Ends a line before the next value of an array, to make large documents bearable in an editor.
    pub fn line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.comma) {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"\n")
    }

    /// A key of the object under way.
    pub fn key(&mut self, key: &str) -> io::Result<()> {
        self.before()?;
        self.comma = false;
        serde_json::to_writer(&mut self.out, key)?;
        self.out.write_all(b":")
    }

    /// Anything that can be JSON, as a value.
    pub fn value(&mut self, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        self.before()?;
        self.comma = true;
        Ok(serde_json::to_writer(&mut self.out, value)?)
    }

    /// A key and its value.
    pub fn field(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        self.key(key)?;
        self.value(value)
    }

    /// Microseconds as milliseconds, exactly; unknown ones are -1.
    pub fn milliseconds(&mut self, key: &str, us: Option<i64>) -> io::Result<()> {
        self.key(key)?;
        self.comma = true;
        match us {
            None => self.out.write_all(b"-1"),
            Some(us) if us % 1000 == 0 => write!(self.out, "{}", us / 1000),
            Some(us) => {
                let (sign, us) = (if us < 0 { "-" } else { "" }, us.unsigned_abs());
                let digits = format!("{:03}", us % 1000);
                write!(self.out, "{sign}{}.{}", us / 1000, digits.trim_end_matches('0'))
            }
        }
    }

    /// All that a source gives, in base64, as a value. Answers how many bytes it gave.
    pub fn base64(&mut self, mut source: impl Read) -> io::Result<u64> {
        self.base64_by(|out| {
            let mut piece = vec![0; PIECE];
            loop {
                match source.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(n) => out.write_all(&piece[..n])?,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
        })
    }

    /// All that `f` writes, in base64, as a value. Answers how many bytes it wrote.
    pub fn base64_by(&mut self, f: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<u64> {
        self.before()?;
        self.comma = true;
        self.out.write_all(b"\"")?;
        let mut counted = Counted { out: EncoderWriter::new(&mut self.out, &STANDARD), written: 0 };
        f(&mut counted)?;
        counted.out.finish()?;
        let written = counted.written;
        drop(counted);
        self.out.write_all(b"\"")?;
        Ok(written)
    }

    fn before(&mut self) -> io::Result<()> {
        if self.comma { self.out.write_all(b",") } else { Ok(()) }
    }
}

struct Counted<W> {
    out: W,
    written: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_put_together() {
        let mut json = Json::new(Vec::new());
        json.begin('{').unwrap();
        json.field("a", "\"\n").unwrap();
        json.key("b").unwrap();
        json.begin('[').unwrap();
        json.end(']').unwrap();
        json.key("c").unwrap();
        json.begin('[').unwrap();
        for number in [1, 2] {
            json.line().unwrap();
            json.value(&number).unwrap();
        }
        json.end(']').unwrap();
        for us in [None, Some(0), Some(1), Some(1500), Some(2_000), Some(-10)] {
            json.milliseconds("t", us).unwrap();
        }
        json.key("d").unwrap();
        assert_eq!(json.base64(&b"any bytes\xff"[..]).unwrap(), 10);
        json.end('}').unwrap();
        let text = String::from_utf8(std::mem::take(json.out())).unwrap();
        assert_eq!(
            text,
            "{\"a\":\"\\\"\\n\",\"b\":[],\"c\":[\n1,\n2],\"t\":-1,\"t\":0,\"t\":0.001,\"t\":1.5,\"t\":2,\"t\":-0.01,\
             \"d\":\"YW55IGJ5dGVz/w==\"}"
        );
    }
}
