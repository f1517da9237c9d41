//! Domains whose cookies are taken over from what passes through the proxy.

use super::Result;
use crate::{Changes, Reader, Store, StoreError, model::SyncDomain, store::now_us};
use rusqlite::params;

impl Store {
    /// Adds a domain, unless it is there. Gives back its number.
    pub fn add_sync_domain(&self, host: &str, subdomains: bool) -> Result<i64> {
        let (host, now) = (host.to_owned(), now_us());
        let id = self.cleaner.within(move |tx| {
            let sql = "INSERT INTO sync_domain (host, subdomains, added_us) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            tx.prepare_cached(sql)?.execute(params![host, subdomains, now])?;
            let sql = "SELECT id FROM sync_domain WHERE host = ?1 AND subdomains = ?2";
            tx.prepare_cached(sql)?.query_row(params![host, subdomains], |r| r.get(0))
        })?;
        self.tell_of_cookie_sync();
        Ok(id)
    }

    /// Takes a domain off the list. What has come stays.
    ///
    /// # Errors
    /// [`StoreError::NoSyncDomain`].
    pub fn remove_sync_domain(&self, id: i64) -> Result<()> {
        let removed =
            self.cleaner.within(move |tx| tx.prepare_cached("DELETE FROM sync_domain WHERE id = ?1")?.execute([id]))?;
        if removed == 0 {
            return Err(StoreError::NoSyncDomain(id));
        }
        self.tell_of_cookie_sync();
        Ok(())
    }

    /// Notes that cookies have come for domains: their numbers, how many, and when the last came.
    pub fn note_synced(&self, came: Vec<(i64, i64, i64)>) -> Result<()> {
        self.cleaner.within(move |tx| {
            let sql =
                "UPDATE sync_domain SET cookies = cookies + ?2, last_us = max(ifnull(last_us, 0), ?3) WHERE id = ?1";
            let mut note = tx.prepare_cached(sql)?;
            for (id, cookies, last_us) in &came {
                note.execute([id, cookies, last_us])?;
            }
            Ok(())
        })?;
        self.tell_of_cookie_sync();
        Ok(())
    }

    /// Tells those who listen that something about it has changed.
    pub fn tell_of_cookie_sync(&self) {
        self.told(&Changes { cookie_sync: true, ..Changes::default() });
    }
}

impl Reader {
    /// The domains, by name.
    pub fn sync_domains(&self) -> Result<Vec<SyncDomain>> {
        let sql =
            "SELECT id, host, subdomains, added_us, last_us, cookies FROM sync_domain ORDER BY host, subdomains DESC";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            Ok(SyncDomain {
                id: r.get(0)?,
                host: r.get(1)?,
                subdomains: r.get(2)?,
                added_us: r.get(3)?,
                last_us: r.get(4)?,
                cookies: r.get(5)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The newest exchanges (`seq`, ascending) in which cookies of a host were seen, or of those below it too.
    pub fn exchanges_with_cookies(&self, host: &str, subdomains: bool, most: usize) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT DISTINCT seq FROM cookie_event WHERE (host = ?1 OR (?2 AND host LIKE '%.' || ?3 ESCAPE '\\'))
               AND deletion IS NULL AND {} ORDER BY seq DESC LIMIT {most}",
            crate::cookies::SEEN
        );
        let escaped = host.replace('_', "\\_").replace('%', "\\%");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![host, subdomains, escaped], |r| r.get(0))?;
        let mut seqs: Vec<i64> = rows.collect::<std::result::Result<_, _>>()?;
        seqs.reverse();
        Ok(seqs)
    }
}
