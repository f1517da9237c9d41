//! `/execute`: what a page asks for is sent, with its rights.

use super::{
    broken,
    delivery::{Delivered, deliver},
    nonce, refused, unauthorized,
};
use crate::{
    agent::{JarChoice, News, Order, Outcome, Watch},
    api::{
        Shared,
        input::{Lost, into_file},
    },
    data_dir::create_nameless,
    engine::pairings::Pairing,
    hoppscotch::{
        answer::Answer,
        call::Call,
        envelope,
        order::{MapError, Mapped, order},
    },
};
use axum::{
    body::Body,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use jiff::Timestamp;
use std::{fs::File, io, path::PathBuf, sync::Arc};
use tokio::{
    io::AsyncWriteExt,
    sync::{Semaphore, mpsc},
    task::{JoinHandle, spawn_blocking},
};
use waylay_storage::StoreError;

/// Messages that are read at once: what is left of each besides its bodies is in memory.
static READING: Semaphore = Semaphore::const_new(4);
/// News that wait while a body is written.
const AHEAD: usize = 8;

/// Why a message is not answered.
enum Refusal {
    /// It is of nobody who has the key.
    Forged,
    /// It is not what it should be.
    Map(MapError),
}

/// Answers one request. Whoever goes away before its end cancels it.
pub(super) async fn execute(shared: &Shared, pairing: &Arc<Pairing>, request: Request<Body>) -> Response<Body> {
    let Some(nonce) = nonce(request.headers()) else { return unauthorized() };
    let Some(turn) = pairing.turn() else {
        return refused(StatusCode::TOO_MANY_REQUESTS, "This page has too many requests under way; wait for some.");
    };
    let message = match received(shared, request).await {
        Ok(message) => message,
        Err(Lost::Request(error)) => return error.into_response(),
        Err(Lost::File(error)) => return no_room(error),
    };
    let (id, mapped) = match read(shared, pairing, (nonce, message)).await {
        Ok(read) => read,
        Err(Refusal::Forged) => return unauthorized(),
        Err(Refusal::Map(MapError::Bad(error))) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
        Err(Refusal::Map(MapError::Io(error))) => return no_room(error),
    };
    let cancel = pairing.gone().child_token();
    let _running = pairing.running(id, cancel.clone());
    shared.engine.pairings().used(pairing);
    let begun = Timestamp::now().as_millisecond();
    let decompress = mapped.decompress;
    let sent = send(shared, pairing, mapped, cancel).await;
    let time = (begun, Timestamp::now().as_millisecond());
    let answer = match sent {
        Ok((Outcome { error: None, .. }, got)) => {
            let answer = Answer { id, time, ..got.answer };
            Delivered { answer, body: got.body, length: got.length, decompress }
        }
        Ok((Outcome { error: Some(error), .. }, _)) if error.stage == "cancelled" => {
            return refused(StatusCode::INTERNAL_SERVER_ERROR, "Request cancelled");
        }
        Ok((Outcome { error: Some(error), .. }, _)) => match Delivered::of_error(&scratch(shared), id, &error, time) {
            Ok(delivered) => delivered,
            Err(error) => return no_room(error),
        },
        Err(error) => return broken(error),
    };
    deliver(scratch(shared), pairing, answer, turn).await.unwrap_or_else(no_room)
}

/// The whole message, in a file.
async fn received(shared: &Shared, request: Request<Body>) -> Result<(File, u64), Lost> {
    let file = create_nameless(&shared.engine.settings().data_dir).map_err(Lost::File)?;
    let mut file = tokio::fs::File::from_std(file);
    into_file(request, &mut file).await?;
    let file = file.into_std().await;
    let length = file.metadata().map_err(Lost::File)?.len();
    Ok((file, length))
}

/// What it says.
async fn read(
    shared: &Shared,
    pairing: &Arc<Pairing>,
    (nonce, (sealed, length)): ([u8; 12], (File, u64)),
) -> Result<(i64, Mapped), Refusal> {
    let io = |error| Refusal::Map(MapError::Io(error));
    let _turn = READING.acquire().await.map_err(|e| io(io::Error::other(e)))?;
    let (pairing, scratch) = (Arc::clone(pairing), scratch(shared));
    let work = move || {
        let plain = create_nameless(&scratch).map_err(io)?;
        let key = super::key(&pairing).map_err(io)?;
        if !envelope::open(key, &nonce, (&sealed, length), &plain).map_err(io)? {
            return Err(Refusal::Forged);
        }
        // Its room on the disk is needed for what is in it.
        drop(sealed);
        let call = Call::read(&plain).map_err(|error| Refusal::Map(error.into()))?;
        let id = call.id;
        let mapped = order(call, &Arc::new(plain), &scratch).map_err(Refusal::Map)?;
        Ok((id, mapped))
    };
    spawn_blocking(work).await.unwrap_or_else(|error| Err(io(io::Error::other(error))))
}

fn scratch(shared: &Shared) -> PathBuf {
    shared.engine.settings().data_dir.clone()
}

/// What has come back, as it was transferred.
struct Got {
    answer: Answer,
    body: File,
    length: u64,
}

async fn send(
    shared: &Shared,
    pairing: &Pairing,
    mapped: Mapped,
    cancel: tokio_util::sync::CancellationToken,
) -> io::Result<(Outcome, Got)> {
    let Mapped { draft, files, brought, cookies, .. } = mapped;
    // What lasts of its cookies is the client's.
    let jar = if cookies { JarChoice::Fresh } else { JarChoice::None };
    let order = Order { jar, ..Order::of_page(draft, [], pairing.guest_with(files, brought)) };
    let (news, received) = mpsc::channel(AHEAD);
    // Whoever asked and leaves wants it no more.
    let _cancel = cancel.clone().drop_guard();
    let watch = Watch { news: Some(news), body: true, cancel: cancel.clone(), ..Watch::default() };
    let agent = Arc::clone(shared.engine.agent());
    // A task of its own: what is begun has an end in the history, whoever waits for it.
    let sending: JoinHandle<Result<Outcome, StoreError>> =
        agent.asker.tasks.spawn(Arc::clone(&agent).send(order, watch));
    let file = create_nameless(&scratch(shared))?;
    let got = gather(received, tokio::fs::File::from_std(file)).await;
    if got.is_err() {
        cancel.cancel();
    }
    let outcome = sending.await.map_err(io::Error::other)?.map_err(io::Error::other)?;
    Ok((outcome, got?))
}

/// Follows a send to its end.
async fn gather(mut received: mpsc::Receiver<News>, mut file: tokio::fs::File) -> io::Result<Got> {
    let (mut answer, mut length) = (Answer::default(), 0);
    while let Some(one) = received.recv().await {
        match one {
            News::Begun(_) | News::Hop { .. } => {}
            News::Head { hop, version, headers } => {
                let before = answer.headers.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
                answer.earlier_cookies.extend(before.map(|(_, value)| value));
                answer.status = hop.status.unwrap_or_default();
                // As their clients write it.
                version.clone_into(&mut answer.version);
                if version == "HTTP/2" {
                    answer.version.push_str(".0");
                }
                answer.headers = headers;
            }
            News::Chunk(bytes) => {
                length += bytes.len() as u64;
                file.write_all(&bytes).await?;
            }
        }
    }
    file.flush().await?;
    Ok(Got { answer, body: file.into_std().await, length })
}

/// Messages and bodies need their size on the disk.
fn no_room(error: io::Error) -> Response<Body> {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        let why = "The disk of the data folder has no room for this request.";
        return refused(StatusCode::INSUFFICIENT_STORAGE, why);
    }
    broken(error)
}
