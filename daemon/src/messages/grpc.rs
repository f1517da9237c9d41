//! The messages of a gRPC call: each a prefix of five bytes (a flag, a length) and a payload.
//!
//! The rule is `Length-Prefixed-Message` of "gRPC over HTTP2"; gRPC-Web adds a message that holds the trailers, for
//! clients that cannot read those of HTTP.

use super::Found;
use waylay_storage::model::{MessageKind, MessageState};

/// Set in the flag of a compressed message.
const COMPRESSED: u8 = 0x01;
/// Set in the flag of what are trailers (gRPC-Web, "Message framing").
const TRAILERS: u8 = 0x80;

/// Finds the messages of one direction of a call. Nothing is kept of a payload, which may be 4 GiB long.
#[derive(Debug, Default)]
pub struct Splitter {
    /// Bytes seen.
    position: u64,
    /// As much of a prefix as has come.
    prefix: [u8; 5],
    prefix_length: usize,
    /// Bytes of the payload still to come; of use once the prefix is complete.
    left: u64,
    broken: Option<&'static str>,
}

impl Splitter {
    /// At the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads on; messages that ended are appended to `found`. Their offsets and lengths leave out the prefix.
    pub fn feed(&mut self, mut bytes: &[u8], found: &mut Vec<Found>) {
        while !bytes.is_empty() && self.broken.is_none() {
            if self.prefix_length < self.prefix.len() {
                self.feed_prefix(bytes[0]);
                bytes = &bytes[1..];
            } else {
                // At most the length of the slice, so it fits.
                let n = self.left.min(bytes.len() as u64) as usize;
                self.position += n as u64;
                self.left -= n as u64;
                bytes = &bytes[n..];
            }
            if self.prefix_length == self.prefix.len() && self.left == 0 {
                self.end(MessageState::Complete, found);
            }
        }
    }

    /// The stream has ended: a message under way is handed out as cut.
    pub fn finish(&mut self, found: &mut Vec<Found>) {
        if self.in_message() {
            self.end(MessageState::Cut, found);
        }
    }

    /// Whether a message has begun, be it with the first byte of its prefix, and not ended.
    pub fn in_message(&self) -> bool {
        self.prefix_length > 0
    }

    /// Why the bytes from here on could not be read as messages, if so. Nothing more is found then.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    fn feed_prefix(&mut self, byte: u8) {
        if self.prefix_length == 0 && byte & !(COMPRESSED | TRAILERS) != 0 {
            self.broken = Some("a message has a flag that gRPC does not define");
            return;
        }
        self.prefix[self.prefix_length] = byte;
        self.prefix_length += 1;
        self.position += 1;
        let [_, length @ ..] = self.prefix;
        self.left = u32::from_be_bytes(length).into();
    }

    fn end(&mut self, state: MessageState, found: &mut Vec<Found>) {
        let [flag, length @ ..] = self.prefix;
        let whole = self.prefix_length == self.prefix.len();
        let length = if whole { u64::from(u32::from_be_bytes(length)) - self.left } else { 0 };
        let kind = if flag & TRAILERS == 0 { MessageKind::Grpc } else { MessageKind::GrpcTrailers };
        let message = Found::plain(kind, self.position - length, length, state);
        found.push(Found { compressed: flag & COMPRESSED != 0, ..message });
        self.prefix_length = 0;
    }
}

#[cfg(test)]
mod tests;
