//! Just enough of RFC 6455 to be echoed: whole frames of less than 64 KiB.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use waylay_tests::client::{Link, empty};

const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Answers a handshake; gives every frame back, unmasked, and ends after a close.
pub(crate) fn accept(mut request: Request<Incoming>) -> Response<()> {
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map_or(&b""[..], HeaderValue::as_bytes).to_owned();
    tokio::spawn(async move {
        let Ok(io) = hyper::upgrade::on(&mut request).await else { return };
        // The peer may leave without a word.
        let _ = echo(TokioIo::new(io)).await;
    });
    let digest = Sha1::digest([&key[..], b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat());
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let fields = response.headers_mut();
    fields.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    fields.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    fields.insert(header::SEC_WEBSOCKET_ACCEPT, BASE64_STANDARD.encode(digest).parse().expect("visible ASCII"));
    response
}

async fn echo(mut io: TokioIo<Upgraded>) -> io::Result<()> {
    loop {
        let (opcode, payload) = read(&mut io).await?;
        io.write_all(&frame(opcode, &payload, false)).await?;
        if opcode == CLOSE {
            return io.shutdown().await;
        }
    }
}

/// A WebSocket on the side of the client.
pub(crate) struct Client(TokioIo<Upgraded>);

impl Client {
    /// Opens `url` on a connection that has to itself.
    pub(crate) async fn open(link: &mut Link, url: &str) -> Self {
        let request = Request::get(url)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(empty());
        let response = link.send(request.expect("a request")).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        Self(TokioIo::new(hyper::upgrade::on(response).await.expect("a WebSocket")))
    }

    /// Sends a message and waits for it to come back.
    pub(crate) async fn echoed(&mut self, payload: &[u8]) {
        self.0.write_all(&frame(BINARY, payload, true)).await.expect("a frame sent");
        let (opcode, back) = read(&mut self.0).await.expect("a frame");
        assert!(opcode == BINARY && back == payload, "the same message");
    }

    /// Closes it and waits for the other side to do so too.
    pub(crate) async fn close(mut self) {
        self.0.write_all(&frame(CLOSE, &1000u16.to_be_bytes(), true)).await.expect("a frame sent");
        assert_eq!(read(&mut self.0).await.expect("a frame").0, CLOSE);
    }
}

fn frame(opcode: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut frame = vec![opcode];
    match u8::try_from(payload.len()) {
        Ok(short @ ..126) => frame.push(mask_bit | short),
        _ => {
            frame.push(mask_bit | 126);
            frame.extend(u16::try_from(payload.len()).expect("less than 64 KiB").to_be_bytes());
        }
    }
    if masked {
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    } else {
        frame.extend(payload);
    }
    frame
}

async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let (opcode, length) = (io.read_u8().await?, io.read_u8().await?);
    let short = usize::from(length & 0x7f);
    let size = if short == 126 { usize::from(io.read_u16().await?) } else { short };
    let mut mask = [0; 4];
    if length & 0x80 != 0 {
        io.read_exact(&mut mask).await?;
    }
    let mut payload = vec![0; size];
    io.read_exact(&mut payload).await?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Ok((opcode, payload))
}
