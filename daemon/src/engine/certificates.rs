//! Client certificates, kept in a file of the data folder that nobody else can read.

use super::{Engine, StartError};
use crate::{
    capture::recorder::now_us,
    config::HostPattern,
    data_dir::replace_private,
    upstream::{
        identity::{Identity, IdentityError},
        routes::Certificate,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

const NAME: &str = "certificates.json";
/// Certificates that are kept. Each connection is compared with all of them.
pub const MOST: usize = 500;
/// Where no port is given.
const HTTPS: u16 = 443;

/// Why a certificate was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// There are too many.
    #[error("there are {MOST} client certificates already")]
    Full,
    /// The files are no certificate with its key.
    #[error("the client certificate cannot be used: {0}")]
    Identity(#[from] IdentityError),
    /// It could not be kept.
    #[error("the client certificate could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    last: u64,
    certificates: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: u64,
    pattern: HostPattern,
    added_us: i64,
    /// Certificates and key.
    pem: String,
}

/// Where certificates are kept, and the last number that was given.
#[derive(Clone, Debug)]
pub(super) struct File {
    path: PathBuf,
    last: u64,
}

/// Those that were kept.
pub(super) async fn open(data: &Path) -> Result<(Vec<Certificate>, File), StartError> {
    let path = data.join(NAME);
    let reading = path.clone();
    let read = spawn_blocking(move || read(&reading)).await.map_err(|e| e.to_string()).and_then(|read| read);
    let (certificates, last) = read.map_err(|reason| StartError::Ways { path: path.clone(), reason })?;
    Ok((certificates, File { path, last }))
}

fn read(path: &Path) -> Result<(Vec<Certificate>, u64), String> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(e.to_string()),
    };
    // What serde says quotes what it met.
    let damaged = |e: serde_json::Error| format!("it is damaged at line {}, column {}", e.line(), e.column());
    let contents: Contents = serde_json::from_slice(&text).map_err(damaged)?;
    let certificate = |kept: Kept| {
        let identity = Identity::read(&[kept.pem.as_bytes()], None).map_err(|e| format!("number {}: {e}", kept.id))?;
        Ok(Certificate { id: kept.id, pattern: kept.pattern, added_us: kept.added_us, identity })
    };
    let certificates = contents.certificates.into_iter().map(certificate).collect::<Result<_, String>>()?;
    Ok((certificates, contents.last))
}

impl File {
    async fn write(&self, last: u64, certificates: &[Certificate]) -> io::Result<()> {
        let kept = |c: &Certificate| Kept {
            id: c.id,
            pattern: c.pattern.clone(),
            added_us: c.added_us,
            pem: c.identity.to_pem(),
        };
        let contents = Contents { last, certificates: certificates.iter().map(kept).collect() };
        let (path, text) = (self.path.clone(), serde_json::to_vec_pretty(&contents)?);
        spawn_blocking(move || replace_private(&path, &text)).await?
    }
}

impl Engine {
    /// Client certificates, in the order in which they were added.
    pub fn certificates(&self) -> Vec<Certificate> {
        self.routes.now().certificates.clone()
    }

    /// Adds a client certificate for connections to a host that begin from now on: TLS alone, at port 443 where the pattern
    /// has none. `files` are one or two, PEM or PKCS#12.
    ///
    /// # Errors
    /// [`AddError`]; nothing has changed then.
    pub async fn add_certificate(
        &self,
        pattern: HostPattern,
        files: Vec<Vec<u8>>,
        passphrase: Option<String>,
    ) -> Result<Certificate, AddError> {
        let read = move || {
            let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
            Identity::read(&files, passphrase.as_deref())
        };
        let identity = spawn_blocking(read).await.map_err(io::Error::other)??;
        let mut file = self.kept_certificates.lock().await;
        let mut certificates = self.certificates();
        if certificates.len() >= MOST {
            return Err(AddError::Full);
        }
        let added = Certificate { id: file.last + 1, pattern: pattern.or_port(HTTPS), added_us: now_us(), identity };
        certificates.push(added.clone());
        file.write(added.id, &certificates).await?;
        file.last = added.id;
        self.change_routes(|usual| usual.certificates = certificates);
        tracing::info!(pattern = %added.pattern, "a client certificate is presented to this host from now on");
        Ok(added)
    }

    /// Removes a client certificate; `false` if there is none of that number.
    ///
    /// # Errors
    /// As the system says; it is then still there.
    pub async fn remove_certificate(&self, id: u64) -> io::Result<bool> {
        let file = self.kept_certificates.lock().await;
        let before = self.certificates();
        let certificates: Vec<_> = before.iter().filter(|c| c.id != id).cloned().collect();
        if certificates.len() == before.len() {
            return Ok(false);
        }
        file.write(file.last, &certificates).await?;
        self.change_routes(|usual| usual.certificates = certificates);
        Ok(true)
    }
}
