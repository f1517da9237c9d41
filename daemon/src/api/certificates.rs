//! `/certificates`: who we are to origins that ask. Keys come in, and never go out.

use super::{
    Shared,
    error::ApiError,
    input::{Payload, Segment, within},
};
use crate::{
    capture::recorder::now_us,
    config::{BadPattern, HostPattern},
    engine::certificates::AddError,
    upstream::{identity::LARGEST, routes::Certificate},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

/// Longest pattern, bytes; no host's name is as long.
const PATTERN: usize = 1024;
/// Longest passphrase, bytes.
const PASSPHRASE: usize = 4096;

#[derive(Serialize)]
pub(crate) struct All {
    /// In the order in which they were added: of several for a host, the last is used.
    items: Vec<Item>,
}

/// One certificate.
#[derive(Serialize)]
pub(crate) struct Item {
    id: u64,
    /// The hosts it is for, with a port.
    pattern: HostPattern,
    subject: String,
    issuer: String,
    /// RFC 3339.
    not_before: String,
    /// RFC 3339.
    not_after: String,
    /// Why it is of no use now, if so.
    trouble: Option<&'static str>,
    /// SHA-256, hexadecimal.
    fingerprint: String,
    /// Microseconds since the Unix epoch.
    added_us: i64,
}

impl From<&Certificate> for Item {
    fn from(certificate: &Certificate) -> Self {
        let facts = &certificate.identity.facts;
        let time = |s: i64| jiff::Timestamp::from_second(s).map(|t| t.to_string()).unwrap_or_default();
        Self {
            id: certificate.id,
            pattern: certificate.pattern.clone(),
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            not_before: time(facts.not_before),
            not_after: time(facts.not_after),
            trouble: facts.trouble(now_us() / 1_000_000),
            fingerprint: facts.fingerprint.clone(),
            added_us: certificate.added_us,
        }
    }
}

pub(crate) async fn list(State(shared): State<Shared>) -> Json<All> {
    Json(All { items: shared.engine.certificates().iter().map(Item::from).collect() })
}

/// What is added. Not to be shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    pattern: String,
    /// PEM or PKCS#12, in base64.
    files: Vec<String>,
    #[serde(default)]
    passphrase: Option<String>,
}

pub(crate) async fn add(
    State(shared): State<Shared>,
    Payload(new): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    within("pattern", &new.pattern, PATTERN)?;
    within("passphrase", new.passphrase.as_deref().unwrap_or_default(), PASSPHRASE)?;
    let bad = |e: BadPattern| ApiError::bad_request(e.to_string()).hint(BadPattern::HINT);
    let pattern: HostPattern = new.pattern.trim().parse().map_err(bad)?;
    if !(1..=2).contains(&new.files.len()) {
        return Err(
            ApiError::bad_request("files takes one or two files").hint("one with certificate and key, or one for each")
        );
    }
    let mut files = Vec::new();
    for file in &new.files {
        within("file", file, LARGEST * 4 / 3 + 8)?;
        let decoded = BASE64_STANDARD.decode(file);
        files.push(decoded.map_err(|_| ApiError::bad_request("files takes the bytes of files in base64"))?);
    }
    let added = shared.engine.add_certificate(pattern, files, new.passphrase).await.map_err(|e| match e {
        AddError::Identity(why) => {
            ApiError::new(StatusCode::BAD_REQUEST, why.word(), AddError::Identity(why.clone()).to_string())
                .hint(why.hint())
        }
        AddError::Full => ApiError::conflict(e.to_string()).hint("remove some: `*.host` stands for many"),
        AddError::Io(e) => e.into(),
    })?;
    Ok((StatusCode::CREATED, Json(Item::from(&added))))
}

pub(crate) async fn remove(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let found = match id.parse() {
        Ok(number) => shared.engine.remove_certificate(number).await?,
        Err(_) => false,
    };
    if found {
        return Ok(StatusCode::NO_CONTENT);
    }
    let message = format!("there is no client certificate '{}'", super::error::shown(&id));
    Err(ApiError::not_found(message).hint("`waylay certificate list` shows their numbers"))
}
