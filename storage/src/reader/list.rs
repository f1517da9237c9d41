//! Pages of summaries.

use super::{
    Reader, Result,
    plan::{PENDING, Plan, Sql, check_without_index, condition, order},
    row,
};
use crate::{
    Filter,
    filter::{FullText, expression::Expression},
    model::Summary,
};
use rusqlite::{ErrorCode, OptionalExtension};
use std::time::{Duration, Instant};

/// Most rows of one page.
const LONGEST: usize = 1000;

/// Matches of a filter are counted up to here.
const COUNTED: i64 = 5_000;
/// And for so long at most, where the store has more exchanges than can be gone through in that time.
const COUNTING: Duration = Duration::from_millis(25);
const MANY: i64 = 20_000;
/// Likewise where the index alone can tell.
const COUNTED_QUICKLY: i64 = 50_000;

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
    /// How many exchanges match the filter in all. `None` on pages that go on from another one.
    pub matched: Option<Matched>,
}

/// How many exchanges match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// So many.
    pub count: u64,
    /// Or more: they were not counted to the end.
    pub at_least: bool,
}

impl Default for ListQuery {
    /// The newest 50 of all.
    fn default() -> Self {
        Self { filter: Filter::default(), before: None, after: None, limit: 50 }
    }
}

/// What a page is taken from.
struct Bounds {
    after: i64,
    before: i64,
    descending: bool,
    limit: usize,
}

impl Reader {
    /// Lists exchanges: without `after` the newest ones.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`](crate::StoreError::TooSlow) after some seconds, and
    /// [`StoreError::NoIndex`](crate::StoreError::NoIndex) for a full-text search without an index.
    pub fn list(&self, query: &ListQuery) -> Result<Page> {
        self.in_time(|| self.list_in_time(query))
    }

    pub(super) fn list_in_time(&self, query: &ListQuery) -> Result<Page> {
        let bounds = Bounds {
            after: query.after.unwrap_or(i64::MIN),
            before: query.before.unwrap_or(i64::MAX),
            descending: query.after.is_none(),
            limit: query.limit.clamp(1, LONGEST),
        };
        // One transaction: the page and the count are of the same moment.
        self.snapshot(|_| {
            let plan = self.plan(&query.filter)?;
            let mut items = self.page(&query.filter, plan.as_ref(), &bounds)?;
            let more = items.len() > bounds.limit;
            items.truncate(bounds.limit);
            let first = query.before.is_none() && query.after.is_none();
            let matched = match (first, more) {
                (true, true) => Some(self.count(&query.filter, plan.as_ref())?),
                (true, false) => Some(Matched { count: items.len() as u64, at_least: false }),
                (false, _) => None,
            };
            if bounds.descending {
                items.reverse();
            }
            let before = items.first().map(|first| first.seq).filter(|_| bounds.descending && more);
            Ok(Page { items, before, matched })
        })
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

    /// The places of exchanges that match, and whether they are over: those behind `after` up to `last`, ascending, at
    /// most so many.
    pub(crate) fn matching(&self, filter: &Filter, after: i64, last: i64, most: usize) -> Result<Vec<(i64, bool)>> {
        self.snapshot(|_| {
            let bounds = Bounds { after, before: last.saturating_add(1), descending: false, limit: most - 1 };
            let plan = self.plan(filter)?;
            let found = self.page(filter, plan.as_ref(), &bounds)?;
            Ok(found.into_iter().map(|x| (x.seq, x.done)).collect())
        })
    }

    /// How to find what a filter matches by the index. `None` if there is none, or nothing to look for.
    pub(super) fn plan(&self, filter: &Filter) -> Result<Option<Plan>> {
        if !self.indexed {
            check_without_index(filter.expression())?;
        }
        if !self.indexed || filter.is_empty() {
            return Ok(None);
        }
        Plan::new(&self.db, filter.expression()).map(Some)
    }

    /// Up to which `seq` the index holds all exchanges but those it knows to be missing.
    pub(super) fn floor(&self) -> Result<i64> {
        let sql = "SELECT value FROM ix.state WHERE name = 'floor'";
        Ok(self.db.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
    }

    /// The rows of a page as they come, and one more if there are more.
    fn page(&self, filter: &Filter, plan: Option<&Plan>, bounds: &Bounds) -> Result<Vec<Summary>> {
        let limit = bounds.limit + 1;
        let Some(plan) = plan else {
            return self.walk(filter, bounds.after, bounds.before, bounds.descending, limit);
        };
        let floor = self.floor()?;
        let newest = |items: &[Summary]| {
            self.walk(filter, bounds.after.max(floor), bounds.before, bounds.descending, limit - items.len())
        };
        let mut items = if bounds.descending { newest(&[])? } else { Vec::new() };
        if items.len() < limit {
            items.extend(self.indexed_rows(filter, plan, floor, bounds, limit - items.len())?);
        }
        if !bounds.descending && items.len() < limit {
            let more = newest(&items)?;
            items.extend(more);
        }
        Ok(items)
    }

    /// Matches between two `seq`s, both excluded, found by looking at every row.
    fn walk(&self, filter: &Filter, after: i64, before: i64, descending: bool, limit: usize) -> Result<Vec<Summary>> {
        let (first, last) = self.range_of(filter)?;
        // Of several bounds SQLite goes by the ones it reads first.
        let mut sql =
            Sql::new(format!("SELECT {} FROM exchange_listed WHERE seq > ? AND seq < ? AND ", row::SUMMARY), []);
        sql.integer(after.max(first.saturating_sub(1)))
            .integer(before.min(last.saturating_add(1)))
            .push(unread(filter));
        sql.add(&format!(" ORDER BY seq {} LIMIT {limit}", order(descending)));
        self.rows(&sql)
    }

    /// The lowest and the highest `seq` that a match can have: those of its session, if the filter names one.
    pub(super) fn range_of(&self, filter: &Filter) -> Result<(i64, i64)> {
        let terms = match filter.expression() {
            Expression::All(terms) => &terms[..],
            one => std::slice::from_ref(one),
        };
        let session = terms.iter().find_map(|term| match term {
            Expression::Session(id) => Some(*id),
            _ => None,
        });
        let Some(session) = session else { return Ok((i64::MIN, i64::MAX)) };
        let sql = "SELECT first_seq, last_seq FROM session WHERE id = ?1 AND first_seq IS NOT NULL";
        let range = self.db.prepare_cached(sql)?.query_row([session], |r| Ok((r.get(0)?, r.get(1)?)));
        Ok(range.optional()?.unwrap_or((0, -1)))
    }

    /// Matches up to the floor.
    fn indexed_rows(
        &self,
        filter: &Filter,
        plan: &Plan,
        floor: i64,
        bounds: &Bounds,
        limit: usize,
    ) -> Result<Vec<Summary>> {
        let before = bounds.before.min(floor.saturating_add(1));
        let mut found = self.rows(&joined(
            row::SUMMARY,
            &plan.candidates(bounds.after, before, bounds.descending),
            &plan.condition,
            limit,
        ))?;
        let mut missed = Sql::new(format!("SELECT at FROM ({PENDING}) WHERE at > ? AND at < ?"), []);
        missed
            .integer(bounds.after)
            .integer(before)
            .add(&format!(" ORDER BY at {} LIMIT -1", order(bounds.descending)));
        found.extend(self.rows(&joined(row::SUMMARY, &missed, &unread(filter), limit))?);
        found.sort_by_key(|x| if bounds.descending { -x.seq } else { x.seq });
        found.truncate(limit);
        Ok(found)
    }

    fn rows(&self, sql: &Sql) -> Result<Vec<Summary>> {
        let mut statement = self.db.prepare(&sql.text)?;
        let mut rows = statement.query(sql.params())?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            items.push(row::summary(row)?);
        }
        Ok(items)
    }

    pub(super) fn count(&self, filter: &Filter, plan: Option<&Plan>) -> Result<Matched> {
        if filter.is_empty() {
            let count = self.exchanges()?;
            return Ok(Matched { count: u64::try_from(count).unwrap_or(0), at_least: false });
        }
        let Some(plan) = plan else {
            let mut sql = Sql::new("SELECT seq FROM exchange_listed WHERE ", []);
            sql.push(unread(filter));
            return self.count_rows(sql, COUNTED);
        };
        let floor = self.floor()?;
        let (mut indexed, most) = match plan.exact && !self.any_deleted()? {
            true => (plan.all_candidates(), COUNTED_QUICKLY),
            false => {
                (joined("c.at", &plan.candidates(i64::MIN, floor + 1, true), &plan.condition, usize::MAX >> 1), COUNTED)
            }
        };
        // A limit belongs to its own SELECT.
        indexed.text = format!("SELECT * FROM ({})", indexed.text);
        let missed = joined("c.at", &Sql::new(PENDING, []), &unread(filter), usize::MAX >> 1);
        indexed.add(" UNION ALL SELECT * FROM (").push(missed).add(")");
        indexed.add(" UNION ALL SELECT seq FROM exchange_listed WHERE seq > ? AND ").integer(floor);
        indexed.push(unread(filter));
        self.count_rows(indexed, most)
    }

    fn count_rows(&self, mut rows: Sql, most: i64) -> Result<Matched> {
        rows.add(&format!(" LIMIT {}", most + 1));
        if self.exchanges()? > MANY {
            self.break_off(Instant::now() + COUNTING)?;
        }
        let mut statement = self.db.prepare(&rows.text)?;
        let mut found = statement.query(rows.params())?;
        let mut count: i64 = 0;
        let at_least = loop {
            match found.next() {
                Ok(None) => break false,
                Ok(Some(_)) if count == most => break true,
                Ok(Some(_)) => count += 1,
                Err(e) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => break true,
                Err(e) => return Err(e.into()),
            }
        };
        Ok(Matched { count: count.unsigned_abs(), at_least })
    }

    pub(super) fn any_deleted(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM deleted) OR EXISTS (SELECT 1 FROM session WHERE deletion IS NOT NULL)";
        Ok(self.db.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
    }
}

/// A filter as a condition on rows whose text has not been read.
pub(super) fn unread(filter: &Filter) -> Sql {
    condition(filter.expression(), FullText::Unread)
}

/// Columns of those candidates that meet a condition, in the candidates' order.
pub(super) fn joined(columns: &str, candidates: &Sql, condition: &Sql, limit: usize) -> Sql {
    let mut sql = Sql::new(format!("SELECT {columns} FROM ("), []);
    sql.push(candidates.clone()).add(") AS c CROSS JOIN exchange_listed ON seq = c.at WHERE ");
    sql.push(condition.clone()).add(&format!(" LIMIT {limit}"));
    sql
}
