//! Where a request goes, and what stands in its request line.

pub mod encode;
mod place;
#[cfg(test)]
mod tests;

use super::{
    Draft, Field, Problem,
    draft::{Auth, KeyPlace},
    problem::shown,
};
use encode::encoded;
use std::{borrow::Cow, fmt, path::PathBuf};

/// Longest path with its query that can be sent, bytes.
pub const MAX_PATH: usize = 65_534;

/// Where a request goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Whether TLS is spoken.
    pub scheme: Scheme,
    /// Name in Punycode or address, lower case, without brackets; `localhost` for a Unix socket.
    pub host: String,
    /// The port, the scheme's own if none is written.
    pub port: u16,
    /// Path and query as they are sent, without a fragment. Begins with `/`.
    pub path: String,
    /// The Unix socket to connect to, instead of host and port.
    pub unix: Option<PathBuf>,
    /// What stands before `@`.
    pub userinfo: Option<Userinfo>,
}

/// A user name and password in a URL, decoded. Sent as Basic authentication if nothing else is.
#[derive(Clone, PartialEq, Eq)]
pub struct Userinfo {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

/// Where a draft, whose variables are resolved, goes. The list of the query, if there is one, stands for that of the URL;
/// an API key that is a parameter comes last. With `encode` what cannot stand in a URL is percent-encoded by Postman's
/// table, else all is sent as it is written.
///
/// # Errors
/// If the URL leads nowhere, or holds what cannot be sent as it is written.
pub fn target(draft: &Draft, encode: bool) -> Result<Target, Problem> {
    let text = draft.url.trim();
    if text.is_empty() {
        return Err(bad("The request has no URL.".into(), "Type where it goes, such as https://example.org/path."));
    }
    // The list may hold what the text shows behind `?`: a fragment is cut off the text alone.
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let (text, query) = text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)));
    let (scheme, rest) = place::scheme(text)?;
    let (place, path) = place::place(scheme, rest)?;
    let mut sent = sent_path(path, &draft.path_variables, encode);
    for (number, parameter) in parameters(draft, query, encode).enumerate() {
        sent.push(if number == 0 { '?' } else { '&' });
        sent.push_str(&parameter);
    }
    check(&sent)?;
    Ok(Target { path: sent, ..place })
}

/// The path with the values of its variables.
fn sent_path(path: &str, variables: &[Field], encode: bool) -> String {
    let mut sent = String::with_capacity(path.len() + 1);
    for segment in path.strip_prefix(['/', '\\']).unwrap_or(path).split('/') {
        sent.push('/');
        let value = segment.strip_prefix(':').and_then(|name| {
            variables.iter().rev().find(|variable| !variable.disabled && !name.is_empty() && variable.key == name)
        });
        match value {
            Some(variable) if encode => sent.push_str(&encoded(&variable.value, encode::PATH)),
            Some(variable) => sent.push_str(&variable.value),
            None if encode => sent.push_str(&encoded(&segment.replace('\\', "/"), encode::PATH)),
            None => sent.push_str(segment),
        }
    }
    sent
}

/// The parameters in the order in which they are sent.
fn parameters<'a>(draft: &'a Draft, typed: Option<&'a str>, encode: bool) -> impl Iterator<Item = Cow<'a, str>> {
    let typed = if draft.query.is_none() { typed } else { None };
    let listed = draft.query.iter().flatten().filter(|field| field.is_sent());
    let key = match &draft.auth {
        Auth::Apikey { key, value, place: KeyPlace::Query } if !key.is_empty() => Some((key.as_str(), value.as_str())),
        _ => None,
    };
    let typed = typed.map(move |query| if encode { encoded(query, encode::QUERY) } else { query.into() });
    // A parameter may come without a value, and then without `=`: so it was in the file it was read from.
    let is_bare = |field: &Field| field.extra.get("value").is_some_and(serde_json::Value::is_null);
    let listed = listed.map(move |field| (field.key.as_str(), Some(field.value.as_str()).filter(|_| !is_bare(field))));
    let listed = listed.chain(key.map(|(key, value)| (key, Some(value))));
    typed.into_iter().chain(listed.map(move |(key, value)| {
        let written = |text: &'a str, set| if encode { encoded(text, set) } else { text.into() };
        let key = written(key, encode::KEY);
        value.map_or_else(|| key.clone(), |value| format!("{key}={}", written(value, encode::VALUE)).into())
    }))
}

/// Whether it can stand in a request line.
fn check(path: &str) -> Result<(), Problem> {
    if path.len() > MAX_PATH {
        let message = format!("Path and query are {} bytes long; {MAX_PATH} can be sent.", path.len());
        return Err(bad(message, "Send what is long in the body."));
    }
    if http::uri::PathAndQuery::try_from(path).is_ok_and(|read| read.as_str() == path) {
        return Ok(());
    }
    let culprit = path.chars().find(|c| c.is_control() || matches!(c, ' ' | '#' | '<' | '>' | '`'));
    let what = culprit.map_or_else(|| shown(path), |c| shown(c.encode_utf8(&mut [0; 4])));
    let hint = "Turn on the encoding of URLs, or write it percent-encoded.";
    Err(bad(format!("{what} cannot stand in a request line as it is."), hint))
}

fn bad(message: String, hint: &str) -> Problem {
    Problem::new("url", message, hint)
}

impl Target {
    /// Host, and port unless it is the scheme's own: the value of `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.port() || self.unix.is_some() { host } else { format!("{host}:{}", self.port) }
    }

    /// The URL as it is sent, without user name and password.
    pub fn url(&self) -> String {
        let Self { scheme, path, .. } = self;
        match &self.unix {
            Some(socket) => format!("{scheme}://unix:{}:{path}", socket.display()),
            None => format!("{scheme}://{}{path}", self.authority()),
        }
    }
}

impl Scheme {
    /// The port where none is written.
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Without user name and password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.url()).finish()
    }
}
