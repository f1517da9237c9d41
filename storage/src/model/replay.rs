//! What was sent again, and how it compares.

use super::{ExchangeId, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

words! {
    /// How a replay stands, or ended.
    ReplayState {
        /// Under way.
        Running = "running",
        /// All of it has been sent.
        Done = "done",
        /// The user ended it.
        Cancelled = "cancelled",
        /// It could not go on.
        Failed = "failed",
        /// The daemon ended while it was under way.
        Interrupted = "interrupted",
    }
}

words! {
    /// What came of one request of a replay.
    Verdict {
        /// The answer was the same, but for what does not count.
        Same = "same",
        /// The answer was another.
        Changed = "changed",
        /// There was no answer, or not all of it.
        Failed = "failed",
        /// It was not sent.
        Skipped = "skipped",
        /// It was sent, and there was nothing to compare the answer with, or nobody wanted that.
        Sent = "sent",
    }
}

/// How many requests of a replay came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// In all; the sum of the others.
    pub done: i64,
    /// With [`Verdict::Same`].
    pub same: i64,
    /// With [`Verdict::Changed`].
    pub changed: i64,
    /// With [`Verdict::Failed`].
    pub failed: i64,
    /// With [`Verdict::Skipped`].
    pub skipped: i64,
    /// With [`Verdict::Sent`].
    pub sent: i64,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, verdict: Verdict) {
        self.done += 1;
        *match verdict {
            Verdict::Same => &mut self.same,
            Verdict::Changed => &mut self.changed,
            Verdict::Failed => &mut self.failed,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Sent => &mut self.sent,
        } += 1;
    }
}

/// A replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// Its number, never reused.
    pub id: i64,
    /// The session its exchanges are in, which is deleted with it.
    pub session: SessionId,
    /// The name of that session.
    pub name: String,
    /// How it stands.
    pub state: ReplayState,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// Set once it is over.
    pub ended_us: Option<i64>,
    /// How many requests there are to send.
    pub total: i64,
    /// How many of them came to what.
    #[serde(flatten)]
    pub tally: Tally,
    /// What was asked for.
    pub what: Value,
    /// Why it could not go on, in a sentence.
    pub error: Option<String>,
}

/// What a replay begins with.
#[derive(Clone, Debug)]
pub struct NewReplay {
    /// The session its exchanges are in.
    pub session: SessionId,
    /// When, microseconds since the Unix epoch.
    pub started_us: i64,
    /// How many requests there are to send.
    pub total: i64,
    /// What was asked for.
    pub what: Value,
}

/// What came of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// Its place in the replay, from 1.
    pub position: i64,
    /// The exchange that was sent again.
    pub original: Option<ExchangeId>,
    /// The item of a collection that was sent.
    pub item: Option<i64>,
    /// The name of that item.
    pub name: Option<String>,
    /// Method of the original.
    pub method: String,
    /// URL of the original.
    pub url: String,
    /// Status of the original, or of the example it is compared with.
    pub status: Option<u16>,
    /// The exchange that came of it.
    pub result: Option<ExchangeId>,
    /// The status of that.
    pub result_status: Option<u16>,
    /// From its beginning to its end, microseconds.
    pub duration_us: Option<i64>,
    /// What came of it.
    pub verdict: Verdict,
    /// How it compares, JSON; of limited length.
    pub comparison: Option<String>,
    /// Why it failed or was skipped, JSON.
    pub error: Option<String>,
}
