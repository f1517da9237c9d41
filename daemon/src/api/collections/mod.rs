//! `/collections`: requests that are kept.
//!
//! - this file: collections as a whole
//! - [`items`]: what is in them
//! - [`export`]: as files for Postman
//! - [`search`]: what is found in all of them
//! - [`save`]: captured exchanges to collections, also while they are captured

pub(crate) mod export;
pub(crate) mod items;
pub(crate) mod save;
pub(crate) mod search;

use super::{
    Shared,
    error::ApiError,
    input::{Payload, Segment},
};
use crate::{
    collection::{Collection, ReadError, gather::GatherError, node},
    engine::collections::{self, CollectionError},
    view::collection::{Listed, Tree},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;
use std::sync::Arc;
use waylay_storage::{Reader, Store, StoreError, model::SessionId};

#[derive(Serialize)]
pub(crate) struct Items {
    items: Vec<Listed>,
}

/// A collection and the tree of what is in it.
#[derive(Serialize)]
pub(crate) struct Whole {
    id: i64,
    #[serde(flatten)]
    collection: Collection,
    changed_us: i64,
    live: Option<SessionId>,
    tree: Vec<Tree>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Items>, ApiError> {
    let found = shared.readers.with(|reader| reader.collections()).await?;
    Ok(Json(Items { items: found.into_iter().map(Listed::from).collect() }))
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    Payload(given): Payload<Collection>,
) -> Result<impl IntoResponse, ApiError> {
    let id = changing(&shared, move |store| collections::add(store, given)).await?;
    Ok((StatusCode::CREATED, Json(listed(&shared, id).await?)))
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Whole>, ApiError> {
    let id = number(&id)?;
    Ok(Json(shared.readers.with(move |reader| whole(reader, id)).await?))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(given): Payload<Collection>,
) -> Result<Json<Whole>, ApiError> {
    let id = number(&id)?;
    changing(&shared, move |store| collections::change(store, id, &given)).await?;
    Ok(Json(shared.readers.with(move |reader| whole(reader, id)).await?))
}

pub(crate) async fn duplicate(
    State(shared): State<Shared>,
    Segment(id): Segment,
) -> Result<impl IntoResponse, ApiError> {
    let id = number(&id)?;
    let copy = changing(&shared, move |store| collections::duplicate(store, id)).await?;
    Ok((StatusCode::CREATED, Json(listed(&shared, copy).await?)))
}

fn whole(reader: &Reader, id: i64) -> Result<Whole, ApiError> {
    let row = reader.collection(id)?.ok_or(StoreError::NoCollection(id))?;
    let collection = node::collection(id, &row.content).map_err(ReadError::from)?;
    let tree = Tree::of(reader.outline(id)?);
    let live = row.live.as_deref().and_then(crate::view::collection::live);
    Ok(Whole { id, collection, changed_us: row.changed_us, live, tree })
}

/// What the list shows of one.
async fn listed(shared: &Shared, id: i64) -> Result<Listed, ApiError> {
    let all = shared.readers.with(|reader| reader.collections()).await?;
    let found = all.into_iter().find(|found| found.id == id);
    Ok(found.ok_or(StoreError::NoCollection(id))?.into())
}

/// The store blocks; the runtime must not.
pub(crate) async fn changing<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Store) -> Result<T, CollectionError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = Arc::clone(shared.engine.store());
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(result) => Ok(result?),
        Err(e) => Err(ApiError::internal(format!("a change of a collection broke off: {e}"))),
    }
}

/// The number in a path.
pub(crate) fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no collection '{}'", super::error::shown(id)))
            .hint("a collection is a number, such as 3; GET /api/v1/collections lists them")
    })
}

impl From<CollectionError> for ApiError {
    fn from(error: CollectionError) -> Self {
        match error {
            CollectionError::Unfit(why) => Self::bad_request(why),
            CollectionError::Store(error) => error.into(),
            CollectionError::Unreadable(error) => Self::internal(error.to_string()),
            CollectionError::Over(_) => {
                Self::conflict(error.to_string()).hint("what it recorded can be saved: POST /api/v1/collections/save")
            }
            CollectionError::Gather(GatherError::Store(error)) => error.into(),
            CollectionError::Gather(GatherError::Captured(error)) => error.into(),
            CollectionError::Gather(error @ GatherError::Gone(_)) => Self::conflict(error.to_string()),
            CollectionError::Gather(error) => Self::bad_request(error.to_string()).hint("try another filter"),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::Unreadable(error) => Self::internal(error.to_string()),
        }
    }
}
