//! `Expect: 100-continue` (RFC 9110, 10.1.1): the client waits with the body until the origin wants it, and so do we.
//!
//! hyper tells the client to go on as soon as somebody reads its body. That is left undone until the origin has said 100:
//! an origin that refuses with 417 or 401 is then heard before the body is sent, as without a proxy.

use super::RequestBody;
use crate::upstream::BoxError;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http::{HeaderMap, Request, StatusCode, header};
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::Sleep;

/// Origins that know nothing of 100 (HTTP/1.0), and those reached over HTTP/2, where it cannot be seen, get the body after
/// this long: as long as clients themselves commonly wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Holds the body of `request` back if its client expects to be told when to send it.
pub(super) fn hold(request: &mut Request<RequestBody>) {
    if !expects(request.headers()) || request.body().is_end_stream() {
        return;
    }
    let gate = Arc::new(Gate::default());
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = RequestBody::Held(Box::new(Held {
        body,
        gate: Some(Arc::clone(&gate)),
        patience: Box::pin(tokio::time::sleep(PATIENCE)),
    }));
    hyper::ext::on_informational(request, move |interim| {
        if interim.status() == StatusCode::CONTINUE {
            gate.open();
        }
    });
}

fn expects(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A body held back.
pub struct Held {
    body: RequestBody,
    /// `None` once the body flows.
    gate: Option<Arc<Gate>>,
    patience: Pin<Box<Sleep>>,
}

/// Opened by the origin's 100.
#[derive(Default)]
struct Gate {
    opened: AtomicBool,
    waiting: AtomicWaker,
}

impl Gate {
    fn open(&self) {
        self.opened.store(true, Ordering::Release);
        self.waiting.wake();
    }

    fn is_open(&self, cx: &Context<'_>) -> bool {
        self.waiting.register(cx.waker());
        self.opened.load(Ordering::Acquire)
    }
}

impl Body for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Some(gate) = &this.gate {
            if !gate.is_open(cx) && this.patience.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            this.gate = None;
        }
        Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
