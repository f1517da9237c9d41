//! `/conversations`: WebSockets and event streams that are begun here.
//!
//! - [`live`]: what happens in one, as it happens
//! - [`saved`]: messages that are kept, `/saved-messages`

pub(crate) mod live;
pub(crate) mod saved;

use super::{
    Shared,
    error::{ApiError, shown},
    input::{Payload, Segment, within},
    send::{Send, WithCookies, given, order},
};
use crate::{
    conversation::{
        BadSetting, Conversation, ConversationKind, ConversationSettings, NotSent, Opening, Payload as Message,
        TooMany, View, outbox::LONGEST,
    },
    request::Draft,
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Most subprotocols.
const PROTOCOLS: usize = 50;
/// Longest subprotocol, bytes.
const PROTOCOL: usize = 200;
/// Longest reason of a goodbye, bytes (RFC 6455, 5.5).
const REASON: usize = 123;
/// How long a message waits for a server that does not read.
const PATIENCE: Duration = Duration::from_secs(10);

/// A conversation to begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    kind: ConversationKind,
    request: Draft,
    /// An earlier send that it was made from.
    again: Option<i64>,
    /// The request of a collection that it was made from; what that is in holds.
    item: Option<i64>,
    /// The number of an environment; null for none. Without it, the active one.
    #[serde(default, deserialize_with = "given")]
    environment: Option<Option<i64>>,
    cookies: Option<WithCookies>,
    /// For this conversation alone.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Subprotocols, the best first.
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    settings: ConversationSettings,
    /// Begins what a web page wrote as the user's own.
    #[serde(default)]
    as_mine: bool,
}

#[derive(Serialize)]
pub(crate) struct Listed {
    items: Vec<View>,
}

/// A message to send: one of the three.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    text: Option<String>,
    base64: Option<String>,
    hex: Option<String>,
    /// Whether variables in a text get their values; by itself yes.
    variables: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    code: Option<u16>,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<Listed> {
    Json(Listed { items: shared.engine.conversations().all().iter().map(|c| c.view()).collect() })
}

pub(crate) async fn open(
    State(shared): State<Shared>,
    Payload(open): Payload<Open>,
) -> Result<impl IntoResponse, ApiError> {
    let opening = open.read(&shared).await?;
    let begun = shared.engine.conversations().open(opening)?;
    Ok((StatusCode::CREATED, Json(begun.view())))
}

pub(crate) async fn one(State(shared): State<Shared>, Segment(id): Segment) -> Result<Json<View>, ApiError> {
    Ok(Json(found(&shared, &id)?.view()))
}

/// Ends it, if it is under way, and forgets it. Its exchanges stay.
pub(crate) async fn forget(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &id)?;
    shared.engine.conversations().forget(conversation.view().id);
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn send(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(given): Payload<Given>,
) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &id)?;
    say(&shared, &conversation, given).await
}

pub(crate) async fn close(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(close): Payload<Close>,
) -> Result<StatusCode, ApiError> {
    let conversation = found(&shared, &id)?;
    goodbye(&conversation, close)
}

/// Sends a message in a conversation.
pub(crate) async fn say(shared: &Shared, conversation: &Conversation, given: Given) -> Result<StatusCode, ApiError> {
    let resolve = given.variables.unwrap_or(true);
    let message = match given.read()? {
        Message::Text(text) if resolve => {
            let filled = shared.engine.agent().fill(&conversation.order, text).await?;
            Message::Text(filled.map_err(|e| ApiError::bad_request(e.message).hint(e.hint))?)
        }
        other => other,
    };
    conversation.send(message).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a conversation in good order.
pub(crate) fn goodbye(conversation: &Conversation, close: Close) -> Result<StatusCode, ApiError> {
    let Close { code, reason } = close;
    if let Some(code) = code.filter(|code| !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)) {
        let hint = "1000 to 1003, 1007 to 1014 and 3000 to 4999 may be sent (RFC 6455, 7.4)";
        return Err(ApiError::bad_request(format!("the code {code} is not to be sent")).hint(hint));
    }
    within("reason", &reason, REASON)?;
    if code.is_none() && !reason.is_empty() {
        return Err(ApiError::bad_request("a reason needs a code").hint("give a code, such as 1000"));
    }
    conversation.close(code, reason);
    Ok(StatusCode::NO_CONTENT)
}

/// The conversation of a path.
pub(super) fn found(shared: &Shared, id: &str) -> Result<Arc<Conversation>, ApiError> {
    let found = id.parse().ok().and_then(|id| shared.engine.conversations().find(id));
    found.ok_or_else(|| none(id))
}

pub(crate) fn none(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no conversation '{}'", shown(id)))
        .hint("GET /api/v1/conversations lists those of this run of the daemon; their exchanges are in session 0")
}

impl Open {
    async fn read(self, shared: &Shared) -> Result<Opening, ApiError> {
        let Self { kind, request, again, item, environment, cookies, variables, protocols, settings, as_mine } = self;
        check_protocols(&protocols)?;
        settings.check()?;
        let request = Some(request);
        let send = Send { request, again, item, environment, cookies, variables, as_mine, ..Send::default() };
        let order = order(shared, send).await?;
        Ok(Opening { kind, order, protocols, settings, owner: None })
    }
}

/// Each a token (RFC 6455, 4.1), and none twice.
pub(crate) fn check_protocols(protocols: &[String]) -> Result<(), ApiError> {
    if protocols.len() > PROTOCOLS {
        let message = format!("there are {} subprotocols; {PROTOCOLS} are allowed", protocols.len());
        return Err(ApiError::bad_request(message));
    }
    for (n, name) in protocols.iter().enumerate() {
        within("subprotocol", name, PROTOCOL)?;
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            let message = format!("'{}' is no subprotocol", shown(name));
            return Err(ApiError::bad_request(message).hint("it is a word without spaces and commas, such as chat.v2"));
        }
        if protocols[..n].contains(name) {
            return Err(ApiError::bad_request(format!("the subprotocol '{name}' is there twice")));
        }
    }
    Ok(())
}

impl Given {
    fn read(self) -> Result<Message, ApiError> {
        let Self { text, base64, hex, variables: _ } = self;
        match (text, base64, hex) {
            (Some(text), None, None) => Ok(Message::Text(text)),
            (None, Some(base64), None) => {
                let without: String = base64.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                let bytes = BASE64_STANDARD.decode(without);
                let bytes = bytes.map_err(|e| ApiError::bad_request(format!("the message is no Base64: {e}")))?;
                Ok(Message::Binary(bytes.into()))
            }
            (None, None, Some(hex)) => digits(&hex).map(|bytes| Message::Binary(bytes.into())),
            _ => Err(ApiError::bad_request("a message is one of \"text\", \"base64\" and \"hex\"")),
        }
    }
}

/// Bytes in hexadecimal digits, with white space anywhere.
fn digits(hex: &str) -> Result<Vec<u8>, ApiError> {
    let hint = "two digits are a byte, as in 48 65 6c 6c 6f";
    let values = hex.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| {
        let value = c.to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or_else(|| ApiError::bad_request(format!("{c:?} is no hexadecimal digit")).hint(hint))
    });
    let values = values.collect::<Result<Vec<u8>, _>>()?;
    if values.len() % 2 != 0 {
        return Err(ApiError::bad_request("the message has half a byte at its end").hint(hint));
    }
    Ok(values.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

impl From<TooMany> for ApiError {
    fn from(error: TooMany) -> Self {
        Self::conflict(error.to_string()).hint("end one: DELETE /api/v1/conversations/{id}")
    }
}

impl From<BadSetting> for ApiError {
    fn from(error: BadSetting) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<NotSent> for ApiError {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::TooLong(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", error.to_string())
                .hint(format!("send it in parts of {} MiB", LONGEST >> 20)),
            NotSent::OneWay => Self::conflict(error.to_string()).hint("a WebSocket takes messages"),
            NotSent::NotOpen => Self::conflict(error.to_string()).hint("its `state` says how it stands"),
            NotSent::Slow => Self::busy("sending", PATIENCE).hint("the server does not read what it is sent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: Option<&str>, base64: Option<&str>, hex: Option<&str>) -> Result<Message, ApiError> {
        let [text, base64, hex] = [text, base64, hex].map(|given| given.map(str::to_owned));
        Given { text, base64, hex, variables: None }.read()
    }

    #[test]
    fn messages_are_text_base64_or_hex() {
        let bytes = |bytes: &'static [u8]| Message::Binary(bytes.into());
        assert_eq!(read(Some("hé"), None, None).unwrap(), Message::Text("hé".into()));
        assert_eq!(read(None, Some("aGVs\n bG8="), None).unwrap(), bytes(b"hello"));
        assert_eq!(read(None, None, Some("48 65\n6C6c 6f")).unwrap(), bytes(b"Hello"));
        assert_eq!(read(None, None, Some("")).unwrap(), bytes(b""));
        for bad in [
            read(None, None, None),
            read(Some("a"), Some("YQ=="), None),
            read(None, Some("a!"), None),
            read(None, None, Some("abc")),
            read(None, None, Some("zz")),
            read(None, None, Some("é0")),
        ] {
            assert_eq!(bad.unwrap_err().status(), StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn subprotocols_are_tokens() {
        let check = |names: &[&str]| check_protocols(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(check(&["chat.v2", "graphql-transport-ws", "Chat"]).is_ok() && check(&[]).is_ok());
        for bad in [&["a b"][..], &["a,b"], &[""], &["a", "a"], &["x\r\n"], &[&"x".repeat(201)], &["x"; 51]] {
            assert_eq!(check(bad).unwrap_err().status(), StatusCode::BAD_REQUEST, "{bad:?}");
        }
    }
}
