//! A store with exchanges for the tests of this folder.

use crate::fixtures;
use bytes::Bytes;
use std::path::Path;
use waylay_storage::{
    Event, NewSession, Options, Reader, Store,
    model::{
        BodyEnd, BodyRecord, Exchange, ExchangeId, Message, MessageKind, MessageState, Part, RecordingRules, Session,
        SessionId, Source,
    },
};

/// A store under a folder of its own.
pub(super) struct Fixture {
    store: Store,
    pub(super) session: Session,
    pub(super) reader: Reader,
    _dir: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options::new(dir.path())).unwrap();
        let new =
            NewSession { name: "test".into(), source: Source::Proxy, command: None, rules: RecordingRules::default() };
        let session = store.open_session(new).unwrap();
        let reader = Reader::open(Path::new(dir.path())).unwrap();
        Self { store, session, reader, _dir: dir }
    }

    /// Stores an exchange that has ended with `status`.
    pub(super) fn done(&self, seq: i64, status: u16) {
        self.push(Event::Done(Box::new(exchange(self.session.id, seq, Some(status)))));
    }

    /// Stores an exchange that is under way.
    pub(super) fn open(&self, seq: i64) {
        self.push(Event::Open(Box::new(exchange(self.session.id, seq, None))));
    }

    /// Stores an exchange that has ended and the messages of it, a millisecond apart.
    pub(super) fn said(&self, seq: i64, messages: &[(Part, MessageKind, &[u8])]) -> ExchangeId {
        let queue = self.store.queue();
        let mut ends = [0u64; 2];
        for (number, (part, kind, payload)) in (1..).zip(messages) {
            let (offset, length) = (ends[*part as usize], payload.len() as u64);
            ends[*part as usize] += length;
            queue.budget().force(payload.len());
            queue.push(Event::Chunk { seq, part: *part, offset, data: Bytes::copy_from_slice(payload) });
            queue.push(Event::Message(Box::new(Message {
                seq,
                number,
                part: *part,
                kind: *kind,
                at_us: number * 1000,
                offset,
                length,
                wire_length: length,
                fragments: 1,
                compressed: false,
                state: MessageState::Complete,
                payload: None,
            })));
        }
        let mut exchange = exchange(self.session.id, seq, Some(200));
        for (record, size) in [&mut exchange.request, &mut exchange.response].into_iter().zip(ends) {
            (record.size, record.streamed) = (size, true);
        }
        let id = exchange.id;
        self.push(Event::Done(Box::new(exchange)));
        id
    }

    fn push(&self, event: Event) {
        self.store.queue().push(event);
        self.store.flush().unwrap();
    }
}

fn exchange(session: SessionId, seq: i64, status: Option<u16>) -> Exchange {
    let body = || BodyRecord { end: BodyEnd::Complete, ..BodyRecord::default() };
    Exchange {
        seq,
        id: ExchangeId { session, number: seq },
        started_us: 1_700_000_000_000_000 + seq,
        host: "example.com".into(),
        path: format!("/{seq}"),
        status,
        response_version: None,
        request_head: Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"),
        request: body(),
        response: body(),
        ..fixtures::exchange()
    }
}
