//! Bodies pass through a [`Tee`] frame by frame; copies go to the recorder.

use super::{conversation::Cutter, keep::Keeper, packed, recorder::Recorder};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use waylay_storage::model::{BodyEnd, Part};

/// A body that writes down what passes.
pub struct Tee<B> {
    inner: B,
    keeper: Keeper,
    part: Part,
    /// Looks for messages.
    cutter: Option<Box<Cutter>>,
    /// What is left of an announced length.
    left: Option<u64>,
    /// Nothing comes any more. Settled here and not asked of `inner` again: HTTP/2 may learn of the end between a frame
    /// and the question, and whoever asks would stop polling without our noticing.
    ended: bool,
    /// Read, but still waiting for room.
    held: Option<Frame<Bytes>>,
}

impl<B: Body<Data = Bytes> + Unpin> Tee<B> {
    /// `recorder` is `None` where nothing is recorded; `cutter` where the body is not made of messages.
    pub fn new(inner: B, recorder: Option<Arc<Recorder>>, part: Part, cutter: Option<Box<Cutter>>) -> Self {
        let (left, ended) = (inner.size_hint().exact(), inner.is_end_stream());
        let mut tee = Self { inner, keeper: Keeper::new(recorder, part), part, cutter, left, ended, held: None };
        if ended {
            tee.close_at_end();
        }
        tee
    }
}

impl<B> Tee<B> {
    fn close(&mut self, end: BodyEnd) {
        if let (Some(mut cutter), Some(recorder)) = (self.cutter.take(), self.keeper.recorder()) {
            cutter.finish(recorder, self.part);
        }
        self.keeper.close(end);
    }

    /// The sender says that this was all; what it had announced may say otherwise.
    fn close_at_end(&mut self) {
        let short = self.left.is_some_and(|left| left > 0);
        self.close(if short { BodyEnd::Failed } else { BodyEnd::Complete });
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Tee<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let frame = match this.held.take() {
            Some(frame) => frame,
            None => match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                Some(Err(e)) => {
                    this.close(BodyEnd::Failed);
                    return Poll::Ready(Some(Err(e)));
                }
                None => {
                    this.close_at_end();
                    return Poll::Ready(None);
                }
            },
        };
        if let Some(data) = frame.data_ref() {
            if this.keeper.poll_keep(cx, data).is_pending() {
                this.held = Some(frame);
                return Poll::Pending;
            }
            if let (Some(cutter), Some(recorder)) = (&mut this.cutter, this.keeper.recorder()) {
                cutter.pass(recorder, this.part, data);
            }
            if let Some(left) = &mut this.left {
                *left = left.saturating_sub(data.len() as u64);
            }
        } else if let (Some(trailers), Some(recorder)) = (frame.trailers_ref(), this.keeper.recorder()) {
            let packed = packed::trailers(trailers);
            recorder.note(|x| match this.part {
                Part::Request => x.request_trailers = packed,
                Part::Response => x.response_trailers = packed,
            });
        }
        // Whoever sends this on stops polling here, be it that the length is met or that HTTP/2 has said it was the end.
        this.ended = this.left == Some(0) || this.inner.is_end_stream();
        if this.ended {
            this.close_at_end();
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none() && self.ended
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(|| self.inner.size_hint(), SizeHint::with_exact)
    }
}

impl<B> Drop for Tee<B> {
    fn drop(&mut self) {
        self.close(BodyEnd::Dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Begin, Capture, Recording, Target};
    use http_body_util::{BodyExt, Full, StreamBody};
    use std::{io, path::Path, sync::Arc, time::Duration};
    use waylay_storage::{
        INLINE, Options, Store,
        model::{Exchange, Gap, HttpVersion, Kind, Scheme, Source},
    };

    fn capture(dir: &Path, stall: Duration) -> (Arc<Store>, Arc<Capture>) {
        let store = Arc::new(Store::open(Options::new(dir.to_owned())).unwrap());
        let mut capture = Capture::new(Arc::clone(&store));
        capture.stall = stall;
        (store, Arc::new(capture))
    }

    fn begin(capture: &Arc<Capture>) -> Arc<Recorder> {
        let begin = Begin {
            kind: Kind::Http,
            source: Source::Proxy,
            client_connection: None,
            scheme: Scheme::Http,
            host: "a.test".into(),
            port: 80,
            method: "GET".into(),
            path: "/".into(),
            version: HttpVersion::Http11,
            head: Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"),
            since: None,
        };
        capture.begin(&Recording::new(Some(Target::sent(true))), || begin).unwrap()
    }

    type Frames = Vec<Result<Frame<Bytes>, io::Error>>;

    fn frames(pieces: &[&[u8]]) -> Frames {
        pieces.iter().map(|p| Ok(Frame::data(Bytes::copy_from_slice(p)))).collect()
    }

    /// Passes `frames` through a tee as a response, and returns the row as stored.
    async fn pass(store: &Store, recorder: Arc<Recorder>, frames: Frames, read_all: bool) -> (Bytes, Exchange) {
        recorder.note(|x| x.status = Some(200));
        let id = recorder.id;
        let body = StreamBody::new(futures_util::stream::iter(frames));
        let mut tee = Tee::new(body, Some(recorder), Part::Response, None);
        let mut passed = Vec::new();
        while let Some(Ok(frame)) = tee.frame().await {
            passed.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
            if !read_all {
                break;
            }
        }
        drop(tee);
        store.flush().unwrap();
        let (row, done) = store.reader().unwrap().exchange(id).unwrap().unwrap();
        assert!(done);
        (passed.into(), row)
    }

    fn stored(store: &Store, row: &Exchange) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut body = store.reader().unwrap().body(row.id, Part::Response).unwrap().unwrap();
        io::Read::read_to_end(&mut body, &mut bytes).unwrap();
        bytes
    }

    #[tokio::test]
    async fn small_and_large_bodies_are_kept_as_they_passed() {
        let dir = tempfile::tempdir().unwrap();
        let (store, capture) = capture(dir.path(), Duration::from_secs(2));
        for size in [0, 1, INLINE, INLINE + 1, 300_000] {
            let whole: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let pieces: Vec<&[u8]> = whole.chunks(7000).collect();
            let (passed, row) = pass(&store, begin(&capture), frames(&pieces), true).await;
            assert!(passed == whole && stored(&store, &row) == whole, "{size} bytes");
            assert_eq!((row.response.size, row.response.end), (size as u64, BodyEnd::Complete));
            assert!(row.failure.is_none() && row.response.gaps.is_empty());
        }
    }

    #[tokio::test]
    async fn whoever_breaks_off_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (store, capture) = capture(dir.path(), Duration::from_secs(2));
        let mut cut = frames(&[b"abc"]);
        cut.push(Err(io::ErrorKind::ConnectionReset.into()));
        let (_, row) = pass(&store, begin(&capture), cut, true).await;
        assert_eq!((row.response.end, row.failure.unwrap().reason.as_str()), (BodyEnd::Failed, "origin aborted"));
        let (_, row) = pass(&store, begin(&capture), frames(&[b"abc", b"def"]), false).await;
        assert_eq!((row.response.end, row.failure.unwrap().reason.as_str()), (BodyEnd::Dropped, "client aborted"));
    }

    /// An HTTP/2 body whose end arrives right after its last frame, between two questions.
    struct EndsLate(Option<Frame<Bytes>>, std::cell::Cell<usize>);

    impl Body for EndsLate {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            Poll::Ready(self.0.take().map(Ok))
        }

        fn is_end_stream(&self) -> bool {
            self.1.set(self.1.get() + 1);
            self.1.get() > 2
        }
    }

    #[tokio::test]
    async fn who_stops_at_the_announced_end_has_read_it_all() {
        let dir = tempfile::tempdir().unwrap();
        let (store, capture) = capture(dir.path(), Duration::from_secs(2));
        let recorder = begin(&capture);
        recorder.note(|x| x.status = Some(200));
        let id = recorder.id;
        let late = EndsLate(Some(Frame::data(Bytes::from_static(b"all"))), std::cell::Cell::new(0));
        let mut tee = Tee::new(late, Some(recorder), Part::Response, None);
        // As hyper's HTTP/1 server does: a frame, then the question whether that was all.
        while let Some(Ok(_)) = tee.frame().await {
            if tee.is_end_stream() {
                break;
            }
        }
        drop(tee);
        store.flush().unwrap();
        let (row, _) = store.reader().unwrap().exchange(id).unwrap().unwrap();
        assert_eq!((row.response.end, row.failure), (BodyEnd::Complete, None));
    }

    /// Says that more comes than does.
    struct Announced(u64, Option<Frame<Bytes>>);

    impl Body for Announced {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
            Poll::Ready(self.1.take().map(Ok))
        }

        fn is_end_stream(&self) -> bool {
            self.1.is_none()
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(self.0)
        }
    }

    #[tokio::test]
    async fn less_than_was_announced_is_not_complete() {
        let dir = tempfile::tempdir().unwrap();
        let (store, capture) = capture(dir.path(), Duration::from_secs(2));
        for (announced, end) in [(7, BodyEnd::Complete), (8, BodyEnd::Failed)] {
            let recorder = begin(&capture);
            recorder.note(|x| x.status = Some(200));
            let id = recorder.id;
            let body = Announced(announced, Some(Frame::data(Bytes::from_static(b"7 bytes"))));
            let mut tee = Tee::new(body, Some(recorder), Part::Response, None);
            while let Some(Ok(_)) = tee.frame().await {}
            drop(tee);
            store.flush().unwrap();
            let (row, _) = store.reader().unwrap().exchange(id).unwrap().unwrap();
            assert_eq!(
                (row.response.end, row.failure.is_some()),
                (end, end == BodyEnd::Failed),
                "{announced} announced"
            );
        }
    }

    /// A tee on one large frame, while the budget is overdrawn by `hog`.
    fn waiting(capture: &Arc<Capture>, recorder: &Arc<Recorder>, hog: usize) -> Tee<Full<Bytes>> {
        capture.queue.budget().force(hog);
        Tee::new(Full::new(Bytes::from(vec![7; 40_000])), Some(Arc::clone(recorder)), Part::Response, None)
    }

    const FAR: Duration = Duration::from_secs(3600);
    const SOON: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_frame_waits_for_room_and_is_kept_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (_store, capture) = capture(dir.path(), FAR);
        let (recorder, hog) = (begin(&capture), 24 << 20);
        let mut tee = waiting(&capture, &recorder, hog);
        let mut frame = Box::pin(tee.frame());
        assert!(futures_util::poll!(&mut frame).is_pending(), "there is no room yet");
        capture.queue.budget().give(hog);
        let frame = tokio::time::timeout(SOON, frame).await.expect("room wakes it").unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap().len(), 40_000);
        recorder.note(|x| assert!(x.response.gaps.is_empty() && x.response.size == 40_000));
    }

    #[tokio::test]
    async fn a_body_does_not_wait_longer_than_the_limit_in_all() {
        let dir = tempfile::tempdir().unwrap();
        let (_store, capture) = capture(dir.path(), FAR);
        let (recorder, hog) = (begin(&capture), 24 << 20);
        let mut tee = waiting(&capture, &recorder, hog);
        // It has waited for as long as it may, for the frames before.
        tee.keeper.exhaust(FAR, false);
        tokio::time::timeout(SOON, tee.frame()).await.expect("it passes at once").unwrap().unwrap();
        capture.queue.budget().give(hog);
        recorder.note(|x| assert_eq!(x.response.gaps, [Gap { offset: 0, length: 40_000 }]));
    }

    /// Three pieces pass while there is no room; whether files may be used instead.
    async fn without_room(files: bool) -> (Vec<u8>, Exchange, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let (store, capture) = capture(dir.path(), FAR);
        let (recorder, hog) = (begin(&capture), 24 << 20);
        recorder.note(|x| x.status = Some(200));
        let id = recorder.id;
        capture.queue.budget().force(hog);
        let pieces = [vec![1u8; 20_000], vec![2; 10_000], vec![3; 10_000]];
        let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        let body = StreamBody::new(futures_util::stream::iter(frames(&slices)));
        let mut tee = Tee::new(body, Some(recorder), Part::Response, None);
        tee.keeper.exhaust(FAR, files);
        let mut passed = Vec::new();
        while let Some(Ok(frame)) = tee.frame().await {
            passed.extend_from_slice(frame.data_ref().unwrap());
        }
        drop(tee);
        capture.queue.budget().give(hog);
        store.flush().unwrap();
        let (row, _) = store.reader().unwrap().exchange(id).unwrap().unwrap();
        assert!(passed == pieces.concat());
        let stored = stored(&store, &row);
        (passed, row, stored)
    }

    #[tokio::test]
    async fn what_has_waited_long_enough_goes_to_a_file() {
        let (passed, row, stored) = without_room(true).await;
        assert!(stored == passed && row.response.gaps.is_empty());
        assert_eq!((row.response.size, row.response.end), (40_000, BodyEnd::Complete));
    }

    #[tokio::test]
    async fn without_room_anywhere_bytes_still_pass_and_the_gap_is_exact() {
        let (_, row, stored) = without_room(false).await;
        assert_eq!(row.response.gaps, [Gap { offset: 0, length: 40_000 }]);
        assert_eq!((row.response.size, row.response.end), (40_000, BodyEnd::Complete));
        assert_eq!(stored, b"");
    }
}
