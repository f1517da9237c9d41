//! Hiding exchanges, sessions and entries of the history, and showing them again. The totals of sessions follow.

use super::{Cleaner, micros};
use crate::{
    Committed, Filter, Reader, StoreError,
    model::{ExchangeId, SessionId, SessionState},
    store::now_us,
    writer::Changes,
};
use rusqlite::{Connection, Error, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Exchanges that are hidden in one transaction.
pub(super) const AT_ONCE: usize = 500;

/// What to delete.
#[derive(Clone, Debug)]
pub enum Deleted {
    /// A session that is over, with its exchanges.
    Session(SessionId),
    /// These exchanges.
    Exchanges(Vec<ExchangeId>),
    /// Every exchange that matches now and is over.
    Matching(Filter),
    /// These entries of the history, with what was sent.
    Sends(Vec<i64>),
    /// Every entry of the history that was sent or added, and is over.
    AllSends,
    /// A collection with all that is in it.
    Collection(i64),
    /// These folders, requests and examples, with what is in them.
    Items(Vec<i64>),
    /// A jar with its cookies; not the usual one.
    Jar(i64),
    /// These cookies of jars.
    Cookies(Vec<i64>),
    /// The cookies of a domain of a jar, or all of a jar.
    CookiesOf(i64, Option<String>),
    /// Cookies seen in exchanges, by their places there.
    CookieEvents(Vec<(ExchangeId, i64)>),
}

/// What was deleted, and can be brought back for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Its number.
    pub id: i64,
    /// How many exchanges, those of the session included.
    pub exchanges: i64,
    /// How many sessions.
    pub sessions: i64,
    /// How many entries of the history that were sent or added.
    #[serde(default)]
    pub sends: i64,
    /// How many collections.
    #[serde(default)]
    pub collections: i64,
    /// How many folders, requests and examples, what was in them included; those of a collection are not counted.
    #[serde(default)]
    pub items: i64,
    /// How many jars.
    #[serde(default)]
    pub jars: i64,
    /// How many cookies, of jars or seen in exchanges; those of a jar are not counted.
    #[serde(default)]
    pub cookies: i64,
    /// Exchanges, or entries of the history, that match and stay, because they are still under way.
    pub under_way: i64,
    /// Until when it can be taken back, microseconds since the Unix epoch.
    pub until_us: i64,
}

impl Deletion {
    /// Of nothing so far.
    fn new(id: i64, until_us: i64) -> Self {
        Self {
            id,
            exchanges: 0,
            sessions: 0,
            sends: 0,
            collections: 0,
            items: 0,
            jars: 0,
            cookies: 0,
            under_way: 0,
            until_us,
        }
    }
}

/// What changed in one transaction.
#[derive(Default)]
struct Change {
    exchanges: Vec<Committed>,
    totals: BTreeMap<i64, [i64; 3]>,
}

impl Cleaner {
    /// Hides what is to be deleted.
    pub(crate) fn delete(&self, what: Deleted) -> Result<Deletion, StoreError> {
        let mut deletion = match what {
            Deleted::Session(id) => self.hide_session(id)?,
            Deleted::Exchanges(ids) => self.hide_exchanges(&ids)?,
            Deleted::Matching(filter) => self.hide_matching(&filter)?,
            Deleted::Sends(ids) => self.hide_sends(ids)?,
            Deleted::AllSends => self.hide_all_sends()?,
            Deleted::Collection(id) => self.hide_collection(id)?,
            Deleted::Items(ids) => self.hide_items(&ids)?,
            Deleted::Jar(id) => self.hide_jar(id)?,
            Deleted::Cookies(ids) => self.hide_cookies(&ids)?,
            Deleted::CookiesOf(jar, domain) => self.hide_cookies_of(jar, domain)?,
            Deleted::CookieEvents(which) => self.hide_cookie_events(&which)?,
        };
        deletion.until_us = deletion.until_us.saturating_add(micros(self.undo));
        self.changed();
        Ok(deletion)
    }

    /// Shows again what a deletion has hidden.
    pub(crate) fn undelete(&self, id: i64) -> Result<(), StoreError> {
        let found = self.within(move |tx| {
            let known = tx.prepare_cached("UPDATE deletion SET undone = 1 WHERE id = ?1")?.execute([id])? > 0;
            let given = "SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'deletion' AND seq >= ?1)";
            Ok((known, id > 0 && tx.query_row(given, [id], |r| r.get::<_, bool>(0))?))
        })?;
        match found {
            (true, _) => self.show_again(id),
            (false, true) => Err(StoreError::Purged(id)),
            (false, false) => Err(StoreError::NoDeletion(id)),
        }
    }

    /// Ends an undoing that was begun. What was hidden one by one comes back in several transactions: should the daemon
    /// end in between, it is gone on with when it starts.
    pub(super) fn show_again(&self, id: i64) -> Result<(), StoreError> {
        loop {
            let change = self.within(move |tx| show(tx, id))?;
            if change.is_empty() {
                break;
            }
            self.progress.restored(&change);
        }
        self.show_sends(id)?;
        self.show_items(id)?;
        self.show_cookies(id)?;
        let sessions = self.within(move |tx| {
            let sql = "UPDATE session SET deletion = NULL WHERE deletion = ?1 RETURNING id";
            let ids =
                tx.prepare_cached(sql)?.query_map([id], |r| r.get(0).map(SessionId))?.collect::<Result<_, _>>()?;
            tx.prepare_cached("DELETE FROM deletion WHERE id = ?1")?.execute([id])?;
            Ok::<Vec<SessionId>, Error>(ids)
        })?;
        self.progress.changed(&Changes { sessions, ..Changes::default() });
        Ok(())
    }

    fn hide_session(&self, id: SessionId) -> Result<Deletion, StoreError> {
        if id == SessionId::SENT {
            return Err(StoreError::SentSession);
        }
        let now = now_us();
        let hidden = self.within(move |tx| hide_session(tx, id, now))?;
        match hidden {
            None => Err(StoreError::NoSession(id)),
            Some(None) => Err(StoreError::StillOpen(id)),
            Some(Some(deletion)) => {
                self.progress.changed(&Changes { sessions: vec![id], ..Changes::default() });
                Ok(deletion)
            }
        }
    }

    fn hide_exchanges(&self, ids: &[ExchangeId]) -> Result<Deletion, StoreError> {
        let reader = Reader::open(&self.dir)?;
        let sql = "SELECT seq, done FROM exchange_listed WHERE session = ?1 AND number = ?2";
        let mut find = reader.db.prepare_cached(sql)?;
        let mut seqs = Vec::with_capacity(ids.len());
        for id in ids {
            let found = find.query_row([id.session.0, id.number], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
            match found {
                None => return Err(StoreError::NoExchange(*id)),
                Some((_, false)) => return Err(StoreError::UnderWay(*id)),
                Some((seq, true)) => seqs.push(seq),
            }
        }
        let mut deletion = self.begin()?;
        for some in seqs.chunks(AT_ONCE) {
            self.hide(&mut deletion, some.to_vec())?;
        }
        Ok(deletion)
    }

    fn hide_matching(&self, filter: &Filter) -> Result<Deletion, StoreError> {
        // What begins from now on was not meant. What is under way is told by the reader, before it ends.
        let reader = Reader::open(&self.dir)?;
        let last = reader.last_seq()?;
        let mut deletion = self.begin()?;
        let mut after = 0;
        loop {
            let found = reader.matching(filter, after, last, AT_ONCE)?;
            let Some((end, _)) = found.last() else { break };
            after = *end;
            deletion.under_way += found.iter().filter(|(_, done)| !done).count() as i64;
            self.hide(&mut deletion, found.into_iter().filter(|(_, done)| *done).map(|(seq, _)| seq).collect())?;
        }
        Ok(deletion)
    }

    pub(super) fn begin(&self) -> Result<Deletion, StoreError> {
        let now = now_us();
        let id = self.within(move |tx| begin(tx, now))?;
        Ok(Deletion::new(id, now))
    }

    pub(super) fn hide(&self, deletion: &mut Deletion, seqs: Vec<i64>) -> Result<(), StoreError> {
        if seqs.is_empty() {
            return Ok(());
        }
        let (id, seqs): (i64, Arc<[i64]>) = (deletion.id, seqs.into());
        let exchanges = self.within(move |tx| hide(tx, id, &seqs))?;
        deletion.exchanges += exchanges.len() as i64;
        let removed: Vec<_> = exchanges.iter().map(|x| x.id).collect();
        let sessions: BTreeSet<_> = removed.iter().map(|id| id.session).collect();
        self.progress.changed(&Changes { removed, sessions: sessions.into_iter().collect(), ..Changes::default() });
        Ok(())
    }
}

impl Reader {
    /// The newest exchange's place in the order of all; 0 if there is none.
    pub(crate) fn last_seq(&self) -> Result<i64, StoreError> {
        Ok(self.db.query_row("SELECT ifnull(max(seq), 0) FROM exchange", [], |r| r.get(0))?)
    }
}

/// When the oldest deletion was made that can still be taken back, microseconds since the Unix epoch.
pub(super) fn oldest(db: &Connection) -> Result<Option<i64>, Error> {
    db.query_row("SELECT min(at_us) FROM deletion WHERE undone = 0", [], |r| r.get(0))
}

/// Deletions whose undoing was not finished.
pub(super) fn undone(db: &Connection) -> Result<Vec<i64>, Error> {
    db.prepare_cached("SELECT id FROM deletion WHERE undone = 1")?.query_map([], |r| r.get(0))?.collect()
}

fn begin(tx: &Transaction<'_>, now_us: i64) -> Result<i64, Error> {
    tx.prepare_cached("INSERT INTO deletion (at_us) VALUES (?1)")?.execute([now_us])?;
    Ok(tx.last_insert_rowid())
}

/// `None` if there is no such session; `Some(None)` if it is not over.
fn hide_session(tx: &Transaction<'_>, id: SessionId, now_us: i64) -> Result<Option<Option<Deletion>>, Error> {
    let sql = "SELECT state, exchanges FROM session WHERE id = ?1 AND deletion IS NULL";
    let found = tx.prepare_cached(sql)?.query_row([id.0], |r| Ok((r.get::<_, String>(0)?, r.get(1)?))).optional()?;
    let Some((state, exchanges)) = found else { return Ok(None) };
    if [SessionState::Recording, SessionState::Paused].iter().any(|open| open.word() == state) {
        return Ok(Some(None));
    }
    let deletion = begin(tx, now_us)?;
    tx.prepare_cached("UPDATE session SET deletion = ?2 WHERE id = ?1")?.execute([id.0, deletion])?;
    Ok(Some(Some(Deletion { exchanges, sessions: 1, ..Deletion::new(deletion, now_us) })))
}

const FACTS: &str =
    "SELECT session, number, request_size + response_size, failure_side IS NOT NULL FROM exchange WHERE seq = ?1";

fn hide(tx: &Transaction<'_>, deletion: i64, seqs: &[i64]) -> Result<Vec<Committed>, Error> {
    let mut facts = tx.prepare_cached(&format!("{FACTS} AND done = 1"))?;
    let mut mark = tx.prepare_cached("INSERT INTO deleted (seq, deletion) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    let mut change = Change::default();
    for seq in seqs {
        if let Some((id, sizes)) = facts.query_row([seq], read).optional()?
            && mark.execute([*seq, deletion])? > 0
        {
            change.add(*seq, id, sizes);
        }
    }
    change.apply(tx, -1)
}

/// Shows some of what a deletion has hidden one by one; nothing once all of it is shown.
fn show(tx: &Transaction<'_>, deletion: i64) -> Result<Vec<Committed>, Error> {
    let mut marks = tx.prepare_cached("SELECT seq FROM deleted WHERE deletion = ?1 LIMIT ?2")?;
    let seqs: Vec<i64> = marks.query_map([deletion, AT_ONCE as i64], |r| r.get(0))?.collect::<Result<_, _>>()?;
    let mut facts = tx.prepare_cached(FACTS)?;
    let mut unmark = tx.prepare_cached("DELETE FROM deleted WHERE seq = ?1")?;
    let mut change = Change::default();
    for seq in seqs {
        unmark.execute([seq])?;
        if let Some((id, sizes)) = facts.query_row([seq], read).optional()? {
            change.add(seq, id, sizes);
        }
    }
    change.apply(tx, 1)
}

fn read(row: &rusqlite::Row<'_>) -> Result<(ExchangeId, [i64; 3]), Error> {
    let id = ExchangeId { session: SessionId(row.get(0)?), number: row.get(1)? };
    Ok((id, [1, row.get(2)?, row.get(3)?]))
}

impl Change {
    fn add(&mut self, seq: i64, id: ExchangeId, sizes: [i64; 3]) {
        let totals = self.totals.entry(id.session.0).or_default();
        for (total, more) in totals.iter_mut().zip(sizes) {
            *total = total.saturating_add(more);
        }
        self.exchanges.push(Committed { seq, id, done: true, cookies: false });
    }

    fn apply(self, tx: &Transaction<'_>, sign: i64) -> Result<Vec<Committed>, Error> {
        let mut update = tx.prepare_cached(
            "UPDATE session SET exchanges = exchanges + ?2, bytes = bytes + ?3, failures = failures + ?4 WHERE id = ?1",
        )?;
        for (session, totals) in self.totals {
            let [exchanges, bytes, failures] = totals.map(|n| sign * n);
            update.execute(params![session, exchanges, bytes, failures])?;
        }
        Ok(self.exchanges)
    }
}
