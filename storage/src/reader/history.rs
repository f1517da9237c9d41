//! The history: what was sent from here, and what else there is in sessions, newest first.

use super::{
    Result,
    plan::{Sql, condition},
    row::{self, unknown, word},
    sessions,
};
use crate::{
    Filter, Reader, StoreError,
    filter::FullText,
    model::{ExchangeId, Hop, SendEntry, Session, SessionId},
};
use rusqlite::{OptionalExtension, Row, ToSql, params};
use std::{fmt, str::FromStr};

/// Most entries of one page.
const LONGEST: usize = 1000;

/// With more exchanges in the store, the index is asked for words row by row.
const MANY: i64 = 200_000;

/// Which entries to list.
#[derive(Clone, Debug, Default)]
pub struct HistoryQuery {
    /// What an exchange of theirs must match. With a filter there are no sessions.
    pub filter: Filter,
    /// Only those that began before this send and were of the same request: the same method and URL without query, or made
    /// from the same exchange.
    pub like: Option<i64>,
    /// Only those before this place.
    pub before: Option<HistoryCursor>,
    /// How many at most; brought into 1 to 1000.
    pub limit: usize,
}

/// Some entries of the history, newest first.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The entries.
    pub items: Vec<HistoryEntry>,
    /// To ask for the ones before; `None` at the beginning.
    pub before: Option<HistoryCursor>,
}

/// An entry of the history.
#[derive(Clone, Debug)]
pub enum HistoryEntry {
    /// What was sent.
    Send(SendEntry),
    /// A session with all that is in it.
    Session(Session),
}

/// A place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryCursor {
    at_us: i64,
    /// At one time, what was sent comes first.
    is_send: bool,
    id: i64,
}

/// Everything there is about a send.
#[derive(Clone, Debug, PartialEq)]
pub struct SendDetail {
    /// What lists show.
    pub entry: SendEntry,
    /// The request as it was written, JSON.
    pub request: String,
    /// Its exchanges as far as they are there, in order.
    pub hops: Vec<Hop>,
}

const COLUMNS: &str = "id, at_us, state, sent, method, url, status, duration_us, bytes, environment, made_from, error";

impl Reader {
    /// A page of the history.
    ///
    /// # Errors
    /// [`StoreError::NoSend`] for one to be like that is not there; [`StoreError::TooSlow`] after some seconds, and
    /// [`StoreError::NoIndex`] for a full-text search without an index.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage> {
        self.in_time(|| self.snapshot(|_| self.history_page(query)))
    }

    /// One send.
    pub fn send(&self, id: i64) -> Result<Option<SendDetail>> {
        self.snapshot(|_| {
            let Some(entry) = self.entry(id)? else { return Ok(None) };
            let request = self.db.query_row("SELECT request FROM send WHERE id = ?1", [id], |r| r.get(0))?;
            Ok(Some(SendDetail { entry, request, hops: self.hops(id)? }))
        })
    }

    fn entry(&self, id: i64) -> Result<Option<SendEntry>> {
        let mut which = Sql::new("id = ?", []);
        which.integer(id);
        Ok(self.sends(&which, 1)?.pop())
    }

    fn history_page(&self, query: &HistoryQuery) -> Result<HistoryPage> {
        let limit = query.limit.clamp(1, LONGEST);
        let sends = self.sends(&self.which(query)?, limit + 1)?;
        let mut items: Vec<_> = sends.into_iter().map(HistoryEntry::Send).collect();
        if query.filter.is_empty() && query.like.is_none() {
            let sessions = self.sessions_before(query.before, limit + 1)?;
            items.extend(sessions.into_iter().map(HistoryEntry::Session));
            items.sort_by_key(|item| std::cmp::Reverse(item.place()));
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let before = items.last().map(HistoryEntry::place).filter(|_| more);
        Ok(HistoryPage { items, before })
    }

    /// The sends of a page, as a condition.
    fn which(&self, query: &HistoryQuery) -> Result<Sql> {
        let mut which = Sql::new("1", []);
        if let Some(place) = query.before {
            let id = if place.is_send { place.id } else { i64::MIN };
            which.add(" AND (at_us, id) < (?, ?)").integer(place.at_us).integer(id);
        }
        if let Some(id) = query.like {
            let like = self.entry(id)?.ok_or(StoreError::NoSend(id))?;
            let url = like.url.split('?').next().unwrap_or_default();
            which.add(" AND (at_us, id) < (?, ?)").integer(like.at_us).integer(id);
            which
                .add(" AND ((method = ? AND substr(url, 1, instr(url || '?', '?') - 1) = ?)")
                .text(&like.method)
                .text(url);
            which.add(" OR made_from = ?)").text(like.from.as_deref().unwrap_or_default());
        }
        if !query.filter.is_empty() {
            // Without an index this refuses what only that can tell.
            self.plan(&query.filter)?;
            which.add(
                " AND EXISTS (SELECT 1 FROM exchange_listed WHERE seq IN (SELECT exchange.seq FROM hop
                  JOIN exchange ON exchange.session = hop.session AND exchange.number = hop.number
                  WHERE hop.send = send.id) AND ",
            );
            let full_text = if self.exchanges()? > MANY { FullText::Row } else { FullText::Set };
            which.push(condition(query.filter.expression(), full_text)).add(")");
        }
        Ok(which)
    }

    fn sends(&self, which: &Sql, limit: usize) -> Result<Vec<SendEntry>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM send WHERE deletion IS NULL AND {} ORDER BY at_us DESC, id DESC LIMIT {limit}",
            which.text
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(which.params())?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let mut entry = send(row)?;
            entry.exchange = self.result(entry.id)?;
            items.push(entry);
        }
        Ok(items)
    }

    /// The last exchange of a send, if it is there.
    fn result(&self, send: i64) -> Result<Option<ExchangeId>> {
        let sql = "SELECT session, number FROM hop WHERE send = ?1 ORDER BY position DESC LIMIT 1";
        let last = self.db.prepare_cached(sql)?.query_row([send], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
        let Some((session, number)) = last else { return Ok(None) };
        let sql = "SELECT EXISTS (SELECT 1 FROM exchange_listed WHERE session = ?1 AND number = ?2)";
        let is_there: bool = self.db.prepare_cached(sql)?.query_row([session, number], |r| r.get(0))?;
        Ok(is_there.then_some(ExchangeId { session: SessionId(session), number }))
    }

    fn hops(&self, send: i64) -> Result<Vec<Hop>> {
        let sql = "SELECT x.session, x.number, x.method, x.url, x.status FROM hop
            JOIN exchange_listed AS x ON x.session = hop.session AND x.number = hop.number
            WHERE hop.send = ?1 ORDER BY hop.position";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([send], |r| {
            let id = ExchangeId { session: SessionId(r.get(0)?), number: r.get(1)? };
            Ok(Hop { id, method: r.get(2)?, url: r.get(3)?, status: r.get(4)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn sessions_before(&self, place: Option<HistoryCursor>, limit: usize) -> Result<Vec<Session>> {
        let (at_us, id) = match place {
            None => (i64::MAX, i64::MAX),
            Some(HistoryCursor { at_us, is_send: true, .. }) => (at_us, i64::MAX),
            Some(HistoryCursor { at_us, id, .. }) => (at_us, id),
        };
        let rest = "WHERE deletion IS NULL AND id <> ?1 AND (started_us, id) < (?2, ?3)
            ORDER BY started_us DESC, id DESC LIMIT ?4";
        let params: &[&dyn ToSql] = params![SessionId::SENT.0, at_us, id, limit as i64];
        sessions::read(&self.db, rest, params)
    }
}

impl HistoryEntry {
    /// Where it stands.
    fn place(&self) -> HistoryCursor {
        match self {
            Self::Send(send) => HistoryCursor { at_us: send.at_us, is_send: true, id: send.id },
            Self::Session(session) => HistoryCursor { at_us: session.started_us, is_send: false, id: session.id.0 },
        }
    }
}

fn send(row: &Row<'_>) -> Result<SendEntry> {
    let error = row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let error = error.map(|json| serde_json::from_str(json).map_err(|_| unknown("error of a send", json)));
    Ok(SendEntry {
        id: row.get(0)?,
        at_us: row.get(1)?,
        state: word(row, 2)?,
        sent: row.get(3)?,
        method: row.get(4)?,
        url: row.get(5)?,
        status: row.get(6)?,
        duration_us: row.get(7)?,
        bytes: row.get(8)?,
        exchange: None,
        environment: row.get(9)?,
        from: row.get(10)?,
        error: error.transpose()?,
    })
}

impl row::Word for crate::model::SendState {
    const WHAT: &'static str = "state of a send";
    fn parse(word: &str) -> Option<Self> {
        Self::from_word(word)
    }
}

/// Text that is no place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in the history")]
pub struct BadHistoryCursor;

impl fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at_us, u8::from(self.is_send), self.id)
    }
}

impl FromStr for HistoryCursor {
    type Err = BadHistoryCursor;

    fn from_str(text: &str) -> Result<Self, BadHistoryCursor> {
        let read = |part: Option<&str>| part.and_then(|part| part.parse::<i64>().ok()).ok_or(BadHistoryCursor);
        let mut parts = text.splitn(3, '.');
        let (at_us, kind, id) = (read(parts.next())?, read(parts.next())?, read(parts.next())?);
        match kind {
            0 | 1 => Ok(Self { at_us, is_send: kind == 1, id }),
            _ => Err(BadHistoryCursor),
        }
    }
}

#[cfg(test)]
mod tests;
