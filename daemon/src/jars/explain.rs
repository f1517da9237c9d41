//! What of a jar would be sent to a URL, and what holds the rest back.

use super::{Jars, cookie};
use crate::cookies::{Asking, Cookie, explain::Rule};
use std::collections::HashMap;
use waylay_storage::{CookieQuery, StoreError, model::StoredCookie};

/// Cookies that are held back and told of one by one, at most; those of other sites come last.
const HELD_BACK: usize = 1_000;

/// What goes with a request.
#[derive(Debug, Default)]
pub struct Explained {
    /// The value of the field `Cookie`, byte for byte; `None` without one.
    pub field: Option<Vec<u8>>,
    /// In the order in which they are sent.
    pub sent: Vec<StoredCookie>,
    /// The others, each with the rule that holds it back.
    pub held: Vec<(StoredCookie, Rule)>,
    /// How many others there are.
    pub held_count: usize,
}

impl Jars {
    /// What goes with a request, and why the rest does not.
    ///
    /// # Errors
    /// [`StoreError::NoJar`], those of the store.
    pub fn explain(&self, id: i64, asking: &Asking<'_>, now_us: i64) -> Result<Explained, StoreError> {
        let (field, sent, held) = self.with::<_, StoreError>(id, |jar| {
            let mut explained = jar.explain(asking, now_us);
            let field = explained.field.take();
            let sent: Vec<Cookie> = explained.sent.into_iter().cloned().collect();
            let held: Vec<(Cookie, Rule)> = explained.held.into_iter().map(|(c, rule)| (c.clone(), rule)).collect();
            Ok((field, sent, held))
        })?;
        let rows = self.store.reader()?.cookies(id, &CookieQuery { limit: usize::MAX, ..CookieQuery::default() })?;
        let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (place(&row), row)).collect();
        let mut take = |found: &Cookie| {
            let partition = found.partition.clone();
            rows.remove(&(found.name.clone(), found.domain.clone(), found.host_only, found.path.clone(), partition))
        };
        let sent = sent.iter().filter_map(&mut take).collect();
        let held_count = held.len();
        let (others, mut near): (Vec<_>, Vec<_>) = held.into_iter().partition(|(_, rule)| *rule == Rule::OtherSite);
        near.extend(others);
        near.truncate(HELD_BACK);
        let held = near.iter().filter_map(|(cookie, rule)| Some((take(cookie)?, *rule))).collect();
        Ok(Explained { field, sent, held, held_count })
    }
}

fn place(row: &StoredCookie) -> (Vec<u8>, String, bool, String, Option<String>) {
    let found = cookie(row.cookie.clone(), row.created_us);
    (found.name, found.domain, found.host_only, found.path, found.partition)
}
