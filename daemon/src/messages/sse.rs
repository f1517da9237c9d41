//! The events of an event stream (WHATWG HTML, 9.2 "Server-sent events").
//!
//! Lines end in CRLF, LF or CR; an empty line ends an event. An event here is what stands between, from the first line
//! that is no comment to the end of the last: also one that a browser would not dispatch because it has no data.

use super::Found;
use memchr::memchr2;
use waylay_storage::model::{MessageKind, MessageState};

/// May stand at the beginning of the stream and is no part of it.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Finds the events of a stream. Nothing is kept of them.
#[derive(Debug, Default)]
pub struct Splitter {
    /// Bytes seen.
    position: u64,
    /// The byte order mark, as far as it has come, if nothing else has.
    mark: usize,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The line under way has bytes.
    in_line: bool,
    event: Option<Event>,
}

#[derive(Debug)]
struct Event {
    /// Where its first line begins.
    start: u64,
    /// Where its last line that is complete ends, without its line end.
    end: u64,
}

impl Splitter {
    /// At the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads on; events that ended are appended to `found`. Their offsets count in the stream as it was fed, the byte
    /// order mark included; their lengths leave out the end of the last line. Runs of comments alone, which keep
    /// connections alive, are no events.
    pub fn feed(&mut self, bytes: &[u8], found: &mut Vec<Found>) {
        let mut rest = self.skip_mark(bytes);
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                rest = self.pass(rest, 1);
                continue;
            }
            let line = memchr2(b'\r', b'\n', rest);
            let length = line.unwrap_or(rest.len());
            if length > 0 {
                self.in_line_from(*first);
            }
            let Some(end) = line.map(|at| rest[at]) else {
                self.pass(rest, length);
                return;
            };
            rest = self.pass(rest, length);
            self.end_line(found);
            self.after_cr = end == b'\r';
            rest = self.pass(rest, 1);
        }
    }

    /// The stream has ended: an event that no empty line has ended is handed out as cut.
    pub fn finish(&mut self, found: &mut Vec<Found>) {
        if let Some(mut event) = self.event.take() {
            if self.in_line {
                event.end = self.position;
            }
            found.push(event.found(MessageState::Cut));
        }
        self.in_line = false;
    }

    /// Whether an event has begun and not ended. Comments in front of an event do not begin it.
    pub fn in_message(&self) -> bool {
        self.event.is_some()
    }

    /// The line under way has bytes; `first` begins it, or goes on with it.
    fn in_line_from(&mut self, first: u8) {
        if !self.in_line && self.event.is_none() && first != b':' {
            self.event = Some(Event { start: self.position, end: self.position });
        }
        self.in_line = true;
    }

    fn end_line(&mut self, found: &mut Vec<Found>) {
        if std::mem::take(&mut self.in_line) {
            if let Some(event) = &mut self.event {
                event.end = self.position;
            }
        } else if let Some(event) = self.event.take() {
            found.push(event.found(MessageState::Complete));
        }
    }

    /// Passes over the byte order mark. Two thirds of it are held back from judgement until the next byte comes.
    fn skip_mark<'a>(&mut self, mut bytes: &'a [u8]) -> &'a [u8] {
        while self.mark as u64 == self.position && self.mark < BYTE_ORDER_MARK.len() {
            match bytes.first() {
                Some(byte) if *byte == BYTE_ORDER_MARK[self.mark] => {
                    self.mark += 1;
                    bytes = self.pass(bytes, 1);
                }
                // It was none: what looked like it is a line's beginning.
                Some(_) if self.mark > 0 => {
                    self.event = Some(Event { start: 0, end: 0 });
                    self.in_line = true;
                    break;
                }
                _ => break,
            }
        }
        bytes
    }

    fn pass<'a>(&mut self, bytes: &'a [u8], n: usize) -> &'a [u8] {
        self.position += n as u64;
        &bytes[n..]
    }
}

impl Event {
    fn found(self, state: MessageState) -> Found {
        Found::plain(MessageKind::Event, self.start, self.end - self.start, state)
    }
}

#[cfg(test)]
mod tests;
