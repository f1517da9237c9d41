//! An entry as an exchange. What tools leave out or write otherwise is understood where there is one way to; what is no
//! request to a web server is refused with the reason.

use super::{
    super::{
        extra::{Extra, MessageRow, Raw, Side, Socket},
        head,
    },
    body::Source,
    coded,
    field::{address, first, headers, milliseconds, size, text, time, version},
};
use crate::content::Codings;
use serde_json::Value;
use std::net::IpAddr;
use waylay_storage::model::{
    BodyEnd, BodyRecord, Exchange, ExchangeId, Failure, Gap, HttpVersion, Kind, MessageKind, MessageState, Omitted,
    Part, Scheme, SessionId, Side as Whose, Source as Asked, Stage, Timings,
};

/// No size, time or place is beyond this: sums of them must not overflow.
const MOST: i64 = 1 << 50;
/// The end of the year 9999.
const LAST_DAY: i64 = 253_402_207_200_000_000;

/// An entry that was understood. Its numbers are still to be given.
#[derive(Debug)]
pub struct Parsed {
    /// Heads, times, sizes; without bodies.
    pub exchange: Exchange,
    /// Bytes of both bodies.
    pub bodies: [Option<Source>; 2],
    /// Messages, and their payloads where those are no parts of the bodies.
    pub messages: Vec<(MessageRow, Option<Source>)>,
    /// The client's connection.
    pub client: Option<Socket>,
    /// The connection to the origin.
    pub upstream: Upstream,
    /// It has no time that can be read.
    pub undated: bool,
}

/// What an entry tells of the connection to the origin.
#[derive(Debug)]
pub enum Upstream {
    /// Nothing.
    Unknown,
    /// All, in an export of ours.
    Ours(Box<Socket>),
    /// Its address, and a name that entries on the same connection share.
    Named {
        /// The name; some tools give a port here.
        name: String,
        /// The origin's address.
        address: IpAddr,
    },
}

/// Where a request goes.
struct Target {
    kind: Kind,
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

impl Parsed {
    /// Reads an entry. `now_us` stands in for a time that cannot be read.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(entry: &Value, now_us: i64) -> Result<Self, String> {
        let (request, response) = (&entry["request"], &entry["response"]);
        if !request.is_object() {
            return Err("it has no request".to_owned());
        }
        let extra = serde_json::from_value::<Extra>(entry["_waylay"].clone()).ok();
        let method = method(request)?;
        let target = target(request, entry, extra.as_ref())?;
        let (request_fields, response_fields) = (headers(&request["headers"]), headers(&response["headers"]));
        let status = status(response)?;
        let kind = extra.as_ref().map_or_else(|| kind(&target, entry, &response_fields, &request_fields), |x| x.kind);
        let request_version = extra.as_ref().map_or_else(|| version(&request["httpVersion"]), |x| x.request_version);
        let response_version = match &extra {
            Some(extra) => extra.response_version,
            None => status.map(|_| version(&response["httpVersion"])),
        };
        let sides = extra.as_ref().map(|x| (x.request.clone(), x.response.clone())).unwrap_or_default();
        let line = if target.path.is_empty() { authority(&target) } else { target.path.clone() };
        let request_head = head::request(&method, &line, request_version, &request_fields);
        let response_head = match (status, response_version) {
            (Some(status), Some(version)) => {
                head::response(version, status, &reason(response, version, extra.is_some()), &response_fields)
            }
            _ => Vec::new(),
        };
        let bodies = match kind {
            Kind::Websocket => [None, None],
            _ => [request_body(request, &request_fields)?, response_body(response, &response_fields)?],
        };
        let started = time(&entry["startedDateTime"]);
        let failure = extra.as_ref().map_or_else(|| failure(entry, response, status), |x| x.failure.clone());
        let messages = messages(entry, kind, started.unwrap_or(now_us))?;
        let record = |side: &Side, stored: &Option<Source>, told: Option<u64>| {
            record(extra.is_some(), side, stored.is_some(), told)
        };
        let told = size(&response["bodySize"]).filter(|n| *n > 0).or_else(|| size(&response["content"]["size"]));
        let (client, upstream) = connections(entry, extra.as_ref());
        let trailers = |side: &Side| side.trailers.as_ref().and_then(Raw::bytes).unwrap_or_default();
        let exchange = Exchange {
            seq: 0,
            id: ExchangeId { session: SessionId(0), number: 0 },
            kind,
            source: Asked::Import,
            started_us: started.unwrap_or(now_us).clamp(0, LAST_DAY),
            timings: timings(entry, extra.as_ref()),
            client_connection: None,
            upstream_connection: None,
            scheme: target.scheme,
            host: target.host,
            port: target.port,
            method,
            path: target.path,
            status,
            request_version,
            response_version,
            request_head: head::restore(&sides.0, request_head),
            sent_head: extra.as_ref().and_then(|x| x.sent.as_ref()?.bytes()).unwrap_or_default(),
            response_head: head::restore(&sides.1, response_head),
            request_trailers: trailers(&sides.0),
            response_trailers: trailers(&sides.1),
            request: record(&sides.0, &bodies[0], size(&request["bodySize"])),
            response: record(&sides.1, &bodies[1], told.filter(|_| status.is_some() && kind != Kind::Websocket)),
            messages: 0,
            omitted: extra.as_ref().map_or_else(Omitted::default, |x| x.omitted),
            passthrough: extra.as_ref().and_then(|x| x.passthrough.clone()),
            failure,
        };
        Ok(Self { exchange, bodies, messages, client, upstream, undated: started.is_none() })
    }
}

fn method(request: &Value) -> Result<String, String> {
    let method = request["method"].as_str().unwrap_or_default().trim();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    match method {
        "" => Err("request.method is missing".to_owned()),
        method if method.bytes().all(token) && method.len() <= 64 => Ok(method.to_owned()),
        method => Err(format!("request.method is no method: '{}'", shown(method))),
    }
}

fn target(request: &Value, entry: &Value, extra: Option<&Extra>) -> Result<Target, String> {
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

fn authority(target: &Target) -> String {
    match target.host.contains(':') {
        true => format!("[{}]:{}", target.host, target.port),
        false => format!("{}:{}", target.host, target.port),
    }
}

/// `None` where there was no answer: 0, or nothing.
fn status(response: &Value) -> Result<Option<u16>, String> {
    let status = &response["status"];
    let number = status.as_f64().or_else(|| status.as_str()?.trim().parse().ok());
    match number {
        None if status.is_null() || status == "" => Ok(None),
        Some(number) if number <= 0.0 => Ok(None),
        Some(number) if (100.0..1000.0).contains(&number) => Ok(Some(number as u16)),
        _ => Err(format!("response.status is no status: {}", shown(&status.to_string()))),
    }
}

/// HTTP/2 has no words behind the status; tools add them.
fn reason(response: &Value, version: HttpVersion, ours: bool) -> String {
    let words = response["statusText"].as_str().unwrap_or_default();
    if version == HttpVersion::Http2 && !ours { String::new() } else { words.to_owned() }
}

fn kind(target: &Target, entry: &Value, response: &[(String, String)], request: &[(String, String)]) -> Kind {
    let of = |fields, name| first(fields, name).unwrap_or_default().trim().to_ascii_lowercase();
    let (asked, answered) = (of(request, "content-type"), of(response, "content-type"));
    match target.kind {
        Kind::Websocket => Kind::Websocket,
        _ if answered.starts_with("text/event-stream") => Kind::Sse,
        _ if asked.starts_with("application/grpc") || answered.starts_with("application/grpc") => Kind::Grpc,
        _ if entry["_resourceType"] == "websocket" => Kind::Websocket,
        _ => Kind::Http,
    }
}

fn request_body(request: &Value, fields: &[(String, String)]) -> Result<Option<Source>, String> {
    let data = &request["postData"];
    let base64 = Source::is_base64(&data["_encoding"]) || Source::is_base64(&data["encoding"]);
    let wrong = |what: &str| format!("request.postData.text {what}");
    if let Some(raw) = raw(data)? {
        return Ok(Some(raw));
    }
    if let Some(body) = Source::of(&data["text"], base64).map_err(wrong)? {
        return Ok(Some(stored_as_said(body, fields, data)));
    }
    Ok(form(data, first(fields, "content-type").unwrap_or_default()).map(Source::Held))
}

fn response_body(response: &Value, fields: &[(String, String)]) -> Result<Option<Source>, String> {
    let content = &response["content"];
    if let Some(raw) = raw(content)? {
        return Ok(Some(raw));
    }
    let base64 = Source::is_base64(&content["encoding"]);
    let body = Source::of(&content["text"], base64).map_err(|what| format!("response.content.text {what}"))?;
    Ok(body.map(|body| stored_as_said(body, fields, content)))
}

/// The body as transferred, beside the decoded one in exports of ours.
fn raw(data: &Value) -> Result<Option<Source>, String> {
    Source::of(&data["_raw"], true).map_err(|what| format!("_raw {what}"))
}

/// A body in the coding its head speaks of. One that is too long to be held is kept decoded.
fn stored_as_said(body: Source, fields: &[(String, String)], data: &Value) -> Source {
    let Source::Held(bytes) = body else { return body };
    let values = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    match Codings::parse(values.map(|(_, value)| value.as_bytes())) {
        Ok(codings) if data["_decodeError"].is_null() => Source::Held(coded::encode(bytes, &codings)),
        _ => Source::Held(bytes),
    }
}

/// A form from its parameters, where a tool has kept nothing else of it.
fn form(data: &Value, content_type: &str) -> Option<Vec<u8>> {
    let params = data["params"].as_array().filter(|params| !params.is_empty())?;
    let of = |param: &Value, key: &str| text(&param[key]).unwrap_or_default();
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
        let mut body = String::new();
        for param in params {
            let mut part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", of(param, "name"));
            if let Some(file) = text(&param["fileName"]) {
                part.push_str(&format!("; filename=\"{file}\""));
            }
            if let Some(kind) = text(&param["contentType"]) {
                part.push_str(&format!("\r\nContent-Type: {kind}"));
            }
            body.push_str(&format!("{part}\r\n\r\n{}\r\n", of(param, "value")));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        return Some(body.into_bytes());
    }
    let pairs = params.iter().map(|param| format!("{}={}", escaped(&of(param, "name")), escaped(&of(param, "value"))));
    Some(pairs.collect::<Vec<_>>().join("&").into_bytes())
}

/// Some tools keep parameters as they were sent, others decoded: what cannot have been sent is encoded.
fn escaped(text: &str) -> String {
    match text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'&' | b'=' | b'#')) {
        true => text.to_owned(),
        false => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
    }
}

/// What is known of a body without its bytes. Where the file has none, but says that there were some, they are missing.
fn record(ours: bool, side: &Side, stored: bool, told: Option<u64>) -> BodyRecord {
    let most = MOST as u64;
    if ours {
        let apart = |pair: &[Gap]| pair[0].offset.saturating_add(pair[0].length) < pair[1].offset;
        let sound = side.gaps.iter().all(|gap| gap.offset < most && (1..most).contains(&gap.length));
        let gaps = if sound && side.gaps.windows(2).all(apart) { side.gaps.clone() } else { Vec::new() };
        return BodyRecord { size: side.size.min(most), gaps, end: side.end, ..BodyRecord::default() };
    }
    let size = told.unwrap_or(0).min(most);
    let gaps = if stored || size == 0 { Vec::new() } else { vec![Gap { offset: 0, length: size }] };
    BodyRecord { size, gaps, end: BodyEnd::Complete, ..BodyRecord::default() }
}

fn timings(entry: &Value, extra: Option<&Extra>) -> Timings {
    let sane = |t: Option<i64>| t.map(|t| t.clamp(0, MOST));
    if let Some(Extra { timings: t, .. }) = extra {
        return Timings {
            ready_us: sane(t.ready_us),
            head_us: sane(t.head_us),
            end_us: sane(t.end_us),
            dns_us: sane(t.dns_us),
            connect_us: sane(t.connect_us),
            tls_us: sane(t.tls_us),
        };
    }
    let of = |phase: &str| milliseconds(&entry["timings"][phase]);
    let [blocked, dns, connect, ssl, send, wait, receive] =
        ["blocked", "dns", "connect", "ssl", "send", "wait", "receive"].map(of);
    let known = |phases: &[Option<i64>]| phases.iter().flatten().sum::<i64>();
    let ready = known(&[blocked, dns, connect, send]);
    let head = wait.map(|wait| ready + wait);
    let end = head.map(|head| head + receive.unwrap_or(0)).or_else(|| milliseconds(&entry["time"]));
    Timings {
        ready_us: wait.map(|_| ready),
        head_us: head,
        end_us: end,
        dns_us: dns,
        connect_us: connect.map(|connect| (connect - ssl.unwrap_or(0)).max(0)),
        tls_us: ssl,
    }
}

/// What stands for an answer that never came.
fn failure(entry: &Value, response: &Value, status: Option<u16>) -> Option<Failure> {
    let told = [&response["_error"], &response["_failureText"], &entry["_error"]];
    let told = told.into_iter().find_map(|v| v.as_str().filter(|text| !text.is_empty()));
    if status.is_some() && told.is_none() {
        return None;
    }
    let message = told.unwrap_or("The file holds no answer to this request.");
    let reason = told.and_then(|t| t.split([':', ' ']).find(|word| word.len() > 3)).unwrap_or("no answer");
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    Some(Failure {
        side: Whose::Upstream,
        stage: Stage::Response,
        reason: cut(reason, 60),
        message: cut(message, 2000),
    })
}

fn connections(entry: &Value, extra: Option<&Extra>) -> (Option<Socket>, Upstream) {
    if let Some(extra) = extra {
        return (
            extra.client.clone(),
            extra.upstream.clone().map_or(Upstream::Unknown, |socket| Upstream::Ours(Box::new(socket))),
        );
    }
    let name = text(&entry["_connectionId"]).or_else(|| text(&entry["connection"])).unwrap_or_default();
    match address(&entry["serverIPAddress"]) {
        Some(address) => (None, Upstream::Named { name: name.chars().take(100).collect(), address }),
        None => (None, Upstream::Unknown),
    }
}

fn messages(entry: &Value, kind: Kind, started_us: i64) -> Result<Vec<(MessageRow, Option<Source>)>, String> {
    let rows = serde_json::from_value::<Vec<MessageRow>>(entry["_waylayMessages"].clone()).unwrap_or_default();
    let rows = sound(rows);
    if kind != Kind::Websocket {
        return Ok(rows.into_iter().map(|row| (row, None)).collect());
    }
    let said = entry["_webSocketMessages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut messages = Vec::with_capacity(said.len());
    for (number, message) in said.iter().enumerate() {
        let row = match rows.get(number) {
            Some(row) if rows.len() == said.len() => row.clone(),
            _ => said_in(message, number as i64 + 1, started_us),
        };
        let base64 = match message.get("_encoding") {
            Some(encoding) => Source::is_base64(encoding),
            None => row.kind != MessageKind::Text,
        };
        let payload = Source::of(&message["data"], base64);
        // What is marked as binary and is no base64 is text of a tool that did not encode it.
        let payload = payload.or_else(|_| Source::of(&message["data"], false));
        messages.push((row, payload.map_err(|what| format!("_webSocketMessages[{number}].data {what}"))?));
    }
    Ok(messages)
}

/// Rows in order and within bounds, or none.
fn sound(rows: Vec<MessageRow>) -> Vec<MessageRow> {
    let in_order = rows.windows(2).all(|pair| pair[0].number < pair[1].number);
    let within = |row: &MessageRow| {
        let most = MOST as u64;
        (1..MOST).contains(&row.number)
            && (0..MOST).contains(&row.at_us)
            && row.offset < most
            && row.length < most
            && row.wire_length < most
    };
    if in_order && rows.iter().all(within) { rows } else { Vec::new() }
}

/// A message as Chrome and Playwright write it.
fn said_in(message: &Value, number: i64, started_us: i64) -> MessageRow {
    let kind = match message["opcode"].as_u64() {
        Some(2) => MessageKind::Binary,
        Some(8) => MessageKind::Close,
        Some(9) => MessageKind::Ping,
        Some(10) => MessageKind::Pong,
        _ => MessageKind::Text,
    };
    let at_us = message["time"].as_f64().map_or(0, |seconds| (seconds * 1e6) as i64);
    let part = if message["type"] == "send" { Part::Request } else { Part::Response };
    MessageRow {
        number,
        part,
        kind,
        at_us: at_us.saturating_sub(started_us).clamp(0, MOST),
        offset: 0,
        length: 0,
        wire_length: 0,
        fragments: 1,
        compressed: false,
        state: MessageState::Complete,
    }
}

fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
