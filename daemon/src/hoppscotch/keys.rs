//! What a page and the agent agree upon when they pair: X25519 (RFC 7748), its output the key of all messages as it is.

use super::gcm::NONCE;
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use std::fmt;

/// The key of a pairing. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedKey(pub [u8; 32]);

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(…)")
    }
}

/// The key that comes of a page's public one, and the public key that the page needs for the same. `None` if theirs leads to
/// no secret (RFC 7748, 6.1), or the system gives no random numbers.
pub fn agreed(theirs: &[u8; 32]) -> Option<(SharedKey, [u8; 32])> {
    let ours = PrivateKey::generate(&X25519).ok()?;
    let public = ours.compute_public_key().ok()?.as_ref().try_into().ok()?;
    let theirs = UnparsedPublicKey::new(&X25519, theirs);
    let shared = agree(&ours, theirs, (), |secret| secret.try_into().map_err(drop)).ok()?;
    Some((SharedKey(shared), public))
}

/// A nonce that has not been before.
///
/// # Errors
/// If the system gives no random numbers.
pub fn fresh_nonce() -> Result<[u8; NONCE], getrandom::Error> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)?;
    Ok(nonce)
}

/// So many bytes from twice as many hexadecimal digits, of either case.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

/// As hexadecimal digits in lower case.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_come_to_one_key() {
        let page = PrivateKey::generate(&X25519).unwrap();
        let theirs: [u8; 32] = page.compute_public_key().unwrap().as_ref().try_into().unwrap();
        let (key, ours) = agreed(&theirs).unwrap();
        let same = agree(&page, UnparsedPublicKey::new(&X25519, &ours), (), |secret| Ok(secret.to_vec())).unwrap();
        assert_eq!(key.0, same[..]);
        assert_ne!(agreed(&theirs).unwrap().0, key, "ours is new each time");
        assert!(!format!("{key:?}").contains(&to_hex(&key.0)[..8]));
        // Points of small order: everybody would know the key.
        let mut one = [0; 32];
        one[0] = 1;
        assert!(agreed(&[0; 32]).is_none() && agreed(&one).is_none());
    }

    #[test]
    fn digits_are_of_either_case_and_as_many_as_are_wanted() {
        assert_eq!(from_hex("00fFA1"), Some([0, 255, 0xa1]));
        assert_eq!(to_hex(&[0, 255, 0xa1]), "00ffa1");
        for bad in ["", "00ffa", "00ffa1b", "00ffag", "+0ffa1", "ä0ff1"] {
            assert_eq!(from_hex::<3>(bad), None, "{bad}");
        }
    }
}
