//! The events of an event stream.

use waylay::messages::{Found, sse::Splitter};
use waylay_storage::model::MessageState;

/// The same events come out in whatever pieces the stream comes, and they are those that a plain walk over the lines
/// of all of it finds.
pub fn check(input: &[u8]) {
    let (options, wire) = super::option(input);
    let whole = split(std::iter::once(wire));
    assert_eq!(whole, split(super::pieces(wire, options)), "in pieces");
    let found: Vec<_> = whole.iter().map(|m| (m.offset, m.length, m.state)).collect();
    assert_eq!(found, walk(wire));
}

fn split<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Found> {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for piece in pieces {
        splitter.feed(piece, &mut found);
    }
    splitter.finish(&mut found);
    assert!(!splitter.in_message());
    found
}

/// Offset, length and state of each event.
fn walk(wire: &[u8]) -> Vec<(u64, u64, MessageState)> {
    let (mut events, mut event) = (Vec::new(), None::<(usize, usize)>);
    let mut at = if wire.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while at < wire.len() {
        let end = wire[at..].iter().position(|b| matches!(b, b'\r' | b'\n')).map_or(wire.len(), |n| at + n);
        event = match event {
            Some((start, last)) if end == at => {
                events.push((start as u64, (last - start) as u64, MessageState::Complete));
                None
            }
            Some((start, _)) => Some((start, end)),
            // A mark that has only begun when the stream ends is not yet a line.
            None if wire.len() < 3 && b"\xef\xbb".starts_with(wire) => None,
            None => (end > at && wire[at] != b':').then_some((at, end)),
        };
        at = end + if wire[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    events.extend(event.map(|(start, end)| (start as u64, (end - start) as u64, MessageState::Cut)));
    events
}
