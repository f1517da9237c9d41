//! The messages of one direction of a WebSocket.

use waylay::messages::{
    Found,
    websocket::{Decoder, Deflate},
};
use waylay_storage::model::{MessageKind, MessageState};

/// What a decoder made of a stream.
struct Outcome {
    payload: Vec<u8>,
    found: Vec<Found>,
    broken: bool,
}

/// The same messages come out in whatever pieces the stream comes; they are those that a plain walk over all frames
/// finds, be their compression sound or not; and their payloads are all that was appended, one behind the other.
pub fn check(input: &[u8]) {
    let (options, wire) = super::option(input);
    let deflate = match options & 3 {
        0 | 1 => Some(Deflate { no_context_takeover: options & 1 != 0 }),
        _ => None,
    };
    let whole = decode(deflate, std::iter::once(wire));
    let pieces = decode(deflate, super::pieces(wire, options >> 2));

    let mut end = 0;
    for message in whole.found.iter().filter(|m| m.payload.is_none()) {
        assert_eq!(message.offset, end);
        end += message.length;
        let as_transferred = message.state != MessageState::Undecoded && !message.compressed;
        assert!(!as_transferred || message.length == message.wire_length);
    }
    assert_eq!(end, whole.payload.len() as u64);

    let frames = |outcome: &Outcome| -> Vec<_> {
        let head = |m: &Found| (m.kind, m.wire_length, m.fragments, m.compressed, m.payload.clone());
        outcome.found.iter().map(head).collect()
    };
    let (walked, broken) = walk(wire);
    assert_eq!(frames(&whole), frames(&pieces));
    assert_eq!(frames(&whole).into_iter().map(|(kind, length, n, ..)| (kind, length, n)).collect::<Vec<_>>(), walked);
    assert_eq!((whole.broken, pieces.broken), (broken, broken));

    let states = |outcome: &Outcome| -> Vec<_> { outcome.found.iter().map(|m| m.state).collect() };
    assert_eq!(states(&whole), states(&pieces));
    // How much is inflated before broken data are noticed depends on the pieces they come in.
    let given_up = |m: &Found| m.compressed && deflate.is_some() && m.state == MessageState::Undecoded;
    if !whole.found.iter().any(given_up) {
        assert_eq!(whole.found, pieces.found);
        assert!(whole.payload == pieces.payload, "other payloads in pieces");
    }
}

fn decode<'a>(deflate: Option<Deflate>, pieces: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let (mut decoder, mut payload, mut found) = (Decoder::new(deflate), Vec::new(), Vec::new());
    for piece in pieces {
        let before = payload.len();
        decoder.feed(piece, &mut payload, &mut found);
        assert!(payload.len() - before <= 3100 * (piece.len() + 2), "{} of {}", payload.len() - before, piece.len());
    }
    decoder.finish(&mut found);
    assert!(!decoder.in_message());
    Outcome { payload, found, broken: decoder.broken().is_some() }
}

/// Kind, bytes on the wire and fragments of each message, and whether the frames break a rule.
fn walk(wire: &[u8]) -> (Vec<(MessageKind, u64, u32)>, bool) {
    let (mut messages, mut open) = (Vec::new(), None::<(MessageKind, u64, u32)>);
    let mut rest = wire;
    let mut broken = false;
    while let [first, after @ ..] = rest {
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
        let control = match opcode {
            8 => Some(MessageKind::Close),
            9 => Some(MessageKind::Ping),
            10 => Some(MessageKind::Pong),
            _ => None,
        };
        broken = match opcode {
            0 => open.is_none(),
            1 | 2 => open.is_some(),
            _ => control.is_none() || !fin,
        };
        if broken {
            break;
        }
        match (opcode, &mut open) {
            (0, Some((_, _, frames))) => *frames += 1,
            (1, _) => open = Some((MessageKind::Text, 0, 1)),
            (2, _) => open = Some((MessageKind::Binary, 0, 1)),
            _ => {}
        }
        // A control frame too long is noticed before the rest of its head has come.
        broken = control.is_some() && after.first().is_some_and(|second| second & 0x7f > 125);
        let (payload, declared, next) = match head(after) {
            Some((size, length)) if !broken && length <= i64::MAX as u64 => {
                let came = length.min((after.len() - size) as u64);
                (came, length, Some(&after[size + came as usize..]))
            }
            Some(_) => {
                broken = true;
                (0, u64::MAX, None)
            }
            None => (0, u64::MAX, None),
        };
        match (control, &mut open) {
            (Some(kind), _) => messages.push((kind, payload, 1)),
            (None, Some(message)) => message.1 += payload,
            (None, None) => {}
        }
        if control.is_none() && fin && payload == declared {
            messages.extend(open.take());
        }
        let Some(next) = next else { break };
        rest = next;
    }
    messages.extend(open);
    (messages, broken)
}

/// Size of the rest of a head, and the length it declares; `None` if it is not all there.
fn head(after: &[u8]) -> Option<(usize, u64)> {
    let second = *after.first()?;
    let digits = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let size = 1 + digits + if second & 0x80 != 0 { 4 } else { 0 };
    let head = after.get(..size)?;
    let length = head[1..1 + digits].iter().fold(0, |length, digit| length << 8 | u64::from(*digit));
    Some((size, if digits == 0 { u64::from(second & 0x7f) } else { length }))
}
