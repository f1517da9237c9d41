//! Row 29: what is neither TLS nor HTTP passes a tunnel both ways at once, whoever speaks first, and is a row.

use waylay_tests::{client::raw, daemon::Daemon, origin::Scripted, rows};

#[tokio::test]
async fn security_29_whoever_speaks_first_bytes_pass_both_ways_and_are_counted() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.send("SSH-2.0-origin\r\n").await?;
        wire.exactly(16).await?;
        wire.send([0u8, 255, 1]).await?;
        wire.to_end().await
    })
    .await;
    let mut client_waits = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    assert_eq!(raw::read_exactly(&mut client_waits, 16).await.unwrap(), b"SSH-2.0-origin\r\n");
    raw::send(&mut client_waits, b"SSH-2.0-client\r\n").await;
    assert_eq!(raw::read_exactly(&mut client_waits, 3).await.unwrap(), [0, 255, 1]);

    let mut client_speaks = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut client_speaks, b"SSH-2.0-client\r\n").await;
    assert_eq!(raw::read_exactly(&mut client_speaks, 19).await.unwrap(), b"SSH-2.0-origin\r\n\0\xff\x01");

    drop((client_waits, client_speaks));
    for row in rows::done(&daemon, "is:tunnel", 2).await {
        assert_eq!((&row["request_size"], &row["response_size"]), (&16.into(), &19.into()), "{row}");
        assert_eq!((&row["method"], rows::failure(&row).as_str()), (&"CONNECT".into(), ""), "{row}");
    }
}
