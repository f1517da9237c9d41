//! `/agent/pairings`: the pages that are paired. Tokens and keys are never told.

use super::super::{
    Shared,
    error::{ApiError, shown},
    input::{Payload, Segment},
};
use crate::{agent::Rights, engine::pairings::Facts};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(crate) struct All {
    /// In the order in which they were made.
    items: Vec<Facts>,
}

/// What can be changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// All of them: what is not named is not allowed.
    rights: Rights,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<All> {
    Json(All { items: shared.engine.pairings().list().iter().map(|pairing| pairing.facts()).collect() })
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(change): Payload<Change>,
) -> Result<Json<Facts>, ApiError> {
    let number = id.parse().map_err(|_| none(&id))?;
    let changed = shared.engine.pairings().set_rights(number, change.rights).await?;
    Ok(Json(changed.ok_or_else(|| none(&id))?.facts()))
}

pub(crate) async fn revoke(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let number = id.parse().map_err(|_| none(&id))?;
    match shared.engine.pairings().revoke(number).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(none(&id)),
    }
}

fn none(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no pairing '{}'", shown(id))).hint("`waylay agent list` shows their numbers")
}
