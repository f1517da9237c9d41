//! One leaf certificate, and the TLS configuration that serves it.

use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SerialNumber,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};

use crate::cache::Lifetime;
use crate::clock::{DAY, HOUR, date};
use crate::error::CaError;
use crate::host::Host;
use crate::root::Root;

/// How long a leaf is valid; browsers refuse long ones, and a month outlives any run of the daemon that forgets to renew.
const VALIDITY: i64 = 30 * DAY;
/// Clients whose clock is behind accept a fresh leaf all the same.
const BACKDATED: i64 = 6 * HOUR;
/// A leaf this near its end is replaced before it is served again.
const RENEWED_BEFORE: i64 = DAY;
/// TLS sessions that can be resumed, over all hosts.
const SESSIONS: usize = 4096;

/// Signs leaves with the root's key; all of them share one key of their own, made anew for every run.
pub(crate) struct LeafIssuer {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
    root_not_before: i64,
    root_not_after: i64,
    root_name: String,
    /// The leaves' public half, for the certificates.
    leaf_key: KeyPair,
    /// The same key in the form that rustls signs handshakes with.
    signing_key: Arc<dyn SigningKey>,
    provider: Arc<CryptoProvider>,
    /// One store for every host: rustls compares the server name before it resumes, and a store per host would reserve some
    /// 30 KiB for each.
    sessions: Arc<dyn StoresServerSessions>,
}

/// A TLS configuration that serves one leaf, and how long it may be served.
pub(crate) struct Leaf {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) lifetime: Lifetime,
}

impl LeafIssuer {
    /// Makes the leaf key. The process's first random draw happens here, which takes up to 100 ms.
    pub(crate) fn new(root: Root) -> Result<LeafIssuer, CaError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let leaf_key = KeyPair::generate()?;
        let signing_key =
            provider.key_provider.load_private_key(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()).into())?;
        let certificate = root.certificate;
        Ok(LeafIssuer {
            issuer: Issuer::from_ca_cert_der(certificate.der(), root.key)?,
            root: certificate.der().clone(),
            root_not_before: certificate.not_before(),
            root_not_after: certificate.not_after(),
            root_name: certificate.name().to_owned(),
            leaf_key,
            signing_key,
            provider,
            sessions: ServerSessionMemoryCache::new(SESSIONS),
        })
    }

    /// A leaf for this host, valid around `now` and never longer than the root.
    pub(crate) fn issue(&self, host: &Host, now: i64) -> Result<Leaf, CaError> {
        if now > self.root_not_after {
            return Err(CaError::Expired { name: self.root_name.clone(), not_after: self.root_not_after });
        }
        let not_before = now.saturating_sub(BACKDATED).max(self.root_not_before);
        let not_after = now.saturating_add(VALIDITY).min(self.root_not_after);
        let leaf = self.sign(host, not_before, not_after)?;
        // Near the root's own end no leaf lasts a day more; renewing on every request would gain nothing.
        let renewed = not_after.saturating_sub(RENEWED_BEFORE);
        let until = if renewed > now { renewed } else { not_after };
        Ok(Leaf { config: self.serve(leaf)?, lifetime: Lifetime { from: not_before, until } })
    }

    fn sign(&self, host: &Host, not_before: i64, not_after: i64) -> Result<CertificateDer<'static>, CaError> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![host.subject_alt_name()?];
        params.distinguished_name = DistinguishedName::new();
        if let Some(name) = host.common_name() {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        params.serial_number = Some(SerialNumber::from_slice(&random_serial()?));
        params.not_before = date(not_before)?;
        params.not_after = date(not_after)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        Ok(params.signed_by(&self.leaf_key, &self.issuer)?.der().clone())
    }

    fn serve(&self, leaf: CertificateDer<'static>) -> Result<Arc<ServerConfig>, CaError> {
        // The root is sent along: Chromium's `--ignore-certificate-errors-spki-list` looks for it in the chain.
        let key = CertifiedKey::new(vec![leaf, self.root.clone()], self.signing_key.clone());
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.session_storage = self.sessions.clone();
        Ok(Arc::new(config))
    }
}

/// 126 random bits in 16 bytes, positive and without leading zeros (RFC 5280 section 4.1.2.2 allows 20 bytes).
pub(crate) fn random_serial() -> Result<[u8; 16], CaError> {
    let mut serial = [0; 16];
    aws_lc_rs::default_provider().secure_random.fill(&mut serial).map_err(|_| CaError::Random)?;
    serial[0] = serial[0] & 0x3f | 0x40;
    Ok(serial)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rcgen::PublicKeyData as _;
    use x509_parser::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn issuer() -> LeafIssuer {
        LeafIssuer::new(Root::generate(NOW).unwrap()).unwrap()
    }

    fn leaf(issuer: &LeafIssuer, host: &str) -> Vec<u8> {
        issuer.sign(&Host::parse(host).unwrap(), NOW, NOW + DAY).unwrap().to_vec()
    }

    #[test]
    fn bears_exactly_one_name_of_the_right_kind() {
        let long = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        let table = [
            ("Example.COM.", GeneralName::DNSName("example.com")),
            ("bücher.example", GeneralName::DNSName("xn--bcher-kva.example")),
            (&long, GeneralName::DNSName(&long)),
            ("192.0.2.7", GeneralName::IPAddress(&[192, 0, 2, 7])),
            ("[2001:db8::1]", GeneralName::IPAddress(&[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
            ("::1", GeneralName::IPAddress(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
        ];
        let issuer = issuer();
        for (host, wanted) in table {
            let der = leaf(&issuer, host);
            let (_, parsed) = X509Certificate::from_der(&der).unwrap();
            let names = parsed.subject_alternative_name().unwrap().unwrap();
            assert_eq!(names.value.general_names, [wanted], "{host}");
            let common = parsed.subject().iter_common_name().next().map(|name| name.as_str().unwrap().to_owned());
            assert_eq!(common, Host::parse(host).unwrap().common_name(), "{host}");
            // RFC 5280 section 4.2.1.6: critical when the subject is empty.
            assert_eq!(names.critical, common.is_none(), "{host}");
        }
    }

    #[test]
    fn serves_tls_and_nothing_else() {
        let issuer = issuer();
        let der = leaf(&issuer, "example.com");
        let (_, parsed) = X509Certificate::from_der(&der).unwrap();
        let extended = parsed.extended_key_usage().unwrap().unwrap().value;
        assert!(extended.server_auth && !extended.client_auth && !extended.any && extended.other.is_empty());
        // Bit 0 of RFC 5280 section 4.2.1.3, digitalSignature, alone.
        assert_eq!(parsed.key_usage().unwrap().unwrap().value.flags, 1);
        assert!(!parsed.basic_constraints().unwrap().unwrap().value.ca);
    }

    #[test]
    fn names_its_issuer_by_name_and_key() {
        let issuer = issuer();
        let der = leaf(&issuer, "example.com");
        let (_, leaf) = X509Certificate::from_der(&der).unwrap();
        let (_, root) = X509Certificate::from_der(&issuer.root).unwrap();
        assert_eq!(leaf.issuer().as_raw(), root.subject().as_raw());
        let key_id = |certificate: &X509Certificate<'_>, authority: bool| {
            certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(id) if !authority => Some(id.0.to_vec()),
                ParsedExtension::AuthorityKeyIdentifier(id) if authority => {
                    id.key_identifier.as_ref().map(|id| id.0.to_vec())
                }
                _ => None,
            })
        };
        assert!(key_id(&root, false).is_some());
        assert_eq!(key_id(&leaf, true), key_id(&root, false));
        assert!(key_id(&leaf, false).is_some());
        assert_ne!(key_id(&leaf, false), key_id(&root, false));
        leaf.verify_signature(Some(root.public_key())).unwrap();
    }

    #[test]
    fn the_leaf_key_is_not_the_root_key() {
        let issuer = issuer();
        assert_ne!(issuer.leaf_key.subject_public_key_info(), issuer.issuer.key().subject_public_key_info());
        let der = leaf(&issuer, "example.com");
        let (_, parsed) = X509Certificate::from_der(&der).unwrap();
        assert_eq!(parsed.public_key().raw, issuer.leaf_key.subject_public_key_info());
    }

    #[test]
    fn every_serial_is_new_and_positive() {
        let issuer = issuer();
        let serials: HashSet<Vec<u8>> = (0..50)
            .map(|_| {
                let der = leaf(&issuer, "example.com");
                let (_, parsed) = X509Certificate::from_der(&der).unwrap();
                parsed.raw_serial().to_vec()
            })
            .collect();
        assert_eq!(serials.len(), 50);
        assert!(serials.iter().all(|serial| serial.len() == 16 && serial[0] & 0x80 == 0));
    }

    #[test]
    fn validity_stays_short_and_inside_the_roots() {
        let issuer = issuer();
        let host = Host::parse("example.com").unwrap();
        let dates = |now: i64| {
            let leaf = issuer.issue(&host, now).unwrap();
            let (_, parsed) = X509Certificate::from_der(&issuer.root).unwrap();
            let root = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
            (leaf.lifetime, root)
        };
        let now = NOW + 10 * DAY;
        let (fresh, _) = dates(now);
        assert!(fresh.from < now && now - fresh.from <= DAY, "{fresh:?}");
        assert!(fresh.until > now + DAY && fresh.until + RENEWED_BEFORE <= now + 90 * DAY, "{fresh:?}");
        let (_, (root_from, root_until)) = dates(NOW);
        let (early, _) = dates(root_from);
        assert_eq!(early.from, root_from);
        let (late, _) = dates(root_until - HOUR);
        assert_eq!(late.until, root_until, "served to the end, not renewed on every request");
        assert!(matches!(issuer.issue(&host, root_until + 1), Err(CaError::Expired { .. })));
    }

    #[test]
    fn absurd_clocks_are_errors() {
        let issuer = issuer();
        let host = Host::parse("example.com").unwrap();
        assert!(issuer.issue(&host, i64::MAX).is_err());
        // Long before the root: the leaf is dated from the root on, so that it is right once the clock is.
        assert!(issuer.issue(&host, i64::MIN).is_err());
    }
}
