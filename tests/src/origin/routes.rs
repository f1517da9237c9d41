//! What an [`Origin`](super::Origin) answers.
//!
//! `/json` `/bytes/N` `/chunked` `/trailers` `/gzip` `/deflate` `/br` `/zstd` `/status/N` `/cookies` `/redirect`
//! `/go/STATUS?to=LOCATION` answer at once;
//! `/gated` `/sse` send a first part and the rest once [`Notes::open_gate`] is called; `/slow-head` sends nothing until
//! then; `/echo` describes the request; `/echo-body` gives its body back as it comes; `/cut` breaks off half-way once
//! [`Notes::open_gate`] is called;
//! `/page` is a page with sub-resources under `/asset/`.

use super::{Notes, Seen};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt::Write,
    io,
    sync::{Arc, atomic::Ordering},
};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The bytes of `/bytes/N`: different at every offset, so that a shifted or repeated piece shows.
pub fn pattern(size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 8);
    let mut word = 0u64;
    while bytes.len() < size {
        bytes.extend_from_slice(&word.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        word += 1;
    }
    bytes.truncate(size);
    bytes
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) async fn answer(request: Request<Incoming>, notes: Arc<Notes>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let mut seen = Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        version: format!("{:?}", head.version),
        headers: list(&head.headers),
        trailers: Vec::new(),
        size: 0,
        sha256: String::new(),
        complete: false,
    };
    if path == "/echo-body" {
        return Ok(echo_body(seen, body, notes));
    }
    receive(&mut seen, body, &notes).await;
    notes.requests.lock().expect("no panic while noting").push(seen.clone());
    Ok(route(&path, &seen, &notes).await)
}

async fn route(path: &str, seen: &Seen, notes: &Arc<Notes>) -> Response<Body> {
    let (name, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    match name {
        "json" => json_answer(json!({"hello": "waylay", "list": [1, 2, 3]})),
        "bytes" => answer_of("application/octet-stream", full(pattern(rest.parse().unwrap_or(0)))),
        "chunked" => answer_of("text/plain", pieces(["one ", "two ", "three"])),
        "trailers" => with_trailers(),
        "gated" => answer_of("text/plain", gated("first\n", "last\n", notes.clone())),
        "sse" => answer_of("text/event-stream", gated("data: first\n\n", "data: last\n\n", notes.clone())),
        "slow-head" => {
            notes.pass_gate().await;
            json_answer(json!({"slow": true}))
        }
        "gzip" => encoded("gzip", compressed(flate2::write::GzEncoder::new(Vec::new(), Default::default()))),
        "deflate" => encoded("deflate", compressed(flate2::write::ZlibEncoder::new(Vec::new(), Default::default()))),
        "br" => encoded("br", BROTLI.to_vec()),
        "zstd" => encoded("zstd", ZSTD.to_vec()),
        "status" => {
            let status = rest.parse().unwrap_or(StatusCode::BAD_REQUEST);
            // No body where there must be none (RFC 9110, 15.3.5 and 15.4.5).
            let body =
                if matches!(status.as_u16(), 204 | 304) { String::new() } else { json!({"status": rest}).to_string() };
            let mut response = answer_of("application/json", full(body));
            *response.status_mut() = status;
            response
        }
        "cookies" => {
            let mut response = json_answer(json!({"cookies": 2}));
            for cookie in ["a=1; Path=/", "b=2; HttpOnly"] {
                response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(cookie));
            }
            response
        }
        "redirect" => {
            let mut response = json_answer(json!({}));
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/json"));
            response
        }
        "go" => go(rest, &seen.target),
        "echo" => json_answer(describe(seen)),
        "cut" => cut(notes.clone()),
        "page" => answer_of("text/html", full(PAGE)),
        "asset" => asset(rest),
        _ => {
            let mut response = json_answer(json!({"not": "found"}));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

/// `{"encoded":"waylay"}`, which is what `/gzip`, `/deflate`, `/br` and `/zstd` stand for.
pub const ENCODED: &str = r#"{"encoded":"waylay"}"#;
const BROTLI: &[u8] =
    b"\x8b\x09\x80\x7b\x22\x65\x6e\x63\x6f\x64\x65\x64\x22\x3a\x22\x77\x61\x79\x6c\x61\x79\x22\x7d\x03";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x00\x58\xa1\x00\x00\x7b\x22\x65\x6e\x63\x6f\x64\x65\x64\x22\x3a\x22\x77\x61\x79\x6c\x61\x79\x22\x7d";

const PAGE: &str = r#"<!doctype html><title>loading</title><link rel=stylesheet href=/asset/style.css>
<img src=/asset/one.svg><img src=/asset/two.svg><script src=/asset/script.js></script>"#;

fn asset(name: &str) -> Response<Body> {
    let (kind, text) = match name {
        "style.css" => ("text/css", "body { color: navy }"),
        "script.js" => (
            "text/javascript",
            "fetch('/json').then(r => r.json()).then(() => fetch('/asset/post', {method: 'POST', body: 'posted'}))
                .then(r => r.text()).then(() => { document.title = 'loaded' })",
        ),
        name if name.ends_with(".svg") => ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        _ => ("text/plain", "ok"),
    };
    answer_of(kind, full(text))
}

/// Sends on to what the query says, as it stands there.
fn go(status: &str, target: &str) -> Response<Body> {
    let mut response = answer_of("text/plain", full("go on"));
    *response.status_mut() = status.parse().unwrap_or(StatusCode::BAD_REQUEST);
    let location = target.split_once("?to=").and_then(|(_, to)| HeaderValue::from_str(to).ok());
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn describe(seen: &Seen) -> Value {
    json!({"method": seen.method, "target": seen.target, "version": seen.version, "headers": seen.headers,
        "size": seen.size, "sha256": seen.sha256})
}

async fn receive(seen: &mut Seen, mut body: Incoming, notes: &Notes) {
    let mut hash = Sha256::new();
    seen.complete = loop {
        match body.frame().await {
            None => break true,
            Some(Err(_)) => break false,
            Some(Ok(frame)) => note_frame(seen, &mut hash, &frame, notes),
        }
    };
    seen.sha256 = hex(&hash.finalize());
}

fn note_frame(seen: &mut Seen, hash: &mut Sha256, frame: &Frame<Bytes>, notes: &Notes) {
    if let Some(data) = frame.data_ref() {
        hash.update(data);
        seen.size += data.len() as u64;
        notes.received.fetch_add(data.len() as u64, Ordering::SeqCst);
    }
    if let Some(trailers) = frame.trailers_ref() {
        seen.trailers = list(trailers);
    }
}

fn echo_body(seen: Seen, body: Incoming, notes: Arc<Notes>) -> Response<Body> {
    let frames = stream::unfold((seen, body, Sha256::new(), notes), |(mut seen, mut body, mut hash, notes)| async {
        let frame = body.frame().await;
        match &frame {
            Some(Ok(frame)) => note_frame(&mut seen, &mut hash, frame, &notes),
            end => {
                (seen.complete, seen.sha256) = (end.is_none(), hex(&hash.clone().finalize()));
                notes.requests.lock().expect("no panic while noting").push(seen.clone());
            }
        }
        Some((frame?.map_err(io::Error::other), (seen, body, hash, notes)))
    });
    answer_of("application/octet-stream", StreamBody::new(frames).boxed_unsync())
}

fn with_trailers() -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("abc"));
    let frames = [Frame::data(Bytes::from("body")), Frame::trailers(trailers)].map(Ok);
    let mut response = answer_of("text/plain", StreamBody::new(stream::iter(frames)).boxed_unsync());
    response.headers_mut().insert(header::TRAILER, HeaderValue::from_static("x-checksum"));
    response
}

/// `first`, then `last` once the gate is open.
fn gated(first: &'static str, last: &'static str, notes: Arc<Notes>) -> Body {
    let queue = VecDeque::from([first, last]);
    let frames = stream::unfold((queue, notes), move |(mut queue, notes)| async move {
        let piece = queue.pop_front()?;
        if queue.is_empty() {
            notes.pass_gate().await;
        }
        Some((Ok(Frame::data(Bytes::from(piece))), (queue, notes)))
    });
    StreamBody::new(frames).boxed_unsync()
}

/// Promises 1,000 bytes and breaks off after 100, once the gate is open.
fn cut(notes: Arc<Notes>) -> Response<Body> {
    let first = stream::once(async { Ok(Frame::data(Bytes::from(pattern(100)))) });
    let then = stream::once(async move {
        notes.pass_gate().await;
        Err(io::Error::other("cut on purpose"))
    });
    let mut response = answer_of("text/plain", StreamBody::new(first.chain(then)).boxed_unsync());
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("1000"));
    response
}

fn encoded(coding: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = answer_of("application/json", full(body));
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    response
}

fn compressed<W: io::Write + Finish>(mut encoder: W) -> Vec<u8> {
    encoder.write_all(ENCODED.as_bytes()).expect("memory");
    encoder.done()
}

trait Finish {
    fn done(self) -> Vec<u8>;
}

impl Finish for flate2::write::GzEncoder<Vec<u8>> {
    fn done(self) -> Vec<u8> {
        self.finish().expect("memory")
    }
}

impl Finish for flate2::write::ZlibEncoder<Vec<u8>> {
    fn done(self) -> Vec<u8> {
        self.finish().expect("memory")
    }
}

fn json_answer(value: Value) -> Response<Body> {
    answer_of("application/json", full(value.to_string()))
}

fn answer_of(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).map_err(|never| match never {}).boxed_unsync()
}

fn pieces<const N: usize>(pieces: [&'static str; N]) -> Body {
    StreamBody::new(stream::iter(pieces.map(|p| Ok(Frame::data(Bytes::from(p)))))).boxed_unsync()
}

fn list(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter().map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
