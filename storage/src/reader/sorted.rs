//! Pages of summaries in the order of any column.

use super::{
    Reader, Result,
    list::{Matched, joined, unread},
    plan::{PENDING, Plan, Sql, condition},
    row,
};
use crate::{
    Filter,
    filter::{Expression, FullText, Value},
    model::Summary,
};
use std::{cmp::Ordering, fmt, str::FromStr};

/// Most rows of one page.
const LONGEST: usize = 1000;

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// When it began, by the clock; order of beginning is how lists come without sorting.
    Time,
    /// The method.
    Method,
    /// The status; without one first.
    Status,
    /// The host.
    Host,
    /// Path and query.
    Path,
    /// Media type of the response; without one first.
    Type,
    /// Bytes of the response's body as transferred.
    Size,
    /// From the start to the end; what is under way first.
    Duration,
}

/// What to sort, and how.
#[derive(Clone, Debug)]
pub struct SortedQuery {
    /// What the exchanges must match.
    pub filter: Filter,
    /// By what.
    pub key: SortKey,
    /// The largest first.
    pub descending: bool,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
    /// How many at most; brought into 1 to 1000.
    pub limit: usize,
}

/// Exchanges in the order asked for.
#[derive(Clone, Debug)]
pub struct SortedPage {
    /// The exchanges.
    pub items: Vec<Summary>,
    /// To go on with; `None` at the end.
    pub next: Option<Cursor>,
    /// How many match in all; `None` on pages that go on from another one.
    pub matched: Option<Matched>,
}

/// A place in a sorted list. Written as text, it can be given back later.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor {
    value: Value,
    seq: i64,
}

/// Text that is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no cursor: use the one that the page before gave")]
pub struct BadCursor(pub String);

impl SortKey {
    /// All of them with their names.
    pub const ALL: &[(&str, Self)] = &[
        ("time", Self::Time),
        ("method", Self::Method),
        ("status", Self::Status),
        ("host", Self::Host),
        ("path", Self::Path),
        ("type", Self::Type),
        ("size", Self::Size),
        ("duration", Self::Duration),
    ];

    /// What a name stands for, with `-` before it for the largest first.
    pub fn parse(text: &str) -> Option<(Self, bool)> {
        let name = text.strip_prefix('-').unwrap_or(text);
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, key)| (*key, text.len() > name.len()))
    }

    /// Of `exchange_listed`.
    fn column(self) -> &'static str {
        match self {
            Self::Time => "started_us",
            Self::Method => "method",
            Self::Status => "coalesce(status, 0)",
            Self::Host => "host",
            Self::Path => "path",
            Self::Type => "coalesce(content_type, '')",
            Self::Size => "response_size",
            Self::Duration => "coalesce(end_us, 0)",
        }
    }

    /// Of the index, and its index there, if it gives the order.
    fn entry(self) -> Option<(&'static str, Option<&'static str>)> {
        Some(match self {
            Self::Time => ("started_us", Some("entry_started")),
            Self::Status => ("status", Some("entry_status")),
            Self::Size => ("size", Some("entry_size")),
            Self::Duration => ("duration_us", Some("entry_duration")),
            Self::Method => ("(SELECT text FROM ix.word WHERE id = method)", None),
            Self::Host => ("(SELECT text FROM ix.word WHERE id = host)", None),
            Self::Type => ("coalesce((SELECT text FROM ix.word WHERE id = type), '')", None),
            Self::Path => return None,
        })
    }
}

impl Reader {
    /// Lists exchanges in the order of a column, those that are equal in it by their beginning.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn sorted(&self, query: &SortedQuery) -> Result<SortedPage> {
        self.in_time(|| self.snapshot(|_| self.sorted_in_time(query)))
    }

    fn sorted_in_time(&self, query: &SortedQuery) -> Result<SortedPage> {
        let limit = query.limit.clamp(1, LONGEST);
        let plan = match self.indexed {
            true => Some(Plan::new(&self.db, query.filter.expression())?),
            false => self.plan(&query.filter)?,
        };
        let mut rows = match &plan {
            None => self.walked(query, &i64::MIN, limit + 1)?,
            Some(plan) => {
                let floor = self.floor()?;
                let mut rows = self.walked(query, &floor, limit + 1)?;
                rows.extend(self.of_index(query, plan, floor, limit + 1)?);
                rows
            }
        };
        rows.sort_by(|a, b| {
            let order = compare(&a.1.value, &b.1.value).then(a.1.seq.cmp(&b.1.seq));
            if query.descending { order.reverse() } else { order }
        });
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(_, cursor)| cursor.clone());
        let matched = match query.cursor {
            Some(_) => None,
            None => Some(self.count(&query.filter, plan.as_ref().filter(|_| !query.filter.is_empty()))?),
        };
        Ok(SortedPage { items: rows.into_iter().map(|(item, _)| item).collect(), next, matched })
    }

    /// From the rows themselves, those behind `floor`.
    fn walked(&self, query: &SortedQuery, floor: &i64, limit: usize) -> Result<Vec<(Summary, Cursor)>> {
        let key = query.key.column();
        let mut sql = Sql::new(format!("SELECT {}, {key} FROM exchange_listed WHERE seq > ? AND ", row::SUMMARY), []);
        sql.integer(*floor).push(unread(&query.filter)).push(query.behind(key, "seq"));
        sql.add(&query.order(key, "seq")).add(&format!(" LIMIT {limit}"));
        self.keyed(&sql)
    }

    /// From what the index holds, and what it knows to be missing.
    fn of_index(&self, query: &SortedQuery, plan: &Plan, floor: i64, limit: usize) -> Result<Vec<(Summary, Cursor)>> {
        let key = query.key.column();
        let missed = Sql::new(format!("{PENDING} LIMIT -1"), []);
        let mut rows = self.by_candidates(query, &missed, &unread(&query.filter), limit)?;
        let (Some((column, index)), Some(entries), true) = (query.key.entry(), plan.entries(), plan.exact) else {
            let candidates = plan.candidates(i64::MIN, floor.saturating_add(1), true);
            rows.extend(self.by_candidates(query, &candidates, &plan.condition, limit)?);
            return Ok(rows);
        };
        let from = match index.filter(|_| query.filter.is_empty()) {
            Some(index) => Sql::new(format!("FROM ix.entry INDEXED BY {index} WHERE 1"), []),
            None => entries.clone(),
        };
        let mut sorted = Sql::new(format!("SELECT seq AS at, {column} AS key "), []);
        sorted.push(from).push(query.behind(column, "seq")).add(&query.order(column, "seq"));
        sorted.add(&format!(" LIMIT {}", if self.any_deleted()? { -1 } else { limit as i64 }));
        let everything = condition(&Expression::default(), FullText::Row);
        let sql = joined(&format!("{}, {key}", row::SUMMARY), &sorted, &everything, limit);
        rows.extend(self.keyed(&sql)?);
        Ok(rows)
    }

    fn by_candidates(
        &self,
        query: &SortedQuery,
        candidates: &Sql,
        condition: &Sql,
        limit: usize,
    ) -> Result<Vec<(Summary, Cursor)>> {
        let key = query.key.column();
        let mut condition = condition.clone();
        condition.push(query.behind(key, "seq")).add(&query.order(key, "seq"));
        self.keyed(&joined(&format!("{}, {key}", row::SUMMARY), candidates, &condition, limit))
    }

    /// Summaries with the value they are sorted by, which is the last column.
    fn keyed(&self, sql: &Sql) -> Result<Vec<(Summary, Cursor)>> {
        let mut statement = self.db.prepare(&sql.text)?;
        let last = statement.column_count() - 1;
        let mut rows = statement.query(sql.params())?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let value = match row.get_ref(last)? {
                rusqlite::types::ValueRef::Integer(n) => Value::Integer(n),
                other => Value::Text(other.as_str().map_err(rusqlite::Error::from)?.to_owned()),
            };
            let item = row::summary(row)?;
            let cursor = Cursor { value, seq: item.seq };
            found.push((item, cursor));
        }
        Ok(found)
    }
}

impl SortedQuery {
    /// ` AND …`: behind the cursor.
    fn behind(&self, key: &str, seq: &str) -> Sql {
        let Some(cursor) = &self.cursor else { return Sql::default() };
        let sign = if self.descending { "<" } else { ">" };
        Sql::new(format!(" AND ({key}, {seq}) {sign} (?, ?)"), [cursor.value.clone(), Value::Integer(cursor.seq)])
    }

    fn order(&self, key: &str, seq: &str) -> String {
        let order = super::plan::order(self.descending);
        format!(" ORDER BY {key} {order}, {seq} {order}")
    }
}

/// As SQLite compares them.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Integer(_), Value::Text(_)) => Ordering::Less,
        (Value::Text(_), Value::Integer(_)) => Ordering::Greater,
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Integer(n) => write!(f, "{}n{n}", self.seq),
            Value::Text(text) => {
                write!(f, "{}t", self.seq)?;
                text.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let read = || {
            let (at, kind) = text.char_indices().find(|(_, c)| matches!(c, 'n' | 't'))?;
            let (seq, value) = (text[..at].parse().ok()?, &text[at + 1..]);
            let value = match kind {
                'n' => Value::Integer(value.parse().ok()?),
                _ => Value::Text(String::from_utf8(from_hex(value)?).ok()?),
            };
            Some(Self { value, seq })
        };
        read().ok_or_else(|| BadCursor(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Cursor {
    type Error = BadCursor;

    fn try_from(text: String) -> Result<Self, BadCursor> {
        text.parse()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_they_are_written() {
        for value in
            [Value::Integer(-3), Value::Integer(i64::MAX), Value::Text("é/n7t".into()), Value::Text(String::new())]
        {
            let cursor = Cursor { value, seq: 42 };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for bad in ["", "1", "n1", "1x2", "1n", "1tzz", "1t6", "1tff", "1n99999999999999999999", "\u{7f}n1"] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor(bad.into())));
        }
    }
}
