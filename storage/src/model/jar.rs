//! Jars of cookies: what is sent along, where it came from, and what it was before.

use super::ExchangeId;
use serde::{Deserialize, Serialize};

words! {
    /// Where a cookie came from.
    CookieSource {
        /// An answer to a request that was sent from here.
        Response = "response",
        /// A field `Cookie` that passed: what it is besides its value is a guess.
        Request = "request",
        /// Somebody made it, or has changed it.
        User = "user",
        /// A file.
        Import = "import",
        /// An answer that passed through the proxy.
        Sync = "sync",
    }
}

words! {
    /// What happened to a cookie.
    CookieChange {
        /// It came.
        Stored = "stored",
        /// It came in the place of one that was there.
        Replaced = "replaced",
        /// It was over when it came, which took it away.
        Deleted = "deleted",
        /// It went for want of room, or because it was only guessed and the real one came.
        Evicted = "evicted",
        /// Somebody made or changed it.
        Edited = "edited",
        /// It came from a file.
        Imported = "imported",
        /// It was seen in a field `Cookie`.
        Guessed = "guessed",
        /// An earlier value was brought back.
        Restored = "restored",
    }
}

impl CookieChange {
    /// Whether it is not there any more after it.
    pub fn takes_away(self) -> bool {
        matches!(self, Self::Deleted | Self::Evicted)
    }
}

/// A jar of cookies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JarRow {
    /// Its number, never reused.
    pub id: i64,
    /// Its name, unique only by habit.
    pub name: String,
    /// Whether requests are sent with it that name none; one is.
    pub default: bool,
    /// How many cookies it has.
    pub cookies: i64,
    /// Of how many domains, those that were added without cookies included.
    pub domains: i64,
}

/// A domain of a jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JarDomain {
    /// In lower case and Punycode, without a leading dot.
    pub domain: String,
    /// How many cookies belong to it; those of domains above and below are not counted.
    pub cookies: i64,
}

/// A cookie as a jar keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCookie {
    /// Its name, byte for byte; empty for one without a name.
    pub name: Vec<u8>,
    /// Its value, byte for byte.
    pub value: Vec<u8>,
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
    /// `strict`, `lax` or `none`; `None` where nothing was said.
    pub same_site: Option<String>,
    /// The site of the page it is kept for.
    pub partition: Option<String>,
    /// When it ends, microseconds since the Unix epoch.
    pub expires_us: Option<i64>,
    /// Whether its scope is a guess.
    pub guessed: bool,
}

/// A cookie that goes into a jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCookie {
    /// It.
    pub cookie: KeptCookie,
    /// When a cookie first came to its place, microseconds since the Unix epoch.
    pub created_us: i64,
}

/// A cookie in a jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCookie {
    /// Its number, never reused. A new value does not change it.
    pub id: i64,
    /// The jar it is in.
    pub jar: i64,
    /// It.
    pub cookie: KeptCookie,
    /// When a cookie first came to its place, microseconds since the Unix epoch.
    pub created_us: i64,
    /// When it was changed last, microseconds since the Unix epoch.
    pub changed_us: i64,
    /// Where it came from.
    pub source: CookieSource,
    /// The exchange that set it, while that is there.
    pub exchange: Option<ExchangeId>,
}

/// A value that a cookie has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieValue {
    /// Its number, ascending.
    pub id: i64,
    /// When it came, microseconds since the Unix epoch.
    pub at_us: i64,
    /// What happened.
    pub what: CookieChange,
    /// The cookie from then on; without a value where it was taken away.
    pub cookie: KeptCookie,
    /// The exchange that set it, while that is there.
    pub exchange: Option<ExchangeId>,
}

/// A domain whose cookies are taken over from what passes through the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncDomain {
    /// Its number, never reused.
    pub id: i64,
    /// In lower case and Punycode.
    pub host: String,
    /// Whether the hosts below it count too.
    pub subdomains: bool,
    /// When it was added, microseconds since the Unix epoch.
    pub added_us: i64,
    /// When the last cookie came, microseconds since the Unix epoch.
    pub last_us: Option<i64>,
    /// How many have come.
    pub cookies: i64,
}
