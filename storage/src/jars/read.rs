//! Lists of jars and cookies, what a cookie was, and a jar as it was.

use super::Result;
use crate::{
    Reader, StoreError,
    model::{
        CookieChange, CookieEvent, CookieSource, CookieValue, ExchangeId, JarDomain, JarRow, KeptCookie, SessionId,
        StoredCookie,
    },
    reader::unknown,
};
use rusqlite::{OptionalExtension, Row, ToSql, params, types::Type};

const COOKIE: &str =
    "name, value, domain, host_only, path, secure, http_only, same_site, partition, expires_us, guessed";

/// The exchange, while it is there.
const EXCHANGE: &str = "iif(EXISTS (SELECT 1 FROM exchange AS x WHERE x.session = c.session AND x.number = c.number), c.session, NULL), c.number";

const SEEN: &str = "c.deletion IS NULL AND c.gone = 0 AND c.jar IN (SELECT id FROM jar WHERE deletion IS NULL)";

/// Which cookies of a jar.
#[derive(Clone, Debug, Default)]
pub struct CookieQuery {
    /// Those of this domain alone.
    pub domain: Option<String>,
    /// Those of the domains above it too, as far as they reach it.
    pub reach: bool,
    /// Those with this text in name, domain or path; of letters of ASCII, case does not matter.
    pub text: Option<String>,
    /// Behind this one: its domain and number.
    pub after: Option<(String, i64)>,
    /// At most so many.
    pub limit: usize,
}

impl Reader {
    /// All jars, the usual first, then by name.
    pub fn jars(&self) -> Result<Vec<JarRow>> {
        let sql = "SELECT id, name, is_default,
              (SELECT count(*) FROM cookie WHERE jar = jar.id AND deletion IS NULL AND gone = 0),
              (SELECT count(*) FROM (SELECT domain FROM cookie WHERE jar = jar.id AND deletion IS NULL AND gone = 0
                UNION SELECT domain FROM jar_domain WHERE jar = jar.id AND deletion IS NULL))
            FROM jar WHERE deletion IS NULL ORDER BY is_default DESC, name COLLATE NOCASE, id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            let (id, name, default) = (r.get(0)?, r.get(1)?, r.get(2)?);
            Ok(JarRow { id, name, default, cookies: r.get(3)?, domains: r.get(4)? })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The jar that requests are sent with that name none.
    pub fn default_jar(&self) -> Result<i64> {
        Ok(self.db.prepare_cached("SELECT id FROM jar WHERE is_default = 1")?.query_row([], |r| r.get(0))?)
    }

    /// The jar of a name.
    pub fn jar_named(&self, name: &str) -> Result<Option<i64>> {
        let sql = "SELECT id FROM jar WHERE name = ?1 AND deletion IS NULL ORDER BY id";
        Ok(self.db.prepare_cached(sql)?.query_row([name], |r| r.get(0)).optional()?)
    }

    /// Whether there is this jar.
    pub fn has_jar(&self, id: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM jar WHERE id = ?1 AND deletion IS NULL)";
        Ok(self.db.prepare_cached(sql)?.query_row([id], |r| r.get(0))?)
    }

    /// The domains of a jar, by name.
    pub fn jar_domains(&self, jar: i64) -> Result<Vec<JarDomain>> {
        let sql = "SELECT domain, sum(n) FROM (
              SELECT domain, 1 AS n FROM cookie WHERE jar = ?1 AND deletion IS NULL AND gone = 0
              UNION ALL SELECT domain, 0 FROM jar_domain WHERE jar = ?1 AND deletion IS NULL)
            GROUP BY domain ORDER BY domain";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([jar], |r| Ok(JarDomain { domain: r.get(0)?, cookies: r.get(1)? }))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Some cookies of a jar, by domain, then in the order in which they came.
    pub fn cookies(&self, jar: i64, query: &CookieQuery) -> Result<Vec<StoredCookie>> {
        let domain = query.domain.as_deref();
        let above: Vec<&str> = domain.filter(|_| query.reach).map(above).unwrap_or_default();
        let above = serde_json::to_string(&above).unwrap_or_default();
        let (after, number) = query.after.as_ref().map(|(domain, id)| (domain.as_str(), *id)).unzip();
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT c.id, c.jar, c.created_us, c.changed_us, c.source, {EXCHANGE}, {COOKIE} FROM cookie AS c
             WHERE c.jar = ?1 AND {SEEN}
               AND (?2 IS NULL OR c.domain = ?2 OR (c.host_only = 0 AND c.domain IN (SELECT value FROM json_each(?3))))
               AND (?4 IS NULL OR instr(lower(CAST(c.name AS TEXT)), lower(?4)) OR instr(c.domain, lower(?4))
                 OR instr(lower(c.path), lower(?4)))
               AND (?5 IS NULL OR (c.domain, c.id) > (?5, ?6))
             ORDER BY c.domain, c.id LIMIT ?7"
        );
        self.stored(&sql, params![jar, domain, above, query.text, after, number, limit])
    }

    /// A cookie of a jar.
    pub fn cookie(&self, jar: i64, id: i64) -> Result<Option<StoredCookie>> {
        let sql = format!(
            "SELECT c.id, c.jar, c.created_us, c.changed_us, c.source, {EXCHANGE}, {COOKIE} FROM cookie AS c
             WHERE c.jar = ?1 AND c.id = ?2 AND {SEEN}"
        );
        Ok(self.stored(&sql, params![jar, id])?.pop())
    }

    /// The values that a cookie has had, the newest first, before one of them; also of one that is gone.
    pub fn cookie_values(&self, jar: i64, id: i64, before: Option<i64>, limit: usize) -> Result<Vec<CookieValue>> {
        let sql = format!(
            "SELECT c.id, c.at_us, c.what, {EXCHANGE}, {COOKIE} FROM cookie_value AS c WHERE c.cookie = ?2
               AND (?3 IS NULL OR c.id < ?3) AND EXISTS (SELECT 1 FROM cookie WHERE cookie.id = ?2 AND cookie.jar = ?1
                 AND cookie.deletion IS NULL AND cookie.jar IN (SELECT id FROM jar WHERE deletion IS NULL))
             ORDER BY c.id DESC LIMIT ?4"
        );
        self.values(&sql, params![jar, id, before, i64::try_from(limit).unwrap_or(i64::MAX)])
    }

    /// What was in a jar at a time, microseconds since the Unix epoch; what was over by then too.
    pub fn jar_at(&self, jar: i64, at_us: i64) -> Result<Vec<CookieValue>> {
        let sql = format!(
            "SELECT c.id, c.at_us, c.what, {EXCHANGE}, {COOKIE} FROM cookie_value AS c
             WHERE c.id IN (SELECT max(v.id) FROM cookie_value AS v JOIN cookie ON cookie.id = v.cookie
                 WHERE cookie.jar = ?1 AND cookie.deletion IS NULL AND v.at_us <= ?2 GROUP BY v.cookie)
               AND c.what NOT IN ('deleted', 'evicted') AND EXISTS (SELECT 1 FROM jar WHERE id = ?1 AND deletion IS NULL)
             ORDER BY c.domain, c.cookie"
        );
        self.values(&sql, params![jar, at_us])
    }

    /// A cookie that was seen in an exchange, by its place there.
    pub fn cookie_event(&self, exchange: ExchangeId, position: i64) -> Result<Option<CookieEvent>> {
        let found = self.cookie_events_of(exchange)?;
        Ok(found.into_iter().find(|event| event.position == position))
    }

    fn stored(&self, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<StoredCookie>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params, |r| {
            Ok(StoredCookie {
                id: r.get(0)?,
                jar: r.get(1)?,
                created_us: r.get(2)?,
                changed_us: r.get(3)?,
                source: word(r, 4, CookieSource::from_word)?,
                exchange: exchange(r, 5)?,
                cookie: cookie(r, 7)?,
            })
        })?;
        rows.map(|row| row.map_err(unreadable)).collect()
    }

    fn values(&self, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<CookieValue>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params, |r| {
            Ok(CookieValue {
                id: r.get(0)?,
                at_us: r.get(1)?,
                what: word(r, 2, CookieChange::from_word)?,
                exchange: exchange(r, 3)?,
                cookie: cookie(r, 5)?,
            })
        })?;
        rows.map(|row| row.map_err(unreadable)).collect()
    }
}

/// The domains above one.
fn above(domain: &str) -> Vec<&str> {
    domain.match_indices('.').map(|(at, _)| &domain[at + 1..]).collect()
}

fn cookie(r: &Row<'_>, at: usize) -> rusqlite::Result<KeptCookie> {
    Ok(KeptCookie {
        name: r.get(at)?,
        value: r.get(at + 1)?,
        domain: r.get(at + 2)?,
        host_only: r.get(at + 3)?,
        path: r.get(at + 4)?,
        secure: r.get(at + 5)?,
        http_only: r.get(at + 6)?,
        same_site: r.get(at + 7)?,
        partition: r.get::<_, Option<String>>(at + 8)?.filter(|site| !site.is_empty()),
        expires_us: r.get(at + 9)?,
        guessed: r.get(at + 10)?,
    })
}

fn exchange(r: &Row<'_>, at: usize) -> rusqlite::Result<Option<ExchangeId>> {
    let (session, number) = (r.get::<_, Option<i64>>(at)?, r.get::<_, Option<i64>>(at + 1)?);
    Ok(session.zip(number).map(|(session, number)| ExchangeId { session: SessionId(session), number }))
}

fn word<T>(r: &Row<'_>, at: usize, read: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let word = r.get_ref(at)?.as_str()?;
    read(word).ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, word.into()))
}

fn unreadable(error: rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, word) => unknown("word about a cookie", &word.to_string()),
        other => other.into(),
    }
}
