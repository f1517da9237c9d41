//! TLS with the client, by a leaf of our own; what it settles, and what it fails at, becomes a row.

use super::{
    passthrough::{Client, automatic::Met},
    raw,
    refusal::{self, Refusal},
    serve,
    socket::ClientSocket,
    tunnel::Tunnel,
};
use crate::capture::{ClientConnection, handshake::facts, recorder::micros};
use rustls::server::Acceptor;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};
use tokio_rustls::{LazyConfigAcceptor, StartHandshake, server::TlsStream};
use waylay_storage::model::{Kind, Passthrough};

/// A client that leaves this soon after the handshake did not like what it saw in it; one that leaves later had opened
/// the connection in reserve, as browsers do.
const PROMPT: Duration = Duration::from_secs(2);
/// A client that has gone on with another connection to the host within this time before does not pin it.
const SIDE_BY_SIDE: Duration = Duration::from_secs(10);
/// Nor one that does so within this time after.
const ANY_MOMENT: Duration = Duration::from_millis(500);

/// Answers the handshake and serves what comes after it.
pub async fn intercept(tunnel: Tunnel, io: ClientSocket) {
    let stopping = tunnel.port.stopping.clone();
    let Some(settled) = stopping.run_until_cancelled(settle(&tunnel, io)).await else { return };
    match settled {
        Ok(Settled { stream, sni, connection, http2 }) => {
            serve::serve_tls(tunnel, stream, connection, sni.as_deref(), http2).await;
        }
        Err(Ended::Pass(io, why)) => raw::pass(&tunnel, io, why).await,
        Err(Ended::Over) => {}
    }
}

/// A finished handshake with a client that goes on.
struct Settled {
    stream: TlsStream<ClientSocket>,
    sni: Option<String>,
    connection: Arc<ClientConnection>,
    http2: bool,
}

/// Why there is nothing to serve.
enum Ended {
    /// Not to be read: the socket with everything that came from it, and why.
    Pass(ClientSocket, Passthrough),
    /// It failed or was given up, and where that is worth a row there is one.
    Over,
}

async fn settle(tunnel: &Tunnel, io: ClientSocket) -> Result<Settled, Ended> {
    let (began, limit) = (Instant::now(), tunnel.port.shared.clients.bounds().head);
    let hello = read_hello(tunnel, io, limit).await?;
    let (sni, offered, client) = {
        let hello = hello.client_hello();
        let offered = hello.alpn().into_iter().flatten().map(|p| String::from_utf8_lossy(p).into_owned());
        let client = Client::new(tunnel.port.run, tunnel.peer.ip(), &hello);
        (hello.server_name().map(str::to_owned), offered.collect::<Vec<_>>(), client)
    };
    let StartHandshake { accepted, mut io, .. } = hello;
    let target = &tunnel.origin;
    if let Some(why) = tunnel.port.shared.passthrough.by_hello(&target.host, target.port, sni.as_deref(), &client) {
        io.settle(true);
        return Err(Ended::Pass(io, why));
    }
    io.settle(false);
    let host = sni.as_deref().unwrap_or(&target.host).to_ascii_lowercase();
    let config = match tunnel.port.shared.authority.server_config(&host) {
        Ok(config) => config,
        Err(e) => {
            // Nobody is there to be told if this fails.
            let _ = io.write_all(&refusal::UNRECOGNIZED_NAME).await;
            return Err(failed(tunnel, sni.as_deref(), None, refusal::no_leaf(&host, &e.to_string())));
        }
    };
    let met = Met { client, host };
    let handshake = StartHandshake::from_parts(accepted, io).into_stream(config);
    let mut stream = match timeout(limit.saturating_sub(began.elapsed()), handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(e)) => {
            return Err(failed(tunnel, sni.as_deref(), Some(&met), refusal::during_handshake(&e, Some(&met.host))));
        }
        Err(_) => return Err(failed(tunnel, sni.as_deref(), None, refusal::too_slow(limit))),
    };
    let mut facts = facts(stream.get_ref().1);
    (facts.offered_alpn, facts.sni) = (offered, sni.clone());
    let http2 = facts.alpn.as_deref() == Some("h2");
    let connection = tunnel.client_connection(Some(micros(began.elapsed())), Some(facts));
    goes_on(tunnel, &mut stream, &connection, &met).await?;
    Ok(Settled { stream, sni, connection, http2 })
}

/// Reads the client's hello, and keeps its bytes.
async fn read_hello(
    tunnel: &Tunnel,
    mut io: ClientSocket,
    limit: Duration,
) -> Result<StartHandshake<ClientSocket>, Ended> {
    io.keep();
    match timeout(limit, LazyConfigAcceptor::new(Acceptor::default(), io)).await {
        Ok(Ok(hello)) => Ok(hello),
        Ok(Err(e)) => Err(failed(tunnel, None, None, refusal::during_handshake(&e, None))),
        Err(_) => Err(failed(tunnel, None, None, refusal::too_slow(limit))),
    }
}

/// Waits for the first byte after the handshake: only then has the client accepted our certificate. Many look at it when
/// the handshake is over, and say nothing or close.
async fn goes_on(
    tunnel: &Tunnel,
    stream: &mut TlsStream<ClientSocket>,
    connection: &Arc<ClientConnection>,
    met: &Met,
) -> Result<(), Ended> {
    let finished = Instant::now();
    let refusal = match timeout(tunnel.port.shared.clients.bounds().head, stream.fill_buf()).await {
        Ok(Ok(bytes)) if !bytes.is_empty() => {
            met.accepted(tunnel);
            return Ok(());
        }
        Ok(Err(e)) if refusal::is_alert(&e) => refusal::during_handshake(&e, Some(&met.host)),
        Ok(_) if finished.elapsed() <= PROMPT => {
            if is_one_of_several(tunnel, met, finished).await {
                return Err(Ended::Over);
            }
            refusal::after_handshake(&met.host)
        }
        // Idle for a while, then closed, by the client or now by us: a connection in reserve.
        Ok(_) | Err(_) => return Err(Ended::Over),
    };
    write_row(tunnel, Some(connection), Some(&met.host), Some(met), refusal);
    Err(Ended::Over)
}

/// Browsers open connections side by side and drop those that turn out not to be needed: whether the client has gone on
/// with another one to this host, not long before or any moment now.
async fn is_one_of_several(tunnel: &Tunnel, met: &Met, finished: Instant) -> bool {
    let then = finished.checked_sub(SIDE_BY_SIDE).unwrap_or(finished);
    if met.has_accepted_since(tunnel, then) {
        return true;
    }
    sleep(ANY_MOMENT).await;
    met.has_accepted_since(tunnel, then)
}

fn failed(tunnel: &Tunnel, sni: Option<&str>, met: Option<&Met>, refusal: Refusal) -> Ended {
    write_row(tunnel, None, sni, met, refusal);
    Ended::Over
}

/// Writes the row of a handshake that led to nothing, and draws the consequences if our certificate was the reason.
fn write_row(
    tunnel: &Tunnel,
    connection: Option<&Arc<ClientConnection>>,
    name: Option<&str>,
    met: Option<&Met>,
    mut refusal: Refusal,
) {
    tracing::debug!(reason = %refusal.failure.reason, "a client's TLS handshake led to nothing");
    if let (Some(how), Some(met)) = (&refusal.rejection, met) {
        let message = &mut refusal.failure.message;
        message.push_str(&refusal::advice(&met.host, tunnel.origin.port));
        if let Some(outcome) = met.rejected(tunnel, how) {
            message.push(' ');
            message.push_str(&outcome);
        }
    }
    let kind = if refusal.pinned { Kind::Pinned } else { Kind::TlsFailure };
    let recorder = match connection {
        Some(connection) => tunnel.begin_on(connection, kind),
        None => tunnel.begin(kind),
    };
    if let Some(recorder) = recorder {
        recorder.note(|x| {
            if let Some(name) = name {
                name.clone_into(&mut x.host);
            }
        });
        recorder.fail(refusal.failure);
    }
}
