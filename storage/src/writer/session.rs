//! The rows of sessions: opening, closing, totals.

use super::batch::int;
use crate::{
    NewSession,
    model::{Exchange, RecordingRules, Session, SessionId, SessionState},
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
    last_number: i64,
    seqs: Option<(i64, i64)>,
}

impl Totals {
    /// Adds a row: one that is `new` counts as an exchange, one that is `done` with its bytes and its failure.
    pub(super) fn add(&mut self, x: &Exchange, new: bool, done: bool) {
        let at = self.0.iter().position(|(session, _)| *session == x.id.session).unwrap_or_else(|| {
            self.0.push((x.id.session, Total::default()));
            self.0.len() - 1
        });
        let total = &mut self.0[at].1;
        total.exchanges += i64::from(new);
        if done {
            total.bytes = total.bytes.saturating_add(int(x.request.size.saturating_add(x.response.size)));
            total.failures += i64::from(x.failure.is_some());
        }
        total.last_number = total.last_number.max(x.id.number);
        let (first, last) = total.seqs.unwrap_or((x.seq, x.seq));
        total.seqs = Some((first.min(x.seq), last.max(x.seq)));
    }

    pub(super) fn write(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        let mut update = tx.prepare_cached(
            "UPDATE session SET exchanges = exchanges + ?2, bytes = bytes + ?3, failures = failures + ?4,
               last_number = max(last_number, ?5),
               first_seq = min(coalesce(first_seq, ?6), ?6), last_seq = max(coalesce(last_seq, ?7), ?7)
             WHERE id = ?1",
        )?;
        for (session, t) in &self.0 {
            let (first, last) = t.seqs.unwrap_or_default();
            update.execute(params![session.0, t.exchanges, t.bytes, t.failures, t.last_number, first, last])?;
        }
        Ok(())
    }
}

/// Keeps the last numbers of exchanges, connections and segments, so that they do not come back after those are
/// deleted.
pub(super) fn write_counters<const N: usize>(
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
    let sql = "INSERT INTO session (name, source, state, started_us, command, rules) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
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
    let sql = "INSERT INTO session (id, name, source, state, started_us, ended_us, command, note, pinned, rules,
          paused_us, pause_us)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING";
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
        s.pause_us
    ];
    tx.execute(sql, row)?;
    Ok(())
}

/// Whether a session that stands there is over.
pub(super) fn ends(state: SessionState) -> bool {
    matches!(state, SessionState::Stopped | SessionState::Interrupted)
}

/// Changes where a session stands. `false` if there is no such session.
pub(super) fn set(tx: &Transaction<'_>, id: SessionId, state: SessionState, now_us: i64) -> Result<bool, Error> {
    let ended = ends(state).then_some(now_us);
    let sql = "UPDATE session SET state = ?2, ended_us = ?3 WHERE id = ?1";
    Ok(tx.prepare_cached(sql)?.execute(params![id.0, state.word(), ended])? > 0)
}

/// Ends a session and puts it on its way out. `false` if there is no such session.
pub(super) fn discard(tx: &Transaction<'_>, id: SessionId, now_us: i64) -> Result<bool, Error> {
    tx.execute("INSERT INTO deletion (at_us) VALUES (?1)", [now_us])?;
    let sql = "UPDATE session SET state = ?2, ended_us = ?3, deletion = last_insert_rowid() WHERE id = ?1";
    Ok(tx.execute(sql, params![id.0, SessionState::Interrupted.word(), now_us])? > 0)
}
