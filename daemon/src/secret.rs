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
        Ok(Self(bytes.iter().map(|b| format!("{b:02x}")).collect()))
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

    /// Whether `given` is the secret, in a time that says nothing about how much of it was right.
    pub(crate) fn is_of(&self, given: &[u8]) -> bool {
        let differing = Self::of(given).0.iter().zip(&self.0).fold(0u8, |d, (a, b)| black_box(d | (a ^ b)));
        differing == 0
    }
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
}
