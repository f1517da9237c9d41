//! [`Authority`]: open, configuration per host, rotate.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::ServerConfig;

use crate::cache::Cache;
use crate::certificate::Certificate;
use crate::clock::{Clock, day, unix};
use crate::error::CaError;
use crate::host::Host;
use crate::keystore;
use crate::leaf::LeafIssuer;

/// Hosts whose configuration is kept; a page load touches some dozens.
const HOSTS: usize = 1_000;

/// An opened certificate authority. Share it behind an `Arc`.
pub struct Authority {
    certificate: Certificate,
    issuer: LeafIssuer,
    hosts: Cache<Host, Arc<ServerConfig>>,
    clock: Clock,
}

impl Authority {
    /// Opens the authority in a folder, or makes one: the folder with mode 0700, `waylay-ca.key` with 0600 and
    /// `waylay-ca.pem`. Several processes may do so at once; all get the same root.
    ///
    /// Takes up to 100 ms, as the first random numbers of a process are slow; leaves take a fraction of a millisecond.
    ///
    /// # Errors
    ///
    /// Refuses a folder or a file that is a symbolic link, belongs to someone else or is open to others; a key or
    /// certificate that is missing, cannot be read or does not fit the other; an expired root.
    pub fn open(dir: &Path) -> Result<Authority, CaError> {
        Self::open_with_clock(dir, Box::new(SystemTime::now))
    }

    /// As [`Authority::open`], with another clock than the system's.
    pub fn open_with_clock(dir: &Path, clock: Clock) -> Result<Authority, CaError> {
        let now = unix(clock());
        let root = keystore::load_or_create(dir, now)?;
        let certificate = root.certificate.clone();
        if now > certificate.not_after() {
            return Err(CaError::Expired { name: certificate.name().to_owned(), not_after: certificate.not_after() });
        }
        if now < certificate.not_before() {
            // The clock may be put right while we run, so this alone does not stop anything.
            tracing::warn!(
                valid_from = day(certificate.not_before()),
                "the system clock is behind: clients will refuse the CA certificate until it is set"
            );
        }
        Ok(Authority { certificate, issuer: LeafIssuer::new(root)?, hosts: Cache::new(HOSTS), clock })
    }

    /// The TLS configuration to serve as this host: leaf and root, TLS 1.2 and 1.3, ALPN `h2` and `http/1.1`.
    ///
    /// `host` is a DNS name (IDN in either form, any case, trailing dot or not), an IPv4 address, or an IPv6 address with or
    /// without brackets. The configuration is cached for the 1,000 hosts used last and renewed a day before its leaf ends;
    /// callers that ask for one host at once share one leaf.
    ///
    /// # Errors
    ///
    /// [`CaError::Host`] for any other text, [`CaError::Expired`] once the root has ended.
    pub fn server_config(&self, host: &str) -> Result<Arc<ServerConfig>, CaError> {
        let host = Host::parse(host)?;
        let now = unix((self.clock)());
        self.hosts.get(&host, now, || {
            let leaf = self.issuer.issue(&host, now)?;
            Ok((leaf.config, leaf.lifetime))
        })
    }

    /// The root certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// [`Certificate::bundle`] of the root: the system's roots and this one.
    pub fn bundle(&self) -> String {
        self.certificate.bundle()
    }

    /// Replaces the root in a folder by a new one, or makes the first. The old key is gone afterwards; a crash in between
    /// leaves one or the other whole.
    ///
    /// An [`Authority`] that is already open goes on with the old root until it is opened anew, and clients have to be told
    /// to trust the new one.
    ///
    /// # Errors
    ///
    /// As for [`Authority::open`] where the folder is concerned; what is in it does not matter, as it is replaced.
    pub fn rotate(dir: &Path) -> Result<Certificate, CaError> {
        keystore::rotate(dir, unix(SystemTime::now()))
    }
}

/// Names the root; the keys are not shown.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("certificate", &self.certificate.subject()).finish_non_exhaustive()
    }
}
