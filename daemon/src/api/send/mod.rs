//! `/send`: requests made here, from scratch, from one that was captured, or once more. They take the same path as
//! everybody's.
//!
//! - [`stream`]: the same, told step by step
//! - `decoding`: what comes back, with its content codings undone
//! - [`captured`]: a captured exchange as a request that can be edited
//! - [`settings`]: how requests are sent that do not say it themselves

pub(crate) mod captured;
mod decoding;
pub(crate) mod settings;
pub(crate) mod stream;

use super::{
    Shared,
    error::ApiError,
    history,
    input::{Params, Payload, Segment, within},
};
use crate::{
    agent::{Choice, Hop, JarChoice, Order, Outcome, Preview, SendError, Watch, consent},
    collection::{Around, Node, captured::author as author_of, stored},
    request::Draft,
    view::{self, Detail},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use stream::Telling;
use waylay_storage::{
    Reader, StoreError,
    model::{ExchangeId, Source},
};

/// Longest id of an exchange, bytes.
const WORD: usize = 100;
/// Longest URL, bytes.
const URL: usize = 64 << 10;
/// Longest name of who wrote a request, bytes.
const ORIGIN: usize = 1024;
/// Most fields of each kind, and most variables.
pub(crate) const FIELDS: usize = 1000;

/// What to send: one of `request`, `from`, `again` and `item`; beside a request, the others say what it was made from.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Send {
    pub(crate) request: Option<Draft>,
    /// A captured exchange, `7.42` or `@last`.
    pub(crate) from: Option<String>,
    /// An earlier send.
    pub(crate) again: Option<i64>,
    /// A request of a collection; beside another, what it is in holds for that one.
    pub(crate) item: Option<i64>,
    /// The number of an environment; null for none. Without it, the active one.
    #[serde(default, deserialize_with = "given")]
    pub(crate) environment: Option<Option<i64>>,
    /// Where its cookies come from.
    pub(crate) cookies: Option<WithCookies>,
    /// For this send alone.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    /// Of the row of data it is sent for.
    #[serde(default)]
    pub(crate) data: BTreeMap<String, String>,
    /// Sends what a web page wrote as the user's own.
    #[serde(default)]
    pub(crate) as_mine: bool,
}

/// Where the cookies of a send come from, and those of its answers go.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WithCookies {
    /// The number of a jar, `default` or `none`; by itself the usual one.
    jar: Option<WhichJar>,
    /// An exchange, such as `7.42`, as of which they are to be.
    as_of: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WhichJar {
    Number(i64),
    Named(NamedJar),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NamedJar {
    Default,
    None,
}

impl WithCookies {
    fn read(self) -> Result<(JarChoice, Option<ExchangeId>), ApiError> {
        let jar = match self.jar {
            None | Some(WhichJar::Named(NamedJar::Default)) => JarChoice::Default,
            Some(WhichJar::Named(NamedJar::None)) => JarChoice::None,
            Some(WhichJar::Number(id)) => JarChoice::Number(id),
        };
        let read = |id: String| id.parse().map_err(|_| ApiError::no_exchange(&id));
        Ok((jar, self.as_of.map(read).transpose()?))
    }
}

/// A captured request sent with cookies of a jar, instead of those alone that it had.
fn with_cookies_of(draft: &mut Draft, jar: JarChoice, as_of: Option<ExchangeId>) {
    if jar == JarChoice::None && as_of.is_none() {
        return;
    }
    draft.without.retain(|name| name != "cookie");
    if as_of.is_some() {
        draft.headers.retain(|field| !field.key.eq_ignore_ascii_case("cookie"));
    }
}

/// Tells null from nothing.
pub(crate) fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendParams {
    /// Told step by step.
    events: Option<bool>,
    /// With the bytes of the body.
    body: Option<bool>,
}

/// What came of it.
#[derive(Serialize)]
pub(crate) struct Sent {
    send: i64,
    id: Option<ExchangeId>,
    exchange: Option<Detail>,
    hops: Vec<Hop>,
    error: Option<SendError>,
    warnings: Vec<String>,
}

pub(crate) async fn send(
    State(shared): State<Shared>,
    Params(params): Params<SendParams>,
    Payload(send): Payload<Send>,
) -> Result<Response, ApiError> {
    let order = order(&shared, send).await?;
    if params.events.unwrap_or(false) {
        let body = params.body.unwrap_or(false);
        return Ok(stream::stream(shared, order, Telling { body, ..Telling::default() }));
    }
    let watch = Watch::default();
    // Whoever asked and leaves wants it no more.
    let cancel = watch.cancel.clone().drop_guard();
    let outcome = begin(&shared, order, watch).await?;
    cancel.disarm();
    Ok(Json(sent(&shared, outcome).await?).into_response())
}

pub(crate) async fn preview(
    State(shared): State<Shared>,
    Payload(send): Payload<Send>,
) -> Result<Json<Preview>, ApiError> {
    // Whoever wrote it: nothing is sent.
    let order = order(&shared, Send { as_mine: true, ..send }).await?;
    Ok(Json(shared.engine.agent().preview(order).await?))
}

/// `DELETE /sends/{id}`
pub(crate) async fn cancel(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let found = id.parse().is_ok_and(|id| shared.engine.agent().running.cancel(id));
    if found {
        return Ok(StatusCode::NO_CONTENT);
    }
    let message = format!("no send {} is under way", super::error::shown(&id));
    Err(ApiError::not_found(message).hint("it may be over: see /history"))
}

/// Begins it, as a task of its own: what is begun has an end in the history, whoever waits for it.
async fn begin(shared: &Shared, order: Order, watch: Watch) -> Result<Outcome, ApiError> {
    let agent = Arc::clone(shared.engine.agent());
    let ended = agent.asker.tasks.spawn(Arc::clone(&agent).send(order, watch)).await;
    // A panic, or the end of the runtime.
    let ended = ended.map_err(|e| ApiError::internal(format!("the send broke off: {e}")))?;
    ended.map_err(|e: StoreError| e.into())
}

async fn sent(shared: &Shared, outcome: Outcome) -> Result<Sent, ApiError> {
    let id = outcome.exchange();
    let exchange = match id {
        Some(id) => shared.readers.with(move |reader| view::detail(reader, id)).await?,
        None => None,
    };
    let Outcome { send, hops, error, warnings } = outcome;
    Ok(Sent { send, id, exchange, hops, error, warnings })
}

/// What is to be sent, with what it takes from the store.
pub(crate) async fn order(shared: &Shared, send: Send) -> Result<Order, ApiError> {
    let Send { request, from, again, item, environment, cookies, variables, data, as_mine } = send;
    let asks = cookies.is_some();
    let (jar, as_of) = cookies.unwrap_or_default().read()?;
    within("id", from.as_deref().unwrap_or_default(), WORD)?;
    if variables.len() + data.len() > FIELDS {
        let message = format!("there are {} variables; {FIELDS} are allowed", variables.len() + data.len());
        return Err(ApiError::bad_request(message));
    }
    let made_from = from.clone().or_else(|| again.map(|send| format!("send:{send}")));
    let made_from = made_from.or_else(|| item.map(|item| format!("item:{item}")));
    let (mut draft, made_from, item) = match (request, from, again, item) {
        (Some(mut draft), from, again, item) => {
            if !as_mine && draft.written_by.is_none() {
                draft.written_by = author(shared, from, again, item).await?;
            }
            (draft, made_from, item)
        }
        (None, Some(id), ..) => {
            let (mut draft, id) = shared.readers.with(move |reader| captured::read(reader, &id)).await?;
            if asks {
                with_cookies_of(&mut draft, jar, as_of);
            }
            (draft, Some(id.to_string()), item)
        }
        (None, None, Some(send), _) => {
            let (draft, of) = earlier(shared, send).await?;
            (draft, made_from, item.or(of))
        }
        (None, None, None, Some(id)) => (saved(shared, id).await?, made_from, item),
        (None, None, None, None) => {
            let hint = "give \"request\", a captured exchange as \"from\", an earlier send as \"again\", or a request of a \
                        collection as \"item\"";
            return Err(ApiError::bad_request("there is nothing to send").hint(hint));
        }
    };
    let around = match item {
        Some(id) => shared.readers.with(move |reader| stored::around(reader, id)).await?,
        None => Around::default(),
    };
    bounded(&draft)?;
    if as_mine {
        draft.written_by = None;
    } else if let Some(refusal) = consent::refusal(&draft) {
        return Err(ApiError::new(StatusCode::CONFLICT, "written_by_page", refusal.message).hint(refusal.hint));
    }
    Ok(Order {
        draft,
        environment: match environment {
            None => Choice::Active,
            Some(None) => Choice::None,
            Some(Some(id)) => Choice::Number(id),
        },
        variables: variables.into_iter().collect(),
        data: data.into_iter().collect(),
        jar,
        as_of,
        around,
        made_from,
        source: Source::Send,
        guest: None,
    })
}

/// Who wrote what a request was made from, if not the user. What is not there any more has no author.
async fn author(
    shared: &Shared,
    from: Option<String>,
    again: Option<i64>,
    item: Option<i64>,
) -> Result<Option<String>, ApiError> {
    let read = move |reader: &Reader| {
        let of_exchange = from.and_then(|id| captured::exchange(reader, &id).ok()).and_then(|found| author_of(&found));
        let of_send =
            || again.and_then(|id| history::entire(reader, id).ok()).and_then(|found| found.request.written_by);
        let of_item = || match item.and_then(|id| stored::item(reader, id).ok()) {
            Some((_, Node::Request(saved))) => saved.request.written_by,
            _ => None,
        };
        Ok::<_, ApiError>(of_exchange.or_else(of_send).or_else(of_item))
    };
    shared.readers.with(read).await
}

/// A request of a collection.
async fn saved(shared: &Shared, id: i64) -> Result<Draft, ApiError> {
    let (_, node) = shared.readers.with(move |reader| stored::item(reader, id)).await?;
    match node {
        Node::Request(saved) => Ok(saved.request),
        _ => Err(ApiError::bad_request(format!("item {id} is no request, but a {}", node.kind()))),
    }
}

/// The request of an earlier send, as it was written, and the item it was made from, while that is there.
async fn earlier(shared: &Shared, send: i64) -> Result<(Draft, Option<i64>), ApiError> {
    let found = shared.readers.with(move |reader| history::entire(reader, send)).await?;
    let item = found.entry.from.as_deref().and_then(|from| from.strip_prefix("item:")?.parse().ok());
    let item = match item {
        Some(id) => shared.readers.with(move |reader| reader.item(id)).await?.map(|_| id),
        None => None,
    };
    Ok((found.request, item))
}

pub(crate) fn bounded(draft: &Draft) -> Result<(), ApiError> {
    within("method", &draft.method, WORD)?;
    within("url", &draft.url, URL)?;
    within("written_by", draft.written_by.as_deref().unwrap_or_default(), ORIGIN)?;
    let lists = [
        ("headers", draft.headers.len()),
        ("parameters", draft.query.as_ref().map_or(0, Vec::len)),
        ("path variables", draft.path_variables.len()),
        ("names to leave out", draft.without.len()),
    ];
    match lists.into_iter().find(|(_, n)| *n > FIELDS) {
        Some((what, n)) => Err(ApiError::bad_request(format!("there are {n} {what}; {FIELDS} are allowed"))),
        None => Ok(()),
    }
}
