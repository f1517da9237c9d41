//! What HAR cannot say: the object `_waylay` of each entry. An export that is read again is what was exported.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use waylay_storage::model::{
    BodyEnd, Connection, Exchange, Failure, Gap, HttpVersion, Kind, Message, MessageKind, MessageState, Omitted, Part,
    Passthrough, Process, Scheme, Timings, Tls,
};

/// Beside an entry, under `_waylay`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extra {
    /// Its id in the store that it was exported from.
    pub id: String,
    /// What the entry stands for.
    pub kind: Kind,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host of the target.
    pub host: String,
    /// Port of the target.
    pub port: u16,
    /// Path and query; empty for tunnels.
    pub path: String,
    /// Version the client spoke.
    pub request_version: HttpVersion,
    /// Version the origin spoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_version: Option<HttpVersion>,
    /// Microseconds.
    pub timings: Timings,
    /// What is left to say of the request.
    pub request: Side,
    /// What is left to say of the response.
    pub response: Side,
    /// The request head as it went upstream, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Raw>,
    /// Messages, both ways.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub messages: i64,
    /// What the session's rules kept out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub omitted: Omitted,
    /// Why its bytes were relayed unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<Passthrough>,
    /// Why it did not go well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The client's connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Socket>,
    /// The connection to the origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Socket>,
}

/// What HAR does not say of one message of an exchange.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Side {
    /// The head, byte for byte, where HAR's fields do not give it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Raw>,
    /// Its first line, where only that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Raw>,
    /// Fields after the body, as lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trailers: Option<Raw>,
    /// Bytes transferred.
    pub size: u64,
    /// How the body ended.
    pub end: BodyEnd,
    /// What of it was not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// Bytes, as text where they are UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Raw {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64 {
        /// The bytes.
        base64: String,
    },
}

/// A connection. All of it stands where it is first met; later only its number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Socket {
    /// Unique in the file, together with its role.
    pub id: i64,
    /// The rest, once.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// What is known of a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Microseconds since the Unix epoch.
    pub opened_us: i64,
    /// The other end.
    pub peer: std::net::SocketAddr,
    /// Our end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<std::net::SocketAddr>,
    /// The authority asked for, or dialled.
    pub authority: String,
    /// Name resolution, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_us: Option<i64>,
    /// TCP handshake, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<i64>,
    /// TLS handshake, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_us: Option<i64>,
    /// What the handshake settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The peer's certificates, leaf first, DER in base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// The proxy on the way, as a URL without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// How long that proxy took to connect, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_us: Option<i64>,
    /// The client's process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

/// A message of a conversation, under `_waylayMessages`: its row, and its payload only if that is no part of a body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageRow {
    /// Its number.
    pub number: i64,
    /// Who sent it.
    pub part: Part,
    /// What it is.
    pub kind: MessageKind,
    /// When it came.
    pub at_us: i64,
    /// Where its payload begins.
    pub offset: u64,
    /// How long its payload is.
    pub length: u64,
    /// How long it was on the wire.
    pub wire_length: u64,
    /// In how many frames.
    pub fragments: u32,
    /// Whether it was compressed.
    pub compressed: bool,
    /// How far it can be read.
    pub state: MessageState,
}

impl Extra {
    /// What HAR does not say of an exchange, heads and connections apart.
    pub fn of(x: &Exchange) -> Self {
        let side = |body: &waylay_storage::model::BodyRecord, trailers: &Bytes| Side {
            head: None,
            line: None,
            trailers: Raw::some(trailers),
            size: body.size,
            end: body.end,
            gaps: body.gaps.clone(),
        };
        Self {
            id: x.id.to_string(),
            kind: x.kind,
            scheme: x.scheme,
            host: x.host.clone(),
            port: x.port,
            path: x.path.clone(),
            request_version: x.request_version,
            response_version: x.response_version,
            timings: x.timings,
            request: side(&x.request, &x.request_trailers),
            response: side(&x.response, &x.response_trailers),
            sent: Raw::some(&x.sent_head),
            messages: x.messages,
            omitted: x.omitted,
            passthrough: x.passthrough.clone(),
            failure: x.failure.clone(),
            client: None,
            upstream: None,
        }
    }
}

impl Raw {
    /// `None` for no bytes.
    pub fn some(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64 { base64: BASE64_STANDARD.encode(bytes) },
        })
    }

    /// The bytes; `None` for what is no base64.
    pub fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Text(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Self::Base64 { base64 } => BASE64_STANDARD.decode(base64).ok().map(Bytes::from),
        }
    }
}

impl Facts {
    /// All of a connection.
    pub fn of(c: &Connection) -> Self {
        let chain = c.tls.iter().flat_map(|tls| &tls.chain).map(|der| BASE64_STANDARD.encode(der)).collect();
        Self {
            opened_us: c.opened_us,
            peer: c.peer,
            local: c.local,
            authority: c.authority.clone(),
            dns_us: c.dns_us,
            connect_us: c.connect_us,
            tls_us: c.tls_us,
            tls: c.tls.clone(),
            chain,
            via: c.via.clone(),
            via_us: c.via_us,
            process: c.process.clone(),
        }
    }

    /// The inverse, under another number.
    pub fn connection(self, id: i64, role: waylay_storage::model::Role) -> Connection {
        let chain = self.chain.iter().filter_map(|der| BASE64_STANDARD.decode(der).ok()).map(Bytes::from).collect();
        Connection {
            id,
            role,
            opened_us: self.opened_us,
            peer: self.peer,
            local: self.local,
            authority: self.authority,
            dns_us: self.dns_us,
            connect_us: self.connect_us,
            tls_us: self.tls_us,
            tls: self.tls.map(|tls| Tls { chain, ..tls }),
            via: self.via,
            via_us: self.via_us,
            process: self.process,
        }
    }
}

impl From<&Message> for MessageRow {
    fn from(m: &Message) -> Self {
        Self {
            number: m.number,
            part: m.part,
            kind: m.kind,
            at_us: m.at_us,
            offset: m.offset,
            length: m.length,
            wire_length: m.wire_length,
            fragments: m.fragments,
            compressed: m.compressed,
            state: m.state,
        }
    }
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

fn is_default(omitted: &Omitted) -> bool {
    *omitted == Omitted::default()
}
