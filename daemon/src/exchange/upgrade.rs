//! After a 101 the connection belongs to another protocol: its bytes flow both ways as they are.

use crate::capture::Recorder;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio_util::sync::CancellationToken;
use waylay_storage::model::{BodyEnd, Failure, Part, Side, Stage};

/// Joins both sides until both are done; the row counts the bytes.
pub async fn relay(client: OnUpgrade, origin: OnUpgrade, recorder: Option<Arc<Recorder>>, stopping: CancellationToken) {
    let (client, origin) = match tokio::try_join!(client, origin) {
        Ok(both) => both,
        Err(e) => {
            if let Some(recorder) = &recorder {
                recorder.fail(Failure {
                    side: Side::Client,
                    stage: Stage::Relay,
                    reason: "client aborted".to_owned(),
                    message: format!("The connection ended before it had changed its protocol: {e}."),
                });
            }
            return;
        }
    };
    let mut client = Counted { io: TokioIo::new(client), recorder: recorder.clone(), part: Part::Request };
    let mut origin = Counted { io: TokioIo::new(origin), recorder: recorder.clone(), part: Part::Response };
    let ended = stopping.run_until_cancelled(copy_bidirectional(&mut client, &mut origin)).await;
    finish(recorder.as_deref(), ended.unwrap_or(Ok((0, 0))));
}

/// Writes down how a relay ended.
pub fn finish(recorder: Option<&Recorder>, ended: io::Result<(u64, u64)>) {
    let Some(recorder) = recorder else { return };
    // Closing without TLS's goodbye is how most clients end a tunnel or a WebSocket.
    let ended = ended.or_else(|e| if e.kind() == io::ErrorKind::UnexpectedEof { Ok((0, 0)) } else { Err(e) });
    recorder.note(|x| {
        let end = if ended.is_ok() { BodyEnd::Complete } else { BodyEnd::Failed };
        (x.request.end, x.response.end) = (end, end);
    });
    if let Err(e) = ended {
        recorder.fail(Failure {
            side: Side::Client,
            stage: Stage::Relay,
            reason: "reset".to_owned(),
            message: format!("The connection broke off while bytes were relayed: {e}."),
        });
    }
}

/// Counts what is read from one side, while it flows.
pub struct Counted<S> {
    /// The stream.
    pub io: S,
    /// The row.
    pub recorder: Option<Arc<Recorder>>,
    /// Which way bytes read from it go.
    pub part: Part,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let had = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let read = (buf.filled().len() - had) as u64;
        if let Some(recorder) = &self.recorder {
            recorder.note(|x| match self.part {
                Part::Request => x.request.size += read,
                Part::Response => x.response.size += read,
            });
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
