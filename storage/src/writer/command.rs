//! What the store asks of the writer besides storing events.

use crate::{
    NewSession, SessionChanges, StoreError,
    model::{Session, SessionId, SessionState},
    queue::Ids,
};
use rusqlite::{Connection, Error, Transaction};
use std::{
    sync::mpsc::SyncSender,
    time::{Duration, Instant},
};

/// How long a command is tried again while the disk refuses.
const PATIENCE: Duration = Duration::from_secs(5);

/// Carried out in the transaction of the batch it comes with, behind the rows; answered after COMMIT.
pub(crate) struct Command {
    pub(super) action: Action,
    deadline: Instant,
}

pub(crate) type Reply<T> = SyncSender<Result<T, StoreError>>;

/// A change of the database that others than the writer know about. It must be short, as rows wait behind it, and may be
/// made again after a failure.
pub(crate) type Work = dyn Fn(&Transaction<'_>) -> Result<(), Error> + Send;

/// What cannot be done within a transaction.
pub(crate) type Upkeep = dyn Fn(&Connection) -> Result<(), Error> + Send;

pub(super) enum Action {
    Flush(Reply<()>),
    OpenSession {
        new: NewSession,
        started_us: i64,
        reply: Reply<Session>,
    },
    SetSession {
        id: SessionId,
        state: SessionState,
        now_us: i64,
        reply: Reply<Session>,
    },
    UpdateSession {
        id: SessionId,
        changes: SessionChanges,
        reply: Reply<Session>,
    },
    /// Made whole or not at all.
    Work(Box<Work>, Reply<()>),
    /// Done after COMMIT, once.
    Upkeep(Box<Upkeep>, Reply<()>),
    Close(Reply<()>),
}

/// What a command did in its transaction.
pub(super) enum Outcome {
    Done,
    Opened(Session),
    /// As the session is now.
    Changed(Session),
    NoSession(SessionId),
    /// SQLite refused it as it stands; trying again would not help.
    Refused(rusqlite::Error),
}

impl Command {
    pub(crate) fn flush(reply: Reply<()>) -> Self {
        Self::new(Action::Flush(reply))
    }

    pub(crate) fn open_session(new: NewSession, started_us: i64, reply: Reply<Session>) -> Self {
        Self::new(Action::OpenSession { new, started_us, reply })
    }

    pub(crate) fn set_session(id: SessionId, state: SessionState, now_us: i64, reply: Reply<Session>) -> Self {
        Self::new(Action::SetSession { id, state, now_us, reply })
    }

    pub(crate) fn work(work: Box<Work>, reply: Reply<()>) -> Self {
        Self::new(Action::Work(work, reply))
    }

    pub(crate) fn upkeep(upkeep: Box<Upkeep>, reply: Reply<()>) -> Self {
        Self::new(Action::Upkeep(upkeep, reply))
    }

    pub(crate) fn update_session(id: SessionId, changes: SessionChanges, reply: Reply<Session>) -> Self {
        Self::new(Action::UpdateSession { id, changes, reply })
    }

    pub(crate) fn close(reply: Reply<()>) -> Self {
        Self::new(Action::Close(reply))
    }

    fn new(action: Action) -> Self {
        Self { action, deadline: Instant::now() + PATIENCE }
    }

    pub(super) fn is_close(&self) -> bool {
        matches!(self.action, Action::Close(_))
    }

    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline <= now
    }

    /// Tells the one who asked. A close is given back: it is answered by [`closed`](Self::closed).
    pub(super) fn answer(self, outcome: Outcome, ids: &Ids) -> Option<Self> {
        // A receiver that has gone away does not want to know.
        match self.action {
            Action::Close(_) => return Some(self),
            Action::Flush(reply) => drop(reply.send(outcome.done())),
            Action::SetSession { reply, .. } | Action::UpdateSession { reply, .. } => {
                drop(reply.send(outcome.session()))
            }
            Action::Work(_, reply) | Action::Upkeep(_, reply) => {
                drop(reply.send(outcome.done()));
            }
            Action::OpenSession { reply, .. } => {
                if let Outcome::Opened(session) = &outcome {
                    ids.add(session.id);
                }
                drop(reply.send(outcome.session()));
            }
        }
        None
    }

    /// Answers a close.
    pub(super) fn closed(self, result: Result<(), StoreError>) {
        if let Action::Close(reply) = self.action {
            drop(reply.send(result));
        }
    }

    /// If its time is over, answers with the error that stood in the way. A close stays: it ends in any case.
    pub(super) fn give_up(&self, now: Instant, error: &StoreError) -> bool {
        if !self.is_late(now) {
            return false;
        }
        let error = StoreError::Write(error.to_string());
        match &self.action {
            Action::Close(_) => return false,
            Action::Flush(reply) | Action::Work(_, reply) | Action::Upkeep(_, reply) => drop(reply.send(Err(error))),
            Action::OpenSession { reply, .. }
            | Action::SetSession { reply, .. }
            | Action::UpdateSession { reply, .. } => drop(reply.send(Err(error))),
        }
        true
    }
}

impl Outcome {
    fn done(self) -> Result<(), StoreError> {
        match self {
            Self::Done | Self::Opened(_) | Self::Changed(_) => Ok(()),
            Self::NoSession(id) => Err(StoreError::NoSession(id)),
            Self::Refused(error) => Err(error.into()),
        }
    }

    fn session(self) -> Result<Session, StoreError> {
        match self {
            Self::Opened(session) | Self::Changed(session) => Ok(session),
            other => other.done().and(Err(StoreError::Closed)),
        }
    }
}
