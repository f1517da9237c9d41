//! The messages of one direction of a WebSocket (RFC 6455), with permessage-deflate undone (RFC 7692).
//!
//! - [`Decoder`]: follows frames and hands out messages
//! - `head`: the head of a frame
//! - `mask`: its masking
//! - [`encode`]: the other way, for a side that is ourselves
//! - `deflate`: what the handshake settled about compression
//! - `inflation`: its undoing
//! - `open`: the message under way

mod deflate;
pub mod encode;
mod head;
mod inflation;
mod mask;
mod open;

pub use deflate::{Deflate, negotiated};

use super::Found;
use bytes::Bytes;
use head::{First, Heads, Opcode, Rest};
use inflation::Inflation;
use mask::Masked;
use open::Open;
use waylay_storage::model::{MessageKind, MessageState};

/// Decodes what one side of a WebSocket sends after the handshake.
///
/// It is a witness and no judge: masked and unmasked frames are taken from either side, text need not be UTF-8, close
/// frames end nothing. Memory is that of one inflater (45 KiB, from the first compressed message on) and of the payload
/// of one control frame.
///
/// A message whose compression cannot be undone is given up and handed out as [`MessageState::Undecoded`]: because its
/// data are corrupt, because it inflates to more than 64 MiB, or because its marks belong to no extension that was
/// settled. What had been inflated by then stays in the payload, and what follows is appended to it as transferred
/// (but unmasked). As the window is lost with it, so are all later compressed messages of this direction, unless their
/// sender starts each with an empty window. Where frames begin and end is never lost by that.
pub struct Decoder {
    inflation: Inflation,
    heads: Heads,
    state: State,
    message: Option<Open>,
    /// The payload of the control frame under way.
    control: Vec<u8>,
    /// Bytes ever appended to payloads.
    appended: u64,
    broken: Option<&'static str>,
}

enum State {
    /// The next byte begins a frame.
    Between,
    /// In the head of a frame, behind its first byte.
    Head(First),
    /// In its payload: so many bytes of it have come.
    Payload(First, Rest, u64),
}

impl Decoder {
    /// Behind a handshake that settled `deflate` for this direction: see [`negotiated`].
    pub fn new(deflate: Option<Deflate>) -> Self {
        Self {
            inflation: Inflation::new(deflate),
            heads: Heads::default(),
            state: State::Between,
            message: None,
            control: Vec::new(),
            appended: 0,
            broken: None,
        }
    }

    /// Reads on with bytes as they stand on the wire.
    ///
    /// Decoded bytes of text and binary messages are appended to `payload`, which the caller may empty between calls:
    /// the offsets and lengths of what is found count in all that was ever appended. A piece of `n` bytes appends at
    /// most `3100 * (n + 2)`: deflate makes up to 1032 of one, and four are put back behind every message. Messages that ended are appended to `found`, control
    /// frames also between the fragments of a message.
    pub fn feed(&mut self, mut bytes: &[u8], payload: &mut Vec<u8>, found: &mut Vec<Found>) {
        while self.broken.is_none() && !bytes.is_empty() {
            match self.step(bytes, payload, found) {
                Ok(rest) => bytes = rest,
                Err(why) => {
                    self.finish(found);
                    self.broken = Some(why);
                }
            }
        }
    }

    /// The stream has ended: what is under way is handed out as cut, or as undecoded if it was given up before.
    pub fn finish(&mut self, found: &mut Vec<Found>) {
        let state = std::mem::replace(&mut self.state, State::Between);
        if let State::Head(first) | State::Payload(first, ..) = state
            && let Opcode::Control(kind) = first.opcode
        {
            self.end_control(kind, first, MessageState::Cut, found);
        }
        if let Some(message) = self.message.take() {
            found.push(message.found(MessageState::Cut));
        }
    }

    /// Whether a text or binary message has begun, be it with the first byte of its head, and not ended.
    pub fn in_message(&self) -> bool {
        self.message.is_some()
    }

    /// Why the bytes from here on could not be read as frames, if so. Nothing more is found then, and what was under
    /// way has been handed out as cut.
    pub fn broken(&self) -> Option<&'static str> {
        self.broken
    }

    /// Returns the bytes that were not used up.
    fn step<'a>(
        &mut self,
        bytes: &'a [u8],
        payload: &mut Vec<u8>,
        found: &mut Vec<Found>,
    ) -> Result<&'a [u8], &'static str> {
        match self.state {
            State::Between => {
                let first = First::parse(bytes[0])?;
                self.begin_frame(first)?;
                self.state = State::Head(first);
                Ok(&bytes[1..])
            }
            State::Head(first) => {
                if let Some(rest) = self.heads.feed(first, bytes[0])? {
                    self.state = State::Payload(first, rest, 0);
                    self.end_frame_if(first, rest, 0, payload, found);
                }
                Ok(&bytes[1..])
            }
            State::Payload(first, rest, seen) => {
                // At most the length of the slice, so it fits.
                let n = (rest.length - seen).min(bytes.len() as u64) as usize;
                let (now, later) = bytes.split_at(n);
                self.feed_payload(first, Masked { bytes: now, key: rest.mask, from: seen }, payload);
                let seen = seen + n as u64;
                self.state = State::Payload(first, rest, seen);
                self.end_frame_if(first, rest, seen, payload, found);
                Ok(later)
            }
        }
    }

    /// Errors: a continuation of nothing, or a message within another.
    fn begin_frame(&mut self, first: First) -> Result<(), &'static str> {
        match (first.opcode, &mut self.message) {
            (Opcode::Control(_), _) => {}
            (Opcode::Data(kind), None) => {
                let reading = self.inflation.begin_message(first);
                self.message = Some(Open::new(kind, self.appended, first, reading));
            }
            (Opcode::Data(_), Some(_)) => return Err("a message begins within another"),
            (Opcode::Continuation, None) => return Err("a frame goes on with a message that has not begun"),
            (Opcode::Continuation, Some(message)) => message.next_fragment(first, &mut self.inflation),
        }
        Ok(())
    }

    fn feed_payload(&mut self, first: First, bytes: Masked<'_>, payload: &mut Vec<u8>) {
        match (first.opcode, &mut self.message) {
            (Opcode::Control(_), _) => bytes.append_to(&mut self.control),
            (_, Some(message)) => self.appended += message.feed(bytes, &mut self.inflation, payload),
            // A frame of a message is begun with its message.
            (_, None) => {}
        }
    }

    fn end_frame_if(&mut self, first: First, rest: Rest, seen: u64, payload: &mut Vec<u8>, found: &mut Vec<Found>) {
        if seen < rest.length {
            return;
        }
        self.state = State::Between;
        if let Opcode::Control(kind) = first.opcode {
            self.end_control(kind, first, MessageState::Complete, found);
        } else if first.fin
            && let Some(mut message) = self.message.take()
        {
            self.appended += message.end(&mut self.inflation, payload);
            found.push(message.found(MessageState::Complete));
        }
    }

    fn end_control(&mut self, kind: MessageKind, first: First, state: MessageState, found: &mut Vec<Found>) {
        let payload = Bytes::from(std::mem::take(&mut self.control));
        let length = payload.len() as u64;
        let marked = first.rsv1 || first.rsv23;
        let state = if marked { MessageState::Undecoded } else { state };
        let message = Found::plain(kind, 0, length, state);
        found.push(Found { compressed: first.rsv1, payload: Some(payload), ..message });
    }
}

#[cfg(test)]
mod tests;
