//! `/send`: a request made here, from scratch or from one that was captured. It takes the same path as everybody's.

use super::{
    Shared,
    error::ApiError,
    exchanges::resolve,
    input::{Payload, within},
};
use crate::{
    engine::{Outgoing, SendError},
    exchange::forward::belongs_to_connection,
    view::{self, Detail},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::IntoResponse,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::io::Read;
use waylay_storage::{
    Reader,
    model::{Exchange, ExchangeId, Head, Kind, Part, Scheme, Source},
};

/// Largest captured body that is sent again.
const BODY_LIMIT: u64 = super::input::BODY_LIMIT as u64;

/// Longest method and longest id of an exchange, bytes.
const WORD: usize = 100;
/// Longest URL, bytes.
const URL: usize = 64 << 10;
/// Most header fields.
const FIELDS: usize = 1000;

/// A request to send. What is left out comes from the exchange `from`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Send {
    /// A captured exchange, `7.42` or `@last`.
    from: Option<String>,
    method: Option<String>,
    url: Option<String>,
    headers: Option<Vec<Field>>,
    /// As text.
    body: Option<String>,
    /// As bytes.
    body_base64: Option<String>,
}

impl Send {
    fn within_limits(&self) -> Result<(), ApiError> {
        let texts = [("id", &self.from, WORD), ("method", &self.method, WORD), ("url", &self.url, URL)];
        for (what, text, most) in texts {
            within(what, text.as_deref().unwrap_or_default(), most)?;
        }
        match self.headers.as_ref().map_or(0, Vec::len) {
            n if n > FIELDS => Err(ApiError::bad_request(format!("there are {n} headers; {FIELDS} are allowed"))),
            _ => Ok(()),
        }
    }
}

/// One header field: `["name", "value"]`, or as an exchange's detail shows it, where `bytes` is the truth.
#[derive(Deserialize)]
#[serde(untagged)]
enum Field {
    Pair(String, String),
    Shown {
        name: String,
        #[serde(default)]
        value: String,
        bytes: Option<String>,
    },
}

#[derive(Serialize)]
pub(crate) struct Sent {
    id: ExchangeId,
    exchange: Detail,
}

pub(crate) async fn send(
    State(shared): State<Shared>,
    Payload(send): Payload<Send>,
) -> Result<impl IntoResponse, ApiError> {
    send.within_limits()?;
    let out = match send.from.clone() {
        Some(from) => shared.readers.with(move |reader| outgoing(send, Some(Captured::read(reader, &from)?))).await?,
        None => outgoing(send, None)?,
    };
    let id = shared.engine.send(out).await?;
    let exchange = shared
        .readers
        .with(move |reader| {
            view::detail(reader, id)?.ok_or_else(|| ApiError::internal(format!("{id} was sent but is not stored")))
        })
        .await?;
    Ok(Json(Sent { id, exchange }))
}

/// A captured request, as far as it can be sent again.
struct Captured {
    method: String,
    url: String,
    head: Head,
    body: Result<Bytes, ApiError>,
}

impl Captured {
    fn read(reader: &Reader, id: &str) -> Result<Self, ApiError> {
        let found = resolve(reader, id)?;
        let (exchange, _) = reader.exchange(found)?.ok_or_else(|| ApiError::no_exchange(id))?;
        if matches!(exchange.kind, Kind::Tunnel | Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned) {
            return Err(ApiError::bad_request(format!("{found} is no request that can be sent: {}", exchange.kind)));
        }
        Ok(Self {
            method: exchange.method.clone(),
            url: url(&exchange),
            head: Head::parse(&exchange.request_head),
            body: body(reader, found),
        })
    }

    /// Its fields in order, without those that belong to the connection or follow from the new request.
    fn headers(&self, url: &str) -> Vec<(String, Vec<u8>)> {
        let keep_host = same_authority(&self.url, url);
        let listed: Vec<String> = self
            .head
            .values("connection")
            .flat_map(|v| v.split(|b| *b == b','))
            .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
            .collect();
        let stays = |name: &str| {
            let name = name.to_ascii_lowercase();
            let ours = name.is_empty() || name.starts_with(':') || name == "content-length";
            !ours && !belongs_to_connection(&name) && !listed.contains(&name) && (keep_host || name != "host")
        };
        let fields = self.head.fields.iter().map(|f| (String::from_utf8_lossy(&f.name).into_owned(), f.value.to_vec()));
        fields.filter(|(name, _)| stays(name)).collect()
    }
}

fn outgoing(send: Send, captured: Option<Captured>) -> Result<Outgoing, ApiError> {
    let missing = |what: &str| {
        ApiError::bad_request(format!("{what} is missing")).hint("give it, or a captured exchange as \"from\"")
    };
    let method =
        send.method.or_else(|| captured.as_ref().map(|c| c.method.clone())).unwrap_or_else(|| "GET".to_owned());
    let url = send.url.or_else(|| captured.as_ref().map(|c| c.url.clone())).ok_or_else(|| missing("url"))?;
    let headers = match (send.headers, &captured) {
        (Some(fields), _) => fields.into_iter().map(Field::read).collect::<Result<_, _>>()?,
        (None, Some(captured)) => captured.headers(&url),
        (None, None) => Vec::new(),
    };
    let body = match (send.body, send.body_base64, captured) {
        (Some(_), Some(_), _) => {
            return Err(ApiError::bad_request("both body and body_base64 are given").hint("give one of them"));
        }
        (Some(text), None, _) => Bytes::from(text),
        (None, Some(base64), _) => decode_base64("body_base64", &base64)?.into(),
        (None, None, Some(captured)) => captured.body?,
        (None, None, None) => Bytes::new(),
    };
    Ok(Outgoing { method, url, headers, body, source: Source::Send })
}

impl Field {
    fn read(self) -> Result<(String, Vec<u8>), ApiError> {
        match self {
            Self::Pair(name, value) => Ok((name, value.into_bytes())),
            Self::Shown { name, bytes: Some(bytes), .. } => {
                let value = decode_base64("the bytes of a header", &bytes)?;
                Ok((name, value))
            }
            Self::Shown { name, value, bytes: None } => Ok((name, value.into_bytes())),
        }
    }
}

fn decode_base64(what: &str, text: &str) -> Result<Vec<u8>, ApiError> {
    BASE64_STANDARD.decode(text).map_err(|e| ApiError::bad_request(format!("{what} cannot be read: {e}")))
}

fn url(exchange: &Exchange) -> String {
    let Exchange { scheme, host, port, path, .. } = exchange;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let usual = matches!((scheme, port), (Scheme::Http, 80) | (Scheme::Https, 443));
    let port = if usual { String::new() } else { format!(":{port}") };
    format!("{scheme}://{host}{port}{path}")
}

/// Whether both lead to the same server, so that the captured `Host` still fits.
fn same_authority(captured: &str, edited: &str) -> bool {
    let authority = |url: &str| {
        let uri: Uri = url.trim().parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = uri.port_u16().or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        })?;
        Some((scheme, uri.host()?.to_ascii_lowercase(), port))
    };
    captured == edited || authority(captured).is_some_and(|a| authority(edited) == Some(a))
}

/// The whole request body, if it is all there.
fn body(reader: &Reader, id: ExchangeId) -> Result<Bytes, ApiError> {
    let body = reader.body(id, Part::Request)?.ok_or_else(|| ApiError::no_exchange(&id.to_string()))?;
    let give = "give a body of your own";
    if body.stored < body.size {
        let message = format!("of the {} bytes of the body of {id}, {} are kept", body.size, body.stored);
        return Err(ApiError::new(StatusCode::CONFLICT, "incomplete_body", message).hint(give));
    }
    if body.size > BODY_LIMIT {
        let message = format!("the body of {id} has {} bytes; up to {BODY_LIMIT} are sent again", body.size);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).hint(give));
    }
    let mut bytes = Vec::new();
    body.take(BODY_LIMIT).read_to_end(&mut bytes).map_err(|e| ApiError::internal(format!("the body of {id}: {e}")))?;
    Ok(bytes.into())
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        Self::bad_request(error.message).hint(error.hint)
    }
}

#[cfg(test)]
mod tests;
