//! Frames both ways, over a WebSocket that is open.

use super::{
    Closing, Conversation, Payload, State,
    conversation::Goodbye,
    handshake::Settled,
    inbox::{Arrived, Inbox},
    outbox::{Outbox, Waiting},
};
use crate::{
    agent::SendError,
    content::Close,
    messages::websocket::encode::{Deflater, FIN, RSV1, frame},
    view::Sender,
};
use bytes::Bytes;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use waylay_storage::model::MessageKind;

/// Read at once, bytes.
const PIECE: usize = 8 << 10;
/// Answers to pings that wait; where the server does not read, the newest are left out.
const PONGS: usize = 8;
/// How long the other side's goodbye is waited for.
const GOODBYE: Duration = Duration::from_secs(5);

/// How it ended.
pub(super) struct Talked {
    pub close: Closing,
    /// What stood in the way.
    pub error: Option<SendError>,
}

/// What made an end of hearing.
enum Heard {
    Goodbye(Close),
    Broken(u16, String),
    End,
}

/// Talks until both sides have said goodbye, one is gone, or the conversation is to end.
pub(super) async fn talk(conversation: &Conversation, stream: DuplexStream, settled: Settled) -> Talked {
    let (read, write) = tokio::io::split(stream);
    let (outbox, mut waiting) = Outbox::new();
    let (pong, mut pongs) = mpsc::channel(PONGS);
    let inbox = Inbox::new(settled.deflate.1, conversation.settings.max_message_bytes);
    let deflater = settled.deflate.0.map(Deflater::new);
    // What is said last over this connection: ours, or the answer to theirs.
    let (farewell, told) = watch::channel(None);
    conversation.opened(settled, Some(outbox));

    let hearing = hear(conversation, read, inbox, pong);
    let saying = say(conversation, write, deflater, (&mut waiting, &mut pongs), told);
    let mut asked = conversation.goodbye.subscribe();
    tokio::pin!(hearing, saying);
    let (mut heard, mut said, mut until, mut ours) = (None, false, None, None);
    while heard.is_none() || !said {
        let deadline = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            end = &mut hearing, if heard.is_none() => {
                let answer = match &end {
                    Heard::Goodbye(close) => Goodbye { code: close.code, reason: String::new() },
                    Heard::Broken(code, _) => Goodbye { code: Some(*code), reason: String::new() },
                    Heard::End => break,
                };
                if farewell.borrow().is_none() {
                    conversation.shut();
                    farewell.send_replace(Some(answer));
                    conversation.change(|view| view.state = State::Closing);
                }
                heard = Some(end);
                until.get_or_insert_with(|| Instant::now() + GOODBYE);
            }
            done = &mut saying, if !said => {
                if done.is_err() {
                    // What they said last may still be there to be heard.
                    until.get_or_insert_with(|| Instant::now() + GOODBYE);
                }
                said = true;
            }
            goodbye = leaving(conversation, &mut asked), if until.is_none() => {
                conversation.shut();
                ours = Some(goodbye.clone());
                farewell.send_replace(Some(goodbye));
                until = Some(Instant::now() + GOODBYE);
            }
            () = deadline => break,
        }
    }
    conversation.shut();
    ended(heard, ours)
}

/// What is to be said last, when the user or the daemon wants an end.
async fn leaving(conversation: &Conversation, asked: &mut watch::Receiver<Option<Goodbye>>) -> Goodbye {
    let going_away = || Goodbye { code: Some(1001), reason: String::new() };
    tokio::select! {
        goodbye = asked.wait_for(Option::is_some) => {
            goodbye.ok().and_then(|goodbye| goodbye.clone()).unwrap_or_else(going_away)
        }
        () = conversation.end.cancelled() => going_away(),
    }
}

fn ended(heard: Option<Heard>, ours: Option<Goodbye>) -> Talked {
    match (heard, ours) {
        (_, Some(Goodbye { code, reason })) => Talked { close: closing(code, reason, Sender::Client), error: None },
        (Some(Heard::Broken(code, why)), None) => {
            let hint = if code == 1009 { "raise the setting \"max_message_bytes\"; 0 is no limit" } else { "" };
            let error = SendError::new("response", "protocol", why, hint);
            Talked { close: closing(Some(code), String::new(), Sender::Client), error: Some(error) }
        }
        (Some(Heard::Goodbye(Close { code, reason, .. })), None) => {
            Talked { close: closing(code, reason, Sender::Origin), error: None }
        }
        (Some(Heard::End) | None, None) => {
            let message = "The connection ended without a goodbye.";
            let error = SendError::new("response", "broke off", message, "what has come of it is kept");
            Talked { close: closing(Some(1006), String::new(), Sender::Origin), error: Some(error) }
        }
    }
}

/// Without a code, 1005 stands for it (RFC 6455, 7.1.5).
fn closing(code: Option<u16>, reason: String, by: Sender) -> Closing {
    Closing { code: Some(code.unwrap_or(1005)), reason, by }
}

async fn hear(
    conversation: &Conversation,
    mut from: impl AsyncRead + Unpin,
    mut inbox: Inbox,
    pongs: mpsc::Sender<Bytes>,
) -> Heard {
    let (mut buffer, mut arrived) = (vec![0; PIECE], Vec::new());
    loop {
        let n = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Heard::End,
            Ok(n) => n,
        };
        inbox.feed(&buffer[..n], &mut arrived);
        for arrived in arrived.drain(..) {
            match arrived {
                Arrived::Broken { code, why } => return Heard::Broken(code, why),
                Arrived::Message { kind, length, payload } => {
                    conversation.said(Sender::Origin, kind, length, payload.clone());
                    match kind {
                        // Where the queue is full, an answer to an older one is under way (RFC 6455, 5.5.3).
                        MessageKind::Ping => drop(pongs.try_send(payload)),
                        MessageKind::Close => return Heard::Goodbye(Close::parse(&payload)),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// Sends what waits, and ends behind the goodbye.
async fn say(
    conversation: &Conversation,
    mut to: impl AsyncWrite + Unpin,
    mut deflater: Option<Deflater>,
    (waiting, pongs): (&mut mpsc::Receiver<Waiting>, &mut mpsc::Receiver<Bytes>),
    mut farewell: watch::Receiver<Option<Goodbye>>,
) -> io::Result<()> {
    loop {
        tokio::select! {
            biased;
            Some(payload) = pongs.recv() => {
                to.write_all(&masked(FIN | 0xa, &payload)?).await?;
                conversation.said(Sender::Client, MessageKind::Pong, payload.len() as u64, payload);
            }
            Some(Waiting { payload, .. }) = waiting.recv() => {
                let (opcode, kind) = match &payload {
                    Payload::Text(_) => (1, MessageKind::Text),
                    Payload::Binary(_) => (2, MessageKind::Binary),
                };
                let compressed = deflater.as_mut().map(|deflater| deflater.message(payload.bytes()));
                let wire = match compressed {
                    Some(Some(compressed)) => masked(FIN | RSV1 | opcode, &compressed)?,
                    Some(None) => return Err(io::Error::other("the message cannot be compressed")),
                    None => masked(FIN | opcode, payload.bytes())?,
                };
                to.write_all(&wire).await?;
                let bytes = match payload {
                    Payload::Text(text) => Bytes::from(text),
                    Payload::Binary(bytes) => bytes,
                };
                conversation.said(Sender::Client, kind, bytes.len() as u64, bytes);
            }
            Ok(()) = said(&mut farewell) => {
                let payload = farewell.borrow().as_ref().map(payload).unwrap_or_default();
                to.write_all(&masked(FIN | 8, &payload)?).await?;
                conversation.said(Sender::Client, MessageKind::Close, payload.len() as u64, payload);
                return Ok(());
            }
            else => return Ok(()),
        }
        to.flush().await?;
    }
}

async fn said(farewell: &mut watch::Receiver<Option<Goodbye>>) -> Result<(), watch::error::RecvError> {
    farewell.wait_for(Option::is_some).await.map(drop)
}

/// What a close frame says: 125 bytes at most.
fn payload(goodbye: &Goodbye) -> Bytes {
    let Some(code) = goodbye.code else { return Bytes::new() };
    let reason = &goodbye.reason[..goodbye.reason.floor_char_boundary(123)];
    [&code.to_be_bytes()[..], reason.as_bytes()].concat().into()
}

fn masked(first: u8, payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut key = [0; 4];
    getrandom::fill(&mut key).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(frame(first, Some(key), payload))
}
