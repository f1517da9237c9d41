//! The text a client asked for → the one name its leaf bears.

use std::net::{IpAddr, Ipv6Addr};

use rcgen::SanType;

use crate::error::CaError;

/// Longest DNS name in text form, without the trailing dot (RFC 1035 section 3.1: 255 bytes on the wire).
const MAX_NAME: usize = 253;
/// Longest label of a DNS name (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;
/// Longest text looked at: every IDN that still fits [`MAX_NAME`] once encoded is shorter.
const MAX_TEXT: usize = 4 * MAX_NAME;
/// Longest common name (RFC 5280 appendix A.1, `ub-common-name`).
const MAX_COMMON_NAME: usize = 64;

/// What a leaf is for: one address, or one DNS name in lower-case A-label form without the trailing dot.
///
/// Two spellings of the same host are equal, so they share a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Ip(IpAddr),
    Dns(String),
}

impl Host {
    /// Accepts DNS names (IDN as U-labels or A-labels, any case, with or without trailing dot; underscores, as real hosts
    /// have them), IPv4, and IPv6 with or without brackets and zone (RFC 3986 section 3.2.2, RFC 6874).
    pub(crate) fn parse(text: &str) -> Result<Host, CaError> {
        Self::parse_text(text).map_err(|why| CaError::Host { host: shown(text), why })
    }

    fn parse_text(text: &str) -> Result<Host, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        if text.len() > MAX_TEXT {
            return Err("it is too long");
        }
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or("the closing bracket is missing")?;
            return ipv6(inner).ok_or("there is no IPv6 address between the brackets");
        }
        if text.contains(':') {
            return ipv6(text).ok_or("a colon belongs only into an IPv6 address");
        }
        if text.is_ascii() {
            return ascii(text);
        }
        // The URL standard's deny list; our own check below is stricter, but this one runs before mapping.
        let ascii_form = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::URL)
            .map_err(|_| "it is not a valid internationalised name")?;
        ascii(&ascii_form)
    }

    /// The leaf's only subject alternative name.
    pub(crate) fn subject_alt_name(&self) -> Result<SanType, CaError> {
        Ok(match self {
            Self::Ip(address) => SanType::IpAddress(*address),
            Self::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        })
    }

    /// The name for people who look at the certificate; `None` when it does not fit. Clients go by the SAN.
    pub(crate) fn common_name(&self) -> Option<String> {
        let name = match self {
            Self::Ip(address) => address.to_string(),
            Self::Dns(name) => name.clone(),
        };
        (name.len() <= MAX_COMMON_NAME).then_some(name)
    }
}

/// IPv6 with an optional zone, which is of meaning on one machine only and has no place in a certificate.
fn ipv6(text: &str) -> Option<Host> {
    let address = text.split_once('%').map_or(text, |(address, _zone)| address);
    address.parse::<Ipv6Addr>().ok().map(|address| Host::Ip(address.into()))
}

/// A name or IPv4 address in ASCII.
fn ascii(text: &str) -> Result<Host, &'static str> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(Host::Ip(address));
    }
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.len() > MAX_NAME {
        return Err("it is longer than 253 characters");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err("a part between two dots is empty");
        }
        if label.len() > MAX_LABEL {
            return Err("a part between two dots is longer than 63 characters");
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err("it holds a character that no host name has");
        }
    }
    Ok(Host::Dns(name.to_ascii_lowercase()))
}

/// For messages: no control characters, and not the kilobytes someone may have sent.
fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut escaped: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        escaped.push('…');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> String {
        match Host::parse(text).unwrap_or_else(|error| panic!("{error}")) {
            Host::Dns(name) => name,
            Host::Ip(address) => format!("ip {address}"),
        }
    }

    #[test]
    fn spellings_of_one_host_are_one_host() {
        let table = [
            ("example.com", "example.com"),
            ("EXAMPLE.Com", "example.com"),
            ("example.com.", "example.com"),
            ("localhost", "localhost"),
            ("my_service.internal", "my_service.internal"),
            ("r1---sn-abc.example", "r1---sn-abc.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example.", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("soft\u{ad}hyphen.example", "softhyphen.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("192.0.2.7", "ip 192.0.2.7"),
            ("192.0.2.7.", "ip 192.0.2.7"),
            ("１９２.0.2.7", "ip 192.0.2.7"),
            ("::1", "ip ::1"),
            ("[::1]", "ip ::1"),
            ("[2001:DB8:0:0::1]", "ip 2001:db8::1"),
            ("[::ffff:192.0.2.7]", "ip ::ffff:192.0.2.7"),
            ("[fe80::1%25eth0]", "ip fe80::1"),
            ("fe80::1%eth0", "ip fe80::1"),
            // Not an address to `inet_pton`, so clients compare it as a name.
            ("127.1", "127.1"),
        ];
        for (text, wanted) in table {
            assert_eq!(name(text), wanted, "{text}");
        }
    }

    #[test]
    fn names_up_to_the_limits_are_accepted_and_not_beyond() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        assert_eq!(longest.len(), 253);
        assert_eq!(name(&longest), longest);
        assert_eq!(name(&format!("{longest}.")), longest);
        assert!(Host::parse(&format!("{longest}b")).is_err());
        assert!(Host::parse(&format!("{label}a.example")).is_err());
    }

    #[test]
    fn what_is_no_host_is_refused_with_a_reason() {
        let table = [
            ("", "empty"),
            (".", "empty"),
            ("..", "between two dots is empty"),
            ("a..b", "between two dots is empty"),
            (".example.com", "between two dots is empty"),
            ("example.com..", "between two dots is empty"),
            ("exa mple.com", "character"),
            (" example.com", "character"),
            ("example.com\0", "character"),
            ("example.com\r\nx: y", "colon"),
            ("*", "character"),
            ("*.example.com", "character"),
            ("user@example.com", "character"),
            ("example.com/path", "character"),
            ("example.com:443", "colon"),
            ("[::1", "closing bracket"),
            ("[::1]:443", "closing bracket"),
            ("[example.com]", "between the brackets"),
            ("[]", "between the brackets"),
            ("[192.0.2.7]", "between the brackets"),
            ("1:2:3", "colon"),
            ("\u{ad}", "empty"),
            ("a\u{2e2e}b c", "internationalised"),
        ];
        for (text, reason) in table {
            let Err(CaError::Host { why, .. }) = Host::parse(text) else { panic!("{text:?} was accepted") };
            assert!(why.contains(reason), "{text:?}: {why}");
        }
        let long = Host::parse(&"é".repeat(MAX_TEXT)).unwrap_err().to_string();
        assert!(long.ends_with("it is too long"), "{long}");
    }

    #[test]
    fn the_message_shows_no_control_characters_and_stays_short() {
        let error = Host::parse(&format!("a\0\x1b[31m{}", "x".repeat(5000))).unwrap_err().to_string();
        assert!(!error.contains(['\0', '\x1b']), "{error:?}");
        assert!(error.len() < 250, "{error}");
    }

    #[test]
    fn a_common_name_is_left_out_when_it_does_not_fit() {
        let label = "a".repeat(60);
        assert_eq!(Host::parse(&format!("{label}.com")).unwrap().common_name().unwrap().len(), 64);
        assert_eq!(Host::parse(&format!("{label}.coms")).unwrap().common_name(), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_is_a_fixed_point(text in prop_oneof![any::<String>(), "[a-zA-Z0-9._\\[\\]:%*ß-]{0,80}"]) {
            if let Ok(host) = Host::parse(&text) {
                prop_assert!(host.subject_alt_name().is_ok());
                let again = match &host { Host::Dns(name) => name.clone(), Host::Ip(address) => address.to_string() };
                prop_assert_eq!(Host::parse(&again).unwrap(), host);
            }
        }
    }
}
