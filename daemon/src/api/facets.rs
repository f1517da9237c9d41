//! `/facets` and `/sessions/{id}/overview`: how many exchanges there are of each method, host, status and type.

use super::{
    Shared,
    error::ApiError,
    exchanges,
    input::{Params, Segment},
    sessions::{no_session, session_id},
};
use axum::{Json, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::{Facets, Filter, Share};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FacetParams {
    /// In the filter language; all exchanges without it.
    filter: Option<String>,
}

/// What an overview shows shares of.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    #[default]
    Method,
    Host,
    Type,
    Status,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverviewParams {
    /// Methods, unless told otherwise.
    #[serde(default)]
    by: By,
}

#[derive(Serialize)]
pub(crate) struct Overview {
    by: By,
    /// The largest share first.
    items: Vec<Share>,
    /// In all: exchanges that are over, their bytes, and how many failed.
    exchanges: i64,
    bytes: i64,
    failures: i64,
}

pub(crate) async fn facets(
    State(shared): State<Shared>,
    Params(params): Params<FacetParams>,
) -> Result<impl IntoResponse, ApiError> {
    let filter = exchanges::filter(params.filter)?;
    Ok(Json(shared.readers.with(move |reader| reader.facets(&filter)).await?))
}

pub(crate) async fn overview(
    State(shared): State<Shared>,
    id: Segment,
    Params(params): Params<OverviewParams>,
) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    let filter = Filter::parse(&format!("session:{id}"))?;
    let read = move |reader: &waylay_storage::Reader| match reader.session(id)? {
        Some(_) => Ok(reader.facets(&filter)?),
        None => Err(no_session(&id.to_string())),
    };
    Ok(Json(Overview::of(shared.readers.with(read).await?, params.by)))
}

impl Overview {
    fn of(facets: Facets, by: By) -> Self {
        let sum = |of: fn(&Share) -> i64| facets.method.iter().map(of).sum();
        let (exchanges, bytes, failures) = (sum(|s| s.exchanges), sum(|s| s.bytes), sum(|s| s.failures));
        let items = match by {
            By::Method => facets.method,
            By::Host => facets.host,
            By::Type => facets.media_type,
            By::Status => facets.status,
        };
        Self { by, items, exchanges, bytes, failures }
    }
}
