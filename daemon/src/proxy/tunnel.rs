//! One client's tunnel: who asked for what, and the rows that tell of it.

use super::{Port, clients::Client, shard::Shard};
use crate::{
    capture::{Begin, ClientConnection, Recorder},
    onboarding::is_own_host,
    upstream::Origin,
};
use bytes::Bytes;
use std::{net::SocketAddr, sync::Arc, time::Instant};
use waylay_storage::{
    Event,
    model::{Connection, HttpVersion, Kind, Role, Scheme, Tls},
};

/// One client's tunnel.
pub struct Tunnel {
    /// The port it came in by; its `stopping` is this tunnel's own.
    pub port: Port,
    /// The client's connection.
    pub client: Arc<Client>,
    /// The thread it lives on.
    pub shard: Shard,
    /// The client's address.
    pub peer: SocketAddr,
    /// Our end of its connection.
    pub local: Option<SocketAddr>,
    /// What it asked for.
    pub authority: String,
    /// The same, parsed; without TLS.
    pub origin: Origin,
    /// When CONNECT came.
    pub opened: Instant,
    /// The same by the wall clock, microseconds since the Unix epoch.
    pub opened_us: i64,
}

impl Tunnel {
    /// Whether it was asked for by our own name: what is inside is answered here.
    pub fn is_to_own_host(&self) -> bool {
        is_own_host(&self.origin.host)
    }

    /// Numbers the client's connection.
    pub fn client_connection(&self, tls_us: Option<i64>, tls: Option<Tls>) -> Arc<ClientConnection> {
        let capture = &self.shard.pool.connector().capture;
        let id = capture.ids().next_connection();
        let row = Box::new(Connection {
            id,
            role: Role::Client,
            opened_us: self.opened_us,
            peer: self.peer,
            local: self.local,
            authority: self.authority.clone(),
            dns_us: None,
            connect_us: None,
            tls_us,
            tls,
            via: None,
            via_us: None,
            process: None,
        });
        let (shared, queue) = (Arc::clone(&self.port.shared), Arc::clone(&capture.queue));
        Arc::new(ClientConnection::new(id, move || {
            shared.processes.find(&row);
            queue.push(Event::Connection(row));
        }))
    }

    /// A row for the tunnel itself, or for its failure; `None` where rows are not kept.
    pub fn begin(&self, kind: Kind) -> Option<Arc<Recorder>> {
        self.begin_on(&self.client_connection(None, None), kind)
    }

    /// The same where the client's connection has its number already.
    pub fn begin_on(&self, connection: &Arc<ClientConnection>, kind: Kind) -> Option<Arc<Recorder>> {
        let begin = || Begin {
            kind,
            source: self.port.source,
            client_connection: Some(Arc::clone(connection)),
            scheme: Scheme::Tcp,
            host: self.origin.host.clone(),
            port: self.origin.port,
            method: "CONNECT".to_owned(),
            path: String::new(),
            version: HttpVersion::Http11,
            head: Bytes::new(),
            since: Some((self.opened, self.opened_us)),
        };
        self.shard.pool.connector().capture.begin(&self.port.recording, begin)
    }
}
