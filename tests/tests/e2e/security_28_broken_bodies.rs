//! Row 28: whatever way an answer breaks off, no client takes it for complete, and the row says so.

use http::Request;
use std::io;
use waylay_tests::{
    client::{
        Answer, Link, Speak, empty,
        frames::{END_HEADERS, END_STREAM, frame, kind, literal},
    },
    daemon::Daemon,
    load::usage::Occupied,
    origin::{Scripted, Wire},
    rows, wait,
};

#[derive(Clone, Copy, Debug)]
enum Breaks {
    LengthShort,
    ChunkCut,
    NoLastChunk,
    Reset,
    StreamReset,
    GoAway,
    ConnectionEnds,
}

impl Breaks {
    const ALL: [Self; 7] = [
        Self::LengthShort,
        Self::ChunkCut,
        Self::NoLastChunk,
        Self::Reset,
        Self::StreamReset,
        Self::GoAway,
        Self::ConnectionEnds,
    ];

    async fn origin(self) -> Scripted {
        match self {
            Self::StreamReset | Self::GoAway | Self::ConnectionEnds => {
                Scripted::http2(move |wire| self.over_http2(wire)).await
            }
            _ => Scripted::tls(move |wire| self.over_http1(wire)).await,
        }
    }

    async fn over_http1(self, mut wire: Wire) -> io::Result<()> {
        wire.head().await?;
        let (fields, body) = match self {
            Self::LengthShort | Self::Reset => ("Content-Length: 100", "only this"),
            Self::ChunkCut => ("Transfer-Encoding: chunked", "64\r\nonly this"),
            _ => ("Transfer-Encoding: chunked", "9\r\nonly this\r\n"),
        };
        wire.send(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{body}")).await?;
        // Dropped without TLS's goodbye, it looks like a cut wire.
        if matches!(self, Self::Reset) { Ok(()) } else { wire.end().await }
    }

    async fn over_http2(self, mut wire: Wire) -> io::Result<()> {
        wire.exactly(24).await?;
        wire.send(frame(kind::SETTINGS, 0, 0, &[])).await?;
        while next(&mut wire).await? != kind::HEADERS {}
        let head = [&[0x88][..], &literal("content-type", "text/plain")].concat();
        wire.send(frame(kind::HEADERS, END_HEADERS, 1, &head)).await?;
        wire.send(frame(kind::DATA, 0, 1, b"only this")).await?;
        match self {
            // INTERNAL_ERROR
            Self::StreamReset => wire.send(frame(kind::RST_STREAM, 0, 1, &2u32.to_be_bytes())).await?,
            // Last stream 0, and PROTOCOL_ERROR.
            Self::GoAway => wire.send(frame(kind::GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 1])).await?,
            _ => return wire.end().await,
        }
        wire.to_end().await
    }
}

/// Reads a frame; its type.
async fn next(wire: &mut Wire) -> io::Result<u8> {
    let head = wire.exactly(9).await?;
    let length = usize::from(head[1]) << 8 | usize::from(head[2]);
    wire.exactly(length).await?;
    Ok(head[3])
}

#[tokio::test]
async fn security_28_no_client_takes_a_broken_answer_for_complete() {
    let daemon = Daemon::start().await;
    for how in Breaks::ALL {
        for speak in [Speak::Http1, Speak::Http2] {
            let origin = how.origin().await;
            let url = origin.url("/broken");
            let mut link = Link::open(&daemon, &url, speak).await;
            let sent = link.send(Request::get(&url).body(empty()).unwrap());
            match wait::within("an answer", sent).await {
                Ok(response) => {
                    let answer = wait::within("its end", Answer::read(response)).await;
                    assert!(answer.is_err(), "{how:?} to {speak:?} looks complete: {answer:?}");
                }
                // It may break before the head has been passed on.
                Err(e) => assert!(!e.is_user(), "{how:?} to {speak:?}: {e}"),
            }
            let row = rows::one(&daemon, &rows::of(&url)).await;
            assert_eq!((&row["status"], &row["response_end"]), (&200.into(), &"failed".into()), "{how:?}: {row}");
            assert_eq!(rows::failure(&row), "upstream response origin aborted", "{how:?} to {speak:?}: {row}");
        }
    }
}

#[tokio::test]
async fn security_28_an_answer_that_ends_in_order_is_complete() {
    let daemon = Daemon::start().await;
    let origin = Scripted::http2(|mut wire| async move {
        wire.exactly(24).await?;
        wire.send(frame(kind::SETTINGS, 0, 0, &[])).await?;
        while next(&mut wire).await? != kind::HEADERS {}
        wire.send(frame(kind::HEADERS, END_HEADERS, 1, &[0x88])).await?;
        wire.send(frame(kind::DATA, END_STREAM, 1, b"all of it")).await?;
        wire.to_end().await
    })
    .await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http2).await;
    assert_eq!(link.get(&origin.url("/whole")).await.unwrap().body, "all of it");
    assert_eq!(rows::one(&daemon, "path:/whole").await["response_end"], "complete");
}

#[tokio::test]
async fn security_28_what_clients_leave_behind_is_freed() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.to_end().await
    })
    .await;
    let before = Occupied::by(daemon.pid()).unwrap();
    for round in 0..20 {
        let speak = if round % 2 == 0 { Speak::Http1 } else { Speak::Http2 };
        let url = origin.url(&format!("/left?{round}"));
        let mut link = Link::open(&daemon, &url, speak).await;
        let request = Request::get(&url).body(empty()).unwrap();
        let asking = tokio::spawn(async move { link.send(request).await.map(drop) });
        origin.has_received(format!("/left?{round} ").as_bytes()).await;
        asking.abort();
    }
    let rows = rows::done(&daemon, "path:/left", 20).await;
    assert!(rows.iter().all(|row| rows::failure(row) == "client wait client aborted"), "{rows:#?}");
    wait::until("connections to both sides to be closed", || async {
        let now = Occupied::by(daemon.pid()).unwrap();
        (now.sockets <= before.sockets + 4).then_some(())
    })
    .await;
}
