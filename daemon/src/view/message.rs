//! One message of a WebSocket, an event stream or a gRPC call.

use serde::Serialize;
use waylay_storage::model::{self, MessageKind, MessageState, Part};

/// What a list shows of a message.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Its place among the messages of its exchange, both ways, from 1.
    pub number: i64,
    /// Who sent it.
    pub sender: Sender,
    /// What it is.
    pub kind: MessageKind,
    /// When its first byte came: microseconds after the exchange began.
    pub at_us: i64,
    /// Bytes of its payload.
    pub length: u64,
    /// Bytes it took on the wire before it was decompressed, without frame heads.
    pub wire_length: u64,
    /// In how many frames it came; 1 except for WebSockets.
    pub fragments: u32,
    /// Whether it was compressed on the wire.
    pub compressed: bool,
    /// How far it can be read.
    pub state: MessageState,
    /// The beginning of what it says, on one line: 200 characters at most. Left out where the whole is beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Of a server-sent event: its type, where it has one.
    pub event: Option<String>,
    /// Of a server-sent event: the id it sets.
    pub event_id: Option<String>,
    /// Of a close frame: its status code.
    pub close_code: Option<u16>,
    /// Bytes of the payload that were not kept.
    pub missing: u64,
}

/// The whole of a message, as far as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct MessageDetail {
    /// What a list shows, without the preview.
    #[serde(flatten)]
    pub message: Message,
    /// The payload as text, if it is text: 1 MiB at most.
    pub text: Option<String>,
    /// There is more than was looked at.
    pub truncated: bool,
    /// The first 4 KiB of the payload in hexadecimal digits, if it is not text.
    pub hex: Option<String>,
    /// Of a server-sent event: its data lines, joined.
    pub data: Option<String>,
    /// Of a server-sent event: the time to wait before a new connection that it sets, milliseconds.
    pub retry: Option<u64>,
    /// Of a gRPC message: its fields, if it can be read as protobuf ([`crate::content::protobuf`]).
    pub fields: Option<serde_json::Value>,
    /// There are more fields than are shown.
    pub fields_truncated: bool,
    /// Of a close frame: its reason.
    pub close_reason: Option<String>,
    /// Why the payload cannot be read as what it should be.
    pub decode_error: Option<String>,
}

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// The client.
    Client,
    /// The origin.
    Origin,
}

impl From<Part> for Sender {
    fn from(part: Part) -> Self {
        match part {
            Part::Request => Self::Client,
            Part::Response => Self::Origin,
        }
    }
}

impl From<Sender> for Part {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Client => Self::Request,
            Sender::Origin => Self::Response,
        }
    }
}

impl Message {
    /// What the row alone tells.
    pub(super) fn of(message: &model::Message) -> Self {
        Self {
            number: message.number,
            sender: message.part.into(),
            kind: message.kind,
            at_us: message.at_us,
            length: message.length,
            wire_length: message.wire_length,
            fragments: message.fragments,
            compressed: message.compressed,
            state: message.state,
            preview: None,
            event: None,
            event_id: None,
            close_code: None,
            missing: 0,
        }
    }
}
