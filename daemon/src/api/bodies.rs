//! `/exchanges/{id}/request/body` and `/response/body`: captured bytes, as they are or decoded.
//!
//! They are hostile, and the page that shows them is ours: they are sent so that no browser renders them, whatever they
//! say they are.

use super::{
    Shared,
    error::ApiError,
    exchanges::resolve,
    headers::CAPTURED_POLICY,
    input::{Params, Segment},
};
use crate::content::{Codings, DecodeError, Decoded, Text, decode};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use std::{
    io::{self, Read as _},
    sync::Arc,
    time::Duration,
};
use tokio::sync::OwnedSemaphorePermit;
use waylay_storage::model::{ExchangeId, Head, Omitted, Part};

/// Decoded bytes, unless told otherwise.
const USUAL: u64 = 8 << 20;
/// Most decoded bytes.
pub(crate) const LONGEST: u64 = 64 << 20;
/// How much of a body is read at a time.
const PIECE: u64 = 256 << 10;
/// How long decoding waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes as transferred.
const SIZE: HeaderName = HeaderName::from_static("x-waylay-size");
/// How many of them are kept.
const STORED: HeaderName = HeaderName::from_static("x-waylay-stored");
/// Why none are kept: `media` or `response`, by the rules of the session.
const OMITTED: HeaderName = HeaderName::from_static("x-waylay-omitted");
/// `true` if there is more than the limit let through.
const TRUNCATED: HeaderName = HeaderName::from_static("x-waylay-truncated");
/// Why decoding ended early, or did not begin.
const DECODE_ERROR: HeaderName = HeaderName::from_static("x-waylay-decode-error");
/// The charset that text was in before it was made UTF-8.
const CHARSET: HeaderName = HeaderName::from_static("x-waylay-charset");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BodyParams {
    /// Undo the content codings, and make UTF-8 of text.
    decoded: Option<bool>,
    /// Most bytes to answer with.
    limit: Option<u64>,
}

/// What is needed to answer with a body.
struct Found {
    id: ExchangeId,
    part: Part,
    body: waylay_storage::Body,
    head: Head,
    omitted: Omitted,
}

pub(crate) async fn request(
    shared: State<Shared>,
    id: Segment,
    params: Params<BodyParams>,
) -> Result<Response, ApiError> {
    answer(shared, id, params, Part::Request).await
}

pub(crate) async fn response(
    shared: State<Shared>,
    id: Segment,
    params: Params<BodyParams>,
) -> Result<Response, ApiError> {
    answer(shared, id, params, Part::Response).await
}

async fn answer(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(params): Params<BodyParams>,
    part: Part,
) -> Result<Response, ApiError> {
    let decoded = params.decoded.unwrap_or(false);
    if let Some(limit) = params.limit.filter(|l| decoded && *l > LONGEST) {
        return Err(ApiError::bad_request(format!("limit is {limit}; at most {LONGEST} bytes are decoded"))
            .hint("without decoded=true any size can be had"));
    }
    let found = shared.readers.with(move |reader| find(reader, &id, part)).await?;
    if decoded {
        decoded_answer(shared, found, params.limit.unwrap_or(USUAL)).await
    } else {
        Ok(raw(found, params.limit))
    }
}

fn find(reader: &waylay_storage::Reader, id: &str, part: Part) -> Result<Found, ApiError> {
    let found = resolve(reader, id)?;
    let (Some(head), Some(body)) = (reader.head(found, part)?, reader.body(found, part)?) else {
        return Err(ApiError::no_exchange(id));
    };
    // Only then is there a reason to look for.
    let missing = part == Part::Response && body.stored < body.size;
    let exchange = if missing { reader.exchange(found)? } else { None };
    let omitted = exchange.map(|(x, _)| x.omitted).unwrap_or_default();
    Ok(Found { id: found, part, body, head, omitted })
}

/// The bytes as they were transferred, in pieces: it may be a large file, and the client slow.
fn raw(found: Found, limit: Option<u64>) -> Response {
    let mut headers = found.headers();
    let Found { id, part, body, .. } = found;
    let length = limit.unwrap_or(u64::MAX).min(body.stored);
    if length < body.stored {
        headers.insert(TRUNCATED, HeaderValue::from_static("true"));
    }
    attach(&mut headers, &file_name(id, part));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    with_headers(in_pieces(body, length), headers)
}

/// The first `length` bytes of a source, read piece by piece where it may block.
pub(crate) fn in_pieces(source: impl io::Read + Send + 'static, length: u64) -> Body {
    let pieces = stream::try_unfold((source, length), |(mut source, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = move || {
            let mut piece = Vec::new();
            source.by_ref().take(left.min(PIECE)).read_to_end(&mut piece).map(|_| (piece, source))
        };
        let (piece, source) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
        if piece.is_empty() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        let left = left - piece.len() as u64;
        Ok(Some((Bytes::from(piece), (source, left))))
    });
    Body::from_stream(pieces)
}

/// The bytes with their codings undone; text as UTF-8. If nothing could be decoded, the bytes as they are, and why.
async fn decoded_answer(shared: Shared, found: Found, limit: u64) -> Result<Response, ApiError> {
    let turn = match tokio::time::timeout(PATIENCE, Arc::clone(&shared.decoding).acquire_owned()).await {
        Ok(Ok(turn)) => turn,
        // The semaphore is never closed.
        Ok(Err(_)) | Err(_) => return Err(ApiError::busy("decoding the body", PATIENCE)),
    };
    let mut headers = found.headers();
    let Found { id, part, body, head, .. } = found;
    let (codings, mut error) = match Codings::parse(head.values("content-encoding").map(|v| &v[..])) {
        Ok(codings) => (codings, None),
        Err(unknown) => (Codings::default(), Some(unknown)),
    };
    let (turn, mut read) = read(turn, body, codings, &head, limit).await?;
    if read.decoded.bytes.is_empty() && matches!(read.decoded.error, Some(DecodeError::Broken { .. })) {
        error = read.decoded.error;
        let again = shared.readers.with(move |reader| reader.body(id, part)).await?;
        let body = again.ok_or_else(|| ApiError::no_exchange(&id.to_string()))?;
        (_, read) = self::read(turn, body, Codings::default(), &head, limit).await?;
    }
    let Read { decoded: Decoded { bytes, truncated, error: ended }, text } = read;
    if let (Some(DecodeError::Read(_)), true) = (&ended, bytes.is_empty()) {
        return Err(ApiError::internal(format!("the body of {id} cannot be read from the store")));
    }
    if truncated {
        headers.insert(TRUNCATED, HeaderValue::from_static("true"));
    }
    if let Some(error) = error.or(ended) {
        headers.insert(DECODE_ERROR, field_text(&error.to_string()));
    }
    let Some(Text { text, charset }) = text else {
        attach(&mut headers, &file_name(id, part));
        return Ok(with_headers(Body::from(bytes), headers));
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CHARSET, field_text(&charset.to_string()));
    Ok(with_headers(Body::from(text), headers))
}

/// What came of decoding.
struct Read {
    decoded: Decoded,
    text: Option<Text>,
}

/// Decodes where it may take its time. The turn is kept until that has ended, whoever still waits for it.
async fn read(
    turn: OwnedSemaphorePermit,
    body: waylay_storage::Body,
    codings: Codings,
    head: &Head,
    limit: u64,
) -> Result<(OwnedSemaphorePermit, Read), ApiError> {
    let content_type = head.value("content-type").cloned();
    let work = move || {
        let decoded = decode(body, &codings, limit);
        let text = Text::of(&decoded.bytes, content_type.as_deref(), decoded.truncated);
        (turn, Read { decoded, text })
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| ApiError::internal(format!("decoding broke off: {e}")))
}

impl Found {
    fn headers(&self) -> HeaderMap {
        let mut headers = captured_of(self.body.size, self.body.stored);
        if let Some(word) = self.omitted.words().find(|_| self.omitted.body()) {
            headers.insert(OMITTED, HeaderValue::from_static(word));
        }
        headers
    }
}

/// What is said of captured bytes: how many there were, how many are kept, and that nothing may run them.
pub(crate) fn captured_of(size: u64, stored: u64) -> HeaderMap {
    HeaderMap::from_iter([
        (SIZE, HeaderValue::from(size)),
        (STORED, HeaderValue::from(stored)),
        (header::CONTENT_SECURITY_POLICY, CAPTURED_POLICY),
    ])
}

/// Makes it a file to save rather than something to look at.
pub(crate) fn attach(headers: &mut HeaderMap, name: &str) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, field_text(&format!("attachment; filename=\"{name}\"")));
}

fn file_name(id: ExchangeId, part: Part) -> String {
    let part = match part {
        Part::Request => "request",
        Part::Response => "response",
    };
    format!("{id}-{part}.bin")
}

/// Text as the value of a field: what cannot stand there is replaced.
fn field_text(text: &str) -> HeaderValue {
    let printable: String = text.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect();
    // Printable ASCII is always a value.
    HeaderValue::from_str(&printable).unwrap_or(HeaderValue::from_static("?"))
}

pub(crate) fn with_headers(body: Body, headers: HeaderMap) -> Response {
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    response
}
