//! Pages of summaries.

use super::{Reader, Result, row};
use crate::{Filter, filter::Value, model::Summary};
use rusqlite::{ToSql, params_from_iter};

/// Most rows of one page.
const LONGEST: usize = 1000;

/// With more exchanges than this, the matches of a filter are not counted: it would read the whole store.
const COUNTED: i64 = 200_000;

/// Which exchanges to list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// What they must match.
    pub filter: Filter,
    /// Only those that began before this one (`seq`).
    pub before: Option<i64>,
    /// Only those that began after this one (`seq`), the oldest of them first. Exchanges may be committed in another
    /// order than they began in: to follow what happens, use [`Store::on_commit`](crate::Store::on_commit).
    pub after: Option<i64>,
    /// How many at most; brought into 1 to 1000.
    pub limit: usize,
}

/// Some exchanges, in the order in which they began.
#[derive(Clone, Debug)]
pub struct Page {
    /// The exchanges.
    pub items: Vec<Summary>,
    /// To ask for the ones before; `None` at the beginning, and where `after` was asked for.
    pub before: Option<i64>,
    /// How many exchanges match the filter in all; `None` if the store is too large to count.
    pub matched: Option<u64>,
}

impl Default for ListQuery {
    /// The newest 50 of all.
    fn default() -> Self {
        Self { filter: Filter::default(), before: None, after: None, limit: 50 }
    }
}

impl Reader {
    /// Lists exchanges: without `after` the newest ones.
    pub fn list(&self, query: &ListQuery) -> Result<Page> {
        // One transaction: the page and the count are of the same moment.
        let snapshot = self.db.unchecked_transaction()?;
        let (mut items, more) = self.page(query)?;
        let matched = self.count(&query.filter)?;
        snapshot.finish()?;
        let newest_first = query.after.is_none();
        if newest_first {
            items.reverse();
        }
        let before = items.first().map(|first| first.seq).filter(|_| newest_first && more);
        Ok(Page { items, before, matched })
    }

    /// The summaries of these exchanges, in the order asked for; those that do not exist are left out.
    pub fn summaries(&self, seqs: &[i64]) -> Result<Vec<Summary>> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} FROM exchange_listed WHERE seq = ?1", row::SUMMARY))?;
        let mut found = Vec::with_capacity(seqs.len());
        for seq in seqs {
            let mut rows = statement.query([seq])?;
            if let Some(row) = rows.next()? {
                found.push(row::summary(row)?);
            }
        }
        Ok(found)
    }

    /// The rows of a page as they come, and whether there are more behind them.
    fn page(&self, query: &ListQuery) -> Result<(Vec<Summary>, bool)> {
        let limit = query.limit.clamp(1, LONGEST);
        let (condition, mut values) = query.filter.sql();
        let mut sql = format!("SELECT {} FROM exchange_listed WHERE {condition}", row::SUMMARY);
        for (bound, comparison) in [(query.before, " AND seq < ?"), (query.after, " AND seq > ?")] {
            if let Some(seq) = bound {
                sql.push_str(comparison);
                values.push(Value::Integer(seq));
            }
        }
        let order = if query.after.is_none() { "DESC" } else { "ASC" };
        sql.push_str(&format!(" ORDER BY seq {order} LIMIT {}", limit + 1));
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query(bind(&values))?;
        let mut items = Vec::with_capacity(limit.min(64));
        while let Some(row) = rows.next()? {
            if items.len() == limit {
                return Ok((items, true));
            }
            items.push(row::summary(row)?);
        }
        Ok((items, false))
    }

    fn count(&self, filter: &Filter) -> Result<Option<u64>> {
        let all: i64 = self.db.prepare_cached("SELECT count(*) FROM exchange")?.query_row([], |r| r.get(0))?;
        let matched = match filter.is_empty() {
            true => all,
            false if all > COUNTED => return Ok(None),
            false => {
                let (condition, values) = filter.sql();
                let mut statement =
                    self.db.prepare(&format!("SELECT count(*) FROM exchange_listed WHERE {condition}"))?;
                statement.query_row(bind(&values), |r| r.get(0))?
            }
        };
        Ok(u64::try_from(matched).ok())
    }
}

pub(super) fn bind(values: &[Value]) -> impl rusqlite::Params {
    params_from_iter(values.iter().map(|value| match value {
        Value::Integer(n) => n as &dyn ToSql,
        Value::Text(text) => text as &dyn ToSql,
    }))
}
