//! What was sent from here.

use super::ExchangeId;
use serde::{Deserialize, Serialize};

words! {
    /// How it stands, or ended.
    SendState {
        /// Under way.
        Running = "running",
        /// There is a response.
        Done = "done",
        /// There is none, or not all of it.
        Failed = "failed",
        /// The user ended it.
        Cancelled = "cancelled",
        /// The daemon did not end in order while it was under way.
        Interrupted = "interrupted",
    }
}

/// An entry of the history: a request that was sent, or tried to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendEntry {
    /// Its number, never reused.
    pub id: i64,
    /// When it began, microseconds since the Unix epoch.
    pub at_us: i64,
    /// How it stands.
    pub state: SendState,
    /// Whether it was sent from here; otherwise it was added from what was captured.
    pub sent: bool,
    /// Method.
    pub method: String,
    /// URL: as written while it runs, as sent after that.
    pub url: String,
    /// Status of the last response.
    pub status: Option<i64>,
    /// How long it took, redirects included, microseconds.
    pub duration_us: Option<i64>,
    /// Bytes of the bodies as transferred.
    pub bytes: i64,
    /// The exchange with the result, while it is there.
    pub exchange: Option<ExchangeId>,
    /// The name of the environment it was sent with.
    pub environment: Option<String>,
    /// The exchange it was made from, such as `7.42`.
    pub from: Option<String>,
    /// Why it failed.
    pub error: Option<serde_json::Value>,
}

/// One exchange of a send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Which.
    pub id: ExchangeId,
    /// Method.
    pub method: String,
    /// URL.
    pub url: String,
    /// Status, if there is a response.
    pub status: Option<i64>,
}

/// What a send begins with.
#[derive(Clone, Debug)]
pub struct NewSend {
    /// When, microseconds since the Unix epoch.
    pub at_us: i64,
    /// Method as written.
    pub method: String,
    /// URL as written.
    pub url: String,
    /// The request as written, JSON.
    pub request: String,
    /// The name of the environment.
    pub environment: Option<String>,
    /// The exchange it is made from.
    pub made_from: Option<String>,
}

/// How a send ended.
#[derive(Clone, Debug)]
pub struct SendEnd {
    /// How it stands from now on.
    pub state: SendState,
    /// Method as sent.
    pub method: String,
    /// URL as sent.
    pub url: String,
    /// The numbers of its exchanges in session 0, in order.
    pub exchanges: Vec<i64>,
    /// Status of the last response.
    pub status: Option<i64>,
    /// How long it took, microseconds.
    pub duration_us: i64,
    /// Bytes of the bodies as transferred.
    pub bytes: i64,
    /// Why it failed, JSON.
    pub error: Option<String>,
}
