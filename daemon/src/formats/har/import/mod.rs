//! A HAR file of any tool, read into a session of its own: one entry at a time, whatever the size of the file.
//!
//! - [`long`]: long strings are not read but found again in the file: bodies of any size
//! - `read`: the way to the entries
//! - [`entry`]: an entry as an exchange; [`field`]: what tools write where HAR asks for something else
//! - `target`: what its request asks for; `content`: its bodies; `messages`: those of a WebSocket, for instance
//! - [`body`]: bytes from text, base64 and the file; [`coded`]: compressed again, as the head says
//! - [`mod@survey`]: what an import would come to
//! - `push`: into the store, no faster than it takes them

pub mod body;
pub mod coded;
mod content;
pub mod entry;
pub mod field;
pub mod long;
mod messages;
mod push;
mod read;
pub mod survey;
mod target;

use entry::Parsed;
use push::Pusher;
use serde::{Deserialize, Serialize};
use std::{fs::File, io};
use waylay_storage::{
    Deleted, NewSession, Store, StoreError,
    model::{RecordingRules, Session, SessionState, Source},
};

/// So many refused entries are told one by one.
const TOLD: usize = 1000;

/// What an import came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// The session it went into.
    pub session: Session,
    /// Entries taken.
    pub exchanges: u64,
    /// Entries that were not, the first 1000 of them.
    pub refused: Vec<Refused>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

/// An entry that is no exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its place among the entries, from 0.
    pub index: u64,
    /// Why.
    pub reason: String,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no HAR, or ends early.
    #[error("{message}")]
    Broken {
        /// What is wrong, and where.
        message: String,
        /// The entry it is in or behind, from 0, if the entries were reached.
        index: Option<u64>,
    },
    /// None of its entries could be taken.
    #[error("none of the {count} entries can be taken; entry {} is the first: {}", first.index, first.reason)]
    NothingTaken {
        /// How many there are.
        count: u64,
        /// The first of them.
        first: Refused,
    },
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The store could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was told to stop.
    #[error("the import was stopped")]
    Stopped,
    /// The store does not take what it is given.
    #[error("the store does not take it: {0}")]
    Stalled(String),
}

/// Reads the HAR file `file` into a new session called `name`. `progress` is told how many bytes have been
/// read, and says whether to go on.
///
/// # Errors
/// [`ImportError`]; the session is then gone again.
pub fn import(
    store: &Store,
    file: &File,
    name: &str,
    mut progress: impl FnMut(u64) -> bool,
) -> Result<Imported, ImportError> {
    // Nothing is opened for what is no HAR from its first byte on.
    read::look(file)?;
    let session = store.open_session(NewSession {
        name: name.to_owned(),
        source: Source::Import,
        command: None,
        rules: RecordingRules { media: true, ..RecordingRules::default() },
    })?;
    match fill(store, file, &session, &mut progress) {
        Ok((exchanges, refused, notes)) => {
            let reader = store.reader()?;
            let session = reader.session(session.id)?.unwrap_or(session);
            Ok(Imported { session, exchanges, refused, notes })
        }
        Err(error) => {
            // Only what is over can be deleted.
            let over = store.close_session(session.id, SessionState::Stopped);
            if let Err(error) = over.and_then(|()| store.delete(Deleted::Session(session.id)).map(drop)) {
                tracing::error!(%error, session = session.id.0, "a broken import could not be removed");
            }
            Err(error)
        }
    }
}

fn fill(
    store: &Store,
    file: &File,
    session: &Session,
    progress: &mut impl FnMut(u64) -> bool,
) -> Result<(u64, Vec<Refused>, Vec<String>), ImportError> {
    let mut pusher = Pusher::new(store, file, session);
    let (mut refused, mut index, mut untold, mut undated) = (Vec::new(), 0, 0u64, 0u64);
    read::entries(file, |value, position| {
        match Parsed::read(&value, session.started_us) {
            Ok(parsed) => {
                undated += u64::from(parsed.undated);
                pusher.push(parsed)?;
            }
            Err(reason) if refused.len() < TOLD => refused.push(Refused { index, reason }),
            Err(_) => untold += 1,
        }
        index += 1;
        if progress(position) { Ok(()) } else { Err(ImportError::Stopped) }
    })?;
    let taken = pusher.finish()?;
    if let (0, Some(first)) = (taken, refused.first()) {
        return Err(ImportError::NothingTaken { count: index, first: first.clone() });
    }
    store.close_session(session.id, SessionState::Stopped)?;
    let mut notes = Vec::new();
    if undated > 0 {
        notes.push(format!("{undated} entries have no time that can be read; they got that of the import"));
    }
    if untold > 0 {
        notes.push(format!("{untold} more entries were refused"));
    }
    Ok((taken, refused, notes))
}
