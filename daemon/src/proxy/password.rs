//! The password that other machines need for the proxy (RFC 7617 by RFC 9110, 11.7). Programs of this machine need none.
//!
//! It keeps strangers out. It is no secret from those who can listen on the network: Basic authentication is sent in the
//! clear, as is everything else on the way to a proxy.

use crate::{
    exchange::{ResponseBody, page},
    platform,
    secret::Digest,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Shortest password, bytes: shorter ones are found by trying.
const SHORTEST: usize = 8;
/// Longest password, bytes.
const LONGEST: usize = 1024;

/// What is kept of the password.
#[derive(Clone)]
pub struct Password(Digest);

/// Why a file gives no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It cannot be read.
    #[error("cannot read the proxy password in {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// What is in it can be no password.
    #[error("the proxy password in {} {why}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Password {
    /// Reads the one line of a file.
    ///
    /// # Errors
    /// If the file cannot be read, or holds anything else than one line of 8 to 1024 bytes.
    pub fn read(path: &Path) -> Result<Self, PasswordError> {
        let io = |source| PasswordError::Io { path: path.to_owned(), source };
        let bad = |why: String| PasswordError::Bad { path: path.to_owned(), why };
        let file = File::open(path).map_err(io)?;
        if file.metadata().is_ok_and(|metadata| platform::open_to_others(&metadata).is_some()) {
            tracing::warn!(path = %path.display(), "other users of this machine can read the proxy password");
        }
        let mut bytes = Vec::new();
        file.take(LONGEST as u64 + 3).read_to_end(&mut bytes).map_err(io)?;
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.len() {
            _ if line.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) => Err(bad("is more than one line".into())),
            n if n < SHORTEST => Err(bad(format!("has {n} bytes; it needs {SHORTEST} at least"))),
            n if n > LONGEST => Err(bad(format!("is longer than {LONGEST} bytes"))),
            _ => Ok(Self(Digest::of(line))),
        }
    }

    /// Whether a client may use the proxy: it is on this machine, or shows the password; any user name will do. What it
    /// showed is taken out of the request, so that it is kept nowhere.
    pub fn admits(&self, client: IpAddr, headers: &mut HeaderMap) -> bool {
        let mut shown = headers.get_all(header::PROXY_AUTHORIZATION).iter();
        let right = match (shown.next(), shown.next()) {
            (Some(one), None) => credentials(one).is_some_and(|given| self.0.is_of(&given)),
            _ => false,
        };
        headers.remove(header::PROXY_AUTHORIZATION);
        right || client.to_canonical().is_loopback()
    }
}

/// The password of `Basic base64(user:password)`.
fn credentials(value: &HeaderValue) -> Option<Vec<u8>> {
    let (scheme, token) = value.as_bytes().split_at_checked(6)?;
    let pair = scheme.eq_ignore_ascii_case(b"basic ").then(|| BASE64_STANDARD.decode(token.trim_ascii()).ok())??;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

/// What everybody else gets.
pub fn required() -> Response<ResponseBody> {
    let text = "This proxy needs a password: the one that `waylay start --proxy-password-file` was given, with any user name.\n";
    let mut response =
        page::plain(StatusCode::PROXY_AUTHENTICATION_REQUIRED, "text/plain; charset=utf-8", text.to_owned());
    let challenge = HeaderValue::from_static("Basic realm=\"Waylay\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::PROXY_AUTHENTICATE, challenge);
    response
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(contents: &[u8]) -> Result<Password, PasswordError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, contents).unwrap();
        Password::read(&path)
    }

    #[test]
    fn a_password_is_one_line_of_some_length() {
        for good in [&b"correct horse"[..], b"correct horse\n", b"correct horse\r\n", &[b'x'; LONGEST]] {
            assert!(read(good).is_ok(), "{good:?}");
        }
        for (bad, why) in [
            (&b""[..], "has 0 bytes"),
            (b"short\n", "has 5 bytes"),
            (b"first line\nsecond line\n", "one line"),
            (b"with a\0zero", "one line"),
            (&[b'x'; LONGEST + 1], "longer"),
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains("first line"), "the password is not quoted: {error}");
        }
        assert!(matches!(Password::read(Path::new("/does/not/exist")), Err(PasswordError::Io { .. })));
    }

    #[test]
    fn other_machines_need_it_and_this_one_does_not() {
        let password = read(b"correct:horse").unwrap();
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        for (shown, admitted) in [
            (vec![basic("anybody:correct:horse")], true),
            (vec![basic(":correct:horse")], true),
            (vec![basic("anybody:correct:horse").replace("Basic", "bAsIc")], true),
            (vec![], false),
            (vec![basic("anybody:correct:hors")], false),
            (vec![basic("anybody:correct:horse2")], false),
            (vec![basic("anybody:")], false),
            (vec![basic("correct:horse")], false),
            (vec![basic("no colon")], false),
            (vec!["Bearer correct:horse".into()], false),
            (vec!["Basic".into()], false),
            (vec!["Basic %%%".into()], false),
            (vec![basic("a:correct:horse"), basic("a:correct:horse")], false),
        ] {
            let headers = || -> HeaderMap {
                let values = shown.iter().map(|v| (header::PROXY_AUTHORIZATION, HeaderValue::from_str(v).unwrap()));
                let mut all = HeaderMap::new();
                for (name, value) in values {
                    all.append(name, value);
                }
                all
            };
            let asked = |ip: &str| password.admits(ip.parse().unwrap(), &mut headers());
            assert_eq!(asked("192.168.1.9"), admitted, "{shown:?}");
            assert_eq!(asked("2001:db8::9"), admitted, "{shown:?}");
            for here in ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"] {
                assert!(asked(here), "{here} {shown:?}");
            }
            let mut taken = headers();
            password.admits("127.0.0.1".parse().unwrap(), &mut taken);
            assert!(taken.is_empty());
        }
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
