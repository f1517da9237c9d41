//! When the port is open.

use super::{super::Shared, gate::Gate};
use crate::{
    api::server::{self, Limits},
    engine::{StartError, listen, pairings::Kind},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Notify},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// How often is looked whether the last window has closed by itself.
const LOOK: Duration = Duration::from_secs(2);

/// The port.
#[derive(Default)]
pub(crate) struct Listener {
    open: Mutex<Option<Open>>,
    /// Something has changed that may open or close it.
    changed: Arc<Notify>,
}

struct Open {
    addresses: Vec<SocketAddr>,
    closing: CancellationToken,
    serving: JoinHandle<()>,
}

impl Listener {
    /// Opens it if it is closed. From then on neither the proxy nor a sent request reaches it.
    ///
    /// # Errors
    /// If it cannot be listened on.
    pub(crate) async fn open(&self, shared: &Shared) -> Result<(), StartError> {
        let mut open = self.open.lock().await;
        if open.is_some() {
            return Ok(());
        }
        let listeners = listen::bind(shared.engine.settings().hoppscotch_port, &[], &[])?;
        let addresses: Vec<_> = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        shared.engine.guard().protect_api(&addresses);
        let closing = shared.stopping.child_token();
        let gate = Gate::new(shared.clone());
        let serving = tokio::spawn(server::serve(gate, Limits::default(), listeners, closing.clone()));
        tracing::info!(?addresses, "listening for clients of the Hoppscotch Agent");
        *open = Some(Open { addresses, closing, serving });
        Ok(())
    }

    /// Where it listens; nowhere while it is closed.
    pub(crate) async fn addresses(&self) -> Vec<SocketAddr> {
        self.open.lock().await.as_ref().map(|open| open.addresses.clone()).unwrap_or_default()
    }

    async fn close(&self, shared: &Shared) {
        let Some(open) = self.open.lock().await.take() else { return };
        open.closing.cancel();
        // It has logged what went wrong.
        let _ = open.serving.await;
        shared.engine.guard().release(&open.addresses);
        tracing::info!("no longer listening for clients of the Hoppscotch Agent");
    }

    /// Opens and closes it as it is needed, until the daemon stops.
    pub(crate) async fn keep(shared: Shared) {
        let listener = Arc::clone(&shared.hoppscotch);
        let changed = Arc::clone(&listener.changed);
        shared.engine.pairings().on_change(move || changed.notify_one());
        let mut told = false;
        loop {
            let wanted = shared.engine.settings().hoppscotch || shared.engine.pairings().needs(Kind::Hoppscotch);
            if !wanted {
                listener.close(&shared).await;
                told = false;
            } else if let Err(error) = listener.open(&shared).await
                && !std::mem::replace(&mut told, true)
            {
                tracing::warn!(%error, "clients of the Hoppscotch Agent cannot be served");
            }
            tokio::select! {
                () = listener.changed.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = shared.stopping.cancelled() => break,
            }
        }
        listener.close(&shared).await;
    }
}
