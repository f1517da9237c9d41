//! How many exchanges there are of each method, host, status and media type.

use super::{
    Reader, Result,
    list::{joined, unread},
    plan::{PENDING, Sql},
};
use crate::{Filter, StoreError, filter::Expression};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::HashMap;

/// Under a filter, so many of the newest matches are counted.
const COUNTED: usize = 100_000;
/// Values of one facet: those of which there is most.
const VALUES: usize = 500;

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// `GET`, `example.com`, `200`, `application/json`; empty where there is none, such as no answer.
    pub value: String,
    /// Exchanges that have it.
    pub exchanges: i64,
    /// Bytes of their bodies, both ways, as transferred.
    pub bytes: i64,
    /// Those of them that failed.
    pub failures: i64,
}

/// What there is, by four facets. Of each the values with most exchanges, at most 500.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    /// By method.
    pub method: Vec<Share>,
    /// By host.
    pub host: Vec<Share>,
    /// By status.
    pub status: Vec<Share>,
    /// By media type of the response.
    #[serde(rename = "type")]
    pub media_type: Vec<Share>,
    /// Exchanges counted.
    pub counted: i64,
    /// Whether these are all that match; if not, the newest were counted.
    pub all: bool,
}

/// Method, host, status and media type, with the numbers of those that share them.
type Group = ([String; 4], [i64; 3]);

impl Reader {
    /// Counts what matches a filter: by kept counters for all or for one session, else the newest 100,000 matches.
    /// Exchanges that are not over are left out.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn facets(&self, filter: &Filter) -> Result<Facets> {
        self.in_time(|| self.snapshot(|_| self.facets_in_time(filter)))
    }

    fn facets_in_time(&self, filter: &Filter) -> Result<Facets> {
        let session = match filter.expression() {
            Expression::All(terms) => match &terms[..] {
                [] => Some(None),
                [Expression::Session(id)] => Some(Some(*id)),
                _ => None,
            },
            _ => None,
        };
        match session {
            Some(session) if self.indexed && !self.any_exchange_deleted()? => self.kept(filter, session),
            _ => self.counted(filter),
        }
    }

    /// From the counters, and what the index does not hold yet.
    fn kept(&self, filter: &Filter, session: Option<i64>) -> Result<Facets> {
        let mut sums: [HashMap<String, [i64; 3]>; 4] = Default::default();
        let sql = "SELECT t.facet, coalesce(text, iif(t.facet = 4 AND value > 0, CAST(value AS TEXT), '')), sum(exchanges),
              sum(bytes), sum(failures)
            FROM ix.tally AS t LEFT JOIN ix.word AS w ON w.id = t.value AND t.facet < 4
            WHERE (?1 IS NULL OR session = ?1) AND session NOT IN (SELECT id FROM main.session WHERE deletion IS NOT NULL)
            GROUP BY t.facet, value";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query([session])?;
        while let Some(row) = rows.next()? {
            // In the order of the group: method, host, status, type.
            let at = match row.get::<_, i64>(0)? {
                1 => 0,
                2 => 1,
                4 => 2,
                _ => 3,
            };
            let value: String = row.get(1)?;
            add(sums[at].entry(value).or_default(), [row.get(2)?, row.get(3)?, row.get(4)?]);
        }
        let floor = self.floor()?;
        let mut fresh = Sql::new("SELECT seq AS at FROM exchange WHERE seq > ?", []);
        fresh.integer(floor).add(" UNION ALL SELECT seq FROM ix.pending ORDER BY 1 DESC LIMIT -1");
        for group in self.groups(&fresh, filter)? {
            sum(&mut sums, group);
        }
        Ok(facets(sums, true))
    }

    /// From the newest matches.
    fn counted(&self, filter: &Filter) -> Result<Facets> {
        let mut sums: [HashMap<String, [i64; 3]>; 4] = Default::default();
        let mut counted = 0;
        let Some(plan) = self.plan(filter)? else {
            let every = Sql::new("SELECT seq AS at FROM exchange ORDER BY seq DESC LIMIT -1", []);
            for group in self.groups(&every, filter)? {
                counted += group.1[0];
                sum(&mut sums, group);
            }
            return Ok(facets(sums, counted < COUNTED as i64));
        };
        let floor = self.floor()?;
        let mut fresh =
            Sql::new(format!("SELECT at FROM ({PENDING} UNION SELECT seq FROM exchange WHERE seq > ?)"), []);
        fresh.integer(floor).add(" ORDER BY at DESC LIMIT -1");
        for group in self.groups(&fresh, filter)? {
            counted += group.1[0];
            sum(&mut sums, group);
        }
        let candidates = plan.candidates(i64::MIN, floor + 1, true);
        let mut matches = match plan.exact && !self.any_deleted()? {
            true => candidates,
            false => joined("c.at", &candidates, &plan.condition, COUNTED),
        };
        matches.text = format!("SELECT at FROM ({}) LIMIT {COUNTED}", matches.text);
        for group in entry_groups(&self.db, &matches)? {
            counted += group.1[0];
            sum(&mut sums, group);
        }
        Ok(facets(sums, counted < COUNTED as i64))
    }

    /// Groups of those candidates that are over and match, read from the rows themselves.
    fn groups(&self, candidates: &Sql, filter: &Filter) -> Result<Vec<Group>> {
        let mut whole = unread(filter);
        whole.text = format!("done = 1 AND ({})", whole.text);
        let columns = "method, host, status, content_type, request_size + response_size AS bytes,
            failure_side IS NOT NULL AS failed";
        let mut sql = Sql::new(
            "SELECT method, host, coalesce(status, ''), coalesce(content_type, ''), count(*), sum(bytes), sum(failed) FROM (",
            [],
        );
        sql.push(joined(columns, candidates, &whole, COUNTED)).add(") GROUP BY 1, 2, 3, 4");
        read_groups(&self.db, &sql)
    }

    fn any_exchange_deleted(&self) -> Result<bool> {
        Ok(self.db.prepare_cached("SELECT EXISTS (SELECT 1 FROM deleted)")?.query_row([], |r| r.get(0))?)
    }
}

/// Groups of matches, read from the index.
fn entry_groups(db: &Connection, matches: &Sql) -> Result<Vec<Group>> {
    let mut sql = Sql::new(
        "SELECT m.text, h.text, iif(status > 0, status, ''), coalesce(t.text, ''), n, bytes, failed FROM (
           SELECT method, host, status, type, count(*) AS n, sum(bytes) AS bytes, sum(failed) AS failed FROM (",
        [],
    );
    sql.push(matches.clone()).add(
        ") AS c CROSS JOIN ix.entry ON seq = c.at GROUP BY method, host, status, type) AS g
         LEFT JOIN ix.word AS m ON m.id = g.method LEFT JOIN ix.word AS h ON h.id = g.host
         LEFT JOIN ix.word AS t ON t.id = g.type",
    );
    read_groups(db, &sql)
}

fn read_groups(db: &Connection, sql: &Sql) -> Result<Vec<Group>> {
    let mut statement = db.prepare(&sql.text)?;
    let text = |row: &rusqlite::Row<'_>, at: usize| -> rusqlite::Result<String> {
        Ok(match row.get_ref(at)? {
            rusqlite::types::ValueRef::Integer(n) => n.to_string(),
            other => other.as_str_or_null()?.unwrap_or_default().to_owned(),
        })
    };
    let rows = statement.query_map(sql.params(), |row| {
        Ok(([text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?], [row.get(4)?, row.get(5)?, row.get(6)?]))
    })?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

fn sum(sums: &mut [HashMap<String, [i64; 3]>; 4], (values, numbers): Group) {
    for (facet, value) in sums.iter_mut().zip(values) {
        add(facet.entry(value).or_default(), numbers);
    }
}

fn add(to: &mut [i64; 3], more: [i64; 3]) {
    for (sum, n) in to.iter_mut().zip(more) {
        *sum = sum.saturating_add(n);
    }
}

fn facets(sums: [HashMap<String, [i64; 3]>; 4], all: bool) -> Facets {
    let counted = sums[0].values().map(|[exchanges, ..]| exchanges).sum();
    let [method, host, status, media_type] = sums.map(shares);
    Facets { method, host, status, media_type, counted, all }
}

/// Those of which there is most come first.
fn shares(sums: HashMap<String, [i64; 3]>) -> Vec<Share> {
    let mut shares: Vec<Share> = sums
        .into_iter()
        .map(|(value, [exchanges, bytes, failures])| Share { value, exchanges, bytes, failures })
        .collect();
    shares.sort_by(|a, b| b.exchanges.cmp(&a.exchanges).then_with(|| a.value.cmp(&b.value)));
    shares.truncate(VALUES);
    shares
}
