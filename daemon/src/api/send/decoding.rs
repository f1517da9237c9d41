//! The bytes of a response with its content codings undone, as they come.

use super::stream::chunk;
use crate::content::{Codings, Decoder};
use bytes::{Buf, Bytes};
use std::io::{self, Read};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};

/// How much is decoded at a time, bytes.
const PIECE: usize = 64 << 10;
/// Pieces that wait to be decoded.
const AHEAD: usize = 4;

/// A body that is being decoded, on a thread that may block.
pub(super) struct Decoding {
    encoded: Sender<Bytes>,
    done: JoinHandle<Option<String>>,
}

impl Decoding {
    /// Decodes what has these fields, and hands it on in lines; `None` where there is nothing to undo, or nobody knows how.
    pub(super) fn of(headers: &[(String, String)], lines: &Sender<Bytes>) -> Option<Self> {
        let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
        let codings = Codings::parse(named.map(|(_, value)| value.as_bytes())).ok()?;
        if codings.as_slice().is_empty() {
            return None;
        }
        let (encoded, coming) = mpsc::channel(AHEAD);
        let lines = lines.clone();
        Some(Self { encoded, done: spawn_blocking(move || decode(coming, &codings, &lines)) })
    }

    /// More of it has come.
    pub(super) async fn add(&self, bytes: Bytes) {
        // One that met an error takes no more, and tells it at the end.
        let _ = self.encoded.send(bytes).await;
    }

    /// All has come and was handed on; what was wrong with it, if anything.
    pub(super) async fn end(self) -> Option<String> {
        drop(self.encoded);
        self.done.await.unwrap_or_else(|e| Some(e.to_string()))
    }
}

fn decode(coming: Receiver<Bytes>, codings: &Codings, lines: &Sender<Bytes>) -> Option<String> {
    // Whoever reads slowly is waited for: nothing piles up, however much comes out.
    let mut decoder = Decoder::new(Coming { coming, now: Bytes::new() }, codings, u64::MAX);
    let mut piece = vec![0; PIECE];
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return None,
            Ok(n) => lines.blocking_send(chunk(&piece[..n])).ok()?,
            Err(e) => return Some(format!("The answer could not be decoded to its end: {e}.")),
        }
    }
}

/// Waits for bytes.
struct Coming {
    coming: Receiver<Bytes>,
    now: Bytes,
}

impl Read for Coming {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.coming.blocking_recv() {
                Some(bytes) => self.now = bytes,
                None => return Ok(0),
            }
        }
        let n = self.now.len().min(to.len());
        self.now.copy_to_slice(&mut to[..n]);
        Ok(n)
    }
}
