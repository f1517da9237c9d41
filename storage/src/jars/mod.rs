//! Jars of cookies. Rows are the truth; whoever matches cookies holds a jar in memory and writes through.
//!
//! - this file: jars themselves, and domains in them
//! - [`mod@write`]: cookies that come, change and go, and what they were before
//! - [`read`]: lists, histories, a jar as it was
//! - [`sync`]: domains whose cookies are taken over

mod read;
mod sync;
#[cfg(test)]
mod tests;
mod write;

pub use read::CookieQuery;
pub use write::CookieWrite;

use crate::{Changes, Store, StoreError, store::now_us};
use rusqlite::{Error, OptionalExtension, Transaction, params};

type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Adds a jar, unless there are `most` already, and gives back its number. `None` if there is one of this name.
    ///
    /// # Errors
    /// [`StoreError::TooManyJars`].
    pub fn add_jar(&self, name: &str, most: i64) -> Result<Option<i64>> {
        let (name, now) = (name.to_owned(), now_us());
        let added = self.cleaner.within(move |tx| {
            if named(tx, &name)?.is_some() {
                return Ok(Some(None));
            }
            let count = "SELECT count(*) FROM jar WHERE deletion IS NULL";
            if tx.prepare_cached(count)?.query_row([], |r| r.get::<_, i64>(0))? >= most {
                return Ok(None);
            }
            tx.prepare_cached("INSERT INTO jar (name, created_us) VALUES (?1, ?2)")?.execute(params![name, now])?;
            Ok(Some(Some(tx.last_insert_rowid())))
        })?;
        let added = added.ok_or(StoreError::TooManyJars(most))?;
        self.tell_of_jars(added.as_slice());
        Ok(added)
    }

    /// Calls a jar otherwise. `false` if another has this name.
    ///
    /// # Errors
    /// [`StoreError::NoJar`].
    pub fn rename_jar(&self, id: i64, name: &str) -> Result<bool> {
        let name = name.to_owned();
        let renamed = self.cleaner.within(move |tx| {
            if named(tx, &name)?.is_some_and(|other| other != id) {
                return Ok(None);
            }
            let sql = "UPDATE jar SET name = ?2 WHERE id = ?1 AND deletion IS NULL";
            tx.prepare_cached(sql)?.execute(params![id, name]).map(Some)
        })?;
        self.tell_of_jars(&[id]);
        match renamed {
            Some(0) => Err(StoreError::NoJar(id)),
            renamed => Ok(renamed.is_some()),
        }
    }

    /// Has requests sent with a jar from now on that name none.
    ///
    /// # Errors
    /// [`StoreError::NoJar`]; then all is as it was.
    pub fn use_jar(&self, id: i64) -> Result<()> {
        let before = self.cleaner.within(move |tx| {
            if !is_there(tx, id)? {
                return Ok(None);
            }
            let before = tx.query_row("SELECT id FROM jar WHERE is_default = 1", [], |r| r.get::<_, i64>(0))?;
            tx.execute("UPDATE jar SET is_default = 0 WHERE is_default = 1", [])?;
            tx.execute("UPDATE jar SET is_default = 1 WHERE id = ?1", [id])?;
            Ok(Some(before))
        })?;
        let before = before.ok_or(StoreError::NoJar(id))?;
        self.tell_of_jars(&[before, id]);
        Ok(())
    }

    /// Has a domain stand in a jar, with or without cookies.
    ///
    /// # Errors
    /// [`StoreError::NoJar`].
    pub fn add_jar_domain(&self, jar: i64, domain: &str) -> Result<()> {
        let domain = domain.to_owned();
        let found = self.cleaner.within(move |tx| {
            if !is_there(tx, jar)? {
                return Ok(false);
            }
            let sql = "INSERT INTO jar_domain (jar, domain) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET deletion = NULL";
            tx.prepare_cached(sql)?.execute(params![jar, domain])?;
            Ok(true)
        })?;
        if !found {
            return Err(StoreError::NoJar(jar));
        }
        self.tell_of_jars(&[jar]);
        Ok(())
    }

    fn tell_of_jars(&self, jars: &[i64]) {
        self.told(&Changes { jars: jars.to_vec(), ..Changes::default() });
    }
}

fn is_there(tx: &Transaction<'_>, jar: i64) -> std::result::Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM jar WHERE id = ?1 AND deletion IS NULL)";
    tx.prepare_cached(sql)?.query_row([jar], |r| r.get(0))
}

fn named(tx: &Transaction<'_>, name: &str) -> std::result::Result<Option<i64>, Error> {
    let sql = "SELECT id FROM jar WHERE name = ?1 AND deletion IS NULL";
    tx.prepare_cached(sql)?.query_row([name], |r| r.get(0)).optional()
}
