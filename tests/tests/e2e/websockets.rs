//! WebSockets: what the client gets is what the origin itself answered, and then the bytes of both.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha1::{Digest, Sha1};
use waylay_tests::{
    client::raw,
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows,
};

const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// A text frame with RSV1 set: "Hello" compressed (RFC 7692, 7.2.3.1).
const COMPRESSED: &[u8] = &[0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
const MASKED: &[u8] = &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

fn handshake(path: &str, host: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Protocol: chat.v1, chat.v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
}

async fn accepts(mut wire: Wire) -> std::io::Result<()> {
    wire.head().await?;
    wire.send(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Protocol: chat.v2\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n"
    ))
    .await?;
    wire.send(COMPRESSED).await?;
    wire.exactly(MASKED.len()).await?;
    wire.send(b"\x81\x02ok").await?;
    wire.to_end().await
}

/// A server that computes the accept key, chooses `chat.v2` and greets; for real clients.
pub(super) async fn echoing() -> Scripted {
    Scripted::tls(|mut wire| async move {
        let head = String::from_utf8_lossy(&wire.head().await?).into_owned();
        let key = head.lines().find_map(|l| l.to_lowercase().starts_with("sec-websocket-key:").then(|| l[18..].trim()));
        let accept = accept_key(key.unwrap_or_default());
        let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        let fields = format!("Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat.v2\r\n\r\n");
        wire.send(format!("{answer}{fields}")).await?;
        wire.send(b"\x81\x05hello").await?;
        wire.to_end().await
    })
    .await
}

/// RFC 6455, 4.2.2.
pub(super) fn accept_key(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(Sha1::digest(text))
}

fn assert_answer_is_the_origins(head: &str) {
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let lower = head.to_lowercase();
    for field in [
        &format!("sec-websocket-accept: {}", ACCEPT.to_lowercase()),
        "sec-websocket-protocol: chat.v2\r\n",
        "sec-websocket-extensions: permessage-deflate; server_no_context_takeover\r\n",
        "upgrade: websocket\r\n",
        "connection: upgrade\r\n",
    ] {
        assert!(lower.contains(field), "{field:?} is missing in {head}");
    }
}

#[tokio::test]
async fn the_origins_own_101_with_subprotocol_and_extensions_reaches_the_client() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(accepts).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["h2", "http/1.1"][1..]).await.unwrap();
    raw::send(&mut stream, handshake("/socket", &origin.authority())).await;
    assert_answer_is_the_origins(&raw::text(&raw::read_head(&mut stream).await.unwrap()));
    let frame = raw::read_exactly(&mut stream, COMPRESSED.len()).await.unwrap();
    assert_eq!(frame, COMPRESSED, "a compressed frame passes untouched");
    raw::send(&mut stream, MASKED).await;
    assert_eq!(raw::read_exactly(&mut stream, 4).await.unwrap(), b"\x81\x02ok");
    origin.has_received(MASKED).await;
    let sent = raw::text(&origin.received()[0]).to_lowercase();
    assert!(sent.contains("sec-websocket-protocol: chat.v1, chat.v2\r\n"), "{sent}");
    assert!(sent.contains("sec-websocket-extensions: permessage-deflate\r\n"), "{sent}");
    drop(stream);
    let row = rows::one(&daemon, "is:ws").await;
    assert_eq!((&row["kind"], &row["status"]), (&"websocket".into(), &101.into()), "{row}");
    assert_eq!(row["path"], "/socket");
}

#[tokio::test]
async fn a_socket_without_tls_inside_a_tunnel_and_by_absolute_form() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(accepts).await;
    let mut tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut tunnel, handshake("/tunnelled", &origin.authority())).await;
    let mut direct = raw::connect(daemon.proxy()).await;
    raw::send(&mut direct, handshake(&origin.url("/absolute"), &origin.authority())).await;
    for mut socket in [tunnel, direct] {
        assert_answer_is_the_origins(&raw::text(&raw::read_head(&mut socket).await.unwrap()));
        assert_eq!(raw::read_exactly(&mut socket, COMPRESSED.len()).await.unwrap(), COMPRESSED);
        raw::send(&mut socket, MASKED).await;
        assert_eq!(raw::read_exactly(&mut socket, 4).await.unwrap(), b"\x81\x02ok");
    }
    rows::done(&daemon, "is:ws", 2).await;
}

#[tokio::test]
async fn a_refused_upgrade_is_the_origins_own_401() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?").await?;
        wire.to_end().await
    })
    .await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, handshake("/private", &origin.authority())).await;
    let head = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert!(head.to_lowercase().contains("www-authenticate: basic"), "{head}");
    assert_eq!(raw::read_exactly(&mut stream, 4).await.unwrap(), b"who?");
    let row = rows::one(&daemon, "path:/private").await;
    assert_eq!((&row["status"], &row["failure"]), (&401.into(), &Value::Null), "{row}");
    assert_ne!(row["kind"], "websocket", "{row}");
}

#[tokio::test]
async fn no_101_without_an_origin() {
    let daemon = Daemon::start().await;
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/gone", held.local_addr().unwrap());
    let mut socket = raw::connect(daemon.proxy()).await;
    raw::send(&mut socket, handshake(&url, &held.local_addr().unwrap().to_string())).await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    let row = rows::one(&daemon, "path:/gone").await;
    assert_eq!(rows::failure(&row), "upstream connect refused", "{row}");
}

#[tokio::test]
async fn when_the_origin_ends_the_client_sees_the_end() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        wire.send(format!("{answer}Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n\x08\x02")).await?;
        wire.end().await
    })
    .await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, handshake("/ends", &origin.authority())).await;
    raw::read_head(&mut stream).await.unwrap();
    assert_eq!(raw::read_to_end(&mut stream).await, b"\x08\x02");
    drop(stream);
    rows::one(&daemon, "path:/ends").await;
}
