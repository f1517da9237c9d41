//! Messages of WebSockets, event streams and gRPC calls, and their payloads. An exchange can still be under way.

use super::{
    Reader, Result,
    body::Source,
    range::{Found, Ranges},
    row::{self, unknown, word},
};
use crate::{
    SEGMENTS, StoreError,
    model::{ExchangeId, Message, Part},
};
use memchr::memmem::Finder;
use rusqlite::{Row, params};
use std::io::{self, Cursor, Read};

/// Most messages of one page.
const LONGEST: usize = 1000;

/// So many bytes of payloads are searched for a text in one call, and in one message. A page may therefore end early.
const SEARCHED: u64 = 8 << 20;

/// What looking at one message counts for, however short it is.
const LEAST: u64 = 256;

/// How much of a payload is searched at a time, bytes.
const PIECE: usize = 64 << 10;

const COLUMNS: &str =
    "seq, number, part, kind, at_us, offset, length, wire_length, fragments, compressed, state, payload";

/// Which messages to list.
#[derive(Clone, Debug)]
pub struct MessageQuery {
    /// Only those with a higher number.
    pub after: i64,
    /// How many at most; brought into 1 to 1000.
    pub limit: usize,
    /// Only those that this side sent.
    pub sender: Option<Part>,
    /// Only those whose payload, as stored, contains this text, without regard to the case of ASCII letters. Only the
    /// first 8 MiB of a payload are searched.
    pub text: Option<String>,
}

/// Some messages, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub items: Vec<Message>,
    /// The number of the exchange's last message: how many there are in all, as long as none had to be given up.
    pub total: i64,
    /// What to ask for the rest with, as [`MessageQuery::after`]; `None` if there is none. With a text, there may be a
    /// rest although the page is not full: 8 MiB are searched at a time.
    pub next: Option<i64>,
}

/// A message's payload as stored. Reading gives the stored bytes in order, passing over what is missing.
#[derive(Debug)]
pub struct Payload {
    /// Bytes of the payload.
    pub length: u64,
    /// Bytes stored, which is what can be read.
    pub stored: u64,
    source: Source,
}

impl Default for MessageQuery {
    /// The first 200.
    fn default() -> Self {
        Self { after: 0, limit: 200, sender: None, text: None }
    }
}

impl Reader {
    /// Messages of an exchange, `None` if there is no such exchange.
    pub fn messages(&self, id: ExchangeId, query: &MessageQuery) -> Result<Option<MessagePage>> {
        let snapshot = self.db.unchecked_transaction()?;
        let Some(seq) = self.seq(id)? else { return Ok(None) };
        let mut last = self.db.prepare_cached("SELECT ifnull(max(number), 0) FROM message WHERE seq = ?1")?;
        let total = last.query_row([seq], |r| r.get(0))?;
        let (items, next) = self.page_of_messages(seq, query)?;
        drop(last);
        snapshot.finish()?;
        Ok(Some(MessagePage { items, total, next }))
    }

    /// One message of an exchange by its number, `None` if there is none.
    pub fn message(&self, id: ExchangeId, number: i64) -> Result<Option<Message>> {
        let Some(seq) = self.seq(id)? else { return Ok(None) };
        let sql = format!("SELECT {COLUMNS} FROM message WHERE seq = ?1 AND number = ?2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([seq, number])?;
        rows.next()?.map(message).transpose()
    }

    /// The payload of a message that this store gave out.
    ///
    /// # Errors
    /// Besides those of the database, a segment that cannot be looked at. One that is missing or too short is no
    /// error: what it should hold is missing from the payload.
    pub fn payload(&self, message: &Message) -> Result<Payload> {
        let snapshot = self.db.unchecked_transaction()?;
        let payload = Payload::find(message, &mut Ranges::of(self, message.seq, message.part), u64::MAX)?;
        snapshot.finish()?;
        Ok(payload)
    }

    fn seq(&self, id: ExchangeId) -> Result<Option<i64>> {
        let mut statement =
            self.db.prepare_cached("SELECT seq FROM exchange_listed WHERE session = ?1 AND number = ?2")?;
        let mut rows = statement.query([id.session.0, id.number])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// The messages of a page, and where the next one begins.
    fn page_of_messages(&self, seq: i64, query: &MessageQuery) -> Result<(Vec<Message>, Option<i64>)> {
        let limit = query.limit.clamp(1, LONGEST);
        let mut search = query.text.as_deref().filter(|text| !text.is_empty()).map(|text| Search::new(self, seq, text));
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM message WHERE seq = ?1 AND number > ?2 AND (?3 IS NULL OR part = ?3) ORDER BY number"
        ))?;
        let mut rows = statement.query(params![seq, query.after, query.sender.map(|part| part as i64)])?;
        let (mut items, mut seen) = (Vec::new(), query.after);
        while let Some(row) = rows.next()? {
            let message = message(row)?;
            if items.len() == limit || search.as_ref().is_some_and(|search| !search.affords(&message)) {
                return Ok((items, Some(seen)));
            }
            seen = message.number;
            let matches = match &mut search {
                Some(search) => search.finds(&message)?,
                None => true,
            };
            if matches {
                items.push(message);
            }
        }
        Ok((items, None))
    }
}

impl Payload {
    /// The payload of a message, as if it were no longer than `most` bytes.
    fn find(message: &Message, ranges: &mut Ranges<'_>, most: u64) -> Result<Self> {
        if let Some(bytes) = &message.payload {
            let length = bytes.len() as u64;
            return Ok(Self { length, stored: length, source: Source::Row(Cursor::new(bytes.to_vec())) });
        }
        let length = message.length.min(most);
        let Found { stored, source } = ranges.find(message.offset, length)?;
        Ok(Self { length, stored, source })
    }
}

impl Read for Payload {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.source.read(buf)
    }
}

/// A search for a text in the payloads of one exchange.
struct Search<'r> {
    reader: &'r Reader,
    ranges: [Ranges<'r>; 2],
    needle: Finder<'static>,
    /// Bytes that may still be searched in this call.
    left: u64,
}

impl<'r> Search<'r> {
    fn new(reader: &'r Reader, seq: i64, text: &str) -> Self {
        let ranges = [Part::Request, Part::Response].map(|part| Ranges::of(reader, seq, part));
        let needle = Finder::new(text.to_ascii_lowercase().as_bytes()).into_owned();
        Self { reader, ranges, needle, left: SEARCHED }
    }

    /// Whether a message can be searched in this call; at least one can.
    fn affords(&self, message: &Message) -> bool {
        self.left == SEARCHED || cost(message) <= self.left
    }

    fn finds(&mut self, message: &Message) -> Result<bool> {
        self.left = self.left.saturating_sub(cost(message));
        let ranges = &mut self.ranges[message.part as usize];
        let payload = Payload::find(message, ranges, SEARCHED)?;
        contains(payload, &self.needle).map_err(StoreError::io(self.reader.dir.join(SEGMENTS)))
    }
}

fn cost(message: &Message) -> u64 {
    message.length.clamp(LEAST, SEARCHED)
}

/// Whether the bytes contain the needle, which is in lower case.
fn contains(mut bytes: impl Read, needle: &Finder<'_>) -> io::Result<bool> {
    // The end of one piece stays in front of the next: the text may lie across.
    let overlap = needle.needle().len().saturating_sub(1);
    let mut window = Vec::new();
    loop {
        let kept = window.len();
        let read = (&mut bytes).take(PIECE as u64).read_to_end(&mut window)?;
        window[kept..].make_ascii_lowercase();
        if needle.find(&window).is_some() {
            return Ok(true);
        }
        if read < PIECE {
            return Ok(false);
        }
        window.drain(..window.len() - overlap.min(window.len()));
    }
}

fn message(row: &Row<'_>) -> Result<Message> {
    let part = match row.get(2)? {
        0 => Part::Request,
        1 => Part::Response,
        other => return Err(unknown("part of an exchange", &i64::to_string(&other))),
    };
    Ok(Message {
        seq: row.get(0)?,
        number: row.get(1)?,
        part,
        kind: word(row, 3)?,
        at_us: row.get(4)?,
        offset: row::size(row, 5)?,
        length: row::size(row, 6)?,
        wire_length: row::size(row, 7)?,
        fragments: row.get(8)?,
        compressed: row.get(9)?,
        state: word(row, 10)?,
        payload: row.get::<_, Option<Vec<u8>>>(11)?.map(Into::into),
    })
}

#[cfg(test)]
mod tests;
