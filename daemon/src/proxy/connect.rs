//! CONNECT taken over from hudsucker: what a tunnel carries is told by the client's first bytes, or by their absence.

use super::{
    Port,
    clients::Client,
    intercept, own_host, raw, serve,
    sniff::{Carried, sniff},
    socket::ClientSocket,
    tunnel::Tunnel,
};
use crate::{
    capture::recorder::now_us,
    upstream::{Origin, UpstreamError},
};
use bytes::BytesMut;
use http::{Request, Response, StatusCode};
use hudsucker::Body;
use hyper_util::{rt::TokioIo, server::conn::auto};
use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::timeout};
use tracing::Instrument;

/// A client that has said nothing for this long may be waiting for the server to speak first.
const SILENCE: Duration = Duration::from_millis(150);

/// Answers CONNECT with 200, upon which the connection becomes ours.
pub fn take_over(port: &Port, client: Arc<Client>, peer: SocketAddr, mut request: Request<Body>) -> Response<Body> {
    let authority = request.uri().authority().cloned();
    let Some((authority, origin)) = authority.and_then(|a| Some((a.to_string(), Origin::from_authority(&a)?))) else {
        let mut response = Response::new(Body::from("CONNECT needs a target of the form host:port.\n"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let origin = Origin { came_by: came_by(request.headers()), ..origin };
    if origin.came_by.as_deref().is_some_and(|via| port.shared.pool.connector().guard.has_passed(via.as_bytes())) {
        return in_a_ring(port, client, peer, authority, origin);
    }
    let port = Port { stopping: client.becomes_tunnel(&port.stopping), ..port.clone() };
    let (opened, opened_us) = (Instant::now(), now_us());
    port.tasks.clone().spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(&mut request).await else { return };
        // Back to the bare socket: no boxed layer under everything that follows.
        let Ok(parts) = auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) else { return };
        let (read, socket) = (BytesMut::from(&parts.read_buf[..]), parts.io.into_inner());
        let local = socket.local_addr().ok();
        let Ok(socket) = socket.into_std() else { return };
        let shard = port.shared.shards.next().clone();
        let tunnel = Tunnel { shard: shard.clone(), port, client, peer, local, authority, origin, opened, opened_us };
        let tasks = tunnel.port.tasks.clone();
        tasks.spawn_on(
            async move {
                if let Ok(io) = TcpStream::from_std(socket) {
                    let span = tracing::debug_span!("tunnel", client = %tunnel.peer, authority = %tunnel.authority);
                    carry(tunnel, ClientSocket::new(read, io)).instrument(span).await;
                }
            },
            &shard.runtime,
        );
    });
    Response::new(Body::empty())
}

/// Longest list of proxies that is passed on, bytes.
const CAME_BY: usize = 4096;

/// What the proxies before us have written into `Via`.
fn came_by(headers: &http::HeaderMap) -> Option<Arc<str>> {
    let values = headers.get_all(http::header::VIA).iter().filter_map(|value| value.to_str().ok());
    let list = values.collect::<Vec<_>>().join(", ");
    (!list.is_empty() && list.len() <= CAME_BY).then(|| list.into())
}

/// The wish for a tunnel has been here before.
fn in_a_ring(port: &Port, client: Arc<Client>, peer: SocketAddr, authority: String, origin: Origin) -> Response<Body> {
    let (shard, port) = (port.shared.shards.next().clone(), port.clone());
    let (opened, opened_us) = (Instant::now(), now_us());
    let tunnel = Tunnel { shard, port, client, peer, local: None, authority, origin, opened, opened_us };
    raw::unreachable(&tunnel, &UpstreamError::Ring, None);
    let mut response = Response::new(Body::from(format!("{}\n", UpstreamError::Ring.failure().message)));
    *response.status_mut() = StatusCode::LOOP_DETECTED;
    response
}

async fn carry(tunnel: Tunnel, mut io: ClientSocket) {
    if tunnel.is_to_own_host() {
        return own_host::carry(tunnel, io).await;
    }
    if let Some(why) = tunnel.port.shared.passthrough.by_target(&tunnel.origin.host, tunnel.origin.port) {
        return raw::pass(&tunnel, io, why).await;
    }
    // Until it is known what to carry, nothing has begun that an end would have to wait for.
    let stopping = tunnel.port.stopping.clone();
    let Some(told) = stopping.run_until_cancelled(tell(&tunnel, &mut io)).await else { return };
    let dialled = match told {
        Told::Nothing => return,
        Told::Carries(Carried::Tls) => return intercept::intercept(tunnel, io).await,
        Told::Carries(Carried::Http) => return serve::serve_plain(tunnel, io).await,
        Told::Carries(Carried::Other) => match stopping.run_until_cancelled(raw::dial(&tunnel)).await {
            Some(dialled) => dialled,
            None => return,
        },
        Told::Dialled(dialled) => dialled,
    };
    match dialled {
        Ok(dialled) => raw::relay(&tunnel, io, dialled, None).await,
        Err(e) => raw::unreachable(&tunnel, &e, None),
    }
}

/// What to carry, by the client's first bytes. If it is silent, the origin is dialled so that it can speak first;
/// until it does, a late client is still told by its first bytes.
async fn tell(tunnel: &Tunnel, io: &mut ClientSocket) -> Told {
    if let Ok(told) = timeout(SILENCE, first_bytes(io)).await {
        return Told::by(told);
    }
    let dialled = tokio::select! {
        biased;
        told = first_bytes(io) => return Told::by(told),
        dialled = raw::dial(tunnel) => dialled,
    };
    let Ok(dialled) = dialled else { return Told::Dialled(dialled) };
    tokio::select! {
        biased;
        told = first_bytes(io) => Told::by(told),
        () = dialled.has_spoken() => Told::Dialled(Ok(dialled)),
    }
}

/// What is to be done with a tunnel.
enum Told {
    /// The client's first bytes say what they are.
    Carries(Carried),
    /// The origin was dialled for a silent client, and has spoken or cannot be reached.
    Dialled(Result<raw::Dialled, UpstreamError>),
    /// Closed without a word, as browsers do with connections kept in reserve.
    Nothing,
}

impl Told {
    fn by(first_bytes: io::Result<Option<Carried>>) -> Self {
        first_bytes.ok().flatten().map_or(Self::Nothing, Self::Carries)
    }
}

/// Reads until the bytes tell; `None` if the client closes before it has said anything.
pub(super) async fn first_bytes(io: &mut ClientSocket) -> io::Result<Option<Carried>> {
    loop {
        if let Some(carried) = sniff(io.peeked()) {
            return Ok(Some(carried));
        }
        if !io.peek_more().await? {
            return Ok((!io.peeked().is_empty()).then_some(Carried::Other));
        }
    }
}
