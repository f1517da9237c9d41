//! What a page asks first: what there is, and to be paired.

use super::super::{Shared, error::ApiError, guard::visit::Visit, input::Payload};
use crate::{
    agent::Rights,
    engine::pairings::{Kind, PAIRINGS, PairError},
};
use axum::{Extension, Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};

/// Grows when what pages are served changes so that older clients would misunderstand it.
const PROTOCOL: u32 = 1;

/// What there is for a page.
#[derive(Serialize)]
pub(crate) struct Capabilities {
    agent: &'static str,
    version: &'static str,
    protocol: u32,
    /// The page's origin, as it is paired.
    origin: String,
    /// Whether it is.
    paired: bool,
    /// What it may; null while it is not paired.
    rights: Option<Rights>,
    /// What a request may say, beyond what any can.
    bodies: [&'static str; 6],
    auth: [&'static str; 6],
    http_versions: [&'static str; 4],
    features: [&'static str; 7],
}

pub(crate) async fn capabilities(Extension(visit): Extension<Visit>) -> Json<Capabilities> {
    Json(Capabilities {
        agent: "waylay",
        version: env!("CARGO_PKG_VERSION"),
        protocol: PROTOCOL,
        paired: visit.pairing.is_some(),
        rights: visit.pairing.as_ref().map(|pairing| pairing.facts().rights),
        origin: visit.origin,
        bodies: ["raw", "bytes", "urlencoded", "formdata", "file", "graphql"],
        auth: ["none", "inherit", "basic", "bearer", "apikey", "digest"],
        http_versions: ["auto", "1.0", "1.1", "2"],
        features: ["multipart", "streaming", "decoding", "progress", "cancel", "variables", "conversations"],
    })
}

/// What the user has read to the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    code: String,
}

/// What it is from now on.
#[derive(Serialize)]
pub(crate) struct Paired {
    /// To be shown with every request. Told this once.
    token: String,
    id: u64,
    origin: String,
    rights: Rights,
}

pub(crate) async fn pair(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    Payload(Code { code }): Payload<Code>,
) -> Result<impl IntoResponse, ApiError> {
    // As people write it down.
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(32).collect();
    let paired = shared.engine.pairings().pair(&visit.origin, Kind::Native, &code, None).await;
    let (pairing, token) = paired.map_err(|e| match e {
        PairError::Wrong { tries_left: 0 } | PairError::Locked => {
            ApiError::new(StatusCode::FORBIDDEN, "locked", "the code was wrong too often")
                .hint("begin the pairing anew in Waylay")
        }
        PairError::Wrong { .. } => ApiError::new(StatusCode::FORBIDDEN, "wrong_code", e.to_string()),
        PairError::NoWindow => {
            ApiError::forbidden(e.to_string()).hint("begin it in Waylay: `waylay agent pair ORIGIN`")
        }
        PairError::Full => ApiError::conflict(format!("there are {PAIRINGS} pairings already"))
            .hint("revoke some: `waylay agent list`, `waylay agent revoke ID`"),
        PairError::Io(e) => e.into(),
    })?;
    let facts = pairing.facts();
    Ok((StatusCode::CREATED, Json(Paired { token, id: facts.id, origin: facts.origin.into(), rights: facts.rights })))
}
