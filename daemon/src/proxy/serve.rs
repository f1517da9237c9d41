//! HTTP inside a tunnel: one service for TLS and plaintext, HTTP/1 and HTTP/2.

use super::{
    limits::{MAX_FIELDS, MAX_HEADER_LIST},
    socket::ClientSocket,
    tunnel::Tunnel,
};
use crate::{
    capture::Tap,
    exchange::{self, Asker},
    upstream::Origin,
};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{convert::Infallible, sync::Arc};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;

const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// What a connection carries, where it is known before the first byte of HTTP.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
    ByPreface,
}

/// Serves a tunnel whose client finished a TLS handshake.
pub async fn serve_tls(tunnel: Tunnel, io: TlsStream<ClientSocket>, connection: i64, sni: Option<&str>, http2: bool) {
    let origin = Origin { tls: true, ..tunnel.origin.clone() }.greeted_as(sni);
    let protocol = if http2 { Protocol::Http2 } else { Protocol::Http1 };
    serve(tunnel, io, connection, origin, protocol).await;
}

/// Serves a tunnel whose client speaks HTTP without TLS.
pub async fn serve_plain(tunnel: Tunnel, io: ClientSocket) {
    let id = tunnel.note_client(None, None);
    let origin = tunnel.origin.clone();
    serve(tunnel, io, id, origin, Protocol::ByPreface).await;
}

async fn serve<S>(tunnel: Tunnel, io: S, connection: i64, origin: Origin, protocol: Protocol)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (io, heads) = match protocol {
        Protocol::Http2 => (Tap::off(io), None),
        _ => {
            let (io, heads) = Tap::downstream(io);
            (io, Some(heads))
        }
    };
    let stopping = tunnel.port.stopping.clone();
    let asker = Arc::new(Asker {
        source: tunnel.port.source,
        recording: Arc::clone(&tunnel.port.recording),
        connection: Some(connection),
        origin: Some(Arc::new(origin)),
        heads,
        pool: Arc::clone(&tunnel.shard.pool),
        tasks: tunnel.port.tasks.clone(),
        stopping: stopping.clone(),
    });
    let service = service_fn(move |request: Request<Incoming>| {
        let asker = Arc::clone(&asker);
        async move { Ok::<_, Infallible>(exchange::run(&asker, request).await) }
    });
    let io = TokioIo::new(io);
    // A plain HTTP/1 server saves the auto builder's look at the preface.
    let ended = if protocol == Protocol::Http1 {
        let mut builder = http1::Builder::new();
        builder.preserve_header_case(true).timer(TokioTimer::new()).auto_date_header(false).max_headers(MAX_FIELDS);
        let mut connection = std::pin::pin!(builder.serve_connection(io, service).with_upgrades());
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        ended.map_err(Into::into)
    } else {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        let mut http1 = builder.http1();
        http1.preserve_header_case(true).timer(TokioTimer::new()).auto_date_header(false).max_headers(MAX_FIELDS);
        let mut http2 = builder.http2();
        http2.timer(TokioTimer::new()).auto_date_header(false).max_header_list_size(MAX_HEADER_LIST);
        http2.initial_stream_window_size(STREAM_WINDOW).initial_connection_window_size(CONNECTION_WINDOW);
        let mut connection = std::pin::pin!(builder.serve_connection_with_upgrades(io, service));
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = &*error, "a client connection did not end in order");
    }
}
