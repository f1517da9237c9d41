//! One request with its answer, or the tunnel or failure that stands where one would have been.

use super::{ExchangeId, Passthrough};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

words! {
    /// What a row stands for.
    Kind {
        /// A request and its answer.
        Http = "http",
        /// A request answered by 101 with `Upgrade: websocket`.
        Websocket = "websocket",
        /// An answer of `text/event-stream`.
        Sse = "sse",
        /// A call of gRPC, by the content type of its request or response.
        Grpc = "grpc",
        /// Bytes relayed without being read.
        Tunnel = "tunnel",
        /// A client's TLS handshake with us that did not succeed.
        TlsFailure = "tls_failure",
        /// A tunnel whose origin could not be reached.
        ConnectFailure = "connect_failure",
        /// A client that finished its TLS handshake with us and left at once, without a request.
        Pinned = "pinned",
    }
}

words! {
    /// Who asked for an exchange; also what fills a session.
    Source {
        /// A client of the proxy.
        Proxy = "proxy",
        /// A client of a `waylay run` proxy port.
        Run = "run",
        /// The user, from the editor or the command line.
        Send = "send",
        /// A captured request sent again as part of a replay.
        Replay = "replay",
        /// A paired web client.
        Agent = "agent",
        /// Read from a file.
        Import = "import",
    }
}

words! {
    /// Whose side a failure is on.
    Side {
        /// The client of the proxy.
        Client = "client",
        /// The origin, or the way to it.
        Upstream = "upstream",
        /// Waylay itself.
        Waylay = "waylay",
    }
}

words! {
    /// How far an exchange had come when it failed.
    Stage {
        /// Resolving the name.
        Dns = "dns",
        /// The TCP handshake.
        Connect = "connect",
        /// Asking a proxy on the way to connect.
        Proxy = "proxy",
        /// The TLS handshake.
        Tls = "tls",
        /// Sending the request.
        Request = "request",
        /// Waiting for the head of the response.
        Wait = "wait",
        /// Receiving the response.
        Response = "response",
        /// Relaying a tunnel.
        Relay = "relay",
        /// Deciding whether to send at all.
        Policy = "policy",
    }
}

words! {
    /// URL scheme of the request.
    Scheme {
        /// Without TLS.
        Http = "http",
        /// With TLS.
        Https = "https",
        /// A bare tunnel: neither.
        Tcp = "tcp",
    }
}

words! {
    /// How a body ended.
    #[derive(Default)]
    BodyEnd {
        /// Still under way, or not begun.
        #[default]
        Open = "open",
        /// All of it was transferred.
        Complete = "complete",
        /// The sender broke off or broke the framing.
        Failed = "failed",
        /// The receiver went away.
        Dropped = "dropped",
    }
}

/// Protocol version of a message, as HTTP/1 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HttpVersion {
    /// `HTTP/1.0`
    #[serde(rename = "HTTP/1.0")]
    Http10,
    /// `HTTP/1.1`
    #[default]
    #[serde(rename = "HTTP/1.1")]
    Http11,
    /// `HTTP/2`
    #[serde(rename = "HTTP/2")]
    Http2,
}

impl HttpVersion {
    /// As it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }

    /// 10, 11 or 20, as stored.
    pub fn number(self) -> i64 {
        match self {
            Self::Http10 => 10,
            Self::Http11 => 11,
            Self::Http2 => 20,
        }
    }

    /// The inverse of [`HttpVersion::number`].
    pub fn from_number(n: i64) -> Option<Self> {
        [Self::Http10, Self::Http11, Self::Http2].into_iter().find(|v| v.number() == n)
    }
}

/// Which message of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What the client sent.
    Request = 0,
    /// What the origin answered.
    Response = 1,
}

/// Why an exchange did not go well. An error is not a status code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose side it is on.
    pub side: Side,
    /// How far it had come.
    pub stage: Stage,
    /// A word or two for a table: `dns`, `refused`, `timeout`, `reset`, `expired certificate`, `client rejected certificate`.
    pub reason: String,
    /// A sentence in plain words, with the cause.
    pub message: String,
}

/// What the rules of a session kept out of a row. In JSON a list of words: `media`, `response`, `cookies`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<&'static str>", from = "Vec<String>")]
pub struct Omitted {
    /// The body of the response, because it is an image, audio or video.
    pub media: bool,
    /// The body of the response, because responses are not saved.
    pub response: bool,
    /// Its cookies are not looked at.
    pub cookies: bool,
}

impl Omitted {
    /// The words for what was left out.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        [(self.media, "media"), (self.response, "response"), (self.cookies, "cookies")]
            .into_iter()
            .filter_map(|(left_out, word)| left_out.then_some(word))
    }

    /// The inverse of [`Omitted::words`]; words that are not known mean nothing.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut omitted = Self::default();
        for word in words {
            match word {
                "media" => omitted.media = true,
                "response" => omitted.response = true,
                "cookies" => omitted.cookies = true,
                _ => {}
            }
        }
        omitted
    }

    /// Whether the body of the response was left out.
    pub fn body(self) -> bool {
        self.media || self.response
    }
}

impl From<Omitted> for Vec<&'static str> {
    fn from(omitted: Omitted) -> Self {
        omitted.words().collect()
    }
}

impl From<Vec<String>> for Omitted {
    fn from(words: Vec<String>) -> Self {
        Self::from_words(words.iter().map(String::as_str))
    }
}

/// Bytes that passed but were not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where they begin in the body.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// One body as captured.
#[derive(Clone, Debug, Default)]
pub struct BodyRecord {
    /// Bytes transferred, kept or not.
    pub size: u64,
    /// The whole body while it is small (in order); empty once it is `streamed`.
    pub parts: Vec<Bytes>,
    /// Its bytes went to the writer as chunks.
    pub streamed: bool,
    /// What was not kept, ascending, not touching.
    pub gaps: Vec<Gap>,
    /// How it ended.
    pub end: BodyEnd,
}

/// When an exchange's steps were done: microseconds after `started_us`; `None` if never reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// An upstream connection was ready to take the request.
    pub ready_us: Option<i64>,
    /// The head of the final response had arrived.
    pub head_us: Option<i64>,
    /// The exchange was over.
    pub end_us: Option<i64>,
    /// Resolving the name, if this exchange opened its connection. A duration.
    pub dns_us: Option<i64>,
    /// TCP handshake, likewise.
    pub connect_us: Option<i64>,
    /// TLS handshake, likewise.
    pub tls_us: Option<i64>,
}

/// An exchange as the recorder hands it to the writer, and as a reader gets it back (bodies apart).
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Order of beginning, unique in the store.
    pub seq: i64,
    /// What people call it.
    pub id: ExchangeId,
    /// What it stands for.
    pub kind: Kind,
    /// Who asked.
    pub source: Source,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// When its steps were done.
    pub timings: Timings,
    /// The client's connection; `None` for what is sent from here.
    pub client_connection: Option<i64>,
    /// The connection to the origin, once there is one.
    pub upstream_connection: Option<i64>,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host of the target without brackets, as the client wrote it.
    pub host: String,
    /// Port of the target.
    pub port: u16,
    /// Method, or `CONNECT` for tunnels.
    pub method: String,
    /// Path and query as on the wire; empty for tunnels.
    pub path: String,
    /// Final status, 100 to 999.
    pub status: Option<u16>,
    /// Version the client spoke.
    pub request_version: HttpVersion,
    /// Version the origin spoke.
    pub response_version: Option<HttpVersion>,
    /// Head as the client sent it.
    pub request_head: Bytes,
    /// Head as it went upstream; empty if it was the same bytes.
    pub sent_head: Bytes,
    /// Head as the origin sent it.
    pub response_head: Bytes,
    /// Trailers of the request, as field lines.
    pub request_trailers: Bytes,
    /// Trailers of the response, as field lines.
    pub response_trailers: Bytes,
    /// The request's body.
    pub request: BodyRecord,
    /// The response's body.
    pub response: BodyRecord,
    /// Messages so far, both ways; 0 for what has none.
    pub messages: i64,
    /// What the session's rules kept out of the row.
    pub omitted: Omitted,
    /// Why its bytes were relayed unread although they could have been read.
    pub passthrough: Option<Passthrough>,
    /// Why it did not go well.
    pub failure: Option<Failure>,
}

impl Exchange {
    /// The body that goes in one direction.
    pub fn body_mut(&mut self, part: Part) -> &mut BodyRecord {
        match part {
            Part::Request => &mut self.request,
            Part::Response => &mut self.response,
        }
    }

    /// Whether its heads can have cookies that are looked at. Quick: most heads do not have the word, and are not taken apart.
    pub fn has_cookies(&self) -> bool {
        !self.omitted.cookies && (mentions_cookies(&self.request_head) || mentions_cookies(&self.response_head))
    }
}

fn mentions_cookies(head: &[u8]) -> bool {
    let rest = |at: usize| head.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"cookie"));
    memchr::memchr2_iter(b'k', b'K', head).any(|at| at.checked_sub(3).is_some_and(rest))
}

/// What a list shows of an exchange. The JSON form is part of the API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// What people call it.
    pub id: ExchangeId,
    /// Order of beginning; cursors are made of it.
    pub seq: i64,
    /// What it stands for.
    pub kind: Kind,
    /// Who asked.
    pub source: Source,
    /// Whether it is over.
    pub done: bool,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// When its steps were done.
    pub timings: Timings,
    /// Method, or `CONNECT`.
    pub method: String,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host of the target.
    pub host: String,
    /// Port of the target.
    pub port: u16,
    /// Path and query; empty for tunnels.
    pub path: String,
    /// The whole URL, with the port only where it is not the scheme's own.
    pub url: String,
    /// Final status.
    pub status: Option<u16>,
    /// Version the client spoke.
    pub request_version: HttpVersion,
    /// Version the origin spoke.
    pub response_version: Option<HttpVersion>,
    /// Media type of the response without parameters, lower case.
    pub content_type: Option<String>,
    /// Request body, bytes as transferred.
    pub request_size: u64,
    /// Response body, bytes as transferred.
    pub response_size: u64,
    /// How the response body ended.
    pub response_end: BodyEnd,
    /// Some of a body was not kept.
    pub truncated: bool,
    /// Messages so far, both ways; 0 for what has none.
    pub messages: i64,
    /// What a gRPC call ended with: 0 is success.
    pub grpc_status: Option<u32>,
    /// What the session's rules kept out of the row.
    pub omitted: Omitted,
    /// Why its bytes were relayed unread although they could have been read.
    pub passthrough: Option<Passthrough>,
    /// Why it did not go well.
    pub failure: Option<Failure>,
}
