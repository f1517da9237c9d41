//! `/passthrough`: the hosts whose tunnels are relayed unread.

use super::{
    Shared,
    error::ApiError,
    input::{Params, Payload, within},
};
use crate::{
    config::{BadPattern, HostPattern},
    engine::passthrough::AddError,
    proxy::passthrough::{Listed, rejections::Distrust},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use waylay_storage::model::PassthroughOrigin;

/// Longest pattern, bytes; no host's name is as long.
const PATTERN: usize = 1024;

/// The list.
#[derive(Serialize)]
pub(crate) struct All {
    /// In the order in which they were added.
    items: Vec<Item>,
    /// Whether hosts get onto it by themselves.
    automatic: bool,
    /// Clients that most likely do not trust the CA, the last noticed first.
    distrustful: Vec<Distrustful>,
}

/// One entry.
#[derive(Serialize)]
pub(crate) struct Item {
    pattern: HostPattern,
    /// Who put it there.
    origin: PassthroughOrigin,
    /// Microseconds since the Unix epoch.
    added_us: i64,
    /// Why, where nobody asked for it.
    reason: Option<String>,
    /// How many times the client had rejected our certificate by then, likewise.
    rejections: Option<usize>,
    /// Address of the one client it holds for, likewise.
    client: Option<IpAddr>,
}

/// A client that has rejected our certificate again and again, and accepted it nowhere.
#[derive(Serialize)]
pub(crate) struct Distrustful {
    client: IpAddr,
    /// The host, with its port, for which that was noticed.
    host: String,
    /// When, microseconds since the Unix epoch.
    since_us: i64,
}

impl From<Listed> for Item {
    fn from(listed: Listed) -> Self {
        let why = listed.automatic;
        let reason = why.as_ref().map(|why| {
            let (client, rejections, how) = (why.client.address, why.rejections, &why.how);
            format!("{client} rejected Waylay's certificate for it {rejections} times ({how}) and accepts it for other hosts")
        });
        Self {
            pattern: listed.pattern,
            origin: listed.origin,
            added_us: listed.added_us,
            reason,
            rejections: why.as_ref().map(|why| why.rejections),
            client: why.map(|why| why.client.address),
        }
    }
}

impl From<Distrust> for Distrustful {
    fn from(distrust: Distrust) -> Self {
        let pattern = HostPattern::exact(&distrust.host, distrust.port);
        let host = pattern.map_or(distrust.host, |pattern| pattern.to_string());
        Self { client: distrust.address, host, since_us: distrust.since_us }
    }
}

pub(crate) async fn list(State(shared): State<Shared>) -> impl IntoResponse {
    let engine = &shared.engine;
    Json(All {
        items: engine.passthrough().into_iter().map(Item::from).collect(),
        automatic: engine.passes_automatically(),
        distrustful: distrustful(&shared),
    })
}

pub(super) fn distrustful(shared: &Shared) -> Vec<Distrustful> {
    shared.engine.distrustful_clients().into_iter().map(Distrustful::from).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pattern {
    pattern: String,
}

impl Pattern {
    fn read(&self) -> Result<HostPattern, ApiError> {
        within("pattern", &self.pattern, PATTERN)?;
        let bad = |e: BadPattern| ApiError::bad_request(e.to_string()).hint(BadPattern::HINT);
        self.pattern.trim().parse().map_err(bad)
    }
}

pub(crate) async fn add(
    State(shared): State<Shared>,
    Payload(pattern): Payload<Pattern>,
) -> Result<impl IntoResponse, ApiError> {
    let listed = shared.engine.add_passthrough(pattern.read()?).await.map_err(|e| match e {
        AddError::Full => ApiError::bad_request(e.to_string()).hint("remove some: `*.host` stands for many"),
        AddError::Io(e) => e.into(),
    })?;
    Ok((StatusCode::CREATED, Json(Item::from(listed))))
}

pub(crate) async fn remove(
    State(shared): State<Shared>,
    Params(pattern): Params<Pattern>,
) -> Result<impl IntoResponse, ApiError> {
    let pattern = pattern.read()?;
    if shared.engine.remove_passthrough(&pattern).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found(format!("{pattern} is not on the passthrough list"))
        .hint("`waylay passthrough list` shows what is"))
}
