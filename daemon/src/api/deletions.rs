//! `/deletions`: what is deleted is hidden at once, can be brought back for a while, and is then gone.

use super::{
    Shared,
    error::ApiError,
    exchanges::filter,
    input::{self, Payload, Segment},
    sessions::session_id,
};
use crate::cookies::site;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::sync::Arc;
use waylay_storage::{
    Deleted, Store, StoreError,
    model::{ExchangeId, SessionId},
};

/// Most exchanges, and most entries of the history, named in one call.
const MOST: usize = 10_000;

/// What to delete: one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct What {
    /// Exchanges by their ids.
    exchanges: Option<Vec<String>>,
    /// Every exchange that matches now and is over.
    filter: Option<String>,
    /// A session that is over, with its exchanges.
    session: Option<SessionId>,
    /// Entries of the history by their numbers, with what was sent.
    sends: Option<Vec<i64>>,
    /// A collection with all that is in it.
    collection: Option<i64>,
    /// Folders, requests and examples by their numbers, with what is in them.
    items: Option<Vec<i64>>,
    /// Cookies of jars by their numbers.
    cookies: Option<Vec<i64>>,
    /// Cookies seen in exchanges.
    cookie_events: Option<Vec<SeenAt>>,
    /// A jar; with `domain`, its cookies of that; with `all`, all its cookies.
    jar: Option<i64>,
    domain: Option<String>,
    all: Option<bool>,
}

/// A cookie seen in an exchange.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenAt {
    /// The exchange, such as `7.42`.
    exchange: String,
    /// Its place there.
    position: i64,
}

impl What {
    fn read(self) -> Result<Deleted, ApiError> {
        let Self { exchanges, filter: matching, session, sends, collection, items, .. } = self;
        let Self { cookies, cookie_events, jar, domain, all, .. } = self;
        let exchanges = exchanges.map(|ids| {
            counted("exchanges", ids.len())?;
            let read = |id: &String| id.parse().map_err(|_| ApiError::no_exchange(id));
            Ok(Deleted::Exchanges(ids.iter().map(read).collect::<Result<Vec<ExchangeId>, _>>()?))
        });
        let matching = matching.map(|text| Ok(Deleted::Matching(filter(Some(text))?)));
        let sends = sends.map(|ids| counted("entries", ids.len()).map(|()| Deleted::Sends(ids)));
        let items = items.map(|ids| counted("items", ids.len()).map(|()| Deleted::Items(ids)));
        let session = session.map(|id| Ok(Deleted::Session(id)));
        let collection = collection.map(|id| Ok(Deleted::Collection(id)));
        let cookies = cookies.map(|ids| counted("cookies", ids.len()).map(|()| Deleted::Cookies(ids)));
        let events = cookie_events.map(|which| {
            counted("cookies", which.len())?;
            let read = |seen: &SeenAt| {
                let id = seen.exchange.parse().map_err(|_| ApiError::no_exchange(&seen.exchange))?;
                Ok((id, seen.position))
            };
            Ok(Deleted::CookieEvents(which.iter().map(read).collect::<Result<_, ApiError>>()?))
        });
        let jar = match (jar, domain, all) {
            (None, None, None) => None,
            (Some(jar), None, None | Some(false)) => Some(Ok(Deleted::Jar(jar))),
            (Some(jar), Some(domain), None | Some(false)) => Some(of_domain(jar, &domain)),
            (Some(jar), None, Some(true)) => Some(Ok(Deleted::CookiesOf(jar, None))),
            _ => return Err(ApiError::bad_request("beside jar stands either domain or all, and neither without it")),
        };
        let all = [exchanges, matching, session, sends, collection, items, cookies, events, jar];
        let mut said = all.into_iter().flatten();
        match (said.next(), said.next()) {
            (Some(what), None) => what,
            _ => Err(ApiError::bad_request(
                "one of exchanges, filter, session, sends, collection, items, cookies, cookie_events and jar says what to delete",
            )),
        }
    }
}

fn of_domain(jar: i64, domain: &str) -> Result<Deleted, ApiError> {
    let host = site::host(domain).ok_or_else(|| ApiError::bad_request("this is no domain"))?;
    Ok(Deleted::CookiesOf(jar, Some(host)))
}

fn counted(what: &str, n: usize) -> Result<(), ApiError> {
    input::counted(what, n, MOST).map_err(|error| error.hint("a filter can stand for any number of exchanges"))
}

pub(crate) async fn create(State(shared): State<Shared>, Payload(what): Payload<What>) -> Result<Response, ApiError> {
    delete(&shared, what.read()?).await
}

/// `DELETE /sessions/{id}`
pub(crate) async fn session(State(shared): State<Shared>, id: Segment) -> Result<Response, ApiError> {
    delete(&shared, Deleted::Session(session_id(&shared, &id)?)).await
}

pub(crate) async fn undo(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id: i64 =
        id.parse().map_err(|_| ApiError::not_found(format!("there is no deletion '{}'", super::error::shown(&id))))?;
    blocking(&shared, move |store| store.undelete(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn delete(shared: &Shared, what: Deleted) -> Result<Response, ApiError> {
    let deletion = blocking(shared, move |store| store.delete(what)).await?;
    Ok((StatusCode::CREATED, Json(deletion)).into_response())
}

/// The store blocks; the runtime must not.
pub(crate) async fn blocking<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = Arc::clone(shared.engine.store());
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(result) => Ok(result?),
        Err(e) => Err(ApiError::internal(format!("a change of the store broke off: {e}"))),
    }
}
