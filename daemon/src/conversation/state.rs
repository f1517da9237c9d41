//! One conversation: what can be seen of it and asked of it.

use super::{
    ConversationSettings, LiveMessage,
    handshake::Settled,
    live::{Held, Live, Told},
    message::LONGEST,
    outbox::{NotSent, Outbox, Payload},
};
use crate::{
    agent::{Order, SendError},
    capture::recorder::now_us,
    view::Sender,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use waylay_storage::model::{ExchangeId, MessageKind};

/// What a conversation is held by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationKind {
    /// A WebSocket.
    Websocket,
    /// An event stream.
    Sse,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// An attempt is under way.
    Connecting,
    /// Messages pass.
    Open,
    /// One side has said goodbye.
    Closing,
    /// The next attempt comes in a while.
    Waiting,
    /// It is over as it should be.
    Closed,
    /// It is over, and `error` says why.
    Failed,
}

impl State {
    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Failed)
    }
}

/// How a connection was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// The status code (RFC 6455, 7.4); 1005 if none was said, 1006 without a goodbye. `None` of an event stream.
    pub code: Option<u16>,
    /// What was said; empty for nothing.
    pub reason: String,
    /// Who was first.
    pub by: Sender,
}

/// What is shown of a conversation.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// Its number in this run of the daemon.
    pub id: i64,
    /// What it is held by.
    pub kind: ConversationKind,
    /// Where to, as it was written.
    pub url: String,
    /// When it was begun, microseconds since the Unix epoch.
    pub began_us: i64,
    /// How it stands.
    pub state: State,
    /// Its entry of the history: that of the last attempt.
    pub send: Option<i64>,
    /// The row of the last attempt.
    pub exchange: Option<ExchangeId>,
    /// What the server answered last.
    pub status: Option<u16>,
    /// The subprotocol that the server chose.
    pub protocol: Option<String>,
    /// The extensions that the server chose.
    pub extensions: Option<String>,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// How the last connection was closed.
    pub close: Option<Closing>,
    /// Why the last attempt came to nothing, or broke off.
    pub error: Option<SendError>,
    /// Messages sent, over all connections.
    pub sent: u64,
    /// Messages that have come, over all connections.
    pub received: u64,
}

/// A goodbye to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Goodbye {
    /// `None` says nothing but goodbye.
    pub code: Option<u16>,
    pub reason: String,
}

/// One conversation.
pub struct Conversation {
    /// What is sent to begin it.
    pub order: Order,
    /// Subprotocols that are offered.
    pub protocols: Vec<String>,
    /// How it is held.
    pub settings: ConversationSettings,
    /// The pairing whose page has it; `None` for the user's own.
    pub owner: Option<u64>,
    /// What has happened lately.
    pub live: Live,
    /// Cancelled when it is to end, whatever it is doing.
    pub(super) end: CancellationToken,
    /// The goodbye that is to be said over the connection there is.
    pub(super) goodbye: watch::Sender<Option<Goodbye>>,
    now: Mutex<Now>,
    tell: Arc<dyn Fn(i64) + Send + Sync>,
}

struct Now {
    view: View,
    messages: u64,
    outbox: Option<Outbox>,
}

impl Conversation {
    pub(super) fn new(
        (id, kind): (i64, ConversationKind),
        (order, protocols, settings): (Order, Vec<String>, ConversationSettings),
        owner: Option<u64>,
        (end, held): (CancellationToken, Arc<Held>),
        tell: Arc<dyn Fn(i64) + Send + Sync>,
    ) -> Self {
        let view = View {
            id,
            kind,
            url: order.draft.url.clone(),
            began_us: now_us(),
            state: State::Connecting,
            send: None,
            exchange: None,
            status: None,
            protocol: None,
            extensions: None,
            attempt: 0,
            close: None,
            error: None,
            sent: 0,
            received: 0,
        };
        let now = Mutex::new(Now { view, messages: 0, outbox: None });
        let (goodbye, live) = (watch::Sender::new(None), Live::new(held));
        Self { order, protocols, settings, owner, live, end, goodbye, now, tell }
    }

    /// What it is held by.
    pub fn kind(&self) -> ConversationKind {
        self.lock().view.kind
    }

    /// What is shown of it.
    pub fn view(&self) -> View {
        self.lock().view.clone()
    }

    /// Sends a message; comes back when it is in the queue.
    ///
    /// # Errors
    /// [`NotSent`].
    pub async fn send(&self, payload: Payload) -> Result<(), NotSent> {
        let outbox = {
            let now = self.lock();
            match (now.view.kind, now.view.state) {
                (ConversationKind::Sse, _) => return Err(NotSent::OneWay),
                (_, State::Open) => now.outbox.clone(),
                _ => None,
            }
        };
        outbox.ok_or(NotSent::NotOpen)?.put(payload).await
    }

    /// Says goodbye behind what is still to be sent, and does not connect again. One that is not open ends at once.
    pub fn close(&self, code: Option<u16>, reason: String) {
        let open = {
            let mut now = self.lock();
            now.view.kind == ConversationKind::Websocket && now.outbox.take().is_some()
        };
        if open {
            self.goodbye.send_replace(Some(Goodbye { code, reason }));
            self.change(|view| view.state = State::Closing);
        } else {
            self.end.cancel();
        }
    }

    /// Whether it was asked to end.
    pub(super) fn is_ending(&self) -> bool {
        self.end.is_cancelled() || self.goodbye.borrow().is_some()
    }

    /// Messages pass from now on.
    pub(super) fn opened(&self, settled: Settled, outbox: Option<Outbox>) {
        self.lock().outbox = outbox;
        self.change(|view| {
            view.state = State::Open;
            (view.protocol, view.extensions) = (settled.protocol, settled.extensions);
        });
    }

    /// No message can be sent any more.
    pub(super) fn shut(&self) {
        self.lock().outbox = None;
    }

    /// Changes what is shown of it, and tells so.
    pub(super) fn change(&self, change: impl FnOnce(&mut View)) {
        let view = {
            let mut now = self.lock();
            change(&mut now.view);
            // Told while it is locked: the order of what is told is that of what happened.
            self.live.push(Told::State(Arc::new(now.view.clone())));
            now.view.id
        };
        (self.tell)(view);
    }

    /// A message was sent or has come: `payload` is all of it, or its beginning.
    pub(super) fn said(&self, sender: Sender, kind: MessageKind, length: u64, payload: Bytes) {
        let mut now = self.lock();
        now.messages += 1;
        match sender {
            Sender::Client => now.view.sent += 1,
            Sender::Origin => now.view.received += 1,
        }
        let payload = payload.slice(..payload.len().min(LONGEST));
        let message = LiveMessage { number: now.messages, sender, kind, at_us: now_us(), length, payload };
        self.live.push(Told::Message(Arc::new(message)));
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
