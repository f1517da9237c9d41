//! Servers for the proxy to talk to, each on a port of its own and gone when dropped.
//!
//! - [`Origin`]: hyper, HTTP/1.1 and HTTP/2, with and without TLS; notes what it was asked
//! - [`routes`]: what it answers
//! - [`notes`]: what it knows of its clients
//! - [`node`]: servers in JavaScript; [`apache`]: httpd, as Debian has it; [`proxies`]: squid and SOCKS, likewise
//! - [`scripted`]: a server that speaks exact bytes, for what a library would never send

pub mod apache;
pub mod node;
pub mod notes;
pub mod proxies;
pub mod routes;
pub mod scripted;

pub use apache::Apache;
pub use node::NodeOrigin;
pub use notes::{Notes, Seen};
pub use proxies::OtherProxy;
pub use scripted::{Scripted, Wire};

use crate::pki::{Leaf, Root};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rustls::ServerConfig;
use std::{net::SocketAddr, sync::Arc, sync::atomic::Ordering};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// The names every good origin's certificate holds.
pub const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// An HTTP server on loopback. See [`routes`] for what it answers.
pub struct Origin {
    address: SocketAddr,
    tls: bool,
    notes: Arc<Notes>,
    task: JoinHandle<()>,
}

impl Origin {
    /// Without TLS: HTTP/1.1, and HTTP/2 for who speaks it at once.
    pub async fn plain() -> Self {
        Self::start(None).await
    }

    /// With TLS, a good certificate, and the protocols `alpn`; an empty list negotiates nothing and speaks HTTP/1.1.
    pub async fn tls(alpn: &[&str]) -> Self {
        Self::start(Some(Root::shared().leaf(&NAMES).server(alpn))).await
    }

    /// With TLS and a certificate as bad as the caller likes.
    pub async fn tls_with(leaf: &Leaf) -> Self {
        Self::start(Some(leaf.server(&["http/1.1"]))).await
    }

    /// With TLS for clients that have a certificate from the shared root.
    pub async fn tls_asking(alpn: &[&str]) -> Self {
        Self::start(Some(Root::shared().leaf(&NAMES).server_asking(alpn))).await
    }

    /// With TLS 1.2 and nothing newer.
    pub async fn tls_1_2() -> Self {
        Self::start(Some(Root::shared().leaf(&NAMES).server_1_2(&["http/1.1"]))).await
    }

    async fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let notes = Arc::new(Notes::default());
        let task = tokio::spawn(accept(listener, tls.clone(), notes.clone()));
        Self { address, tls: tls.is_some(), notes, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `localhost:port`.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// The URL of `path` (which begins with a slash).
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// What it was asked, and the gate of its gated routes.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<Arc<ServerConfig>>, notes: Arc<Notes>) {
    while let Ok((socket, _)) = listener.accept().await {
        notes.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(connection(socket, tls.clone(), notes.clone()));
    }
}

/// One connection to its end. An error is the peer's to notice, not ours.
async fn connection(socket: TcpStream, tls: Option<Arc<ServerConfig>>, notes: Arc<Notes>) {
    let _ = socket.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| routes::answer(request, notes.clone()));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // What is too large for the proxy is not to be too large for its origins first.
    builder.http1().max_headers(512);
    builder.http2().max_header_list_size(1 << 20);
    let _ = match tls {
        None => builder.serve_connection(TokioIo::new(socket), service).await,
        Some(config) => match TlsAcceptor::from(config).accept(socket).await {
            Ok(stream) => builder.serve_connection(TokioIo::new(stream), service).await,
            Err(_) => return,
        },
    };
}
