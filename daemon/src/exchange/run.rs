//! Begin a row, copy both bodies as they pass, send, answer.

use super::{
    Asker, RequestBody, ResponseBody,
    body::{Passing, Watch},
    expect, forward, page,
    row::{Received, begin, cutter, is_grpc, kind, note_progress, version},
    upgrade::{self, ClientSide},
};
use crate::{
    capture::{Cutter, Recorder, Tee, packed, recorder::now_us},
    upstream::{Origin, Progress, UpstreamError, pool::Answer},
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, Version, header, request::Parts, uri::Scheme};
use hyper::body::Body;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Weak},
};
use tracing::Instrument;
use waylay_storage::model::{BodyEnd, ExchangeId, Failure, Kind, Omitted, Part, Side, Stage};

/// The row of an exchange, for askers that want to know.
pub struct Noted {
    /// Its number, where a row is kept.
    pub row: Option<ExchangeId>,
    /// Resolves once the row is on its way to the writer; `None` without a row.
    pub finished: Option<tokio::sync::oneshot::Receiver<()>>,
    recorder: Weak<Recorder>,
}

impl Noted {
    /// Says why the exchange is about to be broken off by whoever asked.
    pub fn fail(&self, failure: Failure) {
        if let Some(recorder) = self.recorder.upgrade() {
            recorder.fail(failure);
        }
    }
}

/// The head of a response as it was received; travels in its extensions to askers that are no clients.
#[derive(Clone)]
pub struct ReceivedHead {
    /// Its bytes.
    pub head: Bytes,
    /// The version it came in.
    pub version: Version,
}

/// Sends `request` for `asker` and answers with what the origin said, or with a page that says why it said nothing.
pub async fn run<B: Passing>(asker: &Asker, request: Request<B>) -> Response<ResponseBody> {
    if request.method() == Method::CONNECT {
        // One of many requests of a connection, which cannot become a tunnel for the others' sake.
        return refusal("CONNECT opens a tunnel and cannot follow other requests on their connection.\n");
    }
    match target(asker, request.uri()) {
        Some(origin) => {
            let recorder = begin(asker, &origin, &request);
            let span = span(recorder.as_ref().map(|r| r.id));
            carry(asker, origin, request, recorder).instrument(span).await
        }
        None => refusal("The request names no server: a proxy needs an absolute http:// URL or a CONNECT.\n"),
    }
}

fn refusal(why: &str) -> Response<ResponseBody> {
    page::plain(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", why.to_owned())
}

/// Like [`run`], for askers that want to know the row. Where there was no answer, the response's extensions have the
/// [`Failure`].
pub fn run_noting<B: Passing>(
    asker: &Asker,
    origin: Arc<Origin>,
    request: Request<B>,
) -> (Noted, impl Future<Output = Response<ResponseBody>>) {
    let recorder = begin(asker, &origin, &request);
    let noted = Noted {
        row: recorder.as_ref().map(|r| r.id),
        finished: recorder.as_ref().map(|r| r.finished()),
        recorder: recorder.as_ref().map(Arc::downgrade).unwrap_or_default(),
    };
    let span = span(noted.row);
    (noted, carry(asker, origin, request, recorder).instrument(span))
}

/// What a log says of an exchange names its row.
fn span(row: Option<ExchangeId>) -> tracing::Span {
    tracing::debug_span!("exchange", id = row.map(tracing::field::display))
}

/// Where a request goes: where its connection was opened to, or where its URL says.
pub fn target(asker: &Asker, uri: &Uri) -> Option<Arc<Origin>> {
    if let Some(origin) = &asker.origin {
        return Some(Arc::clone(origin));
    }
    let tls = match uri.scheme()? {
        s if *s == Scheme::HTTP => false,
        s if *s == Scheme::HTTPS => true,
        _ => return None,
    };
    let host = uri.host().filter(|h| !h.is_empty())?;
    // What stands behind the colon and is no port must not be taken for the scheme's own.
    let port = match uri.authority()?.as_str().rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') && !port.is_empty() => port.parse().ok()?,
        _ if tls => 443,
        _ => 80,
    };
    Some(Arc::new(Origin::new(tls, host, port)))
}

async fn carry<B: Passing>(
    asker: &Asker,
    origin: Arc<Origin>,
    request: Request<B>,
    recorder: Option<Arc<Recorder>>,
) -> Response<ResponseBody> {
    let (mut parts, body) = request.into_parts();
    let cutter = is_grpc(&parts.headers).then(Cutter::grpc);
    let body = B::wrap(Tee::new(body, recorder.clone(), Part::Request, cutter));
    let reader = page::Reader::of(&parts.method, &parts.headers);
    if let Some(why) = forward::ambiguous(&parts.headers) {
        let message = format!("The client's request was not sent on: {why}.");
        let failure = Failure { side: Side::Client, stage: Stage::Request, reason: "bad request".to_owned(), message };
        return refuse(recorder.as_deref(), failure, reader);
    }
    if let Some(e) = leads_back(asker, &parts) {
        return refuse(recorder.as_deref(), e.failure(), reader);
    }
    let http2_client = parts.version == Version::HTTP_2;
    let upgrade = !http2_client && forward::asks_upgrade(&parts.headers);
    // What is sent from here has its own jar.
    let heard = asker.connection.as_ref().and_then(|_| {
        let place = (origin.tls, origin.name(), origin.port);
        asker.pool.connector().capture.heard.request(place, &parts)
    });
    let client_side = if upgrade { ClientSide::take(&mut parts.extensions) } else { None };
    let made_here = asker.connection.is_none();
    if !made_here {
        forward::strip_request(&mut parts.headers, client_side.is_some());
    }

    // An HTTP/2 head that came as one and goes as one is the same; any other is kept beside what was received.
    let mut progress = Progress {
        keep_head: recorder.is_some() && !http2_client,
        as_received: asker.origin.is_some() && !http2_client,
        ..Progress::default()
    };
    let mut request = Request::from_parts(parts, body);
    expect::hold(&mut request);
    let sent = if client_side.is_some() {
        asker.pool.send_upgrade(&origin, request, &mut progress).await
    } else {
        asker.pool.send(&origin, request, &mut progress).await
    };
    let received = match (made_here, &asker.heads) {
        (true, _) => Received::Nowhere,
        (false, None) if !http2_client => Received::Unseen,
        _ => Received::AsRecorded,
    };
    note_progress(recorder.as_deref(), &mut progress, received);
    if let (Some(heard), Ok(response)) = (heard, &sent) {
        let row = recorder.as_ref().map(|r| r.id);
        asker.pool.connector().capture.heard.answered(*heard, row, response.headers(), now_us());
    }
    match sent {
        Ok(response) => match refused_by_proxy(&progress, &origin, response.status()) {
            Some(e) => refuse(recorder.as_deref(), e.failure(), reader),
            None => answer(asker, recorder, &progress, response, reader, client_side),
        },
        Err(e) => refuse(recorder.as_deref(), e.failure(), reader),
    }
}

/// A proxy that was handed the request itself and wants to know who we are: that is between it and us.
fn refused_by_proxy(progress: &Progress, origin: &Origin, status: StatusCode) -> Option<UpstreamError> {
    let forward = progress.connection.as_ref()?.forward.as_ref()?;
    (status == StatusCode::PROXY_AUTHENTICATION_REQUIRED)
        .then(|| UpstreamError::refused_by(&forward.proxy, origin, status))
}

/// What has been here before goes in a circle; proxies are told apart by what they write into `Via`.
///
/// Inside a tunnel, a target in absolute form is meant for another proxy, which would send the request to whom it names.
/// Where those are ourselves, it goes in a circle. Told by addresses; names are the other proxy's to resolve.
fn leads_back(asker: &Asker, parts: &Parts) -> Option<UpstreamError> {
    let connector = asker.pool.connector();
    if parts.headers.get_all(header::VIA).iter().any(|via| connector.guard.has_passed(via.as_bytes())) {
        return Some(UpstreamError::Ring);
    }
    if asker.origin.is_none() || parts.version == Version::HTTP_2 {
        return None;
    }
    let authority = parts.uri.authority()?;
    let ip: IpAddr = match authority.host().trim_matches(['[', ']']) {
        host if host.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST.into(),
        host => host.parse().ok()?,
    };
    let own = connector.guard.check(SocketAddr::new(ip, authority.port_u16().unwrap_or(80)))?;
    Some(UpstreamError::Own { authority: authority.to_string(), own })
}

fn answer(
    asker: &Asker,
    mut recorder: Option<Arc<Recorder>>,
    progress: &Progress,
    response: Response<Answer<RequestBody>>,
    reader: page::Reader,
    client_side: Option<ClientSide>,
) -> Response<ResponseBody> {
    let (mut parts, body) = response.into_parts();
    tracing::debug!(status = parts.status.as_u16(), "the origin answered");
    let switching = parts.status == StatusCode::SWITCHING_PROTOCOLS && client_side.is_some();
    let kind = kind(&parts.headers, switching);
    let wire = progress.connection.as_ref().and_then(|c| c.heads.as_ref()).and_then(|(_, received)| received.pop());
    let content_type = parts.headers.get(header::CONTENT_TYPE).map(|v| v.as_bytes());
    if recorder.as_ref().is_some_and(|r| !r.policy().wants_response(parts.status.as_u16(), content_type))
        && let Some(recorder) = recorder.take()
    {
        recorder.withdraw();
    }
    let mut omitted = Omitted::default();
    if let Some(recorder) = &recorder {
        let policy = recorder.policy();
        omitted = policy.omitted(content_type);
        let cookies = !policy.captures_cookies() && parts.headers.contains_key(header::SET_COOKIE);
        let head = wire.unwrap_or_else(|| packed::response(&parts));
        if asker.connection.is_none() {
            parts.extensions.insert(ReceivedHead { head: head.clone(), version: parts.version });
        }
        recorder.note(|x| {
            x.timings.head_us = Some(recorder.elapsed_us());
            x.status = Some(parts.status.as_u16());
            x.response_version = Some(version(parts.version));
            x.response_head = head;
            x.omitted = Omitted { cookies: cookies || x.omitted.cookies, ..omitted };
            if kind != Kind::Http {
                x.kind = kind;
                // Messages are looked at while they come.
                x.response.streamed = !omitted.body();
            }
        });
    }
    let why = match parts.status {
        StatusCode::SWITCHING_PROTOCOLS if !switching => Some("101, without having been asked to change the protocol"),
        _ => forward::ambiguous(&parts.headers),
    };
    if let Some(why) = why {
        let message = format!("What the origin answered was not passed on: {why}.");
        let failure = Failure { side: Side::Upstream, stage: Stage::Wait, reason: "bad response".to_owned(), message };
        return refuse(recorder.as_deref(), failure, reader);
    }
    let origin_side = switching.then(|| parts.extensions.remove::<hyper::upgrade::OnUpgrade>()).flatten();
    forward::strip_response(&mut parts.headers, switching);
    // The client's own connection decides the version; an origin's HTTP/1.0 must not close it.
    parts.version = Version::HTTP_11;
    if let (Some(client), Some(origin)) = (client_side, origin_side) {
        drop(body);
        let watch = upgrade::watch(&parts.headers);
        asker.tasks.spawn(client.join(origin, recorder, watch, asker.stopping.clone()));
        return Response::from_parts(parts, ResponseBody::Own(http_body_util::Full::default()));
    }
    // Nobody reads a body that cannot be there, so nobody would see its end (RFC 9110, 6.4.1).
    let bodiless =
        reader == page::Reader::Head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if bodiless && let Some(recorder) = recorder.take() {
        recorder.note(|x| x.response.end = BodyEnd::Complete);
    }
    let cutter = if omitted.body() { None } else { cutter(kind, &parts.headers) };
    Response::from_parts(parts, ResponseBody::watched(body, Watched(recorder, cutter)))
}

fn refuse(recorder: Option<&Recorder>, failure: Failure, reader: page::Reader) -> Response<ResponseBody> {
    // Where the client's body broke off, nothing that followed is the origin's doing, whatever its connection made of it.
    let failure = recorder.and_then(Recorder::cut_upload).unwrap_or(failure);
    tracing::debug!(stage = %failure.stage, reason = %failure.reason, "no answer from the origin");
    let mut response = page::failure(&failure, reader);
    response.extensions_mut().insert(failure.clone());
    if let Some(recorder) = recorder {
        recorder.fail(failure);
    }
    response
}

struct Watched(Option<Arc<Recorder>>, Option<Box<Cutter>>);

impl Watch for Watched {
    fn watch<B: Body<Data = Bytes> + Unpin>(self, body: B) -> Tee<B> {
        Tee::new(body, self.0, Part::Response, self.1)
    }
}
