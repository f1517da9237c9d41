//! What clients talk to.
//!
//! hudsucker accepts connections and serves HTTP on them; everything else is ours: CONNECT is taken over as soon as it
//! arrives, and every request is answered by [`crate::exchange::run()`].
//!
//! - [`listener`]: one listening port
//! - [`front`]: what a request on that port is: CONNECT, a proxy request, or a visit to the port itself
//! - [`connect`]: CONNECT taken over; TLS, HTTP or anything else, told by the first bytes
//! - [`tunnel`]: who asked for what, and its rows
//! - [`sniff`]: telling them apart
//! - [`intercept`]: TLS with the client, by a leaf of our own; [`refusal`]: what it fails at
//! - [`passthrough`]: hosts whose tunnels are relayed unread
//! - [`serve`]: HTTP inside a tunnel
//! - [`refused`]: rows of requests that hyper refuses
//! - [`raw`]: bytes relayed as they are
//! - [`shard`]: one single-threaded runtime per core for everything after CONNECT
//! - [`limits`]: bounds on what clients may send, and on how many there may be
//! - [`clients`]: those connected; [`pace`]: accepting only while there is room; [`shed`]: letting go of the silent
//! - [`processes`]: which process a client is
//! - [`socket`]: a client's socket with the bytes already read put back in front

pub mod clients;
pub mod connect;
pub mod front;
pub mod intercept;
pub mod limits;
pub mod listener;
pub mod pace;
pub mod passthrough;
pub mod processes;
pub mod raw;
pub mod refusal;
pub mod refused;
pub mod serve;
pub mod shard;
pub mod shed;
pub mod sniff;
pub mod socket;
pub mod tunnel;

use crate::{capture::Recording, exchange::Pool};
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use waylay_storage::model::{SessionId, Source};

/// What all listening ports share.
pub struct Shared {
    /// Leaves for intercepted hosts.
    pub authority: Arc<waylay_ca::Authority>,
    /// Where tunnels live.
    pub shards: shard::Shards,
    /// Hosts whose tunnels are relayed unread.
    pub passthrough: passthrough::Passthrough,
    /// Connections for plain proxy requests, which live where they were accepted.
    pub pool: Arc<Pool>,
    /// Those connected, on all ports.
    pub clients: clients::Clients,
    /// Finds out which processes they are.
    pub processes: processes::Processes,
}

/// One listening port: who is behind it, and where its rows go.
#[derive(Clone)]
pub struct Port {
    /// What all ports share.
    pub shared: Arc<Shared>,
    /// Who asks on this port.
    pub source: Source,
    /// The session of the run it is for, whether that is recorded into or not.
    pub run: Option<SessionId>,
    /// Where rows go.
    pub recording: Arc<Recording>,
    /// Its tunnels and relays.
    pub tasks: TaskTracker,
    /// Cancelled when it is to take no new work and to end what it can.
    pub stopping: CancellationToken,
}

impl Port {
    /// A port with nothing running on it yet.
    pub fn new(shared: Arc<Shared>, source: Source, recording: Arc<Recording>, stopping: CancellationToken) -> Self {
        Self { shared, source, run: None, recording, tasks: TaskTracker::new(), stopping }
    }
}
