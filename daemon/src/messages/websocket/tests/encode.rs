//! A sender of frames for the tests.

use flate2::{Compress, Compression, FlushCompress};

/// Bits of a frame's first byte.
pub(super) const FIN: u8 = 0x80;
pub(super) const RSV1: u8 = 0x40;

/// One frame, its length in the shortest form.
pub(super) fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut wire = vec![first];
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
    let key = mask.unwrap_or_default();
    wire.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    wire
}

/// Compresses as permessage-deflate asks.
pub(super) struct Deflater {
    state: Compress,
    no_context_takeover: bool,
}

impl Deflater {
    pub(super) fn new(level: u32, no_context_takeover: bool) -> Self {
        Self { state: Compress::new(Compression::new(level), false), no_context_takeover }
    }

    /// A message's payload; with `last`, in a block that says it is the last.
    pub(super) fn message(&mut self, payload: &[u8], last: bool) -> Vec<u8> {
        let mut wire = Vec::new();
        let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
        let (mut rest, mut full) = (payload, true);
        while full || !rest.is_empty() {
            wire.reserve(1000 + rest.len());
            let before = self.state.total_in();
            self.state.compress_vec(rest, &mut wire, flush).expect("zlib compresses anything");
            rest = &rest[(self.state.total_in() - before) as usize..];
            full = wire.len() == wire.capacity();
        }
        if last {
            // The beginning of an empty block (RFC 7692, 7.2.3.4).
            wire.push(0);
        } else {
            wire.truncate(wire.strip_suffix(&[0, 0, 0xff, 0xff]).expect("a flush ends so").len());
        }
        if last || self.no_context_takeover {
            self.state.reset();
        }
        wire
    }
}
