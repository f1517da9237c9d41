//! Origins of web pages, as browsers tell them: `https://client.example`, `http://localhost:3000`.

use super::Host;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use url::{Origin, Url};

/// Longest origin, bytes: the longest host, a scheme and a port.
const LONGEST: usize = 300;

/// The origin of a page by HTTP or HTTPS, as the field `Origin` has it (RFC 6454, 6.2): lower case, names as DNS has them,
/// without the port that the scheme implies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebOrigin(String);

impl WebOrigin {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nobody on the way can put on a page of this origin: it came by TLS, or from this machine.
    pub fn is_trustworthy(&self) -> bool {
        let Ok(url) = self.0.parse::<Url>() else { return false };
        url.scheme() == "https"
            || match url.host() {
                Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                // RFC 6761, 6.3.
                Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                None => false,
            }
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<WebOrigin> for String {
    fn from(origin: WebOrigin) -> Self {
        origin.0
    }
}

/// Why a text is no origin of a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{shown}' is not the origin of a web page: {why}")]
pub struct BadOrigin {
    shown: String,
    why: &'static str,
}

impl BadOrigin {
    /// What to write instead.
    pub const HINT: &'static str = "write scheme, host and port as they stand in the browser's address bar: https://client.example, http://localhost:3000";
}

impl FromStr for WebOrigin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let text = text.trim();
        let bad = |why| {
            let shown = text.chars().take(80).flat_map(char::escape_debug).collect();
            Err(BadOrigin { shown, why })
        };
        if text.len() > LONGEST {
            return bad("it is too long");
        }
        if !text.contains("://") {
            return bad("it has no scheme");
        }
        let Ok(url) = text.parse::<Url>() else { return bad("it is no URL") };
        if !matches!(url.scheme(), "http" | "https") {
            return bad("only pages by http and https can be paired");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return bad("it has a user name");
        }
        if url.host_str().and_then(Host::read).is_none() {
            return bad("it names no host");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return bad("an origin ends behind the host or its port, without a path");
        }
        match url.origin() {
            origin @ Origin::Tuple(..) => Ok(Self(origin.ascii_serialization())),
            Origin::Opaque(_) => bad("it is opaque"),
        }
    }
}

impl TryFrom<String> for WebOrigin {
    type Error = BadOrigin;

    fn try_from(text: String) -> Result<Self, BadOrigin> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_told_as_browsers_tell_them() {
        for (text, origin) in [
            ("https://client.example", Some("https://client.example")),
            (" HTTPS://Client.Example:443/ ", Some("https://client.example")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://[::1]:80", Some("http://[::1]")),
            ("https://bücher.example", Some("https://xn--bcher-kva.example")),
            ("http://127.1", Some("http://127.0.0.1")),
            ("client.example", None),
            ("null", None),
            ("", None),
            ("*", None),
            ("https://", None),
            ("file:///tmp/a.html", None),
            ("data://x", None),
            ("chrome-extension://abc", None),
            ("https://client.example/app", None),
            ("https://client.example/?q", None),
            ("https://client.example/#a", None),
            ("https://me@client.example", None),
            ("https://*.example", None),
        ] {
            assert_eq!(text.parse::<WebOrigin>().ok().as_ref().map(WebOrigin::as_str), origin, "{text:?}");
        }
        assert!(format!("https://{}.example", "a".repeat(300)).parse::<WebOrigin>().is_err());
    }

    #[test]
    fn what_comes_in_the_clear_from_elsewhere_is_not_trustworthy() {
        for (text, trustworthy) in [
            ("https://client.example", true),
            ("http://localhost:3000", true),
            ("http://app.localhost", true),
            ("http://127.0.0.2:1", true),
            ("http://[::1]:1", true),
            ("http://client.example", false),
            ("http://127.example.test", false),
            ("http://[::2]:1", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(text.parse::<WebOrigin>().unwrap().is_trustworthy(), trustworthy, "{text}");
        }
    }
}
