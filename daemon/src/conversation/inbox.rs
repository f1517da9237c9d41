//! The messages that a server sends over a WebSocket, judged as RFC 6455 wants it of a client.

use super::message::LONGEST;
use crate::messages::{
    Found,
    websocket::{Decoder, Deflate},
};
use bytes::Bytes;
use waylay_storage::model::{MessageKind, MessageState};

/// Compressed bytes looked at together: they become some thousand times as many at most.
const AT_ONCE: usize = 1 << 10;

/// What has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// A message.
    Message {
        /// What it is.
        kind: MessageKind,
        /// Bytes of its payload.
        length: u64,
        /// The payload, or its first [`LONGEST`] bytes.
        payload: Bytes,
    },
    /// Something that ends the conversation. Nothing comes behind it.
    Broken {
        /// The status code to say goodbye with (RFC 6455, 7.4.1).
        code: u16,
        /// What it was, as a sentence.
        why: String,
    },
}

/// Reads what comes. Its memory is that of a decoder and of one message, of which [`LONGEST`] bytes are kept.
pub struct Inbox {
    decoder: Decoder,
    deflate: bool,
    /// The longest message that is taken.
    most: u64,
    /// The beginning of the message under way.
    kept: Vec<u8>,
    /// Bytes of it that have come.
    length: u64,
    /// Bytes ever decoded.
    decoded: u64,
    over: bool,
}

impl Inbox {
    /// For messages compressed in that way, of `most` bytes at most; 0 for any.
    pub fn new(deflate: Option<Deflate>, most: u64) -> Self {
        Self {
            decoder: Decoder::new(deflate),
            deflate: deflate.is_some(),
            most: if most == 0 { u64::MAX } else { most },
            kept: Vec::new(),
            length: 0,
            decoded: 0,
            over: false,
        }
    }

    /// Reads on; what has come is appended to `arrived`.
    pub fn feed(&mut self, bytes: &[u8], arrived: &mut Vec<Arrived>) {
        for piece in bytes.chunks(AT_ONCE) {
            if self.over {
                return;
            }
            let (mut payload, mut found) = (Vec::new(), Vec::new());
            self.decoder.feed(piece, &mut payload, &mut found);
            let judged = self.judge(&payload, found, arrived);
            let judged = judged.and_then(|()| match self.decoder.broken() {
                Some(why) => Err((1002, format!("The server broke the WebSocket protocol: {why}."))),
                None => Ok(()),
            });
            if let Err((code, why)) = judged {
                self.over = true;
                arrived.push(Arrived::Broken { code, why });
            }
        }
    }

    /// `payload` is what was decoded just now, and `found` what ended within.
    fn judge(&mut self, payload: &[u8], found: Vec<Found>, arrived: &mut Vec<Arrived>) -> Result<(), (u16, String)> {
        let begin = self.decoded;
        self.decoded += payload.len() as u64;
        let mut used = 0;
        for message in found {
            if message.state == MessageState::Cut {
                continue;
            }
            if let Some(bytes) = message.payload {
                if message.state != MessageState::Complete {
                    return Err((1002, "The server sent a control frame marked by an extension.".to_owned()));
                }
                arrived.push(Arrived::Message { kind: message.kind, length: message.length, payload: bytes });
                continue;
            }
            // It ended in what was decoded just now, behind those before it.
            let end = usize::try_from((message.offset + message.length).saturating_sub(begin)).unwrap_or(usize::MAX);
            let end = end.clamp(used, payload.len());
            self.keep(&payload[used..end])?;
            used = end;
            if message.state == MessageState::Undecoded {
                return Err(if self.deflate && message.compressed {
                    (1007, "The server sent a message whose compression cannot be undone.".to_owned())
                } else {
                    (1002, "The server sent a message marked by an extension that was not settled.".to_owned())
                });
            }
            let (kept, length) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.length));
            let whole = kept.len() as u64 == length;
            if message.kind == MessageKind::Text && whole && std::str::from_utf8(&kept).is_err() {
                return Err((1007, "The server sent a text message that is no UTF-8.".to_owned()));
            }
            arrived.push(Arrived::Message { kind: message.kind, length, payload: kept.into() });
        }
        self.keep(&payload[used..])
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), (u16, String)> {
        self.length += bytes.len() as u64;
        if self.length > self.most {
            let why = format!("The server sent a message longer than the {} bytes that are taken.", self.most);
            return Err((1009, why));
        }
        let room = LONGEST.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::websocket::encode::{Deflater, FIN, RSV1, frame};
    use proptest::prelude::*;

    const DEFLATE: Option<Deflate> = Some(Deflate { no_context_takeover: false });

    fn read(deflate: Option<Deflate>, most: u64, wire: &[u8], piece: usize) -> Vec<Arrived> {
        let (mut inbox, mut arrived) = (Inbox::new(deflate, most), Vec::new());
        wire.chunks(piece).for_each(|bytes| inbox.feed(bytes, &mut arrived));
        arrived
    }

    fn message(kind: MessageKind, payload: &[u8]) -> Arrived {
        Arrived::Message { kind, length: payload.len() as u64, payload: Bytes::copy_from_slice(payload) }
    }

    #[test]
    fn what_breaks_the_rules_ends_it_with_the_right_code() {
        let long = frame(FIN | 1, None, &[b'x'; 101]);
        let mut inflated = Deflater::new(DEFLATE.unwrap());
        let bomb = frame(FIN | RSV1 | 2, None, &inflated.message(&vec![0; 1 << 20]).unwrap());
        for (deflate, wire, code, says) in [
            (None, frame(FIN | 1, None, b"\xff"), 1007, "no UTF-8"),
            (None, frame(FIN | 3, None, b""), 1002, "reserves"),
            (None, frame(0x09, None, b""), 1002, "fragmented"),
            (None, frame(FIN, None, b""), 1002, "not begun"),
            (None, frame(FIN | RSV1 | 1, None, b"x"), 1002, "not settled"),
            (None, frame(FIN | RSV1 | 9, None, b"x"), 1002, "control frame"),
            (DEFLATE, frame(FIN | RSV1 | 1, None, b"\xff\xff\xff"), 1007, "cannot be undone"),
            (None, long, 1009, "longer than the 100"),
            (DEFLATE, bomb, 1009, "longer than the 100"),
        ] {
            for piece in [1, 7, 4096] {
                let wire = [frame(FIN | 1, None, b"first"), wire.clone(), frame(FIN | 1, None, b"never")].concat();
                let arrived = read(deflate, 100, &wire, piece);
                assert_eq!(arrived[0], message(MessageKind::Text, b"first"));
                let Arrived::Broken { code: found, why } = &arrived[1] else { panic!("{arrived:?}") };
                assert!(*found == code && why.contains(says) && arrived.len() == 2, "{arrived:?}");
            }
        }
    }

    #[test]
    fn of_a_longer_message_the_beginning_is_kept() {
        let wire = frame(FIN | 2, None, &vec![7; LONGEST + 10]);
        let arrived = read(None, 0, &[wire, frame(FIN | 1, None, b"next")].concat(), 64 << 10);
        let Arrived::Message { length, payload, .. } = &arrived[0] else { panic!() };
        assert_eq!((*length, payload.len()), (LONGEST as u64 + 10, LONGEST));
        assert_eq!(arrived[1], message(MessageKind::Text, b"next"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back_at_every_size_of_piece(
            texts in proptest::collection::vec((any::<bool>(), any::<bool>(), "\\PC{0,300}"), 0..12),
            forgets: bool, piece in 1..200usize, mask: [u8; 4],
        ) {
            let deflate = Deflate { no_context_takeover: forgets };
            let (mut deflater, mut wire, mut expected) = (Deflater::new(deflate), Vec::new(), Vec::new());
            for (compressed, ping, text) in &texts {
                if *ping {
                    wire.extend(frame(FIN | 9, Some(mask), &text.as_bytes()[..text.len().min(125)]));
                    expected.push(message(MessageKind::Ping, &text.as_bytes()[..text.len().min(125)]));
                }
                wire.extend(match compressed {
                    true => frame(FIN | RSV1 | 1, None, &deflater.message(text.as_bytes()).unwrap()),
                    false => frame(FIN | 1, Some(mask), text.as_bytes()),
                });
                expected.push(message(MessageKind::Text, text.as_bytes()));
            }
            prop_assert_eq!(read(Some(deflate), 0, &wire, piece), expected);
        }

        #[test]
        fn any_bytes_are_read_alike_in_any_pieces(wire: Vec<u8>, piece in 1..50usize) {
            prop_assert_eq!(read(DEFLATE, 0, &wire, piece), read(DEFLATE, 0, &wire, wire.len().max(1)));
        }
    }
}
