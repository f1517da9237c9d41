//! The switch of the proxy: its main ports are opened and closed while the daemon runs. Those of runs stay as they are,
//! and so does the session: a proxy that is off has nothing to record.

use super::{Engine, StartError, listen};
use crate::{platform::own_sockets, proxy::Port};
use serde::Serialize;
use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use waylay_storage::model::Source;

/// How long exchanges may go on once the proxy is turned off.
const GRACE: Duration = Duration::from_secs(5);
/// How long connections may take to end that have been cut off.
const CUT: Duration = Duration::from_secs(2);

/// Where the proxy stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProxyState {
    /// Whether clients are let in.
    pub on: bool,
    /// The port, also the one it is to be turned on with.
    pub port: u16,
    /// Where it listens; nowhere while it is off.
    pub addresses: Vec<SocketAddr>,
}

/// Why the proxy was not switched.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The port changes only while it is off.
    #[error("the proxy is on, on port {0}: its port can only be changed while it is off")]
    On(u16),
    /// The daemon ends.
    #[error("the daemon is stopping")]
    Stopping,
    /// The addresses cannot be listened on.
    #[error(transparent)]
    Bind(#[from] StartError),
}

type Hook = Box<dyn Fn(&[SocketAddr]) + Send + Sync>;

/// The main ports.
#[derive(Default)]
pub(super) struct Switch {
    /// Held while it is switched.
    changes: tokio::sync::Mutex<()>,
    state: Mutex<State>,
    hook: OnceLock<Hook>,
}

#[derive(Default)]
struct State {
    port: u16,
    open: Option<Open>,
}

#[derive(Clone)]
struct Open {
    port: Port,
    addresses: Vec<SocketAddr>,
}

impl Switch {
    /// With the port it is first turned on with.
    pub(super) fn new(port: u16) -> Self {
        Self { state: Mutex::new(State { port, open: None }), ..Self::default() }
    }

    /// Waits for what has begun on the ports to end.
    pub(super) async fn done(&self) {
        let open = self.lock().open.clone();
        if let Some(Open { port, .. }) = open {
            port.tasks.close();
            port.tasks.wait().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> ProxyState {
        let state = self.lock();
        let addresses = state.open.as_ref().map(|open| open.addresses.clone()).unwrap_or_default();
        ProxyState { on: state.open.is_some(), port: state.port, addresses }
    }

    fn tell(&self) {
        if let Some(hook) = self.hook.get() {
            hook(&self.now().addresses);
        }
    }
}

impl Engine {
    /// Whether the proxy is on, and where.
    pub fn proxy(&self) -> ProxyState {
        self.switch.now()
    }

    /// Calls `f` with the addresses of the proxy whenever they have changed, before whoever changed them is answered.
    /// Only the first call counts.
    pub fn on_proxy_change(&self, f: impl Fn(&[SocketAddr]) + Send + Sync + 'static) {
        let _ = self.switch.hook.set(Box::new(f));
    }

    /// Turns the proxy on or off, and gives back where it stands then; nothing happens if it stands there. While it is off,
    /// `port` chooses another port, 0 any.
    ///
    /// Turned off, it lets nobody in from the first moment on. This returns when what has begun is over, or has been
    /// cut off after [`GRACE`].
    ///
    /// # Errors
    /// [`ProxyError`]: then it stands where it stood.
    pub async fn set_proxy(&self, on: bool, port: Option<u16>) -> Result<ProxyState, ProxyError> {
        let _changing = self.switch.changes.lock().await;
        let now = self.switch.now();
        if now.on && port.is_some_and(|port| port != now.port || !on) {
            return Err(ProxyError::On(now.port));
        }
        match (now.on, on) {
            (false, true) => self.turn_on(port.unwrap_or(now.port))?,
            (true, false) => self.turn_off().await,
            _ => {
                let mut state = self.switch.lock();
                state.port = port.unwrap_or(state.port);
            }
        }
        self.switch.tell();
        Ok(self.switch.now())
    }

    fn turn_on(&self, port: u16) -> Result<(), ProxyError> {
        if self.stopping.is_cancelled() {
            return Err(ProxyError::Stopping);
        }
        self.open_switch(listen::bind(port, &self.settings.listen)?);
        tracing::info!(addresses = ?self.switch.now().addresses, "the proxy is on");
        Ok(())
    }

    /// Serves `listeners` as the main ports.
    pub(super) fn open_switch(&self, listeners: Vec<tokio::net::TcpListener>) {
        let addresses: Vec<_> = listeners.iter().filter_map(|l| l.local_addr().ok()).collect();
        self.guard.protect_proxy(&addresses);
        let port = self.port(Source::Proxy, Arc::clone(&self.recording), self.stopping.child_token());
        self.serve(listeners, &port);
        let mut state = self.switch.lock();
        state.port = addresses.first().map_or(state.port, SocketAddr::port);
        state.open = Some(Open { port, addresses });
    }

    async fn turn_off(&self) {
        let Some(Open { port, addresses }) = self.switch.lock().open.take() else { return };
        self.switch.tell();
        port.stopping.cancel();
        port.tasks.close();
        if timeout(GRACE, port.tasks.wait()).await.is_err() {
            tracing::info!("connections were still open after {} s and are cut off", GRACE.as_secs());
            self.cut(&addresses).await;
            // Where they cannot be cut off they go on, unrecorded, to their own end.
            let _ = timeout(CUT, port.tasks.wait()).await;
        }
        self.guard.release(&addresses);
        tracing::info!("the proxy is off");
    }

    /// Ends the connections of clients to `addresses`. The rows of what is under way say why.
    async fn cut(&self, addresses: &[SocketAddr]) {
        self.shared.pool.connector().capture.running.cut_off(
            |source| source == Source::Proxy,
            "The proxy was turned off before this exchange was over; what had come by then was kept.",
        );
        let ports: HashSet<u16> = addresses.iter().map(SocketAddr::port).collect();
        let end = move || {
            own_sockets(|local, _| ports.contains(&local.port())).map(|found| found.iter().filter(|s| s.end()).count())
        };
        match tokio::task::spawn_blocking(end).await {
            Ok(Ok(ended)) => tracing::debug!(ended, "connections of clients were cut off"),
            Ok(Err(error)) => tracing::debug!(%error, "connections of clients cannot be cut off"),
            // Only at the end of the runtime.
            Err(_) => {}
        }
    }
}
