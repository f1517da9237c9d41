//! The whole of an exchange, bodies apart.

use super::{
    Connection,
    field::{Field, text},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use waylay_storage::model::{BodyEnd, BodyRecord, Exchange, ExchangeId, Gap, Head, Summary};

/// An exchange: what a list shows of it, and the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: Summary,
    /// What the client sent.
    pub request: Request,
    /// What went upstream, where it differs.
    pub sent: Option<Sent>,
    /// What the origin answered, once it has.
    pub response: Option<Response>,
    /// The client's connection to us.
    pub client_connection: Option<Connection>,
    /// Our connection to the origin.
    pub upstream_connection: Option<Connection>,
    /// The exchange that this one replays.
    #[serde(default)]
    pub replays: Option<ExchangeId>,
}

/// A request as the client sent it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The request line; lossy where it is no UTF-8.
    pub line: String,
    /// The request line in base64, where it is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_bytes: Option<String>,
    /// In order, duplicates kept.
    pub headers: Vec<Field>,
    /// Fields after the body.
    pub trailers: Vec<Field>,
    /// Its body.
    pub body: Body,
}

/// A request head as it went upstream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// The request line; lossy where it is no UTF-8.
    pub line: String,
    /// In order, duplicates kept.
    pub headers: Vec<Field>,
}

/// A response as the origin sent it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Response {
    /// The status line; lossy where it is no UTF-8.
    pub line: String,
    /// The status line in base64, where it is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_bytes: Option<String>,
    /// In order, duplicates kept.
    pub headers: Vec<Field>,
    /// Fields after the body.
    pub trailers: Vec<Field>,
    /// Its body.
    pub body: Body,
}

/// What is known of a body without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Bytes as transferred.
    pub size: u64,
    /// How many of them are kept.
    pub stored: u64,
    /// How it ended.
    pub end: BodyEnd,
    /// What was not kept, ascending.
    pub gaps: Vec<Gap>,
}

impl Detail {
    /// Puts together what the store has of one exchange.
    pub fn new(
        summary: Summary,
        exchange: &Exchange,
        client_connection: Option<Connection>,
        upstream_connection: Option<Connection>,
        replays: Option<ExchangeId>,
    ) -> Self {
        Self {
            summary,
            request: Request::of(exchange),
            sent: Sent::of(exchange),
            response: Response::of(exchange),
            client_connection,
            upstream_connection,
            replays,
        }
    }
}

impl Request {
    fn of(exchange: &Exchange) -> Self {
        let head = Head::parse(&exchange.request_head);
        let (line, line_bytes) = text(&head.line);
        Self {
            line,
            line_bytes,
            headers: fields(&head),
            trailers: trailers(&exchange.request_trailers),
            body: Body::from(&exchange.request),
        }
    }
}

impl Sent {
    fn of(exchange: &Exchange) -> Option<Self> {
        let head = Head::parse(&exchange.sent_head);
        (!exchange.sent_head.is_empty()).then(|| Self { line: text(&head.line).0, headers: fields(&head) })
    }
}

impl Response {
    fn of(exchange: &Exchange) -> Option<Self> {
        if exchange.response_head.is_empty() {
            return None;
        }
        let head = Head::parse(&exchange.response_head);
        let (line, line_bytes) = text(&head.line);
        Some(Self {
            line,
            line_bytes,
            headers: fields(&head),
            trailers: trailers(&exchange.response_trailers),
            body: Body::from(&exchange.response),
        })
    }
}

impl From<&BodyRecord> for Body {
    fn from(body: &BodyRecord) -> Self {
        let lost = body.gaps.iter().fold(0u64, |sum, gap| sum.saturating_add(gap.length));
        Self { size: body.size, stored: body.size.saturating_sub(lost), end: body.end, gaps: body.gaps.clone() }
    }
}

fn fields(head: &Head) -> Vec<Field> {
    head.fields.iter().map(Field::from).collect()
}

fn trailers(raw: &Bytes) -> Vec<Field> {
    fields(&Head::parse_trailers(raw))
}
