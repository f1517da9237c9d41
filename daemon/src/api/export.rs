//! `/export/har`: captured exchanges as a file, streamed.

use super::{Shared, bodies::attach, error::ApiError, exchanges::filter, input::Params};
use crate::formats::{
    har::{self, ExportError, Scope},
    redact::Secrets,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;
use waylay_storage::Reader;

/// How long an export waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much goes out at a time, bytes.
const PIECE: usize = 128 << 10;
/// Pieces that wait for a slow client.
const AHEAD: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportParams {
    /// In the filter language; all exchanges without it.
    filter: Option<String>,
    /// `redact` (the default) or `keep`.
    secrets: Option<Secrets>,
}

pub(crate) async fn har(
    State(shared): State<Shared>,
    Params(params): Params<ExportParams>,
) -> Result<Response, ApiError> {
    let scope = Scope { filter: filter(params.filter)?, secrets: params.secrets.unwrap_or_default() };
    let body = streamed(&shared, move |reader, out| {
        har::export(reader, &scope, out, |_| ()).map(drop).map_err(|error| {
            if let ExportError::Store(error) = &error {
                tracing::error!(%error, "an export ended early");
            }
            io::Error::other(error)
        })
    });
    let mut response = Response::new(body.await?);
    let headers = response.headers_mut();
    attach(headers, "waylay.har");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// A body that is written while it is sent, where that may block, once it is its turn.
pub(crate) async fn streamed(
    shared: &Shared,
    write: impl FnOnce(&Reader, BufWriter<Pipe>) -> io::Result<()> + Send + 'static,
) -> Result<Body, ApiError> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(&shared.exporting).acquire_owned()).await;
    // The semaphore is never closed.
    let Ok(Ok(turn)) = turn else { return Err(ApiError::busy("the export", PATIENCE)) };
    let reader = Reader::open(&shared.engine.settings().data_dir)?;
    let (pieces, received) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let out = BufWriter::with_capacity(PIECE, Pipe(pieces.clone()));
        if let Err(error) = write(&reader, out) {
            // The client must see that there is more. One that has gone away does not.
            drop(pieces.blocking_send(Err(error)));
        }
    });
    let body = stream::unfold(received, |mut received| async move { Some((received.recv().await?, received)) });
    Ok(Body::from_stream(body))
}

/// Hands pieces to the connection; waits while it is slow.
pub(crate) struct Pipe(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
