//! Digest authentication (RFC 7616), and the form without `qop` of before (RFC 2069).

use super::challenge::{Asked, challenges, parameters};
use md5::Md5;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256, Sha512_256};
use std::fmt::Write as _;

/// Longest `WWW-Authenticate` that is looked at, bytes.
pub const MAX_CHALLENGE: usize = 16 << 10;

/// What a server asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// What the user name belongs to.
    pub realm: String,
    /// What the answer is made with.
    pub nonce: String,
    /// Given back as it is.
    pub opaque: Option<String>,
    /// How it is digested.
    pub algorithm: Algorithm,
    /// Whether digests are made of a session: with the nonce and ours in the first one.
    pub session: bool,
    /// What the answer protects.
    pub protection: Protection,
    /// Whether only the nonce was too old: the same name and password are good with this one.
    pub stale: bool,
    /// Whether the user name is to be sent as a digest.
    pub userhash: bool,
    /// Whether the server says that it knows UTF-8.
    pub utf8: bool,
}

/// How it is digested, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RFC 1321.
    Md5,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4, SHA-512/256.
    Sha512_256,
}

/// What an answer protects: `qop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing is said: RFC 2069.
    Unsaid,
    /// Method and URL.
    Auth,
    /// The body too.
    AuthInt,
}

/// What is asked in the `WWW-Authenticate` (or `Proxy-Authenticate`) fields of a response: the strongest that is known,
/// among equals the first. `None`: no Digest that is known.
pub fn challenge<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Option<Challenge> {
    let fields = fields.into_iter().filter(|field| field.len() <= MAX_CHALLENGE);
    let asked = fields.flat_map(|field| challenges(&String::from_utf8_lossy(field)));
    let known = asked.filter_map(|asked| Challenge::known(&asked));
    known.reduce(|best, next| if next.algorithm > best.algorithm { next } else { best })
}

/// The nonce for the next request, if `Authentication-Info` says one.
pub fn next_nonce(authentication_info: &[u8]) -> Option<String> {
    let info =
        parameters(&String::from_utf8_lossy(authentication_info.get(..MAX_CHALLENGE).unwrap_or(authentication_info)));
    info.get("nextnonce").filter(|nonce| !nonce.is_empty()).map(Into::into)
}

/// What is asked for by whom.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// User name.
    pub username: &'a str,
    /// Password.
    pub password: &'a str,
    /// Method.
    pub method: &'a str,
    /// Path and query as in the request line.
    pub uri: &'a str,
    /// The digest of the body by [`Algorithm::digest`], needed for [`Protection::AuthInt`] only; without it that of an empty body is taken.
    pub body: Option<&'a str>,
    /// Our nonce: random, letters and digits.
    pub cnonce: &'a str,
    /// How often this nonce of the server has been used, this time included.
    pub count: u32,
}

impl Challenge {
    fn known(asked: &Asked) -> Option<Self> {
        let nonce = asked.get("nonce").filter(|_| asked.scheme == "digest")?.to_owned();
        let algorithm = asked.get("algorithm").unwrap_or("MD5").to_ascii_lowercase();
        let (algorithm, session) = algorithm.strip_suffix("-sess").map_or((&algorithm[..], false), |name| (name, true));
        let is = |name: &str| asked.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let protection = match asked.get("qop").map(|qop| qop.split([',', ' ', '\t']).filter(|word| !word.is_empty())) {
            None => Protection::Unsaid,
            Some(mut words) => {
                let offered = |name: &str| words.clone().any(|word| word.eq_ignore_ascii_case(name));
                match (offered("auth"), offered("auth-int")) {
                    (true, _) => Protection::Auth,
                    (_, true) => Protection::AuthInt,
                    // Only others that are not known; an empty list is none at all.
                    _ => words.next().is_none().then_some(Protection::Unsaid)?,
                }
            }
        };
        Some(Self {
            realm: asked.get("realm").unwrap_or_default().to_owned(),
            nonce,
            opaque: asked.get("opaque").map(Into::into),
            algorithm: match algorithm {
                "md5" => Algorithm::Md5,
                "sha-256" => Algorithm::Sha256,
                "sha-512-256" => Algorithm::Sha512_256,
                _ => return None,
            },
            session,
            protection,
            stale: is("stale"),
            userhash: is("userhash"),
            utf8: asked.get("charset").is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8")),
        })
    }

    /// The value of `Authorization` (or `Proxy-Authorization`) that answers it.
    pub fn answer(&self, asking: &Asking<'_>) -> String {
        let Asking { username, method, uri, cnonce, count, .. } = *asking;
        let digest = |text: String| self.algorithm.digest(text.as_bytes());
        let Self { realm, nonce, .. } = self;

        let mut secret = digest(format!("{username}:{realm}:{}", asking.password));
        if self.session {
            secret = digest(format!("{secret}:{nonce}:{cnonce}"));
        }
        let asked = match self.protection {
            Protection::AuthInt => {
                let empty = self.algorithm.digest(b"");
                digest(format!("{method}:{uri}:{}", asking.body.unwrap_or(&empty)))
            }
            _ => digest(format!("{method}:{uri}")),
        };
        let response = match self.protection.name() {
            None => digest(format!("{secret}:{nonce}:{asked}")),
            Some(qop) => digest(format!("{secret}:{nonce}:{count:08x}:{cnonce}:{qop}:{asked}")),
        };

        let mut answer = format!("Digest {}", self.user(username));
        for (name, value) in [("realm", realm.as_str()), ("nonce", nonce), ("uri", uri), ("response", &response)] {
            push(&mut answer, name, &quoted(value));
        }
        if self.algorithm != Algorithm::Md5 || self.session {
            push(
                &mut answer,
                "algorithm",
                &format!("{}{}", self.algorithm.name(), if self.session { "-sess" } else { "" }),
            );
        }
        if let Some(qop) = self.protection.name() {
            push(&mut answer, "qop", qop);
            push(&mut answer, "nc", &format!("{count:08x}"));
        }
        if self.session || self.protection != Protection::Unsaid {
            push(&mut answer, "cnonce", &quoted(cnonce));
        }
        if let Some(opaque) = &self.opaque {
            push(&mut answer, "opaque", &quoted(opaque));
        }
        if self.userhash {
            push(&mut answer, "userhash", "true");
        }
        answer
    }

    /// The user name: as a digest, or as it is. A name that is not ASCII has a form of its own where the server says that it knows
    /// UTF-8; servers that do not say so mostly know nothing of that form.
    fn user(&self, name: &str) -> String {
        /// RFC 8187, 3.2.1: `attr-char`.
        const OTHERS: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'!')
            .remove(b'#')
            .remove(b'$')
            .remove(b'&')
            .remove(b'+')
            .remove(b'-')
            .remove(b'.')
            .remove(b'^')
            .remove(b'_')
            .remove(b'`')
            .remove(b'|')
            .remove(b'~');
        if self.userhash {
            return format!("username=\"{}\"", self.algorithm.digest(format!("{name}:{}", self.realm).as_bytes()));
        }
        if self.utf8 && !name.is_ascii() {
            return format!("username*=UTF-8''{}", utf8_percent_encode(name, OTHERS));
        }
        format!("username={}", quoted(name))
    }
}

impl Algorithm {
    /// The digest of some bytes in hexadecimal.
    pub fn digest(self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hasher.finish()
    }

    /// A digest in the making, of a body that comes piece by piece.
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Md5 => Hasher::Md5(Md5::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
            Self::Sha512_256 => Hasher::Sha512_256(Sha512_256::new()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512_256 => "SHA-512-256",
        }
    }
}

/// A digest in the making.
#[derive(Clone)]
pub enum Hasher {
    /// MD5.
    Md5(Md5),
    /// SHA-256.
    Sha256(Sha256),
    /// SHA-512/256.
    Sha512_256(Sha512_256),
}

impl Hasher {
    /// Some more of it.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512_256(hasher) => hasher.update(bytes),
        }
    }

    /// The digest in hexadecimal.
    pub fn finish(self) -> String {
        let bytes = match self {
            Self::Md5(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha512_256(hasher) => hasher.finalize().to_vec(),
        };
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Protection {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Unsaid => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

fn push(answer: &mut String, name: &str, value: &str) {
    let _ = write!(answer, ", {name}={value}");
}

/// A quoted string. What no field can hold is left out: the server did not mean it.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted + "\""
}

#[cfg(test)]
mod tests;
