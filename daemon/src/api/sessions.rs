//! `/sessions`: spans of recording.

use super::{
    Shared,
    error::ApiError,
    input::{Payload, Segment, within},
};
use crate::{
    capture::{presets, recorder::now_us},
    engine::{Beginning, Engine, SessionError},
    view,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Deserializer, Serialize};
use std::{future::Future, sync::Arc};
use waylay_storage::{
    SessionChanges,
    model::{RecordingRules, Session, SessionId},
};

/// Longest name of a session, bytes.
pub(crate) const NAME: usize = 200;
/// Longest note, bytes.
const NOTE: usize = 64 << 10;

#[derive(Serialize)]
pub(crate) struct Sessions {
    items: Vec<view::Session>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    let found = shared.readers.with(|reader| reader.sessions()).await?;
    Ok(Json(Sessions { items: found.into_iter().map(|session| seen(&shared, session)).collect() }))
}

pub(crate) async fn one(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    let session = shared.readers.with(move |reader| reader.session(id)).await?;
    session.map(|session| Json(seen(&shared, session))).ok_or_else(|| no_session(&id.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// The time if there is none.
    name: Option<String>,
    note: Option<String>,
    /// What the daemon was started with if there are none.
    rules: Option<RecordingRules>,
}

/// Begins a session; the current one ends.
pub(crate) async fn start(
    State(shared): State<Shared>,
    Payload(new): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    let beginning = Beginning { name: name(new.name)?, note: note(new.note)?, rules: new.rules };
    let begun = to_its_end(&shared, |engine| async move { engine.start_session(beginning).await }).await?;
    if let Some(before) = begun.before {
        shared.hub.session_changed(before);
    }
    shared.hub.session_changed(begun.session.id);
    Ok((StatusCode::CREATED, Json(seen(&shared, begun.session))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    name: Option<String>,
    /// `null` removes it.
    #[serde(default, deserialize_with = "given")]
    note: Option<Option<String>>,
    pinned: Option<bool>,
    /// `null`: as configured.
    #[serde(default, deserialize_with = "given")]
    keep_until_us: Option<Option<i64>>,
    rules: Option<RecordingRules>,
}

/// What is given may be `null`; what is not given is `None`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Changes what a session is called, what is remembered of it, and what is recorded.
pub(crate) async fn change(
    State(shared): State<Shared>,
    id: Segment,
    Payload(changes): Payload<Changes>,
) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    let note = changes.note.map(note).transpose()?;
    let Changes { name: new_name, pinned, keep_until_us, rules, .. } = changes;
    if keep_until_us.flatten().is_some_and(|until| until <= now_us()) {
        return Err(ApiError::bad_request("keep_until_us is in the past")
            .hint("a session that is over is deleted by DELETE /api/v1/sessions/{id}"));
    }
    let changes = SessionChanges { name: name(new_name)?, note, pinned, keep_until_us, rules };
    changed(&shared, |engine| async move { engine.update_session(id, changes).await }).await
}

/// Adds nothing to a session until it is resumed.
pub(crate) async fn pause(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    changed(&shared, |engine| async move { engine.pause_session(id).await }).await
}

/// Goes on with a session.
pub(crate) async fn resume(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    changed(&shared, |engine| async move { engine.resume_session(id).await }).await
}

/// Ends a session.
pub(crate) async fn stop(State(shared): State<Shared>, id: Segment) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    changed(&shared, |engine| async move { engine.stop_session(id).await }).await
}

/// Sets of rules that have a name.
pub(crate) async fn presets() -> impl IntoResponse {
    Json(serde_json::json!({ "items": presets::all() }))
}

async fn changed<F: Future<Output = Result<Session, SessionError>> + Send + 'static>(
    shared: &Shared,
    change: impl FnOnce(Arc<Engine>) -> F,
) -> Result<Json<view::Session>, ApiError> {
    let session = to_its_end(shared, change).await?;
    shared.hub.session_changed(session.id);
    Ok(Json(seen(shared, session)))
}

/// Carries a change out, whether or not whoever asked waits for it: half of one would be none at all.
pub(crate) async fn to_its_end<T, E, F>(shared: &Shared, change: impl FnOnce(Arc<Engine>) -> F) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
    ApiError: From<E>,
{
    match tokio::spawn(change(Arc::clone(&shared.engine))).await {
        Ok(result) => Ok(result?),
        Err(e) => Err(ApiError::internal(format!("a change broke off: {e}"))),
    }
}

/// As it is now.
pub(crate) fn seen(shared: &Shared, session: Session) -> view::Session {
    let now = shared.engine.store().session_time(session.id);
    view::Session::new(session, now)
}

fn name(name: Option<String>) -> Result<Option<String>, ApiError> {
    within("name", name.as_deref().unwrap_or_default(), NAME)?;
    match &name {
        Some(name) if name.trim().is_empty() => Err(ApiError::bad_request("the name is empty")),
        _ => Ok(name),
    }
}

fn note(note: Option<String>) -> Result<Option<String>, ApiError> {
    within("note", note.as_deref().unwrap_or_default(), NOTE)?;
    Ok(note)
}

/// The session that is meant by `7`, or by `@current`.
pub(crate) fn session_id(shared: &Shared, Segment(id): &Segment) -> Result<SessionId, ApiError> {
    if id == "@current" {
        return shared.engine.current_session().ok_or_else(|| {
            ApiError::not_found("nothing is being recorded: there is no current session")
                .hint("`waylay session start` begins one")
        });
    }
    id.parse().map_err(|_| no_session(id))
}

pub(crate) fn no_session(id: &str) -> ApiError {
    let message = format!("there is no session '{}'", super::error::shown(id));
    ApiError::not_found(message).hint("a session is a number, such as 7; GET /api/v1/sessions lists them")
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Missing(id) => no_session(&id.to_string()),
            SessionError::Conflict { what, hint } => Self::conflict(what).hint(hint),
            SessionError::Rule(bad) => Self::new(StatusCode::BAD_REQUEST, "bad_rules", bad.to_string())
                .hint("the rules are as they were")
                .about(bad.field, bad.entry),
            SessionError::Store(error) => error.into(),
        }
    }
}
