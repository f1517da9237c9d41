//! Follows the framing of HTTP/1 messages (RFC 9112, 6 and 7) to find their heads byte for byte.
//!
//! hyper hands out names in lower case and groups duplicates; what stood on the wire is only known below it. The
//! framer skips bodies by their length and chunked bodies by their size lines, and never judges: what hyper refuses
//! ends the connection anyway.

use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr_iter};
use std::collections::VecDeque;

/// A head larger than this is not kept; hyper refuses it as well.
const MAX_HEAD: usize = 512 << 10;
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Which way the watched messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Requests.
    Requests,
    /// Responses.
    Responses,
}

#[derive(Debug)]
enum State {
    /// Collecting a head.
    Head,
    /// Inside a body of known length: bytes left.
    Body(u64),
    /// In a chunk-size line: size so far, and whether its extension has begun.
    ChunkSize(u64, bool),
    /// In chunk data: bytes left, its line end included.
    ChunkData(u64),
    /// In the trailer section: line ends seen in a row.
    Trailers(u8),
    /// No longer HTTP/1: after an upgrade, in HTTP/2, or until the connection closes.
    Off,
}

/// Cuts the heads of final messages out of a byte stream fed to it in pieces of any size.
#[derive(Debug)]
pub struct Framer {
    direction: Direction,
    state: State,
    partial: BytesMut,
    answers_head: bool,
}

impl Framer {
    /// A framer at the beginning of a connection.
    pub fn new(direction: Direction) -> Self {
        Self { direction, state: State::Head, partial: BytesMut::new(), answers_head: false }
    }

    /// Says what the next response answers: one to HEAD has no body whatever its fields say.
    pub fn answers_head(&mut self, yes: bool) {
        self.answers_head = yes;
    }

    /// Takes what has come of a head that is not complete.
    pub fn take_begun(&mut self) -> Bytes {
        std::mem::take(&mut self.partial).freeze()
    }

    /// Whether the next byte begins a message.
    pub fn at_start(&self) -> bool {
        matches!(self.state, State::Head) && self.partial.is_empty()
    }

    /// Reads on; heads that are complete are appended to `heads`. Interim (1xx) heads are passed over.
    pub fn feed(&mut self, mut bytes: &[u8], heads: &mut VecDeque<Bytes>) {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Off => return,
                State::Head => match self.feed_head(bytes, heads) {
                    Some(rest) => rest,
                    None => return,
                },
                State::Body(left) => {
                    let rest = skip(left, bytes);
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    rest
                }
                State::ChunkData(left) => {
                    let rest = skip(left, bytes);
                    if *left == 0 {
                        self.state = State::ChunkSize(0, false);
                    }
                    rest
                }
                State::ChunkSize(size, extension) => {
                    match bytes[0] {
                        b'\n' if *size == 0 => self.state = State::Trailers(1),
                        b'\n' => self.state = State::ChunkData(size.saturating_add(2)),
                        b';' => *extension = true,
                        digit if !*extension => {
                            if let Some(d) = char::from(digit).to_digit(16) {
                                *size = size.saturating_mul(16).saturating_add(d.into());
                            }
                        }
                        _ => {}
                    }
                    &bytes[1..]
                }
                State::Trailers(line_ends) => {
                    match bytes[0] {
                        b'\n' => *line_ends += 1,
                        b'\r' => {}
                        _ => *line_ends = 0,
                    }
                    if *line_ends == 2 {
                        self.state = State::Head;
                    }
                    &bytes[1..]
                }
            };
        }
    }

    /// Returns what follows the head, or `None` when all bytes were used up without an end.
    fn feed_head<'a>(&mut self, mut bytes: &'a [u8], heads: &mut VecDeque<Bytes>) -> Option<&'a [u8]> {
        if self.partial.is_empty() {
            // Empty lines before a request line are to be ignored (RFC 9112, 2.2).
            while let [b'\r' | b'\n', rest @ ..] = bytes {
                bytes = rest;
            }
            if let Some(end) = head_end(bytes) {
                let (head, rest) = bytes.split_at(end);
                self.head_done(Bytes::copy_from_slice(head), heads);
                return Some(rest);
            }
        }
        let had = self.partial.len();
        self.partial.extend_from_slice(bytes);
        // The end may straddle two pieces: the last two bytes are looked at again.
        let from = had.saturating_sub(2);
        if let Some(end) = head_end(&self.partial[from..]).map(|end| from + end) {
            let mut head = std::mem::take(&mut self.partial);
            head.truncate(end);
            self.head_done(head.freeze(), heads);
            return Some(&bytes[end - had..]);
        }
        if self.partial.len() > MAX_HEAD || self.partial.starts_with(HTTP2_PREFACE) {
            self.off();
        }
        None
    }

    fn head_done(&mut self, head: Bytes, heads: &mut VecDeque<Bytes>) {
        if head.starts_with(HTTP2_PREFACE) {
            return self.off();
        }
        let (length, chunked) = body_framing(&head);
        self.state = match self.direction {
            Direction::Requests if head.starts_with(b"CONNECT ") => State::Off,
            Direction::Requests if chunked => State::ChunkSize(0, false),
            Direction::Requests => length.filter(|n| *n > 0).map_or(State::Head, State::Body),
            Direction::Responses => {
                let status = head.get(9..12).unwrap_or_default();
                let interim = status.starts_with(b"1") && status != b"101";
                if interim {
                    self.state = State::Head;
                    return;
                }
                match (status, length) {
                    (b"101", _) => State::Off,
                    (b"204" | b"304", _) => State::Head,
                    _ if self.answers_head => State::Head,
                    _ if chunked => State::ChunkSize(0, false),
                    (_, Some(0)) => State::Head,
                    (_, Some(n)) => State::Body(n),
                    (_, None) => State::Off, // until the connection closes
                }
            }
        };
        heads.push_back(head);
    }

    fn off(&mut self) {
        self.state = State::Off;
        self.partial = BytesMut::new();
    }
}

/// Where a head ends: behind an empty line. A line may end in a bare LF (RFC 9112, 2.2).
fn head_end(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', bytes).find_map(|line_end| match &bytes[line_end + 1..] {
        [b'\n', ..] => Some(line_end + 2),
        [b'\r', b'\n', ..] => Some(line_end + 3),
        _ => None,
    })
}

/// `Content-Length`, and whether `Transfer-Encoding` says chunked.
fn body_framing(head: &[u8]) -> (Option<u64>, bool) {
    let (mut length, mut chunked) = (None, false);
    for line_end in memchr_iter(b'\n', head) {
        let line = &head[line_end + 1..];
        // The first letter rules most lines out before any comparison.
        match line.first() {
            Some(b'c' | b'C') => {
                if let Some(v) = value(line, b"content-length:") {
                    // A list of the same number is that number; of others hyper wants nothing to know.
                    let first = v.split(|b| *b == b',').next().unwrap_or(v).trim_ascii();
                    length = str::from_utf8(first).ok().and_then(|v| v.parse().ok());
                }
            }
            Some(b't' | b'T') => {
                if let Some(v) = value(line, b"transfer-encoding:") {
                    chunked = v.len() >= 7 && v.windows(7).any(|w| w.eq_ignore_ascii_case(b"chunked"));
                }
            }
            _ => {}
        }
    }
    (length, chunked)
}

fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    let end = memchr(b'\n', rest)?;
    start.eq_ignore_ascii_case(name).then(|| rest[..end].trim_ascii())
}

fn skip<'a>(left: &mut u64, bytes: &'a [u8]) -> &'a [u8] {
    let n = (*left).min(bytes.len() as u64);
    *left -= n;
    // `n` is at most the length of the slice, so it fits.
    &bytes[n as usize..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(direction: Direction, wire: &[u8], step: usize) -> Vec<String> {
        let (mut framer, mut heads) = (Framer::new(direction), VecDeque::new());
        for piece in wire.chunks(step) {
            framer.feed(piece, &mut heads);
        }
        heads.iter().map(|h| String::from_utf8_lossy(h).into_owned()).collect()
    }

    const REQUESTS: &[u8] = b"\r\nPOST /a HTTP/1.1\r\nHoSt: x\r\nContent-LENGTH: 4\r\n\r\n\r\n\r\n\
        GET /b HTTP/1.1\r\nX-b: 1\r\nx-B: 2\r\n\r\n\
        PUT /c HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;x=y\r\nab\r\n\r\r\nB\r\n0123456789a\r\n0\r\nT: 1\r\n\r\n\
        GET /d HTTP/1.1\r\n\r\n";

    #[test]
    fn requests_are_found_at_every_split() {
        for step in 1..REQUESTS.len() {
            let found = heads(Direction::Requests, REQUESTS, step);
            assert_eq!(found.len(), 4, "pieces of {step}: {found:?}");
            assert_eq!(found[0], "POST /a HTTP/1.1\r\nHoSt: x\r\nContent-LENGTH: 4\r\n\r\n");
            assert_eq!(found[1], "GET /b HTTP/1.1\r\nX-b: 1\r\nx-B: 2\r\n\r\n");
            assert!(found[2].starts_with("PUT /c") && found[3].starts_with("GET /d"));
        }
    }

    #[test]
    fn responses_are_found_at_every_split_and_interim_ones_passed_over() {
        let wire =
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\
            HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n\
            HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\nHTTP/1.1 999\r\n\r\n";
        for step in 1..wire.len() {
            let found = heads(Direction::Responses, wire, step);
            assert_eq!(found.len(), 4, "pieces of {step}: {found:?}");
        }
    }

    #[test]
    fn lines_may_end_in_bare_line_feeds() {
        let wire = b"\nPOST /a HTTP/1.1\nContent-Length: 4\n\n\r\n\r\nGET /b HTTP/1.1\r\nX: 1\r\n\nGET /c HTTP/1.1\nX: 1\n\r\n";
        for step in 1..wire.len() {
            let found = heads(Direction::Requests, wire, step);
            assert_eq!(found.len(), 3, "pieces of {step}: {found:?}");
            assert_eq!(found[0], "POST /a HTTP/1.1\nContent-Length: 4\n\n");
            assert!(found[1].starts_with("GET /b") && found[2].starts_with("GET /c"), "{found:?}");
        }
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let (mut framer, mut heads) = (Framer::new(Direction::Responses), VecDeque::new());
        framer.answers_head(true);
        framer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", &mut heads);
        framer.answers_head(false);
        framer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", &mut heads);
        assert_eq!(heads.len(), 2);
    }

    #[test]
    fn what_is_no_longer_http_1_is_left_alone() {
        assert!(heads(Direction::Requests, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 3).is_empty());
        assert_eq!(heads(Direction::Responses, b"HTTP/1.1 101 S\r\n\r\n\x81\x02hi\r\n\r\n", 5).len(), 1);
        assert_eq!(heads(Direction::Requests, b"CONNECT a:1 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 4).len(), 1);
    }

    #[test]
    fn an_endless_head_is_given_up() {
        let (mut framer, mut heads) = (Framer::new(Direction::Requests), VecDeque::new());
        for _ in 0..MAX_HEAD / 1000 + 2 {
            framer.feed(&[b'a'; 1000], &mut heads);
        }
        assert!(matches!(framer.state, State::Off) && framer.partial.is_empty() && heads.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(wire: Vec<u8>, step in 1usize..64, requests: bool) {
            heads(if requests { Direction::Requests } else { Direction::Responses }, &wire, step);
        }
    }
}
