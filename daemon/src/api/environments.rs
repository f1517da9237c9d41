//! `/environments` and `/globals`: variables that requests use.

use super::{
    Shared,
    bodies::attach,
    deletions::blocking,
    error::ApiError,
    input::{Params, Payload, Segment, collect_within, within},
};
use crate::{
    engine::environments::{TakeError, Unfit, check, check_name, take},
    formats::{
        postman_environment::{self, PostmanEnvironment, PostmanError, write},
        recognise::LARGEST,
    },
    view::environment::{Environment, EnvironmentSummary, Globals, Imported},
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use waylay_storage::{
    StoreError,
    model::{self, NewVariable, VariableType},
};

/// Longest name of a file, bytes.
const FILE_NAME: usize = 200;

#[derive(Serialize)]
pub(crate) struct Listed {
    items: Vec<EnvironmentSummary>,
}

/// Whether secret values are told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    secrets: Option<Show>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Show {
    Show,
    Mask,
}

/// An environment as it is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    name: String,
    #[serde(default)]
    variables: Vec<GivenVariable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenGlobals {
    variables: Vec<GivenVariable>,
}

/// A variable as it is given: what `GET` tells can be given back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenVariable {
    key: String,
    /// Without one, that of the variable of this name stays.
    value: Option<String>,
    #[serde(rename = "type", default)]
    kind: Option<VariableType>,
    #[serde(default)]
    disabled: bool,
    description: Option<String>,
    /// Means nothing here.
    #[serde(rename = "masked", default)]
    _masked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Active {
    /// `null` for none.
    #[serde(deserialize_with = "Option::deserialize")]
    id: Option<i64>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Listed>, ApiError> {
    let found = shared.readers.with(|reader| reader.environments()).await?;
    Ok(Json(Listed { items: found.iter().map(EnvironmentSummary::from).collect() }))
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    Payload(given): Payload<Given>,
) -> Result<impl IntoResponse, ApiError> {
    let (name, variables) = given.read()?;
    let made = blocking(&shared, move |store| store.add_environment(&name, variables)).await?;
    Ok((StatusCode::CREATED, Json(Environment::new(made, false))))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Params(secrets): Params<Secrets>,
) -> Result<Json<Environment>, ApiError> {
    let id = number(&id)?;
    let found = found(&shared, id).await?;
    Ok(Json(Environment::new(found, secrets.shown())))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(given): Payload<Given>,
) -> Result<Json<Environment>, ApiError> {
    let (id, (name, variables)) = (number(&id)?, given.read()?);
    let changed = blocking(&shared, move |store| store.change_environment(id, &name, variables)).await?;
    Ok(Json(Environment::new(changed, false)))
}

pub(crate) async fn remove(State(shared): State<Shared>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let id = number(&id)?;
    blocking(&shared, move |store| store.remove_environment(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has requests sent with an environment from now on, or with none.
pub(crate) async fn activate(
    State(shared): State<Shared>,
    Payload(active): Payload<Active>,
) -> Result<StatusCode, ApiError> {
    blocking(&shared, move |store| store.use_environment(active.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn globals(
    State(shared): State<Shared>,
    Params(secrets): Params<Secrets>,
) -> Result<Json<Globals>, ApiError> {
    let found = shared.readers.with(|reader| reader.globals()).await?;
    Ok(Json(Globals::new(found, secrets.shown())))
}

pub(crate) async fn set_globals(
    State(shared): State<Shared>,
    Payload(given): Payload<GivenGlobals>,
) -> Result<Json<Globals>, ApiError> {
    let variables = read(given.variables)?;
    let changed = blocking(&shared, move |store| store.set_globals(variables)).await?;
    Ok(Json(Globals::new(changed, false)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    /// Name of an environment that has none of its own.
    name: Option<String>,
}

/// Takes over a file of Postman.
pub(crate) async fn import(
    State(shared): State<Shared>,
    Params(params): Params<ImportParams>,
    request: Request,
) -> Result<impl IntoResponse, ApiError> {
    let name = params.name.unwrap_or_else(|| "import".to_owned());
    within("name", &name, FILE_NAME)?;
    let bytes = collect_within(request, LARGEST as usize).await?;
    let file = postman_environment::read(&bytes)?;
    Ok((StatusCode::CREATED, Json(take_over(&shared, file, name).await?)))
}

/// Keeps what a file holds.
async fn take_over(shared: &Shared, file: PostmanEnvironment, name: String) -> Result<Imported, ApiError> {
    let store = Arc::clone(shared.engine.store());
    match tokio::task::spawn_blocking(move || take(&store, file, &name)).await {
        Ok(taken) => Ok(taken?),
        Err(e) => Err(ApiError::internal(format!("an import broke off: {e}"))),
    }
}

/// `/environments/{id}/export`: secrets are empty.
pub(crate) async fn export(State(shared): State<Shared>, Segment(id): Segment) -> Result<Response, ApiError> {
    let model::Environment { name, variables, .. } = found(&shared, number(&id)?).await?;
    Ok(file("environment.postman_environment.json", write(&name, false, &variables, Timestamp::now())))
}

/// `/globals/export`: secrets are empty.
pub(crate) async fn export_globals(State(shared): State<Shared>) -> Result<Response, ApiError> {
    let globals = shared.readers.with(|reader| reader.globals()).await?;
    let text = write("Globals", true, &globals.variables, Timestamp::now());
    Ok(file("globals.postman_globals.json", text))
}

fn file(name: &str, text: String) -> Response {
    let mut response = text.into_response();
    attach(response.headers_mut(), name);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An environment that is there.
async fn found(shared: &Shared, id: i64) -> Result<model::Environment, ApiError> {
    let found = shared.readers.with(move |reader| reader.environment(id)).await?;
    found.ok_or_else(|| StoreError::NoEnvironment(id).into())
}

/// The number in a path.
fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no environment '{}'", super::error::shown(id)))
            .hint("an environment is a number, such as 3; GET /api/v1/environments lists them")
    })
}

impl Secrets {
    fn shown(&self) -> bool {
        self.secrets == Some(Show::Show)
    }
}

impl Given {
    fn read(self) -> Result<(String, Vec<NewVariable>), ApiError> {
        check_name(&self.name)?;
        Ok((self.name, read(self.variables)?))
    }
}

fn read(given: Vec<GivenVariable>) -> Result<Vec<NewVariable>, ApiError> {
    let variables: Vec<_> = given.into_iter().map(NewVariable::from).collect();
    check(&variables)?;
    Ok(variables)
}

impl From<GivenVariable> for NewVariable {
    fn from(given: GivenVariable) -> Self {
        let GivenVariable { key, value, kind, disabled, description, _masked: _ } = given;
        Self { key, value, kind: kind.unwrap_or(VariableType::Default), disabled, description }
    }
}

impl From<Unfit> for ApiError {
    fn from(error: Unfit) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<TakeError> for ApiError {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Unfit(unfit) => unfit.into(),
            TakeError::Store(error) => error.into(),
        }
    }
}

impl From<PostmanError> for ApiError {
    fn from(error: PostmanError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_import", error.to_string()).hint("nothing was imported")
    }
}
