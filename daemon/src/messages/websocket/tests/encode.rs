//! A sender of messages for the tests, which says that a block is the last where that is wanted.

pub(super) use crate::messages::websocket::encode::{FIN, RSV1, frame};
use flate2::{Compress, Compression, FlushCompress};

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
