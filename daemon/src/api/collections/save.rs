//! Captured exchanges to collections: `/collections/save`, `/collections/{id}/live`, `/collections/{id}/regroup`.

use super::{changing, number};
use crate::{
    api::{
        Shared,
        error::ApiError,
        exchanges::{filter, resolve},
        input::{Payload, Segment, counted, within},
    },
    collection::{
        endpoints::Template,
        gather::{Options, call::From, preview::Preview},
    },
    engine::collections::{
        live::Filling,
        regroup::{self, Regrouped},
        save::{self, Made, To},
    },
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;
use waylay_storage::{Filter, model::SessionId};

/// Most exchanges named in one call, and longest id of one, bytes.
const NAMED: usize = 10_000;
const WORD: usize = 100;
/// Longest name of a collection, bytes.
const NAME: usize = 4096;
/// Most templates, and longest text in one, bytes.
const TEMPLATES: usize = 1000;
const TEMPLATE: usize = 2048;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which exchanges, how, and where to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Save {
    from: Which,
    #[serde(default)]
    options: Options,
    /// One that is there; null for a new one.
    collection: Option<i64>,
    name: Option<String>,
    /// A folder of the one that is there; null for its top.
    parent: Option<i64>,
}

/// `exchanges`, or all that match `filter` and are of `session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    filter: Option<String>,
    session: Option<SessionId>,
    exchanges: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Live {
    session: SessionId,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Regroup {
    templates: Vec<Template>,
}

pub(crate) async fn preview(
    State(shared): State<Shared>,
    Payload(save): Payload<Save>,
) -> Result<Json<Preview>, ApiError> {
    let turn = turn(&shared).await?;
    let save = save.check()?;
    let look = move |reader: &waylay_storage::Reader| {
        let _turn = turn;
        let from = save.from.read(reader)?;
        Ok::<_, ApiError>(save::preview(reader, &from, &save.options, save.collection)?)
    };
    Ok(Json(shared.readers.with(look).await?))
}

pub(crate) async fn save(
    State(shared): State<Shared>,
    Payload(save): Payload<Save>,
) -> Result<impl IntoResponse, ApiError> {
    let turn = turn(&shared).await?;
    let Save { from, options, collection, name, parent } = save.check()?;
    let from = shared.readers.with(move |reader| from.read(reader)).await?;
    let made: Made = changing(&shared, move |store| {
        let _turn = turn;
        save::save(store, &from, &options, &To { collection, name, parent })
    })
    .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// `PUT /collections/{id}/live`
pub(crate) async fn fill(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(Live { session, options }): Payload<Live>,
) -> Result<StatusCode, ApiError> {
    let id = number(&id)?;
    bounded(&options.templates)?;
    let engine = Arc::clone(&shared.engine);
    changing(&shared, move |_| engine.fill(id, Filling { session, options })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /collections/{id}/live`
pub(crate) async fn stop(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id = number(&id)?;
    let engine = Arc::clone(&shared.engine);
    changing(&shared, move |_| engine.stop_filling(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn regroup(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(Regroup { templates }): Payload<Regroup>,
) -> Result<Json<Regrouped>, ApiError> {
    let id = number(&id)?;
    bounded(&templates)?;
    Ok(Json(changing(&shared, move |store| regroup::regroup(store, id, templates)).await?))
}

/// Few at once: each holds what it looks at.
async fn turn(shared: &Shared) -> Result<OwnedSemaphorePermit, ApiError> {
    match tokio::time::timeout(PATIENCE, Arc::clone(&shared.exporting).acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        // The semaphore is never closed.
        Ok(Err(_)) | Err(_) => Err(ApiError::busy("gathering", PATIENCE)),
    }
}

impl Save {
    fn check(self) -> Result<Self, ApiError> {
        bounded(&self.options.templates)?;
        if let Some(name) = &self.name {
            within("name", name, NAME)?;
            if name.trim().is_empty() {
                return Err(ApiError::bad_request("the name is empty"));
            }
        }
        if self.collection.is_none() && self.parent.is_some() {
            return Err(ApiError::bad_request("a new collection has no folder to put them into"));
        }
        Ok(self)
    }
}

impl Which {
    fn read(self, reader: &waylay_storage::Reader) -> Result<From, ApiError> {
        match self {
            Self { filter: None, session: None, exchanges: Some(ids) } => {
                let hint = "a filter can stand for any number of exchanges";
                counted("exchanges", ids.len(), NAMED).map_err(|error| error.hint(hint))?;
                let read = |id: &String| {
                    within("id", id, WORD)?;
                    resolve(reader, id)
                };
                Ok(From::Exchanges(ids.iter().map(read).collect::<Result<_, ApiError>>()?))
            }
            Self { filter: text, session, exchanges: None } if text.is_some() || session.is_some() => {
                // Checked as it was given, so that the place of an error is right.
                let checked = filter(text.clone())?;
                let Some(session) = session else { return Ok(From::Matching(checked)) };
                reader.session(session)?.ok_or(waylay_storage::StoreError::NoSession(session))?;
                let both = match text.filter(|text| !text.trim().is_empty()) {
                    Some(text) => format!("session:{session} ({text})"),
                    None => format!("session:{session}"),
                };
                Ok(From::Matching(Filter::parse(&both)?))
            }
            _ => Err(ApiError::bad_request("filter and session, or exchanges, say what to save")
                .hint("an empty filter stands for all exchanges")),
        }
    }
}

fn bounded(templates: &[Template]) -> Result<(), ApiError> {
    if templates.len() > TEMPLATES {
        let message = format!("there are {} templates; {TEMPLATES} are allowed", templates.len());
        return Err(ApiError::bad_request(message));
    }
    for Template { host, template, exceptions } in templates {
        within("host of a template", host, TEMPLATE)?;
        within("template", template, TEMPLATE)?;
        if !template.starts_with('/') {
            return Err(ApiError::bad_request("a template begins with a slash").about("templates", template.clone()));
        }
        if exceptions.len() > TEMPLATES {
            let message = format!("a template has {} exceptions; {TEMPLATES} are allowed", exceptions.len());
            return Err(ApiError::bad_request(message));
        }
        exceptions.iter().try_for_each(|exception| within("exception", exception, TEMPLATE))?;
    }
    Ok(())
}
