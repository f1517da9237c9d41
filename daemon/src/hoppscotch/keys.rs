//! What a page and the agent agree upon when they pair: X25519 (RFC 7748), its output the key of all messages as it is.

use super::gcm::NONCE;
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use std::io;

/// The key that comes of a page's public one, and the public key that the page needs for the same. `None` if theirs leads to
/// no secret (RFC 7748, 6.1), or the system gives no random numbers.
pub fn agreed(theirs: &[u8; 32]) -> Option<([u8; 32], [u8; 32])> {
    let ours = PrivateKey::generate(&X25519).ok()?;
    let public = ours.compute_public_key().ok()?.as_ref().try_into().ok()?;
    let theirs = UnparsedPublicKey::new(&X25519, theirs);
    let shared = agree(&ours, theirs, (), |secret| secret.try_into().map_err(drop)).ok()?;
    Some((shared, public))
}

/// A nonce that has not been before.
///
/// # Errors
/// If the system gives no random numbers.
pub fn fresh_nonce() -> io::Result<[u8; NONCE]> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|e| io::Error::other(format!("no random numbers: {e}")))?;
    Ok(nonce)
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
        assert_eq!(key, same[..]);
        assert_ne!(agreed(&theirs).unwrap().0, key, "ours is new each time");
        // Points of small order: everybody would know the key.
        let mut one = [0; 32];
        one[0] = 1;
        assert!(agreed(&[0; 32]).is_none() && agreed(&one).is_none());
    }
}
