//! An entry as an exchange. What tools leave out or write otherwise is understood where there is one way to; what is no
//! request to a web server is refused with the reason.

use super::{
    super::{
        extra::{Extra, MessageRow, Raw, Side, Socket},
        head,
    },
    body::Source,
    content::{record, request_body, response_body},
    field::{address, first, headers, milliseconds, size, text, time, version},
    messages::messages,
    target::{Target, method, shown, target},
};
use serde_json::Value;
use std::net::IpAddr;
use waylay_storage::model::{
    Exchange, ExchangeId, Failure, HttpVersion, Kind, Omitted, SessionId, Side as Whose, Source as Asked, Stage,
    Timings,
};

/// No size, time or place is beyond this: sums of them must not overflow.
pub(super) const MOST: i64 = 1 << 50;
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
        let line = if target.path.is_empty() { target.authority() } else { target.path.clone() };
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
