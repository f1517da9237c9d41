//! Undoes permessage-deflate (RFC 7692, 7.2.2).

use super::{Deflate, head::First};
use miniz_oxide::inflate::{
    TINFLStatus,
    core::{
        DecompressorOxide, decompress,
        inflate_flags::{TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_IGNORE_ADLER32},
    },
};

/// The window of deflate (RFC 1951, 2); a sender that settled a smaller one is served by it as well.
const WINDOW: usize = 32 << 10;
/// What the sender leaves out behind every message (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// How the bytes of a message become its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// They are its payload.
    Plain,
    /// They are inflated.
    Inflating,
    /// They should have been turned into something else, and are not.
    GivenUp,
}

/// What lives from one message of a direction to the next.
pub(super) struct Inflation {
    deflate: Option<Deflate>,
    /// From the first compressed message on, which many connections never see.
    inflater: Option<Inflater>,
}

impl Inflation {
    pub(super) fn new(deflate: Option<Deflate>) -> Self {
        Self { deflate, inflater: None }
    }

    /// How the message that `first` begins is to be read.
    pub(super) fn begin_message(&mut self, first: First) -> Reading {
        if first.rsv23 {
            if first.rsv1 {
                self.give_up();
            }
            return Reading::GivenUp;
        }
        match (first.rsv1, self.deflate) {
            (false, _) => Reading::Plain,
            (true, None) => Reading::GivenUp,
            (true, Some(deflate)) => {
                let inflater = self.inflater.get_or_insert_with(Inflater::new);
                if deflate.no_context_takeover {
                    inflater.restart();
                }
                Reading::Inflating
            }
        }
    }

    /// The compressed message under way cannot be followed. With its window, all that build on it are lost.
    pub(super) fn give_up(&mut self) {
        self.inflater = None;
        self.deflate = self.deflate.filter(|deflate| deflate.no_context_takeover);
    }

    /// The inflater of the message under way.
    pub(super) fn inflater(&mut self) -> Option<&mut Inflater> {
        self.inflater.as_mut()
    }
}

/// Where inflating had to stop: it was not valid, or came to more than there was room for.
#[derive(Debug)]
pub(super) struct Stopped {
    /// Bytes of the input that were used up.
    pub(super) taken: usize,
}

/// Inflates messages one behind the other, each with what came before it in the window.
pub(super) struct Inflater {
    state: Box<DecompressorOxide>,
    window: Box<[u8]>,
    /// Where in the window the next byte goes.
    at: usize,
    /// Nothing has been read since the beginning, or since a block said that it was the last.
    fresh: bool,
}

impl Inflater {
    fn new() -> Self {
        Self { state: Box::default(), window: vec![0; WINDOW].into(), at: 0, fresh: true }
    }

    /// What comes next begins a stream of its own. (The window is not wiped: a sender that keeps its word does not
    /// reach back into it.)
    fn restart(&mut self) {
        self.state.init();
        self.fresh = true;
    }

    /// Appends what `input` inflates to, at most `room` bytes: all there is, nothing is held back. What came before an
    /// error is appended as well.
    pub(super) fn inflate(&mut self, input: &[u8], output: &mut Vec<u8>, mut room: u64) -> Result<(), Stopped> {
        let flags = TINFL_FLAG_HAS_MORE_INPUT | TINFL_FLAG_IGNORE_ADLER32;
        let mut taken = 0;
        while taken < input.len() || !self.fresh {
            self.fresh = false;
            let (status, read, given) = decompress(&mut self.state, &input[taken..], &mut self.window, self.at, flags);
            taken += read;
            // At most `given`, which is at most the window, so it fits.
            let kept = room.min(given as u64) as usize;
            output.extend_from_slice(&self.window[self.at..self.at + kept]);
            self.at = (self.at + given) % WINDOW;
            room -= kept as u64;
            if kept < given {
                return Err(Stopped { taken });
            }
            match status {
                TINFLStatus::HasMoreOutput => {}
                TINFLStatus::NeedsMoreInput => return Ok(()),
                // It ends neither the message nor the window (RFC 7692, 7.2.3.4).
                TINFLStatus::Done => self.restart(),
                _ => return Err(Stopped { taken }),
            }
        }
        Ok(())
    }

    /// Does so with what its sender left out behind a message. Behind a last block there is nothing to put back, though
    /// RFC 7692 wants an empty block there: other receivers stop reading at a last block as well.
    pub(super) fn inflate_tail(&mut self, output: &mut Vec<u8>, room: u64) -> Result<(), Stopped> {
        if self.fresh { Ok(()) } else { self.inflate(&TAIL, output, room) }
    }
}
