//! `/exchanges`: what was captured, in pages and one by one.

use super::{
    Shared,
    error::{ApiError, shown},
    input::{Params, Segment, page, within},
};
use crate::view;
use axum::{Json, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    Cursor, Filter, FilterError, ListQuery, Matched, Reader, SortKey, SortedQuery,
    model::{ExchangeId, Summary},
};

/// Rows of a page, unless told otherwise.
const USUAL: usize = 100;
/// Most rows of a page.
const MOST: usize = 1000;
/// Longest filter, bytes.
const FILTER: usize = 8 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    /// In the filter language; all exchanges without it.
    filter: Option<String>,
    /// Only those that began before this `seq`.
    before: Option<i64>,
    /// Only those that began after this `seq`, the oldest first.
    after: Option<i64>,
    /// Most rows to answer with.
    limit: Option<usize>,
    /// By a column, in its order rather than that of their beginning: `size`, or `-size` for the largest first.
    sort: Option<String>,
    /// Of a sorted list: where the page before ended.
    cursor: Option<Cursor>,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    /// Ascending by `seq`, or as sorted.
    items: Vec<Summary>,
    /// To ask for older ones with.
    before: Option<i64>,
    /// Of a sorted list: to ask for more with.
    next: Option<String>,
    /// How many match in all; null where they were not counted to the end, and on pages that go on from another one.
    matched: Option<u64>,
    /// Where counting them ended.
    matched_at_least: Option<u64>,
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Params(params): Params<ListParams>,
) -> Result<Json<Listed>, ApiError> {
    let limit = page(params.limit, USUAL, MOST)?;
    let filter = filter(params.filter)?;
    if let Some(sort) = params.sort {
        if params.before.is_some() || params.after.is_some() {
            return Err(ApiError::bad_request("a sorted list has no before and after; it goes on with a cursor"));
        }
        return sorted(&shared, filter, &sort, params.cursor, limit).await;
    }
    if params.cursor.is_some() {
        return Err(ApiError::bad_request("a cursor belongs to a sorted list: give sort, too"));
    }
    let query = ListQuery { filter, before: params.before, after: params.after, limit };
    let page = shared.readers.with(move |reader| reader.list(&query)).await?;
    Ok(Json(Listed::new(page.items, page.before, None, page.matched)))
}

async fn sorted(
    shared: &Shared,
    filter: Filter,
    sort: &str,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Json<Listed>, ApiError> {
    let Some((key, descending)) = SortKey::parse(sort) else {
        let names: Vec<_> = SortKey::ALL.iter().map(|(name, _)| *name).collect();
        let message = format!("'{}' is nothing to sort by; there are {}", shown(sort), names.join(", "));
        return Err(ApiError::bad_request(message).hint("with - before it, the largest come first"));
    };
    let query = SortedQuery { filter, key, descending, cursor, limit };
    let page = shared.readers.with(move |reader| reader.sorted(&query)).await?;
    Ok(Json(Listed::new(page.items, None, page.next.map(|cursor| cursor.to_string()), page.matched)))
}

impl Listed {
    fn new(items: Vec<Summary>, before: Option<i64>, next: Option<String>, matched: Option<Matched>) -> Self {
        let count = |at_least| matched.filter(|m| m.at_least == at_least).map(|m| m.count);
        Self { items, before, next, matched: count(false), matched_at_least: count(true) }
    }
}

/// A filter of bounded length.
pub(crate) fn filter(text: Option<String>) -> Result<Filter, ApiError> {
    let text = text.unwrap_or_default();
    within("filter", &text, FILTER)?;
    Ok(Filter::parse(&text)?)
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<impl IntoResponse, ApiError> {
    let detail = move |reader: &Reader| {
        let found = resolve(reader, &id)?;
        view::detail(reader, found)?.ok_or_else(|| ApiError::no_exchange(&id))
    };
    shared.readers.with(detail).await.map(Json)
}

/// The exchange that is meant by `7.42` or `@last`.
pub(crate) fn resolve(reader: &Reader, id: &str) -> Result<ExchangeId, ApiError> {
    reader.resolve(id)?.ok_or_else(|| ApiError::no_exchange(id))
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        Self::new(axum::http::StatusCode::BAD_REQUEST, "bad_filter", error.message).at(error.offset, error.length)
    }
}
