//! The examples of WHATWG HTML, 9.2.6, and streams made up of lines.

use super::*;
use proptest::prelude::*;

fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Found> {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for piece in pieces {
        splitter.feed(piece, &mut found);
    }
    splitter.finish(&mut found);
    assert!(!splitter.in_message());
    found
}

/// The events of a stream, the same for every size of piece: their lines, and whether they are complete.
fn events(stream: &[u8]) -> Vec<(String, bool)> {
    let whole = split([stream]);
    for size in 1..stream.len() {
        assert_eq!(split(stream.chunks(size)), whole, "pieces of {size}");
    }
    let text = |m: &Found| {
        assert_eq!((m.kind, m.wire_length, m.fragments), (MessageKind::Event, m.length, 1));
        let lines = &stream[m.offset as usize..(m.offset + m.length) as usize];
        (String::from_utf8_lossy(lines).into_owned(), m.state == MessageState::Complete)
    };
    whole.iter().map(text).collect()
}

#[test]
fn events_stand_between_empty_lines_whatever_ends_lines() {
    for (stream, complete, cut) in [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", &["data: YHOO\ndata: +2\ndata: 10"][..], None),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            &["data: first event\nid: 1", "data:second event\nid"],
            Some("data:  third event"),
        ),
        ("data\n\ndata\ndata\n\ndata:", &["data", "data\ndata"], Some("data:")),
        ("data:test\n\ndata: test\n\n", &["data:test", "data: test"], None),
        (
            "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
            &["event: add\ndata: 73857293", "event: remove\ndata: 2153"],
            None,
        ),
        // Nothing that a browser would dispatch, yet said by the origin.
        ("retry: 3000\n\n", &["retry: 3000"], None),
        ("", &[], None),
        ("\n\n\n", &[], None),
        (": keep-alive\n\n:\n\n:\n", &[], None),
        // A comment in front is no part of an event: it may have come long before.
        (": waiting\ndata: x\n: within\ndata: y\n: behind\n\n", &["data: x\n: within\ndata: y\n: behind"], None),
        ("\n\ndata: x\n\n\n\ndata: y\n\n", &["data: x", "data: y"], None),
        ("data: x\n:", &[], Some("data: x\n:")),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let stream = format!("{mark}{}", stream.replace('\n', end));
                let expected = complete.iter().map(|e| (*e, true)).chain(cut.map(|e| (e, false)));
                let expected: Vec<_> = expected.map(|(e, whole)| (e.replace('\n', end), whole)).collect();
                assert_eq!(events(stream.as_bytes()), expected, "{stream:?}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_one_at_the_beginning_alone() {
    for (stream, event) in [
        (&b"\xef\xbb\xbf\xef\xbb\xbfdata\n\n"[..], "\u{feff}data"),
        (b"\xef\xbbdata\n\n", "\u{fffd}data"),
        (b"\xef\n\n", "\u{fffd}"),
        (b"\n\xef\xbb\xbf\n\n", "\u{feff}"),
    ] {
        assert_eq!(events(stream), [(event.to_owned(), true)], "{stream:?}");
    }
    assert_eq!(events(b"\xef\xbb\xbf: comment\n\n"), []);
    assert_eq!(events(b"\xef\xbb"), []);
}

#[test]
fn an_event_is_handed_out_with_its_empty_line_and_begins_with_its_first_field() {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for (piece, in_message, events) in [
        (": comment\n", false, 0),
        ("d", true, 0),
        ("ata: x\r\n", true, 0),
        // The CR alone is an empty line: nobody waits for the LF that may follow.
        ("\r", false, 1),
        ("\n", false, 1),
        ("data: y\n\ndata", true, 2),
    ] {
        splitter.feed(piece.as_bytes(), &mut found);
        assert_eq!((splitter.in_message(), found.len()), (in_message, events), "{piece:?}");
    }
}

/// A line: none, a comment or a field; and which line end.
fn lines() -> impl Strategy<Value = Vec<(String, usize)>> {
    let line = prop_oneof![Just(String::new()), ":[ -~]{0,9}", "[a-z][ -~]{0,30}", "\\PC{0,20}"];
    prop::collection::vec((line, 0usize..3), 0..40)
}

proptest! {
    #[test]
    fn events_are_told_by_their_lines(lines in lines(), size in 1usize..20) {
        let (mut stream, mut expected, mut event) = (String::new(), Vec::new(), None::<(usize, usize)>);
        for (line, end) in &lines {
            let start = stream.len();
            // An LF behind a CR would not end a line of its own.
            let end = if line.is_empty() && stream.ends_with('\r') { "\r" } else { ["\n", "\r\n", "\r"][*end] };
            stream.push_str(line);
            event = match event {
                Some(event) if line.is_empty() => {
                    expected.push(event);
                    None
                }
                Some((first, _)) => Some((first, stream.len())),
                None => (!line.is_empty() && !line.starts_with(':')).then_some((start, stream.len())),
            };
            stream.push_str(end);
        }
        prop_assume!(!stream.starts_with('\u{feff}'));
        let cut = event.is_some();
        expected.extend(event);

        let found = split(stream.as_bytes().chunks(size));
        let ranges: Vec<_> = found.iter().map(|m| (m.offset as usize, (m.offset + m.length) as usize)).collect();
        prop_assert_eq!(ranges, expected);
        let last = found.last().map(|m| m.state);
        prop_assert_eq!(last == Some(MessageState::Cut), cut);
    }

    #[test]
    fn any_bytes_give_the_same_events_in_pieces(stream in prop::collection::vec(prop_oneof![
        any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b':')
    ], 0..200), size in 1usize..20) {
        prop_assert_eq!(split(stream.chunks(size)), split([&stream[..]]));
    }
}
