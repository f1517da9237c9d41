//! `/items`: folders, requests and examples.

use super::{changing, number};
use crate::{
    api::{
        Shared,
        deletions::blocking,
        error::{ApiError, shown},
        input::{Payload, Segment, counted, within},
        send::captured,
    },
    collection::{Around, InScope, Node, Place, ReadError, captured as capture, stored},
    engine::collections,
    request::Auth,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    Reader, StoreError,
    model::{ItemKind, ItemRow},
};

/// Longest id of an exchange, bytes.
const WORD: usize = 100;
/// Most items that are moved at once.
const MOVED: usize = 10_000;

/// A new item: one of `item` and `from`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// What it is put into; null for the top.
    parent: Option<i64>,
    /// Before which of those there; behind all without it.
    position: Option<usize>,
    item: Option<Node>,
    /// A captured exchange, `7.42` or `@last`.
    from: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Made {
    id: i64,
}

/// An item and what matters around it.
#[derive(Serialize)]
pub(crate) struct Whole {
    id: i64,
    collection: i64,
    collection_name: String,
    parent: Option<i64>,
    /// What it is in, the topmost first.
    path: Vec<Place>,
    /// Without what is in it.
    item: Node,
    /// Of a request.
    examples: Vec<Outlined>,
    inherited: Option<Inherited>,
    variables: Vec<InScope>,
    changed_us: i64,
}

#[derive(Serialize)]
pub(crate) struct Outlined {
    id: i64,
    name: String,
    status: Option<i64>,
}

/// Who asks, where the item does not say so itself.
#[derive(Serialize)]
struct Inherited {
    auth: Auth,
    from: Place,
}

/// Items and where they go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    items: Vec<i64>,
    collection: i64,
    parent: Option<i64>,
    position: Option<usize>,
}

/// `POST /collections/{id}/items`
pub(crate) async fn create(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(new): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    let collection = number(&id)?;
    let New { parent, position, item, from } = new;
    let node = match (item, from) {
        (Some(node), None) => node,
        (None, Some(id)) => {
            within("id", &id, WORD)?;
            shared.readers.with(move |reader| of_exchange(reader, &id, parent)).await?
        }
        _ => return Err(ApiError::bad_request("one of item and from says what to add")),
    };
    let add = move |store: &_| collections::add_items(store, collection, parent, position, vec![node]);
    let ids = changing(&shared, add).await?;
    let id = ids.first().copied().ok_or(StoreError::NoCollection(collection))?;
    Ok((StatusCode::CREATED, Json(Made { id })))
}

/// A captured exchange as a request with an example; within a request, as another example of that.
fn of_exchange(reader: &Reader, id: &str, parent: Option<i64>) -> Result<Node, ApiError> {
    let exchange = captured::exchange(reader, id)?;
    let parent = parent.map(|parent| reader.item(parent)).transpose()?.flatten();
    if parent.is_some_and(|(row, _)| row.kind == ItemKind::Request) {
        let example = capture::example(reader, &exchange, &capture::draft(reader, &exchange)?)?;
        let none = || ApiError::bad_request(format!("{} has no response to keep as an example", shown(id)));
        return Ok(Node::Example(example.ok_or_else(none)?));
    }
    let path = exchange.path.split(['?', '#']).next().unwrap_or_default();
    let name = format!("{} {}", exchange.method, if path.is_empty() { "/" } else { path });
    Ok(Node::Request(capture::saved(reader, &exchange, name, true)?))
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<Whole>, ApiError> {
    let id = item(&id)?;
    Ok(Json(shared.readers.with(move |reader| whole(reader, id)).await?))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(node): Payload<Node>,
) -> Result<Json<Whole>, ApiError> {
    let id = item(&id)?;
    changing(&shared, move |store| collections::change_item(store, id, node)).await?;
    Ok(Json(shared.readers.with(move |reader| whole(reader, id)).await?))
}

pub(crate) async fn duplicate(
    State(shared): State<Shared>,
    Segment(id): Segment,
) -> Result<impl IntoResponse, ApiError> {
    let id = item(&id)?;
    let id = changing(&shared, move |store| collections::duplicate_item(store, id)).await?;
    Ok((StatusCode::CREATED, Json(Made { id })))
}

/// `POST /items/move`
pub(crate) async fn relocate(State(shared): State<Shared>, Payload(to): Payload<Move>) -> Result<StatusCode, ApiError> {
    let Move { items, collection, parent, position } = to;
    counted("items", items.len(), MOVED)?;
    blocking(&shared, move |store| store.move_items(&items, collection, parent, position)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn whole(reader: &Reader, id: i64) -> Result<Whole, ApiError> {
    let mut path = reader.path(id)?;
    let (row, content) = path.pop().ok_or(StoreError::NoItem(id))?;
    let collection = stored::head(reader, row.collection)?;
    let mut around = Around::collection(&collection);
    for (row, content) in &path {
        around = around.inside(row.id, &Node::read(row, content).map_err(ReadError::from)?);
    }
    let item = Node::read(&row, &content).map_err(ReadError::from)?;
    let inherited = around.auth.clone().map(|(auth, from)| Inherited { auth, from });
    let variables = around.inside(id, &item).variables;
    let examples = if row.kind == ItemKind::Request { reader.children(id)? } else { Vec::new() };
    let outlined = |ItemRow { id, name, status, .. }| Outlined { id, name, status };
    Ok(Whole {
        id,
        collection: row.collection,
        collection_name: collection.name,
        parent: row.parent,
        path: path.into_iter().map(|(row, _)| Place { id: Some(row.id), name: row.name }).collect(),
        item,
        examples: examples.into_iter().map(outlined).collect(),
        inherited,
        variables,
        changed_us: row.changed_us,
    })
}

/// The number in a path.
fn item(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no item '{}'", shown(id)))
            .hint("an item is a number, such as 12; GET /api/v1/collections/{id} shows those of a collection")
    })
}
