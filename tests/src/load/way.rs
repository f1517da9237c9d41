//! How a client gets to an origin.

use crate::{
    client::{Link, Speak, raw},
    pki::{self, Root},
    wait,
};
use http::Uri;
use rustls::{ClientConfig, client::Resumption, pki_types::ServerName};
use std::{net::SocketAddr, sync::Arc};
use tokio_rustls::TlsConnector;

/// A way to origins on loopback: by itself, or through a proxy. Handshakes are never abbreviated, so that one
/// connection costs what the next one does.
#[derive(Clone)]
pub struct Way {
    proxy: Option<SocketAddr>,
    /// Whether the proxy is asked for the host by name; otherwise by address, and only TLS tells the name.
    by_name: bool,
    http1: TlsConnector,
    http2: TlsConnector,
}

impl Way {
    /// Straight to the origin.
    pub fn direct() -> Self {
        Self::new(None, false, Root::shared().pem())
    }

    /// Through a proxy whose leaves are signed by `ca` (PEM). It need not resolve names: it is told the address.
    pub fn through(proxy: SocketAddr, ca: &str) -> Self {
        Self::new(Some(proxy), false, ca)
    }

    /// Through a proxy that makes its leaves for the name it is asked for in CONNECT.
    pub fn by_name(proxy: SocketAddr, ca: &str) -> Self {
        Self::new(Some(proxy), true, ca)
    }

    fn new(proxy: Option<SocketAddr>, by_name: bool, ca: &str) -> Self {
        let connector = |alpn| {
            let mut config = ClientConfig::clone(&pki::client(ca, &[alpn]));
            config.resumption = Resumption::disabled();
            TlsConnector::from(Arc::new(config))
        };
        Self { proxy, by_name, http1: connector("http/1.1"), http2: connector("h2") }
    }

    /// A connection for requests to the host of `url`, which is on this machine whatever its name.
    pub async fn open(&self, url: &str, speak: Speak) -> Link {
        let uri: Uri = url.parse().expect("a URL");
        let (host, port) = (uri.host().expect("a host"), uri.port_u16().expect("a port"));
        let socket = match self.proxy {
            None => raw::connect(SocketAddr::from(([127, 0, 0, 1], port))).await,
            Some(proxy) if self.by_name => raw::tunnel(proxy, &format!("{host}:{port}")).await,
            Some(proxy) => raw::tunnel(proxy, &format!("127.0.0.1:{port}")).await,
        };
        let connector = if speak == Speak::Http1 { &self.http1 } else { &self.http2 };
        let name = ServerName::try_from(host.to_owned()).expect("a host name");
        let stream = wait::within("a TLS handshake", connector.connect(name, socket)).await;
        Link::over(stream.unwrap_or_else(|e| panic!("TLS with {url}: {e}")), speak).await
    }
}
