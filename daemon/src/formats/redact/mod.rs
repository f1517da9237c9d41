//! Secrets hidden in what leaves this machine.
//!
//! A secret is the value of a field, parameter, member or cookie that is known by its name to carry one, a JSON Web
//! Token, or the password in a URL. It is replaced by a placeholder such as `REDACTED-token-3`, which is the same
//! wherever the same secret stands in one export, and which means nothing special in a URL, a cookie or JSON. What has
//! eight bytes or more is also hidden wherever it recurs verbatim, percent-encoded or as a JSON string, whatever the name
//! beside it; for that, everything is [learned](Redaction::learn) before anything is [hidden](Redaction::hide).
//!
//! - [`names`]: which names carry secrets
//! - [`places`]: where secrets stand in heads, forms, JSON and other text
//! - [`vault`]: the secrets met, their placeholders, and where else they stand
//!
//! Known limits: secrets in formats that are none of these (protobuf, images, archives) are hidden only where they recur
//! verbatim; only the first 65,536 distinct secrets have placeholders of their own, and only 1 MiB of them are looked for
//! elsewhere.

pub mod names;
pub mod places;
pub mod vault;

use bytes::Bytes;
use places::Found;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Read, Write},
};
use vault::Vault;
use waylay_storage::model::{Exchange, Head, Part};

/// What becomes of secrets in an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Secrets {
    /// They are replaced by placeholders.
    #[default]
    Redact,
    /// They stay.
    Keep,
}

/// How many secrets of a kind were hidden in one kind of place. Never what they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// `request head`, `response head`, `url`, `request body`, `response body`, `message`; of collections also `auth`,
    /// `variable`, `script`, `text` (names and descriptions) and `extra` (what is kept of files).
    #[serde(rename = "where")]
    pub place: String,
    /// The kind: `authorization`, `cookie`, `password`, `token`, `key`, `session`, `secret`.
    pub kind: String,
    /// How often.
    pub count: u64,
}

/// Learns and hides the secrets of one export.
#[derive(Default)]
pub struct Redaction {
    vault: Vault,
    counts: BTreeMap<(&'static str, &'static str), u64>,
}

impl Redaction {
    /// Looks for secrets in the heads and the URL of an exchange.
    pub fn learn(&mut self, x: &Exchange) {
        let path = x.path.as_bytes();
        self.remember(path, places::text(path));
        for head in [&x.request_head, &x.sent_head, &x.response_head] {
            self.learn_fields(&Head::parse(head));
        }
        for trailers in [&x.request_trailers, &x.response_trailers] {
            self.learn_fields(&Head::parse_trailers(trailers));
        }
    }

    /// Looks for secrets in a body, decoded, or in a message.
    pub fn learn_body(&mut self, bytes: &[u8]) {
        if std::str::from_utf8(bytes).is_ok() {
            self.remember(bytes, places::text(bytes));
        }
    }

    /// Looks for secrets where they were found.
    pub fn learn_found(&mut self, bytes: &[u8], found: Vec<Found>) {
        self.remember(bytes, found);
    }

    /// Text without the secrets that were found in it, and those that recur; `None` if there are none.
    pub fn hide_found(&mut self, place: &'static str, bytes: &[u8], found: Vec<Found>) -> Option<Vec<u8>> {
        self.apply(place, bytes, found)
    }

    /// Counts a secret that was left out.
    pub fn left_out(&mut self, place: &'static str, kind: &'static str) {
        *self.counts.entry((place, kind)).or_default() += 1;
    }

    /// Ends the learning.
    pub fn ready(&mut self) {
        self.vault.seal();
    }

    /// Hides secrets in the heads, the URL and the failure of an exchange.
    pub fn hide(&mut self, x: &mut Exchange) {
        if let Some(hidden) = self.apply("url", x.path.as_bytes(), places::text(x.path.as_bytes())) {
            x.path = String::from_utf8_lossy(&hidden).into_owned();
        }
        let before = self.counts.clone();
        self.hide_head("request head", &mut x.request_head);
        // What was sent is the same head once more: only what it has beyond that counts.
        let received = std::mem::replace(&mut self.counts, before);
        self.hide_head("request head", &mut x.sent_head);
        for (what, count) in received {
            let sent = self.counts.entry(what).or_default();
            *sent = count.max(*sent);
        }
        self.hide_head("response head", &mut x.response_head);
        self.hide_head("request head", &mut x.request_trailers);
        self.hide_head("response head", &mut x.response_trailers);
        if let Some(failure) = &mut x.failure
            && let Some(hidden) = self.apply("response head", failure.message.as_bytes(), Vec::new())
        {
            failure.message = String::from_utf8_lossy(&hidden).into_owned();
        }
    }

    fn hide_head(&mut self, place: &'static str, head: &mut Bytes) {
        if let Some(hidden) = self.head(place, head) {
            *head = hidden.into();
        }
    }

    /// A decoded body without its secrets; `None` if there are none.
    pub fn body(&mut self, part: Part, bytes: &[u8]) -> Option<Vec<u8>> {
        self.any(body_of(part), bytes)
    }

    /// The payload of a message without its secrets; `None` if there are none.
    pub fn message(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.any("message", bytes)
    }

    /// Copies a body that is too big to be held, and hides secrets that recur in it verbatim.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn copy(&mut self, part: Part, mut from: impl Read, mut to: impl Write) -> io::Result<()> {
        let counts = &mut self.counts;
        self.vault.copy(&mut from, &mut to, |kind| *counts.entry((body_of(part), kind)).or_default() += 1)
    }

    /// What was hidden so far.
    pub fn hidden(&self) -> Vec<Hidden> {
        let one = |((place, kind), count): (&(&str, &str), &u64)| Hidden {
            place: (*place).to_owned(),
            kind: (*kind).to_owned(),
            count: *count,
        };
        self.counts.iter().map(one).collect()
    }

    fn learn_fields(&mut self, head: &Head) {
        for field in &head.fields {
            self.remember(&field.value, places::field(&field.name, &field.value));
        }
    }

    fn remember(&mut self, bytes: &[u8], found: Vec<Found>) {
        for found in found {
            for value in found.values(bytes) {
                self.vault.remember(found.kind, &value);
            }
        }
    }

    fn any(&mut self, place: &'static str, bytes: &[u8]) -> Option<Vec<u8>> {
        let found = if std::str::from_utf8(bytes).is_ok() { places::text(bytes) } else { Vec::new() };
        self.apply(place, bytes, found)
    }

    /// A head or a trailer section, line by line; what is not a secret stays byte for byte.
    fn head(&mut self, place: &'static str, head: &Bytes) -> Option<Vec<u8>> {
        let (mut out, mut changed) = (Vec::with_capacity(head.len()), false);
        for line in head.split_inclusive(|b| *b == b'\n') {
            let end = line.len() - line.iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            let (text, line_end) = line.split_at(end);
            let found = match memchr::memchr(b':', text) {
                Some(colon) if !out.is_empty() || place_is_field(text) => {
                    let from = colon + 1 + text[colon + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
                    let found = places::field(&text[..colon], &text[from..]);
                    found.into_iter().map(|found| found.moved(from)).collect()
                }
                _ => places::text(text),
            };
            let hidden = self.apply(place, text, found);
            changed |= hidden.is_some();
            out.extend_from_slice(&hidden.map_or(Cow::Borrowed(text), Cow::Owned));
            out.extend_from_slice(line_end);
        }
        changed.then_some(out)
    }

    /// Puts placeholders into the places found, and wherever else a known secret stands.
    fn apply(&mut self, place: &'static str, bytes: &[u8], found: Vec<Found>) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (mut at, mut changed) = (0, false);
        let counts = &mut self.counts;
        let mut count = |kind| *counts.entry((place, kind)).or_default() += 1;
        for found in found {
            let value = found.value(bytes);
            if found.range.start < at || value.is_empty() || vault::is_placeholder(&value) {
                continue;
            }
            self.vault.replace(&bytes[at..found.range.start], &mut out, &mut count);
            out.extend_from_slice(self.vault.placeholder(found.kind, &value).as_bytes());
            count(found.kind);
            (at, changed) = (found.range.end, true);
        }
        changed |= self.vault.replace(&bytes[at..], &mut out, &mut count);
        changed.then_some(out)
    }
}

fn body_of(part: Part) -> &'static str {
    match part {
        Part::Request => "request body",
        Part::Response => "response body",
    }
}

/// A first line is no field: a method or a version stands before its first space, which comes before any colon.
fn place_is_field(line: &[u8]) -> bool {
    let space = memchr::memchr(b' ', line).unwrap_or(line.len());
    memchr::memchr(b':', line).is_some_and(|colon| colon < space)
}

#[cfg(test)]
mod tests;
