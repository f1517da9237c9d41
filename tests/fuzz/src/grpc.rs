//! The messages of a gRPC call.

use waylay::messages::{Found, grpc::Splitter};
use waylay_storage::model::{MessageKind, MessageState};

/// The same messages come out in whatever pieces the stream comes, and they are those that a plain walk over all of it
/// finds.
pub fn check(input: &[u8]) {
    let (options, wire) = super::option(input);
    let whole = split(std::iter::once(wire));
    assert_eq!(whole, split(super::pieces(wire, options)), "in pieces");
    let (found, broken) = whole;
    assert_eq!((found, broken.is_some()), walk(wire));
}

fn split<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Found>, Option<&'static str>) {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for piece in pieces {
        splitter.feed(piece, &mut found);
    }
    splitter.finish(&mut found);
    assert!(!splitter.in_message());
    (found, splitter.broken())
}

/// All messages, and whether one has a flag that is none.
fn walk(wire: &[u8]) -> (Vec<Found>, bool) {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < wire.len() {
        let flag = wire[at];
        if flag & 0x7e != 0 {
            return (found, true);
        }
        let start = wire.len().min(at + 5);
        let declared = wire.get(at + 1..at + 5).map(|b| u32::from_be_bytes(b.try_into().expect("four bytes")) as usize);
        let end = wire.len().min(start.saturating_add(declared.unwrap_or(0)));
        let complete = declared.is_some_and(|n| n == end - start);
        let length = (end - start) as u64;
        found.push(Found {
            kind: if flag & 0x80 == 0 { MessageKind::Grpc } else { MessageKind::GrpcTrailers },
            offset: start as u64,
            length,
            wire_length: length,
            fragments: 1,
            compressed: flag & 1 != 0,
            state: if complete { MessageState::Complete } else { MessageState::Cut },
            payload: None,
        });
        at = end;
    }
    (found, false)
}
