//! `/events`: what is captured, as it happens (server-sent events, as the HTML standard defines them).
//!
//! - [`hub`]: what has changed lately, by revision
//! - [`feed`]: one reader's stream of it
//!
//! Events: `deleted` `{ids: ["7.1"]}`, rows that are gone; `exchanges` `{items: [Summary]}`, new and changed rows;
//! `session` Session, or `{id, deleted: true}` for one that is gone; `proxy`
//! as `/proxy` answers; `send` `{id}`, an entry of the history that is new, has changed, or is gone or back (`null`: so many
//! that the history is to be loaded anew); `console` `{id}`, the number of its last entry, when there is a new one or all is cleared; `conversation` `{id}`, one that has begun, stands differently, or is forgotten; `environment` `{}`, environments or globals have changed; `collection` `{id}`, one that is new, has changed, or is gone or
//! back, `null` for many; `agent` `{}`, pairings or windows for them have changed; `status` Status; `resync` `{}`
//! when the reader has missed too much and must load anew. The id of an event is the revision it brings the reader to:
//! `Last-Event-ID` resumes from there.

mod feed;
mod hub;

pub(crate) use hub::Hub;

use super::{Shared, error::ApiError};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use feed::Feed;
use futures_util::stream;
use std::convert::Infallible;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(crate) async fn stream(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, ApiError> {
    let last = headers.get(LAST_EVENT_ID).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let feed = Feed::begin(shared, last.as_deref()).await?;
    let chunks = stream::unfold(feed, |mut feed| async move { Some((Ok::<_, Infallible>(feed.next().await?), feed)) });
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"))];
    Ok((kind, Body::from_stream(chunks)).into_response())
}
