//! `/cookie-sync`: domains whose cookies are taken over from what passes through the proxy.

use super::DOMAIN;
use crate::{
    api::{
        Shared,
        error::{ApiError, shown},
        input::{Payload, Segment, within},
    },
    cookies::Scope,
    jars::sync::{State as Standing, Sync, SyncError},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use waylay_storage::model::SyncDomain;

/// How it stands.
#[derive(Serialize)]
pub(crate) struct Shown {
    on: bool,
    jar: i64,
    domains: Vec<Domain>,
    dropped: u64,
}

#[derive(Serialize)]
pub(crate) struct Domain {
    id: i64,
    /// As it is written: with `https://` for that host alone.
    domain: String,
    host: String,
    subdomains: bool,
    added_us: i64,
    last_us: Option<i64>,
    cookies: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    on: Option<bool>,
    jar: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    domain: String,
    /// With what was captured earlier.
    take_over: Option<bool>,
}

pub(crate) async fn state(State(shared): State<Shared>) -> Result<Json<Shown>, ApiError> {
    with(&shared, |sync| Ok::<_, SyncError>(sync.state()?)).await.map(|state| Json(state.into()))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Payload(Change { on, jar }): Payload<Change>,
) -> Result<Json<Shown>, ApiError> {
    let changed = with(&shared, move |sync| {
        sync.set(on, jar)?;
        Ok::<_, SyncError>(sync.state()?)
    });
    changed.await.map(|state| Json(state.into()))
}

pub(crate) async fn add(
    State(shared): State<Shared>,
    Payload(New { domain, take_over }): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    within("domain", &domain, DOMAIN)?;
    let added = with(&shared, move |sync| sync.add(&domain, take_over.unwrap_or(false))).await?;
    Ok((StatusCode::CREATED, Json(Domain::from(added))))
}

pub(crate) async fn remove(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id: i64 = id.parse().map_err(|_| {
        let message = format!("there is no domain '{}' whose cookies are taken over", shown(&id));
        ApiError::not_found(message).hint("GET /api/v1/cookie-sync lists them")
    })?;
    with(&shared, move |sync| Ok::<_, SyncError>(sync.remove(id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The store blocks; the runtime must not.
async fn with<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Sync) -> Result<T, SyncError> + Send + 'static,
) -> Result<T, ApiError> {
    let sync = Arc::clone(shared.engine.cookie_sync());
    match tokio::task::spawn_blocking(move || work(&sync)).await {
        Ok(done) => Ok(done?),
        Err(e) => Err(ApiError::internal(format!("a change of what is kept in sync broke off: {e}"))),
    }
}

impl From<Standing> for Shown {
    fn from(state: Standing) -> Self {
        let Standing { on, jar, domains, dropped } = state;
        Self { on, jar, domains: domains.into_iter().map(Domain::from).collect(), dropped }
    }
}

impl From<SyncDomain> for Domain {
    fn from(domain: SyncDomain) -> Self {
        let SyncDomain { id, host, subdomains, added_us, last_us, cookies } = domain;
        let written = Scope { host: host.clone(), subdomains }.to_string();
        Self { id, domain: written, host, subdomains, added_us, last_us, cookies }
    }
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Scope(why) => Self::bad_request(why.to_string())
                .hint("give example.com for it and all below it, https://example.com for that host alone"),
            SyncError::TooMany => Self::conflict(error.to_string()).hint("take some off the list first"),
            SyncError::Store(error) => error.into(),
        }
    }
}
