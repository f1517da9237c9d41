//! A tunnel to another proxy, in which the client asks that one for a tunnel.

use waylay_tests::{client::raw, daemon::Daemon, origin::Scripted};

#[tokio::test]
async fn connect_inside_a_tunnel_reaches_the_other_proxy() {
    let daemon = Daemon::start().await;
    let other = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\n\r\n").await?;
        let said = wire.exactly(5).await?;
        wire.send(said).await?;
        wire.to_end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &other.authority()).await;
    raw::send(&mut socket, "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n").await;
    let head = raw::text(&raw::read_head(&mut socket).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    raw::send(&mut socket, "hello").await;
    assert_eq!(raw::read_exactly(&mut socket, 5).await.unwrap(), b"hello");
    assert!(other.received()[0].starts_with(b"CONNECT far.test:443 HTTP/1.1\r\n"), "{:?}", other.received());
}
