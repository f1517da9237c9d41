//! Row 14: bodies without end are passed on with bounded memory; when the client leaves, all of it is freed and marked.

use http::Request;
use http_body_util::BodyExt;
use waylay_tests::{
    client::{Link, Speak, empty},
    daemon::Daemon,
    load::usage::Occupied,
    origin::{Scripted, Wire},
    rows, wait,
};

/// Bytes read before the client leaves: more than may be in flight.
const ENOUGH: usize = 96 << 20;
/// What memory may grow by, KiB: bodies in flight, and what a debug build adds.
const GROWTH: u64 = 72 << 10;

async fn endless(mut wire: Wire, head: &str, piece: Vec<u8>) -> std::io::Result<()> {
    wire.head().await?;
    wire.send(format!("HTTP/1.1 200 OK\r\n{head}\r\nTransfer-Encoding: chunked\r\n\r\n")).await?;
    let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
    loop {
        wire.send(&chunk).await?;
    }
}

#[tokio::test]
async fn security_14_an_endless_body_costs_bounded_memory_and_is_freed_when_the_client_leaves() {
    let daemon = Daemon::start().await;
    for (path, head, piece) in [
        ("/bytes", "Content-Type: application/octet-stream", vec![7; 64 << 10]),
        ("/events", "Content-Type: text/event-stream", b"data: again\n\n".repeat(500)),
    ] {
        for speak in [Speak::Http1, Speak::Http2] {
            let piece = piece.clone();
            let origin = Scripted::tls(move |wire| endless(wire, head, piece.clone())).await;
            let url = origin.url(path);
            let before = Occupied::by(daemon.pid()).unwrap();
            let mut link = Link::open(&daemon, &url, speak).await;
            let response = link.send(Request::get(&url).body(empty()).unwrap()).await.unwrap();
            let (mut body, mut read) = (response.into_body(), 0);
            while read < if path == "/bytes" { ENOUGH } else { ENOUGH / 8 } {
                let frame = wait::within("the next piece", body.frame()).await.unwrap().unwrap();
                read += frame.data_ref().map_or(0, |data| data.len());
            }
            let during = Occupied::by(daemon.pid()).unwrap();
            assert!(during.resident < before.resident + GROWTH, "{path}, {speak:?}: from {before} to {during}");
            drop((body, link));
            let row = rows::one(&daemon, &rows::of(&url)).await;
            assert_eq!(rows::failure(&row), "client response client aborted", "{path}, {speak:?}: {row}");
            assert_ne!(row["response_end"], "complete", "{row}");
            wait::until("its connections to be closed", || async {
                (Occupied::by(daemon.pid()).unwrap().sockets <= before.sockets + 4).then_some(())
            })
            .await;
        }
    }
}
