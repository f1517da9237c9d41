//! What is read of each exchange.

use super::{
    AuthChoice, GatherError, MOST, Options,
    names::{Secret, secrets},
    operation, shape,
};
use crate::{
    collection::captured::{is_request, origin},
    content::{Codings, decode},
};
use serde_json::Value;
use std::io::Read;
use waylay_storage::{
    Asked, Filter, Reader, StoreError,
    model::{ExchangeId, Head, Kind, Part},
};

/// Longest answer whose shape is looked at, decoded, bytes.
const ANSWER: u64 = 64 << 10;

/// A captured request, as far as it matters for what becomes of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which exchange.
    pub id: ExchangeId,
    /// Method.
    pub method: String,
    /// Scheme, host and port as a URL has them.
    pub origin: String,
    /// Where the host begins in `origin`.
    pub(super) host_at: usize,
    /// Path without query.
    pub path: String,
    /// Media type of the response; empty for none.
    pub media: String,
    /// Status of the response.
    pub status: Option<u16>,
    /// What is called, where all calls go to one path.
    pub operation: Option<String>,
    /// What it is made of.
    pub shape: u64,
    /// Secrets in its fields; looked for only where they become variables.
    pub secrets: Vec<Secret>,
}

/// The calls, and how many exchanges are left out and why.
#[derive(Debug, Default)]
pub struct Calls {
    /// In the order in which they began.
    pub all: Vec<Call>,
    /// Preflights of CORS.
    pub preflights: usize,
    /// Requests that were answered with media.
    pub media: usize,
    /// What is no request that can be sent: tunnels, failed connections, WebSockets.
    pub other: usize,
}

/// Which exchanges.
#[derive(Clone, Debug)]
pub enum From {
    /// Those that match and are over.
    Matching(Filter),
    /// These.
    Exchanges(Vec<ExchangeId>),
    /// Those of these that are there and over.
    Recorded(Vec<ExchangeId>),
}

impl Call {
    /// One that was answered in JSON, and has nothing else to it.
    #[cfg(test)]
    pub(super) fn new(origin: &str, method: &str, path: &str, status: u16) -> Self {
        Self {
            id: ExchangeId { session: waylay_storage::model::SessionId(1), number: 1 },
            method: method.into(),
            origin: origin.into(),
            host_at: origin.find("://").map_or(0, |at| at + 3),
            path: path.into(),
            media: "application/json".into(),
            status: Some(status),
            operation: None,
            shape: 0,
            secrets: Vec::new(),
        }
    }

    /// Host, with its port where that is not the scheme's own.
    pub fn host(&self) -> &str {
        &self.origin[self.host_at..]
    }
}

/// Reads them.
///
/// # Errors
/// [`GatherError::TooMany`]; those of the store.
pub fn read(reader: &Reader, from: &From, options: &Options) -> Result<Calls, GatherError> {
    let (mut calls, mut count, mut failed) = (Calls::default(), 0, None);
    let mut take = |asked: Asked| {
        count += 1;
        if count > MOST {
            return false;
        }
        match calls.add(reader, asked, options) {
            Ok(()) => true,
            Err(error) => {
                failed = Some(error);
                false
            }
        }
    };
    // Whether it went to its end is known from what it left.
    let _all = match from {
        From::Matching(filter) => reader.asked(filter, reader.newest_seq()?, &mut take).map(|()| true)?,
        From::Exchanges(ids) => in_order(reader.asked_one_by_one(ids)?).all(&mut take),
        From::Recorded(ids) => {
            let mut there = Vec::with_capacity(ids.len());
            for id in ids {
                match reader.asked_one_by_one(&[*id]) {
                    Ok(asked) => there.extend(asked),
                    Err(StoreError::NoExchange(_) | StoreError::UnderWay(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            in_order(there).all(&mut take)
        }
    };
    match failed {
        Some(error) => Err(error),
        None if count > MOST => Err(GatherError::TooMany),
        None => Ok(calls),
    }
}

/// Each once, in the order in which they began.
fn in_order(mut asked: Vec<Asked>) -> impl Iterator<Item = Asked> {
    asked.sort_by_key(|asked| asked.seq);
    asked.dedup_by_key(|asked| asked.seq);
    asked.into_iter()
}

impl Calls {
    fn add(&mut self, reader: &Reader, asked: Asked, options: &Options) -> Result<(), GatherError> {
        if !is_request(asked.kind) || asked.kind == Kind::Websocket || asked.method == "CONNECT" {
            self.other += 1;
            return Ok(());
        }
        let media = asked.content_type.clone().unwrap_or_default();
        if !options.media && is_media(&media) {
            self.media += 1;
            return Ok(());
        }
        let head = Head::parse(&asked.head);
        if !options.preflights && asked.method == "OPTIONS" && head.value("access-control-request-method").is_some() {
            self.preflights += 1;
            return Ok(());
        }
        let content_type = head.value("content-type").map(|value| String::from_utf8_lossy(value).into_owned());
        let content_type = content_type.unwrap_or_default();
        let sent = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let body = json_body(reader, &asked, &sent, &head)?;
        let form = (sent == "application/x-www-form-urlencoded").then_some(&asked.body[..]);
        let secrets = if options.auth == AuthChoice::Variable { secrets(&head) } else { Vec::new() };
        self.all.push(Call {
            id: asked.id,
            operation: operation::operation(&asked.method, query, &head, &sent, body.as_ref()),
            shape: shape::of_request(query, &sent, body.as_ref(), form),
            path: path.to_owned(),
            origin: origin(asked.scheme, &asked.host, asked.port),
            host_at: asked.scheme.word().len() + "://".len(),
            media,
            status: asked.status,
            method: asked.method,
            secrets,
        });
        Ok(())
    }
}

/// The body of a request, if it is JSON that is worth being looked into.
fn json_body(reader: &Reader, asked: &Asked, media: &str, head: &Head) -> Result<Option<Value>, GatherError> {
    if asked.size == 0 || asked.size > operation::LONGEST || !operation::is_candidate(media) {
        return Ok(None);
    }
    let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..])).unwrap_or_default();
    if codings.as_slice().is_empty() && !asked.body.is_empty() {
        return Ok(serde_json::from_slice(&asked.body).ok());
    }
    let Some(mut body) = reader.body(asked.id, Part::Request)? else { return Ok(None) };
    let mut bytes = Vec::new();
    // What cannot be read is told when it is to be sent.
    if body.read_to_end(&mut bytes).is_err() {
        return Ok(None);
    }
    Ok(serde_json::from_slice(&decode(&bytes[..], &codings, operation::LONGEST).bytes).ok())
}

/// What an exchange was answered with is made of, if that is JSON and not too long.
pub fn answer_shape(reader: &Reader, call: &Call) -> Option<u64> {
    if !call.media.ends_with("json") {
        return None;
    }
    let head = reader.head(call.id, Part::Response).ok()??;
    let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..])).ok()?;
    let body = reader.body(call.id, Part::Response).ok()??;
    let decoded = decode(body, &codings, ANSWER);
    let value: Value = serde_json::from_slice(&decoded.bytes).ok()?;
    Some(shape::of_answer(&value))
}

/// Pictures, sound, video, fonts.
fn is_media(media: &str) -> bool {
    ["image/", "audio/", "video/", "font/"].iter().any(|kind| media.starts_with(kind))
}
