//! `/saved-messages`: messages for WebSockets that are kept, by the URL they are for.

use super::super::{
    Shared,
    deletions::blocking,
    error::ApiError,
    input::{Params, Payload, Segment, page, within},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::model::{MessageFormat, NewSavedMessage, SavedMessage};

/// As many are kept.
const MOST: i64 = 5000;
/// Most of a page.
const PAGE: usize = 100;
/// Longest name, bytes.
const NAME: usize = 200;
/// Longest URL, bytes.
const URL: usize = 8 << 10;
/// Longest content, bytes.
const CONTENT: usize = 256 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// Only those for this URL.
    url: Option<String>,
    /// Only those with a higher number.
    after: Option<i64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    /// Ascending by number.
    items: Vec<Saved>,
    /// To ask for the rest with, as `after`.
    next: Option<i64>,
}

#[derive(Serialize)]
pub(crate) struct Saved {
    id: i64,
    name: String,
    url: String,
    format: MessageFormat,
    content: String,
    changed_us: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    name: String,
    url: String,
    format: MessageFormat,
    content: String,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Params(params): Params<ListParams>,
) -> Result<Json<Listed>, ApiError> {
    let limit = page(params.limit, PAGE, PAGE)?;
    within("url", params.url.as_deref().unwrap_or_default(), URL)?;
    let after = params.after.unwrap_or(0);
    let found =
        shared.readers.with(move |reader| reader.saved_messages(params.url.as_deref(), after, limit + 1)).await?;
    let next = (found.len() > limit).then(|| found.get(limit - 1).map(|last| last.id)).flatten();
    Ok(Json(Listed { items: found.into_iter().take(limit).map(Saved::from).collect(), next }))
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    Payload(given): Payload<Given>,
) -> Result<impl IntoResponse, ApiError> {
    let new = given.read()?;
    let made = blocking(&shared, move |store| store.add_saved_message(new, MOST)).await?;
    Ok((StatusCode::CREATED, Json(Saved::from(made))))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(given): Payload<Given>,
) -> Result<Json<Saved>, ApiError> {
    let (id, new) = (number(&id)?, given.read()?);
    let changed = blocking(&shared, move |store| store.change_saved_message(id, new)).await?;
    Ok(Json(changed.into()))
}

pub(crate) async fn remove(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id = number(&id)?;
    blocking(&shared, move |store| store.remove_saved_message(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no saved message '{}'", super::super::error::shown(id)))
            .hint("a saved message is a number, such as 3; GET /api/v1/saved-messages lists them")
    })
}

impl Given {
    fn read(self) -> Result<NewSavedMessage, ApiError> {
        let Self { name, url, format, content } = self;
        if name.trim().is_empty() {
            return Err(ApiError::bad_request("the name is empty"));
        }
        within("name", &name, NAME)?;
        within("url", &url, URL)?;
        within("content", &content, CONTENT)?;
        Ok(NewSavedMessage { name, url, format, content })
    }
}

impl From<SavedMessage> for Saved {
    fn from(saved: SavedMessage) -> Self {
        let SavedMessage { id, message: NewSavedMessage { name, url, format, content }, changed_us } = saved;
        Self { id, name, url, format, content, changed_us }
    }
}
