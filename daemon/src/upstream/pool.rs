//! Connections kept for reuse, per origin.
//!
//! An HTTP/1 connection belongs to one exchange at a time and is driven from that exchange's own future. An HTTP/2
//! connection is shared and has a task of its own. Which of the two an origin speaks is learnt by the first dial;
//! requests that come meanwhile wait for it instead of dialling as well.

use super::{
    BoxError, ConnectionInfo, Origin, UpstreamError,
    connection::TappedLink,
    dial::{Alpn, Connector},
    driven::Driven,
    form,
};
use crate::capture::packed;
use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::{
    body::{Body, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{
    collections::HashMap,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// Idle connections are closed after this long; servers commonly close theirs after 60 to 75 s.
const IDLE: Duration = Duration::from_secs(55);
const MAX_IDLE_PER_ORIGIN: usize = 64;
/// More fields than this in a response is an error.
const MAX_FIELDS: usize = 1000;
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
const MAX_HEADER_LIST: u32 = 512 << 10;

/// How far a request has come; readable even when it failed.
#[derive(Default)]
pub struct Progress {
    /// The connection used last.
    pub connection: Option<Arc<ConnectionInfo>>,
    /// It was opened for this request.
    pub fresh: bool,
    /// When it was ready.
    pub ready: Option<Instant>,
    /// Whether the asker wants `http2_head`.
    pub keep_head: bool,
    /// The head as it went out over HTTP/2.
    pub http2_head: Option<Bytes>,
}

impl Progress {
    fn on(&mut self, info: &Arc<ConnectionInfo>, fresh: bool) {
        self.connection = Some(Arc::clone(info));
        (self.fresh, self.ready) = (fresh, Some(Instant::now()));
    }
}

/// A response's body, by what carries it.
pub enum Answer<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    /// An HTTP/1 connection driven by the body itself.
    Driven(Driven<B>),
    /// A connection with a task of its own.
    Shared(Incoming),
}

/// The pool. One per runtime thread, so that an exchange never crosses threads.
pub struct Pool<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    connector: Connector,
    origins: Mutex<HashMap<Arc<Origin>, Kept<B>>>,
}

struct Kept<B: Body + 'static> {
    speaks: Speaks,
    idle: Vec<Http1<B>>,
    shared: Option<(http2::SendRequest<B>, Arc<ConnectionInfo>)>,
    first_dial: Arc<tokio::sync::Mutex<()>>,
    used: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    Unknown,
    Http1,
    Http2,
}

impl<B: Body + 'static> Default for Kept<B> {
    fn default() -> Self {
        Self {
            speaks: Speaks::Unknown,
            idle: Vec::new(),
            shared: None,
            first_dial: Arc::default(),
            used: Instant::now(),
        }
    }
}

/// An HTTP/1 connection.
pub(super) struct Http1<B: Body + 'static> {
    sender: http1::SendRequest<B>,
    connection: Pin<Box<http1::Connection<TokioIo<TappedLink>, B>>>,
    info: Arc<ConnectionInfo>,
    since: Instant,
}

impl<B> Http1<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Lets the connection read and write; `true` once it is over.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        self.connection.as_mut().poll(cx).is_ready()
    }

    /// Nobody polls an idle connection: look whether the origin has closed it since.
    fn is_alive(&mut self) -> bool {
        !self.drive(&mut Context::from_waker(Waker::noop())) && self.sender.is_ready()
    }
}

enum Channel<B: Body + 'static> {
    Own(Http1<B>),
    Shared(http2::SendRequest<B>),
}

enum Lost<B> {
    /// It never reached the wire.
    Unsent(Request<B>),
    Failed(UpstreamError),
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes> + Default + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    /// An empty pool.
    pub fn new(connector: Connector) -> Self {
        Self { connector, origins: Mutex::default() }
    }

    /// Dials without HTTP, for tunnels.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Sends `request` and waits for the head of the response.
    ///
    /// A request is sent again only if it did not reach the wire, or if it is idempotent, has no body, and met a
    /// reused connection that the origin closed at that moment (RFC 9110, 9.2.2).
    pub async fn send(
        self: &Arc<Self>,
        origin: &Arc<Origin>,
        mut request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Answer<B>>, UpstreamError> {
        loop {
            let (channel, fresh) = self.channel(origin, progress).await?;
            let again = !fresh && repeatable(&request);
            let (parts, body) = request.into_parts();
            let copy = again.then(|| parts.clone());
            let sent = match channel {
                Channel::Own(connection) => self.over_http1(origin, connection, Request::from_parts(parts, body)).await,
                Channel::Shared(sender) => over_http2(origin, sender, Request::from_parts(parts, body), progress).await,
            };
            match (sent, copy) {
                (Ok(response), _) => return Ok(response),
                (Err(Lost::Unsent(back)), _) => request = back,
                (Err(Lost::Failed(e)), Some(parts)) if e.is_unanswered_close() => {
                    request = Request::from_parts(parts, B::default());
                }
                (Err(Lost::Failed(e)), _) => return Err(e),
            }
        }
    }

    /// Sends a request that asks for another protocol, on a connection of its own that is never reused.
    pub async fn send_upgrade(
        self: &Arc<Self>,
        origin: &Arc<Origin>,
        request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Answer<B>>, UpstreamError> {
        let (link, info) = self.connector.dial(origin, Alpn::Http1).await?;
        progress.on(&info, true);
        let (mut sender, connection) = handshake_http1(link).await?;
        tokio::spawn(connection.with_upgrades());
        let (mut parts, body) = request.into_parts();
        form::http1(&mut parts, origin);
        let response = sender.send_request(Request::from_parts(parts, body)).await.map_err(http)?;
        Ok(response.map(Answer::Shared))
    }

    /// Closes what has been idle for too long. To be called now and then.
    pub fn sweep(&self) {
        self.lock().retain(|_, kept| {
            kept.idle.retain_mut(|c| c.since.elapsed() < IDLE && c.is_alive());
            if kept.shared.as_ref().is_some_and(|(sender, _)| sender.is_closed() || kept.used.elapsed() >= IDLE) {
                kept.shared = None;
            }
            // What an origin speaks is worth remembering for a while longer than its connections.
            !kept.idle.is_empty() || kept.shared.is_some() || kept.used.elapsed() < 10 * IDLE
        });
    }

    async fn channel(
        &self,
        origin: &Arc<Origin>,
        progress: &mut Progress,
    ) -> Result<(Channel<B>, bool), UpstreamError> {
        let first_dial = match self.reuse(origin, progress) {
            Ok(channel) => return Ok((channel, false)),
            Err(first_dial) => first_dial,
        };
        let turn = match first_dial {
            Some(turn) => {
                let turn = turn.lock_owned().await;
                // Somebody may have learnt meanwhile what the origin speaks.
                match self.reuse(origin, progress) {
                    Ok(channel) => return Ok((channel, false)),
                    Err(still_unknown) => still_unknown.map(|_| turn),
                }
            }
            None => None,
        };
        let (link, info) = self.connector.dial(origin, Alpn::Any).await?;
        progress.on(&info, true);
        let channel = if info.http2 {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_header_list_size(MAX_HEADER_LIST);
            let (sender, connection) = builder.handshake(TokioIo::new(link)).await.map_err(http)?;
            tokio::spawn(connection);
            self.learn(origin, Speaks::Http2, Some((sender.clone(), info)));
            Channel::Shared(sender)
        } else {
            let (sender, connection) = handshake_http1(link).await?;
            self.learn(origin, Speaks::Http1, None);
            Channel::Own(Http1 { sender, connection: Box::pin(connection), info, since: Instant::now() })
        };
        drop(turn);
        Ok((channel, true))
    }

    /// A kept connection; otherwise whose turn to dial it is, where only one should.
    fn reuse(
        &self,
        origin: &Arc<Origin>,
        progress: &mut Progress,
    ) -> Result<Channel<B>, Option<Arc<tokio::sync::Mutex<()>>>> {
        let mut origins = self.lock();
        let kept = match origins.get_mut(origin) {
            Some(kept) => kept,
            None => origins.entry(Arc::clone(origin)).or_default(),
        };
        kept.used = Instant::now();
        if let Some((sender, info)) = &kept.shared {
            if !sender.is_closed() {
                progress.on(info, false);
                return Ok(Channel::Shared(sender.clone()));
            }
            kept.shared = None;
        }
        while let Some(mut connection) = kept.idle.pop() {
            if connection.since.elapsed() < IDLE && connection.is_alive() {
                progress.on(&connection.info, false);
                return Ok(Channel::Own(connection));
            }
        }
        let alone = origin.tls && kept.speaks != Speaks::Http1;
        Err(alone.then(|| Arc::clone(&kept.first_dial)))
    }

    fn learn(
        &self,
        origin: &Arc<Origin>,
        speaks: Speaks,
        shared: Option<(http2::SendRequest<B>, Arc<ConnectionInfo>)>,
    ) {
        let mut origins = self.lock();
        let kept = origins.entry(Arc::clone(origin)).or_default();
        kept.speaks = speaks;
        kept.shared = shared;
    }

    async fn over_http1(
        self: &Arc<Self>,
        origin: &Arc<Origin>,
        mut connection: Http1<B>,
        request: Request<B>,
    ) -> Result<Response<Answer<B>>, Lost<B>> {
        let (mut parts, body) = request.into_parts();
        form::http1(&mut parts, origin);
        let answered = {
            let mut answer = pin!(connection.sender.try_send_request(Request::from_parts(parts, body)));
            poll_fn(|cx| {
                let over = connection.connection.as_mut().poll(cx);
                match answer.as_mut().poll(cx) {
                    Poll::Pending => match over {
                        Poll::Ready(Err(e)) => Poll::Ready(Err(Lost::Failed(http(e)))),
                        Poll::Ready(Ok(())) => Poll::Ready(Err(Lost::Failed(UpstreamError::Http {
                            source: "the connection was closed".into(),
                        }))),
                        Poll::Pending => Poll::Pending,
                    },
                    Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
                    Poll::Ready(Err(mut e)) => Poll::Ready(Err(match e.take_message() {
                        Some(back) => Lost::Unsent(back),
                        None => Lost::Failed(http(e.into_error())),
                    })),
                }
            })
            .await?
        };
        Ok(answered.map(|body| Answer::Driven(Driven::new(body, connection, Arc::clone(origin), Arc::clone(self)))))
    }
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) fn put_back(&self, origin: &Arc<Origin>, mut connection: Http1<B>) {
        if !connection.is_alive() {
            return;
        }
        connection.since = Instant::now();
        if let Some(kept) = self.lock().get_mut(origin)
            && kept.idle.len() < MAX_IDLE_PER_ORIGIN
        {
            kept.idle.push(connection);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<Origin>, Kept<B>>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn over_http2<B>(
    origin: &Origin,
    mut sender: http2::SendRequest<B>,
    request: Request<B>,
    progress: &mut Progress,
) -> Result<Response<Answer<B>>, Lost<B>>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (mut parts, body) = request.into_parts();
    form::http2(&mut parts, origin);
    if progress.keep_head {
        progress.http2_head = Some(packed::request(&parts.method, &parts.uri, parts.version, &parts.headers));
    }
    match sender.try_send_request(Request::from_parts(parts, body)).await {
        Ok(response) => Ok(response.map(Answer::Shared)),
        Err(mut e) => Err(match e.take_message() {
            Some(back) => Lost::Unsent(back),
            None => Lost::Failed(http(e.into_error())),
        }),
    }
}

async fn handshake_http1<B>(
    link: TappedLink,
) -> Result<(http1::SendRequest<B>, http1::Connection<TokioIo<TappedLink>, B>), UpstreamError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut builder = http1::Builder::new();
    builder.preserve_header_case(true).max_headers(MAX_FIELDS);
    builder.handshake(TokioIo::new(link)).await.map_err(http)
}

fn http(e: hyper::Error) -> UpstreamError {
    UpstreamError::Http { source: e.into() }
}

fn repeatable<B: Body>(request: &Request<B>) -> bool {
    let idempotent = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    idempotent && request.body().is_end_stream()
}
