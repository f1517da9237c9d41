//! [`Certificate`]: the public half of the root.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::error::CaError;
use crate::keystore;

/// The root certificate, without its key: what clients are asked to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    subject: String,
    name: String,
    not_before: i64,
    not_after: i64,
    spki: Vec<u8>,
}

impl Certificate {
    /// Reads the certificate in an authority's folder; the key is not opened.
    ///
    /// # Errors
    ///
    /// [`CaError::Missing`] if there is none yet; the folder and the file are held to the same rules as by
    /// [`Authority::open`](crate::Authority::open), but an expired certificate is returned.
    pub fn load(dir: &Path) -> Result<Certificate, CaError> {
        keystore::load_certificate(dir)
    }

    /// Parses PEM and checks that it is a self-signed authority; `Err` is the reason in words.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Certificate, String> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|_| "it is not a certificate in PEM form")?;
        Self::from_der(der)
    }

    /// Parses DER and checks that it is a self-signed authority; `Err` is the reason in words.
    pub(crate) fn from_der(der: CertificateDer<'static>) -> Result<Certificate, String> {
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| "it is not an X.509 certificate")?;
        if !parsed.is_ca() {
            return Err("it is not a CA certificate".into());
        }
        // A flipped bit anywhere would make a root that no client recognises, so it is read by a second, stricter parser as
        // well, and its signature is checked.
        RootCertStore::empty().add(der.clone()).map_err(|_| "it cannot serve as a trust anchor")?;
        parsed.verify_signature(None).map_err(|_| "its own signature does not verify")?;
        let subject = parsed.subject();
        let name = subject.iter_common_name().find_map(|name| name.as_str().ok()).unwrap_or_default().to_owned();
        Ok(Certificate {
            subject: subject.to_string(),
            name,
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            spki: parsed.public_key().raw.to_vec(),
            der,
        })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The certificate in PEM, with a final newline (RFC 7468).
    pub fn pem(&self) -> String {
        pem(&self.der)
    }

    /// The whole subject, as in `CN=Waylay CA 4F:A1, O=Waylay`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The common name alone, as in `Waylay CA 4F:A1`; the digits come from the key, so that two installs can be told apart.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the DER, as `AB:CD:…`: what browsers and systems show as the fingerprint.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Base64 of the SHA-256 of the SubjectPublicKeyInfo: what Chromium's `--ignore-certificate-errors-spki-list` takes.
    pub fn spki_sha256_base64(&self) -> String {
        STANDARD.encode(Sha256::digest(&self.spki))
    }

    /// Valid from this moment, in Unix seconds.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Valid up to and with this moment, in Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// This root and the system's roots in one PEM file, for clients whose setting *replaces* their trust store.
    ///
    /// Reads the system's store anew each time (some 100 KiB); `SSL_CERT_FILE` and `SSL_CERT_DIR` choose another store, as
    /// they do for other programs. What cannot be read is left out and logged.
    pub fn bundle(&self) -> String {
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "left a system root out of the bundle");
        }
        if system.certs.is_empty() {
            tracing::warn!("no system roots found: the bundle trusts intercepted connections only");
        }
        self.bundle_with(&system.certs)
    }

    fn bundle_with(&self, roots: &[CertificateDer<'_>]) -> String {
        let others = roots.iter().filter(|root| root.as_ref() != self.der.as_ref());
        std::iter::once(self.pem()).chain(others.map(|root| pem(root))).collect()
    }

    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }
}

/// PEM with 64 characters a line (RFC 7468 section 2).
fn pem(der: &[u8]) -> String {
    const LINE: usize = 64;
    let text = STANDARD.encode(der);
    let mut out = String::with_capacity(text.len() + text.len() / LINE + 64);
    out.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Base64 is ASCII, so every index is a character boundary.
        let (line, after) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::Root;

    fn root() -> Certificate {
        Root::generate(1_800_000_000).unwrap().certificate
    }

    #[test]
    fn pem_reads_back_as_the_same_certificate() {
        let root = root();
        assert!(root.pem().lines().all(|line| line.len() <= 64));
        assert!(root.pem().ends_with("-----END CERTIFICATE-----\n"));
        assert_eq!(Certificate::from_pem(root.pem().as_bytes()).unwrap(), root);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let der = root().der().to_vec();
        for position in 0..der.len() {
            let mut broken = der.clone();
            broken[position] ^= 0x10;
            assert!(Certificate::from_der(broken.into()).is_err(), "bit flip at byte {position}");
        }
        for length in 0..der.len() {
            assert!(Certificate::from_der(der[..length].to_vec().into()).is_err(), "cut at {length}");
        }
        assert!(Certificate::from_der([der, vec![0]].concat().into()).is_err(), "a byte too many");
    }

    #[test]
    fn a_certificate_that_is_no_authority_is_refused() {
        let key = rcgen::KeyPair::generate().unwrap();
        let plain = rcgen::CertificateParams::new(vec!["example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
        assert_eq!(Certificate::from_der(plain.der().clone()).unwrap_err(), "it is not a CA certificate");
    }

    #[test]
    fn a_bundle_holds_this_root_once_and_every_other() {
        let (ours, other) = (root(), root());
        let bundle = ours.bundle_with(&[other.der().clone(), ours.der().clone()]);
        let all: Vec<_> = CertificateDer::pem_slice_iter(bundle.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(all, [ours.der().clone(), other.der().clone()]);
        assert_eq!(ours.bundle_with(&[]), ours.pem());
    }

    #[test]
    fn the_fingerprint_has_the_form_browsers_show() {
        let text = root().sha256();
        assert_eq!(text.len(), 32 * 3 - 1);
        assert!(text.split(':').all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit())), "{text}");
    }
}
