//! Letting go of clients that say nothing: after a while in any case, at once when others wait to be let in.
//!
//! A client that has not made a request yet is in hudsucker's hands. It is found among the process's descriptors by its
//! addresses, and its connection ended from there.

use super::clients::{Client, Clients};
use crate::{
    platform::{OwnSocket, descriptors_used_up, own_sockets},
    upstream::{Guard, guard::Own},
};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{select, time};
use tokio_util::sync::CancellationToken;

/// Looks in the time a client has for its first request.
const LOOKS: u32 = 10;
/// Between two looks while others wait to be let in.
const PRESSED: Duration = Duration::from_millis(50);
/// A client that has only just had an answer is not sent away for others.
const SETTLED: Duration = Duration::from_millis(500);
/// Nor one that has just said something.
const JUST_READ: Duration = Duration::from_millis(5);
/// Nor one whose tunnel has only just been opened: but what is meant seriously begins at once.
const JUST_OPENED: Duration = Duration::from_millis(100);
/// Descriptors kept in reserve, for looking when there are no others.
const RESERVE: usize = 4;

/// Looks after `clients` until `end`.
pub async fn shed(clients: Clients, guard: Arc<Guard>, end: CancellationToken) {
    let head = clients.bounds().head;
    let mut round = Round { clients: clients.clone(), guard, silent: HashMap::new(), reserve: reserve() };
    let mut ticks = time::interval(head / LOOKS);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        select! {
            _ = ticks.tick() => {}
            () = clients.room_wanted() => {}
            // Nobody could be let go of the last time.
            () = time::sleep(PRESSED), if clients.is_full() => {}
            () = end.cancelled() => return,
        };
        let pressed = clients.is_full() || descriptors_used_up();
        if !pressed && !round.is_due() {
            continue;
        }
        // Looking takes a few system calls for each descriptor.
        round = match tokio::task::spawn_blocking(move || round.look(pressed)).await {
            Ok(round) => round,
            // Only at the end of the runtime, or by a panic that has been reported already.
            Err(_) => return,
        };
    }
}

/// What is kept from one look to the next.
struct Round {
    clients: Clients,
    guard: Arc<Guard>,
    /// When each silent client was first seen.
    silent: HashMap<SocketAddr, Instant>,
    reserve: Vec<File>,
}

impl Round {
    /// Whether there is anybody who has said nothing yet.
    fn is_due(&self) -> bool {
        !self.silent.is_empty() || self.clients.all().iter().any(|client| client.peer().is_none())
    }

    fn look(mut self, pressed: bool) -> Self {
        self.reserve.clear();
        let ours = |local, _| self.guard.check(local) == Some(Own::Proxy);
        let sockets = own_sockets(ours).unwrap_or_else(|error| {
            tracing::debug!(%error, "silent clients cannot be found");
            Vec::new()
        });
        let unread: HashSet<SocketAddr> = if pressed {
            let unread = sockets.iter().filter(|s| s.has_unread()).map(|s| s.peer).collect();
            // What has been read is with its handler by then.
            std::thread::sleep(JUST_READ);
            unread
        } else {
            HashSet::new()
        };
        // Asked after the sockets: who has spoken since is known.
        let clients = self.clients.all();
        let spoken: HashSet<SocketAddr> = clients.iter().filter_map(|c| c.peer()).collect();
        let (spoken, silent): (Vec<OwnSocket>, Vec<OwnSocket>) =
            sockets.into_iter().partition(|s| spoken.contains(&s.peer));
        let mut ended = self.end_silent(&silent, |peer| pressed && !unread.contains(&peer));
        if pressed {
            ended += end_idle(&clients, &spoken);
        }
        if ended > 0 {
            tracing::debug!(ended, pressed, "clients that said nothing were let go of");
        }
        self.reserve = reserve();
        self
    }

    /// Ends those that have been silent for too long, and those that `at_once` chooses.
    fn end_silent(&mut self, silent: &[OwnSocket], at_once: impl Fn(SocketAddr) -> bool) -> usize {
        let head = self.clients.bounds().head;
        // By the time it is seen first, a client may have been silent for one look, and is seen again one look late.
        let (now, patience) = (Instant::now(), head - head / LOOKS * 2);
        let before = std::mem::take(&mut self.silent);
        let mut ended = 0;
        for socket in silent {
            let since = before.get(&socket.peer).copied().unwrap_or(now);
            if now - since >= patience || at_once(socket.peer) {
                ended += usize::from(socket.end());
            } else {
                self.silent.insert(socket.peer, since);
            }
        }
        ended
    }
}

/// Ends connections on which nothing is under way: tunnels that nothing has ever come through; where there are none, some
/// of the others, those first that have rested longest.
fn end_idle(clients: &[Arc<Client>], sockets: &[OwnSocket]) -> usize {
    let idle = |client: &&Arc<Client>, least| client.idle().is_some_and(|idle| idle >= least);
    let mut chosen: Vec<&Arc<Client>> =
        clients.iter().filter(|c| c.is_tunnel() && c.is_unused() && idle(c, JUST_OPENED)).collect();
    if chosen.is_empty() {
        chosen = clients.iter().filter(|c| idle(c, SETTLED)).collect();
        chosen.sort_by_key(|client| std::cmp::Reverse(client.idle()));
        chosen.truncate(clients.len().div_ceil(4));
    }
    for client in &chosen {
        if client.is_tunnel() {
            client.end_tunnel();
        } else if let Some(socket) = sockets.iter().find(|s| Some(s.peer) == client.peer()) {
            socket.end();
        }
    }
    chosen.len()
}

fn reserve() -> Vec<File> {
    let spare = || if cfg!(unix) { File::open("/dev/null").ok() } else { None };
    (0..RESERVE).filter_map(|_| spare()).collect()
}
