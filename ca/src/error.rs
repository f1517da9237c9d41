//! [`CaError`], and what to do about each.

use std::io;
use std::path::{Path, PathBuf};

use crate::clock::day;

/// Why the authority could not be opened, or a leaf could not be made.
///
/// `Display` says what happened and why; [`CaError::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// There is no authority in this folder yet.
    #[error("there is no certificate authority in {}", .dir.display())]
    Missing {
        /// The folder that was looked in.
        dir: PathBuf,
    },
    /// One file of the pair is there, the other is not.
    #[error("{} is missing, although its other half is there", .path.display())]
    Incomplete {
        /// The file that is missing.
        path: PathBuf,
    },
    /// A symbolic link stands where the folder or a file should be: someone else could decide where it points.
    #[error("{} is a symbolic link, which is not followed for the certificate authority", .path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// Something else stands where the folder or a file should be.
    #[error("{} is not a {wanted}", .path.display())]
    WrongKind {
        /// What is in the way.
        path: PathBuf,
        /// What should be there: `folder` or `regular file`.
        wanted: &'static str,
    },
    /// The folder or a file belongs to another user, who could replace it.
    #[error("{} belongs to user {owner}, but waylay runs as user {user}", .path.display())]
    ForeignOwner {
        /// The folder or file.
        path: PathBuf,
        /// Numeric id of its owner.
        owner: u32,
        /// Numeric id of the user waylay runs as.
        user: u32,
    },
    /// Other users may read the key, or change the folder or a file.
    #[error("{} is open to other users (mode {mode:03o}, {wanted:03o} at most)", .path.display())]
    TooOpen {
        /// The folder or file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it may have at most.
        wanted: u32,
    },
    /// The system refused to create, read, write or lock something.
    #[error("cannot {doing} {}: {error}", .path.display())]
    Io {
        /// What was being done, as a verb: `read`, `create`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// The key file holds no private key that can be used.
    #[error("{} holds no usable private key: {why}", .path.display())]
    BadKey {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it. Never quotes its content.
        why: String,
    },
    /// The certificate file holds no certificate of an authority.
    #[error("{} holds no usable CA certificate: {why}", .path.display())]
    BadCertificate {
        /// The certificate file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The key is not the one the certificate was made for.
    #[error("the key and the certificate in {} do not belong together", .dir.display())]
    Mismatch {
        /// The folder with both.
        dir: PathBuf,
    },
    /// The root is no longer valid.
    #[error("the CA certificate \"{name}\" expired on {}", day(*.not_after))]
    Expired {
        /// Its common name.
        name: String,
        /// Unix seconds.
        not_after: i64,
    },
    /// The clock shows a year that no certificate can hold.
    #[error("the system clock shows a date that no certificate can hold ({seconds} s from 1970)")]
    Clock {
        /// Unix seconds.
        seconds: i64,
    },
    /// No leaf can be made for this text: it is neither a host name nor an address.
    #[error("\"{host}\" is not a host name or an IP address: {why}")]
    Host {
        /// What was asked for, escaped and shortened.
        host: String,
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A key or a certificate could not be generated.
    #[error("cannot make a certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// The TLS library refused the configuration.
    #[error("cannot set up TLS for a certificate: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gave no random numbers.
    #[error("the system's random number source failed")]
    Random,
}

impl CaError {
    /// What to do about it, in one sentence, with the command to type where there is one.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => "Start waylay once (`waylay start`): it makes one.".into(),
            Self::Incomplete { path } => format!(
                "Put {} back from a backup, or make a new authority with `waylay ca rotate` and trust that one.",
                path.display()
            ),
            Self::Symlink { path } => {
                format!("Replace the link by what it points to: `ls -l {0}`, then `rm {0}`.", quoted(path))
            }
            Self::WrongKind { path, .. } => format!("Move it out of the way: `mv {0} {0}.old`.", quoted(path)),
            Self::ForeignOwner { path, .. } => format!(
                "Use a data folder of your own (`--data-dir`), or take this one over: `sudo chown -R \"$(id -un)\" {}`.",
                quoted(path)
            ),
            Self::TooOpen { path, wanted, .. } => format!(
                "Close it: `chmod {wanted:03o} {}`. If others may have read the key: `waylay ca rotate`.",
                quoted(path)
            ),
            Self::Io { path, .. } => {
                format!("Check the folder's permissions and free space: `ls -ld {0}; df -h {0}`.", quoted(parent(path)))
            }
            Self::BadKey { .. } | Self::BadCertificate { .. } | Self::Mismatch { .. } => {
                "Put both files back from a backup, or make a new authority with `waylay ca rotate` and trust that one."
                    .into()
            }
            Self::Expired { .. } => {
                "Make a new one with `waylay ca rotate`, then trust it where you trusted the old one.".into()
            }
            Self::Clock { .. } => "Set the system clock: `date` shows what it says.".into(),
            Self::Host { .. } => {
                "Ask for a name like example.com, or an address like 192.0.2.1 or [2001:db8::1].".into()
            }
            Self::Generate(_) | Self::Tls(_) => {
                "Make a new authority with `waylay ca rotate`; if that does not help, please report it.".into()
            }
            Self::Random => "Try again; in a container or sandbox, allow the getrandom system call.".into(),
        }
    }
}

/// The folder a path is in, or the path itself where it has none.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(path)
}

/// A path as one word of a shell command.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_happened_and_what_to_type() {
        let error = CaError::TooOpen { path: "/data/my ca/waylay-ca.key".into(), mode: 0o644, wanted: 0o600 };
        assert_eq!(error.to_string(), "/data/my ca/waylay-ca.key is open to other users (mode 644, 600 at most)");
        assert!(error.hint().contains("chmod 600 '/data/my ca/waylay-ca.key'"), "{}", error.hint());
    }

    #[test]
    fn quotes_paths_for_the_shell() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/it's")), r"'/it'\''s'");
        assert_eq!(quoted(Path::new("/$(x)")), "'/$(x)'");
    }

    #[test]
    fn an_expired_root_is_dated() {
        let error = CaError::Expired { name: "Waylay CA 00:00".into(), not_after: 1_775_347_200 };
        assert_eq!(error.to_string(), "the CA certificate \"Waylay CA 00:00\" expired on 2026-04-05");
    }
}
