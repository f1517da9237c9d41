use super::*;
use proptest::prelude::*;

/// The messages of a stream, and why it is broken.
fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Found>, Option<&'static str>) {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for piece in pieces {
        splitter.feed(piece, &mut found);
    }
    splitter.finish(&mut found);
    assert!(!splitter.in_message());
    (found, splitter.broken())
}

fn framed(flag: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&[flag], &length.to_be_bytes()[..], payload].concat()
}

#[test]
fn messages_are_found_at_every_split() {
    use MessageKind::{Grpc, GrpcTrailers};
    use MessageState::{Complete, Cut};
    let all = [framed(0, b"first"), framed(1, b"packed"), framed(0, b""), framed(0x80, b"grpc-status: 0\r\n")].concat();
    for (end, expected) in [
        (0, &[][..]),
        (1, &[(Grpc, 1, 0, false, Cut)]),
        (4, &[(Grpc, 4, 0, false, Cut)]),
        (7, &[(Grpc, 5, 2, false, Cut)]),
        (10, &[(Grpc, 5, 5, false, Complete)]),
        (11, &[(Grpc, 5, 5, false, Complete), (Grpc, 11, 0, true, Cut)]),
        (26, &[(Grpc, 5, 5, false, Complete), (Grpc, 15, 6, true, Complete), (Grpc, 26, 0, false, Complete)]),
        (
            all.len(),
            &[
                (Grpc, 5, 5, false, Complete),
                (Grpc, 15, 6, true, Complete),
                (Grpc, 26, 0, false, Complete),
                (GrpcTrailers, 31, 16, false, Complete),
            ],
        ),
    ] {
        let stream = &all[..end];
        let (whole, broken) = split([stream]);
        let found: Vec<_> = whole.iter().map(|m| (m.kind, m.offset, m.length, m.compressed, m.state)).collect();
        assert_eq!((&found[..], broken), (expected, None), "{end} bytes");
        assert!(whole.iter().all(|m| m.wire_length == m.length && m.fragments == 1 && m.payload.is_none()));
        for size in 1..end {
            assert_eq!(split(stream.chunks(size)).0, whole, "{end} bytes in pieces of {size}");
        }
    }
}

#[test]
fn a_flag_that_is_none_ends_the_search() {
    for flag in [0x02, 0x40, 0x82, 0xff] {
        let stream = [framed(0, b"x"), framed(flag, b"y"), framed(0, b"z")].concat();
        let (found, broken) = split([&stream[..]]);
        assert_eq!((found.len(), broken.is_some()), (1, true), "{flag:#x}");
    }
}

#[test]
fn the_longest_message_takes_no_memory() {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    let (piece, length) = (vec![0; 16 << 20], u64::from(u32::MAX));
    splitter.feed(&[0, 0xff, 0xff, 0xff, 0xff], &mut found);
    for _ in 0..length / piece.len() as u64 {
        splitter.feed(&piece, &mut found);
    }
    assert!(splitter.in_message() && found.is_empty());
    splitter.feed(&piece, &mut found);
    assert_eq!(found.first().map(|m| (m.offset, m.length, m.state)), Some((5, length, MessageState::Complete)));
}

proptest! {
    #[test]
    fn what_was_framed_is_found(
        messages in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..50)), 0..20),
        size in 1usize..30,
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|(packed, payload)| framed((*packed).into(), payload)).collect();
        let (found, broken) = split(stream.chunks(size));
        let read: Vec<_> = found
            .iter()
            .map(|m| (m.compressed, stream[m.offset as usize..(m.offset + m.length) as usize].to_vec()))
            .collect();
        prop_assert_eq!(read, messages);
        prop_assert_eq!(broken, None);
    }

    #[test]
    fn any_bytes_give_the_same_messages_in_pieces(
        stream in prop::collection::vec(prop_oneof![Just(0u8), Just(1u8), 0u8..10, any::<u8>()], 0..200),
        size in 1usize..20,
    ) {
        prop_assert_eq!(split(stream.chunks(size)), split([&stream[..]]));
    }
}
