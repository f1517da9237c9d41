//! Patterns of hosts: `bank.test`, `*.bank.test`, `bank.test:8443`, `192.0.2.7`, `[2001:db8::1]:443`.

use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// Longest name in text form (RFC 1035, 3.1: 255 bytes on the wire).
const LONGEST: usize = 253;

/// A host as people and clients write it, in the one form that is compared: names in lower case, internationalised ones
/// as DNS has them, without a trailing dot; addresses as addresses, IPv4 also where it is written as a part of IPv6.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl Host {
    /// `None` for what is no host. Letters, digits, `-`, `_` and `.` only, so that a host can stand in a command.
    pub fn read(text: &str) -> Option<Self> {
        let address = |ip: IpAddr| Some(Self::Address(ip.to_canonical()));
        if let Some(inner) = text.strip_prefix('[') {
            return address(IpAddr::V6(inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?));
        }
        if let Ok(ip) = text.parse() {
            return address(ip);
        }
        match url::Host::parse(text).ok()? {
            url::Host::Ipv4(ip) => address(ip.into()),
            url::Host::Ipv6(ip) => address(ip.into()),
            url::Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(&name);
                let fits = !name.is_empty() && name.len() <= LONGEST && name.split('.').all(|label| !label.is_empty());
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
                (fits && name.bytes().all(plain)).then(|| Self::Name(name.to_owned()))
            }
        }
    }
}

/// IPv6 addresses in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Address(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// A host, or all names below it, at one port or at any.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    host: Host,
    /// `*.`: the names below `host` at any depth, and not `host` itself.
    below: bool,
    /// Any port without one.
    port: Option<u16>,
}

impl HostPattern {
    /// The pattern of one host at one port; `None` for what is no host.
    pub fn exact(host: &str, port: u16) -> Option<Self> {
        Some(Self { host: Host::read(host)?, below: false, port: Some(port) })
    }

    /// The same at `port`, where it has none of its own.
    pub fn or_port(self, port: u16) -> Self {
        Self { port: self.port.or(Some(port)), ..self }
    }

    /// Whether a connection to `host` and `port` is meant.
    pub fn matches(&self, host: &Host, port: u16) -> bool {
        if self.port.is_some_and(|p| p != port) {
            return false;
        }
        match (self.below, &self.host, host) {
            (true, Host::Name(parent), Host::Name(name)) => {
                name.strip_suffix(parent.as_str()).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
            }
            (below, ours, theirs) => !below && ours == theirs,
        }
    }
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' {why}")]
pub struct BadPattern {
    text: String,
    why: &'static str,
}

impl BadPattern {
    /// What to write instead.
    pub const HINT: &'static str =
        "write host, *.host for the names below it, or an IP address; each may be followed by :port";
    /// Of the text that is quoted.
    const SHOWN: usize = 80;

    /// What is wrong with it, to follow the text.
    pub fn why(&self) -> &'static str {
        self.why
    }

    fn new(text: &str, why: &'static str) -> Self {
        let mut shown: String = text.chars().take(Self::SHOWN).flat_map(char::escape_debug).collect();
        if text.chars().nth(Self::SHOWN).is_some() {
            shown.push('…');
        }
        Self { text: shown, why }
    }
}

impl FromStr for HostPattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let refused = |why| BadPattern::new(text, why);
        let (name, port) = split_port(text).ok_or_else(|| refused("has a port that is not a number, 1 to 65535"))?;
        let (name, below) = name.strip_prefix("*.").map_or((name, false), |parent| (parent, true));
        let host = Host::read(name).ok_or_else(|| {
            refused(match name {
                "" => "names no host",
                _ if name.contains('/') => "is not a host: leave out the scheme and the path",
                _ if name.contains('*') => {
                    "has a * in the middle: it can only stand for whole names in front, as in *.host"
                }
                _ => "is not a host",
            })
        })?;
        if below && matches!(host, Host::Address(_)) {
            return Err(refused("has a * before an address, and there are no names below addresses"));
        }
        Ok(Self { host, below, port })
    }
}

/// What stands before the port, and the port if there is one; `None` if it is no port.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    // Without brackets, several colons are an IPv6 address.
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, port),
        _ => return Some((text, None)),
    };
    if port.starts_with('/') {
        return Some((text, None));
    }
    let digits = port.bytes().all(|b| b.is_ascii_digit());
    port.parse().ok().filter(|n| digits && *n > 0).map(|n| (host, Some(n)))
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let front = if self.below { "*." } else { "" };
        write!(f, "{front}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl TryFrom<String> for HostPattern {
    type Error = BadPattern;

    fn try_from(text: String) -> Result<Self, BadPattern> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str, port: u16) -> bool {
        let pattern: HostPattern = pattern.parse().unwrap_or_else(|e| panic!("{e}"));
        Host::read(host).is_some_and(|host| pattern.matches(&host, port))
    }

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, host, port, expected) in [
            ("bank.test", "bank.test", 443, true),
            ("bank.test", "BANK.test.", 8443, true),
            ("Bank.Test.", "bank.test", 443, true),
            ("bank.test", "www.bank.test", 443, false),
            ("bank.test", "notbank.test", 443, false),
            ("bank.test:443", "bank.test", 443, true),
            ("bank.test:443", "bank.test", 444, false),
            ("*.bank.test", "www.bank.test", 443, true),
            ("*.bank.test", "a.b.bank.test", 443, true),
            ("*.bank.test", "bank.test", 443, false),
            ("*.bank.test", "notbank.test", 443, false),
            ("*.bank.test:8443", "www.bank.test", 8443, true),
            ("*.bank.test:8443", "www.bank.test", 443, false),
            ("bücher.example", "xn--bcher-kva.example", 443, true),
            ("xn--bcher-kva.example", "BÜCHER.example", 443, true),
            ("*.bücher.example", "www.xn--bcher-kva.example", 443, true),
            ("my_service.internal", "my_service.internal", 443, true),
            ("127.0.0.1", "127.0.0.1", 1, true),
            ("127.0.0.1", "127.1", 1, true),
            ("127.0.0.1", "2130706433", 1, true),
            ("127.0.0.1", "::ffff:127.0.0.1", 1, true),
            ("127.0.0.1:80", "127.0.0.1", 81, false),
            ("::1", "::1", 443, true),
            ("[::1]:443", "[0:0::1]", 443, true),
            ("[::1]:443", "::1", 80, false),
            ("2001:db8::1", "2001:DB8::0:1", 443, true),
            ("2001:db8::1", "2001:db8::2", 443, false),
        ] {
            assert_eq!(matches(pattern, host, port), expected, "{pattern} {host}:{port}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_a_reason() {
        for (text, word) in [
            ("", "no host"),
            (":443", "no host"),
            ("*", "* in the middle"),
            ("*.", "no host"),
            ("*.*.test", "* in the middle"),
            ("a*.test", "* in the middle"),
            ("*a.test", "* in the middle"),
            ("*.10.0.0.1", "addresses"),
            ("*.[::1]", "addresses"),
            ("https://bank.test", "leave out the scheme"),
            ("bank.test/path", "leave out the scheme"),
            ("bank.test:", "port"),
            ("bank.test:0", "port"),
            ("bank.test:65536", "port"),
            ("bank.test:+1", "port"),
            ("bank test", "not a host"),
            ("a..test", "not a host"),
            ("a;b", "not a host"),
            ("$(x).test", "not a host"),
            ("[::1", "not a host"),
            ("bank.test\n", "not a host"),
        ] {
            let error = text.parse::<HostPattern>().expect_err(text).to_string();
            assert!(error.contains(word), "{text:?}: {error}");
        }
        let long = format!("{}.{}", vec!["a".repeat(63); 3].join("."), "b".repeat(62));
        assert!(long.parse::<HostPattern>().is_err());
        assert!(long[..253].parse::<HostPattern>().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back_as_itself(text in proptest::prop_oneof![
            proptest::prelude::any::<String>(),
            "(\\*\\.)?[a-zA-Z0-9._\\[\\]:*ß-]{0,60}(:[0-9]{1,6})?",
        ]) {
            let _ = Host::read(&text);
            if let Ok(pattern) = text.parse::<HostPattern>() {
                let again: Result<HostPattern, _> = pattern.to_string().parse();
                proptest::prop_assert_eq!(again, Ok(pattern));
            }
        }
    }
}
