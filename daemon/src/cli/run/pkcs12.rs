//! A trust store for Java: PKCS#12 (RFC 7292) with certificates only, neither encrypted nor authenticated.
//!
//! There is nothing secret in it, and Java (8 and newer) reads it without a password. Each certificate carries the
//! attribute by which Java tells a trusted root from one of a key's chain.

use rustls::pki_types::CertificateDer;

// DER tags.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0] EXPLICIT`
const EXPLICIT: u8 = 0xa0;

// Object identifiers, encoded.
/// 1.2.840.113549.1.7.1, `data` of PKCS#7
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.12.10.1.3, `certBag`
const CERT_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
/// 1.2.840.113549.1.9.22.1, `x509Certificate`
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// 1.2.840.113549.1.9.20, `friendlyName`
const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// 2.16.840.1.113894.746875.1.1, Oracle's `trustedKeyUsage`
const TRUSTED_KEY_USAGE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01];
/// 2.5.29.37.0, `anyExtendedKeyUsage`
const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];

/// A store that trusts `roots`.
pub(super) fn trust_store(roots: &[CertificateDer<'_>]) -> Vec<u8> {
    let bags: Vec<u8> = roots.iter().enumerate().flat_map(|(number, root)| bag(number, root)).collect();
    let contents = der(SEQUENCE, &data(&der(SEQUENCE, &bags)));
    der(SEQUENCE, &[der(INTEGER, &[3]), data(&contents)].concat())
}

/// `ContentInfo` of the type `data`.
fn data(bytes: &[u8]) -> Vec<u8> {
    let content = der(EXPLICIT, &der(OCTET_STRING, bytes));
    der(SEQUENCE, &[der(OBJECT_IDENTIFIER, DATA), content].concat())
}

/// `SafeBag` with one certificate.
fn bag(number: usize, certificate: &[u8]) -> Vec<u8> {
    let certificate = der(EXPLICIT, &der(OCTET_STRING, certificate));
    let certificate = der(SEQUENCE, &[der(OBJECT_IDENTIFIER, X509_CERTIFICATE), certificate].concat());
    // Java takes the name for the entry's alias, which must be unique.
    let name: Vec<u8> = format!("root {number}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let attributes = [
        attribute(FRIENDLY_NAME, &der(BMP_STRING, &name)),
        attribute(TRUSTED_KEY_USAGE, &der(OBJECT_IDENTIFIER, ANY_EXTENDED_KEY_USAGE)),
    ];
    let bag = [der(OBJECT_IDENTIFIER, CERT_BAG), der(EXPLICIT, &certificate), der(SET, &attributes.concat())];
    der(SEQUENCE, &bag.concat())
}

fn attribute(identifier: &[u8], value: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[der(OBJECT_IDENTIFIER, identifier), der(SET, value)].concat())
}

/// One element: tag, length in the short or the long form, contents (X.690, 8.1).
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    let length = contents.len().to_be_bytes();
    let significant = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    match significant {
        [short @ 0..=0x7f] => element.push(*short),
        long => {
            // At most the eight bytes of a usize.
            element.push(0x80 | long.len() as u8);
            element.extend_from_slice(long);
        }
    }
    element.extend_from_slice(contents);
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_their_shortest_form() {
        assert_eq!(der(SET, &[]), [SET, 0]);
        assert_eq!(der(SET, &[7; 127])[..2], [SET, 127]);
        assert_eq!(der(SET, &[7; 128])[..3], [SET, 0x81, 128]);
        assert_eq!(der(SET, &[7; 300])[..4], [SET, 0x82, 1, 44]);
    }

    #[test]
    fn every_certificate_is_in_it_once() {
        let roots = [CertificateDer::from(vec![1; 200]), CertificateDer::from(vec![2; 40])];
        let store = trust_store(&roots);
        for root in &roots {
            assert_eq!(store.windows(root.len()).filter(|window| *window == root.as_ref()).count(), 1);
        }
        let (rest, _) = x509_parser::der_parser::parse_der(&store).unwrap();
        assert!(rest.is_empty());
    }
}
