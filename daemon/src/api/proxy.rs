//! `/proxy`: whether clients are let in.

use super::{Shared, error::ApiError, input::Payload, sessions::to_its_end};
use crate::engine::{ProxyError, StartError};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    on: bool,
    /// Another port, 0 for any; only while it is off.
    port: Option<u16>,
}

pub(crate) async fn state(State(shared): State<Shared>) -> impl IntoResponse {
    Json(shared.engine.proxy())
}

/// Answers once the proxy stands where it is wanted.
pub(crate) async fn switch(
    State(shared): State<Shared>,
    Payload(Wanted { on, port }): Payload<Wanted>,
) -> Result<impl IntoResponse, ApiError> {
    let state = to_its_end(&shared, |engine| async move { engine.set_proxy(on, port).await }).await?;
    shared.hub.proxy_changed();
    Ok(Json(state))
}

impl From<ProxyError> for ApiError {
    fn from(error: ProxyError) -> Self {
        match error {
            ProxyError::On(_) => Self::conflict(error.to_string()).hint("turn it off first: `waylay proxy off`"),
            ProxyError::Stopping => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", error.to_string()),
            ProxyError::Bind(error @ StartError::AddressInUse { .. }) => {
                Self::new(StatusCode::CONFLICT, "address_in_use", error.to_string())
                    .hint("choose another port, or 0 for any free one: `waylay proxy on --port 0`")
            }
            ProxyError::Bind(error) => Self::conflict(error.to_string()).hint("choose another port"),
        }
    }
}
