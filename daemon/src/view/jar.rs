//! Jars of cookies as people and programs see them: values are masked unless they are asked for.

use super::field;
use serde::{Deserialize, Serialize};
use waylay_storage::model::{CookieChange, CookieSource, CookieValue, KeptCookie, StoredCookie};

/// What a cookie says, its value masked or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Empty for a cookie without one. Bytes that are no UTF-8 are replaced by U+FFFD.
    pub name: String,
    /// Null where it is masked. Bytes that are no UTF-8 are replaced by U+FFFD, and `bytes` has the truth.
    pub value: Option<String>,
    /// The value in base64, where it is told and no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// How long the value is, bytes.
    pub value_length: usize,
    /// In lower case and Punycode, without a leading dot.
    pub domain: String,
    /// Whether it goes to that very host only.
    pub host_only: bool,
    /// It goes to this path and what lies below it.
    pub path: String,
    /// Whether it is sent over safe connections only.
    pub secure: bool,
    /// Whether it is hidden from scripts.
    pub http_only: bool,
    /// `strict`, `lax` or `none`; null where nothing was said.
    pub same_site: Option<String>,
    /// The site of the page it is kept for.
    pub partition: Option<String>,
    /// When it ends, microseconds since the Unix epoch; null: with the session.
    pub expires_us: Option<i64>,
    /// Whether its scope is a guess: it was seen in a field `Cookie` only.
    pub guessed: bool,
    /// Bytes of its name and value.
    pub size: usize,
}

/// A cookie in a jar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JarCookie {
    /// Its number.
    pub id: i64,
    /// It.
    #[serde(flatten)]
    pub cookie: Attributes,
    /// When a cookie first came to its place, microseconds since the Unix epoch.
    pub created_us: i64,
    /// When it was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// Where it came from.
    pub source: CookieSource,
    /// The exchange that set it, `7.42`, while that is there.
    pub exchange: Option<String>,
}

/// A value that a cookie has had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCookie {
    /// Its number.
    pub id: i64,
    /// When it came, microseconds since the Unix epoch.
    pub at_us: i64,
    /// What happened.
    pub what: CookieChange,
    /// The cookie from then on; where it was taken away, as it was in its place.
    #[serde(flatten)]
    pub cookie: Attributes,
    /// The exchange that set it, `7.42`, while that is there.
    pub exchange: Option<String>,
}

impl Attributes {
    /// With its value, or without.
    pub fn new(kept: KeptCookie, reveal: bool) -> Self {
        let (name, _) = field::text(&kept.name);
        let (value, bytes) = field::text(&kept.value);
        Self {
            name,
            value: reveal.then_some(value),
            bytes: bytes.filter(|_| reveal),
            value_length: kept.value.len(),
            size: kept.name.len() + kept.value.len(),
            domain: kept.domain,
            host_only: kept.host_only,
            path: kept.path,
            secure: kept.secure,
            http_only: kept.http_only,
            same_site: kept.same_site,
            partition: kept.partition,
            expires_us: kept.expires_us,
            guessed: kept.guessed,
        }
    }
}

impl JarCookie {
    /// With its value, or without.
    pub fn new(stored: StoredCookie, reveal: bool) -> Self {
        let StoredCookie { id, jar: _, cookie, created_us, changed_us, source, exchange } = stored;
        let exchange = exchange.map(|id| id.to_string());
        Self { id, cookie: Attributes::new(cookie, reveal), created_us, changed_us, source, exchange }
    }
}

impl PastCookie {
    /// With its value, or without.
    pub fn new(past: CookieValue, reveal: bool) -> Self {
        let CookieValue { id, at_us, what, cookie, exchange } = past;
        Self { id, at_us, what, cookie: Attributes::new(cookie, reveal), exchange: exchange.map(|id| id.to_string()) }
    }
}
