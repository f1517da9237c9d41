//! `/send/settings`: how requests are sent that do not say it themselves.

use super::super::{Shared, error::ApiError, input::Payload};
use crate::{
    request::{
        Settings,
        settings::{HttpVersion, TlsVersion},
    },
    upstream::way::cipher_suites,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// As they are, and what they could be.
#[derive(Serialize)]
pub(crate) struct Known {
    /// What the user has said.
    settings: Settings,
    /// What holds where nobody says anything.
    defaults: Settings,
    /// Those that can be chosen, strongest first.
    cipher_suites: Vec<String>,
}

pub(crate) async fn show(State(shared): State<Shared>) -> Result<Json<Known>, ApiError> {
    let agent = shared.engine.agent().clone();
    let settings = blocking(move || agent.general()).await?;
    let defaults = defaults(u64::try_from(shared.engine.settings().connect_timeout.as_millis()).unwrap_or(u64::MAX));
    Ok(Json(Known { settings, defaults, cipher_suites: cipher_suites().map(|(name, _)| name).collect() }))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Payload(settings): Payload<Settings>,
) -> Result<Json<Settings>, ApiError> {
    let agent = shared.engine.agent().clone();
    let kept = settings.clone();
    blocking(move || agent.set_general(kept)).await?;
    Ok(Json(settings))
}

async fn blocking<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| ApiError::internal(format!("the settings: {e}")))?.map_err(Into::into)
}

/// What holds where nobody says anything.
fn defaults(connect_timeout_ms: u64) -> Settings {
    Settings {
        http_version: Some(HttpVersion::Auto),
        verify_chain: Some(true),
        verify_name: Some(true),
        follow_redirects: Some(true),
        max_redirects: Some(10),
        keep_method: Some(false),
        keep_authorization: Some(false),
        strip_referer: Some(false),
        timeout_ms: Some(0),
        connect_timeout_ms: Some(connect_timeout_ms),
        max_response_bytes: Some(0),
        encode_url: Some(true),
        no_cache: Some(true),
        cookie_jar: Some(true),
        tls_min: Some(TlsVersion::Tls12),
        tls_max: Some(TlsVersion::Tls13),
        cipher_suites: Some(Vec::new()),
        server_name: Some(String::new()),
        resolve: Some(Vec::new()),
        key_log: Some(String::new()),
    }
}
