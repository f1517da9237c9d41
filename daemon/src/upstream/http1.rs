//! An HTTP/1 connection: it belongs to one exchange at a time and is driven from that exchange's own future.

use super::{BoxError, ConnectionInfo, Origin, UpstreamError, attempt::Lost, connection::TappedLink, form};
use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// More fields than this in a response is an error. hyper clears a table of this size for every head it reads.
const MAX_FIELDS: usize = 256;

/// The connection.
pub(super) struct Http1<B: Body + 'static> {
    sender: http1::SendRequest<B>,
    connection: Pin<Box<http1::Connection<TokioIo<TappedLink>, B>>>,
    /// What is known of it.
    pub(super) info: Arc<ConnectionInfo>,
    since: Instant,
}

impl<B> Http1<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) async fn open(link: TappedLink, info: Arc<ConnectionInfo>) -> Result<Self, UpstreamError> {
        let (sender, connection) = handshake(link).await?;
        Ok(Self { sender, connection: Box::pin(connection), info, since: Instant::now() })
    }

    /// Lets the connection read and write; `true` once it is over.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        self.connection.as_mut().poll(cx).is_ready()
    }

    /// Nobody polls an idle connection: look whether the origin has closed it since.
    pub(super) fn is_alive(&mut self) -> bool {
        !self.drive(&mut Context::from_waker(Waker::noop())) && self.sender.is_ready()
    }

    /// Begins to be idle now.
    pub(super) fn rest(&mut self) {
        self.since = Instant::now();
    }

    /// For how long it has been idle.
    pub(super) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) async fn send(&mut self, origin: &Origin, request: Request<B>) -> Result<Response<Incoming>, Lost<B>> {
        let (mut parts, body) = request.into_parts();
        form::http1(&mut parts, origin);
        let connection = &mut self.connection;
        let mut answer = pin!(self.sender.try_send_request(Request::from_parts(parts, body)));
        poll_fn(|cx| {
            let over = connection.as_mut().poll(cx);
            match (answer.as_mut().poll(cx), over) {
                (Poll::Ready(Ok(response)), _) => Poll::Ready(Ok(response)),
                (Poll::Ready(Err(e)), _) => Poll::Ready(Err(Lost::from(e))),
                (Poll::Pending, Poll::Ready(Err(e))) => Poll::Ready(Err(Lost::Failed(e.into()))),
                (Poll::Pending, Poll::Ready(Ok(()))) => Poll::Ready(Err(Lost::Failed(UpstreamError::closed()))),
                (Poll::Pending, Poll::Pending) => Poll::Pending,
            }
        })
        .await
    }
}

/// Sends a request that asks for another protocol. The connection gets a task of its own and is never reused.
pub(super) async fn send_upgrade<B>(
    link: TappedLink,
    origin: &Origin,
    request: Request<B>,
) -> Result<Response<Incoming>, UpstreamError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (mut sender, connection) = handshake(link).await?;
    tokio::spawn(connection.with_upgrades());
    let (mut parts, body) = request.into_parts();
    form::http1(&mut parts, origin);
    Ok(sender.send_request(Request::from_parts(parts, body)).await?)
}

async fn handshake<B>(
    link: TappedLink,
) -> hyper::Result<(http1::SendRequest<B>, http1::Connection<TokioIo<TappedLink>, B>)>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut builder = http1::Builder::new();
    builder.preserve_header_case(true).max_headers(MAX_FIELDS);
    builder.handshake(TokioIo::new(link)).await
}
