//! `/import/check` and `/imports/{token}`: what is in a file is told first, and kept only when somebody who has seen that says
//! so.

use super::{ImportParams, keep, named, received, turn, url};
use crate::{
    api::{
        Shared,
        error::ApiError,
        input::{Params, Payload, Segment},
    },
    engine::imports::{
        self, Choice, Made, Summary,
        shelf::{Kept, STAYS},
    },
    request::Draft,
};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Instant};

/// Most requests of commands that are told whole.
const DRAFTS: usize = 100;
/// Most parts that can be named.
const PARTS: usize = 20_000;

/// Where the file is, instead of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    url: String,
}

/// What is in a file.
#[derive(Serialize)]
pub(crate) struct Looked {
    /// By which it can be kept.
    import: String,
    /// For how long, seconds.
    expires_s: u64,
    summary: Summary,
    /// The requests of commands of curl, the first hundred of them: they may be opened and not kept.
    drafts: Vec<Draft>,
}

pub(crate) async fn check(
    State(shared): State<Shared>,
    Params(params): Params<ImportParams>,
    request: Request,
) -> Result<Json<Looked>, ApiError> {
    let name = params.read()?;
    let turn = turn(&shared)?;
    let (file, name) = if is_json(&request) {
        let Payload(Elsewhere { url }) = Payload::from_request(request, &()).await?;
        let (file, found) = url::fetched(&shared, url).await?;
        (file, name.unwrap_or(found))
    } else {
        (received(&shared, request).await?, name.unwrap_or_else(|| "import".to_owned()))
    };
    let (scratch, stopping) = (shared.engine.settings().data_dir.clone(), shared.stopping.clone());
    let look = move || {
        let _turn = turn;
        let checked = imports::check(&file, &name, &scratch, |_| !stopping.is_cancelled())?;
        let drafts = checked.drafts().into_iter().take(DRAFTS).cloned().collect();
        Ok::<_, ApiError>((Kept { file, name }, checked.summary, drafts))
    };
    let (kept, summary, drafts) = match tokio::task::spawn_blocking(look).await {
        Ok(looked) => looked?,
        Err(e) => return Err(ApiError::internal(format!("an import broke off: {e}"))),
    };
    let import = shared.imports.put(kept, Instant::now())?;
    let (imports, stopping) = (Arc::clone(&shared.imports), shared.stopping.clone());
    // Files that nobody comes back for leave the disk.
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(STAYS) => imports.sweep(Instant::now()),
            () = stopping.cancelled() => {}
        }
    });
    Ok(Json(Looked { import, expires_s: STAYS.as_secs(), summary, drafts }))
}

fn is_json(request: &Request) -> bool {
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()?.parse::<mime::Mime>().ok());
    media.is_some_and(|media| media.essence_str() == "application/json")
}

/// What of it is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    /// The collection that requests of commands go into; a new one without it.
    #[serde(default)]
    collection: Option<i64>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    parts: Option<Vec<usize>>,
}

pub(crate) async fn commit(
    State(shared): State<Shared>,
    Segment(token): Segment,
    Payload(chosen): Payload<Chosen>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let Chosen { collection, name, parts } = chosen;
    let name = name.map(named).transpose()?;
    if let Some(parts) = parts.as_ref().filter(|parts| parts.len() > PARTS || parts.is_empty()) {
        return Err(ApiError::bad_request(format!("{} parts are named; 1 to {PARTS} can be", parts.len())));
    }
    let turn = turn(&shared)?;
    let kept = shared.imports.take(&token, Instant::now()).ok_or_else(gone)?;
    let again = kept.file.try_clone().map(|file| Kept { file, name: kept.name.clone() });
    match keep(&shared, turn, kept.file, kept.name, Choice { collection, name, parts }).await {
        Ok(made) => Ok((StatusCode::CREATED, Json(made))),
        Err(error) => {
            // Chosen otherwise, it may be kept yet: under the same token.
            if let Ok(kept) = again {
                shared.imports.put_back(token, kept, Instant::now())?;
            }
            Err(error)
        }
    }
}

pub(crate) async fn drop_it(State(shared): State<Shared>, Segment(token): Segment) -> Result<StatusCode, ApiError> {
    shared.imports.take(&token, Instant::now()).ok_or_else(gone)?;
    Ok(StatusCode::NO_CONTENT)
}

fn gone() -> ApiError {
    ApiError::not_found("there is no such import")
        .hint("it was kept or dropped, or its ten minutes are over: POST /api/v1/import/check again")
}
