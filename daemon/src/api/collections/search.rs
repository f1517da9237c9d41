//! `/collections/search`: items of all collections by name, method and URL.

use crate::{
    api::{
        Shared,
        error::ApiError,
        input::{Params, page, within},
    },
    collection::Place,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use waylay_storage::{
    Reader, StoreError,
    model::{ItemKind, ItemRow},
};

/// Longest text to look for, bytes.
const TEXT: usize = 1000;
/// Most items of an answer, and how many without a word about it.
const MOST: usize = 1000;
const USUAL: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    q: String,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Answer {
    items: Vec<Found>,
    /// There are more.
    more: bool,
}

#[derive(Serialize)]
struct Found {
    id: i64,
    kind: ItemKind,
    name: String,
    method: String,
    url: String,
    status: Option<i64>,
    collection: Place,
    /// What it is in, the topmost first.
    path: Vec<Place>,
}

pub(crate) async fn search(
    State(shared): State<Shared>,
    Params(search): Params<Search>,
) -> Result<Json<Answer>, ApiError> {
    let Search { q, limit } = search;
    within("text to look for", &q, TEXT)?;
    let limit = page(limit, USUAL, MOST)?;
    Ok(Json(shared.readers.with(move |reader| find(reader, &q, limit)).await?))
}

fn find(reader: &Reader, text: &str, limit: usize) -> Result<Answer, StoreError> {
    let mut rows = reader.search_items(text, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let names: HashMap<i64, String> = reader.collections()?.into_iter().map(|c| (c.id, c.name)).collect();
    let items = rows.into_iter().map(|row| {
        let ItemRow { id, collection, kind, name, method, url, status, .. } = row;
        let mut path = reader.path(id)?;
        path.pop();
        let path = path.into_iter().map(|(row, _)| Place { id: Some(row.id), name: row.name }).collect();
        let of = names.get(&collection).cloned().unwrap_or_default();
        let collection = Place { id: Some(collection), name: of };
        Ok(Found { id, kind, name, method, url, status, collection, path })
    });
    Ok(Answer { items: items.collect::<Result<_, StoreError>>()?, more })
}
