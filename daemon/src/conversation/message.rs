//! A message as it is told live.

use crate::{
    content::{Close, ServerEvent},
    view::Sender,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use waylay_storage::model::MessageKind;

/// Of a longer message, so much is kept to be told live, bytes. All of it is stored with the exchange.
pub const LONGEST: usize = 5 << 20;

/// A message that was sent or has come.
#[derive(Clone, Debug)]
pub struct LiveMessage {
    /// Its place among those of the conversation, over all connections, from 1, in the order in which they were seen here.
    pub number: u64,
    /// Who sent it.
    pub sender: Sender,
    /// What it is.
    pub kind: MessageKind,
    /// When it was seen, microseconds since the Unix epoch.
    pub at_us: i64,
    /// Bytes of its payload.
    pub length: u64,
    /// The payload, or its first [`LONGEST`] bytes.
    pub payload: Bytes,
}

impl LiveMessage {
    /// As it is told, with `most` bytes of its payload.
    pub fn told(&self, most: usize) -> Value {
        let Self { number, sender, kind, at_us, length, payload } = self;
        let shown = &payload[..payload.len().min(most)];
        let mut told = json!({ "number": number, "sender": sender, "kind": kind, "at_us": at_us, "length": length });
        let mut truncated = (shown.len() as u64) < *length;
        match (kind, text(shown, truncated)) {
            (MessageKind::Binary, _) | (_, None) => told["base64"] = BASE64_STANDARD.encode(shown).into(),
            (_, Some(text)) => told["text"] = text.into(),
        }
        match kind {
            MessageKind::Close => {
                let close = Close::parse(payload);
                told["close_code"] = close.code.into();
                told["close_reason"] = close.reason.into();
            }
            MessageKind::Event => {
                let event = ServerEvent::parse(payload);
                told["event"] = event.name.into();
                told["event_id"] = event.id.into();
                told["retry"] = event.retry.into();
                let data = event.data.map(|mut data| {
                    truncated |= data.len() > most;
                    data.truncate(data.floor_char_boundary(most));
                    data
                });
                told["data"] = data.into();
            }
            _ => {}
        }
        told["truncated"] = truncated.into();
        told
    }
}

/// The bytes as text, if they are; of `cut` ones, half a character at the end is left out.
fn text(bytes: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(e) if cut && e.error_len().is_none() => std::str::from_utf8(&bytes[..e.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: MessageKind, payload: &'static [u8], most: usize) -> Value {
        let length = payload.len() as u64;
        let payload = Bytes::from_static(payload);
        LiveMessage { number: 1, sender: Sender::Origin, kind, at_us: 7, length, payload }.told(most)
    }

    #[test]
    fn messages_are_told_as_what_they_are() {
        let usual = |kind: &str, length: u64, truncated: bool, rest: Value| {
            let mut all = json!({ "number": 1, "sender": "origin", "kind": kind, "at_us": 7, "length": length,
                "truncated": truncated });
            all.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            all
        };
        for (kind, payload, most, expected) in [
            (MessageKind::Text, &b"hello"[..], 9, usual("text", 5, false, json!({ "text": "hello" }))),
            (MessageKind::Text, "aé".as_bytes(), 2, usual("text", 3, true, json!({ "text": "a" }))),
            (MessageKind::Binary, b"hello", 9, usual("binary", 5, false, json!({ "base64": "aGVsbG8=" }))),
            (MessageKind::Ping, b"\xff", 9, usual("ping", 1, false, json!({ "base64": "/w==" }))),
            (
                MessageKind::Close,
                b"\x03\xe8bye",
                9,
                usual("close", 5, false, json!({ "base64": "A+hieWU=", "close_code": 1000, "close_reason": "bye" })),
            ),
            (
                MessageKind::Event,
                b"event: add\nid: 7\ndata: one",
                4096,
                usual(
                    "event",
                    26,
                    false,
                    json!({ "text": "event: add\nid: 7\ndata: one", "event": "add", "event_id": "7", "retry": null,
                        "data": "one" }),
                ),
            ),
        ] {
            assert_eq!(told(kind, payload, most), expected);
        }
    }
}
