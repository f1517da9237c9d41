//! Tunnels to our own name: [`crate::onboarding`] answers inside, in the clear and behind a leaf of ours. They leave no row
//! and lead nowhere else.

use super::{connect::first_bytes, intercept, serve, sniff::Carried, socket::ClientSocket, tunnel::Tunnel};
use crate::{
    capture::Recording,
    exchange::{Asker, ResponseBody},
    onboarding::{Onboarding, Visit, Way},
};
use http::{Request, Response};
use std::{net::SocketAddr, sync::Arc};
use tokio::time::timeout;

/// Serves what the client speaks, if it is HTTP or TLS.
pub(super) async fn carry(mut tunnel: Tunnel, mut io: ClientSocket) {
    tunnel.port.recording = Arc::new(Recording::new(None));
    let (stopping, limit) = (tunnel.port.stopping.clone(), tunnel.port.shared.clients.bounds().head);
    match stopping.run_until_cancelled(timeout(limit, first_bytes(&mut io))).await {
        Some(Ok(Ok(Some(Carried::Tls)))) => intercept::intercept(tunnel, io).await,
        Some(Ok(Ok(Some(Carried::Http)))) => serve::serve_plain(tunnel, io).await,
        _ => {}
    }
}

/// What answers inside such a tunnel.
pub(super) struct OwnHost {
    onboarding: Arc<Onboarding>,
    way: Way,
    local: SocketAddr,
}

impl OwnHost {
    /// `None` for tunnels to anywhere else.
    pub(super) fn of(tunnel: &Tunnel, asker: &Asker) -> Option<Arc<Self>> {
        let tls = asker.origin.as_ref().is_some_and(|origin| origin.tls);
        tunnel.is_to_own_host().then(|| {
            Arc::new(Self {
                onboarding: Arc::clone(&tunnel.port.shared.onboarding),
                way: if tls { Way::Tls } else { Way::Proxied },
                // A socket without an address has lost its client.
                local: tunnel.local.unwrap_or(tunnel.peer),
            })
        })
    }

    pub(super) fn answer<B>(&self, request: &Request<B>) -> Response<ResponseBody> {
        self.onboarding.answer(&Visit::new(request, self.way, self.local))
    }
}
