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

/// Listens on `port` of every address in `addresses`; of loopback, IPv4 and where present IPv6, if there are none.
///
/// Port 0 means any, the same for all addresses.
pub fn bind(port: u16, addresses: &[IpAddr]) -> Result<Vec<TcpListener>, StartError> {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let (addresses, by_default) = if addresses.is_empty() { (&loopback[..], true) } else { (addresses, false) };
    let mut result = bind_all(port, addresses, by_default);
    for _ in 1..TRIES {
        match &result {
            Err(StartError::AddressInUse { .. }) if port == 0 => result = bind_all(0, addresses, by_default),
            _ => break,
        }
    }
    result
}

fn bind_all(port: u16, addresses: &[IpAddr], by_default: bool) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners: Vec<TcpListener> = Vec::with_capacity(addresses.len());
    for ip in addresses {
        let chosen = listeners.first().and_then(|l| l.local_addr().ok()).map_or(port, |a| a.port());
        let addr = SocketAddr::new(*ip, chosen);
        match listener::bind(addr) {
            Ok(listener) => listeners.push(listener),
            Err(e) if e.kind() == ErrorKind::AddrInUse => return Err(StartError::AddressInUse { addr }),
            // A machine without IPv6 is served by IPv4.
            Err(_) if by_default && ip.is_ipv6() => {}
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
        let listeners = bind(0, &[]).unwrap();
        let ports: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
        assert!(ports.iter().all(|p| *p == ports[0]), "{ports:?}");
        match bind(ports[0], &[]) {
            Err(StartError::AddressInUse { addr }) => assert_eq!(addr.port(), ports[0]),
            other => panic!("the port is taken: {other:?}"),
        }
    }
}
