//! `/status`, `/shutdown`: the daemon itself.

use super::{Shared, error::ApiError};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};
use waylay_storage::model::Session;

/// How the daemon is doing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Status {
    /// Of the program.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where the proxy listens.
    pub proxy: Addresses,
    /// Where the API and the UI are.
    pub ui: Addresses,
    /// The session that is recorded into.
    pub session: Option<Session>,
    /// The store.
    pub store: StoreStatus,
    /// What is on its way to the store.
    pub capture: CaptureStatus,
}

/// Where something listens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Addresses {
    /// All of them, with ports.
    pub addresses: Vec<SocketAddr>,
}

/// How the store is doing.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Version of its schema.
    pub schema: usize,
    /// Exchanges kept.
    pub exchanges: i64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes that are not written yet.
    pub backlog_bytes: usize,
    /// Messages that could not be written and were given up, since the daemon began.
    pub shed: u64,
    /// Bytes of bodies that were given up likewise.
    pub shed_bytes: u64,
    /// Why the last attempt to write failed.
    pub error: Option<String>,
}

/// What is on its way to the store.
#[derive(Debug, Serialize, Deserialize)]
pub struct CaptureStatus {
    /// The most bytes there have been at once.
    pub peak_bytes: usize,
}

pub(crate) async fn status(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(current(&shared).await?))
}

/// Answers, then ends the daemon.
pub(crate) async fn shutdown(State(shared): State<Shared>) -> impl IntoResponse {
    tracing::info!("asked to stop by the API");
    shared.stopping.cancel();
    (StatusCode::ACCEPTED, Json(serde_json::json!({ "stopping": true })))
}

pub(crate) async fn current(shared: &Shared) -> Result<Status, ApiError> {
    let engine = &shared.engine;
    let current = engine.current_session();
    let (session, stats) = shared
        .readers
        .with(move |reader| {
            let session = current.map(|id| reader.session(id)).transpose()?.flatten();
            Ok::<_, ApiError>((session, reader.stats()?))
        })
        .await?;
    let health = engine.store().health();
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_us: engine.started_us(),
        data_dir: engine.settings().data_dir.clone(),
        proxy: Addresses { addresses: engine.proxy_addresses().to_vec() },
        ui: Addresses { addresses: shared.addresses.to_vec() },
        session,
        store: StoreStatus {
            schema: stats.schema,
            exchanges: stats.exchanges,
            bytes: stats.bytes,
            backlog_bytes: health.backlog_bytes,
            shed: health.shed,
            shed_bytes: health.shed_bytes,
            error: health.last_error,
        },
        capture: CaptureStatus { peak_bytes: engine.store().queue().budget().peak() },
    })
}
