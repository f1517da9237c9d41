//! `/upstream-proxies`: other proxies on the way to origins. Passwords come in, and never go out.

use super::{
    Shared,
    error::ApiError,
    input::{Payload, within},
};
use crate::{
    engine::proxies::{Chosen, UpstreamProxies},
    upstream::{
        routes::From,
        via::{self, BadProxy, Proxies, UpstreamProxy, bypass::BadBypass},
    },
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest user name or password, bytes, before it is held to the protocol's own limit.
const WORD: usize = 1024;

/// A proxy, as it is shown.
#[derive(Serialize)]
pub(crate) struct Shown {
    /// Without credentials.
    url: String,
    username: Option<String>,
    /// Whether there is one.
    password: bool,
}

/// The proxies of one source.
#[derive(Serialize)]
pub(crate) struct Source {
    http: Option<Shown>,
    https: Option<Shown>,
    bypass: Vec<String>,
}

/// All of them.
#[derive(Serialize)]
pub(crate) struct All {
    /// Set by the user.
    #[serde(flatten)]
    custom: Source,
    /// Whether those of the environment are used where the user has set none.
    system: bool,
    environment: Source,
    /// Variables that cannot be used, and why.
    unusable: Vec<String>,
    /// Given at the start.
    given: Option<Source>,
    /// Which are used: `flag`, `custom`, `system` or `none`.
    used: From,
}

impl std::convert::From<&Proxies> for Source {
    fn from(proxies: &Proxies) -> Self {
        let shown = |proxy: &Option<Arc<UpstreamProxy>>| {
            proxy.as_ref().map(|proxy| Shown {
                url: proxy.to_string(),
                username: proxy.credentials.as_ref().map(|c| c.username.clone()),
                password: proxy.credentials.as_ref().is_some_and(|c| !c.password.is_empty()),
            })
        };
        Self {
            http: shown(&proxies.http),
            https: shown(&proxies.https),
            bypass: proxies.bypass.entries().map(str::to_owned).collect(),
        }
    }
}

pub(crate) async fn show(State(shared): State<Shared>) -> Json<All> {
    let UpstreamProxies { chosen, given, environment, from, .. } = shared.engine.upstream_proxies().await;
    Json(All {
        custom: Source::from(&chosen.custom),
        system: chosen.system,
        environment: Source::from(&environment.proxies),
        unusable: environment.unusable,
        given: given.as_ref().map(Source::from),
        used: from,
    })
}

/// A proxy, as it is set. Not to be shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    url: String,
    #[serde(default)]
    username: Option<String>,
    /// As it is, if left out and nothing else changes.
    #[serde(default)]
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    http: Option<New>,
    #[serde(default)]
    https: Option<New>,
    #[serde(default)]
    bypass: String,
    #[serde(default)]
    system: bool,
}

pub(crate) async fn set(State(shared): State<Shared>, Payload(change): Payload<Change>) -> Result<Json<All>, ApiError> {
    let known = shared.engine.upstream_proxies().await.chosen.custom;
    within("bypass", &change.bypass, via::bypass::LONGEST)?;
    let bypass = change.bypass.parse();
    let bypass = bypass.map_err(|e: BadBypass| ApiError::bad_request(format!("bypass: {e}")).hint(BadBypass::HINT))?;
    let http = change.http.map(|new| new.read("http", known.http.as_deref())).transpose()?;
    let https = change.https.map(|new| new.read("https", known.https.as_deref())).transpose()?;
    let chosen = Chosen { custom: Proxies { http, https, bypass }, system: change.system };
    shared.engine.set_upstream_proxies(chosen).await?;
    Ok(show(State(shared)).await)
}

impl New {
    fn read(self, field: &str, known: Option<&UpstreamProxy>) -> Result<Arc<UpstreamProxy>, ApiError> {
        let bad = |e: BadProxy| ApiError::bad_request(format!("{field}: {e}")).hint(BadProxy::HINT);
        within("url", &self.url, via::address::LONGEST)?;
        for (what, word) in [("username", &self.username), ("password", &self.password)] {
            within(what, word.as_deref().unwrap_or_default(), WORD)?;
        }
        let mut proxy: UpstreamProxy = self.url.parse().map_err(bad)?;
        if self.username.is_some() || self.password.is_some() {
            let username = self.username.unwrap_or_default();
            let kept = || {
                let credentials = known.filter(|k| k.to_string() == proxy.to_string())?.credentials.as_ref()?;
                (credentials.username == username).then(|| credentials.password.clone())
            };
            let password = self.password.or_else(kept).unwrap_or_default();
            proxy = proxy.with_credentials(username, password).map_err(bad)?;
        }
        Ok(Arc::new(proxy))
    }
}
