//! `/import`: a file of another tool. Exchanges, however many, go into a session of their own; variables into an
//! environment.

use super::{
    Shared,
    error::{ApiError, shown},
    input::{Lost, Params, into_file},
};
use crate::{
    data_dir,
    formats::{
        har::{self, ImportError, Imported},
        postman_environment::PostmanEnvironment,
        recognise,
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

/// Longest name of a session, bytes.
const NAME: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    /// Name of the session: that of the file.
    name: Option<String>,
}

pub(crate) async fn import(
    State(shared): State<Shared>,
    Params(params): Params<ImportParams>,
    request: Request,
) -> Result<Response, ApiError> {
    let name = params.name.unwrap_or_else(|| "import".to_owned());
    if name.len() > NAME || name.is_empty() {
        return Err(ApiError::bad_request(format!("the name has {} bytes; 1 to {NAME} are allowed", name.len())));
    }
    let Ok(turn) = Arc::clone(&shared.importing).try_acquire_owned() else {
        return Err(ApiError::busy("the import", Duration::ZERO).hint("another file is being imported"));
    };
    let file = received(&shared, request).await?;
    let (file, variables) = recognised(file).await?;
    if let Some(variables) = variables {
        let imported = super::environments::take_over(&shared, variables, name).await?;
        return Ok((StatusCode::CREATED, Json(imported)).into_response());
    }
    let (store, stopping) = (Arc::clone(shared.engine.store()), shared.stopping.clone());
    let job = move || {
        let _turn = turn;
        har::import(&store, &file, &name, |_| !stopping.is_cancelled())
    };
    let imported: Imported = match tokio::task::spawn_blocking(job).await {
        Ok(result) => result?,
        Err(e) => return Err(ApiError::internal(format!("an import broke off: {e}"))),
    };
    shared.engine.look_at_retention();
    shared.hub.session_changed(imported.session.id);
    Ok((StatusCode::CREATED, Json(imported)).into_response())
}

/// A file, and its variables if it is one of variables.
async fn recognised(file: File) -> Result<(File, Option<PostmanEnvironment>), ApiError> {
    let look = move || recognise::environment(&file).map(|found| (file, found));
    match tokio::task::spawn_blocking(look).await {
        Ok(looked) => {
            let (file, found) = looked?;
            Ok((file, found.transpose()?))
        }
        Err(e) => Err(ApiError::internal(format!("an import broke off: {e}"))),
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

/// Quotes of the file are escaped already where they are put into words; what serde quotes is not.
fn shown_whole(text: &str) -> String {
    text.split(' ').map(shown).collect::<Vec<_>>().join(" ").chars().take(500).collect()
}
