//! Our own names, and the hosts we answer to.

use std::net::IpAddr;

/// The name that exists in the proxy alone. ICANN keeps `.internal` out of the public DNS.
pub const OWN_HOST: &str = "waylay.internal";

/// Whether a host, without port, is [`OWN_HOST`] or below it; in any case, with a trailing dot or without.
pub fn is_own_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(start) = host.len().checked_sub(OWN_HOST.len()) else { return false };
    let (front, end) = host.as_bytes().split_at(start);
    end.eq_ignore_ascii_case(OWN_HOST.as_bytes()) && (front.is_empty() || front.ends_with(b"."))
}

/// Whether the page may be shown to somebody who has opened the proxy's address as this host, without port: an IP address
/// or `localhost`. Any other name may be one that a hostile page has bound to this address to read what is here.
pub(super) fn is_safe(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    inner.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost") || is_own_host(host)
}

/// The host of `host[:port]`.
pub(super) fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_names_are_known_in_every_spelling() {
        for own in ["waylay.internal", "WAYLAY.Internal", "waylay.internal.", "test-1f.waylay.internal"] {
            assert!(is_own_host(own), "{own}");
        }
        for other in ["", ".", "internal", "notwaylay.internal", "waylay.internal.example", "waylay.internal..", "é"] {
            assert!(!is_own_host(other), "{other}");
        }
    }

    #[test]
    fn a_name_that_can_be_rebound_is_not_safe() {
        for safe in ["127.0.0.1", "192.168.1.5", "[::1]", "localhost", "LOCALHOST", "waylay.internal"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in ["", "evil.test", "127.0.0.1.evil.test", "laptop.local", "[::1", "localhost.evil.test"] {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
        for (authority, host) in [("a:1", "a"), ("a", "a"), ("[::1]:5", "[::1]"), ("[::1]", "[::1]"), (":1", ":1")] {
            assert_eq!(without_port(authority), host);
        }
    }
}
