//! How files with keys are encrypted by a passphrase: PBES2 (RFC 8018), the ways of PKCS#12 (RFC 7292, appendix B), and
//! what OpenSSL once did with PEM.

use super::{
    IdentityError, Malformed,
    der::{INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, Value, Values},
};
use aws_lc_rs::{
    cipher::{AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    digest, pbkdf2,
};
use des::cipher::{Array, BlockCipherDecrypt, KeyInit};
use std::num::NonZeroU32;

/// Rounds of a key derivation that are gone through: some seconds. Programs of our days write up to a million.
const ROUNDS: u64 = 5_000_000;

/// 1.2.840.113549.1.5.13
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// 1.2.840.113549.1.5.12
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.2.840.113549.1.12.1, of which .3 is SHA-1 with triple DES, .5 and .6 are SHA-1 with RC2 of 128 and 40 bits
const PKCS12: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// 1.2.840.113549.2, of which .7 is HMAC with SHA-1, .9 with SHA-256, .10 with SHA-384, .11 with SHA-512
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// 2.16.840.1.101.3.4.1, of which .2, .22 and .42 are AES in CBC mode
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
/// 1.2.840.113549.3.7
const TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

/// Decrypts what an AlgorithmIdentifier says.
pub(super) fn decrypt(algorithm: Values<'_>, data: &[u8], passphrase: &str) -> Result<Vec<u8>, IdentityError> {
    let mut algorithm = algorithm;
    let oid = algorithm.next(OBJECT_IDENTIFIER)?.contents;
    if oid == PBES2 {
        return pbes2(algorithm.inside(SEQUENCE)?, data, passphrase);
    }
    let Some(&[number]) = oid.strip_prefix(PKCS12) else { return Err(unknown(oid)) };
    let mut parameters = algorithm.inside(SEQUENCE)?;
    let salt = parameters.next(OCTET_STRING)?.octets()?;
    let rounds = rounds(parameters.number()?)?;
    let key = |len| derive_pkcs12(&digest::SHA1_FOR_LEGACY_USE_ONLY, 1, passphrase, &salt, rounds, len);
    let iv = derive_pkcs12(&digest::SHA1_FOR_LEGACY_USE_ONLY, 2, passphrase, &salt, rounds, 8);
    match number {
        3 => cbc::<des::TdesEde3>(&key(24), &iv, data),
        5 => cbc::<rc2::Rc2>(&key(16), &iv, data),
        6 => cbc::<rc2::Rc2>(&key(5), &iv, data),
        _ => Err(unknown(oid)),
    }
}

fn pbes2(mut parameters: Values<'_>, data: &[u8], passphrase: &str) -> Result<Vec<u8>, IdentityError> {
    let mut derivation = parameters.inside(SEQUENCE)?;
    let oid = derivation.next(OBJECT_IDENTIFIER)?.contents;
    if oid != PBKDF2 {
        return Err(unknown(oid));
    }
    let derivation = Pbkdf2::read(derivation.inside(SEQUENCE)?)?;
    let mut scheme = parameters.inside(SEQUENCE)?;
    let oid = scheme.next(OBJECT_IDENTIFIER)?.contents;
    let iv = scheme.next(OCTET_STRING)?.octets()?;
    let length = match oid.strip_prefix(AES) {
        Some([2]) => 16,
        Some([22]) => 24,
        Some([42]) => 32,
        _ if oid == TRIPLE_DES => 24,
        _ => return Err(unknown(oid)),
    };
    let key = derivation.key(passphrase, length);
    if oid == TRIPLE_DES { cbc::<des::TdesEde3>(&key, &iv, data) } else { aes(&key, &iv, data) }
}

/// PBKDF2-params.
pub(super) struct Pbkdf2 {
    algorithm: pbkdf2::Algorithm,
    salt: Vec<u8>,
    rounds: NonZeroU32,
}

impl Pbkdf2 {
    pub(super) fn read(mut parameters: Values<'_>) -> Result<Self, IdentityError> {
        let salt = parameters.next(OCTET_STRING)?.octets()?;
        let rounds = rounds(parameters.number()?)?;
        let mut algorithm = pbkdf2::PBKDF2_HMAC_SHA1;
        while !parameters.is_empty() {
            let value: Value<'_> = parameters.any()?;
            // The length of the key is known already.
            if value.tag != INTEGER {
                let oid = value.values()?.next(OBJECT_IDENTIFIER)?.contents;
                algorithm = match oid.strip_prefix(HMAC) {
                    Some([7]) => pbkdf2::PBKDF2_HMAC_SHA1,
                    Some([9]) => pbkdf2::PBKDF2_HMAC_SHA256,
                    Some([10]) => pbkdf2::PBKDF2_HMAC_SHA384,
                    Some([11]) => pbkdf2::PBKDF2_HMAC_SHA512,
                    _ => return Err(unknown(oid)),
                };
            }
        }
        Ok(Self { algorithm, salt, rounds })
    }

    pub(super) fn key(&self, passphrase: &str, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        pbkdf2::derive(self.algorithm, self.rounds, &self.salt, passphrase.as_bytes(), &mut key);
        key
    }
}

/// Holds a number of rounds to the limit.
pub(super) fn rounds(rounds: u64) -> Result<NonZeroU32, IdentityError> {
    let within = (1..=ROUNDS).contains(&rounds).then(|| u32::try_from(rounds).ok().and_then(NonZeroU32::new)).flatten();
    within.ok_or_else(|| IdentityError::Unknown(format!("a key derivation of {rounds} rounds")))
}

/// RFC 7292, B.2. The passphrase counts as UTF-16 with a zero at its end.
pub(super) fn derive_pkcs12(
    algorithm: &'static digest::Algorithm,
    purpose: u8,
    passphrase: &str,
    salt: &[u8],
    rounds: NonZeroU32,
    length: usize,
) -> Vec<u8> {
    let block = algorithm.block_len();
    let password: Vec<u8> = passphrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .cycle()
            .take(if bytes.is_empty() { 0 } else { bytes.len().div_ceil(block) * block })
            .collect()
    };
    let mut input = [filled(salt), filled(&password)].concat();
    let mut out = Vec::new();
    while out.len() < length {
        let mut hashed = digest::digest(algorithm, &[vec![purpose; block], input.clone()].concat());
        for _ in 1..rounds.get() {
            hashed = digest::digest(algorithm, hashed.as_ref());
        }
        out.extend_from_slice(hashed.as_ref());
        let addend = filled(hashed.as_ref());
        for chunk in input.chunks_mut(block) {
            let mut carry = 1u16;
            for (byte, add) in chunk.iter_mut().zip(&addend).rev() {
                let sum = u16::from(*byte) + u16::from(*add) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
        }
    }
    out.truncate(length);
    out
}

/// What `DEK-Info` of a PEM says (RFC 1421, 4.6.1.3; the key as OpenSSL's EVP_BytesToKey derives it).
pub(super) fn decrypt_pem(info: &str, data: &[u8], passphrase: &str) -> Result<Vec<u8>, IdentityError> {
    use md5::{Digest, Md5};
    let (name, iv) = info.trim().split_once(',').ok_or(Malformed)?;
    let digits = iv.trim();
    let digit = |at: usize| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let iv = (0..digits.len()).step_by(2).map(digit).collect::<Option<Vec<u8>>>().filter(|iv| iv.len() >= 8);
    let iv = iv.ok_or(Malformed)?;
    let length = match name {
        "AES-128-CBC" => 16,
        "AES-192-CBC" | "DES-EDE3-CBC" => 24,
        "AES-256-CBC" => 32,
        other => return Err(IdentityError::Unknown(other.chars().take(40).collect())),
    };
    let (mut key, mut last) = (Vec::new(), Vec::new());
    while key.len() < length {
        last = Md5::digest([&last, passphrase.as_bytes(), &iv[..8]].concat()).to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    if name.starts_with("DES") { cbc::<des::TdesEde3>(&key, &iv, data) } else { aes(&key, &iv, data) }
}

fn aes(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, IdentityError> {
    let algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        _ => &AES_256,
    };
    let iv: [u8; 16] = iv.try_into().map_err(|_| Malformed)?;
    let key = UnboundCipherKey::new(algorithm, key).and_then(PaddedBlockDecryptingKey::cbc_pkcs7);
    let mut data = data.to_vec();
    let plain = key.and_then(|key| key.decrypt(&mut data, DecryptionContext::Iv128(iv.into())).map(|p| p.len()));
    // By a wrong key, the padding is wrong in all but one of 256 cases; then what comes out is not understood.
    let length = plain.map_err(|_| IdentityError::Passphrase)?;
    data.truncate(length);
    Ok(data)
}

/// CBC mode with PKCS#7 padding, for ciphers with blocks of 8 bytes.
fn cbc<C: KeyInit + BlockCipherDecrypt>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, IdentityError> {
    let cipher = C::new_from_slice(key).map_err(|_| Malformed)?;
    let size = C::block_size();
    if iv.len() != size || data.is_empty() || !data.len().is_multiple_of(size) {
        return Err(Malformed.into());
    }
    let (mut plain, mut before) = (Vec::with_capacity(data.len()), iv);
    for block in data.chunks_exact(size) {
        let mut out = Array::try_from(block).map_err(|_| Malformed)?;
        cipher.decrypt_block(&mut out);
        plain.extend(out.iter().zip(before).map(|(a, b)| a ^ b));
        before = block;
    }
    let padding = usize::from(plain.last().copied().unwrap_or_default());
    let whole =
        (1..=size).contains(&padding) && plain[plain.len() - padding..].iter().all(|b| usize::from(*b) == padding);
    if !whole {
        return Err(IdentityError::Passphrase);
    }
    plain.truncate(plain.len() - padding);
    Ok(plain)
}

fn unknown(oid: &[u8]) -> IdentityError {
    IdentityError::Unknown(format!("the algorithm {}", dotted(oid)))
}

/// An object identifier for people: `1.2.840.113549.1.5.13`.
fn dotted(oid: &[u8]) -> String {
    let (mut text, mut arc) = (String::new(), 0u64);
    for byte in oid.iter().take(40) {
        arc = arc.wrapping_mul(128).wrapping_add(u64::from(byte & 0x7f));
        if byte & 0x80 == 0 {
            if text.is_empty() {
                let first = (arc / 40).min(2);
                text = format!("{first}.{}", arc - first * 40);
            } else {
                text.push_str(&format!(".{arc}"));
            }
            arc = 0;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_shown_as_everywhere() {
        assert_eq!(dotted(PBES2), "1.2.840.113549.1.5.13");
        assert_eq!(dotted(AES), "2.16.840.1.101.3.4.1");
    }

    #[test]
    fn work_is_bounded() {
        assert!(rounds(ROUNDS).is_ok() && rounds(0).is_err());
        assert!(rounds(ROUNDS + 1).unwrap_err().to_string().contains("rounds"));
    }
}
