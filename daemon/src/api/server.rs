//! Serving connections: every request through the [guard](super::guard), every answer with its security fields, all of
//! it bounded.

use super::{
    Shared,
    error::ApiError,
    files,
    guard::{is_api, visit},
    headers::secure,
    slots::{InUse, Slots},
};
use axum::{
    Router,
    body::{Body, HttpBody},
    http::{Request, Response, request::Parts},
    response::IntoResponse,
};
use bytes::Bytes;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;

/// Bytes a head may have, and what is read ahead of a body.
const BUFFER: usize = 64 << 10;
/// How long answers under way may take once the daemon is stopping.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// What a client may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long a request head may take, and how long a connection may be idle.
    pub(crate) head_time: Duration,
    /// Connections at once.
    pub(crate) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head_time: Duration::from_secs(15), connections: 512 }
    }
}

/// Pause after a failed `accept`: the usual reason is a lack of descriptors, which does not pass at once.
const BREATH: Duration = Duration::from_millis(100);

/// What answers requests.
pub(crate) trait Answering: Clone + Send + Sync + 'static {
    /// Answers one that arrived on a listener's `port`.
    fn answer(self, request: Request<Incoming>, port: u16) -> impl Future<Output = Response<Body>> + Send;
}

/// Serves `listeners` until `stopping`; answers that are under way then are finished.
pub(crate) async fn serve(
    gate: impl Answering,
    limits: Limits,
    listeners: Vec<TcpListener>,
    stopping: CancellationToken,
) {
    let slots = Slots::new(limits.connections);
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(listener, gate.clone(), limits, Arc::clone(&slots), stopping.clone()));
    }
    while accepting.join_next().await.is_some() {}
}

async fn accept(
    listener: TcpListener,
    gate: impl Answering,
    limits: Limits,
    slots: Arc<Slots>,
    stopping: CancellationToken,
) {
    let mut connections = JoinSet::new();
    let port = match listener.local_addr() {
        Ok(address) => address.port(),
        Err(error) => return tracing::error!(%error, "a listener of the API has no address"),
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stopping.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let slots = Arc::clone(&slots);
                connections.spawn(connection(stream, (gate.clone(), port), limits, slots, stopping.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the API could not accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    // Whoever has not read its answer by then is cut off when the set is dropped.
    let _ = tokio::time::timeout(LAST_WORDS, finish).await;
}

async fn connection(
    stream: TcpStream,
    (gate, port): (impl Answering, u16),
    limits: Limits,
    slots: Arc<Slots>,
    stopping: CancellationToken,
) {
    let Some(slot) = slots.take() else {
        return tracing::warn!("too many connections to the API are busy; a new one was closed");
    };
    // Without it answers in two writes wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let (gate, in_use) = (gate.clone(), slot.in_use());
        async move {
            let answer = gate.answer(request, port).await;
            Ok::<_, Infallible>(answer.map(|body| Body::new(Held { body, _in_use: in_use })))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = slot.evicted() => return,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the API ended early");
    }
}

/// What stands between a connection and the routes.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) shared: Shared,
    pub(crate) routes: Router,
}

impl Answering for Gate {
    async fn answer(mut self, request: Request<Incoming>, port: u16) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let mut response = match self.shared.guard.admit(&parts, port) {
            _ if visit::is_for_pages(parts.uri.path()) => self.visited(parts, body, port).await,
            Err(error) => error.into_response(),
            Ok(_) if !is_api(parts.uri.path()) => {
                let mut response = files::answer(&parts, &self.shared.files).await;
                if files::is_for_pages(parts.uri.path())
                    && let Some(origin) = visit::reader(&parts, self.shared.engine.pairings())
                {
                    visit::share(&mut response, &origin);
                }
                response
            }
            Ok(caller) => {
                parts.extensions.insert(caller);
                self.route(parts, body).await
            }
        };
        secure(&mut response);
        response
    }
}

impl Gate {
    /// Answers a page of another origin.
    async fn visited(&mut self, mut parts: Parts, body: Incoming, port: u16) -> Response<Body> {
        let visit = match visit::admit(&parts, port, self.shared.engine.pairings()) {
            Ok(visit) => visit,
            Err(error) => return error.into_response(),
        };
        let mut response = match visit.preflight() {
            Some(answer) => answer,
            None => {
                parts.extensions.insert(visit.clone());
                self.route(parts, body).await
            }
        };
        visit::share(&mut response, &visit.origin);
        response
    }

    async fn route(&mut self, parts: Parts, body: Incoming) -> Response<Body> {
        match self.routes.call(Request::from_parts(parts, Body::new(body))).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// A body that marks its connection as busy until it is sent.
struct Held {
    body: Body,
    _in_use: InUse,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// For paths below `/api` that nothing is at.
pub(crate) async fn no_route(request: Request<Body>) -> ApiError {
    ApiError::no_route(request.uri().path())
}

/// For methods a path does not have.
pub(crate) async fn no_method(request: Request<Body>) -> ApiError {
    ApiError::method_not_allowed(request.method().as_str())
}
