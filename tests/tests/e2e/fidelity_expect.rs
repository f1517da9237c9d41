//! `Expect: 100-continue`: the origin decides whether the body is sent.

use waylay_tests::{
    client::{raw, ways::Way},
    daemon::Daemon,
    origin::{Scripted, Wire},
    rows,
};

const ASKS: &[u8] = b"POST /upload HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

async fn origin<F: Future<Output = std::io::Result<()>> + Send + 'static>(
    way: Way,
    script: impl Fn(Wire) -> F + Send + Sync + 'static,
) -> Scripted {
    if way.is_tls() { Scripted::tls(script).await } else { Scripted::tcp(script).await }
}

#[tokio::test]
async fn the_origins_100_reaches_the_client_before_it_sends_its_body() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let origin = origin(way, |mut wire| async move {
            wire.head().await?;
            wire.send("HTTP/1.1 100 Continue\r\n\r\n").await?;
            wire.exactly(5).await?;
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
            wire.to_end().await
        })
        .await;
        let mut io = way.open(&daemon, &origin).await;
        raw::send(&mut io, way.form(&origin, ASKS)).await;
        let interim = raw::text(&raw::read_head(&mut io).await.unwrap());
        assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n", "{way:?}");
        assert!(origin.received()[0].ends_with(b"\r\n\r\n"), "{way:?}: no body was sent before");
        raw::send(&mut io, b"hello").await;
        assert!(raw::text(&raw::read_head(&mut io).await.unwrap()).starts_with("HTTP/1.1 200"), "{way:?}");
        assert!(origin.received()[0].ends_with(b"hello"), "{way:?}");
        let row = rows::one(&daemon, &rows::of(&origin.url("/upload"))).await;
        assert_eq!((&row["status"], &row["request_size"]), (&200.into(), &5.into()), "{row}");
    }
}

#[tokio::test]
async fn an_origin_that_refuses_is_heard_before_the_body_is_sent() {
    let daemon = Daemon::start().await;
    for way in Way::PROXIED {
        let origin = origin(way, |mut wire| async move {
            wire.head().await?;
            wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno").await?;
            wire.to_end().await
        })
        .await;
        let mut io = way.open(&daemon, &origin).await;
        raw::send(&mut io, way.form(&origin, ASKS)).await;
        let head = raw::text(&raw::read_head(&mut io).await.unwrap());
        assert!(head.starts_with("HTTP/1.1 417"), "{way:?}: {head}");
        assert_eq!(raw::read_exactly(&mut io, 2).await.unwrap(), b"no");
        // Whatever comes now is no request: a client may have sent its body all the same.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut io, b"GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n").await;
        assert_eq!(raw::text(&raw::read_to_end(&mut io).await), "", "{way:?}: it is not answered");
        let row = rows::one(&daemon, &rows::of(&origin.url("/upload"))).await;
        assert_eq!((&row["status"], &row["request_size"]), (&417.into(), &0.into()), "{row}");
    }
    assert!(rows::list(&daemon, "path:/smuggled").await.is_empty());
}

#[tokio::test]
async fn an_origin_that_knows_nothing_of_it_gets_the_body_after_a_while() {
    let daemon = Daemon::start().await;
    let origin = origin(Way::TlsTunnel, |mut wire| async move {
        wire.head().await?;
        wire.exactly(5).await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
        wire.to_end().await
    })
    .await;
    let mut io = Way::TlsTunnel.open(&daemon, &origin).await;
    raw::send(&mut io, [ASKS, b"hello"].concat()).await;
    let interim = raw::text(&raw::read_head(&mut io).await.unwrap());
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(raw::text(&raw::read_head(&mut io).await.unwrap()).starts_with("HTTP/1.1 200"));
}
