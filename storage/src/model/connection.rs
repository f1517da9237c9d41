//! One socket: a client's to us, or ours to an origin.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

words! {
    /// Which side of the proxy a connection is on.
    Role {
        /// A client connected to us.
        Client = "client",
        /// We connected to an origin.
        Upstream = "upstream",
    }
}

/// A connection; exchanges refer to it by [`Connection::id`].
#[derive(Clone, Debug)]
pub struct Connection {
    /// Unique in the store.
    pub id: i64,
    /// Client or upstream.
    pub role: Role,
    /// When it was accepted, or when its dialling began; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// The other end.
    pub peer: SocketAddr,
    /// Our end.
    pub local: Option<SocketAddr>,
    /// The authority a client asked for by CONNECT, or the one we dialled, as `host:port`.
    pub authority: String,
    /// Name resolution, microseconds; upstream only.
    pub dns_us: Option<i64>,
    /// TCP handshake, microseconds; upstream only.
    pub connect_us: Option<i64>,
    /// TLS handshake, microseconds.
    pub tls_us: Option<i64>,
    /// What the handshake settled; `None` without TLS.
    pub tls: Option<Tls>,
    /// The proxy on the way, as a URL without credentials; upstream only.
    pub via: Option<String>,
    /// How long that proxy took to connect, microseconds.
    pub via_us: Option<i64>,
    /// The client's process, where it runs on this machine and was still there to be found.
    pub process: Option<Process>,
}

/// A process at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id, which another process may have by now.
    pub pid: u32,
    /// Its name, as the kernel keeps it (at most 15 bytes on Linux).
    pub name: String,
}

/// What a TLS handshake settled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tls {
    /// `TLS 1.2` or `TLS 1.3`.
    pub version: String,
    /// IANA name of the cipher suite.
    pub cipher: String,
    /// Key exchange group, IANA name.
    pub group: Option<String>,
    /// Chosen application protocol.
    pub alpn: Option<String>,
    /// What the client offered; empty on the upstream side.
    pub offered_alpn: Vec<String>,
    /// Server name indicated.
    pub sni: Option<String>,
    /// Whether the handshake was resumed.
    pub resumed: bool,
    /// Upstream: `Some(true)` verified, `Some(false)` accepted without verification on the user's word.
    pub verified: Option<bool>,
    /// Upstream: what is wrong with the certificate, which was accepted all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// Upstream: whom the certificate was for that we presented, if the origin asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    /// The peer's certificates as it sent them, leaf first, DER. Kept in a table of their own.
    #[serde(skip)]
    pub chain: Vec<Bytes>,
}
