//! The row of an exchange: what it says before there is an answer, and of what kind it is.

use super::{Asker, upgrade};
use crate::{
    capture::{Begin, Cutter, Recorder, packed},
    upstream::{Origin, Progress},
};
use bytes::Bytes;
use http::{HeaderMap, Request, Version, header};
use std::sync::Arc;
use waylay_storage::model::{HttpVersion, Kind, Scheme};

/// Begins it, where one is kept.
pub(super) fn begin<B>(asker: &Asker, origin: &Origin, request: &Request<B>) -> Option<Arc<Recorder>> {
    let wire = asker.heads.as_ref().and_then(|h| h.pop());
    let parts = || Begin {
        kind: if is_grpc(request.headers()) { Kind::Grpc } else { Kind::Http },
        source: asker.source,
        client_connection: asker.connection.clone(),
        scheme: if origin.tls { Scheme::Https } else { Scheme::Http },
        host: origin.name().to_owned(),
        port: origin.port,
        method: request.method().as_str().to_owned(),
        path: request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        version: version(request.version()),
        head: wire.unwrap_or_else(|| packed_request(request)),
        since: None,
    };
    let recorder = asker.pool.connector().capture.begin(&asker.recording, parts)?;
    if !recorder.policy().captures_cookies() && request.headers().contains_key(header::COOKIE) {
        recorder.note(|x| x.omitted.cookies = true);
    }
    Some(recorder)
}

fn packed_request<B>(request: &Request<B>) -> Bytes {
    packed::request(request.method(), request.uri(), request.version(), request.headers())
}

/// In what form a request was received.
pub(super) enum Received {
    /// It was made here: it has the form in which it was sent.
    Nowhere,
    /// Over HTTP/1, and its head was not seen on the wire.
    Unseen,
    /// As the row has it.
    AsRecorded,
}

/// Writes down how far the request came, and in what form.
pub(super) fn note_progress(recorder: Option<&Recorder>, progress: &mut Progress, received: Received) {
    let Some(info) = &progress.connection else { return };
    // Taken even where no row is kept: the next exchange on this connection may have one, and the next head is its own.
    let wire = info.heads.as_ref().and_then(|(sent, _)| sent.pop());
    let wire = match (&info.forward, wire) {
        (Some(forward), Some(head)) => Some(forward.without_ours(&head)),
        (_, wire) => wire,
    };
    let Some(recorder) = recorder else { return };
    let sent_head = wire.or(progress.http2_head.take()).unwrap_or_default();
    recorder.note(|x| {
        x.upstream_connection = Some(info.id);
        x.timings.ready_us = progress.ready.map(|t| recorder.offset_us(t));
        if progress.fresh {
            (x.timings.dns_us, x.timings.connect_us, x.timings.tls_us) =
                (info.dns_us, Some(info.connect_us), info.tls_us);
        }
        match received {
            Received::Nowhere if !sent_head.is_empty() => {
                x.request_head = sent_head.clone();
                if info.http2 {
                    x.request_version = HttpVersion::Http2;
                }
            }
            Received::Unseen if !sent_head.is_empty() => {
                x.request_head = packed::lettered_as(&x.request_head, &sent_head);
            }
            _ => {}
        }
        if sent_head != x.request_head {
            x.sent_head = sent_head;
        }
    });
}

/// Whether a body is made of gRPC's messages. Those of `application/grpc-web-text` are wrapped in Base64.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    has_type(headers, "application/grpc") && !has_type(headers, "application/grpc-web-text")
}

/// The row's kind, from the head of the response.
pub(super) fn kind(headers: &HeaderMap, switching: bool) -> Kind {
    match switching {
        true if upgrade::is_websocket(headers) => Kind::Websocket,
        false if is_grpc(headers) => Kind::Grpc,
        false if has_type(headers, "text/event-stream") => Kind::Sse,
        _ => Kind::Http,
    }
}

/// What cuts a response into messages, if it is made of them. Those of a compressed event stream cannot be told apart.
pub(super) fn cutter(kind: Kind, headers: &HeaderMap) -> Option<Box<Cutter>> {
    match kind {
        Kind::Grpc => Some(Cutter::grpc()),
        Kind::Sse if !headers.contains_key(header::CONTENT_ENCODING) => Some(Cutter::sse()),
        _ => None,
    }
}

fn has_type(headers: &HeaderMap, media_type: &str) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|v| {
        v.as_bytes().get(..media_type.len()).is_some_and(|start| start.eq_ignore_ascii_case(media_type.as_bytes()))
    })
}

/// hyper's version as ours.
pub(super) fn version(version: Version) -> HttpVersion {
    match version {
        Version::HTTP_2 => HttpVersion::Http2,
        Version::HTTP_10 | Version::HTTP_09 => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    }
}
