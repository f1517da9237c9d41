//! What an [`Origin`](super::Origin) notes of those who ask it, and the gate that holds some of its answers back.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// What an origin knows of its clients.
pub struct Notes {
    pub(super) requests: Mutex<Vec<Seen>>,
    pub(super) connections: AtomicUsize,
    pub(super) received: AtomicU64,
    gate: Semaphore,
}

/// One request, as it arrived; noted once its body is over.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`.
    pub method: String,
    /// Request target, or what HTTP/2 has in its place.
    pub target: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// Fields in the order hyper tells; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Trailers likewise.
    pub trailers: Vec<(String, String)>,
    /// Body bytes.
    pub size: u64,
    /// SHA-256 of the body in hex.
    pub sha256: String,
    /// Whether the body ended in order.
    pub complete: bool,
}

impl Default for Notes {
    fn default() -> Self {
        let (requests, gate) = (Mutex::default(), Semaphore::new(0));
        Self { requests, connections: AtomicUsize::new(0), received: AtomicU64::new(0), gate }
    }
}

impl Notes {
    /// Every request whose body is over.
    pub fn requests(&self) -> Vec<Seen> {
        self.requests.lock().expect("no panic while noting").clone()
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Body bytes received so far over all requests.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }

    /// Lets one gated answer go on.
    pub fn open_gate(&self) {
        self.gate.add_permits(1);
    }

    pub(super) async fn pass_gate(&self) {
        self.gate.acquire().await.expect("the gate is never closed").forget();
    }
}

impl Seen {
    /// The values of the field `name` (lower case).
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }
}
