//! Jars that are kept: rows in the store are the truth, and what is asked often is held in memory and written through.
//!
//! - this file: [`Jars`], which finds them and holds them
//! - [`change`]: cookies that answers set, that are seen, made, edited
//! - [`seen`]: what an exchange says of cookies, and what the jar of its session makes of it
//! - [`then`]: a jar as it was at an exchange
//! - [`explain`]: what would be sent to a URL, and what holds the rest back
//! - [`files`]: files of other tools
//! - [`sync`]: cookies of what passes through the proxy
//! - `rows`: cookies as the store has them

pub mod change;
pub mod explain;
pub mod files;
mod rows;
pub mod seen;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod then;

pub use change::{JarError, Origin};
pub use rows::{cookie, kept};

use crate::cookies::{Jar, Limits};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use waylay_storage::{CookieQuery, Store, StoreError};

/// Jars that are held at once; one that is asked for again is read again.
const HELD: usize = 16;
/// Jars that are kept at most. Each page has one of its own.
pub const MOST: i64 = 500;
/// Longest name of a jar, bytes.
pub const NAME: usize = 200;

/// All jars. What it does may block.
pub struct Jars {
    store: Arc<Store>,
    held: Arc<Mutex<HashMap<i64, Arc<Held>>>>,
}

/// A jar in memory.
#[derive(Default)]
struct Held {
    /// `None` until it is read.
    jar: Mutex<Option<Jar>>,
    /// It has been changed in the store by others.
    stale: AtomicBool,
}

impl Jars {
    /// Those of a store.
    pub fn new(store: Arc<Store>) -> Self {
        let held: Arc<Mutex<HashMap<i64, Arc<Held>>>> = Arc::default();
        let told = Arc::clone(&held);
        store.on_change(move |changes| {
            if !changes.jars_marked.is_empty() {
                let held = lock(&told);
                for id in &changes.jars_marked {
                    if let Some(jar) = held.get(id) {
                        jar.stale.store(true, Ordering::Release);
                    }
                }
            }
        });
        Self { store, held }
    }

    /// The jar that requests are sent with that name none.
    ///
    /// # Errors
    /// Those of the store.
    pub fn usual(&self) -> Result<i64, StoreError> {
        self.store.reader()?.default_jar()
    }

    /// Whether there is such a jar.
    ///
    /// # Errors
    /// Those of the store.
    pub fn is_there(&self, id: i64) -> Result<bool, StoreError> {
        self.store.reader()?.has_jar(id)
    }

    /// The jar of a name, made if there is none: what web pages send with that have one of their own.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::TooManyJars`].
    pub fn for_pairing(&self, name: &str) -> Result<i64, StoreError> {
        loop {
            if let Some(id) = self.store.reader()?.jar_named(name)? {
                return Ok(id);
            }
            if let Some(id) = self.store.add_jar(name, MOST)? {
                return Ok(id);
            }
        }
    }

    /// The field `Cookie` for a request, byte for byte; `None` without cookies.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::NoJar`].
    pub fn field(
        &self,
        id: i64,
        asking: &crate::cookies::Asking<'_>,
        now_us: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(id, |jar| Ok(jar.field(asking, now_us)))
    }

    /// Does something with a jar. Where that fails, what is in memory may be ahead of the store, and is read anew.
    fn with<T, E: From<StoreError>>(&self, id: i64, work: impl FnOnce(&mut Jar) -> Result<T, E>) -> Result<T, E> {
        let held = self.held(id);
        let mut slot = lock(&held.jar);
        if held.stale.swap(false, Ordering::AcqRel) {
            *slot = None;
        }
        let jar = match &mut *slot {
            Some(jar) => jar,
            empty => empty.insert(self.read(id)?),
        };
        let done = work(jar);
        if done.is_err() {
            *slot = None;
        }
        done
    }

    fn held(&self, id: i64) -> Arc<Held> {
        let mut held = lock(&self.held);
        if held.len() >= HELD && !held.contains_key(&id) {
            // Those nobody uses at this moment.
            held.retain(|_, jar| Arc::strong_count(jar) > 1);
        }
        Arc::clone(held.entry(id).or_default())
    }

    fn read(&self, id: i64) -> Result<Jar, StoreError> {
        let reader = self.store.reader()?;
        if !reader.has_jar(id)? {
            return Err(StoreError::NoJar(id));
        }
        let mut rows = reader.cookies(id, &CookieQuery { limit: usize::MAX, ..CookieQuery::default() })?;
        rows.sort_unstable_by_key(|row| (row.created_us, row.id));
        let mut jar = Jar::with_limits(Limits::LARGE);
        for row in rows {
            // At no time: what is over is there too, and says so where it is asked for.
            jar.put(cookie(row.cookie, row.created_us), i64::MIN);
        }
        Ok(jar)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What could be half changed is read anew after an error.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
