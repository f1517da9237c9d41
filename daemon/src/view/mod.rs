//! What a person or a program sees of one exchange: the stored records as the JSON of the API and of `--json`.
//!
//! - [`mod@detail`]: the whole of an exchange, bodies apart
//! - [`field`]: header fields, whatever their bytes
//! - [`connection`]: the sockets it used and what TLS settled
//! - [`certificate`]: what a certificate says
//! - [`cookie`]: cookies that were set and sent
//! - [`collection`]: lists and trees of requests that are kept
//! - [`environment`]: sets of variables, secrets masked; [`history`]: what was sent, and sessions
//! - [`jar`]: jars of cookies, values masked
//! - [`session`]: a session and how long it has lasted
//! - [`mod@message`]: messages of WebSockets, event streams and gRPC calls; [`conversation`]: what they say

pub mod certificate;
pub mod collection;
pub mod connection;
pub mod conversation;
pub mod cookie;
pub mod detail;
pub mod environment;
pub mod field;
pub mod history;
pub mod jar;
pub mod message;
pub mod session;

pub use certificate::Certificate;
pub use connection::{Connection, Tls};
pub use conversation::Conversation;
pub use cookie::Cookie;
pub use detail::{Body, Detail, Request, Response, Sent};
pub use field::Field;
pub use message::{Message, MessageDetail, Sender};
pub use session::Session;

use waylay_storage::{
    Reader, StoreError,
    model::{ExchangeId, Source},
};

/// The whole of an exchange, bodies apart; `None` if there is no such exchange.
///
/// # Errors
/// Those of the store.
pub fn detail(reader: &Reader, id: ExchangeId) -> Result<Option<Detail>, StoreError> {
    let Some((exchange, _)) = reader.exchange(id)? else { return Ok(None) };
    let Some(summary) = reader.summaries(&[exchange.seq])?.pop() else { return Ok(None) };
    let connection = |id: Option<i64>| match id {
        Some(id) => reader.connection(id).map(|found| found.as_ref().map(Connection::from)),
        None => Ok(None),
    };
    let (client, upstream) = (connection(exchange.client_connection)?, connection(exchange.upstream_connection)?);
    let replays = if exchange.source == Source::Replay { reader.replayed_by(id)? } else { None };
    Ok(Some(Detail::new(summary, &exchange, client, upstream, replays)))
}
