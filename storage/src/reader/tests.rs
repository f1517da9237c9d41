//! What is written is what is read.

use super::*;
use crate::{
    Filter, Message, NewSession, Store,
    fixtures::{self, chunk, exchange, failure, inline, pattern, store, stream},
    model::{BodyEnd, BodyRecord, Gap, HttpVersion, Kind, Part, Scheme, SessionState, Source},
};
use bytes::Bytes;
use std::io::Read;

fn session(store: &Store, name: &str) -> SessionId {
    let new = NewSession { name: name.into(), source: Source::Run, command: Some("curl x".into()) };
    store.open_session(new).unwrap().id
}

fn read(reader: &Reader, id: ExchangeId, part: Part) -> (Vec<u8>, Body) {
    let mut body = reader.body(id, part).unwrap().unwrap();
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, body.stored);
    (bytes, body)
}

#[test]
fn a_small_exchange_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut x = exchange(&store, session(&store, "one"));
    x.request = inline(b"question");
    x.response = BodyRecord { parts: vec![Bytes::from("an"), Bytes::from("swer")], ..inline(b"answer") };
    x.sent_head = Bytes::from_static(b"GET / HTTP/2\r\nhost: example.test\r\n\r\n");
    x.response_trailers = Bytes::from_static(b"grpc-status: 0\r\n");
    x.failure = Some(failure());
    store.queue().push(Message::Done(x.clone()));
    store.flush().unwrap();

    let reader = store.reader().unwrap();
    let (found, done) = reader.exchange(x.id).unwrap().unwrap();
    assert!(done);
    let without_parts = |x: &crate::model::Exchange| {
        let mut x = x.clone();
        x.request.parts.clear();
        x.response.parts.clear();
        format!("{x:?}")
    };
    assert_eq!(without_parts(&found), without_parts(&x));
    assert_eq!(read(&reader, x.id, Part::Request).0, b"question");
    let (bytes, body) = read(&reader, x.id, Part::Response);
    assert_eq!((&bytes[..], body.size, body.gaps, body.end), (&b"answer"[..], 6, vec![], BodyEnd::Complete));
    let nobody = ExchangeId { session: x.id.session, number: 99 };
    assert!(reader.exchange(nobody).unwrap().is_none() && reader.body(nobody, Part::Request).unwrap().is_none());
}
