//! A proxy made of hudsucker alone: it intercepts TLS and keeps nothing. TCP_NODELAY is set on both sides and leaves
//! are cached, so that what is compared is the capture and not a missing option.

use super::Subject;
use http::{Uri, uri::Authority};
use hudsucker::{Proxy, certificate_authority::CertificateAuthority};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use rustls::{ClientConfig, ServerConfig, pki_types::ServerName};
use std::{
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    process::Stdio,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use waylay_tests::{
    daemon::Place,
    origin::NAMES,
    pki::{self, Root},
};

/// The argument that makes this program that proxy; then come a file of roots to trust and a file to write its own
/// root to.
pub(crate) const COMMAND: &str = "bare";

/// Starts the proxy in a process of its own.
pub(crate) async fn start(place: &Place) -> (Child, Subject) {
    let ca = place.home().join("bare.pem");
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(COMMAND).arg(place.root_pem()).arg(&ca).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("this program starts again");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let address = lines.next_line().await.expect("a pipe").expect("the address");
    let ca = std::fs::read_to_string(ca).expect("its root");
    let pid = child.id().expect("it runs");
    let proxy = address.parse().expect("an address");
    (child, Subject { name: "bare", pid, proxy, ca, rounds: Vec::new() })
}

/// Is the proxy until it is killed.
pub(crate) async fn serve(files: Vec<PathBuf>) {
    let trust = std::fs::read_to_string(&files[0]).expect("roots to trust");
    let root = Root::new("bare hudsucker");
    std::fs::write(&files[1], root.pem()).expect("a file");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_nodelay(true).expect("what accepted sockets inherit on Linux");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port on loopback");
    let listener = socket.listen(1024).expect("a listener");
    println!("{}", listener.local_addr().expect("an address"));
    let proxy = Proxy::builder()
        .with_listener(listener)
        .with_ca(OneLeaf(root.leaf(&NAMES).server(&["http/1.1"])))
        .with_http_connector(Tls(pki::client(&trust, &["http/1.1"])))
        .build()
        .expect("a proxy");
    proxy.start().await.expect("a proxy that runs");
}

/// One leaf for the one origin there is.
struct OneLeaf(Arc<ServerConfig>);

impl CertificateAuthority for OneLeaf {
    async fn gen_server_config(&self, _authority: &Authority) -> Arc<ServerConfig> {
        self.0.clone()
    }
}

/// Connects to the origin by TLS.
#[derive(Clone)]
struct Tls(Arc<ClientConfig>);

impl tower_service::Service<Uri> for Tls {
    type Response = Link;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Link>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = TlsConnector::from(self.0.clone());
        Box::pin(async move {
            let port = uri.port_u16().unwrap_or(443);
            let socket = TcpStream::connect(("127.0.0.1", port)).await?;
            socket.set_nodelay(true)?;
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            Ok(Link(TokioIo::new(connector.connect(name, socket).await?)))
        })
    }
}

struct Link(TokioIo<TlsStream<TcpStream>>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl hyper::rt::Write for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, buffers)
    }
}
