//! An answer on its way to the page: undone of its codings, written as JSON and sealed into a file, and handed over from there, so
//! that a page which reads slowly holds no thread, and a broken body is known before the answer begins.

use super::enveloped;
use crate::{
    agent::SendError,
    content::{Codings, Decoder},
    data_dir::create_nameless,
    engine::pairings::Pairing,
    hoppscotch::{
        answer::{Answer, SAMPLE},
        envelope::Sealer,
        keys::fresh_nonce,
    },
    platform::At,
};
use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};
use futures_util::stream;
use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt},
    sync::OwnedSemaphorePermit,
    task::spawn_blocking,
};

/// Most that codings may make of a body, bytes.
const DECODED: u64 = 1 << 30;
/// How much is handed over at a time, bytes.
const PIECE: usize = 64 << 10;

/// An answer and its body.
pub(super) struct Delivered {
    pub answer: Answer,
    /// As it was transferred.
    pub body: File,
    pub length: u64,
    /// Whether its codings are undone.
    pub decompress: bool,
}

/// Hands it over; the page's `turn` ends when it has all of it.
///
/// # Errors
/// Of files.
pub(super) async fn deliver(
    scratch: PathBuf,
    pairing: &Arc<Pairing>,
    delivered: Delivered,
    turn: OwnedSemaphorePermit,
) -> io::Result<Response<Body>> {
    let nonce = fresh_nonce()?;
    let pairing = Arc::clone(pairing);
    let work = move || delivered.sealed(super::key(&pairing)?, &nonce, &scratch);
    let sealed = spawn_blocking(work).await.map_err(io::Error::other)??;
    let mut sealed = tokio::fs::File::from_std(sealed);
    let length = sealed.seek(io::SeekFrom::End(0)).await?;
    sealed.rewind().await?;
    let pieces = stream::unfold((sealed, turn), |(mut file, turn)| async move {
        let mut piece = Vec::with_capacity(PIECE);
        match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(piece), (file, turn))),
            Err(error) => Some((Err(error), (file, turn))),
        }
    });
    let mut response = enveloped(&nonce, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

impl Delivered {
    /// One that says in words why there is none of the origin's.
    pub(super) fn of_error(scratch: &Path, id: i64, error: &SendError, time: (i64, i64)) -> io::Result<Self> {
        let (answer, words) = Answer::of_error(id, error, time);
        let mut body = create_nameless(scratch)?;
        body.write_all(&words)?;
        Ok(Self { answer, body, length: words.len() as u64, decompress: false })
    }

    fn sealed(self, key: &[u8; 32], nonce: &[u8; 12], scratch: &Path) -> io::Result<File> {
        let plain = match self.undone(scratch)? {
            Ok(plain) => plain,
            Err((answer, error)) => Self::of_error(scratch, answer.id, &error, answer.time)?,
        };
        let Self { answer, body, length, .. } = plain;
        let mut sample = Vec::with_capacity(SAMPLE);
        At { file: &body, position: 0 }.take(SAMPLE as u64).read_to_end(&mut sample)?;
        let file = create_nameless(scratch)?;
        let mut to = Sealer::new(key, nonce, &file)?;
        answer.write((&mut At { file: &body, position: 0 }, length), &sample, &mut to)?;
        to.finish()?;
        Ok(file)
    }

    /// Without its codings, or why that cannot be.
    fn undone(self, scratch: &Path) -> io::Result<Result<Self, (Answer, SendError)>> {
        let Self { answer, body, length, decompress } = self;
        let is_coding = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-encoding");
        let fields = answer.headers.iter().filter(is_coding).map(|(_, value)| value.as_bytes());
        let codings = match Codings::parse(fields) {
            _ if !decompress => Codings::default(),
            Ok(codings) => codings,
            Err(error) => return Ok(Err(undecodable(answer, &error))),
        };
        if codings.as_slice().is_empty() {
            return Ok(Ok(Self { answer, body, length, decompress: false }));
        }
        let plain = create_nameless(scratch)?;
        let mut to = BufWriter::with_capacity(PIECE, &plain);
        let mut decoder = Decoder::new(At { file: &body, position: 0 }.take(length), &codings, DECODED);
        let mut piece = vec![0; PIECE];
        let mut decoded = 0;
        loop {
            match decoder.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => {
                    to.write_all(&piece[..n])?;
                    decoded += n as u64;
                }
                Err(error) => return Ok(Err(undecodable(answer, &error))),
            }
        }
        if decoder.truncated() {
            let why = format!("it comes to more than {} MiB", DECODED >> 20);
            return Ok(Err(undecodable(answer, &why)));
        }
        to.flush()?;
        drop(to);
        Ok(Ok(Self { answer, body: plain, length: decoded, decompress: false }))
    }
}

fn undecodable(answer: Answer, why: &dyn std::fmt::Display) -> (Answer, SendError) {
    let message = format!("The answer has come, but its body could not be decoded: {why}.");
    let hint = "ask for it without codings: Accept-Encoding: identity";
    (answer, SendError::new("response", "not decoded", message, hint))
}
