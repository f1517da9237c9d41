//! Trust in origins' certificates: the system's roots and the user's own, with exceptions only by name.

use super::{Alpn, Origin, Way, identity::Presented, way::Doubt};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption, VerifierBuilderError, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Why trust could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file of `--upstream-ca` is unusable.
    #[error("cannot use {path} as an upstream CA: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// rustls refused.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// TLS settings for origins.
#[derive(Debug)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    roots: RootCertStore,
    own: Vec<CertificateDer<'static>>,
    verifier: Arc<dyn ServerCertVerifier>,
    checked: Configs,
    unchecked: Configs,
    /// Hosts whose certificates are not checked, lower case.
    insecure: Vec<String>,
}

#[derive(Debug)]
struct Configs {
    any: Arc<ClientConfig>,
    http1: Arc<ClientConfig>,
}

impl Trust {
    /// The system's roots, the certificates in the PEM files `extra`, and no checks for the hosts `insecure`.
    pub fn new(extra: &[PathBuf], insecure: &[String]) -> Result<Self, TrustError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let (mut roots, mut own) = (RootCertStore::empty(), Vec::new());
        // A system without any roots can still use the user's; what fails to verify says so on its row.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for path in extra {
            add(&mut roots, &mut own, path)?;
        }
        let tls = |e: &dyn std::fmt::Display| TrustError::Tls(e.to_string());
        let checked = verifier(&provider, roots.clone(), own.clone()).map_err(|e| tls(&e))?;
        let unchecked = Arc::new(Unchecked(Arc::clone(&provider)));
        Ok(Self {
            checked: Configs::new(&provider, Arc::clone(&checked)).map_err(|e| tls(&e))?,
            unchecked: Configs::new(&provider, unchecked).map_err(|e| tls(&e))?,
            provider,
            roots,
            own,
            verifier: checked,
            insecure: insecure.iter().map(|h| h.trim_matches(['[', ']']).to_ascii_lowercase()).collect(),
        })
    }

    /// Whether certificates of `host` (lower case) are checked.
    pub fn checks(&self, host: &str) -> bool {
        !self.insecure.iter().any(|h| h == host)
    }

    /// The settings for a handshake with `origin`, and what will be wrong with a certificate that is let pass. Whoever has an
    /// identity gets settings of their own: what was agreed on with it is not resumed without it.
    pub(super) fn config(
        &self,
        origin: &Origin,
        alpn: Alpn,
        identity: Option<Arc<Presented>>,
    ) -> Result<(Arc<ClientConfig>, Doubt), Error> {
        let (config, doubt) = self.anonymous(origin, alpn)?;
        let Some(identity) = identity else { return Ok((config, doubt)) };
        let mut config = ClientConfig::clone(&config);
        config.client_auth_cert_resolver = identity;
        config.resumption = Resumption::disabled();
        Ok((Arc::new(config), doubt))
    }

    /// The usual judge, or one that trusts some more.
    fn verifier_with(&self, issuers: &[CertificateDer<'static>]) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        if issuers.is_empty() {
            return Ok(Arc::clone(&self.verifier));
        }
        let (mut roots, mut own) = (self.roots.clone(), self.own.clone());
        for issuer in issuers {
            roots.add(issuer.clone())?;
            own.push(issuer.clone());
        }
        verifier(&self.provider, roots, own).map_err(|e| Error::General(e.to_string()))
    }

    fn anonymous(&self, origin: &Origin, alpn: Alpn) -> Result<(Arc<ClientConfig>, Doubt), Error> {
        let checks = self.checks(origin.name());
        if let Some(way) = origin.way.as_deref() {
            let way = if checks { way } else { &Way { verify_chain: false, verify_name: false, ..way.clone() } };
            let (config, doubt) = way.config(&self.provider, self.verifier_with(&way.issuers)?, alpn)?;
            return Ok((Arc::new(config), doubt));
        }
        let configs = if checks { &self.checked } else { &self.unchecked };
        let config = if alpn == Alpn::Http1 { &configs.http1 } else { &configs.any };
        Ok((Arc::clone(config), Doubt::default()))
    }
}

/// What judges certificates by these issuers and these origins' own certificates.
fn verifier(
    provider: &Arc<CryptoProvider>,
    roots: RootCertStore,
    own: Vec<CertificateDer<'static>>,
) -> Result<Arc<dyn ServerCertVerifier>, VerifierBuilderError> {
    let by_roots: Arc<dyn ServerCertVerifier> = if roots.is_empty() {
        Arc::new(NoRoots(Arc::clone(provider)))
    } else {
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build()?
    };
    Ok(Arc::new(Checked { by_roots, own }))
}

impl Configs {
    fn new(provider: &Arc<CryptoProvider>, verifier: Arc<dyn ServerCertVerifier>) -> Result<Self, Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = Alpn::Http1.protocols();
        let http1 = Arc::new(config.clone());
        config.alpn_protocols = Alpn::Any.protocols();
        Ok(Self { any: Arc::new(config), http1 })
    }
}

fn add(roots: &mut RootCertStore, own: &mut Vec<CertificateDer<'static>>, path: &Path) -> Result<(), TrustError> {
    let bad = |reason: String| TrustError::File { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| bad(e.to_string()))?;
    let mut found = false;
    for certificate in certificates {
        let certificate = certificate.map_err(|e| bad(e.to_string()))?;
        roots.add(certificate.clone()).map_err(|e| bad(e.to_string()))?;
        own.push(certificate);
        found = true;
    }
    if found { Ok(()) } else { Err(bad("it holds no PEM certificate".to_owned())) }
}

/// Signatures are judged by the verifier in a field.
macro_rules! signatures_by {
    ($inner:ident) => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            self.$inner.verify_tls12_signature(message, cert, signature)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            self.$inner.verify_tls13_signature(message, cert, signature)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.$inner.supported_verify_schemes()
        }
    };
}
pub(super) use signatures_by;

/// Trusts the roots, and certificates the user gave that are an origin's own: development servers often sign their
/// certificate themselves, which webpki never accepts as a chain.
#[derive(Debug)]
struct Checked {
    by_roots: Arc<dyn ServerCertVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Checked {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.by_roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let issuer_trouble = matches!(
            verdict,
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)))
        );
        if issuer_trouble && self.own.iter().any(|own| own == end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verdict
    }

    signatures_by!(by_roots);
}

/// Trusts nobody: for systems without roots, where webpki's verifier cannot be built.
#[derive(Debug)]
struct NoRoots(Arc<CryptoProvider>);

/// Trusts anybody: for hosts the user named.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

macro_rules! verdict {
    ($name:ident, $verdict:expr) => {
        impl ServerCertVerifier for $name {
            fn verify_server_cert(
                &self,
                _: &CertificateDer<'_>,
                _: &[CertificateDer<'_>],
                _: &ServerName<'_>,
                _: &[u8],
                _: UnixTime,
            ) -> Result<ServerCertVerified, Error> {
                $verdict
            }

            fn verify_tls12_signature(
                &self,
                message: &[u8],
                cert: &CertificateDer<'_>,
                signature: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, Error> {
                verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
            }

            fn verify_tls13_signature(
                &self,
                message: &[u8],
                cert: &CertificateDer<'_>,
                signature: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, Error> {
                verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
            }

            fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
                self.0.signature_verification_algorithms.supported_schemes()
            }
        }
    };
}
verdict!(NoRoots, Err(Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)));
verdict!(Unchecked, Ok(ServerCertVerified::assertion()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_by_exact_name() {
        let trust = Trust::new(&[], &["Self-Signed.test".to_owned(), "[::1]".to_owned()]).unwrap();
        assert!(!trust.checks("self-signed.test") && !trust.checks("::1"));
        assert!(trust.checks("a.self-signed.test") && trust.checks("self-signed.test.example"));
    }

    #[test]
    fn an_unusable_ca_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let error = Trust::new(std::slice::from_ref(&path), &[]).unwrap_err().to_string();
        assert!(error.contains("ca.pem"), "{error}");
        std::fs::write(&path, "no certificate").unwrap();
        let error = Trust::new(&[path], &[]).unwrap_err().to_string();
        assert!(error.contains("no PEM certificate"), "{error}");
    }
}
