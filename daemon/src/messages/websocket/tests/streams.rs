//! Streams made up of messages, and of anything.

use super::{
    Outcome, decode, decode_in_pieces,
    encode::{Deflater, FIN, RSV1, frame},
};
use crate::messages::websocket::Deflate;
use proptest::{collection::vec, option, prelude::*, sample::Index};
use waylay_storage::model::{MessageKind, MessageState};

/// A control frame: what it is, and its payload.
type Control = (MessageKind, Vec<u8>);

/// A message as its sender wants it.
#[derive(Clone, Debug)]
struct Sent {
    kind: MessageKind,
    payload: Vec<u8>,
    /// Whether it is compressed, and whether in a block that says it is the last.
    compress: Option<bool>,
    /// Where it is cut into frames, and what is sent in between: an empty one may be a frame of its own.
    cuts: Vec<(Index, Option<Control>)>,
    mask: Option<[u8; 4]>,
}

fn sent(longest: usize) -> impl Strategy<Value = Sent> {
    use MessageKind::*;
    let payload = prop_oneof![
        vec(any::<u8>(), 0..longest),
        ("[a-z ]{1,12}", 0..longest / 6).prop_map(|(word, times)| word.repeat(times).into_bytes()),
    ];
    let control = (prop::sample::select(vec![Ping, Pong, Close]), vec(any::<u8>(), 0..=125.min(longest)));
    let cuts = vec((any::<Index>(), option::of(control)), 0..4);
    let kind = prop::sample::select(vec![Text, Binary]);
    (kind, payload, option::of(prop::bool::weighted(0.2)), cuts, any::<Option<[u8; 4]>>())
        .prop_map(|(kind, payload, compress, cuts, mask)| Sent { kind, payload, compress, cuts, mask })
}

/// What is to come out: kind, payload, fragments and whether it was compressed.
type Expected = (MessageKind, Vec<u8>, u32, bool);

fn opcode(kind: MessageKind) -> u8 {
    match kind {
        MessageKind::Text => 1,
        MessageKind::Binary => 2,
        MessageKind::Close => 8,
        MessageKind::Ping => 9,
        _ => 10,
    }
}

/// The stream, what is to come out of it, and how many bytes its text and binary messages take without frame heads.
fn encode(messages: &[Sent], level: u32, no_context_takeover: bool) -> (Vec<u8>, Vec<Expected>, u64) {
    let mut deflater = Deflater::new(level, no_context_takeover);
    let (mut wire, mut expected, mut wire_length) = (Vec::new(), Vec::new(), 0);
    for message in messages {
        let payload = match message.compress {
            Some(last) => deflater.message(&message.payload, last),
            None => message.payload.clone(),
        };
        wire_length += payload.len() as u64;
        let mut cuts: Vec<_> =
            message.cuts.iter().map(|(at, control)| (at.index(payload.len() + 1), control)).collect();
        cuts.sort_by_key(|(at, _)| *at);
        let marks = opcode(message.kind) | if message.compress.is_some() { RSV1 } else { 0 };
        let mut start = 0;
        for (i, (at, control)) in cuts.iter().enumerate() {
            wire.extend(frame(if i == 0 { marks } else { 0 }, message.mask, &payload[start..*at]));
            start = *at;
            if let Some((kind, payload)) = control {
                wire.extend(frame(FIN | opcode(*kind), message.mask, payload));
                expected.push((*kind, payload.clone(), 1, false));
            }
        }
        wire.extend(frame(FIN | if cuts.is_empty() { marks } else { 0 }, message.mask, &payload[start..]));
        let fragments = cuts.len() as u32 + 1;
        expected.push((message.kind, message.payload.clone(), fragments, message.compress.is_some()));
    }
    (wire, expected, wire_length)
}

fn check(outcome: &Outcome, expected: &[Expected], wire_length: u64) {
    let frames = outcome.found.iter().map(|m| (m.fragments, m.compressed));
    let read: Vec<_> = outcome.read().into_iter().zip(frames).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, payload, fragments, compressed)| {
            ((*kind, payload.clone(), MessageState::Complete), (*fragments, *compressed))
        })
        .collect();
    assert_eq!(read, expected);
    assert_eq!(outcome.broken, None);
    let data = outcome.found.iter().filter(|m| m.payload.is_none());
    assert_eq!(data.map(|m| m.wire_length).sum::<u64>(), wire_length);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn short_messages_come_out_as_they_were_put_in_at_every_split(
        messages in vec(sent(24), 0..5), level in 0u32..=9, no_context_takeover: bool,
    ) {
        let (wire, expected, wire_length) = encode(&messages, level, no_context_takeover);
        let deflate = Some(Deflate { no_context_takeover });
        let outcome = decode_in_pieces(deflate, &wire);
        check(&outcome, &expected, wire_length);
        for at in 0..wire.len() {
            assert_eq!(decode(deflate, [&wire[..at], &wire[at..]]), outcome, "split at {at}");
        }
    }

    #[test]
    fn long_messages_come_out_as_they_were_put_in(
        messages in vec(sent(70_000), 0..5), level in 0u32..=9, no_context_takeover: bool, size in 1usize..20_000,
    ) {
        let (wire, expected, wire_length) = encode(&messages, level, no_context_takeover);
        check(&decode(Some(Deflate { no_context_takeover }), wire.chunks(size)), &expected, wire_length);
    }

    #[test]
    fn a_stream_may_end_anywhere(messages in vec(sent(200), 1..5), end: Index) {
        let (wire, expected, _) = encode(&messages, 6, false);
        let end = end.index(wire.len());
        let outcome = decode(Some(Deflate { no_context_takeover: false }), [&wire[..end]]);
        let read = outcome.read();
        let complete = read.iter().take_while(|(.., state)| *state == MessageState::Complete).count();
        // A control frame and the message around it: no more than two can be cut.
        prop_assert!(read.len() - complete <= 2, "{read:?}");
        prop_assert!(read[complete..].iter().all(|(.., state)| *state == MessageState::Cut), "{read:?}");
        let of = |kind: MessageKind| read[..complete].iter().filter(move |(k, ..)| *k == kind).map(|(_, p, _)| p);
        for kind in [MessageKind::Text, MessageKind::Binary, MessageKind::Ping] {
            let whole = expected.iter().filter(|(k, ..)| *k == kind).map(|(_, p, ..)| p);
            prop_assert!(whole.zip(of(kind)).all(|(put, out)| put == out));
        }
        for (kind, payload, _) in &read[complete..] {
            prop_assert!(expected.iter().any(|(k, whole, ..)| k == kind && whole.starts_with(payload)), "{payload:?}");
        }
    }

    #[test]
    fn broken_compression_never_costs_a_frame(
        messages in vec(sent(300), 1..8), at: Index, with: u8, no_context_takeover: bool, size in 1usize..100,
    ) {
        // Damage is done to payloads of compressed messages alone, so the frames stand.
        let damaged: Vec<_> = messages.iter().map(|m| Sent { compress: m.compress.map(|_| false), ..m.clone() }).collect();
        let mut deflater = Deflater::new(6, no_context_takeover);
        let mut wires: Vec<(Vec<u8>, &Sent)> = damaged
            .iter()
            .map(|m| (if m.compress.is_some() { deflater.message(&m.payload, false) } else { m.payload.clone() }, m))
            .collect();
        for (wire, message) in &mut wires {
            if message.compress.is_some() && !wire.is_empty() {
                let at = at.index(wire.len());
                wire[at] ^= with;
            }
        }
        let mut stream = Vec::new();
        for (wire, message) in &wires {
            let marks = if message.compress.is_some() { RSV1 } else { 0 };
            stream.extend(frame(FIN | marks | opcode(message.kind), message.mask, wire));
        }
        let outcome = decode(Some(Deflate { no_context_takeover }), stream.chunks(size));
        prop_assert_eq!(outcome.broken, None);
        prop_assert_eq!(outcome.found.len(), wires.len());
        for (found, (wire, message)) in outcome.found.iter().zip(&wires) {
            prop_assert_eq!((found.kind, found.wire_length), (message.kind, wire.len() as u64));
        }
        for ((_, payload, state), (_, message)) in outcome.read().into_iter().zip(&wires) {
            if message.compress.is_none() {
                prop_assert_eq!((payload, state), (message.payload.clone(), MessageState::Complete));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived_and_inflate_no_further_than_deflate_can(
        wire in vec(prop_oneof![3 => any::<u8>(), 1 => prop::sample::select(vec![0xc1u8, 0x41, 0x80, 0x02, 0x7e])], 0..300),
        no_context_takeover: Option<bool>,
        size in 1usize..50,
    ) {
        let deflate = no_context_takeover.map(|no_context_takeover| Deflate { no_context_takeover });
        let (mut decoder, mut payload, mut found) = (super::Decoder::new(deflate), Vec::new(), Vec::new());
        for piece in wire.chunks(size) {
            let before = payload.len();
            decoder.feed(piece, &mut payload, &mut found);
            prop_assert!(payload.len() - before <= 3100 * (piece.len() + 2));
        }
        decoder.finish(&mut found);
        let ends = found.iter().filter(|m| m.payload.is_none()).try_fold(0, |end, m| (m.offset == end).then_some(end + m.length));
        prop_assert_eq!(ends, Some(payload.len() as u64));
    }
}
