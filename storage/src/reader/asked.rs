//! What was asked in all exchanges that match, without what was answered: for putting requests together.

use super::{Reader, Result, plan::Sql, row};
use crate::{
    Filter, StoreError,
    filter::expression::Expression,
    model::{ExchangeId, Kind, Scheme, SessionId},
};
use bytes::Bytes;
use rusqlite::Row;

/// Rows that are looked up at once.
const STEP: usize = 500;

/// A request as it was captured, and what is needed to tell it from others.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Order of beginning.
    pub seq: i64,
    /// What people call it.
    pub id: ExchangeId,
    /// What it stands for.
    pub kind: Kind,
    /// Method.
    pub method: String,
    /// Scheme of the target.
    pub scheme: Scheme,
    /// Host of the target.
    pub host: String,
    /// Port of the target.
    pub port: u16,
    /// Path and query.
    pub path: String,
    /// Status of the response, if there is one.
    pub status: Option<u16>,
    /// Media type of the response, lower case, without parameters.
    pub content_type: Option<String>,
    /// How long the body was, bytes as transferred.
    pub size: u64,
    /// The head.
    pub head: Bytes,
    /// The body, if it stands in the row: small ones do.
    pub body: Bytes,
}

const COLUMNS: &str = "seq, session, number, kind, method, scheme, host, port, path, status, content_type, request_size, request_head, \
    request_body";

impl Reader {
    /// Every exchange that matches, is over, and is not newer than `to` (`seq`), in the order in which they began. `each` is
    /// asked after every one whether to go on.
    ///
    /// # Errors
    /// [`StoreError::NoIndex`] for a full-text search without an index.
    pub fn asked(&self, filter: &Filter, to: i64, mut each: impl FnMut(Asked) -> bool) -> Result<()> {
        let session = match filter.expression() {
            Expression::Session(id) => Some(*id),
            _ if filter.is_empty() => None,
            _ => return self.asked_of_matches(filter, to, each),
        };
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM exchange_listed WHERE done = 1 AND seq <= ?"), []);
        sql.integer(to);
        if let Some(id) = session {
            let (first, last) = self.range_of(filter)?;
            sql.add(" AND seq BETWEEN ? AND ? AND session = ?").integer(first).integer(last).integer(id);
        }
        sql.add(" ORDER BY seq");
        let mut statement = self.db.prepare_cached(&sql.text)?;
        let mut rows = statement.query(sql.params())?;
        while let Some(row) = rows.next()? {
            if !each(asked(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// These exchanges, in the order given.
    ///
    /// # Errors
    /// [`StoreError::NoExchange`] for one that is not there, [`StoreError::UnderWay`] for one that is not over.
    pub fn asked_one_by_one(&self, ids: &[ExchangeId]) -> Result<Vec<Asked>> {
        let sql = format!("SELECT {COLUMNS}, done FROM exchange_listed WHERE session = ?1 AND number = ?2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([id.session.0, id.number])?;
            let row = rows.next()?.ok_or(StoreError::NoExchange(*id))?;
            if !row.get::<_, bool>(14)? {
                return Err(StoreError::UnderWay(*id));
            }
            found.push(asked(row)?);
        }
        Ok(found)
    }

    fn asked_of_matches(&self, filter: &Filter, to: i64, mut each: impl FnMut(Asked) -> bool) -> Result<()> {
        let sql = format!("SELECT {COLUMNS} FROM exchange_listed WHERE seq = ?1");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut after = 0;
        loop {
            let found = self.matching(filter, after, to, STEP)?;
            let Some((last, _)) = found.last() else { return Ok(()) };
            after = *last;
            for (seq, _) in found.into_iter().filter(|(_, done)| *done) {
                let mut rows = statement.query([seq])?;
                let Some(row) = rows.next()? else { continue };
                if !each(asked(row)?) {
                    return Ok(());
                }
            }
        }
    }
}

fn asked(row: &Row<'_>) -> Result<Asked> {
    Ok(Asked {
        seq: row.get(0)?,
        id: ExchangeId { session: SessionId(row.get(1)?), number: row.get(2)? },
        kind: row::word(row, 3)?,
        method: row.get(4)?,
        scheme: row::word(row, 5)?,
        host: row.get(6)?,
        port: row.get(7)?,
        path: row.get(8)?,
        status: row.get(9)?,
        content_type: row.get(10)?,
        size: row::size(row, 11)?,
        head: row::bytes(row, 12)?,
        body: row::bytes(row, 13)?,
    })
}
