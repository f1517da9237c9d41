//! After a 101 the connection belongs to another protocol (RFC 9110, 7.8).

use super::{
    Held,
    relay::{Watch, relay},
};
use crate::{
    capture::Recorder,
    messages::websocket::{self, Decoder},
};
use http::{Extensions, HeaderMap, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::{
    future::ready,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio_util::sync::CancellationToken;
use waylay_storage::model::{Failure, Side, Stage};

/// Whether a 101 with these fields begins a WebSocket.
pub fn is_websocket(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// How to look at what comes after a 101 with these fields.
pub fn watch(headers: &HeaderMap) -> Watch {
    if !is_websocket(headers) {
        return Watch::Keep;
    }
    let extensions = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter().map(|v| v.as_bytes());
    let (sent, received) = websocket::negotiated(extensions);
    Watch::WebSocket(Box::new([Decoder::new(sent), Decoder::new(received)]))
}

/// The connection of an asker that is no client: after a 101 its far end is joined to the origin's. Travels in the
/// request's extensions, and can be used by one exchange.
#[derive(Clone, Debug)]
pub struct Near {
    stream: Arc<Mutex<Option<DuplexStream>>>,
    stop: CancellationToken,
}

impl Near {
    /// The end that an exchange gets, and the one to talk by; `size` bytes wait in each direction. `stop` cuts the
    /// connection off.
    pub fn pair(size: usize, stop: CancellationToken) -> (Self, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(size);
        (Self { stream: Arc::new(Mutex::new(Some(theirs))), stop }, ours)
    }

    fn take(&self) -> Option<DuplexStream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The side of whoever asked for another protocol.
pub(super) enum ClientSide {
    /// A client's connection, and what is held while it is used.
    Client(OnUpgrade, Option<Held>),
    /// An asker of this program.
    Here(Near),
}

impl ClientSide {
    /// Takes it out of a request that asks for an upgrade.
    pub(super) fn take(extensions: &mut Extensions) -> Option<Self> {
        match extensions.remove::<OnUpgrade>() {
            Some(client) => Some(Self::Client(client, extensions.remove())),
            None => extensions.remove().map(Self::Here),
        }
    }

    /// Joins it to the origin's, until both are done.
    pub(super) async fn join(
        self,
        origin: OnUpgrade,
        recorder: Option<Arc<Recorder>>,
        watch: Watch,
        stopping: CancellationToken,
    ) {
        match self {
            Self::Client(client, held) => {
                let client = async { client.await.map(TokioIo::new) };
                bridge(client, origin, recorder, watch, stopping).await;
                drop(held);
            }
            Self::Here(near) => {
                if let Some(stream) = near.take() {
                    bridge(ready(Ok(stream)), origin, recorder, watch, near.stop).await;
                }
            }
        }
    }
}

/// Joins both sides, once both have changed their protocol, until both are done.
async fn bridge(
    client: impl Future<Output = Result<impl AsyncRead + AsyncWrite, hyper::Error>>,
    origin: OnUpgrade,
    recorder: Option<Arc<Recorder>>,
    watch: Watch,
    stopping: CancellationToken,
) {
    match tokio::try_join!(client, origin) {
        Ok((client, origin)) => relay(client, TokioIo::new(origin), recorder, watch, stopping).await,
        Err(e) => {
            if let Some(recorder) = &recorder {
                recorder.fail(Failure {
                    side: Side::Client,
                    stage: Stage::Relay,
                    reason: "client aborted".to_owned(),
                    message: format!("The connection ended before it had changed its protocol: {e}."),
                });
            }
        }
    }
}
