//! What a certificate says. Certificates come from whoever answered: none of this is trusted, and nothing panics on it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, public_key::PublicKey, time::ASN1Time,
    x509::SubjectPublicKeyInfo,
};

/// One X.509 certificate (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Distinguished name of whom it is for; says so if the certificate could not be read.
    pub subject: String,
    /// Distinguished name of who signed it.
    pub issuer: String,
    /// ISO 8601, UTC.
    pub not_before: Option<String>,
    /// ISO 8601, UTC.
    pub not_after: Option<String>,
    /// Subject alternative names: DNS names and IP addresses as they are, others with their kind before a colon.
    pub names: Vec<String>,
    /// SHA-256 of the whole certificate, `AB:CD:…`.
    pub sha256: String,
    /// Kind and size of the public key: `ECDSA P-256`, `RSA 2048`, `Ed25519`.
    pub key: String,
    /// Set where the bytes are no certificate; the rest is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Certificate {
    /// Reads DER.
    pub fn read(der: &[u8]) -> Self {
        let sha256 = fingerprint(der);
        match X509Certificate::from_der(der) {
            Ok((_, certificate)) => Self {
                subject: certificate.subject().to_string(),
                issuer: certificate.issuer().to_string(),
                not_before: iso(certificate.validity().not_before),
                not_after: iso(certificate.validity().not_after),
                names: names(&certificate),
                sha256,
                key: key(certificate.public_key()),
                error: None,
            },
            Err(e) => Self {
                subject: "unreadable certificate".to_owned(),
                issuer: String::new(),
                not_before: None,
                not_after: None,
                names: Vec::new(),
                sha256,
                key: String::new(),
                error: Some(format!("these {} bytes are not an X.509 certificate: {e}", der.len())),
            },
        }
    }
}

fn fingerprint(der: &[u8]) -> String {
    let bytes: Vec<String> = Sha256::digest(der).iter().map(|b| format!("{b:02X}")).collect();
    bytes.join(":")
}

fn iso(time: ASN1Time) -> Option<String> {
    jiff::Timestamp::from_second(time.timestamp()).ok().map(|t| t.to_string())
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => address(bytes).map_or_else(|| "IP:?".to_owned(), |ip| ip.to_string()),
        GeneralName::RFC822Name(mail) => format!("email:{mail}"),
        GeneralName::URI(uri) => format!("URI:{uri}"),
        GeneralName::DirectoryName(name) => format!("DirName:{name}"),
        GeneralName::RegisteredID(oid) | GeneralName::OtherName(oid, _) => format!("OID:{oid}"),
        GeneralName::X400Address(_) | GeneralName::EDIPartyName(_) | GeneralName::Invalid(..) => "other:?".to_owned(),
    };
    extension.value.general_names.iter().map(name).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> String {
    let parameters = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
    match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(point)) => match parameters.map(|oid| oid.to_id_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => "ECDSA P-256".to_owned(),
            Some("1.3.132.0.34") => "ECDSA P-384".to_owned(),
            Some("1.3.132.0.35") => "ECDSA P-521".to_owned(),
            Some(curve) => format!("ECDSA {curve}"),
            None => format!("ECDSA {}", point.key_size()),
        },
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "Ed25519".to_owned(),
            "1.3.101.113" => "Ed448".to_owned(),
            other => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
