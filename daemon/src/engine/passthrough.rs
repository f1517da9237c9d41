//! The list of hosts that are relayed unread: what the user added is kept over restarts, in a file of the data folder.

use super::{Engine, Settings, StartError};
use crate::{
    capture::recorder::now_us,
    config::HostPattern,
    data_dir::replace_private,
    proxy::passthrough::{Listed, Passthrough, list::Origin, rejections::Distrust},
};
use serde::{Deserialize, Serialize};
use std::{io, path::PathBuf};
use tokio::task::spawn_blocking;

const NAME: &str = "passthrough.json";
/// Patterns that are kept. Each connection is compared with all of them.
pub const MOST: usize = 1000;

/// Why a pattern was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// There are too many.
    #[error("the list is full: it has {MOST} patterns")]
    Full,
    /// It could not be kept.
    #[error("the list could not be written: {0}")]
    Io(#[from] io::Error),
}

/// The file.
#[derive(Clone, Debug)]
pub(super) struct File(PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    patterns: Vec<Kept>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    pattern: HostPattern,
    added_us: i64,
}

/// The list as it is at the start: what was kept, and what the settings say.
pub(super) async fn open(settings: &Settings) -> Result<(Passthrough, File), StartError> {
    let file = File(settings.data_dir.join(NAME));
    let reading = file.clone();
    let read = spawn_blocking(move || reading.read()).await.map_err(|e| e.to_string());
    let kept = read.and_then(|kept| kept).map_err(|reason| StartError::Passthrough { path: file.0.clone(), reason })?;
    let entry = |pattern, origin, added_us| Listed { pattern, origin, added_us, automatic: None };
    let mut listed: Vec<_> = kept.into_iter().map(|k| entry(k.pattern, Origin::User, k.added_us)).collect();
    for pattern in &settings.passthrough {
        if !listed.iter().any(|l| l.pattern == *pattern) {
            listed.push(entry(pattern.clone(), Origin::Flag, now_us()));
        }
    }
    Ok((Passthrough::new(listed, settings.automatic_passthrough), file))
}

impl Engine {
    /// Whether hosts get onto the passthrough list by themselves.
    pub fn passes_automatically(&self) -> bool {
        self.shared.passthrough.is_automatic()
    }

    /// The passthrough list.
    pub fn passthrough(&self) -> Vec<Listed> {
        self.shared.passthrough.list()
    }

    /// Clients that most likely do not trust the CA.
    pub fn distrustful_clients(&self) -> Vec<Distrust> {
        self.shared.passthrough.rejections.distrustful()
    }

    /// Adds a pattern for connections that begin from now on, and keeps it.
    pub async fn add_passthrough(&self, pattern: HostPattern) -> Result<Listed, AddError> {
        let file = self.kept_passthrough.lock().await;
        let list = &self.shared.passthrough;
        let mut kept = kept(list, &pattern);
        if kept.len() >= MOST {
            return Err(AddError::Full);
        }
        let added_us = now_us();
        kept.push(Kept { pattern: pattern.clone(), added_us });
        file.write(kept).await?;
        tracing::info!(%pattern, "connections to this host are relayed unread from now on");
        Ok(list.add(pattern, added_us))
    }

    /// Removes a pattern for connections that begin from now on; `false` if it is not on the list.
    pub async fn remove_passthrough(&self, pattern: &HostPattern) -> io::Result<bool> {
        let file = self.kept_passthrough.lock().await;
        let list = &self.shared.passthrough;
        let is_kept = |l: &Listed| l.pattern == *pattern && l.origin == Origin::User;
        if list.list().iter().any(is_kept) {
            file.write(kept(list, pattern)).await?;
        }
        let found = list.remove(pattern);
        if found {
            tracing::info!(%pattern, "connections to this host are intercepted from now on");
        }
        Ok(found)
    }
}

/// What the user has on the list, but for one pattern.
fn kept(list: &Passthrough, without: &HostPattern) -> Vec<Kept> {
    let users = list.list().into_iter().filter(|l| l.origin == Origin::User && l.pattern != *without);
    users.map(|l| Kept { pattern: l.pattern, added_us: l.added_us }).collect()
}

impl File {
    /// Nothing if there is no file; a sentence if it cannot be used.
    fn read(&self) -> Result<Vec<Kept>, String> {
        let text = match std::fs::read(&self.0) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e.to_string()),
        };
        let contents: Contents = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
        Ok(contents.patterns)
    }

    async fn write(&self, patterns: Vec<Kept>) -> io::Result<()> {
        let path = self.0.clone();
        let text = serde_json::to_vec_pretty(&Contents { patterns })?;
        spawn_blocking(move || replace_private(&path, &text)).await?
    }
}
