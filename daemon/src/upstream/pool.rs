//! Connections kept for reuse, per origin.
//!
//! Which protocol an origin speaks is learnt by the first dial; requests that come meanwhile wait a moment for it
//! instead of dialling as well.

use super::{
    BoxError, Origin, UpstreamError, again,
    attempt::{Lost, Progress},
    dial::{Alpn, Connector},
    driven::Driven,
    form,
    http1::{self, Http1},
    http2::Http2,
};
use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::Mutex as Turns, time::timeout};

/// Idle connections are closed after this long; servers commonly close theirs after 60 to 75 s.
const IDLE: Duration = Duration::from_secs(55);
const MAX_IDLE_PER_ORIGIN: usize = 64;
/// Of origins without a connection, so many are remembered.
const REMEMBERED: usize = 1_000;
/// How long a request waits for another's dial before it dials itself.
const TURN: Duration = Duration::from_millis(500);

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
    shared: Option<Http2<B>>,
    first_dial: Arc<Turns<()>>,
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

impl<B: Body + 'static> Kept<B> {
    fn is_connected(&self) -> bool {
        !self.idle.is_empty() || self.shared.is_some()
    }
}

enum Channel<B: Body + 'static> {
    Own(Http1<B>),
    Shared(Http2<B>),
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
    /// A request that met a reused connection which the origin was just closing is sent again if it did not reach the
    /// wire, or if it is idempotent and has no body (RFC 9110, 9.2.2). One without a body that an HTTP/2 origin says it
    /// has not looked at (RFC 9113, 8.7) is sent again once.
    pub async fn send(
        self: &Arc<Self>,
        origin: &Arc<Origin>,
        mut request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Answer<B>>, UpstreamError> {
        let mut refused = false;
        loop {
            let channel = self.channel(origin, progress).await?;
            let (reused, bodiless) = (!progress.fresh, request.body().is_end_stream());
            let repeatable = reused && bodiless && idempotent(request.method());
            // HTTP/1 needs no copy: what was written can be read back.
            let copy = (bodiless && matches!(channel, Channel::Shared(_))).then(|| copy_of(&request));
            let lost = match self.send_over(channel, origin, request, progress).await {
                Ok(response) => return Ok(response),
                Err(lost) => lost,
            };
            request = match lost {
                Lost::Unsent(back, _) if reused => back,
                // What ended it before it was of use, such as an alert about our certificate, is why.
                Lost::Unsent(_, why) => return Err(*why),
                Lost::Failed(e) => {
                    let again = if repeatable && e.is_unanswered_close() {
                        if copy.is_some() { copy } else { written(progress).await }
                    } else if e.is_unseen() && !refused {
                        refused = true;
                        self.forget_shared(origin, progress);
                        copy
                    } else {
                        None
                    };
                    again.ok_or(e)?
                }
            };
        }
    }

    /// Sends a request that asks for another protocol, on a connection of its own that is never reused.
    pub async fn send_upgrade(
        &self,
        origin: &Origin,
        request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Answer<B>>, UpstreamError> {
        let (link, info) = self.connector.dial(origin, Alpn::Http1).await?;
        progress.on(&info, true);
        Ok(http1::send_upgrade(link, origin, request, progress.as_received).await?.map(Answer::Shared))
    }

    /// Closes what has been idle for too long. To be called now and then.
    pub fn sweep(&self) {
        let mut origins = self.lock();
        let mut resting = Vec::new();
        origins.retain(|_, kept| {
            kept.idle.retain_mut(|c| c.rested() < IDLE && c.is_alive());
            if kept.used.elapsed() >= IDLE || kept.shared.as_ref().is_some_and(Http2::is_closed) {
                kept.shared = None;
            }
            // What an origin speaks is worth remembering for a while longer than its connections.
            if kept.is_connected() {
                return true;
            }
            let remembered = kept.used.elapsed() < 10 * IDLE;
            resting.extend(remembered.then_some(kept.used));
            remembered
        });
        if let Some(last) = too_old(&mut resting, REMEMBERED) {
            origins.retain(|_, kept| kept.is_connected() || kept.used > last);
            origins.shrink_to(2 * REMEMBERED);
        }
    }

    async fn send_over(
        self: &Arc<Self>,
        channel: Channel<B>,
        origin: &Arc<Origin>,
        request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Answer<B>>, Lost<B>> {
        match channel {
            Channel::Own(connection) => {
                let (response, connection) = connection.send(origin, request, progress.as_received).await?;
                let (origin, pool) = (Arc::clone(origin), Arc::clone(self));
                Ok(response.map(|body| Answer::Driven(Driven::new(body, connection, origin, pool))))
            }
            Channel::Shared(mut connection) => {
                Ok(connection.send(origin, request, progress).await?.map(Answer::Shared))
            }
        }
    }

    async fn channel(&self, origin: &Arc<Origin>, progress: &mut Progress) -> Result<Channel<B>, UpstreamError> {
        let turns = match self.reuse(origin, progress) {
            Ok(channel) => return Ok(channel),
            Err(turns) => turns,
        };
        let mut turn = None;
        if let Some(turns) = turns {
            // If the other's dial takes long, it may never come about: no queue behind it.
            turn = timeout(TURN, turns.lock_owned()).await.ok();
            match self.reuse(origin, progress) {
                Ok(channel) => return Ok(channel),
                // It has turned out that everybody needs a connection of their own: no queue for those.
                Err(None) => turn = None,
                Err(Some(_)) => {}
            }
        }
        // What an earlier attempt met is not what this one fails at.
        progress.connection = None;
        let (link, info) = self.connector.dial(origin, Alpn::Any).await?;
        progress.on(&info, true);
        let channel = if info.http2 {
            let connection = Http2::open(link, info).await?;
            self.learn(origin, Speaks::Http2, Some(connection.clone()));
            Channel::Shared(connection)
        } else {
            let connection = Http1::open(link, info).await?;
            self.learn(origin, Speaks::Http1, None);
            Channel::Own(connection)
        };
        drop(turn);
        Ok(channel)
    }

    /// A kept connection; otherwise the turns in which to dial, where one dial may do for all.
    fn reuse(&self, origin: &Arc<Origin>, progress: &mut Progress) -> Result<Channel<B>, Option<Arc<Turns<()>>>> {
        let edition = self.connector.routes.edition();
        let mut origins = self.lock();
        let kept = match origins.get_mut(origin) {
            Some(kept) => kept,
            None => origins.entry(Arc::clone(origin)).or_default(),
        };
        kept.used = Instant::now();
        // What was reached by another proxy, or as somebody else, is not what is meant now.
        if kept.shared.as_ref().is_some_and(|shared| shared.is_closed() || shared.info.edition != edition) {
            kept.shared = None;
        }
        if let Some(shared) = &kept.shared {
            progress.on(&shared.info, false);
            return Ok(Channel::Shared(shared.clone()));
        }
        while let Some(mut connection) = kept.idle.pop() {
            if connection.rested() < IDLE && connection.info.edition == edition && connection.is_alive() {
                progress.on(&connection.info, false);
                return Ok(Channel::Own(connection));
            }
        }
        let one_may_do = origin.tls && kept.speaks != Speaks::Http1;
        Err(one_may_do.then(|| Arc::clone(&kept.first_dial)))
    }

    /// The connection in use takes no more requests, or says so of this one.
    fn forget_shared(&self, origin: &Arc<Origin>, progress: &Progress) {
        let used = progress.connection.as_ref().map(|c| c.id);
        if let Some(kept) = self.lock().get_mut(origin)
            && kept.shared.as_ref().map(|shared| shared.info.id) == used
        {
            kept.shared = None;
        }
    }

    fn learn(&self, origin: &Arc<Origin>, speaks: Speaks, shared: Option<Http2<B>>) {
        let mut origins = self.lock();
        let kept = origins.entry(Arc::clone(origin)).or_default();
        (kept.speaks, kept.shared) = (speaks, shared);
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
        connection.rest();
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

/// The newest of the times that are not among the `most` newest.
fn too_old(times: &mut [Instant], most: usize) -> Option<Instant> {
    let surplus = times.len().saturating_sub(most);
    (surplus > 0).then(|| *times.select_nth_unstable(surplus - 1).1)
}

/// Idempotent, and safe beside (RFC 9110, 9.2).
fn idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// A request like one without a body.
fn copy_of<B: Default>(request: &Request<B>) -> Request<B> {
    let mut copy = Request::new(B::default());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    *copy.version_mut() = request.version();
    copy.headers_mut().clone_from(request.headers());
    copy.extensions_mut().clone_from(request.extensions());
    copy
}

/// The request without a body that was written last to the connection in use.
async fn written<B: Default>(progress: &Progress) -> Option<Request<B>> {
    let (sent, _) = progress.connection.as_ref()?.heads.as_ref()?;
    let mut parts = again::parts(sent.pop()?).await?;
    if let Some(forward) = &progress.connection.as_ref()?.forward {
        form::back(&mut parts, forward);
    }
    Some(Request::from_parts(parts, B::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_first() {
        let now = Instant::now();
        let mut times: Vec<_> = [3, 0, 4, 1, 2].map(|s| now + Duration::from_secs(s)).into();
        assert_eq!(too_old(&mut times, 5), None);
        assert_eq!(too_old(&mut times, 4), Some(now));
        assert_eq!(too_old(&mut times, 2), Some(now + Duration::from_secs(2)));
        assert_eq!(too_old(&mut times, 0), Some(now + Duration::from_secs(4)));
        assert_eq!(too_old(&mut [], 0), None);
    }
}
