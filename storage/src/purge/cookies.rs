//! Hiding cookies of jars, jars, and cookies seen in exchanges, showing them again, and removing them for good.

use super::{Cleaner, Deletion, mark::AT_ONCE, rows::FINAL};
use crate::{
    Changes, Reader, StoreError,
    model::{ExchangeId, SessionId},
};
use rusqlite::{Error, OptionalExtension, Transaction, params};
use std::collections::BTreeSet;

impl Cleaner {
    /// Its cookies go with it, and are not marked.
    pub(super) fn hide_jar(&self, id: i64) -> Result<Deletion, StoreError> {
        let mut deletion = self.begin()?;
        let number = deletion.id;
        let found = self.within(move |tx| {
            let sql = "SELECT is_default FROM jar WHERE id = ?1 AND deletion IS NULL";
            let found: Option<bool> = tx.prepare_cached(sql)?.query_row([id], |r| r.get(0)).optional()?;
            if found == Some(false) {
                tx.prepare_cached("UPDATE jar SET deletion = ?2 WHERE id = ?1")?.execute([id, number])?;
            } else {
                tx.prepare_cached("DELETE FROM deletion WHERE id = ?1")?.execute([number])?;
            }
            Ok(found)
        })?;
        match found {
            None => return Err(StoreError::NoJar(id)),
            Some(true) => return Err(StoreError::DefaultJar(id)),
            Some(false) => deletion.jars = 1,
        }
        self.tell_of_marked_jars([id]);
        Ok(deletion)
    }

    pub(super) fn hide_cookies(&self, ids: &[i64]) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        let sql = "SELECT jar FROM cookie WHERE id = ?1 AND deletion IS NULL AND gone = 0
            AND jar IN (SELECT id FROM jar WHERE deletion IS NULL)";
        let mut find = reader.db.prepare_cached(sql)?;
        let mut jars = Vec::new();
        for id in ids {
            jars.push(find.query_row([id], |r| r.get(0)).optional()?.ok_or(StoreError::NoCookie(*id))?);
        }
        drop(find);
        let mut deletion = self.begin()?;
        self.hide_some_cookies(&mut deletion, ids)?;
        self.tell_of_marked_jars(jars);
        Ok(deletion)
    }

    /// All cookies of a jar, or those of one domain; the domain itself goes too.
    pub(super) fn hide_cookies_of(&self, jar: i64, domain: Option<String>) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        if !reader.has_jar(jar)? {
            return Err(StoreError::NoJar(jar));
        }
        let sql =
            "SELECT id FROM cookie WHERE jar = ?1 AND (?2 IS NULL OR domain = ?2) AND deletion IS NULL AND gone = 0";
        let mut find = reader.db.prepare_cached(sql)?;
        let ids: Vec<i64> = find.query_map(params![jar, domain], |r| r.get(0))?.collect::<Result<_, _>>()?;
        drop(find);
        let mut deletion = self.begin()?;
        let number = deletion.id;
        self.within(move |tx| {
            let sql =
                "UPDATE jar_domain SET deletion = ?3 WHERE jar = ?1 AND (?2 IS NULL OR domain = ?2) AND deletion IS NULL";
            tx.prepare_cached(sql)?.execute(params![jar, domain, number])
        })?;
        self.hide_some_cookies(&mut deletion, &ids)?;
        self.tell_of_marked_jars([jar]);
        Ok(deletion)
    }

    /// Cookies seen in exchanges, by their places there.
    pub(super) fn hide_cookie_events(&self, which: &[(ExchangeId, i64)]) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        let mut seqs = Vec::with_capacity(which.len());
        for (exchange, position) in which {
            let missing = StoreError::NoCookieEvent { exchange: *exchange, position: *position };
            seqs.push((reader.cookie_event(*exchange, *position)?.ok_or(missing)?.seq, *position));
        }
        let mut deletion = self.begin()?;
        for some in seqs.chunks(AT_ONCE) {
            let (some, number) = (some.to_vec(), deletion.id);
            deletion.cookies += self.within(move |tx| {
                let sql = "UPDATE cookie_event SET deletion = ?3 WHERE seq = ?1 AND position = ?2 AND deletion IS NULL";
                let mut mark = tx.prepare_cached(sql)?;
                some.iter().try_fold(0, |n, (seq, position)| Ok(n + mark.execute([*seq, *position, number])? as i64))
            })?;
        }
        self.tell_of_sessions(which);
        Ok(deletion)
    }

    /// Shows again what a deletion has hidden. What has come to its place since stays.
    pub(super) fn show_cookies(&self, deletion: i64) -> Result<(), StoreError> {
        let mut jars: Vec<i64> = self.within(move |tx| {
            let domains = "UPDATE jar_domain SET deletion = NULL WHERE deletion = ?1";
            tx.prepare_cached(domains)?.execute([deletion])?;
            let sql = "UPDATE jar SET deletion = NULL WHERE deletion = ?1 RETURNING id";
            tx.prepare_cached(sql)?.query_map([deletion], |r| r.get(0))?.collect()
        })?;
        loop {
            let (shown, found) = self.within(move |tx| show(tx, deletion))?;
            jars.extend(shown);
            if found == 0 {
                break;
            }
        }
        let sessions = self.within(move |tx| {
            let sql = "UPDATE cookie_event SET deletion = NULL WHERE deletion = ?1 RETURNING session";
            let mut shown = tx.prepare_cached(sql)?;
            let sessions = shown.query_map([deletion], |r| r.get(0).map(SessionId))?;
            sessions.collect::<Result<BTreeSet<_>, Error>>()
        })?;
        self.progress.changed(&Changes { sessions: sessions.into_iter().collect(), ..Changes::default() });
        self.tell_of_marked_jars(jars);
        Ok(())
    }

    /// Removes for good what can no longer be brought back. Gives back how many cookies there were.
    pub(super) fn purge_cookies(&self) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            match self.within(purge_some)? {
                0 => break,
                some => purged += some,
            }
        }
        self.within(|tx| {
            let events = format!(
                "UPDATE cookie_event SET deletion = -1, host = '', reason = NULL, message = NULL, raw = x''
                 WHERE deletion > 0 AND {FINAL}"
            );
            tx.prepare_cached(&events)?.execute([])?;
            tx.prepare_cached(&format!("DELETE FROM jar_domain WHERE {FINAL}"))?.execute([])?;
            let empty = format!("DELETE FROM jar WHERE {FINAL} AND id NOT IN (SELECT jar FROM cookie)");
            tx.prepare_cached(&empty)?.execute([])
        })?;
        Ok(purged)
    }

    fn hide_some_cookies(&self, deletion: &mut Deletion, ids: &[i64]) -> Result<(), StoreError> {
        for some in ids.chunks(AT_ONCE) {
            let (some, number) = (some.to_vec(), deletion.id);
            deletion.cookies += self.within(move |tx| {
                let mut mark =
                    tx.prepare_cached("UPDATE cookie SET deletion = ?2 WHERE id = ?1 AND deletion IS NULL")?;
                some.iter().try_fold(0, |n, id| Ok(n + mark.execute([*id, number])? as i64))
            })?;
        }
        Ok(())
    }

    fn tell_of_marked_jars(&self, jars: impl IntoIterator<Item = i64>) {
        let jars: BTreeSet<i64> = jars.into_iter().collect();
        let jars: Vec<i64> = jars.into_iter().collect();
        self.progress.changed(&Changes { jars_marked: jars.clone(), jars, ..Changes::default() });
    }

    fn tell_of_sessions(&self, which: &[(ExchangeId, i64)]) {
        let sessions: BTreeSet<_> = which.iter().map(|(id, _)| id.session).collect();
        self.progress.changed(&Changes { sessions: sessions.into_iter().collect(), ..Changes::default() });
    }
}

/// Shows some cookies again: the jars they are in, and how many rows were looked at.
fn show(tx: &Transaction<'_>, deletion: i64) -> Result<(Vec<i64>, usize), Error> {
    let sql = "SELECT id, jar FROM cookie WHERE deletion = ?1 LIMIT ?2";
    let found: Vec<(i64, i64)> = tx
        .prepare_cached(sql)?
        .query_map([deletion, AT_ONCE as i64], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut show = tx.prepare_cached("UPDATE OR IGNORE cookie SET deletion = NULL WHERE id = ?1")?;
    for (id, _) in &found {
        if show.execute([id])? == 0 {
            forget(tx, *id)?;
        }
    }
    Ok((found.iter().map(|(_, jar)| *jar).collect(), found.len()))
}

fn purge_some(tx: &Transaction<'_>) -> Result<u64, Error> {
    let of_jars = format!("SELECT id FROM jar WHERE {FINAL}");
    let sql = format!(
        "SELECT id FROM (SELECT id FROM cookie WHERE {FINAL} UNION ALL SELECT id FROM cookie WHERE jar IN ({of_jars})) LIMIT 100"
    );
    let ids: Vec<i64> = tx.prepare_cached(&sql)?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
    for id in &ids {
        forget(tx, *id)?;
    }
    Ok(ids.len() as u64)
}

fn forget(tx: &Transaction<'_>, id: i64) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM cookie_value WHERE cookie = ?1")?.execute([id])?;
    tx.prepare_cached("DELETE FROM cookie WHERE id = ?1")?.execute([id])?;
    Ok(())
}
