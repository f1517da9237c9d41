//! `/sessions`: spans of recording.

use super::{Shared, error::ApiError, input::Segment};
use axum::{Json, extract::State, response::IntoResponse};
use serde::Serialize;
use waylay_storage::model::{Session, SessionId};

#[derive(Serialize)]
pub(crate) struct Sessions {
    items: Vec<Session>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(Sessions { items: shared.readers.with(|reader| reader.sessions()).await? }))
}

pub(crate) async fn one(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&id)?;
    let session = shared.readers.with(move |reader| reader.session(id)).await?;
    session.map(Json).ok_or_else(|| no_session(&id.to_string()))
}

pub(crate) fn session_id(Segment(id): &Segment) -> Result<SessionId, ApiError> {
    id.parse().map_err(|_| no_session(id))
}

pub(crate) fn no_session(id: &str) -> ApiError {
    let message = format!("there is no session '{}'", super::error::shown(id));
    ApiError::not_found(message).hint("a session is a number, such as 7; GET /api/v1/sessions lists them")
}
