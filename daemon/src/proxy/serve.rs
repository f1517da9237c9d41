//! HTTP inside a tunnel: one service for TLS and plaintext, HTTP/1 and HTTP/2.

use super::{
    clients::{Busy, Client},
    limits::{MAX_FIELDS, MAX_HEADER_LIST, MAX_STREAMS, MAX_UNSEEN_RESETS},
    refused,
    socket::ClientSocket,
    tunnel::Tunnel,
};
use crate::{
    capture::{ClientConnection, Tap},
    exchange::{self, Asker, Held, ResponseBody},
    upstream::Origin,
};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::BodyExt;
use hyper::{
    body::{Body, Incoming},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{convert::Infallible, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    select,
    time::{sleep, timeout},
};
use tokio_rustls::server::TlsStream;

const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves a tunnel whose client finished a TLS handshake.
pub async fn serve_tls(
    tunnel: Tunnel,
    io: TlsStream<ClientSocket>,
    connection: Arc<ClientConnection>,
    sni: Option<&str>,
    http2: bool,
) {
    let origin = Origin { tls: true, ..tunnel.origin.clone() }.greeted_as(sni);
    serve(&tunnel, io, connection, origin, http2).await;
}

/// Serves a tunnel whose client speaks HTTP without TLS.
pub async fn serve_plain(tunnel: Tunnel, mut io: ClientSocket) {
    let stopping = tunnel.port.stopping.clone();
    let limit = tunnel.port.shared.clients.bounds().head;
    let Some(Ok(Ok(http2))) = stopping.run_until_cancelled(timeout(limit, speaks_http2(&mut io))).await else { return };
    let connection = tunnel.client_connection(None, None);
    let origin = tunnel.origin.clone();
    serve(&tunnel, io, connection, origin, http2).await;
}

/// Told by the preface; a beginning of it may also be the beginning of another method.
async fn speaks_http2(io: &mut ClientSocket) -> io::Result<bool> {
    loop {
        let known = io.peeked().len().min(PREFACE.len());
        if io.peeked()[..known] != PREFACE[..known] {
            return Ok(false);
        }
        if known == PREFACE.len() {
            return Ok(true);
        }
        if !io.peek_more().await? {
            return Ok(false);
        }
    }
}

async fn serve<S>(tunnel: &Tunnel, io: S, connection: Arc<ClientConnection>, origin: Origin, http2: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (io, heads) = if http2 {
        (Tap::off(io), None)
    } else {
        let (io, heads) = Tap::downstream(io);
        (io, Some(heads))
    };
    let asker = Arc::new(Asker {
        source: tunnel.port.source,
        recording: Arc::clone(&tunnel.port.recording),
        connection: Some(connection),
        origin: Some(Arc::new(origin)),
        heads,
        pool: Arc::clone(&tunnel.shard.pool),
        tasks: tunnel.port.tasks.clone(),
        stopping: tunnel.port.stopping.clone(),
    });
    let ended = if http2 { over_http2(tunnel, io, &asker).await } else { over_http1(tunnel, io, &asker).await };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client connection did not end in order");
        refused::note(&asker, &error);
    }
}

/// Drives a connection to its end; once `$end` resolves it takes no more requests and ends when it can.
macro_rules! drive {
    ($connection:expr, $end:expr, $client:expr, $limit:expr) => {{
        let mut connection = pin!($connection);
        select! {
            ended = connection.as_mut() => ended,
            () = $end => {
                connection.as_mut().graceful_shutdown();
                select! {
                    ended = connection.as_mut() => ended,
                    () = deserted($client, farewell($limit)) => Ok(()),
                }
            }
        }
    }};
}

async fn over_http1<S>(tunnel: &Tunnel, io: Tap<S>, asker: &Arc<Asker>) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limit = tunnel.port.shared.clients.bounds().head;
    let mut builder = http1::Builder::new();
    builder.preserve_header_case(true).timer(TokioTimer::new()).auto_date_header(false).max_headers(MAX_FIELDS);
    builder.header_read_timeout(limit);
    let service = service_fn(|request| answer(Arc::clone(asker), tunnel.client.busy(), request));
    let connection = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
    drive!(connection, asker.stopping.cancelled(), &tunnel.client, limit)
}

async fn over_http2<S>(tunnel: &Tunnel, io: Tap<S>, asker: &Arc<Asker>) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limit = tunnel.port.shared.clients.bounds().head;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).auto_date_header(false).max_header_list_size(MAX_HEADER_LIST);
    builder.initial_stream_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
    builder.max_concurrent_streams(MAX_STREAMS).max_pending_accept_reset_streams(MAX_UNSEEN_RESETS);
    let service = service_fn(|request| answer(Arc::clone(asker), tunnel.client.busy(), request));
    let end = async {
        select! {
            () = asker.stopping.cancelled() => {}
            // HTTP/1 has its own limit for heads. Here a head may stop half-way, and nothing else can pass then.
            () = deserted(&tunnel.client, limit - farewell(limit)) => {}
        }
    };
    drive!(builder.serve_connection(TokioIo::new(io), service), end, &tunnel.client, limit)
}

/// How long a client may take to leave once it has been told to.
fn farewell(limit: Duration) -> Duration {
    limit / 6
}

/// Resolves when nothing has been under way for `limit`, counted from now on at the earliest.
async fn deserted(client: &Client, limit: Duration) {
    let mut wait = limit;
    loop {
        sleep(wait).await;
        match client.idle() {
            Some(idle) if idle >= limit => return,
            Some(idle) => wait = limit - idle,
            None => wait = limit,
        }
    }
}

async fn answer(
    asker: Arc<Asker>,
    busy: Busy,
    mut request: Request<Incoming>,
) -> Result<http::Response<impl Body<Data = Bytes, Error = hyper::Error>>, Infallible> {
    let busy = Arc::new(busy);
    if request.headers().contains_key(header::UPGRADE) {
        request.extensions_mut().insert(Held::new(Arc::clone(&busy)));
    }
    let response = exchange::run(&asker, request).await;
    Ok(response.map(|body: ResponseBody| {
        body.map_err(move |error| {
            let _until_the_body_is_gone = &busy;
            error
        })
    }))
}
