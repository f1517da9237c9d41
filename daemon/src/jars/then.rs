//! A jar as it was at an exchange.

use super::{Jars, cookie, seen};
use crate::cookies::{Jar, Limits};
use waylay_storage::{
    Reader, StoreError,
    model::{Exchange, ExchangeId, SessionId},
};

/// Exchanges that a session's own jar is made of: the newest before that in question that have cookies.
const NEWEST: usize = 5_000;

impl Jars {
    /// A jar of one's own to begin with: one that is kept, the usual one if none is named, as it is now or as it was when an
    /// exchange began; for a captured exchange, where none is named, as its client had it. Beside it when that was, microseconds
    /// since the Unix epoch.
    ///
    /// # Errors
    /// [`StoreError::NoExchange`], [`StoreError::NoJar`], those of the store.
    pub fn begin_with(&self, id: Option<i64>, as_of: Option<ExchangeId>) -> Result<(Jar, Option<i64>), StoreError> {
        let then = match (as_of, id) {
            (None, id) => return Ok((self.read(id.map_or_else(|| self.usual(), Ok)?)?, None)),
            (Some(exchange), None) if exchange.session != SessionId::SENT => self.derived(exchange)?,
            (Some(exchange), id) => self.past(id.map_or_else(|| self.usual(), Ok)?, exchange)?,
        };
        Ok((then.0, Some(then.1)))
    }

    /// A jar that is kept, as it was when an exchange began, and when that was, microseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`StoreError::NoExchange`], [`StoreError::NoJar`], those of the store.
    pub fn past(&self, id: i64, exchange: ExchangeId) -> Result<(Jar, i64), StoreError> {
        let reader = self.store.reader()?;
        let at_us = found(&reader, exchange)?.started_us;
        if !reader.has_jar(id)? {
            return Err(StoreError::NoJar(id));
        }
        let mut jar = Jar::with_limits(Limits::LARGE);
        for was in reader.jar_at(id, at_us)? {
            jar.put(cookie(was.cookie, was.at_us), i64::MIN);
        }
        Ok((jar, at_us))
    }

    /// What the client of a captured exchange had in its jar when the exchange began, as far as its session knows: what answers
    /// that had come by then have set, and what it sent. Beside it when that was, microseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`StoreError::NoExchange`], those of the store.
    pub fn derived(&self, exchange: ExchangeId) -> Result<(Jar, i64), StoreError> {
        let reader = self.store.reader()?;
        let target = found(&reader, exchange)?;
        let at_us = target.started_us;
        let mut before = reader.cookie_exchanges(exchange.session, NEWEST)?;
        before.retain(|seq| *seq < target.seq);
        let mut jar = Jar::new();
        for seq in before {
            if let Some(exchange) = reader.heads(seq)? {
                seen::events_until(&mut jar, &exchange, at_us);
            }
        }
        seen::events_until(&mut jar, &target, at_us);
        Ok((jar, at_us))
    }
}

fn found(reader: &Reader, id: ExchangeId) -> Result<Exchange, StoreError> {
    let found = reader.exchange(id)?;
    found.map(|(exchange, _)| exchange).ok_or(StoreError::NoExchange(id))
}
