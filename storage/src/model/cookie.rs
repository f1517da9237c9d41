//! Cookies seen in exchanges.

use super::ExchangeId;
use bytes::Bytes;

/// A field `Set-Cookie` or `Cookie` of an exchange, and what a browser does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieEvent {
    /// The place of its exchange in the order of all.
    pub seq: i64,
    /// What the exchange is called.
    pub exchange: ExchangeId,
    /// Its place in the exchange, from 0: fields of the request first, then those of the response.
    pub position: i64,
    /// When it passed, microseconds since the Unix epoch.
    pub at_us: i64,
    /// The host that was asked.
    pub host: String,
    /// What became of it.
    pub outcome: CookieOutcome,
    /// Why it was rejected: a word, and a sentence.
    pub reason: Option<(String, String)>,
    /// The value of the field, byte for byte.
    pub raw: Bytes,
}

words! {
    /// What becomes of a cookie.
    CookieOutcome {
        /// A field of a request: what a client sent.
        Sent = "sent",
        /// A browser keeps it.
        Stored = "stored",
        /// A browser keeps it in the place of another one.
        Replaced = "replaced",
        /// It takes another one away.
        Deleted = "deleted",
        /// It is over when it comes, and there was none in its place.
        Over = "over",
        /// A browser ignores it.
        Rejected = "rejected",
    }
}
