//! Client certificates and their keys, in PEM and PKCS#12.

use waylay::upstream::identity::Identity;

/// Any bytes, as one file or two and with any passphrase, are an identity or are refused with a reason that quotes nothing; what
/// is one can be told of.
pub fn check(input: &[u8]) {
    let (option, rest) = super::option(input);
    let passphrase = match option & 3 {
        0 => None,
        1 => Some(""),
        _ => Some("s3cret"),
    };
    let (first, second) = rest.split_at(rest.len() * usize::from(option >> 2 & 31) / 31);
    let files: &[&[u8]] = if option & 0x80 == 0 { &[rest] } else { &[first, second] };
    match Identity::read(files, passphrase) {
        Ok(identity) => {
            assert_eq!(identity.facts.fingerprint.len(), 64);
            assert!(identity.facts.trouble(identity.facts.not_after.saturating_add(1)).is_some());
            assert!(!format!("{identity:?}").contains("key"));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty() && error.to_string().len() < 300 && !error.hint().is_empty())
        }
    }
}
