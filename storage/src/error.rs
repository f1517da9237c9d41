//! What can go wrong in the store, worded for the person who has to do something about it.

use crate::{
    model::{BadId, ExchangeId, SessionId},
    schema::aside,
};
use rusqlite::ErrorCode;
use std::{io, path::PathBuf, time::Duration};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store in this folder.
    #[error("there is no capture store in {}", dir.display())]
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// The folder, or something in it, must not be trusted or is of the wrong kind.
    #[error("{} {reason}", path.display())]
    Unsafe {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it, as the rest of a sentence that begins with the path.
        reason: &'static str,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no store of ours: not SQLite, or another program's.
    #[error("{} is not a Waylay database; move it away to start a new one", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The database is damaged.
    #[error("{} is damaged ({detail}); move it away to start a new one", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The database was written by a newer Waylay.
    #[error("{} has schema {found}, this Waylay knows up to {supported}: use the newer Waylay that wrote it", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: usize,
        /// The newest schema known here.
        supported: usize,
    },
    /// The database was written by an older Waylay and has not been migrated yet.
    #[error("{} has schema {found}, this Waylay needs {supported}: start the daemon once to migrate it", path.display())]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Schema of the file.
        found: usize,
        /// The schema needed here.
        supported: usize,
    },
    /// A migration did not succeed; the database is as it was.
    #[error("the database could not be migrated: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// SQLite reported an error.
    #[error("database error: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row holds something this version cannot read.
    #[error("the database holds {what} '{value}', which this Waylay does not know")]
    UnknownValue {
        /// The kind of value.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// The writer could not write; what it was given is kept and tried again while memory lasts.
    #[error("could not write to the capture store: {0}")]
    Write(String),
    /// No session has this number.
    #[error("there is no session {0}")]
    NoSession(SessionId),
    /// No exchange has this id.
    #[error("there is no exchange {0}")]
    NoExchange(ExchangeId),
    /// The session is recording or paused, and so cannot be deleted.
    #[error("session {0} is not over")]
    StillOpen(SessionId),
    /// The session of what is sent cannot be deleted; its exchanges can.
    #[error("session 0 holds what is sent and stays")]
    SentSession,
    /// The exchange is under way, and so cannot be deleted.
    #[error("exchange {0} is still under way")]
    UnderWay(ExchangeId),
    /// No entry of the history has this number.
    #[error("there is no entry {0} in the history")]
    NoSend(i64),
    /// The request is under way, and so its entry cannot be deleted.
    #[error("request {0} is still under way")]
    SendUnderWay(i64),
    /// No environment has this number.
    #[error("there is no environment {0}")]
    NoEnvironment(i64),
    /// No message that is kept has this number.
    #[error("there is no saved message {0}")]
    NoSavedMessage(i64),
    /// As many messages are kept as can be.
    #[error("{0} messages are saved, which is as many as can be")]
    TooManySavedMessages(i64),
    /// There are as many jars as there may be.
    #[error("there are {0} cookie jars already")]
    TooManyJars(i64),
    /// No collection has this number.
    #[error("there is no collection {0}")]
    NoCollection(i64),
    /// No folder, request or example has this number.
    #[error("there is no item {0} in any collection")]
    NoItem(i64),
    /// No jar has this number.
    #[error("there is no cookie jar {0}")]
    NoJar(i64),
    /// The usual jar cannot be deleted.
    #[error("jar {0} is the default one and stays")]
    DefaultJar(i64),
    /// No cookie has this number.
    #[error("there is no cookie {0}")]
    NoCookie(i64),
    /// The exchange has no such cookie.
    #[error("exchange {exchange} has no cookie at position {position}")]
    NoCookieEvent {
        /// The exchange.
        exchange: ExchangeId,
        /// The place in it.
        position: i64,
    },
    /// No domain of those whose cookies are taken over has this number.
    #[error("there is no domain {0} whose cookies are taken over")]
    NoSyncDomain(i64),
    /// An item cannot stand where it is to be put.
    #[error("{0}")]
    BadPlace(&'static str),
    /// There has been no such deletion.
    #[error("there is no deletion {0}")]
    NoDeletion(i64),
    /// What was deleted has been removed for good.
    #[error("what deletion {0} removed is gone for good")]
    Purged(i64),
    /// A query took longer than it may.
    #[error("the search took longer than {} s and was broken off: narrow it, by a session or a host for example", .0.as_secs())]
    TooSlow(Duration),
    /// There is no index to search in.
    #[error(
        "the full text cannot be searched without the index, which the daemon makes while it runs: start it with `waylay start`"
    )]
    NoIndex,
    /// The store is closed.
    #[error("the capture store is closed")]
    Closed,
    /// Text that is not an id.
    #[error(transparent)]
    BadId(#[from] BadId),
}

impl StoreError {
    /// Gives an I/O error the path it is about.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// Whether a database that was in use is damaged.
    pub(crate) fn is_damage(&self) -> bool {
        let code = match self {
            Self::Corrupt { .. } => return true,
            Self::Database(e) => e.sqlite_error_code(),
            _ => None,
        };
        matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }

    /// Names the file for the errors of SQLite that are about the file as a whole.
    pub(crate) fn about(self, path: &std::path::Path) -> Self {
        let code = match &self {
            Self::Database(e) => e.sqlite_error_code(),
            Self::Migration(rusqlite_migration::Error::RusqliteError { err, .. }) => err.sqlite_error_code(),
            _ => None,
        };
        match code {
            Some(ErrorCode::NotADatabase) if !aside::was_ours(path) => Self::NotAStore { path: path.into() },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Corrupt { path: path.into(), detail: self.to_string() }
            }
            _ => self,
        }
    }
}
