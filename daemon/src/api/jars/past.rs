//! `/jars/{id}/cookies/{cookie}/history` and `/jars/{id}/at`: what a cookie was, and what was in a jar.

use super::{cookie_number, cookies, number, there, with_jars};
use crate::{
    api::{
        Shared,
        error::ApiError,
        input::{Params, Payload, Segment, Segments, page},
    },
    capture::recorder::now_us,
    cookies::Cookie,
    jars::{Origin, cookie},
    view::jar::{JarCookie, PastCookie},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    Reader, StoreError,
    model::{CookieChange, ExchangeId},
};

/// Values of a page, unless told otherwise.
const USUAL: usize = 100;
/// Most values of a page.
const MOST: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryParams {
    limit: Option<usize>,
    /// Where the page before ended: its `next`.
    cursor: Option<i64>,
    reveal: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct History {
    /// The newest first.
    items: Vec<PastCookie>,
    next: Option<i64>,
}

pub(crate) async fn history(
    State(shared): State<Shared>,
    Segments(id, which): Segments,
    Params(params): Params<HistoryParams>,
) -> Result<Json<History>, ApiError> {
    let (id, which) = (number(&id)?, cookie_number(&which)?);
    let limit = page(params.limit, USUAL, MOST)?;
    let page = move |reader: &Reader| {
        there(reader, id)?;
        Ok::<_, ApiError>(reader.cookie_values(id, which, params.cursor, limit + 1)?)
    };
    let mut found = shared.readers.with(page).await?;
    if found.is_empty() && params.cursor.is_none() {
        return Err(StoreError::NoCookie(which).into());
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id);
    let reveal = params.reveal.unwrap_or(false);
    Ok(Json(History { items: found.into_iter().map(|past| PastCookie::new(past, reveal)).collect(), next }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restore {
    /// The number of the value.
    history: i64,
}

/// Brings an earlier value back, with the attributes it had.
pub(crate) async fn restore(
    State(shared): State<Shared>,
    Segments(id, which): Segments,
    Payload(Restore { history }): Payload<Restore>,
) -> Result<Json<JarCookie>, ApiError> {
    let (id, which, now_us) = (number(&id)?, cookie_number(&which)?, now_us());
    let wanted = history.saturating_add(1);
    let found = shared.readers.with(move |reader| reader.cookie_values(id, which, Some(wanted), 1)).await?;
    let past = found.into_iter().find(|past| past.id == history && !past.what.takes_away()).ok_or_else(|| {
        let message = format!("cookie {which} has had no value {history} that could be brought back");
        ApiError::not_found(message).hint("GET /api/v1/jars/{id}/cookies/{cookie}/history lists them")
    })?;
    let there = shared.readers.with(move |reader| reader.cookie(id, which)).await?.is_some();
    let earlier = cookie(past.cookie, now_us);
    // Where its end has passed, it is kept until the session ends.
    let earlier = Cookie { expires_us: earlier.expires_us.filter(|at| *at > now_us), ..earlier };
    let origin = Origin { exchange: past.exchange, ..Origin::USER };
    let what = CookieChange::Restored;
    let which = with_jars(&shared, move |jars| {
        if there {
            return jars.edit(id, which, earlier, what, now_us, origin).map(|()| which);
        }
        jars.put(id, earlier, what, now_us, origin)
    });
    let which = which.await?;
    Ok(Json(JarCookie::new(cookies::found(&shared, id, which).await?, false)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtParams {
    /// The exchange, such as `7.42`.
    exchange: String,
    reveal: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct At {
    /// When the exchange began, microseconds since the Unix epoch.
    at_us: i64,
    /// What was in the jar then, each with the change that had made it so.
    items: Vec<PastCookie>,
}

/// A jar as it was when an exchange began.
pub(crate) async fn at(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(AtParams { exchange, reveal }): Params<AtParams>,
) -> Result<Json<At>, ApiError> {
    let id = number(&id)?;
    let exchange: ExchangeId = exchange.parse().map_err(|_| ApiError::no_exchange(&exchange))?;
    let read = move |reader: &Reader| {
        there(reader, id)?;
        let found = reader.exchange(exchange)?.ok_or(StoreError::NoExchange(exchange))?;
        let at_us = found.0.started_us;
        Ok::<_, ApiError>((at_us, reader.jar_at(id, at_us)?))
    };
    let (at_us, found) = shared.readers.with(read).await?;
    let reveal = reveal.unwrap_or(false);
    let items = found.into_iter().filter(|past| past.cookie.expires_us.is_none_or(|end| end > at_us));
    Ok(Json(At { at_us, items: items.map(|past| PastCookie::new(past, reveal)).collect() }))
}
