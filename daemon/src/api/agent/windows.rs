//! `/agent/windows`: for two minutes, a page of one origin may be paired.

use super::super::{
    Shared,
    error::{ApiError, shown},
    input::{Payload, Segment, within},
};
use crate::{
    agent::Rights,
    config::{BadOrigin, WebOrigin},
    engine::{
        StartError,
        pairings::{Kind, OpenWindow, WindowError},
    },
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};

/// Longest origin, bytes.
const ORIGIN: usize = 1024;

#[derive(Serialize)]
pub(crate) struct All {
    /// In the order in which they were opened.
    items: Vec<OpenWindow>,
}

/// Which window.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    origin: String,
    /// For the protocol of the Hoppscotch Agent.
    #[serde(default)]
    hoppscotch: bool,
    #[serde(default)]
    rights: Rights,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<All> {
    Json(All { items: shared.engine.pairings().windows() })
}

pub(crate) async fn open(
    State(shared): State<Shared>,
    Payload(new): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    let origin = web_origin(&new.origin)?;
    let kind = if new.hoppscotch { Kind::Hoppscotch } else { Kind::Native };
    if new.hoppscotch {
        let closed = |e: StartError| {
            let hint = "its clients know no other port: stop what has it, perhaps the Hoppscotch Agent itself";
            ApiError::conflict(format!("clients of the Hoppscotch Agent cannot be served: {e}")).hint(hint)
        };
        shared.hoppscotch.open(&shared).await.map_err(closed)?;
    }
    let opened = shared.engine.pairings().open_window(origin, kind, new.rights).map_err(|e| match e {
        WindowError::TooMany => ApiError::conflict(e.to_string()).hint("close one, or wait for two minutes"),
        WindowError::Blocked(origin) => ApiError::conflict(format!("pages of {origin} are blocked"))
            .hint(format!("`waylay agent unblock {origin}` lets them be paired again")),
        WindowError::Io(e) => e.into(),
    })?;
    Ok((StatusCode::CREATED, Json(opened)))
}

/// An origin that the user names.
pub(super) fn web_origin(text: &str) -> Result<WebOrigin, ApiError> {
    within("origin", text, ORIGIN)?;
    text.parse().map_err(|e: BadOrigin| ApiError::bad_request(e.to_string()).hint(BadOrigin::HINT))
}

pub(crate) async fn close(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    if id.parse().is_ok_and(|id| shared.engine.pairings().close_window(id)) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found(format!("no window '{}' is open", shown(&id))))
}
