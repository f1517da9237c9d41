//! The secrets met in one export.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    io::{self, Read, Write},
};

/// Shorter secrets are hidden only where they were found: elsewhere such text may be anything.
const SHORTEST: usize = 8;
/// Longer ones as well. Bytes.
const LONGEST: usize = 8 << 10;
/// So many distinct secrets get placeholders of their own.
const NUMBERED: usize = 65_536;
/// So many bytes of secrets, in all the ways they can be written, are looked for elsewhere.
const SOUGHT: usize = 1 << 20;

/// How every placeholder begins.
const MARK: &str = "REDACTED-";

/// Secrets and their placeholders. What it keeps is bounded.
#[derive(Default)]
pub struct Vault {
    numbers: HashMap<[u8; 16], u32>,
    /// Kinds and placeholders, by number.
    placeholders: Vec<(&'static str, String)>,
    /// The last number of each kind.
    last: HashMap<&'static str, u32>,
    sought: Vec<(Vec<u8>, u32)>,
    sought_bytes: usize,
    finder: Option<AhoCorasick>,
}

/// Whether text is what stands in a secret's place already: a placeholder, or the name of a variable.
pub fn is_placeholder(value: &[u8]) -> bool {
    value.starts_with(MARK.as_bytes()) || value.starts_with(b"{{") && value.ends_with(b"}}")
}

impl Vault {
    /// Takes a secret in.
    pub fn remember(&mut self, kind: &'static str, value: &[u8]) {
        if value.is_empty() || is_placeholder(value) {
            return;
        }
        let before = self.placeholders.len();
        let Some(number) = self.number(kind, value) else { return };
        if self.placeholders.len() == before || !(SHORTEST..=LONGEST).contains(&value.len()) {
            return;
        }
        for form in forms(value) {
            if self.sought_bytes + form.len() <= SOUGHT {
                self.sought_bytes += form.len();
                self.sought.push((form, number));
            }
        }
    }

    /// Ends the taking in: from here on they are looked for.
    pub fn seal(&mut self) {
        let forms = || self.sought.iter().map(|(form, _)| form);
        // Bounded input of plain bytes: this cannot fail.
        self.finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms())
            .ok()
            .filter(|_| !self.sought.is_empty());
    }

    /// What stands in a secret's place.
    pub fn placeholder(&mut self, kind: &'static str, value: &[u8]) -> String {
        match self.number(kind, value) {
            Some(number) => self.placeholders[number as usize].1.clone(),
            None => format!("{MARK}{kind}-more"),
        }
    }

    /// Copies bytes, with placeholders for the secrets in them. `count` is told the kind of each; `true` if there was one.
    pub fn replace(&self, bytes: &[u8], out: &mut Vec<u8>, count: &mut impl FnMut(&'static str)) -> bool {
        let Some(finder) = &self.finder else {
            out.extend_from_slice(bytes);
            return false;
        };
        let mut at = 0;
        for found in finder.find_iter(bytes) {
            let (kind, placeholder) = &self.placeholders[self.sought[found.pattern().as_usize()].1 as usize];
            out.extend_from_slice(&bytes[at..found.start()]);
            out.extend_from_slice(placeholder.as_bytes());
            count(kind);
            at = found.end();
        }
        out.extend_from_slice(&bytes[at..]);
        at > 0
    }

    /// [`replace`](Self::replace) for bytes that are too many to be held.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn copy(
        &self,
        from: &mut impl Read,
        to: &mut impl Write,
        mut count: impl FnMut(&'static str),
    ) -> io::Result<()> {
        if self.sought.is_empty() {
            return io::copy(from, to).map(drop);
        }
        // Streams can be searched for the match that ends first alone.
        let finder = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(self.sought.iter().map(|(form, _)| form))
            .map_err(io::Error::other)?;
        finder.try_stream_replace_all_with(from, to, |found, _, to| {
            let (kind, placeholder) = &self.placeholders[self.sought[found.pattern().as_usize()].1 as usize];
            count(kind);
            to.write_all(placeholder.as_bytes())
        })
    }

    /// A secret's number, a new one if it is new; `None` if there are too many.
    fn number(&mut self, kind: &'static str, value: &[u8]) -> Option<u32> {
        // Collisions of 128 bits are not to be found.
        let mut key = [0; 16];
        key.copy_from_slice(&Sha256::digest(value)[..16]);
        if let Some(number) = self.numbers.get(&key) {
            return Some(*number);
        }
        let number = u32::try_from(self.placeholders.len()).ok().filter(|n| (*n as usize) < NUMBERED)?;
        let last = self.last.entry(kind).or_default();
        *last += 1;
        self.placeholders.push((kind, format!("{MARK}{kind}-{last}")));
        self.numbers.insert(key, number);
        Some(number)
    }
}

/// The ways a secret can be written: as it is, percent-encoded in two manners, as a JSON string.
fn forms(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec()];
    let form: String = url::form_urlencoded::byte_serialize(value).collect();
    let component = form.replace('+', "%20");
    let lower = component.to_ascii_lowercase();
    let json = std::str::from_utf8(value).ok().and_then(|text| serde_json::to_string(text).ok());
    let json = json.map(|json| json[1..json.len() - 1].to_owned());
    let lower = (!value.iter().any(u8::is_ascii_uppercase)).then_some(lower);
    for other in [Some(form), Some(component), lower, json].into_iter().flatten() {
        if !forms.contains(&other.clone().into_bytes()) {
            forms.push(other.into_bytes());
        }
    }
    forms
}
