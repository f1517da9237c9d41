//! `/jars` and `/cookie-sync`: cookies that are sent along.
//!
//! - this file: jars, and domains in them
//! - [`cookies`]: lists of cookies, one, made and changed
//! - [`past`]: the values a cookie has had, a jar as it was
//! - [`explain`]: what would be sent, and why the rest would not
//! - [`files`]: from and to files of other tools
//! - [`sync`]: domains whose cookies are taken over from the proxy

pub(crate) mod cookies;
pub(crate) mod explain;
pub(crate) mod files;
pub(crate) mod past;
pub(crate) mod sync;

use super::{
    Shared,
    deletions::blocking,
    error::{ApiError, shown},
    input::{Payload, Segment, within},
};
use crate::{
    cookies::Scope,
    jars::{JarError, Jars, MOST, NAME},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use waylay_storage::{Reader, StoreError, model::JarRow};

/// Longest domain as it is typed, bytes.
const DOMAIN: usize = 2048;

#[derive(Serialize)]
pub(crate) struct Listed<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    name: Option<String>,
    /// Can only be made the usual one; the one before then is not.
    default: Option<bool>,
}

pub(crate) async fn list(State(shared): State<Shared>) -> Result<Json<Listed<JarRow>>, ApiError> {
    let items = shared.readers.with(|reader| reader.jars()).await?;
    Ok(Json(Listed { items }))
}

pub(crate) async fn create(
    State(shared): State<Shared>,
    Payload(New { name }): Payload<New>,
) -> Result<impl IntoResponse, ApiError> {
    let name = named(&name)?;
    let taken = taken(&name);
    let id = blocking(&shared, move |store| store.add_jar(&name, MOST)).await?.ok_or(taken)?;
    Ok((StatusCode::CREATED, Json(found(&shared, id).await?)))
}

pub(crate) async fn change(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(Changed { name, default }): Payload<Changed>,
) -> Result<Json<JarRow>, ApiError> {
    let id = number(&id)?;
    if default == Some(false) {
        return Err(ApiError::bad_request("one jar is the default one").hint("make another one that"));
    }
    if let Some(name) = name {
        let name = named(&name)?;
        let taken = taken(&name);
        if !blocking(&shared, move |store| store.rename_jar(id, &name)).await? {
            return Err(taken);
        }
    }
    if default == Some(true) {
        blocking(&shared, move |store| store.use_jar(id)).await?;
    }
    found(&shared, id).await.map(Json)
}

/// A domain of a jar.
#[derive(Serialize)]
pub(crate) struct Domain {
    domain: String,
    cookies: i64,
    /// Whether cookies of it are taken over from the proxy.
    synced: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDomain {
    domain: String,
}

pub(crate) async fn domains(
    State(shared): State<Shared>,
    Segment(id): Segment,
) -> Result<Json<Listed<Domain>>, ApiError> {
    let id = number(&id)?;
    let (found, sync) = shared
        .readers
        .with(move |reader| {
            there(reader, id)?;
            Ok::<_, ApiError>((reader.jar_domains(id)?, reader.sync_domains()?))
        })
        .await?;
    let scopes: Vec<Scope> =
        sync.into_iter().map(|domain| Scope { host: domain.host, subdomains: domain.subdomains }).collect();
    let items = found.into_iter().map(|found| Domain {
        synced: scopes.iter().any(|scope| scope.includes(&found.domain)),
        domain: found.domain,
        cookies: found.cookies,
    });
    Ok(Json(Listed { items: items.collect() }))
}

pub(crate) async fn add_domain(
    State(shared): State<Shared>,
    Segment(id): Segment,
    Payload(NewDomain { domain }): Payload<NewDomain>,
) -> Result<impl IntoResponse, ApiError> {
    let id = number(&id)?;
    within("domain", &domain, DOMAIN)?;
    let host = Scope::read(&domain).map_err(|why| ApiError::bad_request(why.to_string()))?.host;
    let added = host.clone();
    blocking(&shared, move |store| store.add_jar_domain(id, &added)).await?;
    let (known, name) = shared
        .readers
        .with(move |reader| {
            let found = reader.jar_domains(id)?.into_iter().find(|known| known.domain == host);
            Ok::<_, StoreError>((found, host))
        })
        .await?;
    let cookies = known.map_or(0, |known| known.cookies);
    Ok((StatusCode::CREATED, Json(Domain { domain: name, cookies, synced: false })))
}

async fn found(shared: &Shared, id: i64) -> Result<JarRow, ApiError> {
    let found = shared.readers.with(|reader| reader.jars()).await?.into_iter().find(|jar| jar.id == id);
    found.ok_or_else(|| StoreError::NoJar(id).into())
}

fn named(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    within("name", name, NAME)?;
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request("the name is empty, or has a control character"));
    }
    Ok(name.to_owned())
}

fn taken(name: &str) -> ApiError {
    ApiError::conflict(format!("there is a jar called '{}' already", shown(name))).hint("give it another name")
}

/// The number in a path; `default` stands for the usual jar elsewhere only.
fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no cookie jar '{}'", shown(id)))
            .hint("a jar is a number, such as 1; GET /api/v1/jars lists them")
    })
}

/// The number of a cookie in a path.
fn cookie_number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!("there is no cookie '{}'", shown(id)))
            .hint("a cookie is a number, such as 12; GET /api/v1/jars/{id}/cookies lists those of a jar")
    })
}

fn there(reader: &Reader, id: i64) -> Result<(), ApiError> {
    if reader.has_jar(id)? { Ok(()) } else { Err(StoreError::NoJar(id).into()) }
}

/// Work with jars blocks; the runtime must not.
async fn with_jars<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Jars) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let jars = Arc::clone(shared.engine.jars());
    match tokio::task::spawn_blocking(move || work(&jars)).await {
        Ok(done) => done.map_err(Into::into),
        Err(e) => Err(ApiError::internal(format!("work with a cookie jar broke off: {e}"))),
    }
}

impl From<JarError> for ApiError {
    fn from(error: JarError) -> Self {
        match error {
            JarError::Store(error) => error.into(),
            JarError::Rejected(why) => Self::bad_request(format!("the cookie would not be kept: {why}")),
            other => Self::bad_request(format!("the cookie would not be kept: {other}")),
        }
    }
}
