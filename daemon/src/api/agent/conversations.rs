//! `/agent/conversations`: WebSockets and event streams that pages hold by this machine, within what the user has allowed
//! them. A page sees those of its own pairing only; they end with it.

use super::super::{
    Shared,
    conversations::{
        Close, Given, check_protocols, goodbye,
        live::{LiveParams, stream},
        none, say,
    },
    error::ApiError,
    guard::visit::Visit,
    input::{Params, Payload, Segment},
    send::{FIELDS, bounded},
};
use crate::{
    agent::Order,
    conversation::{Conversation, ConversationKind, ConversationSettings, Opening, View},
    request::Draft,
};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A conversation to begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    kind: ConversationKind,
    request: Draft,
    /// Values for this conversation.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    settings: ConversationSettings,
}

pub(crate) async fn open(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Payload(asked): Payload<Asked>,
) -> Result<impl IntoResponse, ApiError> {
    let pairing = visit.pairing()?;
    let Asked { kind, request, variables, protocols, settings } = asked;
    bounded(&request)?;
    if variables.len() > FIELDS {
        return Err(ApiError::bad_request(format!("there are {} variables; {FIELDS} are allowed", variables.len())));
    }
    check_protocols(&protocols)?;
    settings.check()?;
    let order = Order::of_page(request, variables, pairing.guest(HashMap::new()));
    let owner = Some((pairing.id, pairing.gone().clone()));
    let begun = shared.engine.conversations().open(Opening { kind, order, protocols, settings, owner })?;
    shared.engine.pairings().used(pairing);
    Ok((StatusCode::CREATED, Json(begun.view())))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Segment(id): Segment,
) -> Result<Json<View>, ApiError> {
    Ok(Json(found(&shared, &visit, &id)?.view()))
}

pub(crate) async fn forget(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Segment(id): Segment,
) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &visit, &id)?;
    shared.engine.conversations().forget(conversation.view().id);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn send(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Segment(id): Segment,
    Payload(given): Payload<Given>,
) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &visit, &id)?;
    say(&shared, &conversation, given).await
}

pub(crate) async fn close(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Segment(id): Segment,
    Payload(close): Payload<Close>,
) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &visit, &id)?;
    goodbye(&conversation, close)
}

pub(crate) async fn events(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Segment(id): Segment,
    Params(params): Params<LiveParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let conversation = found(&shared, &visit, &id)?;
    stream(conversation, params, &headers, visit.pairing()?.gone().clone())
}

/// One of the page's own.
fn found(shared: &Shared, visit: &Visit, id: &str) -> Result<Arc<Conversation>, ApiError> {
    let pairing = visit.pairing()?;
    let found = id.parse().ok().and_then(|number| shared.engine.conversations().get(number, pairing.id));
    found.ok_or_else(|| none(id))
}
