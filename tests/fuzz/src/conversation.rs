//! What a server says in a conversation that was begun here: its messages, and its events.

use waylay::{
    conversation::{
        events::{Events, TooLong},
        inbox::{Arrived, Inbox},
        message::LONGEST,
    },
    messages::websocket::Deflate,
};

/// A message is no longer than is taken, none comes behind what breaks the rules, and the same come out in whatever pieces
/// they come. So it is with events.
pub fn check(input: &[u8]) {
    let (options, wire) = super::option(input);
    let deflate = (options & 1 == 0).then_some(Deflate { no_context_takeover: options & 2 != 0 });
    let most = if options & 4 == 0 { 0 } else { 100 };
    let whole = read(deflate, most, std::iter::once(wire));
    let pieces = read(deflate, most, super::pieces(wire, options >> 3));
    // How much is inflated before broken data are noticed depends on the pieces they come in, and so does what is wrong first.
    let named = |arrived: &Arrived| match arrived {
        Arrived::Broken { code: 1007 | 1009, .. } => Arrived::Broken { code: 1009, why: String::new() },
        other => other.clone(),
    };
    assert_eq!(whole.iter().map(named).collect::<Vec<_>>(), pieces.iter().map(named).collect::<Vec<_>>());
    for (n, arrived) in whole.iter().enumerate() {
        match arrived {
            Arrived::Message { length, payload, .. } => {
                assert!(most == 0 || *length <= most);
                assert!(payload.len() as u64 <= *length && payload.len() <= LONGEST);
            }
            Arrived::Broken { .. } => assert_eq!(n + 1, whole.len()),
        }
    }
    let (events, more) = (split(most, std::iter::once(wire)), split(most, super::pieces(wire, options)));
    match (events, more) {
        (Ok(events), Ok(more)) => assert_eq!(events, more),
        (one, other) => assert!(one.is_err() && other.is_err(), "too long in one piece alone"),
    }
}

fn read<'a>(deflate: Option<Deflate>, most: u64, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Arrived> {
    let (mut inbox, mut arrived) = (Inbox::new(deflate, most), Vec::new());
    pieces.for_each(|piece| inbox.feed(piece, &mut arrived));
    arrived
}

fn split<'a>(most: u64, pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Vec<u8>>, TooLong> {
    let (mut events, mut found) = (Events::new(most), Vec::new());
    for piece in pieces {
        events.feed(piece, &mut found)?;
    }
    Ok(found.iter().map(|event| event.to_vec()).collect())
}
