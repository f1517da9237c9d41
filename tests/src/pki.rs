//! A public key infrastructure for origins: roots, leaves, and what makes a leaf bad.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ClientConfig, DEFAULT_VERSIONS, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
    version::TLS12,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};
use time::{Duration, OffsetDateTime};

/// The one crypto provider.
pub fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(aws_lc_rs::default_provider()));
    PROVIDER.clone()
}

/// A root certificate and its key.
pub struct Root {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
}

impl Root {
    /// A new root with the common name `name`.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        (params.not_before, params.not_after) = around_now();
        let key = KeyPair::generate().expect("a P-256 key");
        let certificate = params.self_signed(&key).expect("a root");
        Self { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// The root that daemons under test are told to trust.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Root> = LazyLock::new(|| Root::new("Waylay tests: trusted root"));
        &SHARED
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate as DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// A good leaf for `names` (DNS names and addresses).
    pub fn leaf(&self, names: &[&str]) -> Leaf {
        let (from, to) = around_now();
        self.leaf_valid(names, from, to)
    }

    /// A leaf that ended yesterday.
    pub fn expired_leaf(&self, names: &[&str]) -> Leaf {
        let now = OffsetDateTime::now_utc();
        self.leaf_valid(names, now - Duration::days(30), now - Duration::days(1))
    }

    /// A certificate for a client called `name`.
    pub fn client(&self, name: &str) -> Leaf {
        let (from, to) = around_now();
        self.client_valid(name, from, to)
    }

    /// The same, ended yesterday.
    pub fn expired_client(&self, name: &str) -> Leaf {
        let now = OffsetDateTime::now_utc();
        self.client_valid(name, now - Duration::days(30), now - Duration::days(1))
    }

    fn client_valid(&self, name: &str, from: OffsetDateTime, to: OffsetDateTime) -> Leaf {
        let mut params = leaf_params(&[], from, to);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a P-256 key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a leaf");
        Leaf { chain: vec![certificate.der().clone(), self.der.clone()], key: key.serialize_der() }
    }

    fn leaf_valid(&self, names: &[&str], from: OffsetDateTime, to: OffsetDateTime) -> Leaf {
        let params = leaf_params(names, from, to);
        let key = KeyPair::generate().expect("a P-256 key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a leaf");
        Leaf { chain: vec![certificate.der().clone(), self.der.clone()], key: key.serialize_der() }
    }
}

/// A server's certificate chain and key.
#[derive(Clone)]
pub struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Leaf {
    /// A leaf signed by nobody but itself.
    pub fn self_signed(names: &[&str]) -> Self {
        let (from, to) = around_now();
        Self::signed_by_itself(leaf_params(names, from, to))
    }

    /// The same, called an issuer as well, as `openssl req -x509` makes them.
    pub fn self_signed_issuer(names: &[&str]) -> Self {
        let (from, to) = around_now();
        let mut params = leaf_params(names, from, to);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self::signed_by_itself(params)
    }

    /// [`Leaf::self_signed`], ended yesterday.
    pub fn self_signed_expired(names: &[&str]) -> Self {
        let now = OffsetDateTime::now_utc();
        Self::signed_by_itself(leaf_params(names, now - Duration::days(30), now - Duration::days(1)))
    }

    /// The leaf itself as PEM.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.chain[0])
    }

    /// The leaf itself as DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }

    /// Chain and key in one file, as servers that are no Rust read them.
    pub fn server_pem(&self) -> String {
        let chain: String = self.chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
        chain + &pem("PRIVATE KEY", &self.key)
    }

    /// Writes the chain and the key as PEM files into `folder`; their paths.
    pub fn files(&self, folder: &Path) -> [PathBuf; 2] {
        let one = |label: &str, der: &[u8]| {
            let lines: Vec<_> = der.chunks(48).map(|line| BASE64_STANDARD.encode(line)).collect();
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        };
        let chain: String = self.chain.iter().map(|c| one("CERTIFICATE", c)).collect();
        let paths = [folder.join("chain.pem"), folder.join("key.pem")];
        fs::write(&paths[0], chain).expect("a file");
        fs::write(&paths[1], one("PRIVATE KEY", &self.key)).expect("a file");
        paths
    }

    fn signed_by_itself(params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a P-256 key");
        let certificate = params.self_signed(&key).expect("a leaf");
        Self { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }

    /// What a server needs to present it and to speak `alpn`.
    pub fn server(&self, alpn: &[&str]) -> Arc<ServerConfig> {
        self.server_of(DEFAULT_VERSIONS, alpn)
    }

    /// The same for a server that lets in only clients with a certificate from the shared root.
    pub fn server_asking(&self, alpn: &[&str]) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(Root::shared().der().clone()).expect("a usable root");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(DEFAULT_VERSIONS)
            .expect("versions of the provider")
            .with_client_cert_verifier(verifier.expect("roots"))
            .with_single_cert(self.chain.clone(), key)
            .expect("key and chain belong together");
        config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    /// The same for a server that knows nothing newer than TLS 1.2.
    pub fn server_1_2(&self, alpn: &[&str]) -> Arc<ServerConfig> {
        self.server_of(&[&TLS12], alpn)
    }

    fn server_of(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&str]) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .expect("versions of the provider")
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .expect("key and chain belong together");
        config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// A TLS client that trusts exactly the certificates in `pem` and offers `alpn`.
pub fn client(pem: &str, alpn: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.expect("PEM of a certificate")).expect("a usable root");
    }
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions of the provider")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|p| p.as_bytes().to_vec()).collect();
    Arc::new(config)
}

fn leaf_params(names: &[&str], from: OffsetDateTime, to: OffsetDateTime) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).expect("names fit for a certificate");
    params.distinguished_name.push(DnType::CommonName, "Waylay tests: origin");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (from, to);
    params
}

fn around_now() -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now - Duration::days(1), now + Duration::days(30))
}
