//! After a 101 the connection belongs to another protocol (RFC 9110, 7.8).

use super::relay::{Watch, relay};
use crate::{
    capture::Recorder,
    messages::websocket::{self, Decoder},
};
use http::{HeaderMap, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
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

/// Joins both sides, once both have changed their protocol, until both are done.
pub async fn bridge(
    client: OnUpgrade,
    origin: OnUpgrade,
    recorder: Option<Arc<Recorder>>,
    watch: Watch,
    stopping: CancellationToken,
) {
    match tokio::try_join!(client, origin) {
        Ok((client, origin)) => relay(TokioIo::new(client), TokioIo::new(origin), recorder, watch, stopping).await,
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
