//! "What to record", read once into a form that is quick to ask. It never changes what passes.
//!
//! Within a list any entry will do; all lists must agree; an empty list asks for nothing. What each kind of row is asked:
//!
//! - requests (HTTP, WebSockets, event streams, gRPC): method, host and URL when their head has come; status and media
//!   type when the head of the response has. One that fails before that is judged by the word `failed` among the
//!   statuses, and by no type;
//! - tunnels that are relayed unread: method `CONNECT`, host, URL `tcp://host:port`. They have neither status nor type:
//!   rules on these leave them out;
//! - failures before any request (TLS, a tunnel that leads nowhere, pinning): host, and `failed` among the statuses.

use crate::config::{Host, HostPattern};
use regex::bytes::{RegexBuilder, RegexSet, RegexSetBuilder};
use std::{borrow::Cow, ops::RangeInclusive};
use waylay_storage::model::{Kind, Omitted, RecordingRules, Scheme};

/// Entries of a list.
const ENTRIES: usize = 100;
/// Length of an entry, bytes.
const LENGTH: usize = 1000;
/// What the regular expressions of a list may take, bytes. The engine takes linear time, whatever they are.
const SIZE: usize = 1 << 20;
/// Of a URL so much is looked at, bytes.
const LOOKED_AT: usize = 16 << 10;
/// Among the statuses: requests that failed before there was one.
const FAILED: &str = "failed";
/// Among the types: responses that name none.
const NONE: &str = "none";

/// What a session records.
#[derive(Debug)]
pub struct Policy {
    methods: Vec<String>,
    hosts: Vec<HostPattern>,
    contains: Option<RegexSet>,
    excludes: Option<RegexSet>,
    status: Vec<RangeInclusive<u16>>,
    failed: bool,
    any_status: bool,
    types: Vec<String>,
    save_responses: bool,
    capture_cookies: bool,
    media: bool,
}

/// An entry that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: '{shown}' {why}", shown = shown(entry))]
pub struct BadRule {
    /// The list it stands in.
    pub field: &'static str,
    /// The entry as it was given.
    pub entry: String,
    /// What is wrong with it.
    pub why: String,
}

/// What is asked about an exchange when its request has come.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What it stands for.
    pub kind: Kind,
    /// Method.
    pub method: &'a str,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host without brackets.
    pub host: &'a str,
    /// Port.
    pub port: u16,
    /// Path and query.
    pub path: &'a str,
}

impl Policy {
    /// Reads rules.
    ///
    /// # Errors
    /// [`BadRule`] for the first entry that is none.
    pub fn new(rules: &RecordingRules) -> Result<Self, BadRule> {
        let lists = [
            ("methods", &rules.methods),
            ("status", &rules.status),
            ("hosts", &rules.hosts),
            ("url_contains", &rules.url_contains),
            ("url_excludes", &rules.url_excludes),
            ("content_types", &rules.content_types),
        ];
        for (field, entries) in lists {
            check(field, entries)?;
        }
        let status = rules.status.iter().filter(|entry| *entry != FAILED);
        Ok(Self {
            methods: rules.methods.iter().map(|entry| method(entry)).collect::<Result<_, _>>()?,
            hosts: rules.hosts.iter().map(|entry| host(entry)).collect::<Result<_, _>>()?,
            contains: urls("url_contains", &rules.url_contains)?,
            excludes: urls("url_excludes", &rules.url_excludes)?,
            status: status.map(|entry| self::status(entry)).collect::<Result<_, _>>()?,
            failed: rules.status.is_empty() || rules.status.iter().any(|entry| entry == FAILED),
            any_status: rules.status.is_empty(),
            types: rules.content_types.iter().map(|entry| media_type(entry)).collect::<Result<_, _>>()?,
            save_responses: rules.save_responses,
            capture_cookies: rules.capture_cookies,
            media: rules.media,
        })
    }

    /// What is recorded unless somebody says otherwise.
    pub fn usual() -> Self {
        Self { media: false, ..Self::everything() }
    }

    /// Of what is sent from here, everything is recorded, the bodies of responses only if they are to be saved.
    pub fn sent(save_responses: bool) -> Self {
        Self { save_responses, ..Self::everything() }
    }

    /// Nothing is left out.
    pub fn everything() -> Self {
        Self {
            methods: Vec::new(),
            hosts: Vec::new(),
            contains: None,
            excludes: None,
            status: Vec::new(),
            failed: true,
            any_status: true,
            types: Vec::new(),
            save_responses: true,
            capture_cookies: true,
            media: true,
        }
    }

    /// Whether an exchange may get a row, as far as its request tells.
    pub fn wants_request(&self, asked: &Asked<'_>) -> bool {
        let requests = !matches!(asked.kind, Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned);
        if !requests {
            return self.failed && self.wants_host(asked);
        }
        if asked.kind == Kind::Tunnel && !(self.any_status && self.types.is_empty()) {
            return false;
        }
        let method = self.methods.is_empty() || self.methods.iter().any(|m| m.eq_ignore_ascii_case(asked.method));
        method && self.wants_host(asked) && self.wants_url(asked)
    }

    /// Whether it keeps its row, as the head of its response tells.
    pub fn wants_response(&self, status: u16, content_type: Option<&[u8]>) -> bool {
        let status_fits = self.any_status || self.status.iter().any(|range| range.contains(&status));
        // What comes after a 101 has no type.
        status_fits && (status == 101 || self.wants_type(content_type))
    }

    /// Whether a request keeps its row that failed before there was a response.
    pub fn wants_failure(&self) -> bool {
        self.failed
    }

    /// What is not stored of a response of this type. Of cookies it is said whether they would be.
    pub fn omitted(&self, content_type: Option<&[u8]>) -> Omitted {
        let response = !self.save_responses;
        let media = !response && !self.media && content_type.is_some_and(is_media);
        Omitted { media, response, cookies: false }
    }

    /// Whether cookies are looked at.
    pub fn captures_cookies(&self) -> bool {
        self.capture_cookies
    }

    fn wants_host(&self, asked: &Asked<'_>) -> bool {
        if self.hosts.is_empty() {
            return true;
        }
        let Some(host) = Host::read(asked.host) else { return false };
        self.hosts.iter().any(|pattern| pattern.matches(&host, asked.port))
    }

    fn wants_url(&self, asked: &Asked<'_>) -> bool {
        if self.contains.is_none() && self.excludes.is_none() {
            return true;
        }
        let mut url = url(asked).into_bytes();
        url.truncate(LOOKED_AT);
        let matches = |set: &RegexSet| set.is_match(&url);
        self.contains.as_ref().is_none_or(matches) && !self.excludes.as_ref().is_some_and(matches)
    }

    fn wants_type(&self, content_type: Option<&[u8]>) -> bool {
        if self.types.is_empty() {
            return true;
        }
        let found = content_type.map(essence).filter(|found| !found.is_empty());
        self.types.iter().any(|wanted| match &found {
            None => wanted == NONE,
            Some(found) => found.contains(wanted.as_str()),
        })
    }
}

/// The whole URL, as lists show it: with the port only where it is not the scheme's own.
fn url(asked: &Asked<'_>) -> String {
    let host = if asked.host.contains(':') { format!("[{}]", asked.host) } else { asked.host.to_owned() };
    let own = match asked.scheme {
        Scheme::Http => asked.port == 80,
        Scheme::Https => asked.port == 443,
        Scheme::Tcp => false,
    };
    let port = if own { String::new() } else { format!(":{}", asked.port) };
    format!("{}://{host}{port}{}", asked.scheme, asked.path)
}

/// The media type without parameters, lower case (RFC 9110, 8.3).
fn essence(content_type: &[u8]) -> Cow<'_, str> {
    let end = content_type.iter().position(|b| *b == b';').unwrap_or(content_type.len());
    let essence = String::from_utf8_lossy(content_type[..end].trim_ascii());
    if essence.bytes().any(|b| b.is_ascii_uppercase()) { essence.to_ascii_lowercase().into() } else { essence }
}

/// Images, audio and video. Source: Postman, "Control a proxy session", Type.
fn is_media(content_type: &[u8]) -> bool {
    let value = content_type.trim_ascii_start();
    [&b"image/"[..], b"audio/", b"video/"]
        .iter()
        .any(|kind| value.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)))
}

fn check(field: &'static str, entries: &[String]) -> Result<(), BadRule> {
    if let Some(extra) = entries.get(ENTRIES) {
        return Err(bad(field, extra, format!("is one too many: {ENTRIES} are allowed")));
    }
    for entry in entries {
        if entry.trim().is_empty() {
            return Err(bad(field, entry, "is empty"));
        }
        if entry.len() > LENGTH {
            return Err(bad(field, entry, format!("has {} bytes: {LENGTH} are allowed", entry.len())));
        }
    }
    Ok(())
}

fn bad(field: &'static str, entry: &str, why: impl Into<String>) -> BadRule {
    BadRule { field, entry: entry.to_owned(), why: why.into() }
}

fn method(entry: &str) -> Result<String, BadRule> {
    match http::Method::from_bytes(entry.trim().as_bytes()) {
        Ok(method) => Ok(method.as_str().to_owned()),
        Err(_) => Err(bad("methods", entry, "is not a method: write a word such as GET")),
    }
}

fn host(entry: &str) -> Result<HostPattern, BadRule> {
    entry.trim().parse().map_err(|e: crate::config::BadPattern| bad("hosts", entry, e.why()))
}

fn status(entry: &str) -> Result<RangeInclusive<u16>, BadRule> {
    let text = entry.trim().to_ascii_lowercase();
    let range = match text.strip_suffix("xx") {
        Some(class) => class.parse().ok().filter(|class| (1..=9).contains(class)).map(|c: u16| c * 100..=c * 100 + 99),
        None => text.parse().ok().filter(|status| (100..=999).contains(status)).map(|status| status..=status),
    };
    let digits = text.bytes().next().is_some_and(|b| b.is_ascii_digit());
    let why = "is not a status: write one such as 404, a class such as 5xx, or failed for requests without an answer";
    range.filter(|_| digits).ok_or_else(|| bad("status", entry, why))
}

fn media_type(entry: &str) -> Result<String, BadRule> {
    let text = entry.trim().to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+/*".contains(&b);
    if text.bytes().all(plain) && !text.contains('*') {
        return Ok(text);
    }
    Err(bad("content_types", entry, "is not a part of a media type: write json, text/html or image/"))
}

/// Texts and regular expressions as one automaton.
fn urls(field: &'static str, entries: &[String]) -> Result<Option<RegexSet>, BadRule> {
    if entries.is_empty() {
        return Ok(None);
    }
    let mut patterns = Vec::with_capacity(entries.len());
    for entry in entries {
        let pattern = pattern(entry);
        let compiled = RegexBuilder::new(&pattern).unicode(false).size_limit(SIZE).build();
        compiled.map_err(|error| bad(field, entry, explain(&error)))?;
        patterns.push(pattern);
    }
    let set = RegexSetBuilder::new(patterns).unicode(false).size_limit(SIZE).dfa_size_limit(SIZE).build();
    let last = entries.last().map_or("", String::as_str);
    set.map(Some).map_err(|_| bad(field, last, "makes the list too large: use fewer or simpler expressions"))
}

/// `/expression/` and `/expression/i` are regular expressions; anything else is text, without regard to case.
fn pattern(entry: &str) -> String {
    let expression = entry.strip_prefix('/').and_then(|rest| {
        let (inner, sensitive) = match rest.strip_suffix("/i") {
            Some(inner) => (inner, false),
            None => (rest.strip_suffix('/')?, true),
        };
        // `/a/` is an expression; a path of one name is written `/a`, and one that ends with a slash `\/a\/`'s text.
        (!inner.is_empty()).then_some((inner, sensitive))
    });
    match expression {
        Some((inner, true)) => format!("(?:{inner})"),
        Some((inner, false)) => format!("(?i:{inner})"),
        None => format!("(?i:{})", regex::escape(entry)),
    }
}

fn explain(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "is too large a regular expression: use fewer or smaller repetitions".into(),
        // The last line says what is wrong; those before draw where.
        other => {
            let text = other.to_string();
            let line = text.lines().last().unwrap_or_default();
            format!("is not a regular expression: {}", line.strip_prefix("error: ").unwrap_or(line))
        }
    }
}

fn shown(entry: &str) -> String {
    let mut shown: String = entry.chars().take(80).flat_map(char::escape_debug).collect();
    if entry.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
