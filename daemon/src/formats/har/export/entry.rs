//! One exchange as an entry.

use super::{
    ExportError,
    body::{self, Written},
    connection::Connections,
    cookies, messages,
    timings::Phases,
};
use crate::formats::{
    har::{extra::Extra, head},
    json::Json,
    redact::Redaction,
};
use std::{
    borrow::Cow,
    io::{self, Write},
};
use waylay_storage::{
    Reader,
    model::{Exchange, Failure, Head, HttpVersion, Kind, Part, Scheme},
};

/// An exchange that is being written, with what its fields are made of.
struct Entry<'a> {
    reader: &'a Reader,
    x: Exchange,
    request: Head,
    response: Head,
    url: String,
}

/// Writes an entry.
pub(super) fn write(
    json: &mut Json<impl Write>,
    reader: &Reader,
    mut x: Exchange,
    connections: &mut Connections<'_>,
    mut redaction: Option<&mut Redaction>,
) -> Result<(), ExportError> {
    for part in [Part::Request, Part::Response] {
        if x.body_mut(part).streamed
            && let Some(body) = reader.body(x.id, part)?
        {
            let record = x.body_mut(part);
            (record.size, record.end, record.gaps) = (body.size, body.end, body.gaps);
        }
    }
    if let Some(redaction) = redaction.as_deref_mut() {
        redaction.hide(&mut x);
    }
    let (request, response) = (Head::parse(&x.request_head), Head::parse(&x.response_head));
    let entry = Entry { reader, url: url(&x), x, request, response };
    let x = &entry.x;
    let (client, upstream) = (connections.get(x.client_connection)?, connections.get(x.upstream_connection)?);
    let phases = Phases::of(&x.timings);
    json.begin('{')?;
    json.field("startedDateTime", &started(x))?;
    json.milliseconds("time", Some(phases.total()))?;
    let mut extra = Extra::of(x);
    let sent = entry.request(json, &mut extra, redaction.as_deref_mut())?;
    let received = entry.response(json, &mut extra, redaction.as_deref_mut())?;
    json.field("cache", &serde_json::json!({}))?;
    phases.write(json)?;
    if let Some(upstream) = &upstream {
        json.field("serverIPAddress", &upstream.connection.peer.ip())?;
        json.field("connection", &upstream.connection.id.to_string())?;
        json.field("_serverPort", &upstream.connection.peer.port())?;
        if let Some(security) = &upstream.security {
            json.field("_securityDetails", security)?;
        }
    }
    if let Some(kind) = resource_type(x, &entry.request) {
        json.field("_resourceType", kind)?;
    }
    if x.kind != Kind::Http {
        json.field("_kind", &x.kind)?;
    }
    let rows = x.kind == Kind::Websocket || !(sent.changed || received.changed);
    messages::write(json, reader, x, rows, redaction)?;
    extra.client = client.map(|known| connections.socket(&known));
    extra.upstream = upstream.map(|known| connections.socket(&known));
    json.field("_waylay", &extra)?;
    Ok(json.end('}')?)
}

impl Entry<'_> {
    fn request(
        &self,
        json: &mut Json<impl Write>,
        extra: &mut Extra,
        redaction: Option<&mut Redaction>,
    ) -> Result<Written, ExportError> {
        let x = &self.x;
        let fields = head::fields(&self.request);
        let target = if x.path.is_empty() { authority(x) } else { x.path.clone() };
        head::keep(&mut extra.request, &x.request_head, &head::request(&x.method, &target, x.request_version, &fields));
        json.key("request")?;
        json.begin('{')?;
        json.field("method", &x.method)?;
        json.field("url", &self.url)?;
        json.field("httpVersion", x.request_version.as_str())?;
        json.field("cookies", &cookies::sent(&fields))?;
        headers(json, &fields)?;
        query(json, &x.path)?;
        json.field("headersSize", &head_size(&x.request_head, x.request_version))?;
        json.field("bodySize", &x.request.size)?;
        let mut written = Written::default();
        if x.request.size > 0 && x.kind != Kind::Websocket {
            json.key("postData")?;
            json.begin('{')?;
            json.field("mimeType", &value(&self.request, "content-type"))?;
            let part = (x, &self.request, Part::Request);
            written = body::write(json, self.reader, part, "_encoding", redaction)?;
            json.end('}')?;
        }
        json.end('}')?;
        Ok(written)
    }

    fn response(
        &self,
        json: &mut Json<impl Write>,
        extra: &mut Extra,
        redaction: Option<&mut Redaction>,
    ) -> Result<Written, ExportError> {
        let x = &self.x;
        let fields = head::fields(&self.response);
        let (version, reason) = (x.response_version, head::reason(&self.response));
        if let (Some(version), Some(status)) = (version, x.status) {
            head::keep(&mut extra.response, &x.response_head, &head::response(version, status, &reason, &fields));
        } else {
            head::keep(&mut extra.response, &x.response_head, b"");
        }
        json.key("response")?;
        json.begin('{')?;
        json.field("status", &x.status.unwrap_or(0))?;
        json.field("statusText", &reason)?;
        json.field("httpVersion", version.map_or("", HttpVersion::as_str))?;
        json.field("cookies", &cookies::set(&fields))?;
        headers(json, &fields)?;
        let written = self.content(json, redaction)?;
        json.field("redirectURL", &value(&self.response, "location"))?;
        let size = head_size(&x.response_head, version.unwrap_or(HttpVersion::Http2));
        json.field("headersSize", &size)?;
        let body = if x.response_head.is_empty() { -1 } else { i64::try_from(x.response.size).unwrap_or(i64::MAX) };
        json.field("bodySize", &body)?;
        if size >= 0 && body >= 0 {
            json.field("_transferSize", &size.saturating_add(body))?;
        }
        if let Some(Failure { reason, message, .. }) = &x.failure {
            json.field("_error", &format!("{reason}: {message}"))?;
        }
        json.end('}')?;
        Ok(written)
    }

    fn content(&self, json: &mut Json<impl Write>, redaction: Option<&mut Redaction>) -> Result<Written, ExportError> {
        let x = &self.x;
        let content_type = value(&self.response, "content-type");
        json.key("content")?;
        json.begin('{')?;
        json.field("mimeType", if content_type.is_empty() { "x-unknown" } else { &content_type })?;
        let mut written = Written::default();
        if x.kind != Kind::Websocket {
            let part = (x, &self.response, Part::Response);
            written = body::write(json, self.reader, part, "encoding", redaction)?;
            if x.omitted.body() {
                json.field("_omitted", &x.omitted)?;
            }
        }
        json.field("size", &written.size)?;
        if self.response.value("content-encoding").is_some() && written.size > 0 {
            json.field("compression", &(i128::from(written.size) - i128::from(x.response.size)))?;
        }
        let missing = x.response.gaps.iter().fold(0u64, |sum, gap| sum.saturating_add(gap.length));
        if missing > 0 {
            json.field("comment", &format!("{missing} bytes of the body as transferred were not kept"))?;
        }
        json.end('}')?;
        Ok(written)
    }
}

/// `http`, `https`, `ws` or `wss`, with the port only where it is not the scheme's own. Tunnels are `tcp`.
fn url(x: &Exchange) -> String {
    let scheme = match (x.kind, x.scheme) {
        (Kind::Websocket, Scheme::Http) => "ws",
        (Kind::Websocket, Scheme::Https) => "wss",
        (_, scheme) => scheme.word(),
    };
    let usual = matches!((x.scheme, x.port), (Scheme::Http, 80) | (Scheme::Https, 443));
    let host = if x.host.contains(':') { Cow::Owned(format!("[{}]", x.host)) } else { Cow::Borrowed(&x.host[..]) };
    match usual {
        true => format!("{scheme}://{host}{}", x.path),
        false => format!("{scheme}://{host}:{}{}", x.port, x.path),
    }
}

fn authority(x: &Exchange) -> String {
    if x.host.contains(':') { format!("[{}]:{}", x.host, x.port) } else { format!("{}:{}", x.host, x.port) }
}

fn started(x: &Exchange) -> String {
    let time = jiff::Timestamp::from_microsecond(x.started_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{time:.6}")
}

fn headers(json: &mut Json<impl Write>, fields: &[(String, String)]) -> io::Result<()> {
    json.key("headers")?;
    pairs(json, fields.iter().map(|(name, value)| (&name[..], &value[..])))
}

/// The pairs of the query, decoded as those of a form.
fn query(json: &mut Json<impl Write>, path: &str) -> io::Result<()> {
    json.key("queryString")?;
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let decoded: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    pairs(json, decoded.iter().map(|(name, value)| (&name[..], &value[..])))
}

fn pairs<'a>(json: &mut Json<impl Write>, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> io::Result<()> {
    json.begin('[')?;
    for (name, value) in pairs {
        json.begin('{')?;
        json.field("name", name)?;
        json.field("value", value)?;
        json.end('}')?;
    }
    json.end(']')
}

fn value(head: &Head, name: &str) -> String {
    head.value(name).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

/// Bytes of a head as it was on the wire; those of HTTP/2 are not known.
fn head_size(head: &[u8], version: HttpVersion) -> i64 {
    match version {
        HttpVersion::Http2 => -1,
        _ if head.is_empty() => -1,
        _ => i64::try_from(head.len()).unwrap_or(i64::MAX),
    }
}

/// Chrome's word for what asked, from what the browser says itself (Fetch Metadata).
fn resource_type(x: &Exchange, request: &Head) -> Option<&'static str> {
    match x.kind {
        Kind::Websocket => return Some("websocket"),
        Kind::Sse => return Some("eventsource"),
        Kind::Http | Kind::Grpc => {}
        _ => return None,
    }
    Some(match &request.value("sec-fetch-dest")?[..] {
        b"document" | b"iframe" | b"frame" => "document",
        b"style" => "stylesheet",
        b"script" | b"worker" | b"sharedworker" | b"serviceworker" => "script",
        b"image" => "image",
        b"font" => "font",
        b"audio" | b"video" | b"track" => "media",
        b"manifest" => "manifest",
        b"empty" => "fetch",
        _ => "other",
    })
}
