//! `/replays`: requests that are sent again, and how the answers compare with those that came the first time.

use super::{
    Shared,
    bodies::attach,
    error::{ApiError, shown},
    export,
    input::{Params, Payload, Segment, page},
};
use crate::{
    engine::ReplayError,
    replay::{
        Asked,
        report::{self, ReportError},
        results::Outcome,
        steps::StepsError,
    },
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::io;
use waylay_storage::{
    Reader,
    model::{Replay, ReplayState, Verdict},
};

/// Entries of a page, unless told otherwise.
const USUAL: usize = 100;
/// Most entries of a page.
const MOST: usize = 1000;
/// Most of those that may be long.
const MOST_LONG: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    limit: Option<usize>,
    cursor: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultParams {
    /// Only those.
    verdict: Option<Verdict>,
    /// With how each compares.
    details: Option<bool>,
    limit: Option<usize>,
    cursor: Option<i64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Junit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportParams {
    format: Option<Format>,
}

/// A page.
#[derive(Serialize)]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    /// To go on with.
    next: Option<i64>,
}

/// `POST /replays`: begins one, which goes on by itself.
pub(crate) async fn create(
    State(shared): State<Shared>,
    Payload(asked): Payload<Asked>,
) -> Result<impl IntoResponse, ApiError> {
    let (id, _) = shared.engine.start_replay(asked).await?;
    Ok((StatusCode::CREATED, Json(found(&shared, id).await?)))
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Params(ListParams { limit, cursor }): Params<ListParams>,
) -> Result<Json<Listed<Replay>>, ApiError> {
    let limit = page(limit, USUAL, MOST_LONG)?;
    let items = shared.readers.with(move |reader| reader.replays(cursor, limit)).await?;
    let next = items.last().map(|replay| replay.id).filter(|_| items.len() == limit);
    Ok(Json(Listed { items, next }))
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Replay>, ApiError> {
    found(&shared, number(&id)?).await.map(Json)
}

pub(crate) async fn results(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ResultParams>,
) -> Result<Json<Listed<Outcome>>, ApiError> {
    let ResultParams { verdict, details, limit, cursor } = params;
    let details = details.unwrap_or(false);
    let limit = page(limit, USUAL, if details { MOST_LONG } else { MOST })?;
    let replay = found(&shared, number(&id)?).await?;
    let read = move |reader: &Reader| reader.replayed(&replay, verdict, cursor.unwrap_or(0), limit);
    let rows = shared.readers.with(read).await?;
    let next = rows.last().map(|row| row.position).filter(|_| rows.len() == limit);
    let items = rows.into_iter().map(|row| Outcome::new(row, details)).collect();
    Ok(Json(Listed { items, next }))
}

/// `DELETE /replays/{id}`: ends one that is under way. What it has done stays.
pub(crate) async fn cancel(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id = number(&id)?;
    if shared.engine.cancel_replay(id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let replay = found(&shared, id).await?;
    let message = format!("replay {id} is not under way: it is {}", replay.state);
    Err(ApiError::conflict(message).hint(format!("DELETE /api/v1/sessions/{} deletes it", replay.session)))
}

pub(crate) async fn report(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ReportParams>,
) -> Result<Response, ApiError> {
    let replay = found(&shared, number(&id)?).await?;
    if replay.state == ReplayState::Running {
        let message = format!("replay {id} is still under way");
        return Err(ApiError::conflict(message).hint("wait until it is over: the event `replay` tells"));
    }
    let format = params.format.unwrap_or_default();
    let (name, media) = match format {
        Format::Json => (format!("replay-{id}.json"), "application/json"),
        Format::Junit => (format!("replay-{id}.xml"), "application/xml"),
    };
    let body = export::streamed(&shared, move |reader, out| {
        let written = match format {
            Format::Json => report::json(reader, &replay, out),
            Format::Junit => report::junit(reader, &replay, out),
        };
        written.map_err(|error| match error {
            ReportError::Store(error) => {
                tracing::error!(%error, "a report ended early");
                io::Error::other(error)
            }
            ReportError::Write(error) => error,
        })
    });
    let mut response = Response::new(body.await?);
    let headers = response.headers_mut();
    attach(headers, &name);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    Ok(response)
}

async fn found(shared: &Shared, id: i64) -> Result<Replay, ApiError> {
    let found = shared.readers.with(move |reader| reader.replay(id)).await?;
    found.ok_or_else(|| none(&id.to_string()))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| none(id))
}

fn none(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no replay '{}'", shown(id)))
        .hint("a replay is a number, such as 3; GET /api/v1/replays lists them")
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Asked(bad) => Self::bad_request(bad.message).hint(bad.hint),
            ReplayError::Rule(bad) => bad.into(),
            ReplayError::Steps(StepsError::Filter(error)) => error.into(),
            ReplayError::Steps(StepsError::Store(error)) | ReplayError::Store(error) => error.into(),
            ReplayError::Steps(other) => Self::bad_request(other.to_string()),
            ReplayError::Busy => {
                Self::conflict(error.to_string()).hint("wait for one to end, or end it: DELETE /api/v1/replays/{id}")
            }
        }
    }
}
