//! The rows of sessions: opening, closing, totals.

use super::batch::int;
use crate::{
    NewSession, SessionChanges, StoreError,
    model::{Exchange, ExchangeId, RecordingRules, Session, SessionId, SessionState},
    reader::sessions,
};
use rusqlite::{Error, Transaction, params};

/// What a batch adds to the sessions it touches; few, so that a list will do.
#[derive(Default)]
pub(super) struct Totals(Vec<(SessionId, Total)>);

#[derive(Default)]
struct Total {
    exchanges: i64,
    bytes: i64,
    failures: i64,
    left_out: i64,
    last_number: i64,
    seqs: Option<(i64, i64)>,
}

impl Totals {
    /// Adds a row: one that is `new` counts as an exchange, one that is `done` with its bytes and its failure.
    pub(super) fn add(&mut self, x: &Exchange, new: bool, done: bool) {
        let total = self.of(x.id.session);
        total.exchanges += i64::from(new);
        if done {
            total.bytes = total.bytes.saturating_add(int(x.request.size.saturating_add(x.response.size)));
            total.failures += i64::from(x.failure.is_some());
        }
        total.last_number = total.last_number.max(x.id.number);
        let (first, last) = total.seqs.unwrap_or((x.seq, x.seq));
        total.seqs = Some((first.min(x.seq), last.max(x.seq)));
    }

    /// Takes an exchange back that the rules keep out; `counted` if it had a row.
    pub(super) fn leave_out(&mut self, id: ExchangeId, seq: i64, counted: bool) {
        let total = self.of(id.session);
        total.left_out += 1;
        total.exchanges -= i64::from(counted);
        // What has been given out does not come back.
        total.last_number = total.last_number.max(id.number);
        let (first, last) = total.seqs.unwrap_or((seq, seq));
        total.seqs = Some((first.min(seq), last.max(seq)));
    }

    /// Adds exchanges that never had a row.
    pub(super) fn add_left_out(&mut self, session: SessionId, count: i64) {
        let total = self.of(session);
        total.left_out = total.left_out.saturating_add(count);
    }

    /// The sessions that exchanges were left out of: no row tells of those.
    pub(super) fn left_out_of(&self) -> impl Iterator<Item = SessionId> {
        self.0.iter().filter(|(_, total)| total.left_out > 0).map(|(session, _)| *session)
    }

    fn of(&mut self, session: SessionId) -> &mut Total {
        let at = self.0.iter().position(|(id, _)| *id == session).unwrap_or_else(|| {
            self.0.push((session, Total::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    pub(super) fn write(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        let mut update = tx.prepare_cached(
            "UPDATE session SET exchanges = exchanges + ?2, bytes = bytes + ?3, failures = failures + ?4,
               last_number = max(last_number, ?5), left_out = left_out + ?8,
               first_seq = min(coalesce(first_seq, ?6), coalesce(?6, first_seq)),
               last_seq = max(coalesce(last_seq, ?7), coalesce(?7, last_seq))
             WHERE id = ?1",
        )?;
        for (session, t) in &self.0 {
            let (first, last) = t.seqs.unzip();
            let row = params![session.0, t.exchanges, t.bytes, t.failures, t.last_number, first, last, t.left_out];
            if update.execute(row)? == 0 {
                drop_rows(tx, *session)?;
            }
        }
        Ok(())
    }
}

/// The session was deleted and purged while these exchanges were under way: nobody can ask for them.
fn drop_rows(tx: &Transaction<'_>, session: SessionId) -> Result<(), Error> {
    for table in ["message", "extent", "cookie_event"] {
        let sql = format!("DELETE FROM {table} WHERE seq IN (SELECT seq FROM exchange WHERE session = ?1)");
        tx.execute(&sql, [session.0])?;
    }
    tx.execute("DELETE FROM exchange WHERE session = ?1", [session.0])?;
    Ok(())
}

/// Keeps the last numbers of exchanges, connections and segments, so that they do not come back after those are
/// deleted.
pub(crate) fn write_counters<const N: usize>(
    tx: &Transaction<'_>,
    counters: [(&'static str, i64); N],
) -> Result<(), Error> {
    let mut upsert = tx.prepare_cached(
        "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
    )?;
    for (name, value) in counters {
        if value > 0 {
            upsert.execute(params![name, value])?;
        }
    }
    Ok(())
}

/// Adds a session that is recording.
pub(super) fn open(tx: &Transaction<'_>, new: &NewSession, started_us: i64) -> Result<Session, Error> {
    let state = SessionState::Recording;
    let sql = "INSERT INTO session (name, source, state, started_us, changed_us, command, rules)
        VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)";
    let row = params![new.name, new.source.word(), state.word(), started_us, new.command, json(&new.rules)];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(Session {
        id: SessionId(tx.last_insert_rowid()),
        name: new.name.clone(),
        source: new.source,
        state,
        started_us,
        ended_us: None,
        command: new.command.clone(),
        note: None,
        pinned: false,
        keep_until_us: None,
        rules: new.rules.clone(),
        paused_us: 0,
        pause_us: None,
        exchanges: 0,
        bytes: 0,
        failures: 0,
        left_out: 0,
    })
}

/// As stored; nothing for the defaults.
fn json(rules: &RecordingRules) -> Option<String> {
    // Texts and switches: this cannot fail.
    (*rules != RecordingRules::default()).then(|| serde_json::to_string(rules).ok()).flatten()
}

/// Adds a session of another database with its number, if it is not there.
pub(super) fn restore(tx: &Transaction<'_>, s: &Session) -> Result<(), Error> {
    let sql = "INSERT INTO session (id, name, source, state, started_us, changed_us, ended_us, command, note, pinned,
          rules, paused_us, pause_us, keep_us)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING";
    let (source, state, rules) = (s.source.word(), s.state.word(), json(&s.rules));
    let row = params![
        s.id.0,
        s.name,
        source,
        state,
        s.started_us,
        s.ended_us,
        s.command,
        s.note,
        s.pinned,
        rules,
        s.paused_us,
        s.pause_us,
        s.keep_until_us
    ];
    tx.execute(sql, row)?;
    Ok(())
}

/// Whether a session that stands there is over.
pub(super) fn ends(state: SessionState) -> bool {
    matches!(state, SessionState::Stopped | SessionState::Interrupted)
}

/// Changes where a session stands; gives it back as it is then. `None` if there is no such session.
///
/// A pause begins and ends at `now_us`, and is not counted twice.
pub(super) fn set(
    tx: &Transaction<'_>,
    id: SessionId,
    state: SessionState,
    now_us: i64,
) -> Result<Option<Session>, Error> {
    let sql = "UPDATE session SET state = ?2, changed_us = ?3, ended_us = iif(?4, max(started_us, ?3), NULL),
          paused_us = paused_us + iif(?5, 0, max(0, ?3 - coalesce(pause_us, ?3))),
          pause_us = iif(?5, coalesce(pause_us, ?3), NULL)
        WHERE id = ?1";
    let row = params![id.0, state.word(), now_us, ends(state), state == SessionState::Paused];
    tx.prepare_cached(sql)?.execute(row)?;
    find(tx, id)
}

/// Changes what a session is called and what it records; gives it back as it is then. `None` if there is none.
pub(super) fn update(tx: &Transaction<'_>, id: SessionId, changes: &SessionChanges) -> Result<Option<Session>, Error> {
    let SessionChanges { name, note, pinned, keep_until_us, rules } = changes;
    let sql = "UPDATE session SET name = coalesce(?2, name), note = iif(?3, ?4, note), pinned = coalesce(?5, pinned),
          rules = iif(?6, ?7, rules), keep_us = iif(?8, ?9, keep_us)
        WHERE id = ?1";
    let (note_changes, note) = (note.is_some(), note.as_ref().and_then(Option::as_ref));
    let keep = (keep_until_us.is_some(), keep_until_us.flatten());
    let rules = (rules.is_some(), rules.as_ref().and_then(json));
    let row = params![id.0, name, note_changes, note, pinned, rules.0, rules.1, keep.0, keep.1];
    tx.prepare_cached(sql)?.execute(row)?;
    find(tx, id)
}

/// As it is stored. One that is on its way out is not there any more.
fn find(tx: &Transaction<'_>, id: SessionId) -> Result<Option<Session>, Error> {
    let found = sessions::read(tx, "WHERE id = ?1 AND deletion IS NULL", params![id.0]);
    // A column that cannot be read is no error of the database, and of one row only.
    found.map(|mut found| found.pop()).map_err(|e| match e {
        StoreError::Database(e) => e,
        other => Error::ToSqlConversionFailure(Box::new(other)),
    })
}
