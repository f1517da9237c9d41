//! How the exchanges that match a filter are found: from the index where that leads to few rows, else by going through
//! its narrow rows, newest first. Whatever leads there, the filter itself is asked about every row, so that a plan can be
//! slow but not wrong.
//!
//! - [`Plan`]: where candidates come from, for the part of the store the index holds
//! - [`entries`]: filters as conditions on the index's rows

use super::{Result, entries};
use crate::{
    StoreError,
    filter::{
        Expression, FullText, Value,
        expression::{Column, Property},
        words::Words,
    },
};
use rusqlite::{Connection, ToSql, params_from_iter, types, vtab::array::Array};
use std::rc::Rc;

/// From so many rows on, an index that does not give them in order is of no help.
const MANY: usize = 20_000;

/// What the candidates of a plan lack because the index does not hold it: a source of `at`.
pub(super) const PENDING: &str = "SELECT seq AS at FROM ix.pending";

/// SQL and the values of its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sql {
    pub(super) text: String,
    values: Vec<Param>,
}

#[derive(Clone, Debug, PartialEq)]
enum Param {
    Value(Value),
    /// What `rarray` gives the rows of.
    Numbers(Array),
}

impl Sql {
    pub(super) fn new(text: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.into(), values: values.into_iter().map(Param::Value).collect() }
    }

    /// These numbers as `at`, in their order.
    fn numbers(numbers: impl Iterator<Item = i64>) -> Self {
        let numbers = Rc::new(numbers.map(types::Value::from).collect());
        Self { text: "SELECT value AS at FROM rarray(?)".into(), values: vec![Param::Numbers(numbers)] }
    }

    pub(super) fn push(&mut self, other: Sql) -> &mut Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    pub(super) fn add(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.values.push(Param::Value(Value::Text(value.into())));
        self
    }

    pub(super) fn integer(&mut self, value: i64) -> &mut Self {
        self.values.push(Param::Value(Value::Integer(value)));
        self
    }

    pub(super) fn params(&self) -> impl rusqlite::Params {
        params_from_iter(self.values.iter().map(|value| match value {
            Param::Value(Value::Integer(n)) => n as &dyn ToSql,
            Param::Value(Value::Text(text)) => text as &dyn ToSql,
            Param::Numbers(numbers) => numbers as &dyn ToSql,
        }))
    }
}

/// Where the candidates come from.
pub(super) struct Plan {
    candidates: Candidates,
    /// What the candidates must meet besides, as a condition on `exchange_listed`.
    pub(super) condition: Sql,
    /// The index alone decides, but for what is deleted.
    pub(super) exact: bool,
}

enum Candidates {
    /// Rows of the index's entries: `FROM … WHERE …`.
    Entries(Sql),
    /// What full text leads to, of which there is much: likewise, without bounds, from any of these tables.
    Words(Vec<Sql>),
    /// And of which there is little, so that it is asked once: their `seq`s, ascending.
    Known(Vec<i64>),
}

impl Plan {
    /// Looks for the best way to what an expression means.
    pub(super) fn new(db: &Connection, expression: &Expression) -> Result<Self> {
        let terms = match expression {
            Expression::All(terms) => &terms[..],
            one => std::slice::from_ref(one),
        };
        let entry = entries::condition(expression);
        let mut best: Option<(usize, Self)> = None;
        for (number, term) in terms.iter().enumerate() {
            let Some(lead) = Lead::of(term) else { continue };
            let known = lead.known(db)?;
            let count = known.as_ref().map_or(MANY + 1, Known::count);
            if (count > MANY && !lead.ordered) || best.as_ref().is_some_and(|(least, _)| *least <= count) {
                continue;
            }
            let exact = lead.of_entries && entry.exact || lead.decides && terms.len() == 1;
            let others = || terms.iter().enumerate().filter(|(at, _)| *at != number).map(|(_, term)| term.clone());
            let condition = match lead.decides {
                true => condition(&Expression::All(others().collect()), FullText::Row),
                false => condition(expression, FullText::Row),
            };
            let candidates = match known {
                Some(Known::These(seqs)) => Candidates::Known(seqs),
                _ if lead.of_entries => Candidates::Entries(lead.entries(&entry.sql, terms.len() > 1)),
                _ => Candidates::Words(lead.from),
            };
            best = Some((count, Self { candidates, condition, exact }));
        }
        Ok(best.map_or_else(
            || {
                let mut candidates = Sql::new("FROM ix.entry NOT INDEXED WHERE ", []);
                candidates.push(entry.sql);
                let condition = condition(expression, FullText::Set);
                Self { candidates: Candidates::Entries(candidates), condition, exact: entry.exact }
            },
            |(_, plan)| plan,
        ))
    }

    /// A query for the `at` of candidates between two `seq`s, both excluded, in their order.
    pub(super) fn candidates(&self, after: i64, before: i64, descending: bool) -> Sql {
        let bounded = |from: &Sql, seq: &str| {
            let mut from = from.clone();
            from.add(&format!(" AND {seq} > ? AND {seq} < ?")).integer(after).integer(before);
            from
        };
        let mut sql = match &self.candidates {
            Candidates::Known(seqs) => {
                let from = seqs.partition_point(|seq| *seq <= after);
                let to = seqs.partition_point(|seq| *seq < before).max(from);
                let within = seqs[from..to].iter().copied();
                return if descending { Sql::numbers(within.rev()) } else { Sql::numbers(within) };
            }
            Candidates::Entries(from) => union("seq", [bounded(from, "seq")]),
            Candidates::Words(each) => union("rowid", each.iter().map(|from| bounded(from, "rowid"))),
        };
        // With a limit, SQLite keeps the order and asks about them one by one; streams that are in order it merges.
        sql.add(&format!(" ORDER BY 1 {} LIMIT -1", order(descending)));
        sql
    }

    /// Likewise without an order.
    pub(super) fn all_candidates(&self) -> Sql {
        match &self.candidates {
            Candidates::Known(seqs) => Sql::numbers(seqs.iter().copied()),
            Candidates::Entries(from) => union("seq", [from.clone()]),
            Candidates::Words(each) => union("rowid", each.iter().cloned()),
        }
    }

    /// Where the candidates come from, if they are rows of the index's entries: `FROM … WHERE …`.
    pub(super) fn entries(&self) -> Option<&Sql> {
        match &self.candidates {
            Candidates::Entries(from) => Some(from),
            _ => None,
        }
    }
}

/// `SELECT seq AS at` from any of these.
fn union(seq: &str, each: impl IntoIterator<Item = Sql>) -> Sql {
    let mut sql = Sql::default();
    for (number, from) in each.into_iter().enumerate() {
        sql.add(if number > 0 { " UNION " } else { "" }).add(&format!("SELECT {seq} AS at ")).push(from);
    }
    sql
}

pub(super) fn order(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}

/// An expression as a condition on `exchange_listed`.
pub(super) fn condition(expression: &Expression, full_text: FullText) -> Sql {
    let (text, values) = expression.sql(full_text);
    Sql::new(text, values)
}

/// Refuses what only the index could answer, if there is none.
pub(super) fn check_without_index(expression: &Expression) -> Result<()> {
    match expression {
        Expression::Body(_) | Expression::Text(_) => Err(StoreError::NoIndex),
        Expression::All(parts) | Expression::Any(parts) => parts.iter().try_for_each(check_without_index),
        Expression::Not(inner) => check_without_index(inner),
        _ => Ok(()),
    }
}

/// One term that an index leads to.
struct Lead {
    /// `FROM … WHERE …`; where there are several, any of them may lead to a match.
    from: Vec<Sql>,
    /// It comes in the order of `seq`.
    ordered: bool,
    /// Every candidate meets the term.
    decides: bool,
    of_entries: bool,
}

/// What is known of where a lead leads to.
enum Known {
    /// To so many rows, all of the index's entries.
    Count(usize),
    /// To these.
    These(Vec<i64>),
}

impl Known {
    fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::These(seqs) => seqs.len(),
        }
    }
}

impl Lead {
    fn of(term: &Expression) -> Option<Self> {
        match term {
            Expression::Contains(Column::Url | Column::Path, text) => {
                trigrams(text).map(|query| Self { decides: false, ..Self::words("url_trigrams", query) })
            }
            Expression::Body(words) => Some(Self::words("body_words", words.query())),
            Expression::Text(words) => Self::text(words),
            Expression::Is(Property::Pending) => None,
            term => entries::lead(term).map(|(from, ordered)| Self {
                from: vec![from],
                ordered,
                decides: false,
                of_entries: true,
            }),
        }
    }

    fn words(table: &'static str, query: String) -> Self {
        let from = Sql::new(format!("FROM ix.{table} WHERE {table} MATCH ?"), [Value::Text(query)]);
        Self { from: vec![from], ordered: true, decides: true, of_entries: false }
    }

    /// Heads, bodies and URLs that may have them.
    fn text(words: &Words) -> Option<Self> {
        let url = trigrams(&words.text)?;
        let [mut heads, bodies, urls] =
            [("head_words", words.query()), ("body_words", words.query()), ("url_trigrams", url)]
                .map(|(table, query)| Self::words(table, query));
        heads.from.extend(bodies.from.into_iter().chain(urls.from));
        Some(Self { decides: false, ..heads })
    }

    /// The rows of the index's entries it leads to that meet a condition, if there is one.
    fn entries(self, condition: &Sql, besides: bool) -> Sql {
        let mut from = self.from.into_iter().next().unwrap_or_default();
        if besides {
            from.add(" AND ").push(condition.clone());
        }
        from
    }

    /// What it leads to. `None` for much.
    fn known(&self, db: &Connection) -> Result<Option<Known>> {
        let mut seqs = Vec::new();
        for from in &self.from {
            let columns = if self.of_entries { "SELECT count(*) FROM (SELECT 1 " } else { "SELECT rowid " };
            let mut sql = Sql::new(columns, []);
            sql.push(from.clone()).add(&format!(" LIMIT {}", MANY + 1));
            if self.of_entries {
                let count = db.prepare_cached(&sql.add(")").text)?.query_row(sql.params(), |r| r.get::<_, i64>(0))?;
                return Ok(usize::try_from(count).ok().filter(|count| *count <= MANY).map(Known::Count));
            }
            let mut statement = db.prepare_cached(&sql.text)?;
            let mut rows = statement.query(sql.params())?;
            while let Some(row) = rows.next()? {
                seqs.push(row.get(0)?);
            }
            if seqs.len() > MANY {
                return Ok(None);
            }
        }
        seqs.sort_unstable();
        seqs.dedup();
        Ok(Some(Known::These(seqs)))
    }
}

/// A query for URLs that have all the runs of three letters this text has; `None` if it is shorter.
fn trigrams(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut runs: Vec<String> = letters.windows(3).map(String::from_iter).collect();
    runs.sort();
    runs.dedup();
    let quoted: Vec<String> = runs.iter().map(|run| format!("\"{}\"", run.replace('"', "\"\""))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}
