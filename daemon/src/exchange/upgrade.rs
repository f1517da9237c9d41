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
    recorder.note(|x| {
        let end = if ended.is_ok() { BodyEnd::Complete } else { BodyEnd::Failed };
        (x.request.end, x.response.end) = (end, end);
    });
}

/// Counts what is read from one side, while it flows, and tells if that side breaks off.
pub struct Counted<S> {
    /// The stream.
    pub io: S,
    /// The row.
    pub recorder: Option<Arc<Recorder>>,
    /// Which way bytes read from it go.
    pub part: Part,
}

impl<S> Counted<S> {
    fn watch<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let (Err(e), Some(recorder)) = (&result, &self.recorder) {
            let (side, who) = match self.part {
                Part::Request => (Side::Client, "client"),
                Part::Response => (Side::Upstream, "origin"),
            };
            recorder.fail(Failure {
                side,
                stage: Stage::Relay,
                reason: "reset".to_owned(),
                message: format!("The {who} broke off while bytes were relayed: {e}."),
            });
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let had = buf.filled().len();
        match ready!(Pin::new(&mut self.io).poll_read(cx, buf)) {
            // Closing without TLS's goodbye is how most clients end a tunnel or a WebSocket: an end like any other.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {}
            result => self.watch(result)?,
        }
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
        let result = ready!(Pin::new(&mut self.io).poll_write(cx, buf));
        Poll::Ready(self.watch(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.io).poll_flush(cx));
        Poll::Ready(self.watch(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.io).poll_shutdown(cx));
        Poll::Ready(self.watch(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Begin, Capture};
    use bytes::Bytes;
    use tokio::io::AsyncReadExt;
    use waylay_storage::{
        Options, Store,
        model::{HttpVersion, Kind, Scheme, SessionId, Source},
    };

    struct Reset;

    impl AsyncRead for Reset {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }

    #[tokio::test]
    async fn the_side_that_breaks_off_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(Options::new(dir.path().to_owned())).unwrap());
        let capture = Arc::new(Capture::new(Arc::clone(&store)));
        for (part, side) in [(Part::Request, Side::Client), (Part::Response, Side::Upstream)] {
            let begin = Begin {
                kind: Kind::Tunnel,
                source: Source::Proxy,
                client_connection: None,
                scheme: Scheme::Tcp,
                host: "a.test".into(),
                port: 22,
                method: "CONNECT".into(),
                path: String::new(),
                version: HttpVersion::Http11,
                head: Bytes::new(),
                since: None,
            };
            let recorder = capture.begin(SessionId::SENT, begin);
            let id = recorder.id;
            let mut broken = Counted { io: Reset, recorder: Some(Arc::clone(&recorder)), part };
            let ended = broken.read_u8().await.map(|_| (0, 0));
            finish(Some(&*recorder), ended);
            drop((recorder, broken));
            store.flush().unwrap();
            let (row, _) = store.reader().unwrap().exchange(id).unwrap().unwrap();
            assert_eq!(row.failure.map(|f| (f.side, f.stage)), Some((side, Stage::Relay)));
            assert_eq!((row.request.end, row.response.end), (BodyEnd::Failed, BodyEnd::Failed));
        }
    }
}
