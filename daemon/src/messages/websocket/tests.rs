//! The examples of RFC 6455, 5.7 and RFC 7692, 7.2.3.

use super::*;

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
