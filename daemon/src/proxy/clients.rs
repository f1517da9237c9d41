//! The client connections of all ports: counted, and let go of when they say nothing or are too many.
//!
//! hudsucker accepts whoever comes, waits for a first byte without end, and turns in a circle once descriptors run out.
//! So nobody is accepted beyond a number that leaves descriptors for everything else ([`super::pace`]), and who says
//! nothing is sent away ([`super::shed`]): after a while in any case, and at once when others wait to be let in.

use super::limits::Bounds;
use crate::capture::ClientConnection;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// All of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clients(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bounds: Bounds,
    open: Mutex<HashMap<u64, Weak<Client>>>,
    count: AtomicUsize,
    /// How many there have ever been.
    accepted: AtomicU64,
    /// Somebody has left.
    freed: Notify,
    /// Somebody waits to be let in.
    wanted: Notify,
}

/// One client's connection, from accept to its end, tunnels included.
#[derive(Debug)]
pub struct Client {
    number: u64,
    since: Instant,
    /// Told by its first request.
    peer: OnceLock<SocketAddr>,
    /// For the rows of plain proxy requests.
    connection: OnceLock<Arc<ClientConnection>>,
    /// Ends the tunnel it has become.
    end: OnceLock<CancellationToken>,
    /// Exchanges under way, and when the last one ended, in milliseconds since `since`.
    busy: AtomicUsize,
    used: AtomicBool,
    rested_ms: AtomicU64,
    clients: Clients,
}

/// Held while an exchange of the connection is under way, its response's body included.
#[derive(Debug)]
pub struct Busy(Arc<Client>);

impl Clients {
    /// None yet.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Inner {
            bounds,
            open: Mutex::default(),
            count: AtomicUsize::new(0),
            accepted: AtomicU64::new(0),
            freed: Notify::new(),
            wanted: Notify::new(),
        }))
    }

    /// What clients have to keep to.
    pub fn bounds(&self) -> Bounds {
        self.0.bounds
    }

    /// How many are connected.
    pub fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// Another one.
    pub fn accepted(&self) -> Arc<Client> {
        let number = self.0.accepted.fetch_add(1, Ordering::AcqRel);
        self.0.count.fetch_add(1, Ordering::AcqRel);
        let client = Arc::new(Client {
            number,
            since: Instant::now(),
            peer: OnceLock::new(),
            connection: OnceLock::new(),
            end: OnceLock::new(),
            busy: AtomicUsize::new(0),
            used: AtomicBool::new(false),
            rested_ms: AtomicU64::new(0),
            clients: self.clone(),
        });
        self.open().insert(number, Arc::downgrade(&client));
        client
    }

    /// Whether nobody else is to be let in.
    pub fn is_full(&self) -> bool {
        self.count() >= self.0.bounds.clients
    }

    /// How many there have ever been.
    pub fn ever(&self) -> u64 {
        self.0.accepted.load(Ordering::Acquire)
    }

    /// Resolves when somebody leaves after this call.
    pub fn freed(&self) -> impl Future<Output = ()> + '_ {
        self.0.freed.notified()
    }

    /// Says that somebody waits to be let in.
    pub fn want_room(&self) {
        self.0.wanted.notify_one();
    }

    /// Resolves when somebody waits to be let in.
    pub async fn room_wanted(&self) {
        self.0.wanted.notified().await;
    }

    /// Those connected now.
    pub fn all(&self) -> Vec<Arc<Client>> {
        self.open().values().filter_map(Weak::upgrade).collect()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Weak<Client>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Its address, once it has made a request.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer.get().copied()
    }

    /// It has made a request.
    pub fn heard(&self, peer: SocketAddr) {
        self.peer.get_or_init(|| peer);
    }

    /// What its rows refer to, which `make` makes when it is first asked for.
    pub fn connection(&self, make: impl FnOnce() -> Arc<ClientConnection>) -> Arc<ClientConnection> {
        Arc::clone(self.connection.get_or_init(make))
    }

    /// Whether nothing has been under way on it since it came, or became a tunnel.
    pub fn is_unused(&self) -> bool {
        !self.used.load(Ordering::Acquire)
    }

    /// It has become a tunnel, which ends with what is returned: when `stopping` is cancelled, or it is let go of.
    pub fn becomes_tunnel(&self, stopping: &CancellationToken) -> CancellationToken {
        self.rest();
        self.used.store(false, Ordering::Release);
        self.end.get_or_init(|| stopping.child_token()).clone()
    }

    /// Whether it has become a tunnel.
    pub fn is_tunnel(&self) -> bool {
        self.end.get().is_some()
    }

    /// Ends the tunnel in order: what is under way on it may finish.
    pub fn end_tunnel(&self) {
        if let Some(end) = self.end.get() {
            end.cancel();
        }
    }

    /// An exchange, or the relay of a tunnel, is under way until the guard is dropped.
    pub fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::AcqRel);
        self.used.store(true, Ordering::Release);
        Busy(Arc::clone(self))
    }

    /// For how long nothing has been under way; `None` while something is.
    pub fn idle(&self) -> Option<Duration> {
        let rested = Duration::from_millis(self.rested_ms.load(Ordering::Acquire));
        (self.busy.load(Ordering::Acquire) == 0).then(|| self.since.elapsed().saturating_sub(rested))
    }

    fn rest(&self) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.rested_ms.store(now, Ordering::Release);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.clients.open().remove(&self.number);
        self.clients.0.count.fetch_sub(1, Ordering::AcqRel);
        self.clients.0.freed.notify_waiters();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rest();
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_counts_until_the_last_of_it_is_gone() {
        let clients = Clients::new(Bounds { head: Duration::from_secs(30), clients: 2 });
        let (one, two) = (clients.accepted(), clients.accepted());
        assert!(clients.is_full() && clients.all().len() == 2);
        let busy = one.busy();
        assert!(one.idle().is_none() && two.idle().is_some());
        drop((one, two));
        assert_eq!((clients.count(), clients.is_full()), (1, false), "its exchange still runs");
        drop(busy);
        assert_eq!((clients.count(), clients.all().len(), clients.ever()), (0, 0, 2));
    }

    #[test]
    fn a_tunnel_ends_by_itself_or_with_its_port() {
        let clients = Clients::new(Bounds { head: Duration::from_secs(30), clients: 2 });
        let (client, port) = (clients.accepted(), CancellationToken::new());
        client.end_tunnel();
        let end = client.becomes_tunnel(&port);
        assert!(client.is_tunnel() && !end.is_cancelled());
        client.end_tunnel();
        assert!(end.is_cancelled() && !port.is_cancelled());
    }
}
