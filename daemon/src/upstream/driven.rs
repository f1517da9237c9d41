//! A response body that drives its own HTTP/1 connection: no task per connection, no wake-up between threads.

use super::{http1::Http1, pool::Pool};
use crate::upstream::{BoxError, Origin};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The body of a response; at its end the connection goes back to the pool, before that it is closed.
pub struct Driven<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    body: Incoming,
    left: Option<u64>,
    lease: Option<Lease<B>>,
}

/// A connection on loan from its pool.
struct Lease<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    connection: Http1<B>,
    origin: Arc<Origin>,
    pool: Arc<Pool<B>>,
}

impl<B> Driven<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) fn new(body: Incoming, connection: Http1<B>, origin: Arc<Origin>, pool: Arc<Pool<B>>) -> Self {
        Self { left: body.size_hint().exact(), body, lease: Some(Lease { connection, origin, pool }) }
    }

    fn release(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.pool.put_back(&lease.origin, lease.connection);
        }
    }
}

impl<B> Body for Driven<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        // What has arrived already needs no work on the connection.
        let mut frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending()
            && let Some(lease) = &mut this.lease
        {
            lease.connection.drive(cx);
            frame = Pin::new(&mut this.body).poll_frame(cx);
        }
        if let (Poll::Ready(Some(Ok(f))), Some(left)) = (&frame, &mut this.left)
            && let Some(data) = f.data_ref()
        {
            *left = left.saturating_sub(data.len() as u64);
        }
        if matches!(frame, Poll::Ready(None)) || this.left == Some(0) {
            this.release();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0) || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(|| self.body.size_hint(), SizeHint::with_exact)
    }
}

impl<B> Drop for Driven<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    fn drop(&mut self) {
        if self.is_end_stream() {
            self.release();
        }
    }
}
