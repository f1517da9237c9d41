//! `/import`: files of other tools, into the store: exchanges into a session of their own, requests into collections,
//! variables into environments.
//!
//! - [`check`]: looked at first, and kept when somebody says so
//! - [`url`]: from the Internet

pub(crate) mod check;
mod url;

use super::{
    Shared,
    error::{ApiError, shown},
    input::{Lost, Params, into_file},
};
use crate::{
    data_dir,
    engine::imports::{self, Choice, KeepError, Made, Refusal},
    formats::{
        har::{self, ImportError},
        recognise::{Form, form},
    },
};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::{fs::File, io, sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;

/// Longest name, bytes.
const NAME: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    /// What the file is called.
    name: Option<String>,
}

impl ImportParams {
    /// The name, if there is one, within its limits.
    fn read(self) -> Result<Option<String>, ApiError> {
        self.name.map(named).transpose()
    }
}

fn named(name: String) -> Result<String, ApiError> {
    if name.len() > NAME || name.is_empty() {
        return Err(ApiError::bad_request(format!("the name has {} bytes; 1 to {NAME} are allowed", name.len())));
    }
    Ok(name)
}

/// Looked at and kept at once.
pub(crate) async fn import(
    State(shared): State<Shared>,
    Params(params): Params<ImportParams>,
    request: Request,
) -> Result<Response, ApiError> {
    let name = params.read()?.unwrap_or_else(|| "import".to_owned());
    let turn = turn(&shared)?;
    let file = received(&shared, request).await?;
    let made = keep(&shared, turn, file, name, Choice::default()).await?;
    Ok((StatusCode::CREATED, alone(made)).into_response())
}

/// One import at a time.
fn turn(shared: &Shared) -> Result<OwnedSemaphorePermit, ApiError> {
    let turn = Arc::clone(&shared.importing).try_acquire_owned();
    turn.map_err(|_| ApiError::busy("the import", Duration::ZERO).hint("another file is being imported"))
}

/// Keeps what is in a file.
async fn keep(
    shared: &Shared,
    turn: OwnedSemaphorePermit,
    file: File,
    name: String,
    choice: Choice,
) -> Result<Made, ApiError> {
    let (store, stopping) = (Arc::clone(shared.engine.store()), shared.stopping.clone());
    let scratch = shared.engine.settings().data_dir.clone();
    let job = move || -> Result<Made, ApiError> {
        let _turn = turn;
        let go_on = |_| !stopping.is_cancelled();
        // What is one HAR file for sure need not be read twice.
        if form(&file)? == Form::Har && choice.parts.as_ref().is_none_or(|parts| parts == &[0]) {
            let imported = har::import(&store, &file, choice.name.as_ref().unwrap_or(&name), go_on)?;
            return Ok(Made { sessions: vec![imported], ..Made::default() });
        }
        let checked = imports::check(&file, &name, &scratch, go_on)?;
        Ok(imports::keep(&store, checked, &choice, go_on)?)
    };
    let made = match tokio::task::spawn_blocking(job).await {
        Ok(result) => result?,
        Err(e) => return Err(ApiError::internal(format!("an import broke off: {e}"))),
    };
    for imported in &made.sessions {
        shared.engine.look_at_retention();
        shared.hub.session_changed(imported.session.id);
    }
    Ok(made)
}

/// What was made, if it is one session or one set of variables, by itself.
fn alone(made: Made) -> Response {
    match (&made.sessions[..], &made.environments[..], &made.collections[..]) {
        ([session], [], []) => Json(session).into_response(),
        ([], [variables], []) => Json(variables).into_response(),
        _ => Json(made).into_response(),
    }
}

/// The body of the request as a file without a name, which is gone when it is closed, however that happens.
async fn received(shared: &Shared, request: Request) -> Result<File, ApiError> {
    let file = data_dir::create_nameless(&shared.engine.settings().data_dir).map_err(unwritable)?;
    let mut file = tokio::fs::File::from_std(file);
    into_file(request, &mut file).await.map_err(|lost| match lost {
        Lost::Request(error) => error,
        Lost::File(error) => unwritable(error),
    })?;
    Ok(file.into_std().await)
}

fn unwritable(error: io::Error) -> ApiError {
    let status = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    ApiError::new(status, "no_room", format!("the file cannot be kept while it is read: {error}"))
        .hint("it needs its size, and that of what is in it, on the disk of the data folder")
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        let message = shown_whole(&error.to_string());
        match error {
            ImportError::Broken { .. } | ImportError::NothingTaken { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "bad_import", message).hint("nothing was imported")
            }
            ImportError::Store(error) => error.into(),
            ImportError::Io(error) => error.into(),
            ImportError::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message),
            ImportError::Stalled(_) => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "no_room", message).hint("nothing was imported")
            }
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(error: Refusal) -> Self {
        match error {
            Refusal::File { message, json_path, hint } => {
                let error = Self::new(StatusCode::BAD_REQUEST, "bad_import", shown_whole(&message));
                let hint = if hint.is_empty() { "nothing was imported".to_owned() } else { shown_whole(&hint) };
                let error = error.hint(hint);
                json_path.map_or_else(|| error.clone(), |path| error.clone().in_json(shown_whole(&path)))
            }
            Refusal::Har(error) => error.into(),
            Refusal::Io(error) => unwritable(error),
        }
    }
}

impl From<KeepError> for ApiError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::NoPart(_) => Self::bad_request(error.to_string()).hint("parts are counted from 0"),
            KeepError::Collection(error) => error.into(),
            KeepError::Environment(error) => error.into(),
            KeepError::Har(error) => error.into(),
        }
    }
}

/// Quotes of the file are escaped already where they are put into words; what serde quotes is not.
fn shown_whole(text: &str) -> String {
    text.split(' ').map(shown).collect::<Vec<_>>().join(" ").chars().take(500).collect()
}
