//! The database the writer writes to, and going on without it: it may turn out to be damaged, or be removed.
//!
//! A damaged one is set aside (see [`aside`]), and a new one is begun in its place. Numbers go on, and the sessions that
//! are open are in the new one under their old numbers, with totals that begin anew. What was committed is in the old
//! file alone; so are connections that were open already, and the first bytes of bodies under way, which the new one
//! shows as gaps. Traffic does not notice.

use super::{Writer, checkpoint::Checkpoint, session};
use crate::{
    DATABASE, StoreError,
    model::{Session, SessionId},
    platform,
    queue::Event,
    room::LOOK_EVERY,
    schema::{self, aside},
    segments::Files,
    store::now_us,
};
use rusqlite::Connection;
use std::{
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// A database that was begun so lately is not set aside: a disk that damages everything should not be filled as well.
const APART: Duration = Duration::from_secs(60);

/// A database that is open for writing.
pub(super) struct Database {
    pub(super) db: Connection,
    pub(super) checkpoint: Checkpoint,
    /// What its file was when it was opened, where that can be told.
    file: Option<platform::Identity>,
    looked: Instant,
}

impl Database {
    /// Takes over the database of the folder `dir`.
    pub(super) fn new(db: Connection, dir: &Path, files: Arc<Files>) -> Result<Self, StoreError> {
        let checkpoint = Checkpoint::start(schema::open_beside(dir)?, files).map_err(StoreError::io(dir))?;
        let path = dir.join(DATABASE);
        let file = platform::identity(&path).map_err(StoreError::io(path))?;
        Ok(Self { db, checkpoint, file, looked: Instant::now() })
    }

    /// Whether its file was removed. Looks once in a while.
    fn is_gone(&mut self, dir: &Path) -> Result<bool, StoreError> {
        if self.looked.elapsed() < LOOK_EVERY {
            return Ok(false);
        }
        let path = dir.join(DATABASE);
        match platform::identity(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
            Ok(found) if found == self.file => {}
            Ok(_) => return Err(StoreError::Unsafe { path, reason: "was replaced; Waylay has to be started anew" }),
            Err(_) => {} // what cannot be looked at may still be written to
        }
        self.looked = Instant::now();
        Ok(false)
    }

    /// Lets go of it without touching its files.
    fn leave(mut self) {
        self.checkpoint.stop();
        schema::leave_log(&self.db);
    }
}

impl Writer {
    /// Sees to it that there is a database to write to: a new one if there is none any more.
    pub(super) fn ensure_database(&mut self) -> Result<(), StoreError> {
        let found = match self.database.take() {
            None => self.begin_anew()?,
            Some(mut found) => match found.is_gone(&self.dir) {
                Ok(false) => found,
                Ok(true) => {
                    tracing::error!(dir = %self.dir.display(), "the capture database was removed; a new one is begun");
                    found.leave();
                    self.begin_anew()?
                }
                Err(e) => {
                    self.database = Some(found);
                    return Err(e);
                }
            },
        };
        self.database = Some(found);
        Ok(())
    }

    /// Sets the database aside if `error` says that it is damaged. The next attempt to write begins a new one.
    pub(super) fn set_aside_if_damaged(&mut self, error: &StoreError) {
        if !error.is_damage() || self.begun.is_some_and(|at| at.elapsed() < APART) {
            return;
        }
        if let Some(database) = self.database.take() {
            database.leave();
        }
        match aside::set_aside(&self.dir) {
            Ok(path) => aside::tell(&path, error),
            Err(e) => tracing::error!(error = %e, "the capture database is damaged and could not be set aside"),
        }
    }

    fn begin_anew(&mut self) -> Result<Database, StoreError> {
        let (mut db, _) = schema::open(&self.dir, now_us())?;
        let tx = db.transaction()?;
        for session in self.sessions.iter().filter(|s| s.ended_us.is_none() || self.is_awaited(s.id)) {
            session::restore(&tx, session)?;
        }
        tx.commit()?;
        let database = Database::new(db, &self.dir, self.shared.files.clone())?;
        self.begun = Some(Instant::now());
        // None of them has a row there yet.
        self.open.clear();
        self.lost_ends.clear();
        Ok(database)
    }

    /// Whether a row waits that belongs to a session.
    fn is_awaited(&self, id: SessionId) -> bool {
        self.rows.iter().any(|row| matches!(row, Event::Open(x) | Event::Done(x) if x.id.session == id))
    }

    /// Keeps in mind what sessions there are since the store was opened: a new database has to have them as well.
    pub(super) fn note_session(&mut self, session: &Session) {
        match self.sessions.iter_mut().find(|s| s.id == session.id) {
            Some(known) => known.clone_from(session),
            None => self.sessions.push(session.clone()),
        }
    }
}
