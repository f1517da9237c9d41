//! `/send?events=true`: a send, told step by step in lines of JSON. Whoever stops reading cancels it.
//!
//! `begun`, `hop`, `head`, `progress`, and at the end `done` with what came of it, or `error` in the shape of all errors.
//! With `body=true`, a line `{"chunk": n}` is followed by as many bytes of the last response's body and a line end.

use super::{Shared, begin, sent};
use crate::agent::{Hop, News, Order, Watch};
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use std::{convert::Infallible, sync::atomic::Ordering, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;

/// How often progress is told.
const INTERVAL: Duration = Duration::from_millis(100);
/// News that wait for a slow reader.
const AHEAD: usize = 8;

/// The answer.
pub(super) fn stream(shared: Shared, order: Order, body: bool) -> Response {
    let (news, received) = mpsc::channel(AHEAD);
    let watch = Watch { news: Some(news), body, ..Watch::default() };
    let (lines, out) = mpsc::channel::<Bytes>(AHEAD);
    let cancel = watch.cancel.clone().drop_guard();
    tokio::spawn(tell(shared, order, watch, received, lines));
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

async fn tell(shared: Shared, order: Order, watch: Watch, mut news: mpsc::Receiver<News>, lines: mpsc::Sender<Bytes>) {
    let meter = watch.meter.clone();
    let mut told = (0, 0);
    let sending = begin(&shared, order, watch);
    tokio::pin!(sending);
    let mut ticks = tokio::time::interval(INTERVAL);
    let ended = loop {
        // News first: what came before the end is told before it.
        let line = tokio::select! {
            biased;
            Some(one) = news.recv() => step(one),
            ended = &mut sending => break ended,
            _ = ticks.tick() => {
                let now = (meter.sent.load(Ordering::Relaxed), meter.received.load(Ordering::Relaxed));
                if now == told {
                    continue;
                }
                told = now;
                line(&json!({ "event": "progress", "sent": now.0, "received": now.1 }))
            }
        };
        if lines.send(line).await.is_err() {
            // Nobody reads any more: the send is being cancelled. Its end is still waited for, for the history's sake.
            news.close();
            let _ = sending.await;
            return;
        }
    };
    while let Ok(one) = news.try_recv() {
        if lines.send(step(one)).await.is_err() {
            return;
        }
    }
    let answer = match ended {
        Ok(outcome) => sent(&shared, outcome).await,
        Err(error) => Err(error),
    };
    let last = match answer.map(|sent| serde_json::to_value(&sent)) {
        Ok(Ok(Value::Object(fields))) => {
            let mut last = json!({ "event": "done" });
            if let Value::Object(last) = &mut last {
                last.extend(fields);
            }
            last
        }
        Ok(_) => json!({ "event": "error" }),
        Err(error) => json!({ "event": "error", "error": error }),
    };
    let _ = lines.send(line(&last)).await;
}

fn step(news: News) -> Bytes {
    match news {
        News::Begun(send) => line(&json!({ "event": "begun", "send": send })),
        News::Hop { id, method, url } => line(&json!({ "event": "hop", "id": id, "method": method, "url": url })),
        News::Head { hop: Hop { id, status, .. }, version, headers } => {
            line(&json!({ "event": "head", "id": id, "status": status, "version": version, "headers": headers }))
        }
        News::Chunk(bytes) => {
            let head = format!("{{\"chunk\":{}}}\n", bytes.len());
            [head.as_bytes(), &bytes, b"\n"].concat().into()
        }
    }
}

fn line(value: &Value) -> Bytes {
    format!("{value}\n").into()
}
