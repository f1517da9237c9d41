//! What is asked, and from where.

use super::host::{is_own_host, is_safe, without_port};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// How a request came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the proxy's own address, as to any server.
    Direct,
    /// Through the proxy, to our own name.
    Proxied,
    /// The same inside TLS.
    Tls,
}

/// A request for something of ours.
#[derive(Debug)]
pub struct Visit<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    pub(super) way: Way,
    /// Our end of its connection.
    local: SocketAddr,
}

impl<'a> Visit<'a> {
    /// A request that came this way, on a connection whose end here is `local`.
    pub fn new<B>(request: &'a Request<B>, way: Way, local: SocketAddr) -> Self {
        let (uri, headers) = (request.uri(), request.headers());
        Self { method: request.method(), path: uri.path(), uri, headers, way, local }
    }

    /// Whether it was meant for us: by `Host`, or by the target where that names a host (RFC 9112, 3.2.2).
    pub(super) fn is_for_us(&self) -> bool {
        let Some(host) = self.authority().map(without_port) else { return false };
        if self.way == Way::Direct { is_safe(host) } else { is_own_host(host) }
    }

    /// The proxy, as this visitor reaches it: at the address it has opened; otherwise where its connection ends.
    pub(super) fn proxy(&self) -> SocketAddr {
        let opened = self.authority().filter(|_| self.way == Way::Direct).and_then(|authority| {
            let bare = |a: &str| Some(SocketAddr::new(a.trim_matches(['[', ']']).parse().ok()?, 80));
            authority.parse().ok().or_else(|| bare(authority))
        });
        opened.filter(|a: &SocketAddr| !a.ip().is_unspecified() && a.port() != 0).unwrap_or(self.local)
    }

    /// Its `Origin`, if that is the page itself: at our own name, or at an address with the proxy's port.
    pub(super) fn own_origin(&self) -> Option<&'a HeaderValue> {
        let origin = self.headers.get(header::ORIGIN)?;
        let uri: Uri = origin.to_str().ok()?.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?, uri.host()?);
        let own = match scheme {
            "https" => is_own_host(host),
            "http" if is_own_host(host) => true,
            "http" => is_safe(host) && uri.port_u16().unwrap_or(80) == self.local.port(),
            _ => false,
        };
        own.then_some(origin)
    }

    pub(super) fn user_agent(&self) -> &str {
        self.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    fn authority(&self) -> Option<&'a str> {
        if let Some(authority) = self.uri.authority() {
            return Some(authority.as_str());
        }
        let mut hosts = self.headers.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok(),
            _ => None,
        }
    }
}

/// Our end of a connection with `peer` to a listener bound to `bound`: where that is every address, the one by which the
/// system reaches the peer.
pub fn local_end(bound: SocketAddr, peer: SocketAddr) -> SocketAddr {
    if !bound.ip().is_unspecified() {
        return bound;
    }
    let any: IpAddr = if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { bound.ip() };
    // Nothing is sent: connecting such a socket only asks for a route.
    let facing = UdpSocket::bind((any, 0)).and_then(|s| s.connect(peer).and_then(|()| s.local_addr()));
    SocketAddr::new(facing.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |a| a.ip()), bound.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, host: &str, origin: &str) -> Request<()> {
        let builder = Request::builder().uri(target).header("host", host);
        if origin.is_empty() { builder.body(()).unwrap() } else { builder.header("origin", origin).body(()).unwrap() }
    }

    fn local() -> SocketAddr {
        "192.168.1.5:5559".parse().unwrap()
    }

    #[test]
    fn visits_are_ours_by_the_name_they_were_addressed_to() {
        for (target, host, way, ours) in [
            ("/", "192.168.1.5:5559", Way::Direct, true),
            ("/", "localhost:5559", Way::Direct, true),
            ("/", "evil.test:5559", Way::Direct, false),
            ("http://waylay.internal/", "waylay.internal", Way::Proxied, true),
            ("http://waylay.internal:8080/", "other.test", Way::Proxied, true),
            ("/", "a.waylay.internal", Way::Tls, true),
            ("/", "192.168.1.5:5559", Way::Tls, false),
            ("/", "evil.test", Way::Tls, false),
            ("/", "", Way::Direct, false),
        ] {
            let request = request(target, host, "");
            assert_eq!(Visit::new(&request, way, local()).is_for_us(), ours, "{target} {host} {way:?}");
        }
        let mut twice = request("/", "127.0.0.1", "");
        twice.headers_mut().append("host", HeaderValue::from_static("127.0.0.1"));
        assert!(!Visit::new(&twice, Way::Direct, local()).is_for_us());
    }

    #[test]
    fn the_proxy_is_told_as_the_visitor_reaches_it() {
        for (host, way, told) in [
            ("10.0.0.9:7000", Way::Direct, "10.0.0.9:7000"),
            ("[2001:db8::1]:7000", Way::Direct, "[2001:db8::1]:7000"),
            ("10.0.0.9", Way::Direct, "10.0.0.9:80"),
            ("0.0.0.0:5559", Way::Direct, "192.168.1.5:5559"),
            ("localhost:5559", Way::Direct, "192.168.1.5:5559"),
            ("waylay.internal", Way::Proxied, "192.168.1.5:5559"),
        ] {
            let request = request("/", host, "");
            assert_eq!(Visit::new(&request, way, local()).proxy().to_string(), told, "{host}");
        }
    }

    #[test]
    fn only_the_page_itself_may_read_the_test() {
        for (origin, own) in [
            ("http://waylay.internal", true),
            ("https://waylay.internal", true),
            ("http://192.168.1.5:5559", true),
            ("http://127.0.0.1:5559", true),
            ("http://192.168.1.5:80", false),
            ("https://192.168.1.5:5559", false),
            ("http://evil.test:5559", false),
            ("http://waylay.internal.evil.test", false),
            ("null", false),
            ("", false),
        ] {
            let request = request("/test", "waylay.internal", origin);
            assert_eq!(Visit::new(&request, Way::Proxied, local()).own_origin().is_some(), own, "{origin}");
        }
    }

    #[test]
    fn our_end_is_the_address_that_faces_the_visitor() {
        let end = |bound: &str, peer: &str| local_end(bound.parse().unwrap(), peer.parse().unwrap()).to_string();
        assert_eq!(end("192.0.2.7:1", "192.0.2.9:5"), "192.0.2.7:1");
        assert_eq!(end("0.0.0.0:1", "127.0.0.1:5"), "127.0.0.1:1");
    }
}
