//! The envelope of messages: AES-256-GCM, the tag behind the message, the nonce in the field `X-Hopp-Nonce`.
//!
//! Files stand in for memory: a message is told to be genuine by reading it once, and read by decrypting it into another
//! file, so that it may be of any size.

use super::gcm::{Gcm, NONCE, TAG};
use crate::platform::At;
use std::{
    fs::File,
    io::{self, Read, Write},
};

/// The field with the nonce, in both directions.
pub const NONCE_FIELD: &str = "x-hopp-nonce";
/// How much is worked on at a time, bytes.
const PIECE: usize = 64 << 10;

/// Decrypts the message in the first `length` bytes of `sealed` into `plain`; `false` if it is not of whoever has the key.
///
/// # Errors
/// Of the files.
pub fn open(key: &[u8; 32], nonce: &[u8; NONCE], (sealed, length): (&File, u64), mut plain: &File) -> io::Result<bool> {
    let Some(length) = length.checked_sub(TAG as u64) else { return Ok(false) };
    let begin = || Gcm::new(key, nonce).map_err(io::Error::other);
    let mut check = begin()?;
    let mut buffer = vec![0; PIECE];
    let mut reader = At { file: sealed, position: 0 };
    each(&mut (&mut reader).take(length), &mut buffer, |piece| check.authenticate(piece).map_err(io::Error::other))?;
    let mut tag = [0; TAG];
    reader.read_exact(&mut tag)?;
    if !check.is_tag(&tag) {
        return Ok(false);
    }
    let mut cipher = begin()?;
    let mut reader = At { file: sealed, position: 0 }.take(length);
    each(&mut reader, &mut buffer, |piece| {
        cipher.decrypt(piece).map_err(io::Error::other)?;
        plain.write_all(piece)
    })?;
    Ok(true)
}

/// The same for a small message, in memory.
///
/// # Errors
/// If the cipher fails.
pub fn opened(key: &[u8; 32], nonce: &[u8; NONCE], sealed: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let begin = || Gcm::new(key, nonce).map_err(io::Error::other);
    let Some((message, tag)) = sealed.split_last_chunk::<TAG>() else { return Ok(None) };
    let mut check = begin()?;
    check.authenticate(message).map_err(io::Error::other)?;
    if !check.is_tag(tag) {
        return Ok(None);
    }
    let mut message = message.to_vec();
    begin()?.decrypt(&mut message).map_err(io::Error::other)?;
    Ok(Some(message))
}

/// Does something with each piece that is read.
fn each(from: &mut impl Read, buffer: &mut [u8], mut work: impl FnMut(&mut [u8]) -> io::Result<()>) -> io::Result<()> {
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => work(&mut buffer[..n])?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Writes what is written to it on as a message; the tag comes by [`Sealer::finish`].
pub struct Sealer<W> {
    gcm: Gcm,
    to: W,
    piece: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Begins a message.
    ///
    /// # Errors
    /// If the cipher cannot be set up.
    pub fn new(key: &[u8; 32], nonce: &[u8; NONCE], to: W) -> io::Result<Self> {
        let gcm = Gcm::new(key, nonce).map_err(io::Error::other)?;
        Ok(Self { gcm, to, piece: Vec::with_capacity(PIECE) })
    }

    /// Ends the message, and gives back where it went.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.to.write_all(&self.gcm.tag())?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..n]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.gcm.seal(&mut self.piece).map_err(io::Error::other)?;
        self.to.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (File, u64) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        (file, bytes.len() as u64)
    }

    fn read(file: &File) -> Vec<u8> {
        let mut bytes = Vec::new();
        At { file, position: 0 }.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else_is() {
        let (key, nonce) = ([7; 32], [9; NONCE]);
        for length in [0, 1, PIECE - 1, PIECE, 3 * PIECE + 5] {
            let message: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut sealer = Sealer::new(&key, &nonce, Vec::new()).unwrap();
            message.chunks(1000).for_each(|piece| sealer.write_all(piece).unwrap());
            let sealed = sealer.finish().unwrap();
            assert_eq!(sealed.len(), length + TAG);
            let opened = |key: &[u8; 32], nonce: &[u8; NONCE], sealed: &[u8]| {
                let (sealed, plain) = (file(sealed), tempfile::tempfile().unwrap());
                let genuine = open(key, nonce, (&sealed.0, sealed.1), &plain).unwrap();
                (genuine, read(&plain))
            };
            assert_eq!(super::opened(&key, &nonce, &sealed).unwrap().as_ref(), Some(&message));
            assert_eq!(opened(&key, &nonce, &sealed), (true, message));
            let forged = (false, Vec::new());
            let mut other = sealed.clone();
            *other.last_mut().unwrap() ^= 1;
            assert_eq!(opened(&key, &nonce, &other), forged);
            assert_eq!(super::opened(&key, &nonce, &other).unwrap(), None);
            assert_eq!(opened(&key, &nonce, &sealed[..sealed.len() - 1]), forged);
            assert_eq!(opened(&key, &[8; NONCE], &sealed), forged);
            assert_eq!(opened(&[6; 32], &nonce, &sealed), forged);
        }
        assert!(!open(&key, &nonce, (&file(b"short").0, 5), &tempfile::tempfile().unwrap()).unwrap());
    }
}
