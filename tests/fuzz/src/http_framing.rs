//! The heads of HTTP/1 messages.

use std::collections::VecDeque;
use waylay::capture::framing::{Direction, Framer};

/// The same heads come out in whatever pieces the stream comes, each as it stands in it, in its order.
pub fn check(input: &[u8]) {
    let (options, wire) = super::option(input);
    let direction = if options & 1 == 0 { Direction::Requests } else { Direction::Responses };
    let heads = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut framer, mut heads) = (Framer::new(direction), VecDeque::new());
        framer.answers_head(options & 2 != 0);
        pieces.for_each(|piece| framer.feed(piece, &mut heads));
        heads
    };
    let whole = heads(&mut std::iter::once(wire));
    assert_eq!(whole, heads(&mut super::pieces(wire, options >> 2)), "in pieces");

    let mut rest = wire;
    for head in &whole {
        let at = rest.windows(head.len()).position(|bytes| bytes == head);
        rest = &rest[at.expect("a head stands in the stream, behind the one before") + head.len()..];
        assert!(head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n"), "{head:?}");
    }
}
