//! Bytes relayed as they are, both ways at once, and counted.

use super::{passthrough::greeting::Greeting, socket::ClientSocket, tunnel::Tunnel};
use crate::{
    exchange::relay::{self, Watch},
    upstream::{Alpn, ConnectionInfo, Link, UpstreamError},
};
use futures_util::FutureExt;
use std::sync::Arc;
use tokio::net::TcpStream;
use waylay_storage::model::{Kind, Passthrough};

/// A connection to what the client asked for.
pub struct Dialled {
    stream: TcpStream,
    info: Arc<ConnectionInfo>,
}

impl Dialled {
    /// Resolves when the origin has spoken, or gone.
    pub async fn has_spoken(&self) {
        // An error here shows again when the relay reads.
        let _ = self.stream.readable().await;
    }

    /// Whether the origin has gone without a word.
    fn has_ended(&self) -> bool {
        matches!(self.stream.peek(&mut [0]).now_or_never(), Some(Ok(0) | Err(_)))
    }
}

/// Connects to what the client asked for.
pub async fn dial(tunnel: &Tunnel) -> Result<Dialled, UpstreamError> {
    let (tap, info) = tunnel.shard.pool.connector().dial(&tunnel.origin, Alpn::Http1).await?;
    match tap.into_inner() {
        Link::Plain(stream) => Ok(Dialled { stream, info }),
        // Not for an origin without TLS, and no way of its own.
        _ => Err(UpstreamError::Http { source: "a tunnel carries no TLS of ours".into() }),
    }
}

/// The row of a tunnel that led nowhere.
pub fn unreachable(tunnel: &Tunnel, error: &UpstreamError, why: Option<Passthrough>) {
    if let Some(recorder) = tunnel.begin(Kind::ConnectFailure) {
        recorder.note(|x| x.passthrough = why);
        recorder.fail(error.failure());
    }
}

/// Relays a tunnel that is not to be read, from its first byte.
pub async fn pass(tunnel: &Tunnel, io: ClientSocket, why: Passthrough) {
    match tunnel.port.stopping.run_until_cancelled(dial(tunnel)).await {
        Some(Ok(dialled)) => relay(tunnel, io, dialled, Some(why)).await,
        Some(Err(e)) => unreachable(tunnel, &e, Some(why)),
        None => {}
    }
}

/// Joins client and origin until both are done. With `why`, the tunnel could have been read.
pub async fn relay(tunnel: &Tunnel, io: ClientSocket, dialled: Dialled, why: Option<Passthrough>) {
    // Where neither side has ever said a word, nothing is under way.
    let mute = io.peeked().is_empty() && dialled.has_ended();
    let _busy = (!mute).then(|| tunnel.client.busy());
    let recorder = tunnel.begin(Kind::Tunnel);
    let nameless = why.as_ref().is_some_and(|why| why.sni.is_none());
    if let Some(recorder) = &recorder {
        let (info, ready_us) = (&dialled.info, recorder.elapsed_us());
        recorder.note(|x| {
            x.passthrough = why;
            x.upstream_connection = Some(info.id);
            (x.timings.ready_us, x.timings.dns_us) = (Some(ready_us), info.dns_us);
            x.timings.connect_us = Some(info.connect_us);
        });
    }
    let io = Greeting::new(io, recorder.clone().filter(|_| nameless));
    relay::relay(io, dialled.stream, recorder, Watch::Count, tunnel.port.stopping.clone()).await;
}
