//! The columns, counters and URLs of exchanges that are over.

use super::{
    Open,
    file::File,
    names::{self, Named, Set, Sets},
};
use crate::{
    StoreError,
    model::{Kind, Source},
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

/// Exchanges of one transaction.
const BATCH: usize = 1_000;
/// Words that are remembered with their numbers.
const REMEMBERED: usize = 4_096;

/// What exchanges are counted by; the last two are only found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Facet {
    Method = 1,
    Host = 2,
    Type = 3,
    Status = 4,
    Target = 5,
    Reason = 6,
}

/// The number a kind has in the index.
pub(crate) fn kind_number(kind: Kind) -> i64 {
    Kind::ALL.iter().position(|k| *k == kind).map_or(-1, |at| at as i64)
}

/// The number a source has in the index.
pub(crate) fn source_number(source: Source) -> i64 {
    Source::ALL.iter().position(|s| *s == source).map_or(-1, |at| at as i64)
}

/// Brings in the next exchanges; whether there are more. Of numbers that are `dead` no row will come.
pub(super) fn fill(open: &mut Open, dead: impl Fn(i64) -> bool) -> Result<bool, StoreError> {
    let (rows, floor, passed, more) = open.store.snapshot(|db| gather(db, &open.index, &dead))?;
    if rows.is_empty() && passed.is_empty() && open.index.state("floor")? == Some(floor) {
        return Ok(false);
    }
    let tx = open.index.db.unchecked_transaction()?;
    {
        let mut write = Write::new(&tx)?;
        for row in &rows {
            write.row(row)?;
        }
        write.tallies()?;
        for (seq, expected) in passed {
            match expected {
                true => tx.prepare_cached("INSERT OR IGNORE INTO pending VALUES (?1)")?.execute([seq])?,
                false => tx.prepare_cached("DELETE FROM pending WHERE seq = ?1")?.execute([seq])?,
            };
        }
        tx.prepare_cached("UPDATE state SET value = ?1 WHERE name = 'floor'")?.execute([floor])?;
    }
    tx.commit()?;
    Ok(more)
}

/// Exchanges that are over, the new floor, numbers that become pending (`true`) or cease to be, and whether there may be
/// more.
type Gathered = (Vec<Found>, i64, Vec<(i64, bool)>, bool);

fn gather(store: &Connection, index: &File, dead: &impl Fn(i64) -> bool) -> Result<Gathered, StoreError> {
    let floor = index.state("floor")?.unwrap_or(0);
    let (mut rows, mut passed) = (Vec::new(), Vec::new());
    let mut one = store.prepare_cached(&format!("SELECT {COLUMNS} FROM exchange_all WHERE seq = ?1"))?;
    let mut pending = index.db.prepare_cached("SELECT seq FROM pending ORDER BY seq")?;
    let pending: Vec<i64> = pending.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    for seq in pending {
        match one.query_row([seq], found).optional()? {
            Some(row) if row.done => {
                rows.push(row);
                passed.push((seq, false));
            }
            Some(_) => {}
            None if dead(seq) => passed.push((seq, false)),
            None => {}
        }
        if rows.len() >= BATCH {
            return Ok((rows, floor, passed, true));
        }
    }
    let sql = format!("SELECT {COLUMNS} FROM exchange_all WHERE seq > ?1 ORDER BY seq LIMIT {BATCH}");
    let mut next = store.prepare_cached(&sql)?;
    let (mut at, mut read) = (floor, 0);
    for row in next.query_map([floor], found)? {
        let row = row?;
        read += 1;
        passed.extend((at + 1..row.seq).filter(|absent| !dead(*absent)).map(|absent| (absent, true)));
        at = row.seq;
        match row.done {
            true => rows.push(row),
            false => passed.push((row.seq, true)),
        }
    }
    Ok((rows, at, passed, read == BATCH))
}

const COLUMNS: &str = "seq, done, session, method, host, content_type, status, kind, source, response_size, \
    request_size + response_size, end_us, started_us, failure_side IS NOT NULL, truncated, omitted IS NOT NULL, \
    passthrough IS NOT NULL, url, scheme || ':' || port, failure_reason, client_connection, request_head, response_head";

/// What is known of one exchange.
pub(crate) struct Found {
    pub(crate) seq: i64,
    pub(crate) done: bool,
    pub(crate) session: i64,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) content_type: Option<String>,
    pub(crate) status: i64,
    kind: i64,
    source: i64,
    size: i64,
    pub(crate) bytes: i64,
    duration_us: i64,
    started_us: i64,
    pub(crate) failed: bool,
    truncated: bool,
    omitted: bool,
    passthrough: bool,
    url: String,
    target: String,
    reason: Option<String>,
    client: i64,
    fields: Set,
    cookies: Set,
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let word = |at: usize| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str()?.to_owned());
    let [request, response] =
        [21, 22].map(|at| row.get_ref(at).and_then(|head| Ok(head.as_blob_or_null()?.unwrap_or_default())));
    let (request, response) = (request?, response?);
    Ok(Found {
        seq: row.get(0)?,
        done: row.get(1)?,
        session: row.get(2)?,
        method: word(3)?,
        host: word(4)?,
        content_type: row.get(5)?,
        status: row.get::<_, Option<i64>>(6)?.unwrap_or(0),
        kind: Kind::from_word(row.get_ref(7)?.as_str()?).map_or(-1, kind_number),
        source: Source::from_word(row.get_ref(8)?.as_str()?).map_or(-1, source_number),
        size: row.get(9)?,
        bytes: row.get(10)?,
        duration_us: row.get::<_, Option<i64>>(11)?.unwrap_or(0),
        started_us: row.get(12)?,
        failed: row.get(13)?,
        truncated: row.get(14)?,
        omitted: row.get(15)?,
        passthrough: row.get(16)?,
        url: word(17)?,
        target: word(18)?,
        reason: row.get(19)?,
        client: row.get::<_, Option<i64>>(20)?.unwrap_or(0),
        fields: names::of_fields(request, response),
        cookies: names::of_cookies(request, response),
    })
}

/// Rows on their way into the index, within one transaction.
struct Write<'tx> {
    db: &'tx Connection,
    entry: CachedStatement<'tx>,
    url: CachedStatement<'tx>,
    unread: CachedStatement<'tx>,
    words: HashMap<(i64, String), i64>,
    sets: Sets<'tx>,
    tallies: HashMap<(i64, i64, i64), [i64; 3]>,
}

impl<'tx> Write<'tx> {
    fn new(db: &'tx Connection) -> Result<Self, StoreError> {
        Ok(Self {
            entry: db.prepare_cached(
                "INSERT INTO entry (seq, session, method, host, type, status, kind, source, size, bytes, duration_us, \
                 started_us, failed, truncated, omitted, passthrough, target, reason, fields, cookies, client) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
                 ON CONFLICT DO NOTHING",
            )?,
            url: db.prepare_cached("INSERT INTO url_trigrams (rowid, url) VALUES (?1, ?2)")?,
            unread: db.prepare_cached("INSERT OR IGNORE INTO unread VALUES (?1)")?,
            db,
            words: HashMap::new(),
            sets: Sets::new(db),
            tallies: HashMap::new(),
        })
    }

    fn row(&mut self, x: &Found) -> Result<(), StoreError> {
        let method = self.word(Facet::Method, &x.method)?;
        let host = self.word(Facet::Host, &x.host)?;
        let media = x.content_type.as_deref().map(|t| self.word(Facet::Type, t)).transpose()?.unwrap_or(0);
        let target = self.word(Facet::Target, &x.target)?;
        let reason = x.reason.as_deref().map(|r| self.word(Facet::Reason, r)).transpose()?.unwrap_or(0);
        let fields = self.sets.number(Named::Field, &x.fields)?;
        let cookies = self.sets.number(Named::Cookie, &x.cookies)?;
        let new = self.entry.execute(params![
            x.seq,
            x.session,
            method,
            host,
            media,
            x.status,
            x.kind,
            x.source,
            x.size,
            x.bytes,
            x.duration_us,
            x.started_us,
            x.failed,
            x.truncated,
            x.omitted,
            x.passthrough,
            target,
            reason,
            fields,
            cookies,
            x.client
        ])?;
        if new == 0 {
            return Ok(());
        }
        self.url.execute(params![x.seq, x.url])?;
        self.unread.execute([x.seq])?;
        let values = [(Facet::Method, method), (Facet::Host, host), (Facet::Type, media), (Facet::Status, x.status)];
        for (facet, value) in values {
            let tally = self.tallies.entry((x.session, facet as i64, value)).or_default();
            tally[0] += 1;
            tally[1] = tally[1].saturating_add(x.bytes);
            tally[2] += i64::from(x.failed);
        }
        Ok(())
    }

    fn word(&mut self, facet: Facet, text: &str) -> Result<i64, StoreError> {
        // The key is only made for words that are not known.
        let key = (facet as i64, text.to_owned());
        if let Some(id) = self.words.get(&key) {
            return Ok(*id);
        }
        let known = "SELECT id FROM word WHERE facet = ?1 AND text = ?2";
        let id = self.db.prepare_cached(known)?.query_row(params![key.0, text], |r| r.get(0)).optional()?;
        let id = match id {
            Some(id) => id,
            None => {
                self.db
                    .prepare_cached("INSERT INTO word (facet, text) VALUES (?1, ?2)")?
                    .execute(params![key.0, text])?;
                self.db.last_insert_rowid()
            }
        };
        if self.words.len() < REMEMBERED {
            self.words.insert(key, id);
        }
        Ok(id)
    }

    fn tallies(&mut self) -> Result<(), StoreError> {
        let mut add = self.db.prepare_cached(
            "INSERT INTO tally VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
             exchanges = exchanges + excluded.exchanges, bytes = bytes + excluded.bytes, \
             failures = failures + excluded.failures",
        )?;
        for ((session, facet, value), [exchanges, bytes, failures]) in self.tallies.drain() {
            add.execute(params![session, facet, value, exchanges, bytes, failures])?;
        }
        Ok(())
    }
}
