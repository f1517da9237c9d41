//! Certificates and keys in PEM, the keys perhaps encrypted (RFC 7468; RFC 1421 as OpenSSL has it).

use super::{
    IdentityError, Malformed,
    cipher::{decrypt, decrypt_pem},
    der::{OCTET_STRING, SEQUENCE, Values},
    pkcs12::Contents,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

/// Sections of a file, at most.
const SECTIONS: usize = 100;

/// Reads all certificates and keys of a text; other sections do not count. `None` where there is no section at all.
pub(super) fn read(text: &str, passphrase: Option<&str>) -> Result<Option<Contents>, IdentityError> {
    let (mut contents, mut found) = (Contents::default(), false);
    for section in text.split("-----BEGIN ").skip(1).take(SECTIONS) {
        let (label, rest) = section.split_once("-----").ok_or(Malformed)?;
        let (body, _) = rest.split_once(&format!("-----END {label}-----")).ok_or(Malformed)?;
        found = true;
        let (fields, encoded) = fields(body);
        let bytes = || {
            let letters: String = encoded.split_ascii_whitespace().collect();
            BASE64_STANDARD.decode(letters).map_err(|_| IdentityError::from(Malformed))
        };
        let info = fields.lines().find_map(|line| line.trim().strip_prefix("DEK-Info:"));
        let plain = |bytes: Vec<u8>| match info {
            Some(info) => decrypt_pem(info, &bytes, passphrase.ok_or(IdentityError::Encrypted)?),
            None => Ok(bytes),
        };
        let key: PrivateKeyDer<'static> = match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                // What OpenSSL says of trust stands behind the certificate.
                let certificate = bytes()?;
                contents.certificates.push(Values::new(&certificate).next(SEQUENCE)?.whole.to_vec().into());
                continue;
            }
            "PRIVATE KEY" => PrivatePkcs8KeyDer::from(bytes()?).into(),
            "ENCRYPTED PRIVATE KEY" => {
                let bytes = bytes()?;
                let mut encrypted = Values::new(&bytes).inside(SEQUENCE)?;
                let (algorithm, data) = (encrypted.inside(SEQUENCE)?, encrypted.next(OCTET_STRING)?.octets()?);
                let passphrase = passphrase.ok_or(IdentityError::Encrypted)?;
                PrivatePkcs8KeyDer::from(decrypt(algorithm, &data, passphrase)?).into()
            }
            "RSA PRIVATE KEY" => PrivatePkcs1KeyDer::from(plain(bytes()?)?).into(),
            "EC PRIVATE KEY" => PrivateSec1KeyDer::from(plain(bytes()?)?).into(),
            _ => continue,
        };
        contents.keys.push(key);
    }
    Ok(found.then_some(contents))
}

/// Fields in front of a section's bytes end with an empty line.
fn fields(body: &str) -> (&str, &str) {
    if !body.contains(':') {
        return ("", body);
    }
    let body = body.trim_start();
    body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n")).unwrap_or(("", body))
}
