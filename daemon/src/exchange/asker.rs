//! Who asks for an exchange.

use super::Pool;
use crate::{
    capture::{ClientConnection, Heads, Recording},
    upstream::Origin,
};
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use waylay_storage::model::Source;

/// What all requests of one client connection have in common.
#[derive(Clone)]
pub struct Asker {
    /// Who asks.
    pub source: Source,
    /// Where rows go.
    pub recording: Arc<Recording>,
    /// The client's connection; `None` for what is sent from here.
    pub connection: Option<Arc<ClientConnection>>,
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
