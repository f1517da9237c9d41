//! From attempt to attempt.

use super::{Closing, Conversation, ConversationKind, State, sse, websocket};
use crate::agent::{Agent, SendError};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How an attempt ended.
#[derive(Default)]
pub(super) struct Ended {
    /// Whether another one may do better.
    pub again: bool,
    /// How the connection was closed, if it was open.
    pub close: Option<Closing>,
    /// What stood in the way.
    pub error: Option<SendError>,
    /// How long the server wants the next attempt to wait, milliseconds.
    pub retry_ms: Option<u64>,
}

impl Ended {
    pub(super) fn failed(error: SendError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }
}

/// Whether what stood in the way may be gone in a while.
pub(super) fn fails_for_now(error: &SendError, status: Option<u16>) -> bool {
    match status {
        Some(status) => status == 429 || status >= 500,
        None => error.is_network() && error.stage != "redirect",
    }
}

/// Holds a conversation from its beginning to its end, which comes soon when `gone` is cancelled.
pub(super) async fn run(conversation: Arc<Conversation>, agent: Arc<Agent>, gone: CancellationToken) {
    let held = hold(&conversation, &agent);
    tokio::pin!(held);
    tokio::select! {
        () = &mut held => {}
        () = gone.cancelled() => {
            conversation.end.cancel();
            held.await;
        }
    }
}

async fn hold(conversation: &Arc<Conversation>, agent: &Arc<Agent>) {
    let mut interval = conversation.settings.reconnect_interval_ms;
    let mut last = String::new();
    for attempt in 1.. {
        conversation.change(|view| {
            view.state = State::Connecting;
            view.attempt = attempt;
            (view.status, view.protocol, view.extensions) = (None, None, None);
        });
        let ended = match conversation.kind() {
            ConversationKind::Websocket => websocket::attempt(conversation, agent).await,
            ConversationKind::Sse => sse::attempt(conversation, agent, &mut last).await,
        };
        conversation.shut();
        interval = ended.retry_ms.unwrap_or(interval);
        let done = conversation.is_ending();
        let over = done || !ended.again || attempt > conversation.settings.reconnect_attempts;
        let error = ended.error.filter(|_| !done);
        let state = match (over, &error) {
            (false, _) => State::Waiting,
            (true, None) => State::Closed,
            (true, Some(_)) => State::Failed,
        };
        conversation.change(|view| {
            (view.close, view.error) = (ended.close, error);
            view.state = state;
        });
        if over {
            return;
        }
        tokio::select! {
            () = sleep(Duration::from_millis(interval)) => {}
            () = conversation.end.cancelled() => {
                return conversation.change(|view| view.state = State::Closed);
            }
        }
    }
}
