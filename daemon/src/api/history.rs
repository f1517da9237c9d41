//! `/history`: what was sent from here, and every session as one entry, newest first.

use super::{
    Shared,
    deletions::{blocking, delete},
    error::{ApiError, shown},
    exchanges::filter,
    input::{Params, Payload, Segment, page},
};
use crate::{
    capture::recorder::now_us,
    view::history::{Entire, Entry},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use waylay_storage::{Deleted, HistoryQuery, Reader, SendDetail, StoreError};

/// Entries of a page, unless told otherwise.
const USUAL: usize = 100;
/// Most entries of a page.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// In the filter language, over the exchanges of what was sent.
    filter: Option<String>,
    /// Only earlier sends of the same request as this one.
    like: Option<i64>,
    /// Most entries to answer with.
    limit: Option<usize>,
    /// Where the page before ended.
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    /// Newest first.
    items: Vec<Entry>,
    /// To ask for older ones with.
    next: Option<String>,
}

/// What to add.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Added {
    /// A captured exchange, such as `7.42`.
    exchange: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Whether the bodies of responses to what is sent are stored.
    save_responses: bool,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Params(params): Params<ListParams>,
) -> Result<Json<Listed>, ApiError> {
    let limit = page(params.limit, USUAL, MOST)?;
    let before = match &params.cursor {
        Some(text) => Some(text.parse().map_err(|_| {
            ApiError::bad_request(format!("'{}' is no cursor", shown(text))).hint("give back what `next` was")
        })?),
        None => None,
    };
    let query = HistoryQuery { filter: filter(params.filter)?, like: params.like, before, limit };
    let page = shared.readers.with(move |reader| reader.history(&query)).await?;
    let now = |session| shared.engine.store().session_time(session);
    let items = page.items.into_iter().map(|entry| Entry::new(entry, now)).collect();
    Ok(Json(Listed { items, next: page.before.map(|place| place.to_string()) }))
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Entire>, ApiError> {
    let id = number(&id)?;
    shared.readers.with(move |reader| entire(reader, id)).await.map(Json)
}

/// Adds a captured exchange: nothing is sent.
pub(crate) async fn add(
    State(shared): State<Shared>,
    Payload(Added { exchange }): Payload<Added>,
) -> Result<impl IntoResponse, ApiError> {
    let captured = move |reader: &Reader| super::captured::entry(reader, &exchange, now_us());
    let (new, id, end) = shared.readers.with(captured).await?;
    let added = blocking(&shared, move |store| store.add_send(&new, id, end)).await?;
    let entire = shared.readers.with(move |reader| entire(reader, added)).await?;
    Ok((StatusCode::CREATED, Json(entire)))
}

/// `DELETE /history/{id}`: with what was sent.
pub(crate) async fn remove(State(shared): State<Shared>, Segment(id): Segment) -> Result<Response, ApiError> {
    delete(&shared, Deleted::Sends(vec![number(&id)?])).await
}

/// `DELETE /history`: all of what was sent or added.
pub(crate) async fn clear(State(shared): State<Shared>) -> Result<Response, ApiError> {
    delete(&shared, Deleted::AllSends).await
}

pub(crate) async fn settings(State(shared): State<Shared>) -> Result<Json<Settings>, ApiError> {
    Ok(Json(Settings { save_responses: shared.engine.saves_responses().await? }))
}

pub(crate) async fn set_settings(
    State(shared): State<Shared>,
    Payload(settings): Payload<Settings>,
) -> Result<Json<Settings>, ApiError> {
    shared.engine.save_responses(settings.save_responses).await?;
    Ok(Json(settings))
}

pub(crate) fn entire(reader: &Reader, id: i64) -> Result<Entire, ApiError> {
    let detail: SendDetail = reader.send(id)?.ok_or(StoreError::NoSend(id))?;
    Entire::new(detail).map_err(|e| ApiError::internal(format!("entry {id} of the history cannot be read: {e}")))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no entry '{}' in the history", shown(id)))
            .hint("an entry is a number, such as 12; GET /api/v1/history lists them")
    })
}
