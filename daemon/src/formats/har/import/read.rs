//! The way to the entries of a file.

use super::{ImportError, long::LongStrings};
use crate::platform::At;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::{
    cell::Cell,
    fmt,
    fs::File,
    io::{self, BufReader, Read},
};

/// What one entry may have besides its long strings, bytes.
const ENTRY: u64 = 64 << 20;

/// Checks how a file begins.
pub(super) fn look(file: &File) -> Result<(), ImportError> {
    let mut first = [0; 16];
    let n = At { file, position: 0 }.read(&mut first)?;
    let text = first[..n].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first[..n]).trim_ascii_start();
    let broken = |message: &str| Err(ImportError::Broken { message: message.to_owned(), index: None });
    match text {
        [] if n < first.len() => broken("the file is empty"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => broken("the file is UTF-16; HAR is UTF-8"),
        [b'P', b'K', ..] => broken("the file is a ZIP archive; the .har file in it is what can be imported"),
        [0x1f, 0x8b, ..] => broken("the file is compressed with gzip; unpack it first"),
        [b'{', ..] | [] => Ok(()),
        _ => broken("the file is no HAR: it does not begin with '{'"),
    }
}

/// Gives every entry to `f`, with how far the file has been read.
pub(super) fn entries(
    file: &File,
    mut f: impl FnMut(Value, u64) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut mark = [0; 3];
    let marked = At { file, position: 0 }.read(&mut mark)? == 3 && mark == *b"\xef\xbb\xbf";
    let start = if marked { 3 } else { 0 };
    let (position, left) = (Cell::new(start), Cell::new(ENTRY));
    let strings =
        Watched { from: LongStrings::new(At { file, position: start }, start), position: &position, left: &left };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(32 << 10, strings));
    let mut walk = Walk { f: &mut f, position: &position, left: &left, index: None, stopped: None };
    let result = Level { walk: &mut walk, path: "log" }.deserialize(&mut json).and_then(|found| {
        json.end()?;
        Ok(found)
    });
    if let Some(stopped) = walk.stopped.take() {
        return Err(stopped);
    }
    let index = walk.index;
    let broken = |message: String| ImportError::Broken { message, index };
    match result {
        Ok(true) => Ok(()),
        Ok(false) => Err(broken("the file is no HAR: it has no log.entries".to_owned())),
        Err(error) if error.is_io() => Err(ImportError::Io(error.into())),
        Err(error) => Err(broken(describe(&error, index))),
    }
}

fn describe(error: &serde_json::Error, index: Option<u64>) -> String {
    let place = match index {
        Some(index) => format!("entry {index}, line {}", error.line()),
        None => format!("line {}", error.line()),
    };
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    match error.classify() {
        serde_json::error::Category::Eof => format!("the file ends in the middle ({place})"),
        serde_json::error::Category::Syntax => format!("the file is no JSON: {what} ({place})"),
        _ => format!("the file is no HAR: {what} ({place})"),
    }
}

/// Bounds what is read for one entry, and tells how far the file is.
struct Watched<'a, R> {
    from: LongStrings<R>,
    position: &'a Cell<u64>,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(to)?;
        self.position.set(self.from.position());
        match self.left.get().checked_sub(n as u64) {
            Some(left) => self.left.set(left),
            None => {
                let message = format!("an entry has more than {} MiB besides its bodies", ENTRY >> 20);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(n)
    }
}

struct Walk<'a, F> {
    f: &'a mut F,
    position: &'a Cell<u64>,
    left: &'a Cell<u64>,
    /// Of the entry under way.
    index: Option<u64>,
    stopped: Option<ImportError>,
}

/// An object of which one member is wanted: `log`, and in it `entries`. Answers whether there were entries.
struct Level<'w, 'a, F> {
    walk: &'w mut Walk<'a, F>,
    path: &'static str,
}

impl<'de, F: FnMut(Value, u64) -> Result<(), ImportError>> DeserializeSeed<'de> for Level<'_, '_, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Value, u64) -> Result<(), ImportError>> Visitor<'de> for Level<'_, '_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with {:?}", self.path)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            self.walk.left.set(ENTRY);
            found |= match (&key[..], self.path) {
                ("log", "log") => map.next_value_seed(Level { walk: self.walk, path: "entries" })?,
                ("entries", "entries") => map.next_value_seed(Entries(self.walk))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
        }
        Ok(found)
    }
}

struct Entries<'w, 'a, F>(&'w mut Walk<'a, F>);

impl<'de, F: FnMut(Value, u64) -> Result<(), ImportError>> DeserializeSeed<'de> for Entries<'_, '_, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Value, u64) -> Result<(), ImportError>> Visitor<'de> for Entries<'_, '_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log.entries, a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        let walk = self.0;
        for index in 0.. {
            walk.index = Some(index);
            walk.left.set(ENTRY);
            let Some(value) = list.next_element::<Value>()? else { break };
            if let Err(error) = (walk.f)(value, walk.position.get()) {
                walk.stopped = Some(error);
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(true)
    }
}
