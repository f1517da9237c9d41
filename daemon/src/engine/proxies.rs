//! Which upstream proxies are used, kept in a file of the data folder that nobody else can read: it may hold passwords.

use super::{Engine, StartError};
use crate::{
    data_dir::replace_private,
    upstream::{
        routes::{From, Usual},
        via::{Bypass, Environment, Proxies, UpstreamProxy},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::spawn_blocking;

const NAME: &str = "upstream-proxies.json";

/// What the user has set.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Proxies of the user's own.
    pub custom: Proxies,
    /// Whether those of the environment are used where there are none of the user's own.
    pub system: bool,
}

/// All there is to know.
#[derive(Clone, Debug)]
pub struct UpstreamProxies {
    /// What the user has set.
    pub chosen: Chosen,
    /// Given at the start; beat all others.
    pub given: Option<Proxies>,
    /// What the environment says, used or not.
    pub environment: Environment,
    /// Those in use.
    pub used: Proxies,
    /// Where these come from.
    pub from: From,
}

/// The file. Addresses are complete, with passwords.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Contents {
    http: Option<String>,
    https: Option<String>,
    bypass: String,
    system: bool,
}

/// Where it is kept, and what the environment said at the start.
#[derive(Clone, Debug)]
pub(super) struct File {
    path: PathBuf,
    environment: Environment,
}

/// What was kept, as a part of the usual ways.
pub(super) async fn open(
    data: &Path,
    given: Option<Proxies>,
    environment: Environment,
) -> Result<(Usual, File), StartError> {
    let path = data.join(NAME);
    let reading = path.clone();
    let read = spawn_blocking(move || read(&reading)).await.map_err(|e| e.to_string()).and_then(|read| read);
    let chosen = read.map_err(|reason| StartError::Ways { path: path.clone(), reason })?;
    for unusable in &environment.unusable {
        tracing::debug!(unusable, "a proxy of the environment cannot be used");
    }
    let file = File { path, environment };
    let usual = Usual {
        given,
        custom: chosen.custom,
        environment: chosen.system.then(|| file.environment.clone()),
        ..Usual::default()
    };
    Ok((usual, file))
}

fn read(path: &Path) -> Result<Chosen, String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Chosen::default()),
        Err(e) => return Err(e.to_string()),
    };
    let damaged = |e: serde_json::Error| format!("it is damaged at line {}, column {}", e.line(), e.column());
    let contents: Contents = serde_json::from_slice(&text).map_err(damaged)?;
    let proxy = |url: Option<String>| {
        url.map(|url| url.parse::<UpstreamProxy>().map(Arc::new)).transpose().map_err(|e| e.to_string())
    };
    let bypass: Bypass = contents.bypass.parse().map_err(|e: crate::upstream::via::bypass::BadBypass| e.to_string())?;
    let custom = Proxies { http: proxy(contents.http)?, https: proxy(contents.https)?, bypass };
    Ok(Chosen { custom, system: contents.system })
}

impl Engine {
    /// Which upstream proxies there are, and which are used.
    pub async fn upstream_proxies(&self) -> UpstreamProxies {
        let environment = self.kept_proxies.lock().await.environment.clone();
        let usual = self.routes.now();
        let (from, used) = usual.proxies();
        UpstreamProxies {
            chosen: Chosen { custom: usual.custom.clone(), system: usual.environment.is_some() },
            given: usual.given.clone(),
            environment,
            used: used.cloned().unwrap_or_default(),
            from,
        }
    }

    /// Sets them, for connections that begin from now on.
    ///
    /// # Errors
    /// As the system says; nothing has changed then.
    pub async fn set_upstream_proxies(&self, chosen: Chosen) -> io::Result<()> {
        let file = self.kept_proxies.lock().await;
        let url = |proxy: &Option<Arc<UpstreamProxy>>| proxy.as_ref().map(|proxy| proxy.to_secret_url());
        let contents = Contents {
            http: url(&chosen.custom.http),
            https: url(&chosen.custom.https),
            bypass: chosen.custom.bypass.to_string(),
            system: chosen.system,
        };
        let (path, text) = (file.path.clone(), serde_json::to_vec_pretty(&contents)?);
        spawn_blocking(move || replace_private(&path, &text)).await??;
        let environment = chosen.system.then(|| file.environment.clone());
        self.change_routes(|usual| (usual.custom, usual.environment) = (chosen.custom, environment));
        let now = self.routes.now();
        tracing::info!(from = ?now.proxies().0, "upstream proxies have changed");
        Ok(())
    }

    /// Changes the usual ways to origins. What else changes them waits.
    pub(super) fn change_routes(&self, change: impl FnOnce(&mut Usual)) {
        let _turn = self.changing_routes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut usual = Usual::clone(&self.routes.now());
        change(&mut usual);
        self.routes.set(usual);
    }
}
