//! One listening port, accepted and served by hudsucker.

use super::{
    Port,
    front::Front,
    limits::{MAX_FIELDS, MAX_HEADER_LIST, MAX_STREAMS, MAX_UNSEEN_RESETS},
    pace::pace,
};
use crate::platform;
use http::{Uri, uri::Authority};
use hudsucker::{
    Proxy,
    certificate_authority::CertificateAuthority,
    rustls::{ServerConfig, server::ResolvesServerCertUsingSni},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const BACKLOG: u32 = 1024;

/// Binds `address`; one of IPv6 stands for itself alone, not for IPv4. Accepted sockets inherit TCP_NODELAY from the listener on Linux; hudsucker sets it nowhere.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Without it a restart fails while old connections linger. On Windows it would let two programs share the port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    // Elsewhere it is so by default.
    #[cfg(unix)]
    if address.is_ipv6() {
        rustix::net::sockopt::set_ipv6_v6only(&socket, true)?;
    }
    socket.set_nodelay(true)?;
    // Accepted sockets inherit this, too: clients that vanished without a word are noticed in the end.
    socket.set_keepalive(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `listener` until the port stops; resolves when its connections are done with what they had begun.
pub async fn serve(listener: TcpListener, port: Port) {
    let (stop, clients) = (port.stopping.clone(), port.shared.clients.clone());
    let mut server = auto::Builder::new(TokioExecutor::new());
    let mut http1 = server.http1();
    http1.preserve_header_case(true).timer(TokioTimer::new()).auto_date_header(false).max_headers(MAX_FIELDS);
    http1.header_read_timeout(clients.bounds().head);
    let mut http2 = server.http2();
    http2.timer(TokioTimer::new()).auto_date_header(false).max_header_list_size(MAX_HEADER_LIST);
    http2.max_concurrent_streams(MAX_STREAMS).max_pending_accept_reset_streams(MAX_UNSEEN_RESETS);
    let Ok(bound) = listener.local_addr() else { return tracing::error!("a proxy port has no address") };
    let (listener, twin) = match with_twin(listener) {
        Ok(both) => both,
        Err(error) => return tracing::error!(%error, "a proxy port cannot be served"),
    };
    let proxy = Proxy::builder()
        .with_listener(listener)
        .with_ca(NeverAsked)
        .with_http_connector(NeverDials)
        .with_server(server)
        .with_http_handler(Front::new(port, bound))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .build();
    // hudsucker keeps its listener until its last connection has ended. Who comes meanwhile is not to wait for nothing.
    if let Some(twin) = twin {
        let stop = stop.clone();
        tokio::spawn(async move {
            stop.cancelled().await;
            platform::stop_listening(twin);
        });
    }
    let ended = match proxy {
        Ok(proxy) => pace(proxy.start(), &clients, &stop).await.map_err(|e| e.to_string()),
        Err(e) => Err(e.to_string()),
    };
    if let Err(error) = ended {
        tracing::error!(error, "a proxy port has stopped");
    }
}

/// The listener, and another handle on its socket where one can be had.
fn with_twin(listener: TcpListener) -> io::Result<(TcpListener, Option<std::net::TcpListener>)> {
    let listener = listener.into_std()?;
    let twin = listener.try_clone().ok();
    Ok((TcpListener::from_std(listener)?, twin))
}

/// hudsucker wants an authority for the CONNECTs it handles itself: none are left to it. Handshakes would fail.
struct NeverAsked;

impl CertificateAuthority for NeverAsked {
    async fn gen_server_config(&self, _: &Authority) -> Arc<ServerConfig> {
        let no_certificate = Arc::new(ResolvesServerCertUsingSni::new());
        Arc::new(ServerConfig::builder().with_no_client_auth().with_cert_resolver(no_certificate))
    }
}

/// hudsucker wants a connector for the requests it sends itself: none are left to it.
#[derive(Clone)]
struct NeverDials;

impl tower_service::Service<Uri> for NeverDials {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Err(io::Error::other("only the exchange path sends requests")))
    }
}
