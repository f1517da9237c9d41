//! `/conversations/{id}/events`: what happens in a conversation, as it happens (server-sent events).
//!
//! `state`: how it stands; `message`: one that was sent or has come; `gap` `{missed, conversation}`: so much was missed by a
//! reader that was too slow, and this is how it stands. The stream begins with the oldest that is kept, or behind
//! `Last-Event-ID`, and ends when the conversation is over.

use super::{
    super::{
        Shared,
        error::ApiError,
        input::{Params, Segment},
    },
    found,
};
use crate::conversation::{Conversation, Told, live::Next, message::LONGEST};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

/// How much of a payload is told, unless told otherwise, bytes.
const PREVIEW: usize = 64 << 10;
/// How often a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiveParams {
    /// Bytes of each payload to tell.
    preview: Option<usize>,
    /// Begin behind the event of this number, as by `Last-Event-ID`.
    after: Option<u64>,
}

pub(crate) async fn events(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<LiveParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    stream(found(&shared, &id)?, params, &headers, shared.stopping.clone())
}

/// The stream of one reader, until `stopping` at the latest.
pub(crate) fn stream(
    conversation: Arc<Conversation>,
    params: LiveParams,
    headers: &HeaderMap,
    stopping: CancellationToken,
) -> Result<Response, ApiError> {
    let preview = params.preview.unwrap_or(PREVIEW);
    if preview > LONGEST {
        return Err(ApiError::bad_request(format!("preview is {preview}; it can be 0 to {LONGEST}")));
    }
    let last = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let reader = Reader {
        at: last.or(params.after).unwrap_or(0),
        changed: conversation.live.watch(),
        conversation,
        preview,
        stopping,
    };
    let chunks =
        stream::unfold(reader, |mut reader| async move { Some((Ok::<_, Infallible>(reader.next().await?), reader)) });
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"))];
    Ok((kind, Body::from_stream(chunks)).into_response())
}

struct Reader {
    conversation: Arc<Conversation>,
    changed: watch::Receiver<u64>,
    at: u64,
    preview: usize,
    stopping: CancellationToken,
}

impl Reader {
    /// The next bytes to send; `None` when the conversation is over, or the daemon stops.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.changed.borrow_and_update();
            if let Some(next) = self.conversation.live.next(self.at) {
                return Some(self.told(next));
            }
            if self.conversation.view().state.is_over() {
                // The last state is told before it can be seen to be over.
                return self.conversation.live.next(self.at).map(|next| self.told(next));
            }
            let stopping = self.stopping.clone();
            match stopping.run_until_cancelled(timeout(HEARTBEAT, self.changed.changed())).await? {
                Err(_) => return Some(Bytes::from_static(b":\n\n")),
                Ok(changed) => changed.ok()?,
            }
        }
    }

    fn told(&mut self, Next { number, missed, told }: Next) -> Bytes {
        let mut text = String::new();
        if missed > 0 {
            text += &event("gap", &json!({ "missed": missed, "conversation": self.conversation.view() }), None);
        }
        self.at = number;
        text += &match told {
            Told::State(view) => event("state", &json!(*view), Some(number)),
            Told::Message(message) => event("message", &message.told(self.preview), Some(number)),
        };
        text.into()
    }
}

fn event(name: &str, data: &Value, id: Option<u64>) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{id}event: {name}\ndata: {data}\n\n")
}
