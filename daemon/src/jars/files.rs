//! Jars from and to files of other tools.

use super::{Jars, Origin, change::JarError, cookie};
use crate::{
    cookies::Cookie,
    formats::cookies::{self, NotCookies, Written, cookie_editor, netscape, storage_state},
};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    CookieQuery, StoreError,
    model::{CookieChange, CookieSource},
};

/// Places that are told of, at most.
const TOLD: usize = 1_000;

/// A form of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// cookies.txt.
    Netscape,
    /// Playwright's storage state.
    StorageState,
    /// The list of Cookie-Editor and EditThisCookie.
    CookieEditor,
}

/// What came of a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Cookies that are new.
    pub added: usize,
    /// Cookies that took the place of others.
    pub replaced: usize,
    /// Cookies whose time was over.
    pub over: usize,
    /// Where there should be a cookie and is none, or none that a browser keeps; the first 1,000.
    pub refused: Vec<Refused>,
    /// How many such places there are.
    pub refused_count: usize,
    /// What was not taken over besides, in sentences.
    pub notes: Vec<String>,
}

/// A place in a file that gave no cookie. It says nothing of values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// `line 5`, a path in JSON such as `$.cookies[4]`, or the cookie's name and domain.
    pub place: String,
    /// The line, from 1, where it is one.
    pub line: Option<u64>,
    /// Why, as a sentence.
    pub reason: String,
}

/// Why nothing was taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There are no cookies in it.
    #[error(transparent)]
    File(#[from] NotCookies),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Jars {
    /// Takes a file over into a jar: of `format`, or of the one it looks like.
    ///
    /// # Errors
    /// If there are no cookies in it, or the store cannot be written.
    pub fn import(&self, id: i64, file: &[u8], format: Option<Format>, now_us: i64) -> Result<Imported, ImportError> {
        let read = match format {
            None => cookies::read(file, now_us),
            Some(format) => {
                let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
                match format {
                    Format::Netscape => netscape::read(file, now_us),
                    Format::StorageState => storage_state::read(file, now_us),
                    Format::CookieEditor => cookie_editor::read(file, now_us),
                }
            }
        }?;
        let origin = Origin { source: CookieSource::Import, exchange: None };
        let named = |cookie: &Cookie| format!("{:?} of {}", String::from_utf8_lossy(&cookie.name), cookie.domain);
        let names: Vec<String> = read.cookies.iter().map(named).collect();
        let all = read.cookies.into_iter().map(|cookie| (cookie, CookieChange::Imported, origin)).collect();
        let done = self.put_all(id, all, now_us)?;
        let mut imported = Imported {
            added: done.added,
            replaced: done.replaced,
            refused: read.bad.into_iter().map(|bad| Refused::new(bad.place, bad.reason)).collect(),
            refused_count: read.bad_count,
            notes: read.notes,
            ..Imported::default()
        };
        for (number, why) in done.refused {
            if matches!(why, JarError::Over) {
                imported.over += 1;
                continue;
            }
            imported.refused_count += 1;
            if imported.refused.len() < TOLD {
                imported.refused.push(Refused::new(names.get(number).cloned().unwrap_or_default(), why.to_string()));
            }
        }
        Ok(imported)
    }

    /// A jar as a file, or the cookies of one domain and those below it; without those whose time is over.
    ///
    /// # Errors
    /// [`StoreError::NoJar`], those of the store.
    pub fn export(&self, id: i64, format: Format, domain: Option<&str>, now_us: i64) -> Result<Written, StoreError> {
        let reader = self.store.reader()?;
        if !reader.has_jar(id)? {
            return Err(StoreError::NoJar(id));
        }
        let rows = reader.cookies(id, &CookieQuery { limit: usize::MAX, ..CookieQuery::default() })?;
        let cookies: Vec<Cookie> = rows.into_iter().map(|row| cookie(row.cookie, row.created_us)).collect();
        let wanted = |cookie: &&Cookie| {
            let inside = domain.is_none_or(|domain| crate::cookies::site::domain_matches(&cookie.domain, domain));
            inside && !cookie.expired(now_us)
        };
        let cookies = cookies.iter().filter(wanted);
        Ok(match format {
            Format::Netscape => netscape::write(cookies),
            Format::StorageState => storage_state::write(cookies),
            Format::CookieEditor => cookie_editor::write(cookies),
        })
    }
}

impl Refused {
    fn new(place: String, reason: String) -> Self {
        let line = place.strip_prefix("line ").and_then(|number| number.parse().ok());
        Self { place, line, reason }
    }
}
