//! An HTTP/1 connection: it belongs to one exchange at a time and is driven from that exchange's own future.

use super::{BoxError, ConnectionInfo, Origin, UpstreamError, attempt::Lost, connection::TappedLink, form};
use bytes::Bytes;
use http::{Request, Response, Version};
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
pub(super) const MAX_FIELDS: usize = 256;

/// The connection.
pub(super) struct Http1<B: Body + 'static> {
    sender: http1::SendRequest<B>,
    connection: Pin<Box<http1::Connection<TokioIo<TappedLink>, B>>>,
    /// What is known of it.
    pub(super) info: Arc<ConnectionInfo>,
    since: Instant,
    /// HTTP/1.0 was spoken on it, which hyper would go on with for requests that are not.
    old: bool,
}

impl<B> Http1<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) async fn open(link: TappedLink, info: Arc<ConnectionInfo>) -> Result<Self, UpstreamError> {
        let (sender, connection) = handshake(link).await?;
        Ok(Self { sender, connection: Box::pin(connection), info, since: Instant::now(), old: false })
    }

    /// Lets the connection read and write; `true` once it is over.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        self.connection.as_mut().poll(cx).is_ready()
    }

    /// Nobody polls an idle connection: look whether the origin has closed it since.
    pub(super) fn is_alive(&mut self) -> bool {
        !self.old && !self.drive(&mut Context::from_waker(Waker::noop())) && self.sender.is_ready()
    }

    /// Begins to be idle now.
    pub(super) fn rest(&mut self) {
        self.since = Instant::now();
    }

    /// For how long it has been idle.
    pub(super) fn rested(&self) -> Duration {
        self.since.elapsed()
    }

    /// Sends a request; with the response comes the connection that its body is read from.
    pub(super) async fn send(
        mut self,
        origin: &Origin,
        request: Request<B>,
        as_received: bool,
    ) -> Result<(Response<Incoming>, Self), Lost<B>> {
        let (mut parts, body) = request.into_parts();
        form::http1(&mut parts, origin, as_received);
        if let Some(forward) = &self.info.forward {
            form::forwarded(&mut parts, origin, forward);
        }
        let old = |version| version == Version::HTTP_10;
        self.old |= old(parts.version);
        let mut answer = pin!(self.sender.try_send_request(Request::from_parts(parts, body)));
        let connection = &mut self.connection;
        let ended = poll_fn(|cx| {
            let over = connection.as_mut().poll(cx);
            match (answer.as_mut().poll(cx), over) {
                (Poll::Ready(Ok(response)), _) => Poll::Ready(Ok(response)),
                (Poll::Ready(Err(e)), _) => Poll::Ready(Err(Some(Lost::from(e)))),
                (Poll::Pending, Poll::Ready(Err(e))) => Poll::Ready(Err(Some(Lost::Failed(e.into())))),
                (Poll::Pending, Poll::Ready(Ok(()))) => Poll::Ready(Err(None)),
                (Poll::Pending, Poll::Pending) => Poll::Pending,
            }
        })
        .await;
        match ended {
            Ok(response) => {
                self.old |= old(response.version());
                Ok((response, self))
            }
            Err(Some(lost)) => Err(lost),
            // Over before it looked at the request, which it gives back as it goes, or after it had sent it.
            Err(None) => {
                drop(self);
                match answer.await.err().map(Lost::from) {
                    Some(unsent @ Lost::Unsent(..)) => Err(unsent),
                    _ => Err(Lost::Failed(UpstreamError::closed())),
                }
            }
        }
    }
}

/// Sends a request that asks for another protocol. The connection gets a task of its own and is never reused.
pub(super) async fn send_upgrade<B>(
    link: TappedLink,
    origin: &Origin,
    request: Request<B>,
    as_received: bool,
) -> Result<Response<Incoming>, UpstreamError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (mut sender, connection) = handshake(link).await?;
    tokio::spawn(connection.with_upgrades());
    let (mut parts, body) = request.into_parts();
    form::http1(&mut parts, origin, as_received);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capture::Tap, upstream::Link};
    use http_body_util::Full;
    use tokio::{
        io::AsyncReadExt,
        net::{TcpListener, TcpStream},
    };

    async fn connection() -> (Http1<Full<Bytes>>, TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        ours.set_nonblocking(true).unwrap();
        let watch = TcpStream::from_std(ours.try_clone().unwrap()).unwrap();
        let (theirs, _) = listener.accept().await.unwrap();
        let info = ConnectionInfo {
            id: 1,
            dns_us: None,
            connect_us: 0,
            tls_us: None,
            heads: None,
            http2: false,
            edition: 0,
            forward: None,
        };
        let link = Tap::off(Link::Plain(TcpStream::from_std(ours).unwrap()));
        (Http1::open(link, Arc::new(info)).await.unwrap(), theirs, watch)
    }

    #[tokio::test]
    async fn a_request_that_never_reached_the_wire_comes_back_whole() {
        let (connection, theirs, watch) = connection().await;
        drop(theirs);
        assert_eq!(watch.peek(&mut [0]).await.unwrap(), 0, "the origin has closed");
        let origin = Origin::new(false, "a.test", 80);
        let request = Request::post("http://a.test/").body(Full::from("all of it")).unwrap();
        match connection.send(&origin, request, false).await {
            Err(Lost::Unsent(back, _)) => assert_eq!(back.body().size_hint().exact(), Some(9)),
            Err(Lost::Failed(e)) => panic!("it may have been seen: {e}"),
            Ok(_) => panic!("nobody can have answered"),
        }
    }

    #[tokio::test]
    async fn a_request_that_may_have_been_seen_does_not() {
        let (connection, mut theirs, _watch) = connection().await;
        let origin = Origin::new(false, "a.test", 80);
        let request = Request::post("http://a.test/").body(Full::from("all of it")).unwrap();
        let seen = async {
            theirs.read_exact(&mut [0; 4]).await.unwrap();
            drop(theirs);
        };
        match tokio::join!(connection.send(&origin, request, false), seen).0 {
            Err(Lost::Failed(e)) => assert!(e.is_unanswered_close(), "{e}"),
            Err(Lost::Unsent(..)) => panic!("it was on the wire"),
            Ok(_) => panic!("nobody has answered"),
        }
    }
}
