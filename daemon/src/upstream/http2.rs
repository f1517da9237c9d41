//! An HTTP/2 connection: shared by the exchanges with one origin, with a task of its own.

use super::{BoxError, ConnectionInfo, Origin, Progress, UpstreamError, attempt::Lost, connection::TappedLink, form};
use crate::capture::packed;
use bytes::Bytes;
use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    client::conn::http2,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::sync::Arc;

const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
const MAX_HEADER_LIST: u32 = 512 << 10;

/// A handle on the connection.
pub(super) struct Http2<B> {
    sender: http2::SendRequest<B>,
    /// What is known of it.
    pub(super) info: Arc<ConnectionInfo>,
}

impl<B> Clone for Http2<B> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), info: Arc::clone(&self.info) }
    }
}

impl<B> Http2<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) async fn open(link: TappedLink, info: Arc<ConnectionInfo>) -> Result<Self, UpstreamError> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEADER_LIST);
        let (sender, connection) = builder.handshake(TokioIo::new(link)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, info })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    pub(super) async fn send(
        &mut self,
        origin: &Origin,
        request: Request<B>,
        progress: &mut Progress,
    ) -> Result<Response<Incoming>, Lost<B>> {
        let (mut parts, body) = request.into_parts();
        form::http2(&mut parts, origin);
        if progress.keep_head {
            progress.http2_head = Some(packed::request(&parts.method, &parts.uri, parts.version, &parts.headers));
        }
        Ok(self.sender.try_send_request(Request::from_parts(parts, body)).await?)
    }
}
