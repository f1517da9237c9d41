//! A proxy, as people write it: `http://user:password@proxy.test:3128`, `socks5h://[::1]:1080`.

use crate::config::Host;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::{fmt, str::FromStr};

/// Longest text, bytes.
pub const LONGEST: usize = 2048;
/// Longest user name, and longest password, bytes (RFC 1929, 2).
const WORD: usize = 255;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP: requests for `http://` in absolute form, CONNECT for everything else (RFC 9110, 9.3.6).
    Http,
    /// SOCKS 4: addresses of IPv4 only.
    Socks4,
    /// SOCKS 4A: the proxy resolves names.
    Socks4a,
    /// SOCKS 5 (RFC 1928), names resolved here.
    Socks5,
    /// SOCKS 5, the proxy resolves names.
    Socks5h,
}

impl Protocol {
    /// The scheme of its URLs.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Socks4 => "socks4",
            Self::Socks4a => "socks4a",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// Whether names are resolved on this machine.
    pub fn resolves_here(self) -> bool {
        matches!(self, Self::Socks4 | Self::Socks5)
    }
}

/// Who one is to a proxy.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// Not to be shown.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A proxy. Shown without credentials.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UpstreamProxy {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who we are to it.
    pub credentials: Option<Credentials>,
}

impl UpstreamProxy {
    /// As a URL with everything in it, to be kept where nobody else reads.
    pub(crate) fn to_secret_url(&self) -> String {
        let word = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let user = self.credentials.as_ref().map(|c| format!("{}:{}@", word(&c.username), word(&c.password)));
        format!("{}://{}{}", self.protocol.scheme(), user.unwrap_or_default(), self.authority())
    }

    /// `host:port`, with brackets around IPv6 addresses.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The same by other credentials.
    ///
    /// # Errors
    /// [`BadProxy`] where they are too long, or have a colon in the name (RFC 7617, 2).
    pub fn with_credentials(mut self, username: String, password: String) -> Result<Self, BadProxy> {
        let bad = |why| Err(BadProxy { shown: self.to_string(), why });
        if username.len() > WORD || password.len() > WORD {
            return bad("has a user name or password of more than 255 bytes");
        }
        if username.contains(':') || [&username, &password].iter().any(|w| w.contains(char::is_control)) {
            return bad("has a user name or password with characters that cannot be sent");
        }
        if matches!(self.protocol, Protocol::Socks4 | Protocol::Socks4a) && !password.is_empty() {
            return bad("has a password, and SOCKS 4 knows user names only");
        }
        self.credentials = (!username.is_empty() || !password.is_empty()).then_some(Credentials { username, password });
        Ok(self)
    }

    /// The value of `Proxy-Authorization`, if there are credentials (RFC 7617).
    pub(in crate::upstream) fn authorization(&self) -> Option<HeaderValue> {
        let Credentials { username, password } = self.credentials.as_ref()?;
        let value = format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")));
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Without credentials.
impl fmt::Display for UpstreamProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.protocol.scheme(), self.authority())
    }
}

/// Why a text is no proxy. Does not quote credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{shown}' {why}")]
pub struct BadProxy {
    shown: String,
    why: &'static str,
}

impl BadProxy {
    /// What to write instead.
    pub const HINT: &'static str = "write http://, socks4://, socks4a://, socks5:// or socks5h://, then host:port; user:password@ may stand before the host";
}

impl FromStr for UpstreamProxy {
    type Err = BadProxy;

    fn from_str(text: &str) -> Result<Self, BadProxy> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let shown: String = format!("{scheme}://{place}").chars().take(80).flat_map(char::escape_debug).collect();
        let bad = |why| BadProxy { shown: shown.clone(), why };
        if text.len() > LONGEST {
            return Err(bad("is too long"));
        }
        let protocol = match scheme.to_ascii_lowercase().as_str() {
            "http" => Protocol::Http,
            "socks4" => Protocol::Socks4,
            "socks4a" => Protocol::Socks4a,
            "socks5" => Protocol::Socks5,
            "socks5h" => Protocol::Socks5h,
            "https" => return Err(bad("is a proxy over TLS, to which Waylay does not speak yet")),
            "socks" => return Err(bad("does not say which SOCKS is meant")),
            _ => return Err(bad("has a scheme that is none of proxies")),
        };
        let usual = if protocol == Protocol::Http { 80 } else { 1080 };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if host.ends_with(']') || !host.contains(':') => {
                let number = port.parse().ok().filter(|n| *n > 0 && port.bytes().all(|b| b.is_ascii_digit()));
                (host, number.ok_or_else(|| bad("has a port that is not a number, 1 to 65535"))?)
            }
            _ => (place, usual),
        };
        let host = match Host::read(host).ok_or_else(|| bad("names no host"))? {
            Host::Name(name) => name,
            Host::Address(ip) => ip.to_string(),
        };
        let proxy = Self { protocol, host, port, credentials: None };
        let Some(user) = user else { return Ok(proxy) };
        let (username, password) = user.split_once(':').unwrap_or((user, ""));
        let word = |text: &str| percent_decode_str(text).decode_utf8().map(|word| word.into_owned());
        match (word(username), word(password)) {
            (Ok(username), Ok(password)) => proxy.with_credentials(username, password),
            _ => Err(bad("has a user name or password that is no UTF-8")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_written_in_many_ways() {
        for (text, shown, user) in [
            ("http://proxy.test:3128", "http://proxy.test:3128", None),
            ("proxy.test:3128", "http://proxy.test:3128", None),
            ("HTTP://Proxy.Test", "http://proxy.test:80", None),
            ("socks5://127.0.0.1", "socks5://127.0.0.1:1080", None),
            ("socks5h://[::1]:9/", "socks5h://[::1]:9", None),
            ("socks4a://bob@a.test:1", "socks4a://a.test:1", Some(("bob", ""))),
            ("http://a%40b:p%3Aw%2F@a.test:1", "http://a.test:1", Some(("a@b", "p:w/"))),
            ("http://u:p@w@a.test:1", "http://a.test:1", Some(("u", "p@w"))),
        ] {
            let proxy: UpstreamProxy = text.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(proxy.to_string(), shown);
            let found = proxy.credentials.as_ref().map(|c| (c.username.as_str(), c.password.as_str()));
            assert_eq!(found, user, "{text}");
            assert_eq!(proxy.to_secret_url().parse(), Ok(proxy), "{text} reads back as itself");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_a_word_of_the_secret() {
        for (text, word) in [
            ("", "names no host"),
            ("https://u:s3cret@a.test:1", "over TLS"),
            ("socks://u:s3cret@a.test", "which SOCKS"),
            ("ftp://u:s3cret@a.test", "none of proxies"),
            ("http://u:s3cret@a.test:0", "port"),
            ("http://u:s3cret@a.test:x", "port"),
            ("http://u:s3cret@a b", "names no host"),
            ("socks4://u:s3cret@a.test", "user names only"),
            ("http://u%00:s3cret@a.test", "cannot be sent"),
            ("http://u:s3cret%ff@a.test", "UTF-8"),
        ] {
            let error = text.parse::<UpstreamProxy>().expect_err(text).to_string();
            assert!(error.contains(word) && !error.contains("s3cret"), "{text}: {error}");
        }
        let proxy: UpstreamProxy = "http://u:s3cret@a.test:1".parse().unwrap();
        assert!(!format!("{proxy:?} {proxy}").contains("s3cret"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "(http|socks5h)?(://)?[a-z%0-9:@\\[\\]./]{0,40}") {
            if let Ok(proxy) = text.parse::<UpstreamProxy>() {
                proptest::prop_assert_eq!(proxy.to_secret_url().parse(), Ok(proxy));
            }
        }
    }
}
