//! The one thread that writes.
//!
//! - this file: [`Writer`], which takes a batch, writes it, and tries again what could not be written
//! - [`command`]: what the store asks of it besides storing events
//! - [`database`]: what it writes to, and what becomes of one that is damaged
//! - [`accept`]: taking in what the queue holds
//! - [`batch`]: one transaction; [`exchange`], [`message`], [`connection`] and [`session`] are its rows
//! - [`extents`]: where in the segments a body lies
//! - [`shed`]: giving rows up that could not be written
//! - [`checkpoint`]: moving the log into the database, on a thread of its own
//! - [`progress`]: how it goes, for [`Health`](crate::Health) and for those who wait for commits
//!
//! Order of one batch: body bytes into segments, then one transaction with the extents that refer to them, the rows,
//! and the totals. A process that is killed leaves at most bytes at the end of a segment that nothing refers to.
//!
//! Errors never stop it. Rows that could not be written are kept and tried again; when they fill half the budget the
//! oldest are given up and counted. Body bytes that could not be written are given up at once, so that traffic goes
//! on: what no extent covers is a gap.

mod accept;
mod batch;
mod bind;
mod checkpoint;
pub(crate) mod command;
mod connection;
mod content_type;
mod database;
mod exchange;
mod extents;
#[cfg(all(test, target_os = "linux"))]
mod faults;
mod message;
mod progress;
mod session;
mod shed;
#[cfg(test)]
mod tests;

pub use progress::Changes;
pub(crate) use progress::Progress;
pub(crate) use session::write_counters;

use crate::{
    StoreError,
    model::Session,
    queue::{Event, Ids, Queue, event::weight},
    room::{LOOK_EVERY, Room},
    schema::recovery,
    segments::{Files, append::Appender},
};
use batch::Batch;
use command::{Action, Command, Outcome};
use database::Database;
use extents::Extents;
use progress::Area;
use rusqlite::Connection;
use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The first pause after a failed attempt, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Starts the writer's thread, which ends after [`Command::close`].
pub(crate) fn start(mut writer: Writer) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("waylay-writer".into()).spawn(move || {
        // However the thread ends, nobody goes on to wait for it.
        let _closing = CloseQueue(writer.shared.queue.clone());
        writer.run();
    })
}

struct CloseQueue(Arc<Queue>);

impl Drop for CloseQueue {
    fn drop(&mut self) {
        drop(self.0.close());
    }
}

/// What the writer has in common with the store that started it.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) queue: Arc<Queue>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) files: Arc<Files>,
    pub(crate) room: Arc<Room>,
}

pub(crate) struct Writer {
    /// `None` after it was lost and before a new one is begun.
    database: Option<Database>,
    /// When the one there is was begun, if it was not there from the beginning.
    begun: Option<Instant>,
    /// Of those opened since the store was.
    sessions: Vec<Session>,
    dir: PathBuf,
    shared: Shared,
    tick: Duration,
    segments: Appender,
    /// When bytes of bodies could not be written, if none have been since.
    bodies_failed: Option<Instant>,
    extents: Extents,
    /// Taken from the queue and not yet committed, oldest first.
    rows: Vec<Event>,
    commands: Vec<Command>,
    /// Exchanges whose row says that they are under way.
    open: HashSet<i64>,
    /// Exchanges whose end was given up.
    lost_ends: Vec<i64>,
    retry: Option<Retry>,
}

#[derive(Clone, Copy)]
struct Retry {
    at: Instant,
    pause: Duration,
}

impl Writer {
    /// Writes to the database `db` in the folder `dir`; big bodies go to `segments`.
    pub(crate) fn new(
        db: Connection,
        dir: &Path,
        shared: Shared,
        segments: Appender,
        tick: Duration,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            database: Some(Database::new(db, dir, shared.files.clone())?),
            begun: None,
            sessions: Vec::new(),
            segments,
            bodies_failed: None,
            extents: Extents::default(),
            rows: Vec::new(),
            commands: Vec::new(),
            open: HashSet::new(),
            lost_ends: Vec::new(),
            retry: None,
            dir: dir.into(),
            shared,
            tick,
        })
    }

    fn run(&mut self) {
        let (mut events, mut commands) = (Vec::with_capacity(1024), Vec::new());
        loop {
            let patience = self.patience();
            // Before the events: then what of these exchanges was not given up is among them, or was before.
            self.lost_ends.append(&mut self.shared.queue.take_lost_ends());
            self.shared.queue.take(&mut events, &mut commands, self.tick, patience);
            let asked = !commands.is_empty();
            self.commands.append(&mut commands);
            self.accept(&mut events);
            self.try_bodies();
            if asked || self.retry.is_none_or(|r| r.at <= Instant::now()) {
                self.commit();
            }
            self.shed();
            if let Some(close) = self.take_close() {
                return self.finish(close);
            }
        }
    }

    /// How long it may sleep when nothing comes; for ever if there is nothing to look after.
    fn patience(&self) -> Option<Duration> {
        let retry = self.retry.map(|r| r.at.saturating_duration_since(Instant::now()));
        // Somebody may be waiting to read that there is room again.
        let look = (self.shared.room.is_low() || self.bodies_failed.is_some()).then_some(LOOK_EVERY);
        retry.into_iter().chain(look).min()
    }

    fn commit(&mut self) {
        self.forget_unseen_ends();
        if self.lost_ends.is_empty()
            && self.rows.is_empty()
            && self.commands.is_empty()
            && self.extents.pending().is_empty()
        {
            self.retry = None;
            return;
        }
        match self.write() {
            Ok(written) => self.settle(written),
            Err(e) => self.failed(&e),
        }
    }

    fn write(&mut self) -> Result<batch::Written, StoreError> {
        self.ensure_database()?;
        self.segments.leave_closed();
        let Some(database) = &mut self.database else { return Err(StoreError::Closed) };
        let batch = Batch {
            events: &self.rows,
            extents: self.extents.pending(),
            commands: &self.commands,
            open: &self.open,
            lost_ends: &self.lost_ends,
        };
        Ok(batch::write(&mut database.db, &batch)?)
    }

    /// After COMMIT.
    fn settle(&mut self, written: batch::Written) {
        self.retry = None;
        self.extents.committed();
        self.lost_ends.clear();
        for row in &written.committed {
            if row.done {
                self.open.remove(&row.seq);
                self.extents.finish(row.seq);
            } else {
                self.open.insert(row.seq);
            }
        }
        for row in &written.withdrawn {
            self.open.remove(&row.seq);
            self.extents.finish(row.seq);
        }
        let weight = self.rows.iter().map(weight).sum();
        self.rows.clear();
        self.shared.queue.budget().give(weight);
        self.shared.progress.succeeded(Area::Rows);
        self.shared.progress.committed(&written);
        // A close comes back: it is answered at the very end.
        for (command, outcome) in std::mem::take(&mut self.commands).into_iter().zip(written.outcomes) {
            let outcome = self.keep_up(&command, outcome);
            if let Outcome::Opened(session) | Outcome::Changed(session) = &outcome {
                self.note_session(session);
            }
            self.commands.extend(command.answer(outcome, &self.shared.ids));
        }
        match self.database.as_mut().and_then(|d| d.checkpoint.after_commit(&d.db)) {
            Some(Ok(())) => self.shared.progress.succeeded(Area::Checkpoint),
            Some(Err(e)) => self.shared.progress.failed(Area::Checkpoint, e),
            None => {}
        }
    }

    /// Does what a command wants done outside of its transaction.
    fn keep_up(&self, command: &Command, outcome: Outcome) -> Outcome {
        match (&command.action, &self.database) {
            (Action::Upkeep(work, _), Some(database)) => match work(&database.db) {
                Ok(()) => Outcome::Done,
                Err(e) => Outcome::Refused(e),
            },
            _ => outcome,
        }
    }

    fn failed(&mut self, error: &StoreError) {
        self.shared.progress.failed(Area::Rows, error.to_string());
        self.set_aside_if_damaged(error);
        let pause = self.retry.map_or(RETRY.0, |r| (r.pause * 2).min(RETRY.1));
        let now = Instant::now();
        self.retry = Some(Retry { at: now + pause, pause });
        self.commands.retain(|c| !c.give_up(now, error));
    }

    /// The command to close, once there is nothing left to write or no time left to try.
    fn take_close(&mut self) -> Option<Command> {
        let due = |c: &Command| c.is_close() && (self.retry.is_none() || c.is_late(Instant::now()));
        let at = self.commands.iter().position(due)?;
        Some(self.commands.swap_remove(at))
    }

    fn finish(&mut self, close: Command) {
        let unwritten = self.rows.len();
        for row in self.rows.drain(..) {
            self.shared.queue.give_up(&row);
        }
        let mut end = || {
            self.shared.files.sync().map_err(StoreError::io(&self.dir))?;
            if let Some(Database { db, checkpoint, .. }) = &mut self.database {
                checkpoint.stop();
                if unwritten == 0 && self.extents.is_settled() {
                    recovery::close(db, &self.shared.ids)?;
                }
                db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            match unwritten {
                0 => Ok(()),
                _ => Err(StoreError::Write(format!("{unwritten} rows were given up at the end"))),
            }
        };
        let result = end();
        close.closed(result);
    }
}
