//! `/agent/blocked`: origins whose pages the user wants nothing of.

use super::{
    super::{
        Shared,
        error::ApiError,
        input::{Params, Payload},
    },
    windows::web_origin,
};
use crate::{config::WebOrigin, engine::pairings::BlockError};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(crate) struct All {
    /// In the order in which they were blocked.
    items: Vec<WebOrigin>,
}

/// Which origin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    origin: String,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<All> {
    Json(All { items: shared.engine.pairings().blocked() })
}

pub(crate) async fn block(
    State(shared): State<Shared>,
    Payload(which): Payload<Which>,
) -> Result<StatusCode, ApiError> {
    shared.engine.pairings().block(web_origin(&which.origin)?).await.map_err(|e| match e {
        BlockError::TooMany => ApiError::conflict(e.to_string()).hint("unblock one: `waylay agent unblock ORIGIN`"),
        BlockError::Io(e) => e.into(),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn unblock(
    State(shared): State<Shared>,
    Params(which): Params<Which>,
) -> Result<StatusCode, ApiError> {
    let origin = web_origin(&which.origin)?;
    match shared.engine.pairings().unblock(origin.as_str()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found(format!("pages of {origin} are not blocked"))
            .hint("`waylay agent list` shows those that are")),
    }
}
