//! What handlers take: queries, path segments and JSON bodies, with our own errors when they are bad.

use super::error::{ApiError, shown};
use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::{io, time::Duration};
use tokio::io::AsyncWriteExt;

/// Largest body of a request.
pub(crate) const BODY_LIMIT: usize = 64 << 20;
/// How long a body may take to arrive; that of a file, its next piece.
const BODY_TIME: Duration = Duration::from_secs(60);

/// Holds a text to its limit.
///
/// # Errors
/// 400 that names the text, its length and the limit.
pub(crate) fn within(what: &str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.len() <= most {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("the {what} has {} bytes; {most} are allowed", text.len())))
}

/// How many rows a page has: as many as are asked for, `usual` where nobody asks.
///
/// # Errors
/// 400 that names the bounds, 1 and `most`.
pub(crate) fn page(asked: Option<usize>, usual: usize, most: usize) -> Result<usize, ApiError> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::bad_request(format!("limit is {limit}; it can be 1 to {most}")))
}

/// Holds a list of what is named to its limits.
///
/// # Errors
/// 400 that says how many are named and how many can be.
pub(crate) fn counted(what: &str, named: usize, most: usize) -> Result<(), ApiError> {
    if (1..=most).contains(&named) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{named} {what} are named; it can be 1 to {most}")))
}

/// The query string as `T`.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(e) => {
                let why = e.body_text();
                let why = why.strip_prefix("Failed to deserialize query string: ").unwrap_or(&why);
                Err(ApiError::bad_request(format!("the query cannot be read: {}", shown(why))))
            }
        }
    }
}

/// The one variable segment of the path.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(segment)) => Ok(Self(segment)),
            // What is percent-encoded is no UTF-8.
            Err(_) => Err(ApiError::no_route(parts.uri.path())),
        }
    }
}

/// The two variable segments of the path.
pub(crate) struct Segments(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((first, second))) => Ok(Self(first, second)),
            // What is percent-encoded is no UTF-8.
            Err(_) => Err(ApiError::no_route(parts.uri.path())),
        }
    }
}

/// A JSON body as `T`.
pub(crate) struct Payload<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Self::read_within(request, BODY_LIMIT).await
    }
}

impl<T: DeserializeOwned> Payload<T> {
    /// Reads a body of at most so many bytes.
    pub(crate) async fn read_within(request: Request, most: usize) -> Result<Self, ApiError> {
        let media =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()?.parse::<mime::Mime>().ok());
        if media.is_none_or(|m| m.essence_str() != "application/json") {
            let message = "this call takes JSON";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
                .hint("send Content-Type: application/json"));
        }
        let body = collect_within(request, most).await?;
        json("the body", &body).map(Self)
    }
}

/// Reads JSON.
///
/// # Errors
/// 400 with the field that is wrong, as far as there is one, and with `what`, which this is.
pub(crate) fn json<T: DeserializeOwned>(what: &str, text: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut reader);
    let bad = |place: &str, why: &serde_json::Error| {
        ApiError::bad_request(format!("{what} cannot be read{place}: {}", shown(&why.to_string())))
    };
    let value = read.map_err(|e| match e.path().to_string() {
        // All of it, or nobody knows.
        place if matches!(place.as_str(), "." | "?") => bad("", e.inner()),
        place => bad(&format!(", at {}", shown(&place)), e.inner()),
    })?;
    reader.end().map_err(|e| bad("", &e))?;
    Ok(value)
}

/// Why a body did not become a file.
pub(crate) enum Lost {
    /// It did not arrive.
    Request(ApiError),
    /// It could not be written.
    File(io::Error),
}

/// Writes the body of a request to a file, however long it is.
pub(crate) async fn into_file(request: Request, file: &mut tokio::fs::File) -> Result<(), Lost> {
    let mut body = request.into_body();
    loop {
        let frame = match tokio::time::timeout(BODY_TIME, body.frame()).await {
            Ok(None) => return file.flush().await.map_err(Lost::File),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(e))) => {
                return Err(Lost::Request(ApiError::bad_request(format!("the file did not arrive: {e}"))));
            }
            Err(_) => {
                let message = format!("nothing of the file came for {} s", BODY_TIME.as_secs());
                return Err(Lost::Request(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message)));
            }
        };
        if let Ok(data) = frame.into_data() {
            file.write_all(&data).await.map_err(Lost::File)?;
        }
    }
}

/// The whole body of a request, up to a limit.
pub(crate) async fn collect_within(request: Request, most: usize) -> Result<Bytes, ApiError> {
    let body = Limited::new(request.into_body(), most).collect();
    match tokio::time::timeout(BODY_TIME, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(e)) if e.is::<LengthLimitError>() => {
            let message = format!("the body is larger than {} MiB", most >> 20);
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message))
        }
        Ok(Err(e)) => Err(ApiError::bad_request(format!("the body did not arrive: {e}"))),
        Err(_) => {
            let message = format!("the body did not arrive within {} s", BODY_TIME.as_secs());
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Draft;
    use std::collections::BTreeMap;

    #[test]
    fn the_field_that_is_wrong_is_named() {
        for (text, says) in [
            (r#"{"a":{"method":7}}"#, "at a.method: invalid type: integer `7`"),
            (r#"{"a":{"headers":[{"key":"x"},{"key":[]}]}}"#, "at a.headers[1].key: invalid type: sequence"),
            (r#"{"a":{"#, "cannot be read"),
            (r#"{"a":{}} x"#, "trailing characters"),
            (r#"[]"#, "the body cannot be read: invalid type: sequence"),
        ] {
            let error = json::<BTreeMap<String, Draft>>("the body", text.as_bytes()).unwrap_err();
            assert!(format!("{error:?}").contains(says), "{error:?}");
        }
        assert!(json::<BTreeMap<String, Draft>>("the body", br#"{"a":{}} "#).is_ok());
    }
}
