//! Sockets: the proxy's port, a tunnel through it, TLS in the tunnel, bytes read and written.

use crate::{pki, wait};
use rustls::pki_types::ServerName;
use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A TCP connection without Nagle's delay.
pub async fn connect(address: SocketAddr) -> TcpStream {
    let socket = wait::within("a TCP connection", TcpStream::connect(address)).await;
    let socket = socket.unwrap_or_else(|e| panic!("no connection to {address}: {e}"));
    socket.set_nodelay(true).expect("TCP_NODELAY");
    socket
}

/// A tunnel to `authority` (`host:port`) that the proxy has answered with 200.
pub async fn tunnel(proxy: SocketAddr, authority: &str) -> TcpStream {
    let mut socket = connect(proxy).await;
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("CONNECT sent");
    let head = text(&read_head(&mut socket).await.expect("an answer to CONNECT"));
    assert!(head.starts_with("HTTP/1.1 200"), "CONNECT was answered {head:?}");
    socket
}

/// A TLS handshake that trusts only `ca` (PEM) and asks for `host`, a name or an address.
pub async fn tls(socket: TcpStream, ca: &str, host: &str, alpn: &[&str]) -> io::Result<TlsStream<TcpStream>> {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    let handshake = TlsConnector::from(pki::client(ca, alpn)).connect(name, socket);
    wait::within("a TLS handshake", handshake).await
}

/// Reads a head, up to and with the empty line that ends it.
pub async fn read_head(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    wait::within("the end of a head", async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(io.read_u8().await?);
        }
        Ok(head)
    })
    .await
}

/// Reads exactly `count` bytes.
pub async fn read_exactly(io: &mut (impl AsyncRead + Unpin), count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    wait::within("bytes", io.read_exact(&mut bytes)).await?;
    Ok(bytes)
}

/// Reads until the peer ends; a reset counts as an end.
pub async fn read_to_end(io: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = wait::within("the peer's end", io.read_to_end(&mut bytes)).await;
    bytes
}

/// Writes all of `bytes`.
pub async fn send(io: &mut (impl AsyncWrite + Unpin), bytes: impl AsRef<[u8]>) {
    io.write_all(bytes.as_ref()).await.expect("bytes sent");
    io.flush().await.expect("bytes sent");
}

/// Sends `request` on a new connection and reads all that comes back, for requests after which the peer closes.
pub async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut socket = connect(address).await;
    // The peer may refuse early and reset; what it answered is what counts.
    let _ = socket.write_all(request.as_ref()).await;
    text(&read_to_end(&mut socket).await)
}

/// Bytes as text, what is not UTF-8 replaced.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
