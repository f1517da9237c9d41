//! One cookie, as it lies in a jar.

use super::site;

/// A cookie and where it belongs (RFC 6265bis, section 5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name, byte for byte. Empty for a cookie without one.
    pub name: Vec<u8>,
    /// Its value, byte for byte; quotes are part of it.
    pub value: Vec<u8>,
    /// The host it belongs to, in lower case and Punycode, without a leading dot; IPv6 addresses in brackets.
    pub domain: String,
    /// Whether it goes to that very host only, and not to those below it.
    pub host_only: bool,
    /// It goes to this path and what lies below it. Begins with `/`.
    pub path: String,
    /// Whether it is sent over safe connections only.
    pub secure: bool,
    /// Whether it is hidden from scripts.
    pub http_only: bool,
    /// What it is sent with.
    pub same_site: SameSite,
    /// The site of the page it is kept for (`https://example.com`), if it is partitioned.
    pub partition: Option<String>,
    /// When it ends, microseconds since 1970. Without, it ends with the session.
    pub expires_us: Option<i64>,
    /// When a cookie of this name first was set here, microseconds since 1970. A new value does not change it.
    pub created_us: i64,
    /// Whether it was only ever seen in a `Cookie` field, so that its scope is a guess.
    pub guessed: bool,
}

impl Cookie {
    /// Whether its time is over.
    pub fn expired(&self, now_us: i64) -> bool {
        self.expires_us.is_some_and(|expires| expires <= now_us)
    }

    /// Whether the other one takes its place: a jar has one cookie for name, domain, path, and partition. One for a host only
    /// and one for its subdomains too are two.
    pub fn same_place(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
            && self.partition == other.partition
    }

    /// Whether it belongs to this host, or to one above it whose cookies reach down.
    pub fn reaches(&self, host: &str) -> bool {
        if self.host_only { self.domain == host } else { site::domain_matches(host, &self.domain) }
    }

    /// Bytes of its name and value.
    pub fn size(&self) -> usize {
        self.name.len() + self.value.len()
    }

    /// As it stands in a `Cookie` field: `name=value`, or the value alone without a name.
    pub(super) fn write(&self, field: &mut Vec<u8>) {
        if !self.name.is_empty() {
            field.extend_from_slice(&self.name);
            field.push(b'=');
        }
        field.extend_from_slice(&self.value);
    }
}

/// What requests a cookie is sent with (RFC 6265bis, section 5.6.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// It was not said, or not in a way that is known: as `Lax`.
    #[default]
    Unset,
    /// Those of any site. The cookie has to be `Secure` too.
    None,
    /// Those of its own site, and others that go there as a page by a safe method.
    Lax,
    /// Those of its own site.
    Strict,
}

impl SameSite {
    /// As a word, for programs; `None` where nothing was said.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Unset => None,
            Self::None => Some("none"),
            Self::Lax => Some("lax"),
            Self::Strict => Some("strict"),
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::None, Self::Lax, Self::Strict].into_iter().find(|known| known.word() == Some(word))
    }
}
