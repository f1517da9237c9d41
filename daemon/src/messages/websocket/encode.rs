//! What one side of a WebSocket sends: frames (RFC 6455, 5.2), and messages compressed for them (RFC 7692, 7.2.1).

use super::{Deflate, mask::Masked};
use flate2::{Compress, Compression, FlushCompress};

/// Of a frame's first byte: nothing of its message follows.
pub const FIN: u8 = 0x80;
/// Of a message's first byte: with permessage-deflate, it is compressed.
pub const RSV1: u8 = 0x40;

/// What every flush ends with, and a message leaves out.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// One frame, its length in the shortest form. A client masks each with a key that nobody can foresee.
pub fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut wire = Vec::with_capacity(payload.len() + 14);
    wire.push(first);
    match payload.len() {
        n @ 0..=125 => wire.push(masked | n as u8),
        n @ 126..=0xffff => {
            wire.push(masked | 126);
            wire.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            wire.push(masked | 127);
            wire.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    wire.extend(mask.into_iter().flatten());
    Masked { bytes: payload, key: mask, from: 0 }.append_to(&mut wire);
    wire
}

/// Compresses the messages of one direction, one behind the other.
pub struct Deflater {
    state: Compress,
    deflate: Deflate,
}

impl Deflater {
    /// As the handshake settled it. The window is the largest there is.
    pub fn new(deflate: Deflate) -> Self {
        Self { state: Compress::new(Compression::fast(), false), deflate }
    }

    /// A message's payload as it goes into a frame marked by [`RSV1`]; `None` if it cannot be compressed, which then holds
    /// for all that would follow.
    pub fn message(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        let mut wire = Vec::with_capacity(64 + payload.len() / 2);
        let (mut rest, mut full) = (payload, true);
        while full || !rest.is_empty() {
            wire.reserve(1024 + rest.len() / 2);
            let before = self.state.total_in();
            self.state.compress_vec(rest, &mut wire, FlushCompress::Sync).ok()?;
            rest = &rest[(self.state.total_in() - before) as usize..];
            full = wire.len() == wire.capacity();
        }
        let without = wire.strip_suffix(&TAIL)?.len();
        wire.truncate(without);
        if self.deflate.no_context_takeover {
            self.state.reset();
        }
        Some(wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_forgotten_does_not_shorten_what_follows() {
        let text = b"the same words once more, the same words once more";
        for forgets in [true, false] {
            let mut deflater = Deflater::new(Deflate { no_context_takeover: forgets });
            let [first, second] = [(); 2].map(|()| deflater.message(text).map(|wire| wire.len()));
            assert_eq!(first == second, forgets, "{first:?} {second:?}");
        }
    }
}
