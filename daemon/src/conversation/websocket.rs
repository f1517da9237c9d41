//! One attempt at a WebSocket.

use super::{
    Conversation,
    handshake::{Asked, shape},
    run::{Ended, fails_for_now},
    talk::{Talked, talk},
};
use crate::{
    agent::{Agent, Lasting, News, Outcome, SendError, Watch},
    exchange::Near,
    view::Sender,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use waylay_storage::StoreError;

/// Bytes that wait between the connection and us, per direction.
const BETWEEN: usize = 64 << 10;
/// News that wait.
const AHEAD: usize = 8;
/// How long the server may take to close its connection behind the last goodbye.
const LAST: Duration = Duration::from_secs(2);

/// How a send ends.
pub(super) type Sending = JoinHandle<Result<Outcome, StoreError>>;

pub(super) async fn attempt(conversation: &Arc<Conversation>, agent: &Arc<Agent>) -> Ended {
    let mut random = [0; 16];
    if let Err(e) = getrandom::fill(&mut random) {
        return Ended::failed(SendError::new("request", "not sent", format!("{e}."), ""));
    }
    let asked = Arc::new(OnceLock::new());
    let stop = agent.asker.stopping.child_token();
    let (near, stream) = Near::pair(BETWEEN, stop.clone());
    let (told, mut news) = mpsc::channel(AHEAD);
    let head_within = Duration::from_millis(conversation.settings.handshake_timeout_ms);
    let lasting = Lasting { head_within, near: Some(near) };
    let watch = Watch { news: Some(told), lasting: Some(lasting), ..Watch::default() };
    let cancel = watch.cancel.clone();
    let shape = {
        let (protocols, compression) = (conversation.protocols.clone(), conversation.settings.compression);
        let (asked, key) = (Arc::clone(&asked), BASE64_STANDARD.encode(random));
        Box::new(move |draft: &mut _, settings: &mut _| {
            let _ = asked.set(shape(draft, settings, &protocols, compression, &key));
        })
    };
    let sending = Arc::clone(agent).send_shaped(conversation.order.clone(), watch, shape);
    let mut sending = agent.asker.tasks.spawn(sending);

    let opened = async {
        loop {
            match news.recv().await? {
                News::Begun(send) => conversation.change(|view| view.send = Some(send)),
                News::Hop { id, .. } => conversation.change(|view| view.exchange = Some(id)),
                News::Head { hop, headers, .. } => {
                    conversation.change(|view| view.status = hop.status);
                    if hop.status == Some(101) {
                        return Some(headers);
                    }
                }
                News::Chunk(_) => {}
            }
        }
    };
    let opened = tokio::select! {
        opened = opened => opened,
        () = conversation.end.cancelled() => {
            cancel.cancel();
            None
        }
    };
    // News of what comes behind are not waited for.
    drop(news);
    let Some(headers) = opened else { return not_opened(&mut sending, &cancel, head_within).await };
    let Some(settled) = asked.get().map(|asked: &Asked| asked.answered(&headers)) else {
        stop.cancel();
        return Ended::failed(SendError::cancelled());
    };
    let settled = match settled {
        Ok(settled) => settled,
        Err(why) => {
            stop.cancel();
            let _ = sending.await;
            let hint = "the server's answer is in the exchange; look whether it speaks WebSocket here";
            return Ended::failed(SendError::new("response", "bad handshake", why, hint));
        }
    };
    let Talked { close, error } = talk(conversation, stream, settled).await;
    if timeout(LAST, &mut sending).await.is_err() {
        stop.cancel();
        let _ = sending.await;
    }
    let again = close.by == Sender::Origin && matches!(close.code, Some(1001 | 1006 | 1011..=1014));
    Ended { again, close: Some(close), error, retry_ms: None }
}

/// Why there was no 101.
async fn not_opened(sending: &mut Sending, cancel: &tokio_util::sync::CancellationToken, within: Duration) -> Ended {
    // The body of an answer that is no 101 may have no end.
    let outcome = match timeout(within, &mut *sending).await {
        Ok(outcome) => outcome,
        Err(_) => {
            cancel.cancel();
            sending.await
        }
    };
    let outcome = match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(e)) => return Ended::failed(SendError::new("store", "not recorded", format!("{e}."), "")),
        Err(e) => return Ended::failed(SendError::new("request", "broke off", format!("{e}."), "")),
    };
    let status = outcome.hops.last().and_then(|hop| hop.status);
    let error = match (outcome.error, status) {
        (Some(error), None) => error,
        (_, Some(status)) => refused(status, "changing to WebSocket"),
        (None, None) => SendError::cancelled(),
    };
    Ended { again: fails_for_now(&error, status), close: None, error: Some(error), retry_ms: None }
}

/// The server answered with something else.
pub(super) fn refused(status: u16, instead_of: &str) -> SendError {
    let hint = match status {
        401 | 403 => "look at what it wants in its answer, and set auth, a cookie or the header Origin",
        404 | 405 => "check the path",
        426 => "look at the version it wants in its answer",
        429 | 500.. => "try again later: \"reconnect_attempts\" does so by itself",
        _ => "look at its answer in the exchange",
    };
    SendError::new("response", "refused", format!("The server answered {status} instead of {instead_of}."), hint)
}
