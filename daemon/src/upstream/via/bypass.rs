//! Hosts that are reached without a proxy, in the syntax of `NO_PROXY`: `localhost, .example.com, 10.0.0.0/8, a.test:8443`.

use crate::config::Host;
use std::{fmt, net::IpAddr, str::FromStr};

/// Longest list, bytes.
pub const LONGEST: usize = 16 << 10;

/// A list of hosts, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bypass {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    text: String,
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum What {
    /// `*`
    All,
    /// A name and the names below it; with `*.`, those alone.
    Name { name: String, below: bool },
    /// Addresses that have their first bits in common.
    Addresses(IpAddr, u8),
}

impl Bypass {
    /// Whether a host is reached without a proxy.
    pub fn has(&self, host: &str, port: u16) -> bool {
        let Some(host) = (!self.entries.is_empty()).then(|| Host::read(host)).flatten() else { return false };
        self.entries.iter().any(|entry| entry.port.is_none_or(|p| p == port) && entry.what.matches(&host))
    }

    /// As it was written, one entry each.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str())
    }

    /// Reads a list that others wrote: what cannot be understood is left out.
    pub fn lenient(text: &str) -> Self {
        let entries = words(text.get(..LONGEST).unwrap_or(text)).filter_map(|word| Entry::read(word).ok());
        Self { entries: entries.collect() }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

/// Why a text is no list of hosts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{shown}' {why}")]
pub struct BadBypass {
    shown: String,
    why: &'static str,
}

impl BadBypass {
    /// What to write instead.
    pub const HINT: &'static str = "separate by commas: host (and the names below it), *.host for these alone, an address, \
                                    10.0.0.0/8, each perhaps with :port, or * for all";
}

impl FromStr for Bypass {
    type Err = BadBypass;

    fn from_str(text: &str) -> Result<Self, BadBypass> {
        if text.len() > LONGEST {
            return Err(BadBypass { shown: "the list".to_owned(), why: "is longer than 16 KiB" });
        }
        let entries = words(text).map(|word| {
            let shown = || word.chars().take(80).flat_map(char::escape_debug).collect();
            Entry::read(word).map_err(|why| BadBypass { shown: shown(), why })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.entries().collect::<Vec<_>>().join(", "))
    }
}

impl Entry {
    fn read(word: &str) -> Result<Self, &'static str> {
        let entry = |what, port| Ok(Self { text: word.to_owned(), what, port });
        if word == "*" {
            return entry(What::All, None);
        }
        if let Some((address, bits)) = word.split_once('/') {
            let ip: IpAddr = address.trim_matches(['[', ']']).parse().map_err(|_| "is not a range of addresses")?;
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let bits =
                bits.parse().ok().filter(|bits| *bits <= most).ok_or("has a length that its addresses do not have")?;
            return entry(What::Addresses(ip, bits), None);
        }
        let (host, port) = match word.rsplit_once(':') {
            Some((host, port)) if host.ends_with(']') || !host.contains(':') => {
                (host, Some(port.parse().map_err(|_| "has a port that is not a number, 1 to 65535")?))
            }
            _ => (word, None),
        };
        let (name, below) = match host.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (host.strip_prefix('.').unwrap_or(host), false),
        };
        match Host::read(name).ok_or("is not a host")? {
            Host::Name(name) => entry(What::Name { name, below }, port),
            Host::Address(_) if below => Err("has a * before an address"),
            Host::Address(ip) => entry(What::Addresses(ip, if ip.is_ipv4() { 32 } else { 128 }), port),
        }
    }
}

impl What {
    fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Name { name, below }, Host::Name(theirs)) => {
                let front = theirs.strip_suffix(name.as_str());
                front.is_some_and(|front| front.ends_with('.') && front.len() > 1 || front.is_empty() && !below)
            }
            (Self::Addresses(IpAddr::V4(ours), bits), Host::Address(IpAddr::V4(ip))) => {
                let bits = u32::from(*bits);
                (ours.to_bits() ^ ip.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
            }
            (Self::Addresses(IpAddr::V6(ours), bits), Host::Address(IpAddr::V6(ip))) => {
                let bits = u32::from(*bits);
                (ours.to_bits() ^ ip.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_left_out_as_everywhere() {
        for (list, host, port, expected) in [
            ("", "a.test", 80, false),
            ("*", "a.test", 80, true),
            ("a.test", "a.test", 80, true),
            ("A.Test", "a.test.", 80, true),
            ("a.test", "b.a.test", 80, true),
            ("a.test", "ba.test", 80, false),
            (".a.test", "b.a.test", 80, true),
            (".a.test", "a.test", 80, true),
            ("*.a.test", "b.a.test", 80, true),
            ("*.a.test", "a.test", 80, false),
            ("x, y  a.test", "a.test", 80, true),
            ("a.test:81", "a.test", 80, false),
            ("a.test:81", "a.test", 81, true),
            ("127.0.0.1", "127.0.0.1", 80, true),
            ("127.0.0.1", "2130706433", 80, true),
            ("10.0.0.0/8", "10.9.8.7", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("0.0.0.0/0", "11.0.0.1", 80, true),
            ("0.0.0.0/0", "a.test", 80, false),
            ("::1", "[::1]", 80, true),
            ("[::1]:81", "::1", 80, false),
            ("fe80::/10", "fe81::1", 80, true),
            ("fe80::/10", "::1", 80, false),
            ("::/0", "fe81::1", 80, true),
            ("10.0.0.1/32", "10.0.0.1", 80, true),
            ("localhost", "localhost", 80, true),
        ] {
            let read: Bypass = list.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(read.has(host, port), expected, "{list:?} {host}:{port}");
            assert_eq!(read.to_string().parse(), Ok(read), "{list}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_left_out_of_what_others_wrote() {
        for text in ["a..b", "a.test, 10.0.0.0/33", "a:b", "*.10.0.0.1", "x/8", "$(x)"] {
            assert!(text.parse::<Bypass>().is_err(), "{text}");
        }
        assert_eq!(Bypass::lenient("a..b, a.test,10.0.0.0/99").entries().collect::<Vec<_>>(), ["a.test"]);
        assert!("a,".repeat(10_000).parse::<Bypass>().is_err());
    }
}
