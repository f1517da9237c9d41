//! A proxy made of hudsucker alone: it intercepts TLS and keeps nothing. TCP_NODELAY is set on both sides, so that
//! what is compared is the capture and not a missing option.

use crate::subject::Subject;
use http::{Uri, uri::Authority};
use hudsucker::{Proxy, certificate_authority::CertificateAuthority};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ClientConfig, ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName},
};
use std::{
    collections::HashMap,
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    process::Stdio,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use time::{Duration, OffsetDateTime};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpSocket, TcpStream},
    process::Command,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use waylay_tests::{daemon::Place, load::Way, pki};

/// The argument that makes this program that proxy; then come a file of roots to trust and a file to write its own
/// root to.
pub(crate) const COMMAND: &str = "bare";

const ALPN: [&str; 2] = ["h2", "http/1.1"];

/// Starts the proxy in a process of its own, under another program if there is a `wrapper` (and its arguments).
pub(crate) async fn start(place: &Place, wrapper: Option<&[String]>) -> Subject {
    let ca = place.home().join("bare.pem");
    let this = std::env::current_exe().expect("this program has a path");
    let mut command = match wrapper {
        None => Command::new(this),
        Some(wrapper) => {
            let mut command = Command::new(&wrapper[0]);
            command.args(&wrapper[1..]).arg(this);
            command
        }
    };
    command.arg(COMMAND).arg(place.root_pem()).arg(&ca).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("this program starts again");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let address = lines.next_line().await.expect("a pipe").expect("the address");
    let ca = std::fs::read_to_string(ca).expect("its root");
    Subject::child("bare", Way::by_name(address.parse().expect("an address"), &ca), child)
}

/// Is the proxy until it is killed.
pub(crate) async fn serve(files: Vec<PathBuf>) {
    let trust = std::fs::read_to_string(&files[0]).expect("roots to trust");
    let leaves = Leaves::new();
    std::fs::write(&files[1], &leaves.root).expect("a file");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_nodelay(true).expect("what accepted sockets inherit on Linux");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port on loopback");
    let listener = socket.listen(1024).expect("a listener");
    println!("{}", listener.local_addr().expect("an address"));
    let proxy = Proxy::builder()
        .with_listener(listener)
        .with_ca(leaves)
        .with_http_connector(Tls(pki::client(&trust, &ALPN)))
        .build()
        .expect("a proxy");
    proxy.start().await.expect("a proxy that runs");
}

/// Leaves as hudsucker's own `RcgenAuthority` (0.25) makes them: with the root's key, each kept for its authority.
struct Leaves {
    /// The root as PEM.
    root: String,
    issuer: Issuer<'static, KeyPair>,
    key: Vec<u8>,
    made: Mutex<HashMap<Authority, Arc<ServerConfig>>>,
}

impl Leaves {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "bare hudsucker");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a P-256 key");
        let root = params.self_signed(&key).expect("a root").pem();
        let der = key.serialize_der();
        Self { root, issuer: Issuer::new(params, key), key: der, made: Mutex::default() }
    }

    fn make(&self, authority: &Authority) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![authority.host().to_owned()]).expect("a host name");
        params.not_before = OffsetDateTime::now_utc() - Duration::MINUTE;
        params.not_after = params.not_before + Duration::days(365);
        params.distinguished_name.push(DnType::CommonName, authority.host());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let leaf = params.signed_by(self.issuer.key(), &self.issuer).expect("a leaf");
        let mut config = ServerConfig::builder_with_provider(pki::provider())
            .with_safe_default_protocol_versions()
            .expect("versions of the provider")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.into()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone())))
            .expect("key and leaf belong together");
        config.alpn_protocols = ALPN.iter().map(|p| p.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

impl CertificateAuthority for Leaves {
    async fn gen_server_config(&self, authority: &Authority) -> Arc<ServerConfig> {
        if let Some(made) = self.made.lock().expect("no panic while making leaves").get(authority) {
            return made.clone();
        }
        let config = self.make(authority);
        self.made.lock().expect("no panic while making leaves").insert(authority.clone(), config.clone());
        config
    }
}

/// Connects to the origin by TLS. It is on this machine whatever its name.
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
            let host = uri.host().unwrap_or_default().to_owned();
            let name = ServerName::try_from(host).map_err(io::Error::other)?;
            Ok(Link(TokioIo::new(connector.connect(name, socket).await?)))
        })
    }
}

struct Link(TokioIo<TlsStream<TcpStream>>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        let http2 = self.0.inner().get_ref().1.alpn_protocol() == Some(b"h2");
        if http2 { Connected::new().negotiated_h2() } else { Connected::new() }
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
