//! The sockets an exchange used and what TLS settled on them.

use super::Certificate;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use waylay_storage::model::{self, Process, Role};

/// One connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// Unique in the store.
    pub id: i64,
    /// Client or upstream.
    pub role: Role,
    /// When it was accepted, or its dialling began; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// The other end.
    pub peer: SocketAddr,
    /// Our end.
    pub local: Option<SocketAddr>,
    /// The authority asked for by CONNECT, or dialled, as `host:port`.
    pub authority: String,
    /// Name resolution, microseconds.
    pub dns_us: Option<i64>,
    /// TCP handshake, microseconds.
    pub connect_us: Option<i64>,
    /// TLS handshake, microseconds.
    pub tls_us: Option<i64>,
    /// What the handshake settled.
    pub tls: Option<Tls>,
    /// The proxy on the way, as a URL without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// How long that proxy took to connect, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_us: Option<i64>,
    /// The client's process, where it runs on this machine and was found: `{pid, name}`.
    pub process: Option<Process>,
}

/// What a TLS handshake settled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tls {
    /// `TLS 1.2` or `TLS 1.3`.
    pub version: String,
    /// IANA name of the cipher suite.
    pub cipher: String,
    /// Key exchange group, IANA name.
    pub group: Option<String>,
    /// Chosen application protocol.
    pub alpn: Option<String>,
    /// What the client offered.
    pub offered_alpn: Vec<String>,
    /// Server name indicated.
    pub sni: Option<String>,
    /// Whether the handshake was resumed.
    pub resumed: bool,
    /// Upstream: whether the certificate was verified, `false` where the user asked for no verification.
    pub verified: Option<bool>,
    /// Upstream: what is wrong with the certificate, which was accepted all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// Upstream: whom the certificate was for that we presented, if the origin asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
    /// The peer's certificates, leaf first.
    pub chain: Vec<Certificate>,
}

impl From<&model::Connection> for Connection {
    fn from(connection: &model::Connection) -> Self {
        Self {
            id: connection.id,
            role: connection.role,
            opened_us: connection.opened_us,
            peer: connection.peer,
            local: connection.local,
            authority: connection.authority.clone(),
            dns_us: connection.dns_us,
            connect_us: connection.connect_us,
            tls_us: connection.tls_us,
            tls: connection.tls.as_ref().map(Tls::from),
            via: connection.via.clone(),
            via_us: connection.via_us,
            process: connection.process.clone(),
        }
    }
}

impl From<&model::Tls> for Tls {
    fn from(tls: &model::Tls) -> Self {
        Self {
            version: tls.version.clone(),
            cipher: tls.cipher.clone(),
            group: tls.group.clone(),
            alpn: tls.alpn.clone(),
            offered_alpn: tls.offered_alpn.clone(),
            sni: tls.sni.clone(),
            resumed: tls.resumed,
            verified: tls.verified,
            doubt: tls.doubt.clone(),
            client_certificate: tls.client_certificate.clone(),
            chain: tls.chain.iter().map(|der| Certificate::read(der)).collect(),
        }
    }
}
