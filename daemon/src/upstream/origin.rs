//! What an upstream connection is for.

use super::Way;
use http::uri::Authority;
use rustls::pki_types::ServerName;
use std::sync::Arc;

/// Where to connect, and as whom to greet. Connections are shared by requests with an equal origin only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Name or address to connect to, lower case, without brackets.
    pub host: String,
    /// Port to connect to.
    pub port: u16,
    /// Name to send in SNI and to find in the certificate, if it is not `host`: a client may reach an address it knows
    /// by other means and still ask for a name.
    pub server_name: Option<String>,
    /// How to reach it, if not as usual.
    pub way: Option<Arc<Way>>,
    /// Proxies that the wish for it has come by (`Via`), if any: passed on to the next, so that rings are noticed.
    pub came_by: Option<Arc<str>>,
}

impl Origin {
    /// An origin reached by its own name.
    pub fn new(tls: bool, host: &str, port: u16) -> Self {
        Self { tls, host: unbracketed(host).to_ascii_lowercase(), port, server_name: None, way: None, came_by: None }
    }

    /// The same place, greeted by `name`.
    pub fn greeted_as(mut self, name: Option<&str>) -> Self {
        let name = name.map(str::to_ascii_lowercase);
        self.server_name = name.filter(|n| *n != self.host);
        self
    }

    /// The same place, reached by `way`.
    pub fn by(mut self, way: Way) -> Self {
        self.way = (way != Way::default()).then(|| Arc::new(way));
        self
    }

    /// From a CONNECT target: host and port are both required (RFC 9110, 9.3.6).
    pub fn from_authority(authority: &Authority) -> Option<Self> {
        let port = authority.port_u16()?;
        let host = unbracketed(authority.host());
        (!host.is_empty()).then(|| Self::new(false, host, port))
    }

    /// The name the origin is asked for.
    pub fn name(&self) -> &str {
        self.server_name.as_deref().unwrap_or(&self.host)
    }

    /// The name as rustls checks it; `None` if it can stand in no certificate.
    pub fn tls_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.name().to_owned()).ok()
    }

    /// `host:port` with brackets around IPv6 addresses.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_targets_need_host_and_port() {
        let origin = |text: &str| Origin::from_authority(&text.parse().unwrap());
        assert_eq!(origin("Example.test:443").unwrap(), Origin::new(false, "example.test", 443));
        assert_eq!(origin("[::1]:80").unwrap().authority(), "[::1]:80");
        assert_eq!(origin("example.test"), None);
        assert_eq!(origin("example.test:99999"), None);
    }

    #[test]
    fn a_greeting_of_the_same_name_is_no_other_origin() {
        let origin = Origin::new(true, "a.test", 443);
        assert_eq!(origin.clone().greeted_as(Some("A.test")), origin);
        assert_eq!(origin.clone().greeted_as(Some("b.test")).name(), "b.test");
    }
}
