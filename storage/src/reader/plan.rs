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
use rusqlite::{Connection, ToSql, params_from_iter};

/// From so many rows on, an index that does not give them in order is of no help.
const MANY: i64 = 20_000;
/// With more exchanges that have not been read, full text says too little about what is in a head.
const UNREAD: i64 = 5_000;

const PENDING: &str = "SELECT seq AS at FROM ix.pending";
const UNREAD_TOO: &str = "SELECT seq AS at FROM ix.pending UNION SELECT seq FROM ix.unread";

/// SQL and the values of its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.into(), values: values.into_iter().collect() }
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
        self.values.push(Value::Text(value.into()));
        self
    }

    pub(super) fn integer(&mut self, value: i64) -> &mut Self {
        self.values.push(Value::Integer(value));
        self
    }

    pub(super) fn params(&self) -> impl rusqlite::Params {
        params_from_iter(self.values.iter().map(|value| match value {
            Value::Integer(n) => n as &dyn ToSql,
            Value::Text(text) => text as &dyn ToSql,
        }))
    }
}

/// Where the candidates come from.
pub(super) struct Plan {
    /// Sources of `at`, the `seq` of a candidate, without bounds: `FROM … WHERE …`.
    candidates: Vec<Sql>,
    /// What they call `seq`.
    seq: &'static str,
    /// What the candidates must meet besides, as a condition on `exchange_listed`.
    pub(super) condition: Sql,
    /// The index alone decides, but for what is deleted.
    pub(super) exact: bool,
    /// They are rows of the index's entries.
    pub(super) of_entries: bool,
    /// What the candidates may lack besides what the index does not hold: a source of `at`.
    pub(super) missed: &'static str,
}

impl Plan {
    /// Looks for the best way to what an expression means.
    pub(super) fn new(db: &Connection, expression: &Expression) -> Result<Self> {
        let terms = match expression {
            Expression::All(terms) => &terms[..],
            one => std::slice::from_ref(one),
        };
        let entry = entries::condition(expression);
        let mut best: Option<(i64, Self)> = None;
        for (number, term) in terms.iter().enumerate() {
            let Some(lead) = Lead::of(db, term)? else { continue };
            let count = lead.count(db)?;
            if (count > MANY && !lead.ordered) || best.as_ref().is_some_and(|(least, _)| *least <= count) {
                continue;
            }
            let mut candidates = lead.from;
            if lead.of_entries && terms.len() > 1 {
                for from in &mut candidates {
                    from.add(" AND ").push(entry.sql.clone());
                }
            }
            let others = || terms.iter().enumerate().filter(|(at, _)| *at != number).map(|(_, term)| term.clone());
            let condition = match lead.decides {
                true => condition(&Expression::All(others().collect()), FullText::Row),
                false => condition(expression, FullText::Row),
            };
            let exact = lead.of_entries && entry.exact || lead.decides && terms.len() == 1;
            let missed = if lead.read { UNREAD_TOO } else { PENDING };
            let plan = Self { candidates, seq: lead.seq, condition, exact, of_entries: lead.of_entries, missed };
            best = Some((count, plan));
        }
        Ok(best.map_or_else(
            || {
                let mut candidates = Sql::new("FROM ix.entry NOT INDEXED WHERE ", []);
                candidates.push(entry.sql);
                let condition = condition(expression, FullText::Set);
                let candidates = vec![candidates];
                Self { candidates, seq: "seq", condition, exact: entry.exact, of_entries: true, missed: PENDING }
            },
            |(_, plan)| plan,
        ))
    }

    /// A query for the `at` of candidates between two `seq`s, both excluded, in their order.
    pub(super) fn candidates(&self, after: i64, before: i64, descending: bool) -> Sql {
        let seq = self.seq;
        let bounds = format!(" AND {seq} > ? AND {seq} < ?");
        let mut sql = self.each(|from| from.add(&bounds).integer(after).integer(before));
        // With a limit, SQLite keeps the order and asks about them one by one; streams that are in order it merges.
        sql.add(&format!(" ORDER BY 1 {} LIMIT -1", order(descending)));
        sql
    }

    /// Likewise without an order.
    pub(super) fn all_candidates(&self) -> Sql {
        self.each(|from| from)
    }

    /// Where the candidates come from, if there is one such place: `FROM … WHERE …`.
    pub(super) fn source(&self) -> Sql {
        self.candidates.first().cloned().unwrap_or_default()
    }

    fn each(&self, bounded: impl Fn(&mut Sql) -> &mut Sql) -> Sql {
        let mut sql = Sql::default();
        for (number, from) in self.candidates.iter().enumerate() {
            sql.add(if number > 0 { " UNION " } else { "" }).add(&format!("SELECT {} AS at ", self.seq));
            let mut from = from.clone();
            bounded(&mut from);
            sql.push(from);
        }
        sql
    }
}

pub(super) fn order(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}

/// An expression as a condition on `exchange_listed`.
pub(super) fn condition(expression: &Expression, full_text: FullText) -> Sql {
    let (text, values) = expression.sql(full_text);
    Sql { text, values }
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
    seq: &'static str,
    /// It comes in the order of `seq`.
    ordered: bool,
    /// Every candidate meets the term.
    decides: bool,
    of_entries: bool,
    /// It leads only to what has been read.
    read: bool,
}

impl Lead {
    fn of(db: &Connection, term: &Expression) -> Result<Option<Self>> {
        Ok(match term {
            Expression::Contains(Column::Url | Column::Path, text) => {
                trigrams(text).map(|query| Self { decides: false, ..Self::words("url_trigrams", query) })
            }
            Expression::Body(words) => Some(Self::words("body_words", words.query())),
            Expression::Text(words) => Self::text(words),
            Expression::Header { name, .. } if unread(db)? <= UNREAD => Words::new(name.clone(), false)
                .map(|words| Self { decides: false, read: true, ..Self::words("head_words", words.query()) }),
            Expression::Is(Property::Pending) => None,
            term => entries::lead(term).map(|(from, ordered)| Self {
                from: vec![from],
                seq: "seq",
                ordered,
                decides: false,
                of_entries: true,
                read: false,
            }),
        })
    }

    fn words(table: &'static str, query: String) -> Self {
        let from = Sql::new(format!("FROM ix.{table} WHERE {table} MATCH ?"), [Value::Text(query)]);
        Self { from: vec![from], seq: "rowid", ordered: true, decides: true, of_entries: false, read: false }
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

    /// How many rows it leads to, as far as that matters.
    fn count(&self, db: &Connection) -> Result<i64> {
        let mut sum = 0;
        for from in &self.from {
            let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1 ", []);
            sql.push(from.clone()).add(" LIMIT ").add(&(MANY + 1).to_string()).add(")");
            sum += db.prepare_cached(&sql.text)?.query_row(sql.params(), |r| r.get::<_, i64>(0))?;
        }
        Ok(sum)
    }
}

fn unread(db: &Connection) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ix.unread LIMIT {})", UNREAD + 1);
    Ok(db.prepare_cached(&sql)?.query_row([], |r| r.get(0))?)
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
