//! One transaction: extents, rows in the order they came, totals, commands.

use super::{
    command::{Action, Command, Outcome, Work},
    connection,
    exchange::{Rows, State},
    extents::Pending,
    message::Messages,
    session::{self, Totals},
};
use crate::{
    Committed,
    model::{Exchange, SessionId},
    queue::Event,
    schema::ends::end_exchanges,
};
use rusqlite::{Connection, Error, ErrorCode, Transaction, TransactionBehavior};
use std::collections::HashSet;

/// What goes into one transaction.
pub(super) struct Batch<'a> {
    pub(super) events: &'a [Event],
    pub(super) extents: &'a Pending,
    pub(super) commands: &'a [Command],
    /// Exchanges whose row says that they are under way.
    pub(super) open: &'a HashSet<i64>,
    /// Exchanges that have such a row, or get it here, and whose end was given up.
    pub(super) lost_ends: &'a [i64],
}

/// What a transaction changed, once it is committed.
#[derive(Default)]
pub(super) struct Written {
    /// Exchanges whose row changed.
    pub(super) committed: Vec<Committed>,
    /// Exchanges that were withdrawn; `done` where one had a row before.
    pub(super) withdrawn: Vec<Committed>,
    /// Sessions whose own row changed without one of an exchange.
    pub(super) sessions: Vec<SessionId>,
    /// Rows that SQLite refused as they stand.
    pub(super) refused: u64,
    /// One for each command.
    pub(super) outcomes: Vec<Outcome>,
}

/// Writes a batch, all of it or, with an error, nothing.
pub(super) fn write(db: &mut Connection, batch: &Batch<'_>) -> Result<Written, Error> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut written = Written::default();
    write_extents(&tx, batch.extents)?;
    write_rows(&tx, batch.events, batch.open, &mut written)?;
    write_lost_ends(&tx, batch.lost_ends, &mut written)?;
    for command in batch.commands {
        written.outcomes.push(carry_out(&tx, command)?);
    }
    tx.commit()?;
    Ok(written)
}

fn write_extents(tx: &Transaction<'_>, extents: &Pending) -> Result<(), Error> {
    if extents.is_empty() {
        return Ok(());
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO extent (seq, part, offset, segment, position, length) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET segment = excluded.segment, position = excluded.position, length = excluded.length",
    )?;
    for ((seq, part, offset), place) in extents {
        let row = [*seq, *part as i64, int(*offset), place.segment, int(place.position), int(place.length)];
        insert.execute(row)?;
    }
    // The number of a segment does not come back, even if its file is lost.
    let last = extents.values().map(|place| place.segment).max();
    session::write_counters(tx, [("segment", last.unwrap_or(0))])
}

fn write_rows(tx: &Transaction<'_>, events: &[Event], open: &HashSet<i64>, written: &mut Written) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let superseded = ended_in(events);
    let mut rows = Rows::prepare(tx)?;
    let mut messages = Messages::new(tx);
    let mut totals = Totals::default();
    // Rows opened in this very batch.
    let mut opened = HashSet::new();
    let mut last = (0, 0);
    for event in events {
        let (exchange, state) = match event {
            Event::Done(x) => (x, State::Done),
            Event::Open(x) if superseded.contains(&x.seq) => continue,
            Event::Open(x) => (x, State::Open),
            Event::Connection(c) => {
                if let Err(e) = or_refuse(connection::write(tx, c), written)? {
                    tracing::error!(error = %e, id = c.id, "a connection could not be stored");
                }
                last.1 = last.1.max(c.id);
                continue;
            }
            Event::Message(m) => {
                messages.write(m, written)?;
                continue;
            }
            Event::Withdrawn { seq, id } => {
                let removed = withdraw(tx, *seq)?;
                totals.leave_out(*id, *seq, removed);
                last.0 = last.0.max(*seq);
                written.withdrawn.push(Committed { seq: *seq, id: *id, done: removed, cookies: false });
                continue;
            }
            Event::LeftOut { session, count } => {
                totals.add_left_out(*session, int(*count));
                continue;
            }
            Event::Chunk { .. } | Event::Placed(_) => continue, // these are extents
        };
        match or_refuse(rows.write(exchange, state), written)? {
            Err(e) => tracing::error!(error = %e, id = %exchange.id, "an exchange could not be stored"),
            Ok(false) => {} // it is over already: what is late changes nothing
            Ok(true) => {
                let known = open.contains(&exchange.seq) || opened.contains(&exchange.seq);
                if state == State::Open {
                    opened.insert(exchange.seq);
                }
                totals.add(exchange, !known, state == State::Done);
                last.0 = last.0.max(exchange.seq);
                note(written, exchange, state);
            }
        }
    }
    messages.count(open, written)?;
    if let Err(e) = or_refuse(totals.write(tx), written)? {
        tracing::error!(error = %e, "the totals of a session could not be stored");
    }
    written.sessions.extend(totals.left_out_of());
    session::write_counters(tx, [("seq", last.0), ("connection", last.1)])
}

fn write_lost_ends(tx: &Transaction<'_>, lost: &[i64], written: &mut Written) -> Result<(), Error> {
    /// So many in one statement, whose length is limited.
    const AT_ONCE: usize = 500;
    let message = "The end of this exchange could not be stored; what had come before was kept.";
    for lost in lost.chunks(AT_ONCE) {
        let list: Vec<_> = lost.iter().map(i64::to_string).collect();
        let which = format!("done = 0 AND seq IN ({})", list.join(", "));
        written.committed.extend(end_exchanges(tx, &which, message)?);
    }
    Ok(())
}

/// The exchanges that end in this batch, if any begins: what they looked like before need not be written.
fn ended_in(events: &[Event]) -> HashSet<i64> {
    if !events.iter().any(|m| matches!(m, Event::Open(_))) {
        return HashSet::new();
    }
    let ended = |m: &Event| match m {
        Event::Done(x) => Some(x.seq),
        Event::Withdrawn { seq, .. } => Some(*seq),
        _ => None,
    };
    events.iter().filter_map(ended).collect()
}

/// Removes what there is of an exchange; says whether there was a row.
fn withdraw(tx: &Transaction<'_>, seq: i64) -> Result<bool, Error> {
    for table in ["extent", "message"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE seq = ?1"))?.execute([seq])?;
    }
    Ok(tx.prepare_cached("DELETE FROM exchange WHERE seq = ?1")?.execute([seq])? > 0)
}

fn note(written: &mut Written, x: &Exchange, state: State) {
    let done = state == State::Done;
    written.committed.push(Committed { seq: x.seq, id: x.id, done, cookies: done && x.has_cookies() });
}

fn carry_out(tx: &Transaction<'_>, command: &Command) -> Result<Outcome, Error> {
    let mut written = Written::default();
    let (id, changed) = match &command.action {
        Action::Flush(_) | Action::Close(_) | Action::Upkeep(..) => return Ok(Outcome::Done),
        Action::Work(work, _) => {
            return Ok(match or_refuse(whole(tx, &**work), &mut written)? {
                Ok(()) => Outcome::Done,
                Err(e) => Outcome::Refused(e),
            });
        }
        Action::OpenSession { new, started_us, .. } => {
            return Ok(match or_refuse(session::open(tx, new, *started_us), &mut written)? {
                Ok(session) => Outcome::Opened(session),
                Err(e) => Outcome::Refused(e),
            });
        }
        Action::SetSession { id, state, now_us, .. } => (*id, session::set(tx, *id, *state, *now_us)),
        Action::UpdateSession { id, changes, .. } => (*id, session::update(tx, *id, changes)),
    };
    Ok(match or_refuse(changed, &mut written)? {
        Ok(Some(session)) => Outcome::Changed(session),
        Ok(None) => Outcome::NoSession(id),
        Err(e) => Outcome::Refused(e),
    })
}

/// Makes a change, or none of it.
fn whole(tx: &Transaction<'_>, work: &Work) -> Result<(), Error> {
    tx.execute_batch("SAVEPOINT work")?;
    let result = work(tx);
    if result.is_err() {
        tx.execute_batch("ROLLBACK TO work")?;
    }
    tx.execute_batch("RELEASE work")?;
    result
}

/// Sets apart the errors that are about one row, which is counted and left out, from those of the database as a whole,
/// after which everything is tried again.
pub(super) fn or_refuse<T>(result: Result<T, Error>, written: &mut Written) -> Result<Result<T, Error>, Error> {
    let about_the_row = |e: &Error| match e.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch),
        None => true, // from the binding of values
    };
    match result {
        Err(e) if about_the_row(&e) => {
            written.refused += 1;
            Ok(Err(e))
        }
        Err(e) => Err(e),
        Ok(value) => Ok(Ok(value)),
    }
}

/// SQLite's integers are signed; what does not fit is beyond any real size.
pub(super) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
