//! PKCS#12 (RFC 7292), which is what `.pfx` and `.p12` hold: certificates and keys, encrypted, and a digest over it all.

use super::{
    IdentityError, Malformed,
    cipher::{Pbkdf2, decrypt, derive_pkcs12, rounds},
    der::{CONTEXT_0, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, Values},
};
use aws_lc_rs::{digest, hmac};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// 1.2.840.113549.1.7, of which .1 is data and .6 is encrypted data
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
/// 1.2.840.113549.1.12.10.1, of which .1 is a key, .2 an encrypted one, .3 a certificate, .6 more of these
const BAGS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
/// 1.2.840.113549.1.9.22.1
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// 1.3.14.3.2.26
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 2.16.840.1.101.3.4.2, of which .1 is SHA-256, .2 SHA-384, .3 SHA-512
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// 1.2.840.113549.1.5.14
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
/// 1.2.840.113549.1.5.12
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.2.840.113549.2, of which .9 is HMAC with SHA-256, .10 with SHA-384, .11 with SHA-512
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// Bags in bags, at most.
const NESTED: u8 = 4;

/// What a file holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) keys: Vec<PrivateKeyDer<'static>>,
}

/// Whether bytes look like a file of this kind: a version 3, and then contents.
pub(super) fn is_pkcs12(bytes: &[u8]) -> bool {
    let read = || {
        let mut file = Values::new(bytes).inside(SEQUENCE)?;
        Ok::<_, Malformed>(file.number()? == 3 && file.next(SEQUENCE).is_ok())
    };
    read().unwrap_or(false)
}

/// Reads and decrypts a file.
pub(super) fn read(bytes: &[u8], passphrase: &str) -> Result<Contents, IdentityError> {
    let mut file = Values::new(bytes).inside(SEQUENCE)?;
    if file.number()? != 3 {
        return Err(Malformed.into());
    }
    let mut safe = file.inside(SEQUENCE)?;
    if safe.next(OBJECT_IDENTIFIER)?.contents.strip_prefix(PKCS7) != Some(&[1]) {
        return Err(IdentityError::Unknown("a PKCS#12 file that is signed with a key".to_owned()));
    }
    let safe = safe.inside(CONTEXT_0)?.any()?.octets()?;
    if !file.is_empty() {
        check(file.inside(SEQUENCE)?, &safe, passphrase)?;
    }
    let (mut parts, mut contents) = (Values::new(&safe).inside(SEQUENCE)?, Contents::default());
    while !parts.is_empty() {
        let mut part = parts.inside(SEQUENCE)?;
        match part.next(OBJECT_IDENTIFIER)?.contents.strip_prefix(PKCS7) {
            Some([1]) => {
                let plain = part.inside(CONTEXT_0)?.any()?.octets()?;
                contents.add(&plain, passphrase, NESTED)?;
            }
            Some([6]) => {
                let mut encrypted = part.inside(CONTEXT_0)?.inside(SEQUENCE)?;
                encrypted.number()?;
                let mut info = encrypted.inside(SEQUENCE)?;
                info.next(OBJECT_IDENTIFIER)?;
                let algorithm = info.inside(SEQUENCE)?;
                let plain = decrypt(algorithm, &info.any()?.octets()?, passphrase)?;
                contents.add(&plain, passphrase, NESTED)?;
            }
            _ => return Err(IdentityError::Unknown("a PKCS#12 file that is encrypted for a key".to_owned())),
        }
    }
    Ok(contents)
}

impl Contents {
    /// SafeContents.
    fn add(&mut self, bytes: &[u8], passphrase: &str, nested: u8) -> Result<(), IdentityError> {
        let mut bags = Values::new(bytes).inside(SEQUENCE)?;
        while !bags.is_empty() {
            let mut bag = bags.inside(SEQUENCE)?;
            let kind = bag.next(OBJECT_IDENTIFIER)?.contents.strip_prefix(BAGS);
            let value = bag.inside(CONTEXT_0)?.any()?;
            match kind {
                Some([1]) => self.keys.push(pkcs8(value.whole.to_vec())),
                Some([2]) => {
                    let mut encrypted = value.values()?;
                    let algorithm = encrypted.inside(SEQUENCE)?;
                    let key = decrypt(algorithm, &encrypted.next(OCTET_STRING)?.octets()?, passphrase)?;
                    self.keys.push(pkcs8(key));
                }
                Some([3]) => {
                    let mut certificate = value.values()?;
                    if certificate.next(OBJECT_IDENTIFIER)?.contents == X509 {
                        let der = certificate.inside(CONTEXT_0)?.any()?.octets()?;
                        self.certificates.push(der.into());
                    }
                }
                Some([6]) if nested > 0 => self.add(value.whole, passphrase, nested - 1)?,
                // Revocation lists and secrets are nothing to us.
                _ => {}
            }
        }
        Ok(())
    }
}

fn pkcs8(der: Vec<u8>) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(der).into()
}

/// MacData: what shows a wrong passphrase before anything is decrypted by it.
fn check(mut mac: Values<'_>, data: &[u8], passphrase: &str) -> Result<(), IdentityError> {
    let mut info = mac.inside(SEQUENCE)?;
    let mut algorithm = info.inside(SEQUENCE)?;
    let expected = info.next(OCTET_STRING)?.octets()?;
    let salt = mac.next(OCTET_STRING)?.octets()?;
    let count = if mac.is_empty() { 1 } else { mac.number()? };
    let oid = algorithm.next(OBJECT_IDENTIFIER)?.contents;
    let key = if oid == PBMAC1 {
        pbmac1(algorithm.inside(SEQUENCE)?, passphrase)?
    } else {
        let (digest, hmac) = match (oid, oid.strip_prefix(SHA2)) {
            (SHA1, _) => (&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            (_, Some([1])) => (&digest::SHA256, hmac::HMAC_SHA256),
            (_, Some([2])) => (&digest::SHA384, hmac::HMAC_SHA384),
            (_, Some([3])) => (&digest::SHA512, hmac::HMAC_SHA512),
            _ => return Err(IdentityError::Unknown("the digest of the file".to_owned())),
        };
        let key = derive_pkcs12(digest, 3, passphrase, &salt, rounds(count)?, digest.output_len());
        hmac::Key::new(hmac, &key)
    };
    hmac::verify(&key, data, &expected).map_err(|_| IdentityError::Passphrase)
}

/// RFC 9579.
fn pbmac1(mut parameters: Values<'_>, passphrase: &str) -> Result<hmac::Key, IdentityError> {
    let mut derivation = parameters.inside(SEQUENCE)?;
    if derivation.next(OBJECT_IDENTIFIER)?.contents != PBKDF2 {
        return Err(IdentityError::Unknown("the digest of the file".to_owned()));
    }
    let derivation = Pbkdf2::read(derivation.inside(SEQUENCE)?)?;
    let (algorithm, length) = match parameters.inside(SEQUENCE)?.next(OBJECT_IDENTIFIER)?.contents.strip_prefix(HMAC) {
        Some([9]) => (hmac::HMAC_SHA256, 32),
        Some([10]) => (hmac::HMAC_SHA384, 48),
        Some([11]) => (hmac::HMAC_SHA512, 64),
        _ => return Err(IdentityError::Unknown("the digest of the file".to_owned())),
    };
    Ok(hmac::Key::new(algorithm, &derivation.key(passphrase, length)))
}
