//! Rules by tables, the examples of RFC 6455, 5.7 and RFC 7692, 7.2.3 among them.

mod encode;
mod streams;

use super::*;
use encode::{Deflater, FIN, RSV1, frame};

/// What a decoder made of a stream.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    payload: Vec<u8>,
    found: Vec<Found>,
    broken: Option<&'static str>,
}

impl Outcome {
    /// Each message's kind, payload and state.
    fn read(&self) -> Vec<(MessageKind, Vec<u8>, MessageState)> {
        let payload = |m: &Found| match &m.payload {
            Some(payload) => payload.to_vec(),
            None => self.payload[m.offset as usize..(m.offset + m.length) as usize].to_vec(),
        };
        self.found.iter().map(|m| (m.kind, payload(m), m.state)).collect()
    }
}

fn decode<'a>(deflate: Option<Deflate>, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let (mut decoder, mut outcome) = (Decoder::new(deflate), Outcome::default());
    for piece in pieces {
        decoder.feed(piece, &mut outcome.payload, &mut outcome.found);
    }
    decoder.finish(&mut outcome.found);
    outcome.broken = decoder.broken();
    outcome
}

/// The same at every size of piece.
fn decode_in_pieces(deflate: Option<Deflate>, wire: &[u8]) -> Outcome {
    let whole = decode(deflate, [wire]);
    for size in 1..wire.len() {
        assert_eq!(decode(deflate, wire.chunks(size)), whole, "pieces of {size}");
    }
    whole
}

const TAKEOVER: Option<Deflate> = Some(Deflate { no_context_takeover: false });
const NO_TAKEOVER: Option<Deflate> = Some(Deflate { no_context_takeover: true });

#[test]
fn examples_of_rfc_6455() {
    use MessageKind::*;
    for (wire, kind, payload) in [
        (&[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f][..], Text, "Hello"),
        (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], Text, "Hello"),
        (&[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], Text, "Hello"),
        (&[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], Ping, "Hello"),
        (&[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], Pong, "Hello"),
    ] {
        let outcome = decode_in_pieces(None, wire);
        assert_eq!(outcome.read(), [(kind, payload.into(), MessageState::Complete)], "{wire:x?}");
        assert_eq!(outcome.broken, None);
    }
}

#[test]
fn examples_of_rfc_7692() {
    for (wire, times) in [
        (&[0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..], 1),
        // Fragmented.
        (&[0x41, 0x03, 0xf2, 0x48, 0xcd, 0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00], 1),
        // The second refers to the first in the window.
        (&[0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00], 2),
        // In a block that is not compressed.
        (&[0xc1, 0x0b, 0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], 1),
        // In a last block, then one that builds on it.
        (&[0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], 1),
        (&[0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00], 2),
        // In a last block without the empty one behind it.
        (&[0xc1, 0x07, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00], 2),
        // In two blocks.
        (&[0xc1, 0x0d, 0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], 1),
    ] {
        let outcome = decode_in_pieces(TAKEOVER, wire);
        let hello = (MessageKind::Text, b"Hello".to_vec(), MessageState::Complete);
        assert_eq!(outcome.read(), vec![hello; times], "{wire:x?}");
        assert!(outcome.found.iter().all(|m| m.compressed));
    }
}

#[test]
fn control_frames_between_fragments_are_handed_out_at_once() {
    let (mut decoder, mut payload, mut found) = (Decoder::new(None), Vec::new(), Vec::new());
    let close = [&1000u16.to_be_bytes()[..], b"bye"].concat();
    for (piece, in_message, expected) in [
        (vec![0x02], true, 0),
        (frame(0x02, None, b"fi")[1..].to_vec(), true, 0),
        (frame(0x89, Some(*b"mask"), b"are you there?"), true, 1),
        (frame(0x00, None, b""), true, 1),
        (frame(0x88, None, &close), true, 2),
        (frame(0x80, Some(*b"mask"), b"rst"), false, 3),
        // Behind a close frame there should be nothing; what is there is taken as it is.
        (frame(0x8a, None, b""), false, 4),
    ] {
        decoder.feed(&piece, &mut payload, &mut found);
        assert_eq!((decoder.in_message(), found.len()), (in_message, expected), "{piece:x?}");
    }
    let message = Found { fragments: 3, ..Found::plain(MessageKind::Binary, 0, 5, MessageState::Complete) };
    assert_eq!((found[2].clone(), &payload[..]), (message, &b"first"[..]));
    assert_eq!(found[0].payload.as_deref(), Some(&b"are you there?"[..]));
    assert_eq!((found[1].length, found[1].payload.as_deref()), (5, Some(&close[..])));
    assert_eq!((found[3].kind, found[3].payload.as_deref()), (MessageKind::Pong, Some(&b""[..])));
}

#[test]
fn lengths_are_taken_in_each_form() {
    for n in [0, 125, 126, 127, 0xffff, 0x1_0000] {
        for mask in [None, Some([1, 2, 3, 4])] {
            let sent: Vec<u8> = (0..n).map(|i| i as u8).collect();
            let outcome = decode(None, [&frame(0x82, mask, &sent)[..]]);
            assert_eq!(outcome.read(), [(MessageKind::Binary, sent, MessageState::Complete)], "{n}");
        }
    }
    // Not in its shortest form.
    let outcome = decode_in_pieces(None, &[0x81, 0x7f, 0, 0, 0, 0, 0, 0, 0, 2, b'h', b'i', 0x81, 0x7e, 0, 1, b'x']);
    assert_eq!(outcome.read().iter().map(|(_, p, _)| p.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_stream_that_ends_cuts_what_is_under_way() {
    use MessageKind::*;
    for (wire, expected) in [
        (&[0x81][..], &[(Text, &b""[..])][..]),
        (&[0x82, 0x7e, 0x01], &[(Binary, b"")]),
        (&[0x81, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, b'h', b'i'], &[(Text, b"hi")]),
        (&[0x01, 0x01, b'x'], &[(Text, b"x")]),
        (&[0x89, 0x03, b'y'], &[(Ping, b"y")]),
        (&[0x01, 0x01, b'x', 0x88, 0x7d, 0x03], &[(Close, b"\x03"), (Text, b"x")]),
        // "Hello" from RFC 7692 without its last bytes: what is there is there.
        (&[0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9], &[(Text, b"Hel")]),
    ] {
        let outcome = decode_in_pieces(TAKEOVER, wire);
        let expected: Vec<_> = expected.iter().map(|(k, p)| (*k, p.to_vec(), MessageState::Cut)).collect();
        assert_eq!(outcome.read(), expected, "{wire:x?}");
    }
}

#[test]
fn what_are_no_frames_is_not_read_on() {
    for (wire, why) in [
        (&[0x83][..], "reserves"),
        (&[0x87], "reserves"),
        (&[0x8b], "reserves"),
        (&[0x09], "fragmented"),
        (&[0x08], "fragmented"),
        (&[0x89, 0x7e], "longer than 125"),
        (&[0x8a, 0xff], "longer than 125"),
        (&[0x80], "has not begun"),
        (&[0x01, 0x00, 0x81], "within another"),
        (&[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], "63 bits"),
    ] {
        let stream = [&frame(0x81, None, b"before"), wire, &frame(0x81, None, b"behind")].concat();
        let outcome = decode_in_pieces(None, &stream);
        assert!(outcome.broken.is_some_and(|broken| broken.contains(why)), "{wire:x?}: {:?}", outcome.broken);
        let read = outcome.read();
        let (first, cut) = read.split_first().expect("what stood before");
        assert_eq!(*first, (MessageKind::Text, b"before".to_vec(), MessageState::Complete));
        assert!(cut.iter().all(|(_, payload, state)| payload.is_empty() && *state == MessageState::Cut), "{cut:?}");
    }
}

#[test]
fn what_is_under_way_when_frames_break_is_cut_at_once() {
    let (mut decoder, mut payload, mut found) = (Decoder::new(None), Vec::new(), Vec::new());
    decoder.feed(&[0x01, 0x01, b'x', 0x83, 0x00], &mut payload, &mut found);
    assert_eq!(found, [Found::plain(MessageKind::Text, 0, 1, MessageState::Cut)]);
    assert!(!decoder.in_message() && decoder.broken().is_some());
}

#[test]
fn marks_of_unknown_extensions_leave_payloads_as_transferred() {
    use MessageState::*;
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    for (deflate, first, last) in [
        // Nothing was settled: RSV1 means something else, or nothing.
        (None, frame(0xc1, None, &hello), Undecoded),
        (None, frame(0xa1, None, &hello), Undecoded),
        // RSV2 and RSV3 alone do nothing to the window, which stays empty: what refers to it is a run of zeros.
        (TAKEOVER, frame(0x91, None, &hello), Complete),
        // With RSV1 what they leave in the window cannot be known.
        (TAKEOVER, frame(0xe1, None, &hello), Undecoded),
        (NO_TAKEOVER, frame(0xe1, None, &hello), Complete),
        // A mark on a frame that is not the first.
        (TAKEOVER, [frame(0x01, None, &hello[..3]), frame(0xc0, None, &hello[3..])].concat(), Complete),
        (TAKEOVER, [frame(0x41, None, &[]), frame(0xc0, None, &hello)].concat(), Undecoded),
    ] {
        let stream = [first.clone(), frame(0xc1, Some(*b"mask"), &again), frame(0x81, None, b"plain")].concat();
        let outcome = decode_in_pieces(deflate, &stream);
        let states: Vec<_> = outcome.found.iter().map(|m| m.state).collect();
        assert_eq!(states, [Undecoded, last, Complete], "{first:x?}");
        assert_eq!(outcome.read()[0].1, hello, "{first:x?}");
        assert!(last == Complete || outcome.read()[1].1 == again);
    }
    let ping = decode(TAKEOVER, [&frame(0xc9, None, &hello)[..]]);
    assert_eq!(ping.read(), [(MessageKind::Ping, hello.to_vec(), Undecoded)]);
}

#[test]
fn broken_compression_costs_the_messages_that_build_on_it() {
    use MessageState::*;
    let mut deflater = Deflater::new(6, true);
    let text = b"a text a text a text".to_vec();
    let packed = deflater.message(&text, false);
    // A block of the type that is reserved, in the midst.
    let broken = [&[0x00, 0x05, 0x00, 0xfa, 0xff][..], b"begun", &[0xff, 0x01, 0x02, 0x03]].concat();
    for (deflate, third, state) in [(TAKEOVER, &packed, Undecoded), (NO_TAKEOVER, &text, Complete)] {
        let stream = [
            frame(FIN | RSV1 | 1, None, &packed),
            frame(RSV1 | 1, None, &broken),
            frame(0x80, Some(*b"mask"), b"more"),
            frame(FIN | RSV1 | 1, Some(*b"mask"), &packed),
            frame(FIN | 1, None, &text),
        ]
        .concat();
        let outcome = decode(deflate, [&stream[..]]);
        let messages = outcome.read();
        assert_eq!(messages.iter().map(|(.., s)| *s).collect::<Vec<_>>(), [Complete, Undecoded, state, Complete]);
        assert_eq!((&messages[0].1, &messages[2].1, &messages[3].1), (&text, third, &text));
        let given_up = &messages[1].1;
        assert!(given_up.starts_with(b"begun") && given_up.ends_with(b"more"), "{given_up:?}");
        assert_eq!(outcome.found[1].wire_length, broken.len() as u64 + 4);
    }
}

#[test]
fn all_of_a_long_message_stays_when_it_is_given_up_at_its_beginning() {
    let broken: Vec<u8> = (0..20_000).map(|i: u32| i as u8 | 0x07).collect();
    let outcome = decode(TAKEOVER, [&frame(FIN | RSV1 | 2, Some(*b"mask"), &broken)[..]]);
    assert_eq!(outcome.found[0].state, MessageState::Undecoded);
    // The byte that gave it away was taken.
    assert_eq!(outcome.payload, broken[1..]);
}

#[test]
fn a_sender_without_takeover_starts_anew_behind_data_that_end_early() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    // The lengths of a block that is not compressed end in what the sender left out.
    let stream = [frame(0xc1, None, &[0x00, 0xff]), frame(0xc1, None, &hello)].concat();
    let outcome = decode_in_pieces(NO_TAKEOVER, &stream);
    assert_eq!(outcome.read()[1], (MessageKind::Text, b"Hello".to_vec(), MessageState::Complete));
}

#[test]
fn a_message_that_inflates_too_far_is_given_up() {
    use MessageState::*;
    const MIB: usize = 1 << 20;
    // Flushed pieces of deflate data, each of 1 MiB of zeros, may stand in a row.
    let zeros = Deflater::new(9, false).message(&vec![0; MIB], false);
    let message = |times| frame(FIN | RSV1 | 2, Some(*b"mask"), &vec![&zeros[..]; times].join(&[0, 0, 0xff, 0xff][..]));
    for (deflate, state, length) in [(TAKEOVER, Undecoded, zeros.len()), (NO_TAKEOVER, Complete, MIB)] {
        let stream = [message(64), message(66), message(1), frame(FIN | 1, None, b"plain")].concat();
        let outcome = decode(deflate, stream.chunks(5000));
        let found: Vec<_> = outcome.found.iter().map(|m| (m.state, m.length as usize)).collect();
        assert_eq!(found[0], (Complete, 64 * MIB));
        assert_eq!((found[1].0, &found[2..]), (Undecoded, &[(state, length), (Complete, 5)][..]));
        // 64 MiB, and what followed as it was transferred.
        let rest = found[1].1 - 64 * MIB;
        assert!((zeros.len()..2 * zeros.len() + 8).contains(&rest), "{rest}");
        assert!(outcome.payload.ends_with(b"plain"));
    }
}

#[test]
fn a_handshake_settles_each_direction() {
    let deflate = |no_context_takeover| Some(Deflate { no_context_takeover });
    for (fields, client, origin) in [
        (&["permessage-deflate"][..], deflate(false), deflate(false)),
        (&[" permessage-deflate ; client_no_context_takeover"], deflate(true), deflate(false)),
        (
            &[
                "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"12\"; server_max_window_bits=8",
            ],
            deflate(false),
            deflate(true),
        ),
        (&["", " , permessage-deflate,"], deflate(false), deflate(false)),
        (&[], None, None),
        (&[""], None, None),
        (&["x-webkit-deflate-frame"], None, None),
        (&["permessage-deflate, mux"], None, None),
        (&["mux", "permessage-deflate"], None, None),
        (&["permessage-deflate", "permessage-deflate"], None, None),
        (&["permessage-deflate; unknown"], None, None),
        (&["permessage-deflate;"], None, None),
        (&["permessage-deflate; server_max_window_bits=16"], None, None),
        (&["permessage-deflate; server_max_window_bits=7"], None, None),
        (&["permessage-deflate; server_max_window_bits"], None, None),
        (&["permessage-deflate; client_no_context_takeover=1"], None, None),
        (&["permessage-deflate; client_no_context_takeover; client_no_context_takeover"], None, None),
    ] {
        assert_eq!(negotiated(fields.iter().map(|field| field.as_bytes())), (client, origin), "{fields:?}");
    }
}
