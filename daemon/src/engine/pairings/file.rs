//! The file with the pairings, which nobody else can read.

use super::{Facts, Kind, Pairing};
use crate::{
    agent::Rights,
    config::WebOrigin,
    data_dir::replace_private,
    secret::{Digest, from_hex, hex},
};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::spawn_blocking;

const NAME: &str = "pairings.json";

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    last: u64,
    pairings: Vec<Kept>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocked: Vec<WebOrigin>,
}

/// What was kept.
#[derive(Default)]
pub(super) struct Known {
    /// The pairings.
    pub(super) paired: Vec<Pairing>,
    /// Origins that are blocked.
    pub(super) blocked: Vec<WebOrigin>,
    /// The last number that was given.
    pub(super) last: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: u64,
    kind: Kind,
    origin: WebOrigin,
    created_us: i64,
    last_used_us: Option<i64>,
    requests: u64,
    rights: Rights,
    /// SHA-256 of the token, hexadecimal.
    token: String,
    /// The key that the two have agreed on, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// Where they are kept.
pub(super) struct File(PathBuf);

/// What was kept, and where.
pub(super) async fn open(data: &Path) -> Result<(Known, File), (PathBuf, String)> {
    let path = data.join(NAME);
    let reading = path.clone();
    let read = spawn_blocking(move || read(&reading)).await.map_err(|e| e.to_string()).and_then(|read| read);
    match read {
        Ok(known) => Ok((known, File(path))),
        Err(reason) => Err((path, reason)),
    }
}

fn read(path: &Path) -> Result<Known, String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Known::default()),
        Err(e) => return Err(e.to_string()),
    };
    // What serde says quotes what it met.
    let damaged = |e: serde_json::Error| format!("it is damaged at line {}, column {}", e.line(), e.column());
    let contents: Contents = serde_json::from_slice(&text).map_err(damaged)?;
    let pairing = |kept: Kept| {
        let id = kept.id;
        let wrong = |what: &str| format!("the {what} of pairing {id} is damaged");
        let token = Digest::from_hex(&kept.token).ok_or_else(|| wrong("token"))?;
        let key = kept.key.map(|key| from_hex(&key).ok_or_else(|| wrong("key"))).transpose()?;
        let facts = Facts::new(id, kept.kind, kept.origin, kept.created_us, kept.rights);
        Ok(Pairing::new(facts, token, key).with_use(kept.last_used_us, kept.requests))
    };
    let paired = contents.pairings.into_iter().map(pairing).collect::<Result<Vec<_>, String>>()?;
    let last = paired.iter().map(|p| p.id).fold(contents.last, u64::max);
    Ok(Known { paired, blocked: contents.blocked, last })
}

impl File {
    /// Writes all of them.
    pub(super) async fn write(&self, last: u64, pairings: &[Arc<Pairing>], blocked: Vec<WebOrigin>) -> io::Result<()> {
        let kept = |pairing: &Arc<Pairing>| {
            let Facts { id, kind, origin, created_us, last_used_us, requests, rights } = pairing.facts();
            let (token, key) = (pairing.token().to_hex(), pairing.key().map(|key| hex(key)));
            Kept { id, kind, origin, created_us, last_used_us, requests, rights, token, key }
        };
        let contents = Contents { last, pairings: pairings.iter().map(kept).collect(), blocked };
        let (path, text) = (self.0.clone(), serde_json::to_vec_pretty(&contents)?);
        spawn_blocking(move || replace_private(&path, &text)).await?
    }
}
