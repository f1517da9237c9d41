//! `/console`: what has been sent, step by step.

use super::{
    Shared,
    error::ApiError,
    input::{Params, within},
};
use crate::{
    agent::{
        Hop,
        console::{Entry, Level},
    },
    view,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use waylay_storage::{Reader, StoreError};

/// Entries of an answer, unless told otherwise.
const USUAL: usize = 100;
/// Most entries of an answer.
const MOST: usize = 500;
/// Longest text that is looked for, bytes.
const TEXT: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsoleParams {
    /// Entries behind this one, the oldest first; without it the newest.
    after: Option<i64>,
    /// `log`, `warn` or `error`: this and what is worse.
    level: Option<String>,
    /// A text that the title, a warning or the error holds, whatever its case.
    filter: Option<String>,
    limit: Option<usize>,
}

/// A page of them, the oldest first.
#[derive(Serialize)]
pub(crate) struct Page {
    items: Vec<Value>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Params(params): Params<ConsoleParams>,
) -> Result<Json<Page>, ApiError> {
    let text = params.filter.unwrap_or_default().to_lowercase();
    within("filter", &text, TEXT)?;
    let level = level(params.level.as_deref())?;
    let most = params.limit.unwrap_or(USUAL).clamp(1, MOST);
    let wanted = |entry: &Entry| entry.level >= level && (text.is_empty() || holds(entry, &text));
    let console = &shared.engine.agent().console;
    let entries = match params.after {
        Some(after) => console.entries(after, most, wanted),
        None => console.newest(most, wanted),
    };
    let items = shared
        .readers
        .with(move |reader| entries.iter().map(|entry| shown(reader, entry)).collect::<Result<_, StoreError>>());
    Ok(Json(Page { items: items.await? }))
}

pub(crate) async fn clear(State(shared): State<Shared>) -> StatusCode {
    shared.engine.agent().console.clear();
    StatusCode::NO_CONTENT
}

fn level(word: Option<&str>) -> Result<Level, ApiError> {
    match word {
        None | Some("log") => Ok(Level::Log),
        Some("warn") => Ok(Level::Warn),
        Some("error") => Ok(Level::Error),
        Some(_) => Err(ApiError::bad_request("level is log, warn or error")),
    }
}

fn holds(entry: &Entry, text: &str) -> bool {
    let error = entry.error.as_ref().map(|e| e.message.as_str());
    let mut texts = [entry.title.as_str()].into_iter().chain(entry.warnings.iter().map(String::as_str)).chain(error);
    texts.any(|t| t.to_lowercase().contains(text))
}

/// An entry with what the store knows of its exchanges.
fn shown(reader: &Reader, entry: &Entry) -> Result<Value, StoreError> {
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    let hops = entry.hops.iter().map(|hop| step(reader, hop)).collect::<Result<Vec<_>, _>>()?;
    value["exchange"] = json!(entry.hops.last().map(|hop| hop.id));
    value["hops"] = Value::Array(hops);
    Ok(value)
}

/// One exchange: where it went, by what. It may be deleted meanwhile.
fn step(reader: &Reader, hop: &Hop) -> Result<Value, StoreError> {
    let mut value = serde_json::to_value(hop).unwrap_or_default();
    let Some(detail) = view::detail(reader, hop.id)? else { return Ok(value) };
    let connection = detail.upstream_connection;
    let tls = connection.as_ref().and_then(|c| c.tls.as_ref()).map(|tls| {
        json!({
            "version": tls.version, "cipher": tls.cipher, "group": tls.group, "alpn": tls.alpn, "sni": tls.sni,
            "verified": tls.verified, "doubt": tls.doubt, "certificate": tls.chain.first(),
        })
    });
    value["local"] = json!(connection.as_ref().and_then(|c| c.local));
    value["remote"] = json!(connection.as_ref().map(|c| c.peer));
    value["proxy"] = Value::Null;
    value["tls"] = json!(tls);
    value["timings"] = json!(detail.summary.timings);
    value["failure"] = json!(detail.summary.failure);
    Ok(value)
}
