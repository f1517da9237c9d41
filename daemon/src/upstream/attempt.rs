//! One try at sending a request: how far it came, and what is left of it.

use super::{ConnectionInfo, UpstreamError};
use bytes::Bytes;
use http::Request;
use hyper::client::conn::TrySendError;
use std::{sync::Arc, time::Instant};

/// How far a request has come; readable even when it failed.
#[derive(Default)]
pub struct Progress {
    /// The connection used last.
    pub connection: Option<Arc<ConnectionInfo>>,
    /// It was opened for this request.
    pub fresh: bool,
    /// When it was ready.
    pub ready: Option<Instant>,
    /// The request is already as its origin is to get it: it came over HTTP/1 on a connection meant for that origin.
    pub as_received: bool,
    /// Whether the asker wants `http2_head`.
    pub keep_head: bool,
    /// The head as it went out over HTTP/2.
    pub http2_head: Option<Bytes>,
}

impl Progress {
    /// A connection is ready to take it.
    pub(super) fn on(&mut self, info: &Arc<ConnectionInfo>, fresh: bool) {
        self.connection = Some(Arc::clone(info));
        (self.fresh, self.ready) = (fresh, Some(Instant::now()));
    }
}

/// A request without an answer.
pub(super) enum Lost<B> {
    /// It never reached the wire, and here it is again, with the reason.
    Unsent(Request<B>, Box<UpstreamError>),
    /// It may have been seen.
    Failed(UpstreamError),
}

impl<B> From<TrySendError<Request<B>>> for Lost<B> {
    fn from(mut e: TrySendError<Request<B>>) -> Self {
        match e.take_message() {
            Some(request) => Self::Unsent(request, Box::new(e.into_error().into())),
            None => Self::Failed(e.into_error().into()),
        }
    }
}
