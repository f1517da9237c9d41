//! `/sessions/{id}/cookies`: the cookies that were set and sent in a session, in pages.

use super::{
    Shared,
    error::ApiError,
    input::{Params, Segment, page, within},
    sessions::{no_session, session_id},
};
use crate::view;
use axum::{Json, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::{Reader, model::CookieEvent};

/// Cookies of a page, unless told otherwise.
const USUAL: usize = 200;
/// Most cookies of a page.
const MOST: usize = 1000;
/// Longest name of a host, bytes.
const HOST: usize = 255;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// Where the page before ended: its `next`.
    after: Option<String>,
    /// Most cookies to answer with.
    limit: Option<usize>,
    /// Only those of this host.
    host: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    /// In the order in which their exchanges began.
    items: Vec<view::Cookie>,
    /// To ask for the rest with, as `after`; null at the end.
    next: Option<String>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    id: Segment,
    Params(params): Params<ListParams>,
) -> Result<impl IntoResponse, ApiError> {
    let id = session_id(&shared, &id)?;
    let limit = page(params.limit, USUAL, MOST)?;
    if let Some(host) = &params.host {
        within("the host", host, HOST)?;
    }
    let after = params.after.as_deref().map_or(Ok((0, -1)), place)?;
    let page = move |reader: &Reader| {
        if reader.session(id)?.is_none() {
            return Err(no_session(&id.to_string()));
        }
        let mut found = reader.cookie_events(id, params.host.as_deref(), after, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let end = |last: &CookieEvent| format!("{}.{}", last.seq, last.position);
        let next = found.last().filter(|_| more).map(end);
        Ok::<_, ApiError>(Listed { items: found.iter().map(view::Cookie::from).collect(), next })
    };
    shared.readers.with(page).await.map(Json)
}

fn place(after: &str) -> Result<(i64, i64), ApiError> {
    let place = after.split_once('.').and_then(|(seq, position)| Some((seq.parse().ok()?, position.parse().ok()?)));
    place.ok_or_else(|| {
        ApiError::bad_request("after is no place in this list").hint("take it from next of the page before")
    })
}
