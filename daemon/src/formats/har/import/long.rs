//! JSON whose long strings are replaced by where they stand, so that a body of any size never is in memory.

use crate::platform::At;
use std::{
    fs::File,
    io::{self, Read},
};

/// Longer strings are replaced, bytes as they stand in the file.
pub const LONGEST: usize = 256 << 10;

/// How a string that stands for a long one begins: no tool writes such a text.
const MARK: &str = "\u{0}waylay-long:";
/// The same in JSON.
const MARK_JSON: &str = "\\u0000waylay-long:";

/// How much is read at a time, bytes.
const PIECE: usize = 64 << 10;

/// Where the text of a long string stands in the file: what is between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First byte.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// Reads JSON, and gives it on with the long strings replaced.
pub struct LongStrings<R> {
    from: R,
    /// Bytes read so far.
    position: u64,
    buffer: Vec<u8>,
    out: Ready,
    state: State,
}

/// What has been made of what was read, until somebody takes it.
#[derive(Default)]
struct Ready {
    bytes: Vec<u8>,
    given: usize,
}

impl Ready {
    fn is_empty(&self) -> bool {
        self.given == self.bytes.len()
    }

    fn give(&mut self, to: &mut [u8]) -> usize {
        let n = to.len().min(self.bytes.len() - self.given);
        to[..n].copy_from_slice(&self.bytes[self.given..self.given + n]);
        self.given += n;
        n
    }
}

enum State {
    Outside,
    /// Bytes of the string so far, and whether the last one escapes the next.
    Inside {
        text: Vec<u8>,
        start: u64,
        escaped: bool,
    },
    /// It is too long to be kept.
    Beyond {
        start: u64,
        escaped: bool,
    },
}

impl<R: Read> LongStrings<R> {
    /// Begins at a position of the file.
    pub fn new(from: R, position: u64) -> Self {
        Self { from, position, buffer: vec![0; PIECE], out: Ready::default(), state: State::Outside }
    }

    /// How far the file has been read.
    pub fn position(&self) -> u64 {
        self.position
    }

    fn step(&mut self) -> io::Result<bool> {
        let n = loop {
            match self.from.read(&mut self.buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.out.bytes.clear();
        self.out.given = 0;
        let buffer = std::mem::take(&mut self.buffer);
        let (mut rest, mut at) = (&buffer[..n], self.position);
        while !rest.is_empty() {
            let used = self.take(rest, at);
            rest = &rest[used..];
            at += used as u64;
        }
        self.buffer = buffer;
        self.position = at;
        if n == 0 {
            // The string that the file ends in is no string: what is there is given on, so that the end is found there.
            if let State::Inside { text, .. } = std::mem::replace(&mut self.state, State::Outside) {
                self.out.bytes.push(b'"');
                self.out.bytes.extend_from_slice(&text);
            }
        }
        Ok(n > 0)
    }

    /// Takes in some of what was read, at least a byte of it. Answers how much.
    fn take(&mut self, rest: &[u8], at: u64) -> usize {
        match &mut self.state {
            State::Outside => {
                let quote = memchr::memchr(b'"', rest);
                let end = quote.unwrap_or(rest.len());
                self.out.bytes.extend_from_slice(&rest[..end]);
                if quote.is_none() {
                    return end;
                }
                self.state = State::Inside { text: Vec::new(), start: at + end as u64 + 1, escaped: false };
                end + 1
            }
            State::Inside { text, start, escaped } => {
                let (used, ended) = in_string(rest, escaped);
                text.extend_from_slice(&rest[..used]);
                if ended {
                    self.out.bytes.push(b'"');
                    self.out.bytes.extend_from_slice(text);
                    self.state = State::Outside;
                } else if text.len() > LONGEST {
                    self.state = State::Beyond { start: *start, escaped: *escaped };
                }
                used
            }
            State::Beyond { start, escaped } => {
                let (used, ended) = in_string(rest, escaped);
                if ended {
                    let length = at + used as u64 - 1 - *start;
                    self.out.bytes.extend_from_slice(format!("\"{MARK_JSON}{start}:{length}\"").as_bytes());
                    self.state = State::Outside;
                }
                used
            }
        }
    }
}

/// How much of `rest` belongs to the string under way, its closing quote included, and whether that is there.
fn in_string(rest: &[u8], escaped: &mut bool) -> (usize, bool) {
    let mut at = usize::from(std::mem::take(escaped));
    while let Some(found) = memchr::memchr2(b'"', b'\\', &rest[at.min(rest.len())..]) {
        at += found;
        if rest[at] == b'"' {
            return (at + 1, true);
        }
        at += 2;
    }
    *escaped = at > rest.len();
    (rest.len(), false)
}

impl<R: Read> Read for LongStrings<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.out.is_empty() {
            if !self.step()? && self.out.is_empty() {
                return Ok(0);
            }
        }
        Ok(self.out.give(to))
    }
}

impl Place {
    /// The place a string stands for, if it was too long.
    pub fn of(text: &str) -> Option<Self> {
        let (offset, length) = text.strip_prefix(MARK)?.split_once(':')?;
        Some(Self { offset: offset.parse().ok()?, length: length.parse().ok()? })
    }

    /// The text of the string, its escapes undone.
    pub fn text(self, file: &File) -> Unescaped<impl Read> {
        Unescaped::new(At { file, position: self.offset }.take(self.length))
    }
}

/// What stands between the quotes of a JSON string, as UTF-8.
pub struct Unescaped<R> {
    from: R,
    raw: Vec<u8>,
    out: Ready,
}

impl<R: Read> Unescaped<R> {
    /// Reads it from `from`.
    pub fn new(from: R) -> Self {
        Self { from, raw: Vec::new(), out: Ready::default() }
    }

    fn step(&mut self) -> io::Result<bool> {
        let before = self.raw.len();
        let n = (&mut self.from).take(PIECE as u64).read_to_end(&mut self.raw)?;
        // What may be the first half of an escape waits for the rest: at most two \u of six bytes each.
        let cut = if n == 0 { self.raw.len() } else { safe_cut(&self.raw) };
        let rest = self.raw.split_off(cut);
        let piece = std::mem::replace(&mut self.raw, rest);
        let bytes = match memchr::memchr(b'\\', &piece) {
            None => piece,
            Some(_) => {
                let quoted = [b"\"", &piece[..], b"\""].concat();
                // Lone surrogates are no text; bytes of them would be no UTF-8.
                let text = serde_json::from_slice::<String>(&quoted).map_err(io::Error::from)?;
                text.into_bytes()
            }
        };
        self.out = Ready { bytes, given: 0 };
        Ok(n > 0 || before > 0)
    }
}

/// Up to where escapes, and surrogate pairs of them, are whole.
fn safe_cut(raw: &[u8]) -> usize {
    let mut at = 0;
    while let Some(slash) = memchr::memchr(b'\\', &raw[at..]).map(|found| at + found) {
        let high =
            |escape: &[u8]| matches!(escape.get(2..4), Some([b'd' | b'D', b'8' | b'9' | b'a' | b'A' | b'b' | b'B']));
        let length = match raw.get(slash + 1) {
            Some(b'u') if high(&raw[slash..]) => 12,
            Some(b'u') => 6,
            _ => 2,
        };
        if slash + length > raw.len() {
            return slash;
        }
        at = slash + length;
    }
    at + character(&raw[at..])
}

/// Without a character that is cut at the end.
fn character(raw: &[u8]) -> usize {
    let tail = &raw[raw.len().saturating_sub(3)..];
    let lead = tail.iter().rposition(|b| *b >= 0xc0);
    match lead {
        Some(at) => raw.len() - tail.len() + at,
        None => raw.len(),
    }
}

impl<R: Read> Read for Unescaped<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.out.is_empty() {
            if !self.step()? && self.out.is_empty() {
                return Ok(0);
            }
        }
        Ok(self.out.give(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Gives a byte at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(to.len());
            to[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn long_strings_are_found_again() {
        let long = format!("{}\\\"é\\u00e9\\ud83d\\ude00\\\\", "a\\n".repeat(LONGEST));
        let json = format!(r#"{{"a":"short\\","b":"{long}","c":["{long}",""]}}"#);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(json.as_bytes()).unwrap();
        for step in [1, 3, 1 << 20] {
            let mut text = String::new();
            LongStrings::new(Slow(json.as_bytes(), step), 0).read_to_string(&mut text).unwrap();
            assert!(text.len() < 200, "{}", text.len());
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["a"], "short\\");
            for found in [&value["b"], &value["c"][0]] {
                let place = Place::of(found.as_str().unwrap()).unwrap();
                let mut text = String::new();
                place.text(&file).read_to_string(&mut text).unwrap();
                assert_eq!(text, "a\n".repeat(LONGEST) + "\"éé😀\\");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn escapes_are_undone_however_they_are_cut(text in "(a|\\\\|\"|é|😀|\n|\u{1}){0,60}", step in 1usize..7) {
            let json = serde_json::to_string(&text).unwrap();
            let inner = &json.as_bytes()[1..json.len() - 1];
            let mut found = Vec::new();
            Unescaped::new(Slow(inner, step)).read_to_end(&mut found).unwrap();
            proptest::prop_assert_eq!(found, text.as_bytes());
            let mut same = String::new();
            LongStrings::new(Slow(json.as_bytes(), step), 0).read_to_string(&mut same).unwrap();
            proptest::prop_assert_eq!(same, json);
        }
    }
}
