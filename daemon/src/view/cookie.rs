//! Cookies seen in exchanges, and what a browser does with them.

use super::field;
use crate::cookies::{SetCookie, cookie_field};
use serde::Serialize;
use waylay_storage::model::{CookieEvent, CookieOutcome};

/// A field `Set-Cookie` or `Cookie`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cookie {
    /// Of which exchange, `7.42`.
    pub exchange: String,
    /// Its place in the exchange, from 0.
    pub position: i64,
    /// When it passed, microseconds since the Unix epoch.
    pub at_us: i64,
    /// The host that was asked.
    pub host: String,
    /// What became of it.
    pub outcome: CookieOutcome,
    /// Why it was rejected.
    pub reason: Option<Reason>,
    /// The value of the field. Bytes that are no UTF-8 are replaced by U+FFFD, and `bytes` has the truth.
    pub value: String,
    /// The value in base64, where it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// What was set; null for what was sent, and for what no browser reads.
    pub set: Option<Set>,
    /// What was sent; empty for what was set.
    pub sent: Vec<Pair>,
}

/// Why a browser ignores a cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// As a word.
    pub code: String,
    /// As a sentence.
    pub message: String,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Empty for a cookie without one.
    pub name: String,
    /// As it is written, quotes included.
    pub value: String,
}

/// What a `Set-Cookie` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Set {
    /// The cookie.
    #[serde(flatten)]
    pub pair: Pair,
    /// As it is written, without a leading dot.
    pub domain: Option<String>,
    /// As it is written.
    pub path: Option<String>,
    /// `Expires`, microseconds since the Unix epoch.
    pub expires_us: Option<i64>,
    /// `Max-Age`, seconds.
    pub max_age: Option<i64>,
    /// Whether it is `Secure`.
    pub secure: bool,
    /// Whether it is `HttpOnly`.
    pub http_only: bool,
    /// `strict`, `lax` or `none`; null where nothing is said.
    pub same_site: Option<&'static str>,
    /// Whether it is `Partitioned`.
    pub partitioned: bool,
    /// Attributes without effect, each with why: `Expires is no date`.
    pub ignored: Vec<String>,
}

impl From<&CookieEvent> for Cookie {
    fn from(event: &CookieEvent) -> Self {
        let (value, bytes) = field::text(&event.raw);
        let is_sent = event.outcome == CookieOutcome::Sent;
        let sent = cookie_field::pairs(&event.raw).filter(|_| is_sent);
        Self {
            exchange: event.exchange.to_string(),
            position: event.position,
            at_us: event.at_us,
            host: event.host.clone(),
            outcome: event.outcome,
            reason: event.reason.clone().map(|(code, message)| Reason { code, message }),
            value,
            bytes,
            set: if is_sent { None } else { SetCookie::parse(&event.raw).ok().map(|set| Set::from(&set)) },
            sent: sent.map(|(name, value)| pair(name, value)).collect(),
        }
    }
}

impl From<&SetCookie<'_>> for Set {
    fn from(set: &SetCookie<'_>) -> Self {
        Self {
            pair: pair(set.name, set.value),
            domain: set.domain.map(text),
            path: set.path.map(text),
            expires_us: set.expires.map(|seconds| seconds.saturating_mul(1_000_000)),
            max_age: set.max_age,
            secure: set.secure,
            http_only: set.http_only,
            same_site: set.same_site.word(),
            partitioned: set.partitioned,
            ignored: set.ignored.iter().map(|ignored| format!("{} {}", ignored.attribute, ignored.reason)).collect(),
        }
    }
}

fn pair(name: &[u8], value: &[u8]) -> Pair {
    Pair { name: text(name), value: text(value) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
