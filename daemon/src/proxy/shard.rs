//! One single-threaded runtime per core: a tunnel, its upstream connections and its bodies never change threads.

use crate::{exchange::Pool, upstream::Connector};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// A runtime and the upstream connections that live on it.
#[derive(Clone)]
pub struct Shard {
    /// Where to spawn.
    pub runtime: Handle,
    /// Its connections.
    pub pool: Arc<Pool>,
}

/// All shards, handed out in turn.
pub struct Shards {
    all: Vec<Shard>,
    next: AtomicUsize,
}

impl Shards {
    /// Starts a thread per core; they end with `end`.
    pub fn start(connector: &Connector, end: &CancellationToken) -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let all = (0..count).map(|n| start(n, connector, end.clone())).collect::<io::Result<_>>()?;
        Ok(Self { all, next: AtomicUsize::new(0) })
    }

    /// The next one in turn.
    pub fn next(&self) -> &Shard {
        &self.all[self.next.fetch_add(1, Ordering::Relaxed) % self.all.len()]
    }
}

fn start(number: usize, connector: &Connector, end: CancellationToken) -> io::Result<Shard> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let shard = Shard { runtime: runtime.handle().clone(), pool: Arc::new(Pool::new(connector.clone())) };
    let pool = Arc::clone(&shard.pool);
    thread::Builder::new().name(format!("shard-{number}")).spawn(move || runtime.block_on(keep(pool, end)))?;
    Ok(shard)
}

/// Tidies `pool` until the end.
pub async fn keep(pool: Arc<Pool>, end: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => pool.sweep(),
            () = end.cancelled() => return,
        }
    }
}
