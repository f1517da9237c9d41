//! `/status`, `/shutdown`: the daemon itself.

use super::{
    Shared,
    error::ApiError,
    passthrough::{Distrustful, distrustful},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;
use std::{net::SocketAddr, path::PathBuf};
use waylay_storage::model::{PassthroughOrigin, Session};

/// How the daemon is doing.
#[derive(Serialize)]
pub(crate) struct Status {
    /// Of the program.
    version: String,
    /// Process id.
    pid: u32,
    /// Microseconds since the Unix epoch.
    started_us: i64,
    /// Where everything is kept.
    data_dir: PathBuf,
    /// Where the proxy listens.
    proxy: Addresses,
    /// Where the API and the UI are.
    ui: Addresses,
    /// The session that is recorded into.
    session: Option<Session>,
    /// What is relayed unread.
    passthrough: PassthroughStatus,
    /// The store.
    store: StoreStatus,
    /// What is on its way to the store.
    capture: CaptureStatus,
}

/// Where something listens.
#[derive(Serialize)]
pub(crate) struct Addresses {
    /// All of them, with ports.
    addresses: Vec<SocketAddr>,
}

/// What is relayed unread, and who has a part in that.
#[derive(Serialize)]
pub(crate) struct PassthroughStatus {
    /// Patterns on the list.
    patterns: usize,
    /// Those of them that got there by themselves.
    automatic: Vec<String>,
    /// Clients that most likely do not trust the CA.
    distrustful: Vec<Distrustful>,
}

impl PassthroughStatus {
    fn of(shared: &Shared) -> Self {
        let listed = shared.engine.passthrough();
        let by_itself = listed.iter().filter(|l| l.origin == PassthroughOrigin::Automatic);
        Self {
            patterns: listed.len(),
            automatic: by_itself.map(|l| l.pattern.to_string()).collect(),
            distrustful: distrustful(shared),
        }
    }
}

/// How the store is doing.
#[derive(Serialize)]
pub(crate) struct StoreStatus {
    /// Version of its schema.
    schema: usize,
    /// Exchanges kept.
    exchanges: i64,
    /// Bytes on disk.
    bytes: u64,
    /// Bytes that are not written yet.
    backlog_bytes: usize,
    /// Messages that could not be written and were given up, since the daemon began.
    shed: u64,
    /// Bytes of bodies that were given up likewise.
    shed_bytes: u64,
    /// Why the last attempt to write failed.
    error: Option<String>,
}

/// What is on its way to the store.
#[derive(Serialize)]
pub(crate) struct CaptureStatus {
    /// The most bytes there have been at once.
    peak_bytes: usize,
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
        passthrough: PassthroughStatus::of(shared),
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
