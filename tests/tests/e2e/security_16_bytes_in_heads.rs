//! Row 16: bytes that are no text pass and are kept as they are, and are shown so that they do no harm.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows,
};

async fn echoes(mut wire: Wire) -> std::io::Result<()> {
    wire.head().await?;
    wire.send(b"HTTP/1.1 200 OK\r\nX-Back: \x80\xfe\r\nContent-Length: 0\r\n\r\n").await?;
    wire.to_end().await
}

#[tokio::test]
async fn security_16_bytes_in_fields_pass_both_ways_and_are_kept() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let origin = if way.is_tls() { Scripted::tls(echoes).await } else { Scripted::tcp(echoes).await };
        let mut io = way.open(&daemon, &origin).await;
        let request = b"GET /bytes HTTP/1.1\r\nHost: a.test\r\nX-Bytes: \xe9\xff\x80\r\n\r\n";
        raw::send(&mut io, way.form(&origin, request)).await;
        let back = raw::read_head(&mut io).await.unwrap();
        assert!(back.windows(2).any(|w| w == b"\x80\xfe"), "{way:?}: {}", raw::text(&back));
        assert!(origin.received()[0].windows(3).any(|w| w == b"\xe9\xff\x80"), "{way:?}");
        let row = rows::one_in_detail(&daemon, &rows::of(&origin.url("/bytes"))).await;
        let bytes = |message: &str, name: &str| {
            let fields = row[message]["headers"].as_array().unwrap();
            fields.iter().find(|f| f["name"].as_str().unwrap().eq_ignore_ascii_case(name)).unwrap()["bytes"].clone()
        };
        assert_eq!((bytes("request", "x-bytes"), bytes("response", "x-back")), ("6f+A".into(), "gP4=".into()));
        let shown = daemon.waylay(&["show", rows::id(&row), "--reveal"]).await.expect(0).stdout;
        assert!(shown.contains("\\xe9\\xff\\x80"), "{shown}");
    }
}

#[tokio::test]
async fn security_16_bytes_in_targets_are_refused_and_kept() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(echoes).await;
    let mut io = Way::TlsTunnel.open(&daemon, &origin).await;
    raw::send(&mut io, b"GET /caf\xe9\x1b[2J HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
    assert!(raw::text(&raw::read_head(&mut io).await.unwrap()).starts_with("HTTP/1.1 400"));
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(rows::failure(&row), "client request bad request", "{row}");
    for arguments in [&["ls"][..], &["show", rows::id(&row)]] {
        let shown = daemon.waylay(arguments).await.expect(0).stdout;
        assert!(shown.contains("caf") && !shown.contains('\x1b'), "{shown:?}");
    }
    let place = daemon.stop().await;
    let db = rusqlite::Connection::open(place.data().join("waylay.db")).unwrap();
    let head: Vec<u8> = db.query_row("SELECT request_head FROM exchange", [], |r| r.get(0)).unwrap();
    assert_eq!(head, b"GET /caf\xe9\x1b[2J HTTP/1.1\r\nHost: a.test\r\n\r\n");
}
