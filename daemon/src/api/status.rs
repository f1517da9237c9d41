//! `/status`, `/shutdown`: the daemon itself.

use super::{
    Shared,
    error::ApiError,
    passthrough::{Distrustful, distrustful},
    sessions::seen,
};
use crate::{
    engine::{ProxyState, retention::LastRemoved},
    view,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use waylay_storage::{Health, IndexState, LowDisk, model::PassthroughOrigin};

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
    /// Whether the proxy is on, and where.
    proxy: ProxyState,
    /// Where the API and the UI are.
    ui: Addresses,
    /// Where clients of the Hoppscotch Agent are served; nowhere while none is paired or awaited.
    hoppscotch: Addresses,
    /// The session that is recorded into, or paused.
    session: Option<view::Session>,
    /// What is relayed unread.
    passthrough: PassthroughStatus,
    /// What is kept for how long.
    retention: RetentionStatus,
    /// The store.
    store: StoreStatus,
    /// How far the index has come; `None` before there is one.
    index: Option<IndexState>,
    /// What is on its way to the store.
    capture: CaptureStatus,
    /// What the user has to know: what happened, where, what to do. Empty as a rule.
    notices: Vec<String>,
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

/// What is kept for how long.
#[derive(Serialize)]
pub(crate) struct RetentionStatus {
    /// Minutes that sessions are kept after their end; `None` for ever.
    max_age_minutes: Option<u64>,
    /// Bytes that may be in use; `None` without limit.
    max_size: Option<u64>,
    /// Bytes in use beyond that, as what is left is pinned or not over.
    excess: u64,
    /// What was removed the last time that anything was.
    last: Option<LastRemoved>,
}

impl RetentionStatus {
    fn of(shared: &Shared) -> Self {
        let (policy, state) = shared.engine.retention();
        let max_age_minutes = policy.max_age.map(|age| age.as_secs() / 60);
        Self { max_age_minutes, max_size: policy.max_size, excess: state.excess, last: state.last }
    }
}

/// How the store is doing.
#[derive(Serialize)]
pub(crate) struct StoreStatus {
    /// Version of its schema; `None` if the store cannot be read just now.
    schema: Option<usize>,
    /// Exchanges kept; `None` likewise.
    exchanges: Option<i64>,
    /// Bytes on disk; `None` likewise.
    bytes: Option<u64>,
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
    /// Whether everything is stored.
    storing: Storing,
    /// Why not everything is: a sentence.
    why: Option<String>,
    /// Records that could not be written and were given up, since the daemon began.
    shed_rows: u64,
    /// Bytes of bodies that were given up likewise.
    shed_bytes: u64,
}

/// Whether everything is stored.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Storing {
    /// It is.
    Ok,
    /// Heads are, bodies are not: the disk is nearly full.
    Paused,
    /// The last attempt to write did not succeed. It is tried again all the time.
    Failing,
}

impl CaptureStatus {
    fn new(health: &Health, peak_bytes: usize) -> Self {
        let (storing, why) = match (&health.last_error, &health.low_disk) {
            (Some(error), _) => (
                Storing::Failing,
                Some(format!("The capture store cannot be written to ({error}); it is tried again.")),
            ),
            (None, Some(low)) => (Storing::Paused, Some(paused(*low))),
            (None, None) => (Storing::Ok, None),
        };
        Self { peak_bytes, storing, why, shed_rows: health.shed, shed_bytes: health.shed_bytes }
    }
}

fn paused(low: LowDisk) -> String {
    let [free, wanted] = [low.free, low.wanted].map(|bytes| format!("{} MiB", bytes >> 20));
    format!(
        "Only {free} of the disk are free: bodies are not stored until {wanted} are. See the setting capture.min_free."
    )
}

/// One for each database that was set aside.
fn damaged(path: &Path) -> String {
    format!(
        "The capture database was damaged. It was set aside as {}, and a new one was begun: what was captured before is \
         in the old file alone. `sqlite3 FILE .recover` may read it; when it is not needed any more, delete it.",
        path.display()
    )
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
    let found = shared
        .readers
        .with(move |reader| {
            let session = current.map(|id| reader.session(id)).transpose()?.flatten();
            Ok::<_, ApiError>((session, reader.stats()?, reader.index_state()?))
        })
        .await;
    let (session, stats, index) = found.map_or_else(
        |error| {
            tracing::warn!(?error, "the capture store cannot be read");
            (None, None, None)
        },
        |(session, stats, index)| (session, Some(stats), index),
    );
    let store = Arc::clone(engine.store());
    let set_aside = tokio::task::spawn_blocking(move || store.set_aside()).await.unwrap_or_default();
    let health = engine.store().health();
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_us: engine.started_us(),
        data_dir: engine.settings().data_dir.clone(),
        proxy: engine.proxy(),
        ui: Addresses { addresses: shared.addresses.to_vec() },
        hoppscotch: Addresses { addresses: shared.hoppscotch.addresses().await },
        session: session.map(|session| seen(shared, session)),
        passthrough: PassthroughStatus::of(shared),
        retention: RetentionStatus::of(shared),
        store: StoreStatus {
            schema: stats.map(|s| s.schema),
            exchanges: stats.map(|s| s.exchanges),
            bytes: stats.map(|s| s.bytes),
            backlog_bytes: health.backlog_bytes,
            shed: health.shed,
            shed_bytes: health.shed_bytes,
            error: health.last_error.clone(),
        },
        index,
        capture: CaptureStatus::new(&health, engine.store().queue().budget().peak()),
        notices: set_aside.iter().map(|path| damaged(path)).collect(),
    })
}
