//! Whose cookies are meant: `example.com` with all below it, or `https://example.com` alone.

use super::site;
use std::fmt;
use url::Url;

/// Longest text that is read, bytes.
const LONGEST: usize = 2048;

/// A host, or a domain with the hosts below it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// In lower case and Punycode; IPv6 addresses in brackets.
    pub host: String,
    /// Whether the hosts below it are meant too.
    pub subdomains: bool,
}

/// Why a text names no hosts whose cookies could be meant: a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It is too long.
    #[error("The domain has {0} bytes; {LONGEST} are allowed.")]
    TooLong(usize),
    /// It is none.
    #[error("This is no domain: {0}.")]
    NoHost(String),
    /// It names a user.
    #[error("This names a user as well as a host; leave out what stands before the @.")]
    User,
    /// Of another scheme.
    #[error("Cookies go with http and https only, not with {0}.")]
    Scheme(String),
    /// Everybody may register names below it.
    #[error(
        "{0} is a public suffix: everybody may have a site below it, and those have nothing to do with each other."
    )]
    PublicSuffix(String),
}

impl Scope {
    /// Reads `example.com`, which includes what is below it, or `https://example.com`, that host alone. Port, path and case do
    /// not matter. An address, `localhost` and a name of one label that is not public have nothing below them.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(text: &str) -> Result<Self, BadScope> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(BadScope::TooLong(text.len()));
        }
        let none = || BadScope::NoHost(text.chars().take(80).flat_map(char::escape_debug).collect());
        let (alone, url) = match text.split_once("://") {
            Some((scheme, _)) if !["http", "https", "ws", "wss"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) => {
                return Err(BadScope::Scheme(scheme.chars().take(20).flat_map(char::escape_debug).collect()));
            }
            Some((_, rest)) => (true, format!("https://{rest}")),
            None => {
                let bare = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
                let host =
                    if bare.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{bare}]") } else { bare.to_owned() };
                (false, format!("https://{host}"))
            }
        };
        let url = Url::parse(&url).map_err(|_| none())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadScope::User);
        }
        let host = url.host_str().map(|host| host.strip_suffix('.').unwrap_or(host));
        let host = host.filter(|host| !host.split('.').any(str::is_empty)).ok_or_else(none)?.to_owned();
        if site::is_known_suffix(&host) {
            return Err(BadScope::PublicSuffix(host));
        }
        let subdomains = !alone && host.contains('.') && !site::is_address(&host);
        Ok(Self { host, subdomains })
    }

    /// Whether a host is meant. In lower case and Punycode; IPv6 addresses with or without brackets.
    pub fn includes(&self, host: &str) -> bool {
        let (host, own) = (bare(host), bare(&self.host));
        host == own || self.subdomains && site::domain_matches(host, own)
    }
}

fn bare(host: &str) -> &str {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What can have nothing below it needs no sign of that.
        let alone = self.subdomains || !self.host.contains('.') || site::is_address(&self.host);
        let scheme = if alone { "" } else { "https://" };
        write!(f, "{scheme}{}", self.host)
    }
}
