//! A named span of recording.

use super::{SessionId, Source};
use serde::{Deserialize, Serialize};

words! {
    /// Where a session stands.
    SessionState {
        /// New exchanges are added.
        Recording = "recording",
        /// Open, but nothing new is added.
        Paused = "paused",
        /// Ended by the user or with its command.
        Stopped = "stopped",
        /// Left open by a daemon that did not end in order; it keeps its rows.
        Interrupted = "interrupted",
    }
}

/// One session and its totals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Its name, unique only by habit.
    pub name: String,
    /// What fills it.
    pub source: Source,
    /// Where it stands.
    pub state: SessionState,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// Set once it is stopped or interrupted.
    pub ended_us: Option<i64>,
    /// The command of `waylay run`, for reading only.
    pub command: Option<String>,
    /// Exchanges kept.
    pub exchanges: i64,
    /// Bytes of both bodies as transferred.
    pub bytes: i64,
    /// Exchanges with a failure.
    pub failures: i64,
}
