//! `method` and `url`: what a request asks for, and of whom.

use super::super::extra::Extra;
use serde_json::Value;
use waylay_storage::model::{Kind, Scheme};

/// Where a request goes.
pub(super) struct Target {
    pub kind: Kind,
    pub scheme: Scheme,
    pub host: String,
    pub port: u16,
    pub path: String,
}

impl Target {
    /// `host:port`, with brackets around IPv6 addresses.
    pub(super) fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

pub(super) fn method(request: &Value) -> Result<String, String> {
    let method = request["method"].as_str().unwrap_or_default().trim();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    match method {
        "" => Err("request.method is missing".to_owned()),
        method if method.bytes().all(token) && method.len() <= 64 => Ok(method.to_owned()),
        method => Err(format!("request.method is no method: '{}'", shown(method))),
    }
}

pub(super) fn target(request: &Value, entry: &Value, extra: Option<&Extra>) -> Result<Target, String> {
    let url = request["url"].as_str().unwrap_or_default().trim();
    if let Some(extra) = extra {
        // Where secrets were hidden in the URL, they are hidden in the path as well.
        let Extra { kind, scheme, host, port, path, .. } = extra.clone();
        return Ok(Target { kind, scheme, host, port, path });
    }
    if url.is_empty() {
        return Err("request.url is missing".to_owned());
    }
    let parsed = url::Url::parse(url).map_err(|e| format!("request.url '{}' is no URL: {e}", shown(url)))?;
    let (kind, scheme) = match parsed.scheme() {
        "http" => (Kind::Http, Scheme::Http),
        "https" => (Kind::Http, Scheme::Https),
        "ws" => (Kind::Websocket, Scheme::Http),
        "wss" => (Kind::Websocket, Scheme::Https),
        other => return Err(format!("its URL is no web address but one of '{}:'", shown(other))),
    };
    let kind = if entry["_webSocketMessages"].is_array() { Kind::Websocket } else { kind };
    let host = match parsed.host() {
        Some(url::Host::Ipv6(address)) => address.to_string(),
        Some(host) => host.to_string(),
        None => return Err(format!("request.url '{}' names no host", shown(url))),
    };
    let port = parsed.port().unwrap_or(if scheme == Scheme::Https { 443 } else { 80 });
    Ok(Target { kind, scheme, host, port, path: path(url, &parsed) })
}

/// Path and query as they were written, where nothing in them has to be encoded first.
fn path(url: &str, parsed: &url::Url) -> String {
    let behind = url.split_once("://").map_or("", |(_, rest)| rest);
    let written = behind.find(['/', '?', '#']).map_or("", |at| &behind[at..]);
    let written = written.split('#').next().unwrap_or_default();
    if !written.is_empty() && written.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return if written.starts_with('?') { format!("/{written}") } else { written.to_owned() };
    }
    parsed[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

/// What a file holds, as far as it is told.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
