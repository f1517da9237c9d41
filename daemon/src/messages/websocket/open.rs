//! A text or binary message under way.

use super::{
    head::First,
    inflation::{Inflation, Reading},
    mask::Masked,
};
use crate::messages::Found;
use waylay_storage::model::{MessageKind, MessageState};

/// The longest message that is inflated.
const MAX_INFLATED: u64 = 64 << 20;
/// How much of a masked message is unmasked at a time before it is inflated.
const UNMASKED: usize = 4 << 10;

pub(super) struct Open {
    kind: MessageKind,
    offset: u64,
    length: u64,
    wire_length: u64,
    fragments: u32,
    compressed: bool,
    reading: Reading,
}

impl Open {
    /// A message whose first frame `first` begins, and whose payload will begin at `offset`.
    pub(super) fn new(kind: MessageKind, offset: u64, first: First, reading: Reading) -> Self {
        Self { kind, offset, length: 0, wire_length: 0, fragments: 1, compressed: first.rsv1, reading }
    }

    /// Another of its frames begins. Extensions mark the first frame alone; marks on others mean something unknown.
    pub(super) fn next_fragment(&mut self, first: First, inflation: &mut Inflation) {
        self.fragments = self.fragments.saturating_add(1);
        if first.rsv1 || first.rsv23 {
            self.give_up(inflation);
        }
    }

    /// Appends what `bytes` become to `payload`; returns how much that is.
    pub(super) fn feed(&mut self, bytes: Masked<'_>, inflation: &mut Inflation, payload: &mut Vec<u8>) -> u64 {
        let before = payload.len();
        self.wire_length += bytes.bytes.len() as u64;
        if self.reading == Reading::Inflating {
            self.inflate(bytes, inflation, payload);
        } else {
            bytes.append_to(payload);
        }
        self.appended(before, payload)
    }

    /// Its last byte has come: appends what was still to be inflated; returns how much that is.
    pub(super) fn end(&mut self, inflation: &mut Inflation, payload: &mut Vec<u8>) -> u64 {
        let before = payload.len();
        if self.reading == Reading::Inflating
            && let Some(inflater) = inflation.inflater()
            && inflater.inflate_tail(payload, MAX_INFLATED - self.length).is_err()
        {
            self.give_up(inflation);
        }
        self.appended(before, payload)
    }

    /// What it is, having ended as `state`; a message that was given up stays so.
    pub(super) fn found(self, state: MessageState) -> Found {
        Found {
            kind: self.kind,
            offset: self.offset,
            length: self.length,
            wire_length: self.wire_length,
            fragments: self.fragments,
            compressed: self.compressed,
            state: if self.reading == Reading::GivenUp { MessageState::Undecoded } else { state },
            payload: None,
        }
    }

    fn inflate(&mut self, bytes: Masked<'_>, inflation: &mut Inflation, payload: &mut Vec<u8>) {
        let mut room = [0; UNMASKED];
        let before = payload.len();
        let mut left = Some(bytes);
        while let Some(masked) = left {
            let (part, later) = masked.part(&mut room);
            left = later;
            let inflated = self.length + (payload.len() - before) as u64;
            let Some(inflater) = inflation.inflater() else { return };
            if let Err(stopped) = inflater.inflate(part, payload, MAX_INFLATED - inflated) {
                self.give_up(inflation);
                payload.extend_from_slice(&part[stopped.taken..]);
                if let Some(later) = later {
                    later.append_to(payload);
                }
                return;
            }
        }
    }

    fn give_up(&mut self, inflation: &mut Inflation) {
        if self.reading == Reading::Inflating {
            inflation.give_up();
        }
        self.reading = Reading::GivenUp;
    }

    fn appended(&mut self, before: usize, payload: &[u8]) -> u64 {
        let n = (payload.len() - before) as u64;
        self.length += n;
        n
    }
}
