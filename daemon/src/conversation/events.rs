//! The events of an event stream, one by one.

use super::message::LONGEST;
use crate::messages::sse::Splitter;
use bytes::Bytes;

/// What may stand before an event in one piece of a stream, comments for instance, bytes.
const BESIDES: u64 = 1 << 20;

/// An event that is longer than may be: its stream is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The server sent an event longer than the {0} bytes that are taken.")]
pub struct TooLong(u64);

/// Cuts a stream into events. Its memory is that of one event.
#[derive(Debug)]
pub struct Events {
    splitter: Splitter,
    most: u64,
    /// What has come since the last event.
    kept: Vec<u8>,
    /// Where in the stream that begins.
    from: u64,
}

impl Events {
    /// Of `most` bytes at most; 0 for as many as are told live.
    pub fn new(most: u64) -> Self {
        let most = if most == 0 { LONGEST as u64 } else { most };
        Self { splitter: Splitter::new(), most, kept: Vec::new(), from: 0 }
    }

    /// Reads on; the lines of events that ended are appended to `events`.
    ///
    /// # Errors
    /// [`TooLong`]; then nothing more can be read.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Bytes>) -> Result<(), TooLong> {
        let mut found = Vec::new();
        self.splitter.feed(bytes, &mut found);
        self.kept.extend_from_slice(bytes);
        for event in found {
            if event.length > self.most {
                return Err(TooLong(self.most));
            }
            let (begin, end) = (self.place(event.offset), self.place(event.offset + event.length));
            events.push(Bytes::copy_from_slice(&self.kept[begin..end.max(begin)]));
            self.forget(end);
        }
        if !self.splitter.in_message() && self.from + self.kept.len() as u64 > 3 {
            // Line ends and comments. At the beginning there may be two thirds of a byte order mark.
            self.forget(self.kept.len());
        }
        if self.kept.len() as u64 > self.most.saturating_add(BESIDES) { Err(TooLong(self.most)) } else { Ok(()) }
    }

    /// Where something of the stream stands in what is kept.
    fn place(&self, at: u64) -> usize {
        usize::try_from(at.saturating_sub(self.from)).unwrap_or(usize::MAX).min(self.kept.len())
    }

    fn forget(&mut self, bytes: usize) {
        self.kept.drain(..bytes);
        self.from += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(most: u64, stream: &[u8], piece: usize) -> Result<Vec<String>, TooLong> {
        let (mut events, mut found) = (Events::new(most), Vec::new());
        for bytes in stream.chunks(piece) {
            events.feed(bytes, &mut found)?;
        }
        Ok(found.iter().map(|e| String::from_utf8_lossy(e).into_owned()).collect())
    }

    #[test]
    fn events_come_whole_and_comments_not_at_all() {
        let stream = "\u{feff}: hi\n\nevent: a\ndata: 1\n\n: still there\n\r\n\ndata: 2\r\rid: 3\r\n\r\ndata: cut";
        for piece in 1..stream.len() {
            let events = read(100, stream.as_bytes(), piece).unwrap();
            assert_eq!(events, ["event: a\ndata: 1", "data: 2", "id: 3"], "{piece}");
        }
        let long = format!("data: 1\n\ndata: {}\n\n", "x".repeat(200));
        for piece in [1, 50, 1000] {
            assert_eq!(read(100, long.as_bytes(), piece), Err(TooLong(100)), "{piece}");
        }
        let comments = ": nothing\n".repeat(200_000);
        assert_eq!(read(100, comments.as_bytes(), 4096), Ok(vec![]), "comments take no room");
    }

    proptest! {
        #[test]
        fn any_stream_is_read_alike_in_any_pieces(stream in "[a:d \\n\\r\u{feff}]{0,80}", piece in 1..20usize) {
            let whole = read(1000, stream.as_bytes(), stream.len().max(1));
            prop_assert_eq!(read(1000, stream.as_bytes(), piece), whole);
        }
    }
}
