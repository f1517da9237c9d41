//! A session as people and programs see it.

use serde::{Deserialize, Serialize};
use waylay_storage::model;

/// A session and its totals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// As it is stored.
    #[serde(flatten)]
    pub session: model::Session,
    /// How long it has lasted so far, without pauses, microseconds.
    pub duration_us: i64,
}

impl Session {
    /// As it is when the clock of the session shows `now_us`.
    pub fn new(session: model::Session, now_us: i64) -> Self {
        Self { duration_us: session.duration_us(now_us), session }
    }
}
