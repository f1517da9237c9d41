//! Cookies that come, change and go. Each place in a jar (name, domain, host only or not, path, partition) has one row, which
//! stays when its cookie goes, with the values it has had.

use super::{Result, is_there};
use crate::{
    Store, StoreError,
    model::{CookieChange, CookieSource, ExchangeId, KeptCookie, NewCookie},
};
use rusqlite::{Error, OptionalExtension, Transaction, params};

/// Cookies of one transaction: others wait behind it.
const STEP: usize = 200;

/// Values that are kept of one cookie; the oldest go.
const VALUES: i64 = 500;

/// Cookies of a jar that are gone and whose values are kept; those that went first are forgotten.
const GONE: i64 = 2_000;

/// A change of a jar.
#[derive(Clone, Debug)]
pub struct CookieWrite {
    /// The cookie, as it is from then on. Of one that goes, its place.
    pub new: NewCookie,
    /// What happens to it.
    pub what: CookieChange,
    /// When, microseconds since the Unix epoch.
    pub at_us: i64,
    /// Where it came from.
    pub source: CookieSource,
    /// The exchange that set it.
    pub exchange: Option<ExchangeId>,
}

impl Store {
    /// Writes changes of a jar, in order. Gives back the numbers of the cookies; `None` where one was to go that was not there.
    ///
    /// # Errors
    /// [`StoreError::NoJar`].
    pub fn write_cookies(&self, jar: i64, writes: &[CookieWrite]) -> Result<Vec<Option<i64>>> {
        let mut ids = Vec::with_capacity(writes.len());
        for some in writes.chunks(STEP) {
            let some = some.to_vec();
            let written = self.cleaner.within(move |tx| {
                if !is_there(tx, jar)? {
                    return Ok(None);
                }
                let written =
                    some.iter().map(|change| write(tx, jar, change)).collect::<std::result::Result<Vec<_>, _>>()?;
                if some.iter().any(|change| change.what.takes_away()) {
                    forget_some(tx, jar)?;
                }
                Ok(Some(written))
            })?;
            ids.extend(written.ok_or(StoreError::NoJar(jar))?);
        }
        if !writes.is_empty() {
            self.tell_of_jars(&[jar]);
        }
        Ok(ids)
    }

    /// Changes a cookie, also its place. What stood in the new one gives way, and what its values were is added to this one's.
    ///
    /// # Errors
    /// [`StoreError::NoCookie`].
    pub fn edit_cookie(&self, jar: i64, id: i64, change: CookieWrite) -> Result<()> {
        let edited = self.cleaner.within(move |tx| {
            let sql = "SELECT EXISTS (SELECT 1 FROM cookie WHERE id = ?1 AND jar = ?2 AND deletion IS NULL
                AND jar IN (SELECT id FROM jar WHERE deletion IS NULL))";
            if !tx.prepare_cached(sql)?.query_row([id, jar], |r| r.get::<_, bool>(0))? {
                return Ok(false);
            }
            if let Some(other) = at(tx, jar, &change.new.cookie)?.map(|(other, _)| other).filter(|other| *other != id) {
                tx.prepare_cached("UPDATE cookie_value SET cookie = ?2 WHERE cookie = ?1")?.execute([other, id])?;
                tx.prepare_cached("DELETE FROM cookie WHERE id = ?1")?.execute([other])?;
            }
            let cookie = &change.new.cookie;
            let sql =
                "UPDATE cookie SET name = ?2, domain = ?3, host_only = ?4, path = ?5, partition = ?6 WHERE id = ?1";
            let partition = cookie.partition.as_deref().unwrap_or_default();
            let place = params![id, cookie.name, cookie.domain, cookie.host_only, cookie.path, partition];
            tx.prepare_cached(sql)?.execute(place)?;
            write(tx, jar, &change)?;
            Ok(true)
        })?;
        if !edited {
            return Err(StoreError::NoCookie(id));
        }
        self.tell_of_jars(&[jar]);
        Ok(())
    }
}

/// The row of a place, and whether its cookie is gone.
fn at(tx: &Transaction<'_>, jar: i64, cookie: &KeptCookie) -> std::result::Result<Option<(i64, bool)>, Error> {
    let sql =
        "SELECT id, gone FROM cookie WHERE jar = ?1 AND domain = ?2 AND name = ?3 AND path = ?4 AND host_only = ?5
        AND partition = ?6 AND deletion IS NULL";
    let partition = cookie.partition.as_deref().unwrap_or_default();
    let place = params![jar, cookie.domain, cookie.name, cookie.path, cookie.host_only, partition];
    tx.prepare_cached(sql)?.query_row(place, |r| Ok((r.get(0)?, r.get(1)?))).optional()
}

fn write(tx: &Transaction<'_>, jar: i64, change: &CookieWrite) -> std::result::Result<Option<i64>, Error> {
    let CookieWrite { new, what, at_us, source, exchange } = change;
    let (found, cookie) = (at(tx, jar, &new.cookie)?, &new.cookie);
    let (session, number) = exchange.map(|id| (id.session.0, id.number)).unzip();
    let id = match found {
        Some((_, true)) | None if what.takes_away() => return Ok(None),
        Some((id, _)) if what.takes_away() => {
            // The value goes from the row; what it was stands among its values.
            let sql = "UPDATE cookie SET gone = 1, value = x'', changed_us = ?2 WHERE id = ?1";
            tx.prepare_cached(sql)?.execute([id, *at_us])?;
            id
        }
        Some((id, _)) => {
            let sql = "UPDATE cookie SET value = ?2, secure = ?3, http_only = ?4, same_site = ?5, expires_us = ?6,
                created_us = ?7, changed_us = ?8, source = ?9, guessed = ?10, session = ?11, number = ?12, gone = 0
                WHERE id = ?1";
            tx.prepare_cached(sql)?.execute(params![
                id,
                cookie.value,
                cookie.secure,
                cookie.http_only,
                cookie.same_site,
                cookie.expires_us,
                new.created_us,
                at_us,
                source.word(),
                cookie.guessed,
                session,
                number
            ])?;
            id
        }
        None => {
            let sql = "INSERT INTO cookie (jar, name, value, domain, host_only, path, secure, http_only, same_site, partition,
                expires_us, created_us, changed_us, source, guessed, session, number)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
            tx.prepare_cached(sql)?.execute(params![
                jar,
                cookie.name,
                cookie.value,
                cookie.domain,
                cookie.host_only,
                cookie.path,
                cookie.secure,
                cookie.http_only,
                cookie.same_site,
                cookie.partition.as_deref().unwrap_or_default(),
                cookie.expires_us,
                new.created_us,
                at_us,
                source.word(),
                cookie.guessed,
                session,
                number
            ])?;
            tx.last_insert_rowid()
        }
    };
    remember(tx, id, change)?;
    Ok(Some(id))
}

/// Forgets cookies that have been gone for longest, where there are too many.
fn forget_some(tx: &Transaction<'_>, jar: i64) -> std::result::Result<(), Error> {
    let sql = "SELECT id FROM cookie WHERE jar = ?1 AND gone = 1 AND deletion IS NULL ORDER BY changed_us DESC, id DESC
        LIMIT -1 OFFSET ?2";
    let ids: Vec<i64> =
        tx.prepare_cached(sql)?.query_map([jar, GONE], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
    for id in ids {
        tx.prepare_cached("DELETE FROM cookie_value WHERE cookie = ?1")?.execute([id])?;
        tx.prepare_cached("DELETE FROM cookie WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

/// Adds to the values of a cookie. The same once more, but for when it ends, is none.
fn remember(tx: &Transaction<'_>, id: i64, change: &CookieWrite) -> std::result::Result<(), Error> {
    let CookieWrite { new: NewCookie { cookie, .. }, what, at_us, exchange, .. } = change;
    let value: &[u8] = if what.takes_away() { b"" } else { &cookie.value };
    let partition = cookie.partition.as_deref().unwrap_or_default();
    if !what.takes_away() {
        let same = "UPDATE cookie_value SET expires_us = ?2 WHERE id = (SELECT max(id) FROM cookie_value WHERE cookie = ?1)
            AND what NOT IN ('deleted', 'evicted') AND (name, value, domain, host_only, path, secure, http_only, partition, guessed)
              = (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) AND same_site IS ?12";
        let again = tx.prepare_cached(same)?.execute(params![
            id,
            cookie.expires_us,
            cookie.name,
            value,
            cookie.domain,
            cookie.host_only,
            cookie.path,
            cookie.secure,
            cookie.http_only,
            partition,
            cookie.guessed,
            cookie.same_site
        ])?;
        if again > 0 {
            return Ok(());
        }
    }
    let (session, number) = exchange.map(|id| (id.session.0, id.number)).unzip();
    let sql = "INSERT INTO cookie_value (cookie, at_us, what, name, value, domain, host_only, path, secure, http_only, same_site,
        partition, expires_us, guessed, session, number)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    tx.prepare_cached(sql)?.execute(params![
        id,
        at_us,
        what.word(),
        cookie.name,
        value,
        cookie.domain,
        cookie.host_only,
        cookie.path,
        cookie.secure,
        cookie.http_only,
        cookie.same_site,
        partition,
        cookie.expires_us,
        cookie.guessed,
        session,
        number
    ])?;
    let old = "DELETE FROM cookie_value WHERE id IN
        (SELECT id FROM cookie_value WHERE cookie = ?1 ORDER BY id DESC LIMIT -1 OFFSET ?2)";
    tx.prepare_cached(old)?.execute([id, VALUES])?;
    Ok(())
}
