//! What is measured: ways to the origin, and the processes on them.

use crate::stored::Store;
use std::time::Duration;
use tokio::process::Child;
use waylay_tests::{
    daemon::Daemon,
    load::{
        Way,
        usage::{Cpu, Occupied},
    },
};

/// The longest that is waited for a process to become quiet.
const QUIET_WITHIN: Duration = Duration::from_secs(10);
/// A process that uses less than [`QUIET`] in this time is quiet.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const QUIET: Duration = Duration::from_micros(500);

/// A way to the origin.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) way: Way,
    /// Of the requests of a work it makes one in so many: those that take long make fewer.
    pub(crate) one_in: usize,
    pub(crate) process: Option<Process>,
}

/// The proxy on the way.
pub(crate) struct Process {
    pub(crate) pid: u32,
    cpu: Cpu,
    /// Where it stores what passes.
    pub(crate) store: Option<Store>,
    /// Ends the process when it is dropped.
    _alive: Alive,
}

/// A process that ends with this value.
#[allow(dead_code, reason = "held for their drop alone")]
pub(crate) enum Alive {
    Child(Child),
    Daemon(Daemon),
}

impl Subject {
    /// No proxy.
    pub(crate) fn direct() -> Self {
        Self { name: "no proxy", way: Way::direct(), one_in: 1, process: None }
    }

    /// Waylay, which stores everything.
    pub(crate) fn waylay(daemon: Daemon) -> Self {
        let way = Way::through(daemon.proxy(), &daemon.ca_pem());
        let store = Some(Store::of(&daemon));
        Self { name: "Waylay", way, one_in: 1, process: Some(Process::new(daemon.pid(), store, Alive::Daemon(daemon))) }
    }

    /// A proxy that is a child of this program.
    pub(crate) fn child(name: &'static str, way: Way, child: Child) -> Self {
        let pid = child.id().expect("it runs");
        Self { name, way, one_in: 1, process: Some(Process::new(pid, None, Alive::Child(child))) }
    }
}

impl Process {
    fn new(pid: u32, store: Option<Store>, alive: Alive) -> Self {
        Self { pid, cpu: Cpu::new(pid), store, _alive: alive }
    }

    /// CPU time since the process was first looked at, once it has nothing left to do.
    pub(crate) async fn used(&mut self) -> Duration {
        let mut used = self.cpu.used();
        for _ in 0..QUIET_WITHIN.as_millis() / LOOK_EVERY.as_millis() {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.cpu.used();
            let quiet = now - used < QUIET;
            used = now;
            if quiet {
                break;
            }
        }
        used
    }

    /// What it occupies.
    pub(crate) fn occupied(&self) -> Occupied {
        Occupied::by(self.pid).expect("the proxy still runs")
    }
}
