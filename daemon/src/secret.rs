//! Secrets: made from the system's random numbers, kept as digests where that is enough, compared in constant time.

use sha2::{Digest as _, Sha256};
use std::{fmt, hint::black_box, io};

/// 256 random bits in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// # Errors
    /// If the system gives no random numbers.
    pub(crate) fn random() -> io::Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| io::Error::other(format!("no random numbers: {e}")))?;
        Ok(Self(hex(&bytes)))
    }

    /// 122 random bits as a UUID (RFC 9562, 5.4).
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub(crate) fn random_uuid() -> io::Result<Self> {
        let Self(mut text) = Self::random()?;
        text.truncate(32);
        // Version 4, and the variant of the RFC: its two bits are 10.
        text.replace_range(12..13, "4");
        let variant = match text.as_bytes()[16] {
            b'0' | b'4' | b'8' | b'c' => "8",
            b'1' | b'5' | b'9' | b'd' => "9",
            b'2' | b'6' | b'a' | b'e' => "a",
            _ => "b",
        };
        text.replace_range(16..17, variant);
        Ok(Self([&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")))
    }

    /// Six random decimal digits, for people to type.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub(crate) fn random_code() -> io::Result<Self> {
        loop {
            let mut bytes = [0u8; 4];
            getrandom::fill(&mut bytes).map_err(|e| io::Error::other(format!("no random numbers: {e}")))?;
            // Above this the last run of a million is not whole, and some codes would come more often.
            let number = u32::from_be_bytes(bytes);
            if number < u32::MAX / 1_000_000 * 1_000_000 {
                return Ok(Self(format!("{:06}", number % 1_000_000)));
            }
        }
    }

    /// The secret itself, for the one it is meant for.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a secret to recognise it by.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The digest of a secret that came from elsewhere.
    pub(crate) fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// In hexadecimal, to be kept.
    pub(crate) fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// One that was kept.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }

    /// Whether `given` is the secret, in a time that says nothing about how much of it was right.
    pub(crate) fn is_of(&self, given: &[u8]) -> bool {
        let differing = Self::of(given).0.iter().zip(&self.0).fold(0u8, |d, (a, b)| black_box(d | (a ^ b)));
        differing == 0
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// So many bytes in hexadecimal, in either case.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_and_nothing_else_is() {
        let secret = Secret::random().unwrap();
        let digest = secret.digest();
        let text = secret.reveal().to_owned();
        assert_eq!(text.len(), 64);
        assert!(digest.is_of(text.as_bytes()));
        let (mut first, mut last) = (text.clone().into_bytes(), text.clone().into_bytes());
        (first[0], last[63]) = (b'x', b'x');
        for other in [&b""[..], &text.as_bytes()[..63], &first, &last, &[text.as_bytes(), b"0"].concat()] {
            assert!(!digest.is_of(other));
        }
        assert_ne!(secret, Secret::random().unwrap());
        assert!(!format!("{secret:?}").contains(&text));
    }

    #[test]
    fn what_is_kept_of_a_secret_recognises_it_later() {
        let secret = Secret::random().unwrap();
        let kept = Digest::from_hex(&secret.digest().to_hex()).unwrap();
        assert!(kept.is_of(secret.reveal().as_bytes()));
        for bad in ["", "00", &"g".repeat(64), &"ä".repeat(32), &"0".repeat(65)] {
            assert!(Digest::from_hex(bad).is_none(), "{bad}");
        }
        assert_eq!(from_hex(&"aB".repeat(32)), Some([0xab; 32]));
    }

    #[test]
    fn codes_are_six_digits_and_uuids_are_of_version_4() {
        for _ in 0..200 {
            let code = Secret::random_code().unwrap();
            assert!(code.reveal().len() == 6 && code.reveal().bytes().all(|b| b.is_ascii_digit()));
            let uuid = Secret::random_uuid().unwrap();
            let parts: Vec<_> = uuid.reveal().split('-').collect();
            assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{}", uuid.reveal());
            assert!(parts[2].starts_with('4') && "89ab".contains(&parts[3][..1]), "{}", uuid.reveal());
        }
    }
}
