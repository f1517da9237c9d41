//! AES-256-GCM (NIST SP 800-38D) piece by piece, so that a message need not be in memory: counter mode of aws-lc-rs beside
//! GHASH. Nothing but the message is authenticated.

use aws_lc_rs::{
    cipher::{AES_256, EncryptionContext, StreamingEncryptingKey, UnboundCipherKey},
    error::Unspecified,
    iv::FixedLength,
};
use ghash::{
    Block, GHash, Key,
    universal_hash::{KeyInit, UniversalHash},
};

/// Bytes of a nonce.
pub const NONCE: usize = 12;
/// Bytes of a tag.
pub const TAG: usize = 16;
/// Longest message, bytes: the counter has 32 bits.
pub const LONGEST: u64 = (1 << 36) - 32;

/// One message that is being sealed or opened.
pub struct Gcm {
    counter: StreamingEncryptingKey,
    hash: GHash,
    /// What is hashed once it is a whole block.
    rest: Vec<u8>,
    length: u64,
    /// What the hash is encrypted with.
    mask: [u8; TAG],
}

impl Gcm {
    /// Begins a message. A nonce must never come twice with a key.
    ///
    /// # Errors
    /// If the cipher cannot be set up.
    pub fn new(key: &[u8; 32], nonce: &[u8; NONCE]) -> Result<Self, Unspecified> {
        let mut subkey = [0; 16];
        Self::run(&mut Self::counter(key, [0; 16])?, &mut subkey)?;
        let mut first = [0; 16];
        first[..NONCE].copy_from_slice(nonce);
        first[15] = 1;
        let mut counter = Self::counter(key, first)?;
        let mut mask = [0; TAG];
        Self::run(&mut counter, &mut mask)?;
        Ok(Self { counter, hash: <GHash as KeyInit>::new(&Key::from(subkey)), rest: Vec::new(), length: 0, mask })
    }

    /// Encrypts the next piece in its place.
    ///
    /// # Errors
    /// If the message becomes longer than [`LONGEST`].
    pub fn seal(&mut self, piece: &mut [u8]) -> Result<(), Unspecified> {
        Self::run(&mut self.counter, piece)?;
        self.authenticate(piece)
    }

    /// Takes in the next sealed piece for the tag, without decrypting it.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn authenticate(&mut self, sealed: &[u8]) -> Result<(), Unspecified> {
        self.length = self.length.checked_add(sealed.len() as u64).filter(|l| *l <= LONGEST).ok_or(Unspecified)?;
        let mut sealed = sealed;
        if !self.rest.is_empty() {
            let (first, others) = sealed.split_at(sealed.len().min(16 - self.rest.len()));
            self.rest.extend_from_slice(first);
            sealed = others;
            if self.rest.len() < 16 {
                return Ok(());
            }
            self.hash.update_padded(&self.rest);
            self.rest.clear();
        }
        let (blocks, rest) = sealed.split_at(sealed.len() - sealed.len() % 16);
        self.hash.update_padded(blocks);
        self.rest.extend_from_slice(rest);
        Ok(())
    }

    /// Decrypts the next piece in its place; to be asked only once all of the message has proved to be genuine.
    ///
    /// # Errors
    /// If the cipher fails.
    pub fn decrypt(&mut self, piece: &mut [u8]) -> Result<(), Unspecified> {
        Self::run(&mut self.counter, piece)
    }

    /// The tag of all that was sealed.
    pub fn tag(self) -> [u8; TAG] {
        let mask = self.mask;
        let mut tag: [u8; TAG] = self.ended().finalize().into();
        tag.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        tag
    }

    /// Whether `tag` is that of all that was authenticated, in a time that says nothing about how much of it is right.
    pub fn is_tag(self, tag: &[u8; TAG]) -> bool {
        let mut expected = *tag;
        expected.iter_mut().zip(self.mask).for_each(|(byte, mask)| *byte ^= mask);
        self.ended().verify(&Block::from(expected)).is_ok()
    }

    fn ended(mut self) -> GHash {
        self.hash.update_padded(&self.rest);
        let mut lengths = [0; 16];
        lengths[8..].copy_from_slice(&(self.length * 8).to_be_bytes());
        self.hash.update_padded(&lengths);
        self.hash
    }

    fn counter(key: &[u8; 32], first: [u8; 16]) -> Result<StreamingEncryptingKey, Unspecified> {
        let context = EncryptionContext::Iv128(FixedLength::from(first));
        StreamingEncryptingKey::less_safe_ctr(UnboundCipherKey::new(&AES_256, key)?, context)
    }

    fn run(counter: &mut StreamingEncryptingKey, piece: &mut [u8]) -> Result<(), Unspecified> {
        // It wants room for a block more than it writes.
        let mut out = vec![0; piece.len() + 16];
        let written = counter.update(piece, &mut out)?.written().len();
        if written != piece.len() {
            return Err(Unspecified);
        }
        piece.copy_from_slice(&out[..written]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    /// The same by another implementation, in one piece.
    fn reference(key: &[u8; 32], nonce: &[u8; NONCE], message: &[u8]) -> Vec<u8> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let mut sealed = message.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut sealed).unwrap();
        sealed
    }

    proptest::proptest! {
        #[test]
        fn pieces_make_the_message_that_others_make_at_once(
            key: [u8; 32],
            nonce: [u8; NONCE],
            pieces in proptest::collection::vec(proptest::collection::vec(0u8.., 0..70), 0..8),
        ) {
            let expected = reference(&key, &nonce, &pieces.concat());
            let mut gcm = Gcm::new(&key, &nonce).unwrap();
            let mut sealed = Vec::new();
            for mut piece in pieces.clone() {
                gcm.seal(&mut piece).unwrap();
                sealed.extend_from_slice(&piece);
            }
            sealed.extend_from_slice(&gcm.tag());
            proptest::prop_assert_eq!(&sealed, &expected);

            let (message, tag) = sealed.split_at(sealed.len() - TAG);
            let mut tag: [u8; TAG] = tag.try_into().unwrap();
            let told = |message: &[u8], tag: &[u8; TAG]| {
                let mut gcm = Gcm::new(&key, &nonce).unwrap();
                message.chunks(13).for_each(|piece| gcm.authenticate(piece).unwrap());
                gcm.is_tag(tag)
            };
            proptest::prop_assert!(told(message, &tag));
            let mut opened = message.to_vec();
            Gcm::new(&key, &nonce).unwrap().decrypt(&mut opened).unwrap();
            proptest::prop_assert_eq!(opened, pieces.concat());
            if let Some(first) = message.first() {
                let mut other = message.to_vec();
                other[0] = first ^ 1;
                proptest::prop_assert!(!told(&other, &tag));
            }
            tag[TAG - 1] ^= 0x80;
            proptest::prop_assert!(!told(message, &tag));
        }
    }
}
