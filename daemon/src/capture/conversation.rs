//! Messages that pass in one direction of an exchange become rows of their own.

use super::recorder::Recorder;
use crate::messages::{Found, grpc, sse};
use waylay_storage::model::{MessageKind, Part};

/// Notes when messages begin, and writes down those that have ended.
#[derive(Default)]
pub struct Log {
    began_us: Option<i64>,
    found: Vec<Found>,
}

impl Log {
    /// Lets `cut` look for messages in bytes that have just come; it returns whether one is under way afterwards.
    pub fn pass(&mut self, recorder: &Recorder, part: Part, cut: impl FnOnce(&mut Vec<Found>) -> bool) {
        let now = recorder.elapsed_us();
        let under_way = cut(&mut self.found);
        for found in self.found.drain(..) {
            // What comes between the fragments of a message is over at once.
            let control = matches!(found.kind, MessageKind::Ping | MessageKind::Pong | MessageKind::Close);
            let began_us = if control { None } else { self.began_us.take() };
            recorder.message(part, began_us.unwrap_or(now), found);
        }
        if under_way {
            self.began_us.get_or_insert(now);
        } else {
            self.began_us = None;
        }
    }
}

/// Cuts a body into messages, where it is made of them.
pub enum Cutter {
    /// An event stream.
    Sse(sse::Splitter, Log),
    /// One direction of a gRPC call.
    Grpc(grpc::Splitter, Log),
}

impl Cutter {
    /// For `text/event-stream`.
    pub fn sse() -> Box<Self> {
        Box::new(Self::Sse(sse::Splitter::new(), Log::default()))
    }

    /// For `application/grpc` and its variants.
    pub fn grpc() -> Box<Self> {
        Box::new(Self::Grpc(grpc::Splitter::new(), Log::default()))
    }

    pub(super) fn pass(&mut self, recorder: &Recorder, part: Part, bytes: &[u8]) {
        match self {
            Self::Sse(splitter, log) => log.pass(recorder, part, |found| {
                splitter.feed(bytes, found);
                splitter.in_message()
            }),
            Self::Grpc(splitter, log) => log.pass(recorder, part, |found| {
                splitter.feed(bytes, found);
                splitter.in_message()
            }),
        }
    }

    /// The body has ended, or broken off.
    pub(super) fn finish(&mut self, recorder: &Recorder, part: Part) {
        match self {
            Self::Sse(splitter, log) => log.pass(recorder, part, |found| {
                splitter.finish(found);
                false
            }),
            Self::Grpc(splitter, log) => log.pass(recorder, part, |found| {
                splitter.finish(found);
                false
            }),
        }
    }
}
