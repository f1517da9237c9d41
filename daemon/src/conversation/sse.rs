//! One attempt at an event stream.

use super::{
    Closing, Conversation,
    events::Events,
    handshake::Settled,
    run::{Ended, fails_for_now},
    settings::retry,
    websocket::refused,
};
use crate::{
    agent::{Agent, Hop, Lasting, News, SendError, Watch},
    content::ServerEvent,
    request::Field,
    view::Sender,
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::sleep};
use waylay_storage::model::MessageKind;

/// Pieces that wait: a slow reader here slows the origin.
const AHEAD: usize = 8;
/// How much of an answer that is no event stream is waited for.
const REFUSAL: Duration = Duration::from_secs(5);

/// Asks for what comes behind the event with the id `last`, which is kept up to date.
pub(super) async fn attempt(conversation: &Arc<Conversation>, agent: &Arc<Agent>, last: &mut String) -> Ended {
    let (told, mut news) = mpsc::channel(AHEAD);
    let head_within = Duration::from_millis(conversation.settings.handshake_timeout_ms);
    let lasting = Lasting { head_within, near: None };
    let cancel = agent.asker.stopping.child_token();
    let watch =
        Watch { news: Some(told), body: true, lasting: Some(lasting), cancel: cancel.clone(), ..Watch::default() };
    let id = last.clone();
    let shape = Box::new(move |draft: &mut crate::request::Draft, _: &mut _| {
        let has = |name: &str| draft.headers.iter().any(|f| !f.disabled && f.key.eq_ignore_ascii_case(name));
        let accepts = has("accept");
        if !accepts {
            draft.headers.push(Field::new("Accept", "text/event-stream"));
        }
        // Compressed, its events would come late, and could not be told apart in what is stored.
        draft.without.push("accept-encoding".to_owned());
        if !id.is_empty() {
            draft.headers.retain(|field| !field.key.eq_ignore_ascii_case("last-event-id"));
            draft.headers.push(Field::new("Last-Event-ID", id));
        }
    });
    let sending = Arc::clone(agent).send_shaped(conversation.order.clone(), watch, shape);
    let sending = agent.asker.tasks.spawn(sending);

    let mut stream = Stream::new(conversation.settings.max_message_bytes);
    let (mut open, mut problem, mut status) = (false, None, None);
    loop {
        let one = tokio::select! {
            one = news.recv() => one,
            () = conversation.end.cancelled(), if !cancel.is_cancelled() => {
                cancel.cancel();
                continue;
            }
        };
        match one {
            None => break,
            Some(News::Begun(send)) => conversation.change(|view| view.send = Some(send)),
            Some(News::Hop { id, .. }) => conversation.change(|view| view.exchange = Some(id)),
            Some(News::Head { hop, headers, .. }) => {
                status = hop.status;
                conversation.change(|view| view.status = hop.status);
                match judge(&hop, &headers) {
                    Judged::Open => {
                        open = true;
                        conversation.opened(Settled::default(), None);
                    }
                    Judged::Problem(error) => {
                        problem = Some(error);
                        let cancel = cancel.clone();
                        tokio::spawn(async move {
                            cancel.run_until_cancelled(sleep(REFUSAL)).await;
                            cancel.cancel();
                        });
                    }
                    Judged::Later => {}
                }
            }
            Some(News::Chunk(bytes)) if open => {
                if let Err(error) = stream.read(&bytes, conversation, last) {
                    problem = Some(error);
                    cancel.cancel();
                }
            }
            Some(News::Chunk(_)) => {}
        }
    }
    let outcome = match sending.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(e)) => return Ended::failed(SendError::new("store", "not recorded", format!("{e}."), "")),
        Err(e) => return Ended::failed(SendError::new("request", "broke off", format!("{e}."), "")),
    };
    if conversation.end.is_cancelled() {
        let close = open.then(|| Closing { code: None, reason: String::new(), by: Sender::Client });
        return Ended { close, ..Ended::default() };
    }
    let by = if problem.is_some() { Sender::Client } else { Sender::Origin };
    let close = open.then(|| Closing { code: None, reason: String::new(), by });
    let again = match (&problem, &outcome.error) {
        (Some(error), _) => !open && fails_for_now(error, status),
        (None, Some(error)) => open || fails_for_now(error, status),
        // A stream that has ended is asked for again, unless there never was one (WHATWG HTML, 9.2.2).
        (None, None) => open,
    };
    Ended { again, close, error: problem.or(outcome.error), retry_ms: stream.retry_ms }
}

enum Judged {
    Open,
    /// Another hop may follow.
    Later,
    Problem(SendError),
}

fn judge(hop: &Hop, headers: &[(String, String)]) -> Judged {
    let value = |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim());
    let status = hop.status.unwrap_or(0);
    if status == 401 || (300..400).contains(&status) {
        return Judged::Later;
    }
    let media = value("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if status != 200 {
        return Judged::Problem(refused(status, "an event stream"));
    }
    if !media.eq_ignore_ascii_case("text/event-stream") {
        let media: String = media.chars().take(100).flat_map(char::escape_debug).collect();
        let message = format!("The server answered with '{media}' instead of an event stream.");
        let hint = "look at its answer in the exchange; an event stream is text/event-stream";
        return Judged::Problem(SendError::new("response", "no event stream", message, hint));
    }
    match value("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        None => Judged::Open,
        Some(coding) => {
            let coding: String = coding.chars().take(100).flat_map(char::escape_debug).collect();
            let message =
                format!("The server compressed its event stream with '{coding}', though nobody asked for that.");
            Judged::Problem(SendError::new("response", "compressed", message, "have the server send it as it is"))
        }
    }
}

/// An event stream that is read.
struct Stream {
    events: Events,
    found: Vec<Bytes>,
    retry_ms: Option<u64>,
}

impl Stream {
    fn new(most: u64) -> Self {
        Self { events: Events::new(most), found: Vec::new(), retry_ms: None }
    }

    fn read(&mut self, bytes: &[u8], conversation: &Conversation, last: &mut String) -> Result<(), SendError> {
        let read = self.events.feed(bytes, &mut self.found);
        for lines in self.found.drain(..) {
            let event = ServerEvent::parse(&lines);
            if let Some(id) = event.id {
                *last = id;
            }
            self.retry_ms = event.retry.map(retry).or(self.retry_ms);
            conversation.said(Sender::Origin, MessageKind::Event, lines.len() as u64, lines);
        }
        let hint = "raise the setting \"max_message_bytes\"";
        read.map_err(|error| SendError::new("response", "too large", error.to_string(), hint))
    }
}
