//! Captured exchanges as requests that are kept, and as examples of what came back.

use super::{Example, ExampleBody, Saved};
use crate::{
    content::{Codings, Decoded, Text, decode},
    request::{
        Draft,
        captured::{self, MAX_EDITED},
        draft::{Field, SOME_PAGE},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::io::{self, Read};
use waylay_storage::{
    Reader, StoreError,
    model::{self, Exchange, Head, Kind, Part, Scheme, Source},
};

/// Longest body of an example, decoded, bytes; of a longer one, nothing is kept but where it is from.
pub const LONGEST_EXAMPLE: u64 = 1 << 20;

/// Why an exchange is no request.
#[derive(Debug, thiserror::Error)]
pub enum CapturedError {
    /// It is something else: a tunnel, a connection that failed.
    #[error("{0} is no request that can be sent: {1}")]
    NoRequest(model::ExchangeId, Kind),
    /// The store could not be read, or has no such exchange.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes of a body could not be read.
    #[error("a captured body could not be read: {0}")]
    Io(#[from] io::Error),
}

/// Whether an exchange of this kind is a request that can be sent.
pub fn is_request(kind: Kind) -> bool {
    !matches!(kind, Kind::Tunnel | Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned)
}

/// The request of an exchange as one that can be edited and sent.
///
/// # Errors
/// [`CapturedError`].
pub fn draft(reader: &Reader, exchange: &Exchange) -> Result<Draft, CapturedError> {
    if !is_request(exchange.kind) {
        return Err(CapturedError::NoRequest(exchange.id, exchange.kind));
    }
    let head = Head::parse(&exchange.request_head);
    let mut body = reader.body(exchange.id, Part::Request)?.ok_or(StoreError::NoExchange(exchange.id))?;
    let (size, whole) = (body.size, body.stored == body.size);
    let mut bytes = None;
    if whole && size <= MAX_EDITED as u64 {
        let mut read = Vec::new();
        body.read_to_end(&mut read)?;
        bytes = Some(read);
    }
    let draft = captured::draft(&captured::Captured {
        exchange: &exchange.id.to_string(),
        method: &exchange.method,
        url: &url(exchange),
        head: &head,
        size,
        body: bytes.as_deref(),
    });
    Ok(Draft { written_by: author(exchange), ..draft })
}

/// Who wrote the request of an exchange, if it was sent from here for somebody else: a page that is paired went within its rights,
/// and whoever sends its request again does not.
pub fn author(exchange: &Exchange) -> Option<String> {
    (exchange.source == Source::Agent).then(|| SOME_PAGE.to_owned())
}

/// A request of this name, with what came back as an example, if anything did.
///
/// # Errors
/// [`CapturedError`].
pub fn saved(reader: &Reader, exchange: &Exchange, name: String, with_example: bool) -> Result<Saved, CapturedError> {
    let request = draft(reader, exchange)?;
    let example = if with_example { self::example(reader, exchange, &request)? } else { None };
    let from = Some(exchange.id.to_string());
    Ok(Saved { name, request, from, examples: example.into_iter().collect(), ..Saved::default() })
}

/// What came back, if anything did: the body decoded, and without the fields that tell how it was coded.
///
/// # Errors
/// [`CapturedError`].
pub fn example(reader: &Reader, exchange: &Exchange, asked: &Draft) -> Result<Option<Example>, CapturedError> {
    let Some(status) = exchange.status else { return Ok(None) };
    let head = Head::parse(&exchange.response_head);
    let body = reader.body(exchange.id, Part::Response)?.ok_or(StoreError::NoExchange(exchange.id))?;
    let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..])).ok();
    let (body, coded) = match &codings {
        // What cannot be decoded stays as it is, and so does what is said of it.
        None => (bytes(decode(body, &Codings::default(), LONGEST_EXAMPLE)), true),
        Some(codings) => {
            let decoded = decode(body, codings, LONGEST_EXAMPLE);
            (text(decoded, head.value("content-type").map(|value| &value[..])), false)
        }
    };
    let about_coding = |name: &str| {
        let length = ["content-length", "transfer-encoding", "trailer", "connection", "keep-alive"];
        length.contains(&name) || (!coded && name == "content-encoding")
    };
    let fields = head.fields.iter().filter_map(|field| {
        let name = String::from_utf8_lossy(&field.name);
        let hidden = name.is_empty() || name.starts_with(':') || about_coding(&name.to_ascii_lowercase());
        let value = String::from_utf8_lossy(&field.value);
        let bytes = (value.as_bytes() != &field.value[..]).then(|| STANDARD.encode(&field.value));
        (!hidden).then(|| Field { bytes, ..Field::new(name, value) })
    });
    let reason = reason(&head);
    let media = head.value("content-type").map(|value| String::from_utf8_lossy(value).into_owned());
    Ok(Some(Example {
        name: if reason.is_empty() { status.to_string() } else { format!("{status} {reason}") },
        request: Some(asked.clone()),
        status: Some(status),
        headers: fields.collect(),
        reason,
        language: language(&media.unwrap_or_default()).to_owned(),
        body,
        time_ms: exchange.timings.end_us.map(|us| us as f64 / 1000.0),
        from: Some(exchange.id.to_string()),
        ..Example::default()
    }))
}

/// Of a status line; HTTP/2 has none, and then it is the usual one.
fn reason(head: &Head) -> String {
    let line = String::from_utf8_lossy(&head.line);
    let mut words = line.splitn(3, ' ');
    let (version, status) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match words.next() {
        Some(reason) if !reason.trim().is_empty() => reason.trim().to_owned(),
        _ if version == "HTTP/2" => {
            let status = http::StatusCode::from_bytes(status.as_bytes()).ok();
            status.and_then(|status| status.canonical_reason()).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

fn text(decoded: Decoded, content_type: Option<&[u8]>) -> ExampleBody {
    if decoded.truncated || decoded.error.is_some() || decoded.bytes.is_empty() {
        return bytes(decoded);
    }
    match Text::of(&decoded.bytes, content_type, false) {
        Some(Text { text, .. }) => ExampleBody::Text { text },
        None => bytes(decoded),
    }
}

/// Nothing of one that is too long or cannot be read to its end.
fn bytes(decoded: Decoded) -> ExampleBody {
    let Decoded { bytes, truncated, error } = decoded;
    if truncated || error.is_some() || bytes.is_empty() {
        return ExampleBody::None;
    }
    ExampleBody::Bytes { base64: STANDARD.encode(bytes) }
}

fn language(media: &str) -> &'static str {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => "html",
        "application/javascript" | "text/javascript" => "javascript",
        "application/xml" | "text/xml" => "xml",
        "application/json" => "json",
        _ if essence.ends_with("+json") => "json",
        _ if essence.ends_with("+xml") => "xml",
        _ if essence.starts_with("text/") => "text",
        _ => "",
    }
}

/// The absolute URL of an exchange: path and query as on the wire.
pub fn url(exchange: &Exchange) -> String {
    let Exchange { scheme, host, port, path, .. } = exchange;
    if host.starts_with("%2F") {
        // A Unix socket, as rows name it.
        return format!("{scheme}://unix:{}:{path}", host.replace("%2F", "/"));
    }
    format!("{}{path}", origin(*scheme, host, *port))
}

/// Scheme, host and port of an exchange as a URL has them: the port only where it is not the scheme's own.
pub fn origin(scheme: Scheme, host: &str, port: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let usual = matches!((scheme, port), (Scheme::Http, 80) | (Scheme::Https, 443));
    let port = if usual { String::new() } else { format!(":{port}") };
    format!("{scheme}://{host}{port}")
}
