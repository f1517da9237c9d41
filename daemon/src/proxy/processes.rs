//! Which process a client on this machine is, found out beside the traffic.
//!
//! The client's connection has its row at once; the process is added when it has been found. Looking is slow on a busy
//! machine, so a thread of its own does it, for many connections at a time, and rests long after each look. A client
//! that is gone by then remains unknown.

use crate::platform::{Finder, Link};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};
use waylay_storage::{Event, Queue, model::Connection};

/// Connections that may wait to be looked at; those that come while there are as many remain unknown.
const WAITING: usize = 256;
/// Rest after a look, in multiples of the time it took: looking takes at most a fiftieth of one processor.
const REST: u32 = 50;

/// The way to the thread.
pub struct Processes(SyncSender<Box<Connection>>);

impl Processes {
    /// Starts the thread, which ends when this is dropped. What it finds goes into `queue`.
    pub fn start(queue: Arc<Queue>) -> io::Result<Self> {
        let (ask, asked) = sync_channel(WAITING);
        thread::Builder::new().name("processes".to_owned()).spawn(move || look(&asked, &queue))?;
        Ok(Self(ask))
    }

    /// Looks for the process at the other end of `connection`, later. Never waits.
    pub fn find(&self, connection: &Connection) {
        if cfg!(target_os = "linux") && connection.peer.ip().to_canonical().is_loopback() {
            // Where too many wait, this one remains unknown.
            let _ = self.0.try_send(Box::new(connection.clone()));
        }
    }
}

fn look(asked: &Receiver<Box<Connection>>, queue: &Queue) {
    let mut finder = Finder::default();
    while let Ok(first) = asked.recv() {
        let began = Instant::now();
        let connections: Vec<_> = std::iter::once(first).chain(asked.try_iter().take(WAITING)).collect();
        let links: Vec<_> = connections.iter().map(|c| Link { peer: c.peer, local: c.local }).collect();
        for (mut connection, process) in connections.into_iter().zip(finder.find(&links)) {
            if process.is_some() {
                connection.process = process;
                queue.push(Event::Connection(connection));
            }
        }
        thread::sleep(rest(began.elapsed()));
    }
}

fn rest(look: Duration) -> Duration {
    look.saturating_mul(REST).min(Duration::from_secs(10))
}
