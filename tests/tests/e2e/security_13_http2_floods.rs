//! Row 13: HTTP/2 frames sent for no other purpose than to make work.

use tokio::time::{Duration, timeout};
use waylay_tests::{
    client::{
        self,
        frames::{END_HEADERS, END_STREAM, Frames, frame, get, indexed_literal, kind},
    },
    daemon::Daemon,
    load::usage::Occupied,
    origin::Origin,
    wait,
};

/// What memory may grow by, KiB. Debug builds and allocators are not exact.
const GROWTH: u64 = 48 << 10;
/// `ENHANCE_YOUR_CALM`.
const CALM: u32 = 11;

struct Scene {
    daemon: Daemon,
    origin: Origin,
    before: u64,
}

impl Scene {
    async fn new() -> Self {
        let (daemon, origin) = (Daemon::start().await, Origin::tls(&["h2"]).await);
        client::get(&daemon, &origin.url("/json")).await;
        let before = Occupied::by(daemon.pid()).unwrap().resident;
        Self { daemon, origin, before }
    }

    async fn frames(&self) -> Frames {
        Frames::open(&self.daemon, &self.origin.authority()).await
    }

    /// Others are served, and memory has not grown.
    async fn is_unharmed(&self) {
        assert_eq!(client::get(&self.daemon, &self.origin.url("/json?others")).await.status, 200);
        let now = Occupied::by(self.daemon.pid()).unwrap().resident;
        assert!(now < self.before + GROWTH, "memory grew from {} to {now} KiB", self.before);
    }
}

/// Sends `flood` again and again until the daemon has closed the connection; panics if it takes `most` of them.
async fn until_closed(frames: &mut Frames, flood: &[u8], most: usize) {
    for _ in 0..most {
        match timeout(wait::DEADLINE, frames.raw(flood)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => panic!("the daemon neither reads nor closes"),
        }
    }
    panic!("the connection is still open after {most} pieces of {} bytes", flood.len());
}

#[tokio::test]
async fn security_13_rapid_resets_end_the_connection() {
    let scene = Scene::new().await;
    let mut frames = scene.frames().await;
    let (head, cancel) = (get("/slow-head", &[]), 8u32.to_be_bytes());
    let mut closed = false;
    for n in 0..20_000u32 {
        let stream = 2 * n + 1;
        let pair = [
            frame(kind::HEADERS, END_HEADERS | END_STREAM, stream, &head),
            frame(kind::RST_STREAM, 0, stream, &cancel),
        ];
        if frames.raw(&pair.concat()).await.is_err() {
            closed = true;
            break;
        }
    }
    let code = frames.ended().await;
    assert!(closed || code == Some(CALM), "the connection ends: {code:?}");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn security_13_endless_continuations_end_the_connection() {
    let scene = Scene::new().await;
    let mut frames = scene.frames().await;
    frames.send(kind::HEADERS, 0, 1, &get("/json", &[])).await.unwrap();
    // Empty ones cost nobody memory, but time.
    let field = client::frames::literal("x-flood", &"v".repeat(8000));
    let flood = frame(kind::CONTINUATION, 0, 1, &field).repeat(8);
    until_closed(&mut frames, &flood, 4096).await;
    scene.is_unharmed().await;

    let mut frames = scene.frames().await;
    frames.send(kind::HEADERS, 0, 1, &get("/json", &[])).await.unwrap();
    until_closed(&mut frames, &frame(kind::CONTINUATION, 0, 1, &[]).repeat(1000), 4096).await;
    scene.is_unharmed().await;
}

#[tokio::test]
async fn security_13_a_small_head_that_unpacks_into_a_large_one_is_refused() {
    let scene = Scene::new().await;
    let mut frames = scene.frames().await;
    // One field of 4,000 bytes into the table, then a reference to it of one byte each: 64 MiB in 16 KiB.
    let mut head = get("/bomb", &[]);
    head.extend(indexed_literal("x-bomb", &"v".repeat(3900)));
    head.extend(std::iter::repeat_n(0x80 | 62u8, 12_000));
    frames.send(kind::HEADERS, END_HEADERS | END_STREAM, 1, &head).await.unwrap();
    let answer = frames.until(|f| f.stream == 1 || f.kind == kind::GOAWAY).await;
    let refused = match &answer {
        // 431, from the static table or as a literal.
        Some(f) if f.kind == kind::HEADERS => f.payload.windows(3).any(|w| w == b"431"),
        Some(f) => f.kind == kind::RST_STREAM || f.kind == kind::GOAWAY,
        None => true,
    };
    assert!(refused, "{answer:?}");
    assert!(scene.origin.notes().requests().iter().all(|r| r.target != "/bomb"));
    scene.is_unharmed().await;
}

#[tokio::test]
async fn security_13_pings_and_settings_without_end_cost_the_sender_alone() {
    let scene = Scene::new().await;
    for flood in [frame(kind::PING, 0, 0, &[7; 8]), frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])] {
        let mut frames = scene.frames().await;
        let flood = flood.repeat(1000);
        // What is answered is never read here: once buffers are full the daemon stops reading, or it closes.
        let sending = async { while frames.raw(&flood).await.is_ok() {} };
        let _ = timeout(Duration::from_secs(3), sending).await;
        scene.is_unharmed().await;
    }
}
