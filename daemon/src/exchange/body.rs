//! The bodies that pass. An enum each: no box on the hot path.

use super::expect::Held;
use crate::{
    capture::Tee,
    upstream::{BoxError, driven::Driven, pool::Answer},
};
use bytes::Bytes;
use http_body_util::{Full, combinators::BoxBody};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A body that is made here.
pub type OwnBody = BoxBody<Bytes, BoxError>;

/// What goes upstream.
#[derive(Default)]
pub enum RequestBody {
    /// From our own HTTP server, behind CONNECT.
    Tunnelled(Tee<Incoming>),
    /// From the listener's server, for plain proxy requests.
    Plain(Tee<hudsucker::Body>),
    /// Made here.
    Own(Tee<OwnBody>),
    /// Held back until the origin wants it.
    Held(Box<Held>),
    /// Nothing.
    #[default]
    Empty,
}

/// A body that can be sent upstream once it is watched.
pub trait Passing: Body<Data = Bytes> + Unpin + Sized {
    /// Its place in [`RequestBody`].
    fn wrap(tee: Tee<Self>) -> RequestBody;
}

impl Passing for Incoming {
    fn wrap(tee: Tee<Self>) -> RequestBody {
        RequestBody::Tunnelled(tee)
    }
}

impl Passing for hudsucker::Body {
    fn wrap(tee: Tee<Self>) -> RequestBody {
        RequestBody::Plain(tee)
    }
}

impl Passing for OwnBody {
    fn wrap(tee: Tee<Self>) -> RequestBody {
        RequestBody::Own(tee)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Tunnelled(b) => Pin::new(b).poll_frame(cx).map_err(Into::into),
            Self::Plain(b) => Pin::new(b).poll_frame(cx).map_err(Into::into),
            Self::Own(b) => Pin::new(b).poll_frame(cx),
            Self::Held(b) => Pin::new(b.as_mut()).poll_frame(cx),
            Self::Empty => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Tunnelled(b) => b.is_end_stream(),
            Self::Plain(b) => b.is_end_stream(),
            Self::Own(b) => b.is_end_stream(),
            Self::Held(b) => b.is_end_stream(),
            Self::Empty => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Tunnelled(b) => b.size_hint(),
            Self::Plain(b) => b.size_hint(),
            Self::Own(b) => b.size_hint(),
            Self::Held(b) => b.size_hint(),
            Self::Empty => SizeHint::with_exact(0),
        }
    }
}

/// What goes back to whoever asked.
pub enum ResponseBody {
    /// From an HTTP/1 connection.
    Driven(Tee<Driven<RequestBody>>),
    /// From an HTTP/2 connection, or one that was asked to upgrade.
    Shared(Tee<Incoming>),
    /// Made here.
    Own(Full<Bytes>),
}

impl ResponseBody {
    pub(super) fn watched(answer: Answer<RequestBody>, tee: impl Watch) -> Self {
        match answer {
            Answer::Driven(body) => Self::Driven(tee.watch(body)),
            Answer::Shared(body) => Self::Shared(tee.watch(body)),
        }
    }
}

/// Wraps a body of either kind in a tee.
pub(super) trait Watch {
    fn watch<B: Body<Data = Bytes> + Unpin>(self, body: B) -> Tee<B>;
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Driven(b) => Pin::new(b).poll_frame(cx),
            Self::Shared(b) => Pin::new(b).poll_frame(cx),
            Self::Own(b) => Pin::new(b).poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Driven(b) => b.is_end_stream(),
            Self::Shared(b) => b.is_end_stream(),
            Self::Own(b) => b.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Driven(b) => b.size_hint(),
            Self::Shared(b) => b.size_hint(),
            Self::Own(b) => b.size_hint(),
        }
    }
}
