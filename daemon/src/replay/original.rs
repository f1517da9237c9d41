//! A captured request as it is to be sent again.

use super::target::Target;
use crate::{
    collection::captured::{author, url},
    request::{
        Draft, Settings,
        captured::{self, Captured},
    },
};
use std::io::Read;
use waylay_storage::{
    Reader, StoreError,
    model::{BodyEnd, Exchange, ExchangeId, Head, Kind, Part},
};

/// A body up to here is held until it is sent, bytes; longer ones are read then.
const HELD: u64 = 64 << 10;

/// A request that can be sent again.
#[derive(Debug)]
pub struct Original {
    /// The exchange.
    pub exchange: Exchange,
    /// Its URL.
    pub url: String,
    /// What is sent.
    pub draft: Draft,
}

/// What is known of one that is not sent.
#[derive(Debug)]
pub struct Unsent {
    /// Its method, where there is one.
    pub method: String,
    /// Its URL.
    pub url: String,
    /// Its status.
    pub status: Option<u16>,
    /// Why it is not sent: a clause.
    pub why: String,
}

/// Reads one. The outer error is the store's, the inner one says why it is skipped.
///
/// # Errors
/// Those of the store.
pub fn read(reader: &Reader, id: ExchangeId, target: Option<&Target>) -> Result<Result<Original, Unsent>, StoreError> {
    let Some((exchange, done)) = reader.exchange(id)? else {
        let why = "it is not there any more".to_owned();
        return Ok(Err(Unsent { method: String::new(), url: String::new(), status: None, why }));
    };
    let url = url(&exchange);
    let unsent =
        |why: String| Unsent { method: exchange.method.clone(), url: url.clone(), status: exchange.status, why };
    if let Some(why) = obstacle(&exchange, done) {
        return Ok(Err(unsent(why.to_owned())));
    }
    let size = exchange.request.size;
    let mut held = None;
    if size <= HELD {
        let mut body = reader.body(id, Part::Request)?.ok_or(StoreError::NoExchange(id))?;
        let mut bytes = Vec::new();
        if body.stored < size || body.read_to_end(&mut bytes).is_err() {
            return Ok(Err(unsent("not all of the body of its request is kept".to_owned())));
        }
        held = Some(bytes);
    }
    let mut draft = captured::draft(&Captured {
        exchange: &id.to_string(),
        method: &exchange.method,
        url: &url,
        head: &Head::parse(&exchange.request_head),
        size,
        body: held.as_deref(),
    });
    // Nothing in it is a variable: its URL goes as it was.
    if draft.url != url {
        (draft.url, draft.settings.encode_url) = (url.clone(), Some(false));
    }
    if let Some(target) = target {
        match target.instead(&draft.url) {
            Some(instead) => draft.url = instead,
            None => {
                return Ok(Err(unsent("it goes to a socket of this machine, which has no host to replace".to_owned())));
            }
        }
    }
    // A redirect that was followed is an exchange of its own; cookies are the replay's business.
    draft.written_by = author(&exchange);
    draft.settings = Settings { follow_redirects: Some(false), cookie_jar: Some(false), ..draft.settings };
    Ok(Ok(Original { exchange, url, draft }))
}

/// Why it cannot be sent again.
fn obstacle(exchange: &Exchange, done: bool) -> Option<&'static str> {
    match exchange.kind {
        Kind::Http | Kind::Grpc => {}
        Kind::Sse if exchange.response.end == BodyEnd::Complete => {}
        Kind::Sse => return Some("it is an event stream that had no end of its own"),
        Kind::Websocket => return Some("it is a WebSocket"),
        Kind::Tunnel => return Some("it is a tunnel that was relayed unread"),
        Kind::TlsFailure | Kind::ConnectFailure | Kind::Pinned => return Some("it failed before there was a request"),
    }
    let whole = exchange.request.gaps.is_empty() && matches!(exchange.request.end, BodyEnd::Complete | BodyEnd::Open);
    match () {
        () if !done => Some("it is still under way"),
        () if exchange.request_head.is_empty() => Some("there is no request of it"),
        () if exchange.method.eq_ignore_ascii_case("CONNECT") => Some("CONNECT opens a tunnel"),
        () if !whole || (exchange.request.end == BodyEnd::Open && exchange.request.size > 0) => {
            Some("not all of the body of its request is kept")
        }
        () => None,
    }
}
