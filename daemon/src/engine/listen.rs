//! Binding addresses of both families to one port.

use super::StartError;
use crate::proxy::listener;
use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::TcpListener;

/// Tries for a port that is free in both families.
const TRIES: usize = 20;

const ANY_IPV4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const ANY_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Listens on `port` of every address in `addresses`, and of loopback, IPv4 and where present IPv6, if there are none;
/// then on those in `besides`, too.
///
/// `::` means every address of both families, `0.0.0.0` every one of IPv4. Port 0 means any, the same for all addresses.
///
/// # Errors
/// [`StartError`] for the first address that cannot be listened on.
pub fn bind(port: u16, addresses: &[IpAddr], besides: &[IpAddr]) -> Result<Vec<TcpListener>, StartError> {
    let places = places(addresses, besides);
    let mut result = bind_all(port, &places);
    for _ in 1..TRIES {
        match &result {
            Err(StartError::AddressInUse { .. }) if port == 0 => result = bind_all(0, &places),
            _ => break,
        }
    }
    result
}

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    ip: IpAddr,
    /// A machine without IPv6 is served by IPv4.
    may_be_missing: bool,
}

/// Every address once, and none that another one stands for.
fn places(addresses: &[IpAddr], besides: &[IpAddr]) -> Vec<Place> {
    let usual = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let by_default = if addresses.is_empty() { &usual[..] } else { &[] };
    let wanted = addresses.iter().chain(besides).map(IpAddr::to_canonical);
    let wanted: Vec<IpAddr> =
        wanted.flat_map(|ip| if ip == ANY_IPV6 { vec![ANY_IPV4, ip] } else { vec![ip] }).collect();
    let mut places: Vec<Place> = Vec::new();
    for (ip, may_be_missing) in
        by_default.iter().map(|ip| (*ip, ip.is_ipv6())).chain(wanted.iter().map(|ip| (*ip, false)))
    {
        let any = if ip.is_ipv4() { ANY_IPV4 } else { ANY_IPV6 };
        let has_place = places.iter().any(|place| place.ip == ip);
        if !has_place && (ip == any || !wanted.contains(&any)) {
            places.push(Place { ip, may_be_missing });
        }
    }
    places
}

fn bind_all(port: u16, places: &[Place]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners: Vec<TcpListener> = Vec::with_capacity(places.len());
    for Place { ip, may_be_missing } in places {
        let chosen = listeners.first().and_then(|l| l.local_addr().ok()).map_or(port, |a| a.port());
        let addr = SocketAddr::new(*ip, chosen);
        match listener::bind(addr) {
            Ok(listener) => listeners.push(listener),
            Err(e) if e.kind() == ErrorKind::AddrInUse => return Err(StartError::AddressInUse { addr }),
            Err(_) if *may_be_missing => {}
            Err(source) => return Err(StartError::Bind { addr, source }),
        }
    }
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_families_get_the_same_port() {
        let listeners = bind(0, &[], &[]).unwrap();
        let ports: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
        assert!(ports.iter().all(|p| *p == ports[0]), "{ports:?}");
        match bind(ports[0], &[], &[]) {
            Err(StartError::AddressInUse { addr }) => assert_eq!(addr.port(), ports[0]),
            other => panic!("the port is taken: {other:?}"),
        }
    }

    #[test]
    fn loopback_stays_and_no_address_is_bound_twice() {
        let all = |text: &str| text.split_whitespace().map(|t| t.parse().unwrap()).collect::<Vec<IpAddr>>();
        for (addresses, besides, bound) in [
            ("", "", "127.0.0.1 ::1"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("", "192.0.2.7", "127.0.0.1 ::1 192.0.2.7"),
            ("", "192.0.2.7 192.0.2.7 ::ffff:192.0.2.7", "127.0.0.1 ::1 192.0.2.7"),
            ("", "0.0.0.0 192.0.2.7", "::1 0.0.0.0"),
            ("", "::", "0.0.0.0 ::"),
            ("127.0.0.9", "0.0.0.0 ::", "0.0.0.0 ::"),
            ("127.0.0.1", "::1", "127.0.0.1 ::1"),
        ] {
            let found: Vec<IpAddr> = places(&all(addresses), &all(besides)).iter().map(|place| place.ip).collect();
            assert_eq!(found, all(bound), "{addresses} + {besides}");
        }
    }
}
