//! Client certificates: who we are to an origin that asks (RFC 8446, 4.4.2).
//!
//! - [`pem`], [`pkcs12`]: the files they come in
//! - [`cipher`]: how their keys are encrypted; [`der`]: what all of it is written in

mod cipher;
mod der;
mod pem;
mod pkcs12;

use base64::{Engine, prelude::BASE64_STANDARD};
use pkcs12::Contents;
use rustls::{
    SignatureScheme,
    client::ResolvesClientCert,
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Largest file, bytes.
pub const LARGEST: usize = 1 << 20;

/// Why files are no identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It is neither of the formats, or damaged.
    #[error("the file is damaged, or neither PEM nor PKCS#12")]
    Malformed,
    /// There is more than a certificate and a key can need.
    #[error("the file has more than {} KiB", LARGEST >> 10)]
    TooLarge,
    /// There is no certificate.
    #[error("there is no certificate in it")]
    NoCertificate,
    /// There is no key.
    #[error("there is no private key in it")]
    NoKey,
    /// The key belongs to another certificate.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
    /// The key is encrypted.
    #[error("the private key is encrypted, and no passphrase was given")]
    Encrypted,
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    Passphrase,
    /// The key is of a kind that cannot be used.
    #[error(
        "the private key is of a kind that Waylay does not know (it knows RSA, ECDSA with P-256, P-384 and P-521, and Ed25519)"
    )]
    Key,
    /// It is encrypted in a way that is not known.
    #[error("the file is encrypted in a way that Waylay does not know: {0}")]
    Unknown(String),
}

impl IdentityError {
    /// A word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Encrypted => "passphrase_needed",
            Self::Passphrase => "wrong_passphrase",
            _ => "bad_certificate",
        }
    }

    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed => {
                "give a PEM file with the certificate and one with its key, or a PKCS#12 file (.pfx, .p12)"
            }
            Self::TooLarge => "leave out what is neither the certificate nor its issuers",
            Self::NoCertificate => "give the file with the certificate as well",
            Self::NoKey => "give the file with the private key as well",
            Self::Mismatch => "look for the key that the certificate was requested with",
            Self::Encrypted => "give its passphrase, by a file, a prompt or env:NAME",
            Self::Passphrase => "try another; nothing was stored",
            Self::Key | Self::Unknown(_) => {
                "write it anew: openssl pkcs12 -export, or openssl pkcs8 -topk8 -v2 aes-256-cbc"
            }
        }
    }
}

/// What was read makes no sense.
#[derive(Clone, Copy, Debug)]
struct Malformed;

impl From<Malformed> for IdentityError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// A certificate, those above it, and its key. Equal where these are; never shown with the key.
#[derive(Clone)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
    certified: Arc<CertifiedKey>,
    digest: [u8; 32],
    /// What people read.
    pub facts: Facts,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whom it is for.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// From when on it holds, seconds since the Unix epoch.
    pub not_before: i64,
    /// Until when it holds, likewise.
    pub not_after: i64,
    /// SHA-256 of it, hexadecimal.
    pub fingerprint: String,
}

impl Identity {
    /// From one or two files, PEM or PKCS#12, in any order: together they have a certificate and its key. Deriving a key
    /// from a passphrase takes up to some seconds: not for an asynchronous thread.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn read(files: &[&[u8]], passphrase: Option<&str>) -> Result<Self, IdentityError> {
        let mut all = Contents::default();
        for bytes in files {
            if bytes.len() > LARGEST {
                return Err(IdentityError::TooLarge);
            }
            let contents = if pkcs12::is_pkcs12(bytes) {
                // Without a passphrase, they are encrypted by an empty one.
                pkcs12::read(bytes, passphrase.unwrap_or_default()).map_err(|error| match error {
                    IdentityError::Passphrase if passphrase.is_none() => IdentityError::Encrypted,
                    other => other,
                })?
            } else {
                let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
                pem::read(text, passphrase)?.ok_or(Malformed)?
            };
            all.certificates.extend(contents.certificates);
            all.keys.extend(contents.keys);
        }
        Self::of(all.certificates, all.keys, passphrase.is_some())
    }

    fn of(
        mut chain: Vec<CertificateDer<'static>>,
        keys: Vec<PrivateKeyDer<'static>>,
        decrypted: bool,
    ) -> Result<Self, IdentityError> {
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        if keys.is_empty() {
            return Err(IdentityError::NoKey);
        }
        let mut error = IdentityError::Mismatch;
        for key in keys {
            // One key in some thousands is decrypted by a wrong passphrase without a wrong padding.
            let Ok(signing) = any_supported_type(&key) else {
                let whole = der::Values::new(key.secret_der()).next(der::SEQUENCE).is_ok();
                error = if decrypted && !whole { IdentityError::Passphrase } else { IdentityError::Key };
                continue;
            };
            let public = signing.public_key();
            let belongs = |der: &CertificateDer<'_>| {
                let certificate = X509Certificate::from_der(der).map(|(_, c)| c.public_key().raw.to_vec());
                matches!((certificate, &public), (Ok(theirs), Some(ours)) if theirs == ours.as_ref())
            };
            let Some(at) = chain.iter().position(belongs) else { continue };
            // Its own stands first; the others are in the order in which they came.
            chain[..=at].rotate_right(1);
            let facts = Facts::read(&chain[0]).ok_or(IdentityError::Malformed)?;
            let hashed = chain.iter().map(|c| &c[..]).chain([key.secret_der()]);
            let digest = hashed.fold(Sha256::new(), |hash, part| hash.chain_update(Sha256::digest(part))).finalize();
            let certified = Arc::new(CertifiedKey { cert: chain.clone(), key: signing, ocsp: None });
            return Ok(Self { chain, key: Arc::new(key), certified, digest: digest.into(), facts });
        }
        Err(error)
    }

    /// Certificates and key as PEM: for the one file in which they are kept.
    pub(crate) fn to_pem(&self) -> String {
        let label = match &*self.key {
            PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
            PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
            _ => "PRIVATE KEY",
        };
        let certificates: String = self.chain.iter().map(|c| section("CERTIFICATE", c)).collect();
        certificates + &section(label, self.key.secret_der())
    }

    /// What rustls asks, and whether it did.
    pub(super) fn resolver(&self) -> Arc<Presented> {
        Arc::new(Presented { certified: Arc::clone(&self.certified), asked: AtomicBool::new(false) })
    }
}

fn section(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

impl Facts {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            fingerprint: Sha256::digest(der).iter().map(|b| format!("{b:02x}")).collect(),
        })
    }

    /// Why it is of no use at a time, in seconds since the Unix epoch.
    pub fn trouble(&self, now: i64) -> Option<&'static str> {
        if now > self.not_after {
            return Some("has expired");
        }
        (now < self.not_before).then_some("is not valid yet")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Identity {}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// Presents a certificate in one handshake, and remembers whether it was asked for.
#[derive(Debug)]
pub(super) struct Presented {
    certified: Arc<CertifiedKey>,
    asked: AtomicBool,
}

impl Presented {
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Presented {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        // The server's list of issuers is no reason to stay silent: which certificate is meant was said by the user.
        self.certified.key.choose_scheme(schemes).map(|_| Arc::clone(&self.certified))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
