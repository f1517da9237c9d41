//! `/runs`: a session and a proxy port of its own for one command.

use super::{
    Shared,
    error::ApiError,
    input::{Payload, Segment, within},
    sessions::{NAME, no_session, seen, session_id, to_its_end},
};
use crate::{engine::RunError, view};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Longest command line that is kept, bytes.
const COMMAND: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    /// The command itself if there is none.
    name: Option<String>,
    /// For reading only.
    command: String,
    /// Store the bodies of images, audio and video, too.
    #[serde(default)]
    media: bool,
}

#[derive(Serialize)]
pub(crate) struct Opened {
    session: view::Session,
    proxy: SocketAddr,
}

pub(crate) async fn open(
    State(shared): State<Shared>,
    Payload(open): Payload<Open>,
) -> Result<impl IntoResponse, ApiError> {
    within("name", open.name.as_deref().unwrap_or_default(), NAME)?;
    within("command", &open.command, COMMAND)?;
    let run = shared.engine.open_run(open.name, open.command, open.media).await.map_err(|error| match error {
        RunError::TooMany => ApiError::conflict(error.to_string())
            .hint("one that is forgotten is closed by DELETE /api/v1/runs/{id}; `waylay session list` shows them"),
        error => ApiError::internal(error.to_string()),
    })?;
    shared.hub.session_changed(run.session.id);
    Ok((StatusCode::CREATED, Json(Opened { session: seen(&shared, run.session), proxy: run.proxy })))
}

pub(crate) async fn close(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let session = session_id(&shared, &id)?;
    let closed = to_its_end(&shared, |engine| async move { Ok::<_, ApiError>(engine.close_run(session).await) });
    if !closed.await? {
        return Err(no_session(&id.0).hint("only a run that is still open can be closed"));
    }
    shared.hub.session_changed(session);
    Ok(StatusCode::NO_CONTENT)
}
