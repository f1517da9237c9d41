//! Cuts a stream of bytes into the messages of a conversation: those of a WebSocket, the events of an event stream, the
//! messages of a gRPC call.
//!
//! Bytes in, values out: nothing here knows of sockets or of time. A parser takes pieces of any size, as they come, and
//! hands a message out when its last byte has come. The bytes are hostile: none of them can make a parser panic, and
//! none holds more than a window of 32 KiB and the payload of one control frame, however long a message is.
//!
//! - [`websocket`]: one direction of a WebSocket, unmasked and inflated
//! - [`sse`]: an event stream
//! - [`grpc`]: one direction of a gRPC call, or of a gRPC-Web one

pub mod grpc;
pub mod sse;
pub mod websocket;

use bytes::Bytes;
use waylay_storage::model::{MessageKind, MessageState};

/// A message found in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: MessageKind,
    /// Where its payload begins. In an event stream or a gRPC call: bytes from the beginning of the stream. In a
    /// WebSocket: bytes from the beginning of all payloads ever appended. 0 when it stands in `payload`.
    pub offset: u64,
    /// Bytes of its payload; of a message that was cut, those that came.
    pub length: u64,
    /// Bytes its payload took on the wire, before it was decompressed.
    pub wire_length: u64,
    /// In how many frames it came; 1 except for WebSockets.
    pub fragments: u32,
    /// Whether it was marked as compressed.
    pub compressed: bool,
    /// How far it can be read.
    pub state: MessageState,
    /// The payload of a control frame, 125 bytes at most; `None` for all other messages.
    pub payload: Option<Bytes>,
}

impl Found {
    /// A message of which all that came stands in the stream as it is.
    fn plain(kind: MessageKind, offset: u64, length: u64, state: MessageState) -> Self {
        Self { kind, offset, length, wire_length: length, fragments: 1, compressed: false, state, payload: None }
    }
}
