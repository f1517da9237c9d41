//! The history as people and programs see it.

use crate::request::Draft;
use serde::{Deserialize, Serialize};
use waylay_storage::{
    HistoryEntry, SendDetail,
    model::{Hop, SendEntry, Session, SessionId, SessionState, Source},
};

/// An entry of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    /// What was sent, or added.
    Send(SendEntry),
    /// A session with all that is in it.
    Session {
        /// Its number.
        session: SessionId,
        /// When it began, microseconds since the Unix epoch.
        at_us: i64,
        /// Its name.
        name: String,
        /// What fills it.
        source: Source,
        /// Where it stands.
        state: SessionState,
        /// How long it has lasted so far, without pauses, microseconds.
        duration_us: i64,
        /// Exchanges kept.
        exchanges: i64,
        /// Bytes of their bodies as transferred.
        bytes: i64,
    },
}

/// An entry of the history with all there is about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entire {
    /// What lists show.
    #[serde(flatten)]
    pub entry: SendEntry,
    /// The request as it was written, and by whom, if not by the user.
    pub request: Draft,
    /// Its exchanges as far as they are there, in order; the last is the result.
    pub hops: Vec<Hop>,
}

impl Entry {
    /// As it is when the clock shows `now_us`.
    pub fn new(entry: HistoryEntry, now_us: impl Fn(SessionId) -> i64) -> Self {
        match entry {
            HistoryEntry::Send(send) => Self::Send(send),
            HistoryEntry::Session(session) => {
                let duration_us = session.duration_us(now_us(session.id));
                let Session { id, name, source, state, started_us, exchanges, bytes, .. } = session;
                Self::Session { session: id, at_us: started_us, name, source, state, duration_us, exchanges, bytes }
            }
        }
    }
}

impl Entire {
    /// # Errors
    /// If the request cannot be read: it was written by another version.
    pub fn new(detail: SendDetail) -> Result<Self, serde_json::Error> {
        let SendDetail { entry, request, hops } = detail;
        let mut request: Draft = serde_json::from_str(&request)?;
        if let Some(origin) = entry.from.as_deref().and_then(|from| from.strip_prefix("page:")) {
            request.written_by = Some(origin.to_owned());
        }
        Ok(Self { entry, request, hops })
    }
}
