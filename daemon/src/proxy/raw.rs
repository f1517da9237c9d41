//! Bytes relayed as they are, both ways at once, and counted.

use super::{socket::ClientSocket, tunnel::Tunnel};
use crate::{
    exchange::upgrade::{Counted, finish},
    upstream::{Alpn, ConnectionInfo, Link, UpstreamError},
};
use futures_util::FutureExt;
use std::sync::Arc;
use tokio::{io::copy_bidirectional, net::TcpStream};
use waylay_storage::model::{Kind, Part};

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
        // Not for an origin without TLS.
        Link::Tls(_) => Err(UpstreamError::Http { source: "a tunnel carries no TLS of ours".into() }),
    }
}

/// The row of a tunnel that led nowhere.
pub fn unreachable(tunnel: &Tunnel, error: &UpstreamError) {
    if let Some(recorder) = tunnel.begin(Kind::ConnectFailure) {
        recorder.fail(error.failure());
    }
}

/// Joins client and origin until both are done.
pub async fn relay(tunnel: &Tunnel, io: ClientSocket, dialled: Dialled) {
    // Where neither side has ever said a word, nothing is under way.
    let mute = io.peeked().is_empty() && dialled.has_ended();
    let _busy = (!mute).then(|| tunnel.client.busy());
    let recorder = tunnel.begin(Kind::Tunnel);
    if let Some(recorder) = &recorder {
        let (info, ready_us) = (&dialled.info, recorder.elapsed_us());
        recorder.note(|x| {
            x.upstream_connection = Some(info.id);
            (x.timings.ready_us, x.timings.dns_us) = (Some(ready_us), info.dns_us);
            x.timings.connect_us = Some(info.connect_us);
        });
    }
    let mut client = Counted { io, recorder: recorder.clone(), part: Part::Request };
    let mut origin = Counted { io: dialled.stream, recorder: recorder.clone(), part: Part::Response };
    let ended = tunnel.port.stopping.run_until_cancelled(copy_bidirectional(&mut client, &mut origin)).await;
    finish(recorder.as_deref(), ended.unwrap_or(Ok((0, 0))));
}
