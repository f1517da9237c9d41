//! The root's key and certificate as a pair: made, or parsed and checked against each other.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _,
    SerialNumber,
};
use sha2::{Digest as _, Sha256};

use crate::certificate::Certificate;
use crate::clock::{DAY, HOUR, date};
use crate::error::CaError;
use crate::leaf::random_serial;

/// How long a root is valid. Trusting a new one on every device is work, so it is years; `ca rotate` ends it sooner.
const VALIDITY: i64 = 5 * 365 * DAY;
/// Devices whose clock is behind accept a fresh root all the same; a day at most.
const BACKDATED: i64 = 12 * HOUR;

/// A root with its key.
pub(crate) struct Root {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Root {
    /// A new key and its self-signed certificate: P-256, path length 0, certificate signing only.
    pub(crate) fn generate(now: i64) -> Result<Root, CaError> {
        let key = KeyPair::generate()?;
        let digest = Sha256::digest(key.subject_public_key_info());
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, format!("Waylay CA {:02X}:{:02X}", digest[0], digest[1]));
        params.distinguished_name.push(DnType::OrganizationName, "Waylay");
        params.serial_number = Some(SerialNumber::from_slice(&random_serial()?));
        params.not_before = date(now.saturating_sub(BACKDATED))?;
        params.not_after = date(now.saturating_add(VALIDITY))?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        // Not cRLSign: no list is ever published, so nobody should believe one.
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let der = params.self_signed(&key)?.der().clone();
        // We wrote it a line above; not being able to read it is a fault of the generator.
        let certificate = Certificate::from_der(der).map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
        Ok(Root { certificate, key })
    }

    /// Whether the key is the one that the certificate names.
    pub(crate) fn matches(certificate: &Certificate, key: &KeyPair) -> bool {
        certificate.spki() == key.subject_public_key_info()
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn says_no_more_than_an_authority_without_sub_authorities_needs() {
        let root = Root::generate(NOW).unwrap();
        let (_, parsed) = X509Certificate::from_der(root.certificate.der()).unwrap();
        let constraints = parsed.basic_constraints().unwrap().unwrap();
        assert!(constraints.critical && constraints.value.ca);
        assert_eq!(constraints.value.path_len_constraint, Some(0));
        let usage = parsed.key_usage().unwrap().unwrap();
        assert!(usage.critical);
        // Bit 5 of RFC 5280 section 4.2.1.3, keyCertSign, alone.
        assert_eq!(usage.value.flags, 1 << 5);
        assert!(parsed.subject_alternative_name().unwrap().is_none());
        assert!(parsed.extended_key_usage().unwrap().is_none());
        assert_eq!(parsed.public_key().parsed().unwrap().key_size(), 256);
    }

    #[test]
    fn the_exact_extension_bytes_are_those_of_rfc_5280() {
        let root = Root::generate(NOW).unwrap();
        let der = root.certificate.der();
        // SEQUENCE { OID 2.5.29.19, TRUE, OCTET STRING { SEQUENCE { TRUE, INTEGER 0 } } }
        let constraints = b"\x30\x12\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x08\x30\x06\x01\x01\xff\x02\x01\x00";
        // SEQUENCE { OID 2.5.29.15, TRUE, OCTET STRING { BIT STRING, 2 unused, 0000 01 } }
        let usage = b"\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x02\x04";
        assert!(der.windows(constraints.len()).any(|window| window == constraints));
        assert!(der.windows(usage.len()).any(|window| window == usage));
    }

    #[test]
    fn two_installs_differ_in_key_serial_and_name() {
        let (a, b) = (Root::generate(NOW).unwrap(), Root::generate(NOW).unwrap());
        assert_ne!(a.certificate.spki(), b.certificate.spki());
        assert!(!Root::matches(&a.certificate, &b.key));
        let serial = |root: &Root| {
            let (_, parsed) = X509Certificate::from_der(root.certificate.der()).unwrap();
            parsed.raw_serial().to_vec()
        };
        assert_ne!(serial(&a), serial(&b));
        assert_eq!(serial(&a).len(), 16, "random, not the key's hash");
        let digest = Sha256::digest(a.certificate.spki());
        assert_eq!(a.certificate.name(), format!("Waylay CA {:02X}:{:02X}", digest[0], digest[1]));
        assert_eq!(a.certificate.subject(), format!("CN={}, O=Waylay", a.certificate.name()));
    }

    #[test]
    fn valid_for_years_and_backdated_by_less_than_a_day() {
        let root = Root::generate(NOW).unwrap().certificate;
        assert!(root.not_before() < NOW && NOW - root.not_before() <= DAY);
        assert!(root.not_after() > NOW + 2 * 365 * DAY && root.not_after() < NOW + 11 * 365 * DAY);
    }
}
