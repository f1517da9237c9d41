//! The ways exact bytes can take to an origin: with no proxy in between, and through each of the proxy's doors.

use super::raw;
use crate::{
    daemon::Daemon,
    origin::{Scripted, scripted::Socket},
};

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Straight to an origin without TLS.
    Direct,
    /// HTTP without TLS inside a tunnel.
    Tunnel,
    /// HTTP over TLS inside a tunnel.
    TlsTunnel,
    /// By absolute-form to the proxy itself.
    Absolute,
}

impl Way {
    /// All that lead through the proxy.
    pub const PROXIED: [Self; 3] = [Self::Tunnel, Self::TlsTunnel, Self::Absolute];
    /// Those inside a tunnel.
    pub const TUNNELLED: [Self; 2] = [Self::Tunnel, Self::TlsTunnel];

    /// Whether the origin speaks TLS on this way.
    pub fn is_tls(self) -> bool {
        self == Self::TlsTunnel
    }

    /// A connection on which bytes for `origin` can be written; it must speak TLS where the way does.
    pub async fn open(self, daemon: &Daemon, origin: &Scripted) -> Box<dyn Socket> {
        match self {
            Self::Direct => Box::new(raw::connect(origin.address()).await),
            Self::Absolute => Box::new(raw::connect(daemon.proxy()).await),
            Self::Tunnel => Box::new(raw::tunnel(daemon.proxy(), &origin.authority()).await),
            Self::TlsTunnel => {
                let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
                let stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await;
                Box::new(stream.expect("a TLS handshake with the proxy"))
            }
        }
    }

    /// `request`, whose target begins with a slash, in the form this way wants.
    pub fn form(self, origin: &Scripted, request: &[u8]) -> Vec<u8> {
        if self != Self::Absolute {
            return request.to_vec();
        }
        let slash = request.windows(2).position(|w| w == b" /").expect("a target that begins with a slash") + 1;
        let url = format!("http://{}", origin.authority());
        [&request[..slash], url.as_bytes(), &request[slash..]].concat()
    }
}
