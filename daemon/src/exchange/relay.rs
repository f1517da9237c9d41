//! Bytes that are no HTTP flow both ways as they are; what they are is written down beside.

use crate::{
    capture::{Keeper, Log, Recorder},
    messages::{Found, websocket::Decoder},
};
use bytes::Bytes;
use std::{future::poll_fn, io, sync::Arc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use waylay_storage::model::{BodyEnd, Failure, Part, Side, Stage};

/// Read at once, and so what waits in memory for a slow reader, per direction.
const PIECE: usize = 8 << 10;

/// Compressed bytes looked at together: they become a thousand times as many at most.
const INFLATED_AT_ONCE: usize = 1 << 10;

/// What becomes of bytes that pass.
pub enum Watch {
    /// They are counted.
    Count,
    /// They are kept as the two bodies of the row.
    Keep,
    /// They are frames of a WebSocket: its messages are kept. By direction, the client's first.
    WebSocket(Box<[Decoder; 2]>),
}

/// Joins both sides until both are done, or `stopping`.
pub async fn relay(
    client: impl AsyncRead + AsyncWrite,
    origin: impl AsyncRead + AsyncWrite,
    recorder: Option<Arc<Recorder>>,
    watch: Watch,
    stopping: CancellationToken,
) {
    let (client, origin) = (tokio::io::split(client), tokio::io::split(origin));
    let [mut sent, mut received] = watch.apart(recorder.as_ref());
    let both = async {
        tokio::try_join!(
            pump(client.0, origin.1, &mut sent, recorder.as_deref(), [Side::Client, Side::Upstream]),
            pump(origin.0, client.1, &mut received, recorder.as_deref(), [Side::Upstream, Side::Client]),
        )
    };
    // Told to stop, what is cut off has ended as far as anybody here can tell.
    let end = match stopping.run_until_cancelled(both).await {
        None | Some(Ok(_)) => BodyEnd::Complete,
        Some(Err(_)) => BodyEnd::Failed,
    };
    sent.close(recorder.as_deref(), end);
    received.close(recorder.as_deref(), end);
}

/// Carries one direction until its end. `sides` are those it is read from and written to.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: &mut Direction,
    recorder: Option<&Recorder>,
    sides: [Side; 2],
) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        let n = match from.read(&mut buffer).await {
            Ok(n) => n,
            // Closing without TLS's goodbye is how most clients end a tunnel or a WebSocket: an end like any other.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(e) => return Err(broken(recorder, sides[0], e)),
        };
        let passed = async {
            if n == 0 {
                return to.shutdown().await;
            }
            to.write_all(&buffer[..n]).await?;
            to.flush().await
        }
        .await;
        if n > 0 {
            direction.passed(&buffer[..n], recorder).await;
        }
        match passed {
            // The other side may have closed already: that is how most relays end.
            Err(e) if n == 0 && e.kind() == io::ErrorKind::NotConnected => return Ok(()),
            Err(e) => return Err(broken(recorder, sides[1], e)),
            Ok(()) if n == 0 => return Ok(()),
            Ok(()) => {}
        }
    }
}

/// The row says which side broke off.
fn broken(recorder: Option<&Recorder>, side: Side, e: io::Error) -> io::Error {
    if let Some(recorder) = recorder {
        let who = if side == Side::Client { "client" } else { "origin" };
        recorder.fail(Failure {
            side,
            stage: Stage::Relay,
            reason: "reset".to_owned(),
            message: format!("The {who} broke off while bytes were relayed: {e}."),
        });
    }
    e
}

/// What is written down of one direction.
struct Direction {
    part: Part,
    watch: Watched,
}

enum Watched {
    Count,
    Keep(Keeper),
    WebSocket(Box<Frames>),
}

/// One direction of a WebSocket.
struct Frames {
    keeper: Keeper,
    decoder: Decoder,
    log: Log,
    /// Decoded, not yet kept.
    payload: Vec<u8>,
    /// What stands in the body before the first payload.
    base: u64,
}

impl Watch {
    fn apart(self, recorder: Option<&Arc<Recorder>>) -> [Direction; 2] {
        let parts = [Part::Request, Part::Response];
        let keeper = |part| Keeper::new(recorder.cloned(), part);
        // What is not stored of the origin's side is only counted.
        let omitted = recorder.is_some_and(|recorder| recorder.omits_response());
        let [sent, received] = self.all_apart(parts, recorder, keeper, omitted);
        if omitted { [sent, Direction { part: Part::Response, watch: Watched::Count }] } else { [sent, received] }
    }

    fn all_apart(
        self,
        parts: [Part; 2],
        recorder: Option<&Arc<Recorder>>,
        keeper: impl Fn(Part) -> Keeper,
        omitted: bool,
    ) -> [Direction; 2] {
        match self {
            Self::Count => parts.map(|part| Direction { part, watch: Watched::Count }),
            Self::Keep => parts.map(|part| Direction { part, watch: Watched::Keep(keeper(part)) }),
            Self::WebSocket(decoders) => {
                let [sent, received] = *decoders;
                let watch = |part, decoder| {
                    // Looked at while they come. A body that came with the request to upgrade stands before them.
                    let mut base = 0;
                    if let Some(recorder) = recorder {
                        recorder.note(|x| {
                            let body = x.body_mut(part);
                            let kept = part == Part::Request || !omitted;
                            (base, body.streamed) = (body.size, kept && (body.streamed || body.size == 0));
                        });
                    }
                    let (keeper, log, payload) = (keeper(part), Log::default(), Vec::new());
                    let frames = Frames { keeper, decoder, log, payload, base };
                    Direction { part, watch: Watched::WebSocket(Box::new(frames)) }
                };
                [watch(Part::Request, sent), watch(Part::Response, received)]
            }
        }
    }
}

impl Direction {
    /// Writes down what has passed; waits where the store has no room for it.
    async fn passed(&mut self, bytes: &[u8], recorder: Option<&Recorder>) {
        let Some(recorder) = recorder else { return };
        match &mut self.watch {
            Watched::Count => recorder.note(|x| x.body_mut(self.part).size += bytes.len() as u64),
            Watched::Keep(keeper) => keep(keeper, bytes).await,
            Watched::WebSocket(frames) => frames.passed(bytes, recorder, self.part).await,
        }
    }

    fn close(&mut self, recorder: Option<&Recorder>, end: BodyEnd) {
        match &mut self.watch {
            Watched::Count => {
                if let Some(recorder) = recorder {
                    recorder.note(|x| x.body_mut(self.part).end = end);
                }
            }
            Watched::Keep(keeper) => keeper.close(end),
            Watched::WebSocket(frames) => frames.close(recorder, self.part, end),
        }
    }
}

impl Frames {
    async fn passed(&mut self, bytes: &[u8], recorder: &Recorder, part: Part) {
        let Self { keeper, decoder, log, payload, base } = self;
        for bytes in bytes.chunks(INFLATED_AT_ONCE) {
            let mut found = Vec::new();
            decoder.feed(bytes, payload, &mut found);
            // Payloads first: a row must not tell of bytes that are not on their way.
            keep(keeper, payload).await;
            payload.clear();
            log.pass(recorder, part, |all| {
                all.append(&mut found);
                behind(*base, all);
                decoder.in_message()
            });
        }
    }

    fn close(&mut self, recorder: Option<&Recorder>, part: Part, end: BodyEnd) {
        let Self { keeper, decoder, log, base, .. } = self;
        if let Some(recorder) = recorder {
            log.pass(recorder, part, |found| {
                decoder.finish(found);
                behind(*base, found);
                false
            });
        }
        keeper.close(end);
    }
}

/// Payloads stand behind `base` bytes of another kind.
fn behind(base: u64, found: &mut [Found]) {
    found.iter_mut().filter(|f| f.payload.is_none()).for_each(|f| f.offset += base);
}

async fn keep(keeper: &mut Keeper, bytes: &[u8]) {
    if !bytes.is_empty() {
        let bytes = Bytes::copy_from_slice(bytes);
        poll_fn(|cx| keeper.poll_keep(cx, &bytes)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Begin, Capture, Recording, Target};
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };
    use tokio::io::ReadBuf;
    use waylay_storage::{
        Options, Store,
        model::{Exchange, HttpVersion, Kind, MessageKind, MessageState, Scheme, Source},
    };

    /// Breaks off when it is read.
    struct Reset;

    impl AsyncRead for Reset {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }

    impl AsyncWrite for Reset {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn begin(store: &Arc<Store>, kind: Kind) -> Arc<Recorder> {
        let begin = Begin {
            kind,
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
        let sent = Recording::new(Some(Target::sent(true)));
        Arc::new(Capture::new(Arc::clone(store))).begin(&sent, || begin).unwrap()
    }

    async fn stored(store: &Store, recorder: Arc<Recorder>) -> Exchange {
        let id = recorder.id;
        drop(recorder);
        store.flush().unwrap();
        store.reader().unwrap().exchange(id).unwrap().unwrap().0
    }

    #[tokio::test]
    async fn the_side_that_breaks_off_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(Options::new(dir.path().to_owned())).unwrap());
        for (client_breaks, side) in [(true, Side::Client), (false, Side::Upstream)] {
            let recorder = begin(&store, Kind::Tunnel);
            let (_far, near) = tokio::io::duplex(64);
            let (row, stop) = (Some(Arc::clone(&recorder)), CancellationToken::new());
            if client_breaks {
                relay(Reset, near, row, Watch::Count, stop).await;
            } else {
                relay(near, Reset, row, Watch::Count, stop).await;
            }
            let row = stored(&store, recorder).await;
            assert_eq!(row.failure.map(|f| (f.side, f.stage)), Some((side, Stage::Relay)));
            assert_eq!((row.request.end, row.response.end), (BodyEnd::Failed, BodyEnd::Failed));
        }
    }

    #[tokio::test]
    async fn what_one_side_ends_the_other_may_still_answer() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(Options::new(dir.path().to_owned())).unwrap());
        let recorder = begin(&store, Kind::Tunnel);
        let ((mut client, a), (mut origin, b)) = (tokio::io::duplex(64), tokio::io::duplex(64));
        let joined = relay(a, b, Some(Arc::clone(&recorder)), Watch::Keep, CancellationToken::new());
        let conversation = async {
            client.write_all(b"question").await.unwrap();
            client.shutdown().await.unwrap();
            let mut heard = String::new();
            origin.read_to_string(&mut heard).await.unwrap();
            origin.write_all(b"answer").await.unwrap();
            drop(origin);
            client.read_to_string(&mut heard).await.unwrap();
            heard
        };
        let ((), heard) = tokio::join!(joined, conversation);
        assert_eq!(heard, "questionanswer");
        let row = stored(&store, recorder).await;
        assert_eq!((row.request.size, row.response.size), (8, 6));
        assert_eq!((row.request.end, row.response.end, row.failure), (BodyEnd::Complete, BodyEnd::Complete, None));
    }

    #[tokio::test]
    async fn messages_are_ranges_of_the_bodies() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(Options::new(dir.path().to_owned())).unwrap());
        let recorder = begin(&store, Kind::Websocket);
        let ((mut client, a), (mut origin, b)) = (tokio::io::duplex(64), tokio::io::duplex(64));
        let watch = Watch::WebSocket(Box::new([Decoder::new(None), Decoder::new(None)]));
        let joined = relay(a, b, Some(Arc::clone(&recorder)), watch, CancellationToken::new());
        let conversation = async {
            // "Hel" + ping + "lo", masked with zeros; then half a message.
            client.write_all(b"\x01\x83\0\0\0\0Hel\x89\x80\0\0\0\0\x80\x82\0\0\0\0lo\x82\x85\0\0\0\0ab").await.unwrap();
            origin.write_all(b"\x81\x02ok").await.unwrap();
            let mut buffer = [0; 4];
            client.read_exact(&mut buffer).await.unwrap();
            drop((client, origin));
        };
        tokio::join!(joined, conversation);
        let id = recorder.id;
        let row = stored(&store, recorder).await;
        assert_eq!((row.messages, row.request.size, row.response.size), (4, 7, 2));
        let mut body = store.reader().unwrap().body(id, Part::Request).unwrap().unwrap();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut body, &mut bytes).unwrap();
        assert_eq!(bytes, b"Helloab");
        let query = waylay_storage::MessageQuery::default();
        let mut found: Vec<_> = store.reader().unwrap().messages(id, &query).unwrap().unwrap().items;
        found.sort_by_key(|m| (m.part, m.number));
        let facts: Vec<_> = found.iter().map(|m| (m.part, m.kind, m.offset, m.length, m.fragments, m.state)).collect();
        let complete = MessageState::Complete;
        assert_eq!(
            facts,
            [
                (Part::Request, MessageKind::Ping, 0, 0, 1, complete),
                (Part::Request, MessageKind::Text, 0, 5, 2, complete),
                (Part::Request, MessageKind::Binary, 5, 2, 1, MessageState::Cut),
                (Part::Response, MessageKind::Text, 0, 2, 1, complete),
            ]
        );
    }
}
