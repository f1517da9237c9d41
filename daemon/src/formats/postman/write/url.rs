//! URLs, taken apart as Postman does; `raw` and the parts agree.

use super::{
    super::read::url::{enabled, is_without, parsed, whole},
    Members, fits,
    request::written_field,
};
use crate::request::{Draft, Field};
use serde_json::Value;

/// What stands under `url`.
pub(in super::super) fn url(draft: &Draft) -> Value {
    let text = draft.url.trim();
    let (text, hash) = text.split_once('#').map_or((text, None), |(before, hash)| (before, Some(hash)));
    let base = text.split_once('?').map_or(text, |(base, _)| base);
    let kept = draft.extra.get("url");
    let typed;
    let query = match &draft.query {
        Some(query) => query,
        None => {
            typed = parsed(text);
            &typed
        }
    };
    let mut to = Members::new();
    to.insert("raw".into(), whole(base, Some(enabled(query)), hash).into());
    if !put_base(&mut to, base) && draft.path_variables.is_empty() && draft.query.is_none() && kept.is_none() {
        return draft.url.as_str().into();
    }
    if !query.is_empty() || draft.query.is_some() {
        to.insert("query".into(), query.iter().map(parameter).collect());
    }
    if let Some(hash) = hash {
        to.insert("hash".into(), hash.into());
    }
    if !draft.path_variables.is_empty() {
        let variables = draft.path_variables.iter().map(|v| Value::Object(written_field(v, fits::path_variable)));
        to.insert("variable".into(), variables.collect());
    }
    fits::put(&mut to, kept, fits::url);
    Value::Object(to)
}

/// The parts of a URL without query and fragment; `false` if it cannot be taken apart.
pub(in super::super) fn put_base(to: &mut Members, base: &str) -> bool {
    let (protocol, rest) = match base.split_once("://") {
        Some((protocol, rest)) if !protocol.contains(['/', '@', '\\']) => (Some(protocol), rest),
        _ => (None, base),
    };
    // The path of a Unix socket is no host.
    if rest.is_empty() || rest.starts_with("unix:") || rest.contains('\\') && !rest.contains('/') {
        return false;
    }
    let end = outside_braces(rest, |c| c == '/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let bracket = place.find(']').unwrap_or(0);
    let colon = outside_braces(&place[bracket..], |c| c == ':').map(|at| at + bracket);
    let (host, port) = colon.map_or((place, None), |colon| (&place[..colon], Some(&place[colon + 1..])));
    if host.is_empty() || port == Some("") {
        return false;
    }
    if let Some(protocol) = protocol {
        to.insert("protocol".into(), protocol.into());
    }
    if let Some(user) = user {
        let (name, password) = user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        let mut auth = Members::new();
        auth.insert("user".into(), name.into());
        if let Some(password) = password {
            auth.insert("password".into(), password.into());
        }
        to.insert("auth".into(), Value::Object(auth));
    }
    to.insert("host".into(), if host.starts_with('[') { vec![host].into() } else { labels(host).into() });
    if let Some(port) = port {
        to.insert("port".into(), port.into());
    }
    if let Some(path) = path.strip_prefix('/') {
        to.insert("path".into(), path.split('/').collect::<Vec<_>>().into());
    }
    true
}

/// The labels of a name: its dots are between them, but for those in the name of a variable.
fn labels(mut host: &str) -> Vec<&str> {
    let mut labels = Vec::new();
    while let Some(dot) = outside_braces(host, |c| c == '.') {
        labels.push(&host[..dot]);
        host = &host[dot + 1..];
    }
    labels.push(host);
    labels
}

/// Where the first such character is that is not within `{{…}}`.
fn outside_braces(text: &str, is_one: impl Fn(char) -> bool) -> Option<usize> {
    let mut from = 0;
    while from < text.len() {
        let open = text[from..].find("{{").map(|at| from + at);
        let close = open.and_then(|open| text[open..].find("}}").map(|at| open + at + 2));
        let end = match (open, close) {
            (Some(open), Some(_)) => open,
            _ => text.len(),
        };
        if let Some(at) = text[from..end].find(&is_one) {
            return Some(from + at);
        }
        from = close.unwrap_or(text.len());
    }
    None
}

fn parameter(field: &Field) -> Value {
    let mut to = written_field(field, fits::field);
    for what in ["key", "value"] {
        if is_without(field, what) {
            to.insert(what.into(), Value::Null);
        }
    }
    Value::Object(to)
}
