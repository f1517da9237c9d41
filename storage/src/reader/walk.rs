//! All exchanges that match a filter, whole and in the order in which they began: for exports.

use super::{ListQuery, Reader, Result, exchange, row};
use crate::{
    Filter,
    model::{BodyRecord, Exchange},
};
use rusqlite::{Row, params};

/// Most exchanges of one step.
const STEP: usize = 500;

/// A step ends when its heads and small bodies have so many bytes.
const HELD: usize = 4 << 20;

const BODIES: &str = "request_size, request_end, request_gaps, request_body, response_size, response_end, \
    response_gaps, response_body";

/// Where [`BODIES`] begins behind the columns of an exchange.
const FIRST: usize = 35;

impl Reader {
    /// The `seq` of the newest exchange; 0 if there is none.
    pub fn newest_seq(&self) -> Result<i64> {
        Ok(self.db.prepare_cached("SELECT ifnull(max(seq), 0) FROM exchange")?.query_row([], |r| r.get(0))?)
    }

    /// The next exchanges that match, after one `seq` and up to another, both in the order in which they began; none
    /// at the end. At most 500, and not many more than 4 MiB of heads and bodies.
    ///
    /// Small bodies are in `parts`. Where `streamed` is set, a body has to be asked for
    /// ([`body`](Reader::body)), and its gaps are not known here.
    ///
    /// # Errors
    /// [`StoreError::NoIndex`](crate::StoreError::NoIndex) for a full-text search without an index.
    pub fn whole(&self, filter: &Filter, after: i64, to: i64) -> Result<Vec<Exchange>> {
        if filter.is_empty() {
            return self.in_order(after, to);
        }
        let query = ListQuery { filter: filter.clone(), before: None, after: Some(after), limit: STEP };
        let page = self.list_in_time(&query)?;
        let mut statement = self.db.prepare_cached(&select("seq = ?1"))?;
        let (mut found, mut held) = (Vec::new(), 0);
        for summary in page.items.iter().filter(|summary| summary.seq <= to) {
            let mut rows = statement.query([summary.seq])?;
            if let Some(row) = rows.next()? {
                found.push(whole(row, &mut held)?);
            }
            if held > HELD {
                break;
            }
        }
        Ok(found)
    }

    fn in_order(&self, after: i64, to: i64) -> Result<Vec<Exchange>> {
        let sql = select("seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params![after, to, STEP as i64])?;
        let (mut found, mut held) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            found.push(whole(row, &mut held)?);
            if held > HELD {
                break;
            }
        }
        Ok(found)
    }
}

fn select(which: &str) -> String {
    format!("SELECT {}, {BODIES} FROM exchange_listed WHERE {which}", exchange::COLUMNS)
}

fn whole(row: &Row<'_>, held: &mut usize) -> Result<Exchange> {
    let (mut exchange, done) = exchange::exchange(row)?;
    exchange.request = body(row, FIRST, done)?;
    exchange.response = body(row, FIRST + 4, done)?;
    *held += weight(&exchange);
    Ok(exchange)
}

/// The four columns of a body.
fn body(row: &Row<'_>, at: usize, done: bool) -> Result<BodyRecord> {
    let bytes = row::bytes(row, at + 3)?;
    let size = row::size(row, at)?;
    // What is under way may have grown since its row was written.
    let streamed = !done || (bytes.is_empty() && size > 0);
    let parts = if streamed || bytes.is_empty() { Vec::new() } else { vec![bytes] };
    Ok(BodyRecord { size, parts, streamed, gaps: row::gaps(row, at + 2)?, end: row::word(row, at + 1)? })
}

fn weight(x: &Exchange) -> usize {
    let bodies = [&x.request, &x.response].map(|body| body.parts.iter().map(bytes::Bytes::len).sum::<usize>());
    x.request_head.len() + x.response_head.len() + x.sent_head.len() + bodies[0] + bodies[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Event, fixtures,
        model::{ExchangeId, SessionId},
    };

    #[test]
    fn all_that_match_come_once_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let store = fixtures::store(dir.path());
        for number in 1..=1203 {
            let id = ExchangeId { session: SessionId::SENT, number };
            store.queue().push(Event::Done(fixtures::numbered(number, id)));
        }
        store.flush().unwrap();
        let reader = store.reader().unwrap();
        let last = reader.newest_seq().unwrap();
        let walk = |filter: &str| {
            let (filter, mut after, mut seen) = (Filter::parse(filter).unwrap(), 0, Vec::new());
            loop {
                let step = reader.whole(&filter, after, last - 1).unwrap();
                let Some(end) = step.last() else { return seen };
                after = end.seq;
                seen.extend(step.iter().map(|x| x.seq));
            }
        };
        assert_eq!(walk(""), (1..=1202).collect::<Vec<_>>(), "up to the one asked for");
        assert_eq!(walk("session:99"), [0i64; 0]);
    }
}
