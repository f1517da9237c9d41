//! `/exchanges/{id}/messages`: the messages of a WebSocket, an event stream or a gRPC call, in pages and one by one.
//! An exchange that has none has an empty list.

use super::{
    Shared,
    bodies::{attach, captured_of, in_pieces, with_headers},
    error::{ApiError, shown},
    exchanges::resolve,
    input::{Params, Segment, Segments, page, within},
};
use crate::view::{Conversation, Message, Sender};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    MessageQuery, Reader,
    model::{self, ExchangeId},
};

/// Messages of a page, unless told otherwise.
const USUAL: usize = 200;
/// Most messages of a page.
const MOST: usize = 1000;
/// Longest text to look for, bytes.
const TEXT: usize = 1 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// Only those with a higher number.
    after: Option<i64>,
    /// Most messages to answer with.
    limit: Option<usize>,
    /// Only those of the `client` or the `origin`.
    sender: Option<Sender>,
    /// Only those whose payload contains this, without regard to the case of ASCII letters. What gRPC has compressed
    /// is not searched.
    text: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    /// Ascending by number.
    items: Vec<Message>,
    /// How many the exchange has, whether or not they match.
    total: i64,
    /// To ask for the rest with, as `after`; null at the end. A page can be short of its limit, and even empty, before
    /// the end: a text is looked for in 8 MiB at a time.
    next: Option<i64>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<ListParams>,
) -> Result<impl IntoResponse, ApiError> {
    let limit = page(params.limit, USUAL, MOST)?;
    within("text", params.text.as_deref().unwrap_or_default(), TEXT)?;
    let sender = params.sender.map(Into::into);
    let query = MessageQuery { after: params.after.unwrap_or(0), limit, sender, text: params.text };
    let page = move |reader: &Reader| {
        let found = resolve(reader, &id)?;
        let page = reader.messages(found, &query)?.ok_or_else(|| ApiError::no_exchange(&id))?;
        let conversation = Conversation::of(reader, found)?;
        let items = page.items.iter().map(|message| conversation.summary(message)).collect::<Result<_, _>>()?;
        Ok::<_, ApiError>(Listed { items, total: page.total, next: page.next })
    };
    shared.readers.with(page).await.map(Json)
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Segments(id, number): Segments,
) -> Result<impl IntoResponse, ApiError> {
    let detail = move |reader: &Reader| {
        let (found, message) = find(reader, &id, &number)?;
        Ok::<_, ApiError>(Conversation::of(reader, found)?.detail(&message)?)
    };
    shared.readers.with(detail).await.map(Json)
}

/// The stored bytes as they are, in pieces: there may be a gigabyte of them.
pub(crate) async fn payload(
    State(shared): State<Shared>,
    Segments(id, number): Segments,
) -> Result<Response, ApiError> {
    let find = move |reader: &Reader| {
        let (found, message) = find(reader, &id, &number)?;
        let payload = reader.payload(&message)?;
        Ok::<_, ApiError>((format!("{found}-message-{}.bin", message.number), payload))
    };
    let (name, payload) = shared.readers.with(find).await?;
    let (size, stored) = (payload.length, payload.stored);
    let mut headers = captured_of(size, stored);
    attach(&mut headers, &name);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(stored));
    Ok(with_headers(in_pieces(payload, stored), headers))
}

fn find(reader: &Reader, id: &str, number: &str) -> Result<(ExchangeId, model::Message), ApiError> {
    let found = resolve(reader, id)?;
    let message = match number.parse() {
        Ok(number) => reader.message(found, number)?,
        Err(_) => None,
    };
    let none = || {
        ApiError::not_found(format!("exchange {found} has no message '{}'", shown(number)))
            .hint(format!("GET /api/v1/exchanges/{found}/messages lists them; they are numbered from 1"))
    };
    Ok((found, message.ok_or_else(none)?))
}
