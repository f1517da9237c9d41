//! HTTP/2 frame by frame (RFC 9113, 4), for what a library would never send.

use super::raw;
use crate::{daemon::Daemon, wait};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// Frame types.
pub mod kind {
    /// Body bytes.
    pub const DATA: u8 = 0;
    /// A request's or response's head.
    pub const HEADERS: u8 = 1;
    /// The end of a stream that went wrong.
    pub const RST_STREAM: u8 = 3;
    /// What a side keeps to.
    pub const SETTINGS: u8 = 4;
    /// Is anybody there?
    pub const PING: u8 = 6;
    /// No more streams.
    pub const GOAWAY: u8 = 7;
    /// More of a head.
    pub const CONTINUATION: u8 = 9;
}
/// The head, or the acknowledgement, is complete with this frame: `END_HEADERS`.
pub const END_HEADERS: u8 = 4;
/// Nothing comes after this frame, or it acknowledges: `END_STREAM`, `ACK`.
pub const END_STREAM: u8 = 1;

/// A frame as received.
#[derive(Clone, Debug)]
pub struct Frame {
    /// See [`kind`].
    pub kind: u8,
    /// Bits.
    pub flags: u8,
    /// 0 for the connection itself.
    pub stream: u32,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// An HTTP/2 connection through a tunnel, in the hands of a test.
pub struct Frames {
    io: TlsStream<TcpStream>,
}

impl Frames {
    /// Finishes the TLS handshake inside a tunnel to `authority`, and sends preface and settings.
    pub async fn open(daemon: &Daemon, authority: &str) -> Self {
        let mut frames = Self::silent(daemon, authority).await;
        frames.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.expect("a preface sent");
        frames.send(kind::SETTINGS, 0, 0, &[]).await.expect("settings sent");
        frames
    }

    /// Finishes the TLS handshake and says nothing.
    pub async fn silent(daemon: &Daemon, authority: &str) -> Self {
        let tunnel = raw::tunnel(daemon.proxy(), authority).await;
        Self { io: raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["h2"]).await.expect("a TLS handshake") }
    }

    /// Sends bytes as they are.
    pub async fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.io.write_all(bytes).await
    }

    /// Sends a frame.
    pub async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        self.raw(&frame(kind, flags, stream, payload)).await
    }

    /// The next frame; `None` at the end of the connection, however it comes.
    pub async fn next(&mut self) -> Option<Frame> {
        wait::within("a frame, or the connection's end", async {
            let mut head = [0; 9];
            self.io.read_exact(&mut head).await.ok()?;
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            self.io.read_exact(&mut payload).await.ok()?;
            let stream = u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]);
            Some(Frame { kind: head[3], flags: head[4], stream, payload })
        })
        .await
    }

    /// Reads until `found` is, or the connection ends.
    pub async fn until(&mut self, found: impl Fn(&Frame) -> bool) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if found(&frame) {
                return Some(frame);
            }
        }
    }

    /// Reads to the end; the error code of the last GOAWAY, if there was one.
    pub async fn ended(&mut self) -> Option<u32> {
        let mut code = None;
        while let Some(frame) = self.next().await {
            if frame.kind == kind::GOAWAY {
                code = Some(u32::from_be_bytes(frame.payload[4..8].try_into().expect("four bytes")));
            }
        }
        code
    }
}

/// The bytes of a frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a frame is small").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A head without compression: GET `path` of `https://localhost`, and `fields`.
pub fn get(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
    pseudo.iter().chain(fields).flat_map(|(name, value)| literal(name, value)).collect()
}

/// A literal field that is not added to the table (RFC 7541, 6.2.2).
pub fn literal(name: &str, value: &str) -> Vec<u8> {
    [&[0], &string(name)[..], &string(value)].concat()
}

/// A literal field that is added to the table (RFC 7541, 6.2.1).
pub fn indexed_literal(name: &str, value: &str) -> Vec<u8> {
    [&[0x40], &string(name)[..], &string(value)].concat()
}

/// A string literal without Huffman coding (RFC 7541, 5.2); its length with a prefix of 7 bits (5.1).
fn string(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    match text.len() {
        short @ ..127 => out.push(short as u8),
        long => {
            out.push(127);
            let mut rest = long - 127;
            while rest >= 128 {
                out.push((rest % 128) as u8 | 128);
                rest /= 128;
            }
            out.push(rest as u8);
        }
    }
    out.extend_from_slice(text.as_bytes());
    out
}
