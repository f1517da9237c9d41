//! The addresses by which other machines reach the proxy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where the proxy listens: bound addresses, with port.
#[derive(Clone, Debug, Default)]
pub struct Listening(Vec<SocketAddr>);

impl Listening {
    /// On these.
    pub fn on(bound: Vec<SocketAddr>) -> Self {
        Self(bound)
    }

    /// For programs of this machine: an address that stands for all of them is told as loopback.
    pub fn here(&self) -> Vec<SocketAddr> {
        let here = |bound: &SocketAddr| match bound.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), bound.port()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), bound.port()),
            _ => *bound,
        };
        let mut all: Vec<_> = self.0.iter().map(here).collect();
        // What is always there comes first.
        all.sort_by_key(|address| (!address.ip().is_loopback(), address.is_ipv6()));
        all
    }

    /// Whether there is any but loopback.
    pub fn is_open_to_others(&self) -> bool {
        self.0.iter().any(|bound| !bound.ip().is_loopback())
    }

    /// For other machines, as the interfaces are now; none if only loopback is listened on.
    pub fn for_others(&self) -> Vec<SocketAddr> {
        if !self.is_open_to_others() {
            return Vec::new();
        }
        let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "the addresses of this machine cannot be listed");
            Vec::new()
        });
        others(&self.0, &interfaces.iter().map(if_addrs::Interface::ip).collect::<Vec<_>>())
    }
}

fn others(bound: &[SocketAddr], interfaces: &[IpAddr]) -> Vec<SocketAddr> {
    let mut all: Vec<SocketAddr> = Vec::new();
    for ours in bound.iter().filter(|bound| !bound.ip().is_loopback()) {
        let same_family = interfaces.iter().filter(|ip| ip.is_ipv4() == ours.is_ipv4() && can_be_told(**ip));
        let reached: Vec<IpAddr> =
            if ours.ip().is_unspecified() { same_family.copied().collect() } else { vec![ours.ip()] };
        all.extend(reached.into_iter().map(|ip| SocketAddr::new(ip, ours.port())));
    }
    all.sort();
    all.dedup();
    all
}

/// Loopback is nobody else's, and IPv6's link-local addresses mean nothing without an interface.
fn can_be_told(ip: IpAddr) -> bool {
    let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    !ip.is_loopback() && !link_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<SocketAddr> {
        text.split_whitespace().map(|t| t.parse().unwrap()).collect()
    }

    #[test]
    fn others_are_told_addresses_they_can_use() {
        let interfaces: Vec<IpAddr> = ["127.0.0.1", "192.168.1.5", "10.8.0.2", "::1", "fe80::1", "2001:db8::5"]
            .map(|t| t.parse().unwrap())
            .into();
        for (bound, told) in [
            ("127.0.0.1:1 [::1]:1", ""),
            ("127.0.0.1:1 192.168.1.5:1", "192.168.1.5:1"),
            ("0.0.0.0:1 [::1]:1", "10.8.0.2:1 192.168.1.5:1"),
            ("0.0.0.0:1 [::]:1", "10.8.0.2:1 192.168.1.5:1 [2001:db8::5]:1"),
        ] {
            assert_eq!(others(&all(bound), &interfaces), all(told), "{bound}");
        }
    }

    #[test]
    fn programs_of_this_machine_are_told_loopback_first() {
        let here = |bound| Listening::on(all(bound)).here();
        assert_eq!(here("0.0.0.0:1 [::]:1"), all("127.0.0.1:1 [::1]:1"));
        assert_eq!(here("192.0.2.7:1 [::1]:1 127.0.0.1:1"), all("127.0.0.1:1 [::1]:1 192.0.2.7:1"));
    }
}
