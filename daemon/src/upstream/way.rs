//! How an origin is reached, where that differs from the usual: for requests that are made here, as their settings say.

use super::{dial::Alpn, guard::Reach, identity::Identity, verify::signatures_by, via::UpstreamProxy};
use rustls::{
    CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct, Error, KeyLog, SignatureScheme,
    SupportedProtocolVersion,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
    version::{TLS12, TLS13},
};
use std::{
    fmt,
    fs::File,
    io::Write,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

/// A way to an origin. Connections are shared by requests whose ways are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    /// Which HTTP to speak; with [`Alpn::Http2`] nothing else will do.
    pub alpn: Alpn,
    /// Whether the certificate must come from an issuer that is trusted.
    pub verify_chain: bool,
    /// Whether the certificate must name the host.
    pub verify_name: bool,
    /// Whether TLS 1.2 may be spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 may be spoken.
    pub tls13: bool,
    /// The only cipher suites to offer, by their IANA numbers; all we have if empty.
    pub cipher_suites: Vec<u16>,
    /// Addresses to use instead of looking the name up, if any.
    pub addresses: Vec<IpAddr>,
    /// The proxy on the way.
    pub proxy: Choice<Arc<UpstreamProxy>>,
    /// Who we are, if the origin asks.
    pub identity: Choice<Identity>,
    /// Issuers to trust besides the usual ones, or origins' own certificates.
    pub issuers: Vec<CertificateDer<'static>>,
    /// A socket of this machine to connect to instead.
    pub unix: Option<PathBuf>,
    /// A file that gets the keys of TLS sessions.
    pub key_log: Option<PathBuf>,
    /// Limit for resolving the name, for the TCP handshake, and for the TLS handshake, each, if not the usual.
    pub handshake_timeout: Option<Duration>,
    /// Which addresses may be dialled. Unless all may be, the usual proxies are passed by: they would look names up once more, and
    /// might find other addresses.
    pub reach: Reach,
}

/// What holds of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Choice<T> {
    /// As for all requests.
    #[default]
    Usual,
    /// None, whatever is usual.
    None,
    /// This one.
    This(T),
}

impl Default for Way {
    fn default() -> Self {
        Self {
            alpn: Alpn::Any,
            verify_chain: true,
            verify_name: true,
            tls12: true,
            tls13: true,
            cipher_suites: Vec::new(),
            addresses: Vec::new(),
            proxy: Choice::Usual,
            identity: Choice::Usual,
            issuers: Vec::new(),
            unix: None,
            key_log: None,
            handshake_timeout: None,
            reach: Reach::ALL,
        }
    }
}

impl Way {
    /// The settings for one handshake with an origin whose certificate `checked` would judge, and what will be wrong with
    /// the certificate although it was let pass.
    pub(super) fn config(
        &self,
        provider: &CryptoProvider,
        checked: Arc<dyn ServerCertVerifier>,
        alpn: Alpn,
    ) -> Result<(ClientConfig, Doubt), Error> {
        let mut provider = provider.clone();
        if !self.cipher_suites.is_empty() {
            provider.cipher_suites.retain(|s| self.cipher_suites.contains(&u16::from(s.suite())));
        }
        let doubt = Doubt::default();
        let verifier =
            Lenient { checked, chain: self.verify_chain, name: self.verify_name, doubt: Arc::clone(&doubt.0) };
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&self.versions())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = alpn.protocols();
        if let Some(path) = &self.key_log {
            config.key_log = Arc::new(KeyFile::open(path.clone()).map_err(|e| {
                Error::General(format!("the file for its keys, {}, cannot be written: {e}", path.display()))
            })?);
        }
        Ok((config, doubt))
    }

    /// Whether the usual proxies are not asked.
    pub(super) fn passes_proxies_by(&self) -> bool {
        self.reach != Reach::ALL && !matches!(self.proxy, Choice::This(_))
    }

    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        [(self.tls13, &TLS13), (self.tls12, &TLS12)].into_iter().filter_map(|(on, v)| on.then_some(v)).collect()
    }
}

/// The cipher suites we have: name (IANA) and number, strongest first.
pub fn cipher_suites() -> impl Iterator<Item = (String, u16)> {
    rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES.iter().map(|s| (suite_name(s.suite()), u16::from(s.suite())))
}

/// As IANA writes it.
fn suite_name(suite: CipherSuite) -> String {
    format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
}

/// What would have been wrong with a certificate.
#[derive(Debug, Default)]
pub(super) struct Doubt(Arc<OnceLock<String>>);

impl Doubt {
    /// In words, if anything.
    pub(super) fn words(&self) -> Option<String> {
        self.0.get().cloned()
    }
}

/// Checks as usual, writes down what is wrong, and lets pass what is not to be checked.
struct Lenient {
    checked: Arc<dyn ServerCertVerifier>,
    chain: bool,
    name: bool,
    doubt: Arc<OnceLock<String>>,
}

impl fmt::Debug for Lenient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lenient").field("chain", &self.chain).field("name", &self.name).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.checked.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = verdict else { return verdict };
        let named = !matches!(
            error,
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            )
        );
        // The chain is judged before the name: where that is what is wrong, the chain is not.
        if named && self.chain {
            return Err(error);
        }
        if self.name {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        }
        let _ = self.doubt.set(error.to_string());
        Ok(ServerCertVerified::assertion())
    }

    signatures_by!(checked);
}

/// A file in the form that Wireshark and others read (`SSLKEYLOGFILE`).
struct KeyFile(Mutex<File>);

impl KeyFile {
    fn open(path: PathBuf) -> std::io::Result<Self> {
        let mut options = File::options();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options
                .mode(0o600)
                .custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits() as i32);
        }
        Ok(Self(Mutex::new(options.open(path)?)))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile")
    }
}

impl KeyLog for KeyFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        // A handshake does not fail because a disk is full.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_the_names_of_the_registry() {
        let names: Vec<_> = cipher_suites().map(|(name, _)| name).collect();
        assert!(names.contains(&"TLS_AES_128_GCM_SHA256".to_owned()), "{names:?}");
        assert!(names.contains(&"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256".to_owned()), "{names:?}");
        assert!(cipher_suites().any(|(name, number)| name == "TLS_AES_128_GCM_SHA256" && number == 0x1301));
    }
}
