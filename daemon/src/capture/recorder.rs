//! One recorder per exchange. Everything that learns something about the exchange holds it; the last to let go sends
//! the row, so that no early return, cancelled future or dropped body loses it.

use super::{
    ClientConnection, Heard, Policy, Recording, Target, policy::Asked, recording::LeftOut, running::Running,
    spill::Files,
};
use crate::messages::Found;
use bytes::Bytes;
use std::{
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::oneshot;
use waylay_storage::{
    Event, Ids, Queue, Store,
    model::{
        BodyEnd, BodyRecord, Exchange, ExchangeId, Failure, HttpVersion, Kind, Message, Omitted, Part, Scheme, Side,
        Source, Stage, Timings,
    },
};

/// Where recorders send what they have, and the limits they keep to.
pub struct Capture {
    /// To the writer.
    pub queue: Arc<Queue>,
    store: Arc<Store>,
    /// How long a body may wait for room before bytes are let pass unrecorded.
    pub stall: Duration,
    /// Exchanges under way.
    pub running: Running,
    /// For bodies that have waited so long.
    pub(super) files: Files,
    left_out: LeftOut,
    /// Heads for whoever keeps cookies of some hosts.
    pub heard: Heard,
}

impl Capture {
    /// Limits as DESIGN gives them.
    pub fn new(store: Arc<Store>) -> Self {
        let (queue, files) = (Arc::clone(store.queue()), Files::new(Arc::clone(store.spill())));
        Self {
            queue,
            store,
            stall: Duration::from_secs(2),
            running: Running::default(),
            files,
            left_out: LeftOut::default(),
            heard: Heard::default(),
        }
    }

    /// Numbers for rows.
    pub fn ids(&self) -> &Ids {
        self.store.ids()
    }

    /// Opens a row where `recording` says; `None` if that is nowhere.
    pub fn begin(self: &Arc<Self>, recording: &Recording, begin: impl FnOnce() -> Begin) -> Option<Arc<Recorder>> {
        let target = recording.target();
        let target = target.as_ref()?;
        let begin = begin();
        if let Some(policy) = &target.policy
            && !policy.wants_request(&begin.asked())
        {
            self.left_out.count(target.session);
            return None;
        }
        Some(self.open(target, begin))
    }

    /// Tells the store how many exchanges the rules have kept out.
    pub fn tell_left_out(&self) {
        for (session, count) in self.left_out.take() {
            self.queue.push(Event::LeftOut { session, count });
        }
    }

    fn open(self: &Arc<Self>, target: &Target, begin: Begin) -> Arc<Recorder> {
        let (began, started_us) = begin.since.unwrap_or_else(|| (Instant::now(), now_us()));
        let exchange = Exchange {
            seq: self.ids().next_seq(),
            id: self.ids().next_exchange(target.session),
            kind: begin.kind,
            source: begin.source,
            started_us,
            timings: Timings::default(),
            client_connection: begin.client_connection.map(|connection| connection.noted()),
            upstream_connection: None,
            scheme: begin.scheme,
            host: begin.host,
            port: begin.port,
            method: begin.method,
            path: begin.path,
            status: None,
            request_version: begin.version,
            response_version: None,
            request_head: begin.head,
            sent_head: Bytes::new(),
            response_head: Bytes::new(),
            request_trailers: Bytes::new(),
            response_trailers: Bytes::new(),
            // Messages are looked at while they come.
            request: BodyRecord { streamed: begin.kind == Kind::Grpc, ..BodyRecord::default() },
            response: BodyRecord::default(),
            messages: 0,
            omitted: Omitted::default(),
            passthrough: None,
            failure: None,
        };
        let recorder = Arc::new(Recorder {
            seq: exchange.seq,
            id: exchange.id,
            source: exchange.source,
            began,
            policy: target.policy.clone(),
            exchange: Mutex::new(Some(Box::new(exchange))),
            finished: Mutex::new(None),
            capture: Arc::clone(self),
        });
        self.running.add(&recorder);
        recorder
    }
}

/// What is known when an exchange begins.
#[derive(Debug)]
pub struct Begin {
    /// What the row stands for, as far as it can be told.
    pub kind: Kind,
    /// Who asked.
    pub source: Source,
    /// The client's connection.
    pub client_connection: Option<Arc<ClientConnection>>,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Version the client spoke.
    pub version: HttpVersion,
    /// Head as received.
    pub head: Bytes,
    /// When it began, if not just now: by the monotonic clock, and in microseconds since the Unix epoch.
    pub since: Option<(Instant, i64)>,
}

impl Begin {
    fn asked(&self) -> Asked<'_> {
        let Self { kind, scheme, port, .. } = *self;
        Asked { kind, method: &self.method, scheme, host: &self.host, port, path: &self.path }
    }
}

/// The pen for one row.
pub struct Recorder {
    /// Row number.
    pub seq: i64,
    /// What people call it.
    pub id: ExchangeId,
    /// Who asked.
    pub(super) source: Source,
    began: Instant,
    /// Of the session when it began; the usual if `None`.
    policy: Option<Arc<Policy>>,
    /// Taken when the row is sent: by `drop`, or by `cut_off` before it.
    exchange: Mutex<Option<Box<Exchange>>>,
    finished: Mutex<Option<oneshot::Sender<()>>>,
    /// Where it goes.
    pub(super) capture: Arc<Capture>,
}

impl Recorder {
    /// Microseconds since the exchange began, by a clock that never jumps.
    pub fn elapsed_us(&self) -> i64 {
        micros(self.began.elapsed())
    }

    /// Microseconds from the beginning of the exchange to `then`.
    pub fn offset_us(&self, then: Instant) -> i64 {
        micros(then.saturating_duration_since(self.began))
    }

    /// Writes into the row.
    pub fn note(&self, write: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = &mut *self.lock() {
            write(exchange);
        }
    }

    /// What is recorded of it.
    pub fn policy(&self) -> &Policy {
        static USUAL: LazyLock<Policy> = LazyLock::new(Policy::usual);
        self.policy.as_deref().unwrap_or(&USUAL)
    }

    /// Takes the row back: the rules keep the exchange out, as is known now. What comes after goes nowhere.
    pub fn withdraw(&self) {
        let mut guard = self.lock();
        if guard.take().is_some() {
            // Under the lock: nothing that was seen of it before may be pushed later.
            self.capture.queue.push(Event::Withdrawn { seq: self.seq, id: self.id });
        }
    }

    /// Whether the body of the response is not stored.
    pub fn omits_response(&self) -> bool {
        self.lock().as_deref().is_some_and(|x| x.omitted.body())
    }

    /// Keeps the first failure: what follows from it is no news.
    pub fn fail(&self, failure: Failure) {
        self.note(|x| {
            x.failure.get_or_insert(failure);
        });
    }

    /// Writes down a message that has ended; its bytes have been kept already.
    pub(super) fn message(&self, part: Part, at_us: i64, found: Found) {
        let mut guard = self.lock();
        let Some(exchange) = guard.as_deref_mut() else { return };
        exchange.messages += 1;
        let message = Message {
            seq: self.seq,
            number: exchange.messages,
            part,
            kind: found.kind,
            at_us,
            offset: found.offset,
            length: found.length,
            wire_length: found.wire_length,
            fragments: found.fragments,
            compressed: found.compressed,
            state: found.state,
            payload: found.payload,
        };
        self.capture.queue.push(Event::Message(Box::new(message)));
    }

    /// The failure there is if the client broke off while it was sending its body.
    pub fn cut_upload(&self) -> Option<Failure> {
        self.lock().as_deref().filter(|x| x.request.end == BodyEnd::Failed).and_then(broken_off)
    }

    /// Resolves once the row is on its way to the writer.
    pub fn finished(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        *self.finished.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
        told
    }

    /// Sends the row as it stands, without body bytes, and gives back what `look` sees in it; `None` if it is over.
    pub(super) fn show<T>(&self, look: impl FnOnce(&Exchange) -> T) -> Option<T> {
        let guard = self.lock();
        let exchange = guard.as_deref()?;
        let mut copy = Box::new(exchange.clone());
        copy.request.parts.clear();
        copy.response.parts.clear();
        // Under the lock: its end must not be pushed before.
        self.capture.queue.push(Event::Open(copy));
        Some(look(exchange))
    }

    /// Ends the row now, because we end the exchange; `message` says why. What comes after goes nowhere.
    pub(super) fn cut_off(&self, message: &str) {
        let Some(mut exchange) = self.lock().take() else { return };
        exchange.timings.end_us = Some(self.elapsed_us());
        exchange.failure.get_or_insert_with(|| Failure {
            side: Side::Waylay,
            stage: Stage::Response,
            reason: "interrupted".to_owned(),
            message: message.to_owned(),
        });
        for body in [&mut exchange.request, &mut exchange.response] {
            if body.end == BodyEnd::Open {
                body.end = BodyEnd::Dropped;
            }
        }
        self.send(exchange);
    }

    /// Sends the row of an exchange that is over, unless the rules keep it out.
    fn send(&self, mut exchange: Box<Exchange>) {
        let x = &mut exchange;
        if x.status.is_none() && x.failure.is_some() && !self.policy().wants_failure() {
            return self.capture.queue.push(Event::Withdrawn { seq: self.seq, id: self.id });
        }
        if x.response.size == 0 {
            // There was nothing to leave out.
            (x.omitted.media, x.omitted.response) = (false, false);
        }
        self.capture.queue.push(Event::Done(exchange));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Box<Exchange>>> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let end_us = self.elapsed_us();
        let Some(mut exchange) = self.exchange.get_mut().unwrap_or_else(PoisonError::into_inner).take() else { return };
        exchange.timings.end_us = Some(end_us);
        if exchange.failure.is_none() {
            exchange.failure = broken_off(&exchange);
        }
        for body in [&mut exchange.request, &mut exchange.response] {
            if body.end == BodyEnd::Open {
                body.end = BodyEnd::Failed;
            }
        }
        self.send(exchange);
        if let Some(tell) = self.finished.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever waited may have gone; nobody else needs to know.
            let _ = tell.send(());
        }
    }
}

/// An end that nobody explained: somebody left.
fn broken_off(x: &Exchange) -> Option<Failure> {
    let failure = |side, stage, reason: &str, message: &str| {
        Some(Failure { side, stage, reason: reason.to_owned(), message: message.to_owned() })
    };
    match (x.kind, x.status, x.request.end, x.response.end) {
        (Kind::Tunnel | Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned, ..) => None,
        // What became of the answer then follows from it.
        (_, _, BodyEnd::Failed, end) if end != BodyEnd::Complete => failure(
            Side::Client,
            Stage::Request,
            "client aborted",
            "The client broke off while it was sending the body of its request, or framed it wrongly.",
        ),
        (_, None, ..) => failure(
            Side::Client,
            Stage::Wait,
            "client aborted",
            "The client closed its connection, or reset the stream, before an answer had arrived.",
        ),
        (_, Some(_), _, BodyEnd::Failed) => failure(
            Side::Upstream,
            Stage::Response,
            "origin aborted",
            "The origin broke off in the middle of its response: the body is incomplete.",
        ),
        (_, Some(_), _, BodyEnd::Dropped) => failure(
            Side::Client,
            Stage::Response,
            "client aborted",
            "The client went away in the middle of the response: the body is incomplete.",
        ),
        _ => None,
    }
}

/// The wall clock in microseconds since the Unix epoch; 0 if it stands before it.
pub fn now_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros)
}

/// A duration in whole microseconds.
pub fn micros(d: Duration) -> i64 {
    i64::try_from(d.as_micros()).unwrap_or(i64::MAX)
}
