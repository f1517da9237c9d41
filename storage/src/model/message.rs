//! One message of a conversation: of a WebSocket, an event stream, or a gRPC call.

use super::Part;
use bytes::Bytes;

words! {
    /// What a message is.
    MessageKind {
        /// A WebSocket message of text (RFC 6455, 5.6).
        Text = "text",
        /// A WebSocket message of bytes.
        Binary = "binary",
        /// A WebSocket ping (RFC 6455, 5.5.2).
        Ping = "ping",
        /// A WebSocket pong.
        Pong = "pong",
        /// A WebSocket close frame: a status code of two bytes, big-endian, and a reason; or nothing.
        Close = "close",
        /// An event of an event stream: its lines as they stand in the body, without the empty line behind them.
        Event = "event",
        /// A message of a gRPC call, without its prefix of five bytes.
        Grpc = "grpc",
        /// The trailers a gRPC-Web response carries in its body, as field lines.
        GrpcTrailers = "grpc_trailers",
    }
}

words! {
    /// How far a message can be read.
    #[derive(Default)]
    MessageState {
        /// All of it, decoded.
        #[default]
        Complete = "complete",
        /// The connection ended in the middle of it.
        Cut = "cut",
        /// Its compression could not be undone, or was not worth it: the payload is as it was transferred.
        Undecoded = "undecoded",
    }
}

/// A message. Its payload is `payload`, or else `length` bytes from `offset` of the body of `part`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of the exchange.
    pub seq: i64,
    /// Its place among the messages of the exchange, both ways, from 1, in the order in which they ended.
    pub number: i64,
    /// Who sent it: [`Part::Request`] the client, [`Part::Response`] the origin.
    pub part: Part,
    /// What it is.
    pub kind: MessageKind,
    /// When its first byte came: microseconds after the exchange began.
    pub at_us: i64,
    /// Where its payload begins in the body of `part`. For a WebSocket that body is the decoded payloads of its text
    /// and binary messages, one behind the other.
    pub offset: u64,
    /// Bytes of the payload.
    pub length: u64,
    /// Bytes it took on the wire before it was decompressed, without frame heads.
    pub wire_length: u64,
    /// In how many frames it came; 1 except for WebSockets.
    pub fragments: u32,
    /// Whether it was compressed on the wire. A gRPC message still is: it is decompressed when it is looked at.
    pub compressed: bool,
    /// How far it can be read.
    pub state: MessageState,
    /// The payload of a ping, pong or close, which are no part of the body: 125 bytes at most.
    pub payload: Option<Bytes>,
}
