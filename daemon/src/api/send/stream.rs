//! `/send?events=true`: a send, told step by step in lines of JSON. Whoever stops reading cancels it.
//!
//! `begun`, `hop`, `head`, `progress`, and at the end `done` with what came of it, or `error` in the shape of all errors.
//! With `body=true`, a line `{"chunk": n}` is followed by as many bytes of the last response's body and a line end.

use super::{Shared, begin, decoding::Decoding, sent};
use crate::{
    agent::{Hop, Meter, News, Order, Outcome, SendError, Watch},
    engine::pairings::pairing::{Pairing, Running},
};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often progress is told.
const INTERVAL: Duration = Duration::from_millis(100);
/// News that wait for a slow reader.
const AHEAD: usize = 8;

/// What is told, and to whom.
#[derive(Default)]
pub(crate) struct Telling {
    /// The bytes of the last response's body.
    pub(crate) body: bool,
    /// With its content codings undone.
    pub(crate) decode: bool,
    /// The page that reads; `None` for the user, who is told more at the end.
    pub(crate) page: Option<Arc<Pairing>>,
    /// Held until it is over.
    #[expect(dead_code, reason = "they are there to be dropped")]
    pub(crate) turns: (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>),
}

/// The answer.
pub(crate) fn stream(shared: Shared, order: Order, telling: Telling) -> Response {
    let (news, received) = mpsc::channel(AHEAD);
    let cancel = telling.page.as_ref().map(|page| page.gone().child_token()).unwrap_or_default();
    let watch = Watch { news: Some(news), body: telling.body, cancel, ..Watch::default() };
    let (lines, out) = mpsc::channel::<Bytes>(AHEAD);
    let cancel = watch.cancel.clone().drop_guard();
    tokio::spawn(tell(shared, order, watch, telling, received, lines));
    let state = (out, cancel);
    let pieces = stream::unfold(state, |(mut out, cancel): (mpsc::Receiver<Bytes>, DropGuard)| async move {
        let line = out.recv().await?;
        Some((Ok::<_, Infallible>(line), (out, cancel)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

async fn tell(
    shared: Shared,
    order: Order,
    watch: Watch,
    telling: Telling,
    mut news: mpsc::Receiver<News>,
    lines: mpsc::Sender<Bytes>,
) {
    let meter = watch.meter.clone();
    let mut teller = Teller { telling, cancel: watch.cancel.clone(), lines, decoding: None, running: None };
    let mut told = (0, 0);
    let sending = begin(&shared, order, watch);
    tokio::pin!(sending);
    let mut ticks = tokio::time::interval(INTERVAL);
    let ended = loop {
        // News first: what came before the end is told before it.
        let is_heard = tokio::select! {
            biased;
            Some(one) = news.recv() => teller.step(one).await,
            ended = &mut sending => break ended,
            _ = ticks.tick() => match news_of(&meter, &mut told) {
                Some(progress) => teller.say(progress).await,
                None => continue,
            },
        };
        if !is_heard {
            // Nobody reads any more: the send is being cancelled. Its end is still waited for, for the history's sake.
            news.close();
            let _ = sending.await;
            return;
        }
    };
    while let Ok(one) = news.try_recv() {
        if !teller.step(one).await {
            return;
        }
    }
    let ended = match ended {
        Ok(mut outcome) => {
            if let Some(why) = teller.decoded().await {
                let hint = "ask for it as it comes, with \"decode\" false";
                outcome.error.get_or_insert_with(|| SendError::new("response", "not decoded", why, hint));
            }
            match teller.telling.page {
                Some(_) => Ok(told_to_page(&outcome)),
                None => sent(&shared, outcome).await.map(|sent| serde_json::to_value(&sent).unwrap_or_default()),
            }
        }
        Err(error) => Err(error),
    };
    // How far it came in the end, also where it took no time.
    if let Some(progress) = news_of(&meter, &mut told) {
        teller.say(progress).await;
    }
    let last = match ended {
        Ok(Value::Object(fields)) => {
            let mut last = json!({ "event": "done" });
            if let Value::Object(last) = &mut last {
                last.extend(fields);
            }
            last
        }
        Ok(_) => json!({ "event": "error" }),
        Err(error) => json!({ "event": "error", "error": error }),
    };
    teller.say(line(&last)).await;
}

/// How far it is, if that is more than was `told`.
fn news_of(meter: &Meter, told: &mut (u64, u64)) -> Option<Bytes> {
    let now = (meter.sent.load(Ordering::Relaxed), meter.received.load(Ordering::Relaxed));
    (now != std::mem::replace(told, now))
        .then(|| line(&json!({ "event": "progress", "sent": now.0, "received": now.1 })))
}

/// What a page learns at the end: nothing of how the user's machine is connected.
fn told_to_page(Outcome { send, hops, error, warnings }: &Outcome) -> Value {
    let hops: Vec<_> =
        hops.iter().map(|hop| json!({ "method": hop.method, "url": hop.url, "status": hop.status })).collect();
    json!({ "send": send, "hops": hops, "error": error, "warnings": warnings })
}

/// Whoever tells.
struct Teller {
    telling: Telling,
    cancel: CancellationToken,
    lines: mpsc::Sender<Bytes>,
    decoding: Option<Decoding>,
    running: Option<Running>,
}

impl Teller {
    /// Tells one piece of news; whether anybody still reads.
    async fn step(&mut self, news: News) -> bool {
        match &news {
            News::Begun(send) => {
                let page = self.telling.page.as_ref();
                self.running = page.map(|page| page.running(*send, self.cancel.clone()));
            }
            // It says nothing before it is given bytes, and one of a response that is not the last is given none.
            News::Head { headers, .. } if self.telling.decode && self.telling.body => {
                self.decoding = Decoding::of(headers, &self.lines);
            }
            News::Chunk(bytes) => {
                if let Some(decoding) = &self.decoding {
                    decoding.add(bytes.clone()).await;
                    return !self.lines.is_closed();
                }
            }
            _ => {}
        }
        self.say(step(news)).await
    }

    async fn say(&self, line: Bytes) -> bool {
        self.lines.send(line).await.is_ok()
    }

    /// Waits until all is decoded; what was wrong with it, if anything.
    async fn decoded(&mut self) -> Option<String> {
        self.decoding.take()?.end().await
    }
}

fn step(news: News) -> Bytes {
    match news {
        News::Begun(send) => line(&json!({ "event": "begun", "send": send })),
        News::Hop { id, method, url } => line(&json!({ "event": "hop", "id": id, "method": method, "url": url })),
        News::Head { hop: Hop { id, status, .. }, version, headers } => {
            line(&json!({ "event": "head", "id": id, "status": status, "version": version, "headers": headers }))
        }
        News::Chunk(bytes) => chunk(&bytes),
    }
}

/// A line, so many bytes, and a line end.
pub(super) fn chunk(bytes: &[u8]) -> Bytes {
    let head = format!("{{\"chunk\":{}}}\n", bytes.len());
    [head.as_bytes(), bytes, b"\n"].concat().into()
}

fn line(value: &Value) -> Bytes {
    format!("{value}\n").into()
}
