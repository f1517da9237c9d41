//! Where secrets stand: in the values of header fields, behind names in forms, URLs and JSON, and by what they look like.
//!
//! Text is not parsed but searched, so that a form in a message, JSON in a string of JSON, an event stream and a page with
//! scripts are all understood as far as they need be. Nothing here fails, and the work is linear but for bounded steps.

use super::names::kind;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{borrow::Cow, ops::Range};

/// A secret, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What kind it is of.
    pub kind: &'static str,
    /// The bytes to be replaced.
    pub range: Range<usize>,
    written: Written,
}

/// How it is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Plain,
    Percent,
    /// Within so many strings of JSON.
    Json(u32),
    /// Base64 of `user:password`.
    Basic,
}

/// How far a name may lie before its mark, bytes.
const NAME: usize = 128;

impl Found {
    fn new(kind: &'static str, range: Range<usize>, written: Written) -> Self {
        Self { kind, range, written }
    }

    /// The same, in something that begins `by` bytes earlier.
    pub fn moved(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }

    /// The secret itself, free of how it is written there.
    pub fn value<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = &bytes[self.range.clone()];
        match self.written {
            Written::Plain | Written::Basic => Cow::Borrowed(raw),
            Written::Percent => percent_decoded(raw),
            Written::Json(depth) => (0..depth).fold(Cow::Borrowed(raw), |text, _| unescaped(text)),
        }
    }

    /// The secret, and those within it.
    pub fn values<'a>(&self, bytes: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        let value = self.value(bytes);
        let mut values = vec![value.clone()];
        if self.written == Written::Basic
            && let Ok(pair) = BASE64_STANDARD.decode(&value[..])
            && let Some(colon) = memchr::memchr(b':', &pair)
        {
            values.push(Cow::Owned(pair[colon + 1..].to_vec()));
        }
        values
    }
}

/// The secrets in the value of a header field.
pub fn field(name: &[u8], value: &[u8]) -> Vec<Found> {
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    if is("authorization") || is("proxy-authorization") {
        let scheme = memchr::memchr(b' ', value).map_or(0, |space| space + 1);
        let basic = value[..scheme].eq_ignore_ascii_case(b"basic ");
        let from = scheme + value[scheme..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let written = if basic { Written::Basic } else { Written::Plain };
        return vec![Found::new("authorization", from..value.len(), written)];
    }
    if is("cookie") || is("cookie2") {
        let mut at = 0;
        let pairs = value.split(|b| *b == b';').map(|pair| {
            let from = at;
            at += pair.len() + 1;
            cookie(pair).moved(from)
        });
        return pairs.collect();
    }
    if is("set-cookie") || is("set-cookie2") {
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        return vec![cookie(&value[..end])];
    }
    match kind(name) {
        Some(kind) => vec![Found::new(kind, 0..value.len(), Written::Plain)],
        None => text(value),
    }
}

/// `name=value`; a cookie without a name is all value (RFC 6265bis, 5.6).
fn cookie(pair: &[u8]) -> Found {
    let from = memchr::memchr(b'=', pair).map_or(0, |equals| equals + 1);
    let value = &pair[from..];
    let from = from + value.iter().take_while(|b| b.is_ascii_whitespace() || **b == b'"').count();
    let end = pair.trim_ascii_end().len();
    let end = if pair[..end].ends_with(b"\"") { end - 1 } else { end };
    Found::new("cookie", from.min(end)..end, Written::Plain)
}

/// The secrets in the value of a parameter, a member or a variable, by its name.
pub fn named(name: &str, value: &[u8]) -> Vec<Found> {
    match kind(name.as_bytes()).or_else(|| in_query(name.as_bytes(), value.len())) {
        Some(kind) => whole(kind, value),
        None => text(value),
    }
}

/// A value that is a secret as a whole.
pub fn whole(kind: &'static str, value: &[u8]) -> Vec<Found> {
    vec![Found::new(kind, 0..value.len(), Written::Plain)]
}

/// The secrets in any text, in order and apart.
pub fn text(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    pairs(bytes, &mut found);
    members(bytes, &mut found);
    parts(bytes, &mut found);
    tokens(bytes, &mut found);
    passwords(bytes, &mut found);
    found.sort_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end)));
    let mut reached = 0;
    found.retain(|f| {
        let apart = f.range.start >= reached && !f.range.is_empty();
        reached = if apart { f.range.end } else { reached };
        apart
    });
    found
}

/// `name=value` of a query or a form.
fn pairs(bytes: &[u8], found: &mut Vec<Found>) {
    for equals in memchr::memchr_iter(b'=', bytes) {
        let from = equals.saturating_sub(NAME);
        let in_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%' | b'[' | b']' | b'+');
        let length = bytes[from..equals].iter().rev().take_while(|b| in_name(b)).count();
        let name = &bytes[equals - length..equals];
        let before = equals.checked_sub(length + 1).map(|at| bytes[at]);
        let begins = before.is_none_or(|b| matches!(b, b'?' | b'&' | b'#' | b';' | b'"' | b'\'' | b'\n' | b' '));
        if length == 0 || !begins {
            continue;
        }
        let rest = &bytes[equals + 1..];
        let ends =
            |b: &u8| matches!(b, b'&' | b';' | b'"' | b'\'' | b'<' | b'>' | b'#' | b'\\') || b.is_ascii_whitespace();
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        let query = matches!(before, Some(b'?' | b'&' | b'#'));
        let kind = kind(&percent_decoded(name)).or_else(|| in_query(name, end).filter(|_| query));
        if let Some(kind) = kind {
            found.push(Found::new(kind, equals + 1..equals + 1 + end, Written::Percent));
        }
    }
}

/// Names that carry secrets in URLs alone: API keys, and the codes of OAuth (RFC 6749, 4.1.2).
fn in_query(name: &[u8], length: usize) -> Option<&'static str> {
    match name {
        b"key" if length >= 16 => Some("key"),
        b"code" if length >= 12 => Some("token"),
        _ => None,
    }
}

/// `"name": "value"` of JSON, also where it stands in a string of JSON; a number; or all strings and numbers of an object
/// or an array.
fn members(bytes: &[u8], found: &mut Vec<Found>) {
    let mut reached = 0;
    for colon in memchr::memchr_iter(b':', bytes) {
        if colon < reached {
            continue;
        }
        let before = bytes[..colon].trim_ascii_end();
        let Some(quoted) = before.strip_suffix(b"\"") else { continue };
        let slashes = trailing_slashes(quoted);
        let name = &quoted[..quoted.len() - slashes];
        let name = &name[name.len().saturating_sub(NAME)..];
        let Some(open) = memchr::memrchr(b'"', name) else { continue };
        let Some(kind) = kind(&name[open + 1..]) else { continue };
        let from = colon + 1 + bytes[colon + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        reached = values(bytes, from, slashes, kind, found);
    }
}

/// The strings and numbers of one value, which begins at `at`. Answers where it ends.
fn values(bytes: &[u8], mut at: usize, slashes: usize, kind: &'static str, found: &mut Vec<Found>) -> usize {
    let (mut open, begun) = (0u32, at);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            b'"' | b'\\' => {
                let Some(start) = bytes[at..].iter().position(|b| *b != b'\\').map(|n| at + n) else { return at };
                if bytes[start] != b'"' || start - at != slashes {
                    return at;
                }
                let end = closing(bytes, start + 1, slashes);
                let after = (end + slashes + 1).min(bytes.len());
                let next = bytes[after..].trim_ascii_start().first();
                // A name within an object is no value.
                if open == 0 || next != Some(&b':') {
                    found.push(Found::new(kind, start + 1..end, Written::Json(depth(slashes))));
                }
                at = after;
                if open == 0 {
                    return at;
                }
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let digits = |b: &&u8| matches!(**b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes[at..].iter().take_while(digits).count();
                found.push(Found::new(kind, at..end, Written::Plain));
                at = end;
                if open == 0 {
                    return at;
                }
                continue;
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => {}
            b't' | b'f' | b'n' | b'r' | b'u' | b'e' | b'a' | b'l' | b's' if open > 0 => {}
            _ => return at,
        }
        at += 1;
        if open == 0 {
            return at.max(begun);
        }
    }
    at
}

/// Where the string that begins at `from` ends, whose quotes have so many backslashes before them.
fn closing(bytes: &[u8], from: usize, slashes: usize) -> usize {
    for at in memchr::memchr_iter(b'"', &bytes[from..]).map(|n| from + n) {
        let found = trailing_slashes(&bytes[from..at]);
        // An escaped quote within has more; the end of the string around it has fewer.
        if found < slashes || found % (2 * (slashes + 1)) == slashes {
            return at - found.min(slashes);
        }
    }
    bytes.len()
}

fn trailing_slashes(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|b| **b == b'\\').count()
}

/// 0, 1, 3, 7 … backslashes: within 1, 2, 3, 4 … strings.
fn depth(slashes: usize) -> u32 {
    (slashes + 1).ilog2() + 1
}

/// `name="…"` of `multipart/form-data`, whose value follows after an empty line.
fn parts(bytes: &[u8], found: &mut Vec<Found>) {
    for at in memchr::memmem::find_iter(bytes, b"form-data; name=\"") {
        let name = &bytes[at + 17..];
        let Some(quote) = memchr::memchr(b'"', &name[..name.len().min(NAME)]) else { continue };
        let Some(kind) = kind(&name[..quote]) else { continue };
        let Some(empty) = memchr::memmem::find(&name[..name.len().min(1024)], b"\r\n\r\n") else { continue };
        let from = at + 17 + empty + 4;
        let end = memchr::memmem::find(&bytes[from..], b"\r\n--").map_or(bytes.len(), |n| from + n);
        found.push(Found::new(kind, from..end, Written::Plain));
    }
}

/// JSON Web Tokens (RFC 7519): three parts in base64url, the first of which is an object.
fn tokens(bytes: &[u8], found: &mut Vec<Found>) {
    let mut reached = 0;
    for at in memchr::memmem::find_iter(bytes, b"eyJ") {
        if at < reached {
            continue;
        }
        let in_token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'-' | b'_' | b'.');
        let end = at + bytes[at..].iter().take_while(in_token).count();
        let dots = memchr::memchr_iter(b'.', &bytes[at..end]).count();
        reached = end;
        if dots >= 2 && end - at >= 30 {
            found.push(Found::new("token", at..end, Written::Plain));
        }
    }
}

/// `://user:password@`.
fn passwords(bytes: &[u8], found: &mut Vec<Found>) {
    for at in memchr::memmem::find_iter(bytes, b"://") {
        let authority = &bytes[at + 3..(at + 3 + 1024).min(bytes.len())];
        let ends = |b: &u8| matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>') || b.is_ascii_whitespace();
        let authority = &authority[..authority.iter().position(ends).unwrap_or(authority.len())];
        let Some(end) = memchr::memrchr(b'@', authority) else { continue };
        let Some(colon) = memchr::memchr(b':', &authority[..end]) else { continue };
        found.push(Found::new("password", at + 3 + colon + 1..at + 3 + end, Written::Percent));
    }
}

fn percent_decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'%', b'+', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let pair = [b"v=", bytes].concat();
    let decoded = url::form_urlencoded::parse(&pair).next().map(|(_, value)| value.into_owned().into_bytes());
    decoded.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

fn unescaped(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', &text).is_none() {
        return text;
    }
    let quoted = [b"\"", &text[..], b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text.into_bytes()),
        Err(_) => text,
    }
}
