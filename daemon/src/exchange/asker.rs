//! Who asks for an exchange.

use super::Pool;
use crate::{capture::Heads, upstream::Origin};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use waylay_storage::model::{SessionId, Source};

/// What all requests of one client connection have in common.
pub struct Asker {
    /// Who asks.
    pub source: Source,
    /// Where rows go.
    pub recording: Arc<Recording>,
    /// Row of the client's connection.
    pub connection: Option<i64>,
    /// Where requests of this connection go; `None` where each names its own target.
    pub origin: Option<Arc<Origin>>,
    /// Heads below hyper, where they can be had.
    pub heads: Option<Heads>,
    /// Connections to origins.
    pub pool: Arc<Pool>,
    /// Knows the tasks that outlive an exchange.
    pub tasks: TaskTracker,
    /// Ends relays.
    pub stopping: CancellationToken,
}

/// Something to hold for as long as what a request has become goes on, such as the relay after a 101. Travels in the
/// request's extensions.
#[derive(Clone)]
pub struct Held(#[expect(dead_code, reason = "it is there to be dropped")] Arc<dyn Send + Sync>);

impl Held {
    /// Holds `thing`.
    pub fn new(thing: impl Send + Sync + 'static) -> Self {
        Self(Arc::new(thing))
    }
}

/// The session that what passes now is added to, if any.
#[derive(Debug)]
pub struct Recording(AtomicI64);

impl Recording {
    const OFF: i64 = -1;

    /// Into `session`, or nowhere.
    pub fn new(session: Option<SessionId>) -> Self {
        Self(AtomicI64::new(session.map_or(Self::OFF, |s| s.0)))
    }

    /// The session at this moment.
    pub fn session(&self) -> Option<SessionId> {
        Some(self.0.load(Ordering::Acquire)).filter(|id| *id != Self::OFF).map(SessionId)
    }

    /// Changes it for exchanges that begin from now on.
    pub fn set(&self, session: Option<SessionId>) {
        self.0.store(session.map_or(Self::OFF, |s| s.0), Ordering::Release);
    }
}
