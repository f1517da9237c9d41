//! JSON without its large values: those of some members are replaced by where they stand, whatever their size. What is left is
//! bounded.

use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// What may be left, bytes.
pub const MOST: usize = 4 << 20;
/// Objects and arrays in one another.
const DEPTH: usize = 100;
/// How much is read at a time, bytes.
const PIECE: usize = 64 << 10;

/// Where a value stands: first byte, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub u64, pub u64);

/// Why it could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BadJson {
    /// It is no JSON.
    #[error("it is no JSON: {what} at byte {at}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where.
        at: u64,
    },
    /// Too much would be left.
    #[error("it has more than {} MiB besides the bytes of bodies", MOST >> 20)]
    TooLarge,
    /// It could not be read from where it is.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads one value that begins `begins` bytes into what places are counted in. The values of members that are `wanted` by the
/// names around them and their own, outermost first, are replaced by `[first byte, length]`. Those are not looked into but for
/// their end.
///
/// # Errors
/// [`BadJson`].
pub fn put_aside(from: impl Read, begins: u64, wanted: impl Fn(&[String]) -> bool) -> Result<Vec<u8>, BadJson> {
    let mut scan =
        Scan { from, buffer: vec![0; PIECE], next: 0, end: 0, at: begins, kept: Vec::new(), keeping: true, wanted };
    scan.value(&mut Vec::new(), 0)?;
    scan.space()?;
    match scan.peek()? {
        None => Ok(scan.kept),
        Some(_) => Err(scan.bad("something follows its end")),
    }
}

struct Scan<R, W> {
    from: R,
    buffer: Vec<u8>,
    next: usize,
    end: usize,
    /// Where `next` stands.
    at: u64,
    kept: Vec<u8>,
    keeping: bool,
    wanted: W,
}

impl<R: Read, W: Fn(&[String]) -> bool> Scan<R, W> {
    fn value(&mut self, path: &mut Vec<String>, depth: usize) -> Result<(), BadJson> {
        if depth > DEPTH {
            return Err(self.bad("too many objects and arrays in one another"));
        }
        self.space()?;
        match self.peek()? {
            Some(b'{') => self.list(b'}', path, depth),
            Some(b'[') => self.list(b']', path, depth),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => self.word(),
            Some(_) => Err(self.bad("no value")),
            None => Err(self.bad("an end")),
        }
    }

    /// An object or an array, up to the bracket that ends it.
    fn list(&mut self, last: u8, path: &mut Vec<String>, depth: usize) -> Result<(), BadJson> {
        self.take()?;
        self.space()?;
        if self.peek()? == Some(last) {
            return self.take();
        }
        loop {
            if last == b'}' {
                self.member(path, depth)?;
            } else {
                self.value(path, depth + 1)?;
            }
            self.space()?;
            match self.peek()? {
                Some(b',') => self.take()?,
                Some(end) if end == last => return self.take(),
                _ => return Err(self.bad("neither a comma nor the end of a list")),
            }
        }
    }

    fn member(&mut self, path: &mut Vec<String>, depth: usize) -> Result<(), BadJson> {
        self.space()?;
        if self.peek()? != Some(b'"') {
            return Err(self.bad("no name of a member"));
        }
        let from = self.kept.len();
        self.string()?;
        // One that is not to be kept is in something that is not looked into.
        let name = serde_json::from_slice(&self.kept[from..]);
        self.space()?;
        if self.peek()? != Some(b':') {
            return Err(self.bad("no colon behind a name"));
        }
        self.take()?;
        let Some(name) = Some(name).filter(|_| self.keeping) else { return self.value(path, depth + 1) };
        path.push(name.map_err(|_| self.bad("a name that is no text"))?);
        self.space()?;
        if (self.wanted)(path) {
            let begins = self.at;
            self.keeping = false;
            self.value(path, depth + 1)?;
            self.keeping = true;
            let place = format!("[{begins},{}]", self.at - begins);
            self.kept.extend_from_slice(place.as_bytes());
        } else {
            self.value(path, depth + 1)?;
        }
        path.pop();
        Ok(())
    }

    fn string(&mut self) -> Result<(), BadJson> {
        self.take()?;
        loop {
            match self.peek()? {
                None => return Err(self.bad("an end within a text")),
                Some(b'"') => return self.take(),
                Some(b'\\') => {
                    self.take()?;
                    self.take()?;
                }
                Some(_) => self.take()?,
            }
        }
    }

    /// A number, or one of the three words.
    fn word(&mut self) -> Result<(), BadJson> {
        while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E') = self.peek()? {
            self.take()?;
        }
        Ok(())
    }

    fn space(&mut self) -> Result<(), BadJson> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek()? {
            self.next += 1;
            self.at += 1;
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, BadJson> {
        while self.next == self.end {
            match self.from.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(n) => (self.next, self.end) = (0, n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(Some(self.buffer[self.next]))
    }

    /// Goes on by a byte.
    fn take(&mut self) -> Result<(), BadJson> {
        let Some(byte) = self.peek()? else { return Err(self.bad("an end")) };
        if self.keeping {
            if self.kept.len() == MOST {
                return Err(BadJson::TooLarge);
            }
            self.kept.push(byte);
        }
        self.next += 1;
        self.at += 1;
        Ok(())
    }

    fn bad(&self, what: &'static str) -> BadJson {
        BadJson::Malformed { what, at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aside(json: &str, names: &[&str]) -> Result<String, String> {
        let kept = put_aside(json.as_bytes(), 100, |path| path == names).map_err(|e| e.to_string())?;
        Ok(String::from_utf8(kept).unwrap())
    }

    #[test]
    fn values_of_members_are_replaced_by_their_places() {
        for (json, expected) in [
            (r#" { "a" : { "b" : [1, 2 ] , "c":"x y" } } "#, r#"{"a":{"b":[117,7],"c":"x y"}}"#),
            (r#"{"a":{"b":"\"}"},"b":1}"#, r#"{"a":{"b":[110,5]},"b":1}"#),
            (r#"{"a":{"b":{"b":{}}}}"#, r#"{"a":{"b":[110,8]}}"#),
            (r#"{"a":{"\u0062":null}}"#, r#"{"a":{"\u0062":[115,4]}}"#),
            (r#"{"a":[{"b":-1.5E+3}],"c":[true,[]]}"#, r#"{"a":[{"b":[111,7]}],"c":[true,[]]}"#),
            (r#"{"x":{"b":1},"a":1}"#, r#"{"x":{"b":1},"a":1}"#),
            ("7", "7"),
        ] {
            assert_eq!(aside(json, &["a", "b"]).as_deref(), Ok(expected), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        for (json, what) in [
            ("", "an end at byte 100"),
            ("{", "no name of a member at byte 101"),
            (r#"{"a":1"#, "neither a comma"),
            (r#"{"a" 1}"#, "no colon"),
            (r#"{"a":}"#, "no value at byte 105"),
            (r#"{"a":"x"#, "within a text"),
            (r#"{"a":"\"#, "an end"),
            (r#"{"\ud800":1}"#, "a name that is no text"),
            ("1 2", "something follows"),
            ("[1 2]", "neither a comma"),
        ] {
            let found = aside(json, &["a", "b"]).unwrap_err();
            assert!(found.contains(what), "{json}: {found}");
        }
        assert!(aside(&"[".repeat(5000), &[]).unwrap_err().contains("one another"));
    }

    #[test]
    fn what_is_left_is_bounded_and_what_is_put_aside_is_not() {
        let long = "1,".repeat(MOST);
        let json = format!(r#"{{"a":[{long}1]}}"#);
        assert!(matches!(put_aside(json.as_bytes(), 0, |_| false), Err(BadJson::TooLarge)));
        let kept = put_aside(json.as_bytes(), 0, |path| path == ["a"]).unwrap();
        assert_eq!(kept, format!(r#"{{"a":[5,{}]}}"#, long.len() + 3).as_bytes());
    }

    proptest::proptest! {
        #[test]
        fn any_json_is_the_same_without_its_spaces(text in "[\\[\\]{}:,\"a\\\\ 1-]{0,30}") {
            let found = put_aside(text.as_bytes(), 0, |_| false);
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
                let kept = found.map_err(|e| e.to_string());
                proptest::prop_assert!(kept.is_ok(), "{:?}", kept);
                let kept: serde_json::Value = serde_json::from_slice(&kept.unwrap()).unwrap();
                proptest::prop_assert_eq!(kept, value);
            }
        }
    }
}
