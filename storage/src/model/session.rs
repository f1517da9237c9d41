//! A named span of recording.

use super::{RecordingRules, SessionId, Source};
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
    /// What the user has written down about it.
    pub note: Option<String>,
    /// Whether retention leaves it alone.
    pub pinned: bool,
    /// Until when retention leaves it alone, to remove it then; microseconds since the Unix epoch. `None`: what is
    /// configured for all of them holds.
    pub keep_until_us: Option<i64>,
    /// What is recorded.
    pub rules: RecordingRules,
    /// How long it was paused in all, microseconds; a pause under way apart.
    pub paused_us: i64,
    /// When the pause under way began.
    pub pause_us: Option<i64>,
    /// Exchanges kept.
    pub exchanges: i64,
    /// Bytes of both bodies as transferred.
    pub bytes: i64,
    /// Exchanges with a failure.
    pub failures: i64,
    /// Exchanges that the rules kept out.
    pub left_out: i64,
}

impl Session {
    /// How long it has lasted without pauses, microseconds, where it is `now_us` if it is open still.
    pub fn duration_us(&self, now_us: i64) -> i64 {
        let end = self.ended_us.or(self.pause_us).unwrap_or(now_us);
        end.saturating_sub(self.started_us).saturating_sub(self.paused_us).max(0)
    }
}
