//! `/environments` and `/globals`: variables that requests use.

use super::{
    Shared,
    deletions::blocking,
    error::ApiError,
    input::{Params, Payload, Segment, within},
};
use crate::view::environment::{Environment, EnvironmentSummary, Globals};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    StoreError,
    model::{self, NewVariable, VariableType},
};

/// Longest name of an environment, bytes.
const NAME: usize = 200;
/// Most variables of one environment.
const MOST: usize = 10_000;
/// Longest name of a variable, bytes.
const KEY: usize = 1000;
/// Longest value and longest note of a variable, bytes.
const VALUE: usize = 1 << 20;

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

/// An environment that is there.
pub(crate) async fn found(shared: &Shared, id: i64) -> Result<model::Environment, ApiError> {
    let found = shared.readers.with(move |reader| reader.environment(id)).await?;
    found.ok_or_else(|| StoreError::NoEnvironment(id).into())
}

/// The number in a path.
pub(crate) fn number(id: &str) -> Result<i64, ApiError> {
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
        within("name", &self.name, NAME)?;
        if self.name.trim().is_empty() {
            return Err(ApiError::bad_request("the name is empty"));
        }
        Ok((self.name, read(self.variables)?))
    }
}

fn read(given: Vec<GivenVariable>) -> Result<Vec<NewVariable>, ApiError> {
    if given.len() > MOST {
        return Err(ApiError::bad_request(format!("there are {} variables; {MOST} are allowed", given.len())));
    }
    given.into_iter().map(GivenVariable::read).collect()
}

impl GivenVariable {
    fn read(self) -> Result<NewVariable, ApiError> {
        let Self { key, value, kind, disabled, description, _masked: _ } = self;
        within("name of a variable", &key, KEY)?;
        within("value of a variable", value.as_deref().unwrap_or_default(), VALUE)?;
        within("description of a variable", description.as_deref().unwrap_or_default(), VALUE)?;
        Ok(NewVariable { key, value, kind: kind.unwrap_or(VariableType::Default), disabled, description })
    }
}
