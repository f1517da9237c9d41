use super::*;
use crate::{
    Event, Store,
    fixtures::{chunk, exchange, inline, pattern, store},
    model::{BodyEnd, BodyRecord, Exchange, Gap, Kind, MessageKind, MessageState, SessionId},
};
use bytes::Bytes;
use std::fs;

/// A WebSocket that is under way.
fn websocket(store: &Store) -> Box<Exchange> {
    let mut x = exchange(store, SessionId::SENT);
    (x.kind, x.status) = (Kind::Websocket, Some(101));
    (x.request.end, x.response.end) = (BodyEnd::Open, BodyEnd::Open);
    store.queue().push(Event::Open(x.clone()));
    x
}

/// Pushes messages as the recorder does: first the bytes, then the row.
struct Sender<'s> {
    store: &'s Store,
    seq: i64,
    last: i64,
    /// Where the bodies end.
    ends: [u64; 2],
}

impl<'s> Sender<'s> {
    fn new(store: &'s Store, x: &Exchange) -> Self {
        Self { store, seq: x.seq, last: 0, ends: [0; 2] }
    }

    fn text(&mut self, part: Part, payload: impl AsRef<[u8]>) -> Message {
        let payload = payload.as_ref();
        let offset = self.ends[part as usize];
        if !payload.is_empty() {
            chunk(self.store.queue(), self.seq, part, offset, payload);
        }
        self.ends[part as usize] += payload.len() as u64;
        self.row(part, MessageKind::Text, offset, payload.len() as u64, None)
    }

    fn ping(&mut self, part: Part, payload: &'static str) -> Message {
        let offset = self.ends[part as usize];
        self.row(part, MessageKind::Ping, offset, payload.len() as u64, Some(Bytes::from_static(payload.as_bytes())))
    }

    fn row(&mut self, part: Part, kind: MessageKind, offset: u64, length: u64, payload: Option<Bytes>) -> Message {
        self.last += 1;
        let message = Message {
            seq: self.seq,
            number: self.last,
            part,
            kind,
            at_us: self.last * 10,
            offset,
            length,
            wire_length: length + 1,
            fragments: 2,
            compressed: self.last % 2 == 0,
            state: MessageState::Complete,
            payload,
        };
        self.store.queue().push(Event::Message(Box::new(message.clone())));
        message
    }

    fn end(self, mut x: Box<Exchange>) {
        let record = |size| BodyRecord { size, streamed: true, end: BodyEnd::Complete, ..BodyRecord::default() };
        (x.request, x.response, x.messages) = (record(self.ends[0]), record(self.ends[1]), self.last);
        self.store.queue().push(Event::Done(x));
    }
}

fn read(reader: &Reader, message: &Message) -> (Vec<u8>, u64) {
    let mut payload = reader.payload(message).unwrap();
    let mut bytes = Vec::new();
    payload.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, payload.stored);
    (bytes, payload.length - payload.stored)
}

fn numbers(page: &MessagePage) -> Vec<i64> {
    page.items.iter().map(|m| m.number).collect()
}

#[test]
fn messages_are_read_while_their_exchange_is_open_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let reader = store.reader().unwrap();
    let (x, other) = (websocket(&store), websocket(&store));
    let (mut one, mut two) = (Sender::new(&store, &x), Sender::new(&store, &other));
    let (big, mut sent) = (pattern(70_000), Vec::new());
    for n in 0..20 {
        let (client, origin) = (format!("ask {n}"), if n == 7 { big.clone() } else { format!("é{n}").into() });
        sent.push((one.text(Part::Request, &client), client.into_bytes()));
        two.text(Part::Response, &big[..1000]);
        sent.push((one.text(Part::Response, &origin), origin));
        if n % 5 == 0 {
            store.flush().unwrap();
        }
    }
    sent.push((one.ping(Part::Response, "beat"), b"beat".to_vec()));
    sent.push((one.text(Part::Request, ""), vec![]));
    store.flush().unwrap();
    let check = |what: &str| {
        let page = reader.messages(x.id, &MessageQuery::default()).unwrap().unwrap();
        assert_eq!((page.total, page.next), (42, None), "{what}");
        assert_eq!(page.items, sent.iter().map(|(m, _)| m.clone()).collect::<Vec<_>>(), "{what}");
        for (message, payload) in &sent {
            assert!(read(&reader, message) == (payload.clone(), 0), "{what}: {message:?}");
            assert_eq!(reader.message(x.id, message.number).unwrap().as_ref(), Some(message), "{what}");
        }
        assert_eq!(reader.summaries(&[x.seq]).unwrap()[0].messages, 42, "{what}");
    };
    check("open");
    one.end(x.clone());
    store.flush().unwrap();
    check("over");
    let nobody = ExchangeId { session: x.id.session, number: 99 };
    assert_eq!(reader.messages(nobody, &MessageQuery::default()).unwrap(), None);
    assert!(reader.message(nobody, 1).unwrap().is_none() && reader.message(x.id, 43).unwrap().is_none());
}

#[test]
fn pages_follow_one_another_and_can_be_of_one_side() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = websocket(&store);
    let mut sender = Sender::new(&store, &x);
    for n in 1..=10 {
        sender.text(if n % 3 == 0 { Part::Request } else { Part::Response }, "a");
    }
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let ask = |after, limit, sender| {
        let query = MessageQuery { after, limit, sender, text: None };
        let page = reader.messages(x.id, &query).unwrap().unwrap();
        (numbers(&page), page.next)
    };
    assert_eq!(ask(0, 4, None), (vec![1, 2, 3, 4], Some(4)));
    assert_eq!(ask(4, 6, None), (vec![5, 6, 7, 8, 9, 10], None));
    assert_eq!(ask(10, 6, None), (vec![], None));
    assert_eq!(ask(i64::MAX, 6, None), (vec![], None));
    assert_eq!(ask(0, 0, None), (vec![1], Some(1)));
    assert_eq!(ask(0, 2, Some(Part::Request)), (vec![3, 6], Some(6)));
    assert_eq!(ask(6, 2, Some(Part::Request)), (vec![9], None));
}

#[test]
fn what_is_missing_from_a_payload_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = websocket(&store);
    let mut sender = Sender::new(&store, &x);
    let queue = store.queue();
    chunk(queue, x.seq, Part::Response, 0, b"abcd");
    chunk(queue, x.seq, Part::Response, 10, b"klmn");
    let mut row = |offset, length| sender.row(Part::Response, MessageKind::Binary, offset, length, None);
    let table = [
        (row(0, 4), "abcd", 0),
        (row(2, 10), "cdkl", 6),
        (row(4, 6), "", 6),
        (row(5, 7), "kl", 5),
        (row(12, 100), "mn", 98),
        (row(u64::MAX, 1), "", 1),
    ];
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    for (message, bytes, missing) in &table {
        assert_eq!(read(&reader, message), (bytes.as_bytes().to_vec(), *missing), "{message:?}");
    }
    let segment = fs::File::options().write(true).open(dir.path().join("segments/0001")).unwrap();
    segment.set_len(5).unwrap();
    assert_eq!(read(&reader, &table[1].0), (b"cdk".to_vec(), 7));
    fs::remove_file(dir.path().join("segments/0001")).unwrap();
    assert_eq!(read(&reader, &table[1].0), (b"".to_vec(), 10));
}

#[test]
fn payloads_of_small_bodies_come_from_the_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, SessionId::SENT);
    let mut sender = Sender::new(&store, &x);
    let mut row = |part, offset, length| sender.row(part, MessageKind::Event, offset, length, None);
    let whole = [(row(Part::Response, 0, 3), "one"), (row(Part::Response, 3, 3), "two")];
    // Without d: abc efghij.
    let holed = [
        (row(Part::Request, 0, 6), "abcef", 1),
        (row(Part::Request, 7, 4), "hij", 1),
        (row(Part::Request, 3, 1), "", 1),
    ];
    x.response = inline(b"onetwo");
    let gaps = vec![Gap { offset: 3, length: 1 }];
    x.request = BodyRecord { size: 10, gaps, ..inline(b"abcefghij") };
    store.queue().push(Event::Done(x));
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    for (message, bytes) in &whole {
        assert_eq!(read(&reader, message), (bytes.as_bytes().to_vec(), 0));
    }
    for (message, bytes, missing) in &holed {
        assert_eq!(read(&reader, message), (bytes.as_bytes().to_vec(), *missing), "{message:?}");
    }
}

#[test]
fn any_range_of_a_body_in_many_runs_is_exact() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = websocket(&store);
    // Runs of 7 bytes, 3 missing between them, three times as many as are looked up at once.
    let data = pattern(10 * 3 * 512);
    for offset in (0..data.len()).step_by(10) {
        chunk(store.queue(), x.seq, Part::Response, offset as u64, &data[offset..offset + 7]);
    }
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let expected = |from: usize, to: usize| -> Vec<u8> {
        (from..to.min(data.len())).filter(|i| i % 10 < 7).map(|i| data[i]).collect()
    };
    let mut ranges = Ranges::of(&reader, x.seq, Part::Response);
    let mut check = |from: usize, length: usize| {
        let Found { stored, mut source } = ranges.find(from as u64, length as u64).unwrap();
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).unwrap();
        assert!(bytes == expected(from, from + length) && stored == bytes.len() as u64, "{from}, {length}");
    };
    for from in 0..data.len() + 20 {
        check(from, from % 23);
    }
    let places = pattern(600);
    for pair in places.chunks(2) {
        check(usize::from(pair[0]) * 61, usize::from(pair[1]) * usize::from(pair[1]));
    }
}

#[test]
fn text_is_found_without_regard_to_case_and_across_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = websocket(&store);
    let mut sender = Sender::new(&store, &x);
    let across = [vec![b'.'; PIECE - 3], b"NeEdle".to_vec(), vec![b'.'; PIECE]].concat();
    for payload in [&b"a needle"[..], b"need", b"le", &across, "\u{e9}t\u{e9}".as_bytes(), b"\xffNEEDLE\0"] {
        sender.text(Part::Response, payload);
    }
    sender.text(Part::Request, "Needle");
    sender.ping(Part::Request, "needle");
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let find = |text: &str, sender| {
        let query = MessageQuery { sender, text: Some(text.into()), ..MessageQuery::default() };
        let page = reader.messages(x.id, &query).unwrap().unwrap();
        assert_eq!((page.next, page.total), (None, 8));
        numbers(&page)
    };
    assert_eq!(find("NEEDle", None), [1, 4, 6, 7, 8]);
    assert_eq!(find("needle", Some(Part::Request)), [7, 8]);
    assert_eq!(find("\u{e9}T", None), [5]);
    assert_eq!(find("", None).len(), 8);
    assert_eq!(find("nothing", None), [0; 0]);
}

#[test]
fn a_search_is_bounded_and_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let x = websocket(&store);
    let mut sender = Sender::new(&store, &x);
    let long = |needle_at: usize, size: usize| {
        let mut bytes = vec![b'.'; size];
        bytes[needle_at..needle_at + 6].copy_from_slice(b"needle");
        bytes
    };
    let megabytes = |n: usize| n << 20;
    sender.text(Part::Response, long(megabytes(3) - 6, megabytes(3)));
    sender.text(Part::Response, vec![b'.'; megabytes(3)]);
    sender.text(Part::Response, long(5, megabytes(3))); // nine in all: for the next call
    sender.text(Part::Response, long(megabytes(7), megabytes(10))); // long, but searched at its beginning
    sender.text(Part::Response, long(megabytes(9), megabytes(10))); // beyond what is searched
    store.flush().unwrap();
    let reader = store.reader().unwrap();
    let mut calls = Vec::new();
    let mut after = Some(0);
    while let Some(number) = after {
        let query = MessageQuery { after: number, text: Some("needle".into()), ..MessageQuery::default() };
        let page = reader.messages(x.id, &query).unwrap().unwrap();
        after = page.next;
        calls.push((numbers(&page), page.next));
        assert!(calls.len() < 10, "{calls:?}");
    }
    assert_eq!(calls, [(vec![1], Some(2)), (vec![3], Some(3)), (vec![4], Some(4)), (vec![], None)]);
}
