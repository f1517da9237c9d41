//! One exchange of a send: a request goes out, and a head comes back.

use super::{
    Hop, News, SendError, Watch,
    outflow::{Outflow, Source},
    scopes::Within,
};
use crate::{
    exchange::{
        Asker, OwnBody, ResponseBody,
        run::{Noted, ReceivedHead, run_noting},
    },
    upstream::{Origin, Way, again, guard::Reach, way::Choice},
};
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::Body;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};
use waylay_storage::model::{Failure, Head, Side, Stage};

/// Of a response that is not the last, so much is kept, bytes.
const PASSING: u64 = 1 << 20;
/// How long that is waited for.
const PASSING_TIME: Duration = Duration::from_secs(10);

/// A request that can go out as it is.
pub(super) struct Outgoing {
    /// Where to connect to.
    pub origin: Arc<Origin>,
    /// The head as HTTP/1 writes it.
    pub head: Bytes,
    /// For people.
    pub method: String,
    /// For people.
    pub url: String,
    /// The body.
    pub body: Vec<Source>,
    /// Sent in chunks over HTTP/1.
    pub chunked: bool,
}

impl Outgoing {
    /// The same within these bounds, or not at all; `left` once a redirect has led to another origin.
    pub(super) fn within(mut self, bounds: &Within, left: bool) -> Result<Self, SendError> {
        let way = self.origin.way.as_deref().cloned().unwrap_or_default();
        let way = match bounds {
            Within::Everything => return Ok(self),
            Within::Public if !self.origin.tls => {
                let message = format!("{} was not asked: only https is allowed here.", self.url);
                return Err(SendError::new("policy", "not https", message, "give a URL that begins with https://"));
            }
            Within::Public => Way { reach: Reach::PUBLIC, identity: Choice::None, ..way },
            Within::Rights(_) if way.unix.is_some() => {
                let message = format!("{} was not asked: a page may not use sockets of this machine.", self.url);
                return Err(SendError::new("policy", "not for pages", message, "give a URL with a host"));
            }
            Within::Rights(guest) => guest.way(way, left),
        };
        self.origin = Arc::new(Origin::clone(&self.origin).by(way));
        Ok(self)
    }
}

/// What has come back.
pub(super) struct Incoming {
    /// Head and body.
    pub response: Response<ResponseBody>,
    /// What is shown of it.
    pub hop: Hop,
    noted: Noted,
}

/// What ends a send before its time.
pub(super) struct Limits {
    /// The send must be over by then.
    pub deadline: Option<Instant>,
    /// As the user said it, milliseconds.
    pub timeout_ms: u64,
    /// Largest body of a response, bytes; 0 for any.
    pub max_response: u64,
}

impl Limits {
    /// Until the head of this hop's response has come.
    fn of_head(&self, watch: &Watch) -> Self {
        match &watch.lasting {
            None => Self { ..*self },
            Some(lasting) => Self {
                deadline: Instant::now().checked_add(lasting.head_within),
                timeout_ms: u64::try_from(lasting.head_within.as_millis()).unwrap_or(u64::MAX),
                ..*self
            },
        }
    }
}

/// Sends, and waits for the head of the answer. The row is told of in any case: by the error's hop, if one was begun.
pub(super) async fn ask(
    asker: &Asker,
    out: Outgoing,
    limits: &Limits,
    watch: &Watch,
) -> Result<Incoming, (SendError, Option<Hop>)> {
    let Outgoing { origin, head, method, url, body, chunked } = out;
    let Some(mut parts) = again::parts(head).await else {
        let message = format!("The request was not sent: its head cannot be written for {url}.");
        let hint = "look for characters in the URL that cannot stand there, and for more than 250 headers";
        return Err((SendError::new("headers", "not sent", message, hint), None));
    };
    // hyper's reader would have it taken over; nothing is taken over here.
    parts.extensions.remove::<hyper::upgrade::OnUpgrade>();
    if let Some(near) = watch.lasting.as_ref().and_then(|lasting| lasting.near.clone()) {
        parts.extensions.insert(near);
    }
    let body = OwnBody::new(Outflow::new(body, chunked, Arc::clone(&watch.meter)));
    let (mut noted, answer) = run_noting(asker, origin, Request::from_parts(parts, body));
    let Some(id) = noted.row else {
        let message = "The request was not sent: the history does not record at this moment.";
        return Err((SendError::new("store", "not recorded", message, "restart Waylay"), None));
    };
    let mut hop = Hop { id, method, url, status: None };
    watch.tell(|| News::Hop { id, method: hop.method.clone(), url: hop.url.clone() }).await;
    let response = match within(&limits.of_head(watch), watch, &noted, Stage::Wait, answer).await {
        Ok(response) => response,
        Err(error) => {
            stored(&mut noted).await;
            return Err((error, Some(hop)));
        }
    };
    if let Some(failure) = response.extensions().get::<Failure>().cloned() {
        drop(response);
        stored(&mut noted).await;
        return Err((failed(failure, watch), Some(hop)));
    }
    hop.status = Some(response.status().as_u16());
    watch.tell(|| News::Head { hop: hop.clone(), version: version(&response), headers: headers(&response) }).await;
    Ok(Incoming { response, hop, noted })
}

impl Incoming {
    /// Reads what is left of a response that is not the last.
    pub(super) async fn pass(self, limits: &Limits, watch: &Watch) -> Result<(), SendError> {
        let Self { response, mut noted, .. } = self;
        let mut body = response.into_body();
        let mut size = 0;
        let until = Instant::now() + PASSING_TIME;
        let read = async {
            while let Some(Ok(frame)) = body.frame().await {
                size += frame.data_ref().map_or(0, Bytes::len) as u64;
                if size > PASSING {
                    return false;
                }
            }
            true
        };
        let whole = within(limits, watch, &noted, Stage::Response, tokio::time::timeout_at(until, read)).await;
        if !matches!(whole, Ok(Ok(true))) {
            noted.fail(Failure {
                side: Side::Waylay,
                stage: Stage::Response,
                reason: "not read".to_owned(),
                message: "The rest of this body was not read, as the answer sends on to another request.".to_owned(),
            });
        }
        drop(body);
        stored(&mut noted).await;
        whole.map(drop)
    }

    /// Reads the body of the last response.
    pub(super) async fn finish(self, limits: &Limits, watch: &Watch) -> Result<(), SendError> {
        let Self { response, mut noted, .. } = self;
        let mut body = response.into_body();
        let read = within(limits, watch, &noted, Stage::Response, receive(&mut body, limits, watch)).await;
        let read = read.and_then(|read| read);
        if let Err(error) = &read
            && error.reason != "broke off"
        {
            noted.fail(error.failure(Stage::Response));
        }
        drop(body);
        stored(&mut noted).await;
        read
    }
}

async fn receive(body: &mut ResponseBody, limits: &Limits, watch: &Watch) -> Result<(), SendError> {
    let too_large = |size: u64| {
        let message = format!(
            "The answer is larger than the {} bytes that are let in: {size} have come or are announced.",
            limits.max_response
        );
        SendError::new("response", "too large", message, "raise the setting \"max_response_bytes\"; 0 is no limit")
    };
    let (mut size, most) = (0, if limits.max_response == 0 { u64::MAX } else { limits.max_response });
    if let Some(announced) = body.size_hint().exact().filter(|announced| *announced > most) {
        return Err(too_large(announced));
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| {
            let message = format!("The server broke off in the middle of its answer: {e}.");
            SendError::new("response", "broke off", message, "what has come of it is kept")
        })?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len() as u64;
        watch.meter.received.fetch_add(data.len() as u64, Ordering::Relaxed);
        if size > most {
            return Err(too_large(size));
        }
        if watch.body {
            watch.tell(|| News::Chunk(data)).await;
        }
    }
    Ok(())
}

/// What `work` comes to, unless the time is over or nobody wants it any more; then the row says so.
async fn within<T>(
    limits: &Limits,
    watch: &Watch,
    noted: &Noted,
    stage: Stage,
    work: impl Future<Output = T>,
) -> Result<T, SendError> {
    // It is there until the row has been told: with it goes all that is under way.
    tokio::pin!(work);
    let time = async {
        match limits.deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    };
    let error = tokio::select! {
        done = &mut work => return Ok(done),
        () = watch.cancel.cancelled() => SendError::cancelled(),
        () = time => SendError::new(
            "response",
            "timeout",
            match watch.lasting {
                None => format!("The request was not over within {} ms.", limits.timeout_ms),
                Some(_) => format!("The server did not answer within {} ms.", limits.timeout_ms),
            },
            match watch.lasting {
                None => "raise the setting \"timeout_ms\"; 0 is no limit",
                Some(_) => "raise the setting \"handshake_timeout_ms\", or look at the server",
            },
        ),
    };
    noted.fail(error.failure(stage));
    Err(error)
}

/// The row is on its way to the writer.
async fn stored(noted: &mut Noted) {
    if let Some(finished) = noted.finished.take() {
        let _ = finished.await;
    }
}

/// A failure that was our own body's is told as such.
fn failed(failure: Failure, watch: &Watch) -> SendError {
    match watch.meter.trouble.get() {
        Some(why) if failure.side == Side::Client => {
            let message = format!("The body of the request could not be read to its end: {why}.");
            SendError::new("body", "not read", message, "look at the file, and send it again")
        }
        _ => failure.into(),
    }
}

fn version(response: &Response<ResponseBody>) -> &'static str {
    match response.extensions().get().map_or(Version::HTTP_11, |ReceivedHead { version, .. }| *version) {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}

/// As they were received.
fn headers(response: &Response<ResponseBody>) -> Vec<(String, String)> {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some(ReceivedHead { head, .. }) = response.extensions().get() else { return Vec::new() };
    Head::parse(head).fields.iter().map(|f| (shown(&f.name), shown(&f.value))).collect()
}
