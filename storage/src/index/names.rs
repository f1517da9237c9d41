//! The names of header fields and cookies. Exchanges share sets of them: to find those that have a name, only the sets
//! are looked through.

use super::StoreError;
use crate::filter::heads;
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Sets that are remembered with their numbers.
const REMEMBERED: usize = 1_024;

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    /// Fields of both heads, in lower case.
    Field = 1,
    /// Cookies that are brought or set.
    Cookie = 2,
}

/// A set as it is stored: sorted, each between line feeds, which no name has.
pub(crate) type Set = Vec<u8>;

/// What a set contains that has a name.
pub(crate) fn between(name: &str) -> String {
    format!("\n{name}\n")
}

/// The names of the fields of both heads.
pub(super) fn of_fields(request: &[u8], response: &[u8]) -> Set {
    let both = heads::fields(request).chain(heads::fields(response));
    set(both.map(|(name, _)| name.to_ascii_lowercase()).collect())
}

/// The names of the cookies a request brings and a response sets.
pub(super) fn of_cookies(request: &[u8], response: &[u8]) -> Set {
    set(heads::cookies(request, response).map(|(name, _)| name.to_vec()).collect())
}

fn set(mut names: Vec<Vec<u8>>) -> Set {
    names.sort_unstable();
    names.dedup();
    let mut set = Vec::new();
    for name in names {
        set.push(b'\n');
        set.extend(name);
    }
    if !set.is_empty() {
        set.push(b'\n');
    }
    set
}

/// The numbers of sets, within one transaction.
pub(super) struct Sets<'tx> {
    db: &'tx Connection,
    known: HashMap<(Named, Set), i64>,
}

impl<'tx> Sets<'tx> {
    pub(super) fn new(db: &'tx Connection) -> Self {
        Self { db, known: HashMap::new() }
    }

    /// The number of a set, which is written if it is new.
    pub(super) fn number(&mut self, named: Named, set: &Set) -> Result<i64, StoreError> {
        // The key is only made for sets that are not known.
        let key = (named, set.clone());
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let hash = hash(set);
        let find = "SELECT id FROM names WHERE kind = ?1 AND hash = ?2 AND text = ?3";
        let found = self.db.prepare_cached(find)?.query_row(params![named as i64, hash, set], |r| r.get(0));
        let id = match found.optional()? {
            Some(id) => id,
            None => {
                let add = "INSERT INTO names (kind, hash, text) VALUES (?1, ?2, ?3)";
                self.db.prepare_cached(add)?.execute(params![named as i64, hash, set])?;
                self.db.last_insert_rowid()
            }
        };
        if self.known.len() < REMEMBERED {
            self.known.insert(key, id);
        }
        Ok(id)
    }
}

/// Another version's may differ: then a set is stored twice, and found in both.
fn hash(set: &Set) -> i64 {
    let mut hasher = DefaultHasher::new();
    set.hash(&mut hasher);
    hasher.finish().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sets() {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\nACCEPT: x\r\nno field\r\n folded: no\r\nCookie: b=1; a=2; c\r\nhost: b\r\n\r\nBody: no";
        let response = b"HTTP/1.1 200 OK\nSet-Cookie: d=; Path=/\nset-cookie: A=1\nVia: z\n\n";
        assert_eq!(of_fields(request, response), b"\naccept\ncookie\nhost\nset-cookie\nvia\n");
        assert_eq!(of_cookies(request, response), b"\nA\na\nb\nc\nd\n");
        for (nothing, none) in [(&b""[..], &b""[..]), (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK")] {
            assert_eq!(of_fields(nothing, none), b"");
            assert_eq!(of_cookies(nothing, none), b"");
        }
        // A cookie without a name has a name: the empty one.
        assert_eq!(of_cookies(b"GET / HTTP/1.1\nCookie: =v\n\n", b""), between("").into_bytes());
    }
}
