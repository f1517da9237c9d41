//! Our own addresses are never dialled: the proxy must not be a way to the control API, nor to itself.
//!
//! The check is made on the resolved address of every connection we open, so spelling does not matter: names, decimal
//! forms, IPv4-mapped addresses and redirects all end here.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::{OnceLock, PoisonError, RwLock},
};

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// It is the control API.
    Api,
    /// It is a proxy port: the request would come back to us.
    Proxy,
}

/// The addresses we listen on.
#[derive(Debug, Default)]
pub struct Guard {
    listening: RwLock<Vec<(SocketAddr, Own)>>,
    mark: OnceLock<String>,
}

impl Guard {
    /// Adds addresses of the control API.
    pub fn protect_api(&self, addresses: &[SocketAddr]) {
        self.add(addresses, Own::Api);
    }

    /// Adds addresses of proxy ports.
    pub fn protect_proxy(&self, addresses: &[SocketAddr]) {
        self.add(addresses, Own::Proxy);
    }

    /// What we write into `Via` on the way to another proxy (RFC 9110, 7.6.3), to know it again: drawn once.
    pub fn mark(&self) -> &str {
        self.mark.get_or_init(|| {
            let mut random = [0; 8];
            // Without random numbers the name is the same everywhere, and two of us in a row are taken for a ring.
            let _ = getrandom::fill(&mut random);
            format!("1.1 waylay-{:016x}", u64::from_be_bytes(random))
        })
    }

    /// Whether a message has been here before, by its `Via`.
    pub fn has_passed(&self, via: &[u8]) -> bool {
        let mark = self.mark().as_bytes();
        via.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark))
    }

    /// Whether anything of ours listens on this port.
    pub(super) fn has_port(&self, port: u16) -> bool {
        self.listening.read().unwrap_or_else(PoisonError::into_inner).iter().any(|(ours, _)| ours.port() == port)
    }

    /// Forgets addresses that are no longer listened on.
    pub fn release(&self, addresses: &[SocketAddr]) {
        self.listening.write().unwrap_or_else(PoisonError::into_inner).retain(|(a, _)| !addresses.contains(a));
    }

    /// What of ours a connection to `target` would reach.
    pub fn check(&self, target: SocketAddr) -> Option<Own> {
        let listening = self.listening.read().unwrap_or_else(PoisonError::into_inner);
        let reached = |(ours, _): &&(SocketAddr, Own)| reaches(target, *ours);
        listening.iter().find(reached).map(|(_, own)| *own)
    }

    fn add(&self, addresses: &[SocketAddr], own: Own) {
        let mut listening = self.listening.write().unwrap_or_else(PoisonError::into_inner);
        listening.extend(addresses.iter().map(|a| (*a, own)));
    }
}

/// Whether a connection to `target` ends at a listener bound to `ours`.
fn reaches(target: SocketAddr, ours: SocketAddr) -> bool {
    if target.port() != ours.port() {
        return false;
    }
    let (target, ours) = (target.ip().to_canonical(), ours.ip().to_canonical());
    // The unspecified address connects to this machine's loopback.
    target == ours || target.is_unspecified() || (ours.is_unspecified() && is_local(target))
}

/// Which addresses a request may be sent to. Ours are refused in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Those of this machine and of private networks: all that are not [public](is_public), but for the next kind.
    pub private: bool,
    /// Those at which clouds tell machines their credentials ([`is_metadata`]).
    pub metadata: bool,
}

impl Reach {
    /// Everywhere.
    pub const ALL: Self = Self { private: true, metadata: true };
    /// Where anybody could.
    pub const PUBLIC: Self = Self { private: false, metadata: false };

    /// Whether a connection to `ip` may be opened.
    pub fn allows(self, ip: IpAddr) -> bool {
        if is_metadata(ip) { self.metadata } else { self.private || is_public(ip) }
    }
}

/// Whether a cloud's metadata service may be there: link-local IPv4, and the addresses that clouds use besides (AWS and GCP over
/// IPv6, Alibaba, Oracle, Azure's WireServer, which is a public address).
pub fn is_metadata(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            matches!(v4.octets(), [169, 254, _, _] | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16])
        }
        IpAddr::V6(v6) => match v6.segments() {
            // By way of a translator (RFC 6052), or a relay (RFC 3056).
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                is_metadata(Ipv4Addr::new(a, b, c, d).into())
            }
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => true,
            _ => false,
        },
    }
}

/// Whether an address is one of the Internet's, which anybody could reach: none of this machine, of a private network, of a
/// link, and none that is reserved (IANA's registries of special-purpose addresses, RFC 6890).
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        // This network, private, loopback, multicast and all above it.
        (0 | 10 | 127, ..) | (224.., ..) => false,
        // Shared by carriers (RFC 6598), link-local, private.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => false,
        // Protocols, examples, relays, benchmarks (RFC 2544).
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => false,
        _ => true,
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        // An IPv4 address behind a translator (RFC 6052) or a relay (RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, benchmarks, examples, and other protocols.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] => false,
        // Examples (RFC 9637).
        [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast is all that has been given out.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// Whether `ip` belongs to this machine: only then can a socket be bound to it.
pub(super) fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_only_some_can_reach_are_not_public() {
        for public in [
            "1.1.1.1",
            "93.184.215.14",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "4000::1",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn private_and_metadata_addresses_are_reached_by_right_alone() {
        let (private, metadata) = (Reach { private: true, metadata: false }, Reach { private: false, metadata: true });
        for (ip, by_private, by_metadata, by_none) in [
            ("1.1.1.1", true, true, true),
            ("127.0.0.1", true, false, false),
            ("::1", true, false, false),
            ("10.0.0.1", true, false, false),
            ("fd12::1", true, false, false),
            ("169.254.169.254", false, true, false),
            ("::ffff:169.254.169.254", false, true, false),
            ("64:ff9b::a9fe:a9fe", false, true, false),
            ("2002:a9fe:a9fe::1", false, true, false),
            ("169.254.170.2", false, true, false),
            ("100.100.100.200", false, true, false),
            ("192.0.0.192", false, true, false),
            ("168.63.129.16", false, true, false),
            ("fd00:ec2::254", false, true, false),
            ("fd20:ce::254", false, true, false),
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            let found = (private.allows(ip), metadata.allows(ip), Reach::PUBLIC.allows(ip));
            assert_eq!(found, (by_private, by_metadata, by_none), "{ip}");
            assert!(Reach::ALL.allows(ip), "{ip}");
        }
    }

    #[test]
    fn every_spelling_of_our_own_addresses_is_known() {
        let guard = Guard::default();
        guard.protect_api(&["127.0.0.1:5560".parse().unwrap(), "[::1]:5560".parse().unwrap()]);
        guard.protect_proxy(&["0.0.0.0:5559".parse().unwrap()]);
        let check = |text: &str| guard.check(text.parse().unwrap());
        for own in [
            "127.0.0.1:5560",
            "[::1]:5560",
            "0.0.0.0:5560",
            "[::]:5560",
            "[::ffff:127.0.0.1]:5560",
            "[::ffff:0.0.0.0]:5560",
        ] {
            assert_eq!(check(own), Some(Own::Api), "{own}");
        }
        for own in ["127.0.0.1:5559", "127.8.8.8:5559", "0.0.0.0:5559", "[::ffff:127.0.0.1]:5559"] {
            assert_eq!(check(own), Some(Own::Proxy), "{own}");
        }
        for other in ["127.0.0.1:5561", "127.0.0.2:5560", "192.0.2.1:5560", "192.0.2.1:5559"] {
            assert_eq!(check(other), None, "{other}");
        }
        guard.release(&["127.0.0.1:5560".parse().unwrap()]);
        assert_eq!(check("127.0.0.1:5560"), None);
    }
}
