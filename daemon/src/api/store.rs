//! `/store`: what takes how much room, giving it back, and looking for damage.

use super::{Shared, deletions::blocking, error::ApiError, input::Payload};
use axum::{Json, extract::State, response::IntoResponse};
use serde::Deserialize;
use waylay_storage::Reader;

/// Nothing can be said yet: an empty object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

pub(crate) async fn stats(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(shared.readers.with(Reader::usage).await?))
}

pub(crate) async fn gc(
    State(shared): State<Shared>,
    Payload(Nothing {}): Payload<Nothing>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(blocking(&shared, |store| store.gc()).await?))
}

pub(crate) async fn check(
    State(shared): State<Shared>,
    Payload(Nothing {}): Payload<Nothing>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(blocking(&shared, |store| store.reader()?.check()).await?))
}
