//! What a browser lets into its jar (RFC 6265bis, section 5.7), as far as the jar itself does not matter.

use super::{Asking, Cookie, SameSite, SetCookie, site};

/// A cookie lives that long at most, microseconds: 400 days.
pub const MAX_LIFETIME_US: i64 = 400 * 24 * 3600 * 1_000_000;

/// Why a browser ignores a cookie.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Bytes that no cookie may have.
    #[error("It has the control character 0x{byte:02x} as byte {at}.")]
    ControlCharacter {
        /// Which.
        byte: u8,
        /// Where in the field, from 0.
        at: usize,
    },
    /// It would be read as another cookie, or as more than one.
    #[error("Its name has a ; or =, or its value a ;, so that it would be read as another.")]
    Separator,
    /// Nothing that could be sent.
    #[error("It has neither a name nor a value.")]
    Empty,
    /// Longer than browsers keep.
    #[error("Name and value are {bytes} bytes; 4096 are allowed.")]
    TooLarge {
        /// Of name and value.
        bytes: usize,
    },
    /// The request went to no host.
    #[error("The URL it came from has no host.")]
    NoHost,
    /// The domain is written in letters that a domain does not have on the wire.
    #[error("Its domain is not in ASCII; names in other letters stand there in Punycode (xn--…).")]
    DomainNotAscii,
    /// It would go to sites of others.
    #[error("Its domain {domain} is a public suffix: the cookie would go to sites of others.")]
    PublicSuffix {
        /// As it is written, in lower case.
        domain: String,
    },
    /// It belongs to somebody else.
    #[error("Its domain {domain} does not include {host}, which it came from.")]
    OtherDomain {
        /// As it is written, in lower case.
        domain: String,
        /// Who sent it.
        host: String,
    },
    /// `Secure` where anybody could have written it.
    #[error("It is Secure, but came over a connection that is not.")]
    SecureOverHttp,
    /// It would hide a safe one.
    #[error("It came over a connection that is not safe, and there is a Secure cookie of this name.")]
    HidesSecure,
    /// Something in a page of another site.
    #[error("It is SameSite={same_site}, and came to something in a page of another site.")]
    CrossSite {
        /// `Strict`, or `Lax` also where nothing is said.
        same_site: &'static str,
    },
    /// `SameSite=None` alone.
    #[error("It is SameSite=None, which needs Secure too.")]
    NoneWithoutSecure,
    /// `Partitioned` alone.
    #[error("It is Partitioned, which needs Secure too.")]
    PartitionedWithoutSecure,
    /// Its name promises what it does not keep.
    #[error("A name that begins with {prefix} needs {needs}.")]
    Prefix {
        /// `__Secure-` or `__Host-`.
        prefix: &'static str,
        /// What is missing.
        needs: &'static str,
    },
    /// A value that would be read as such a name.
    #[error("It has no name, and its value begins with {prefix}: sent, it would look like a name.")]
    HiddenPrefix {
        /// `__Secure-` or `__Host-`.
        prefix: &'static str,
    },
}

impl Rejected {
    /// The reason as a word, for filters and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ControlCharacter { .. } => "control_character",
            Self::Separator => "separator",
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::NoHost => "no_host",
            Self::DomainNotAscii => "domain_not_ascii",
            Self::PublicSuffix { .. } => "public_suffix",
            Self::OtherDomain { .. } => "other_domain",
            Self::SecureOverHttp => "secure_over_http",
            Self::HidesSecure => "hides_secure",
            Self::CrossSite { .. } => "cross_site",
            Self::NoneWithoutSecure => "none_without_secure",
            Self::PartitionedWithoutSecure => "partitioned_without_secure",
            Self::Prefix { .. } => "prefix",
            Self::HiddenPrefix { .. } => "hidden_prefix",
        }
    }
}

/// The cookie that a field makes in the answer to a request.
///
/// # Errors
/// If a browser would not keep it, whatever it has already.
pub fn admit(set: &SetCookie<'_>, asking: &Asking<'_>, now_us: i64) -> Result<Cookie, Rejected> {
    let host = asking.url.host_str().filter(|host| !host.is_empty()).ok_or(Rejected::NoHost)?;
    let (domain, host_only) = domain(set, host)?;
    let safe = site::is_safe(asking.url);
    if set.secure && !safe {
        return Err(Rejected::SecureOverHttp);
    }
    if set.same_site != SameSite::None && asking.cross_site() && !asking.navigates {
        let same_site = if set.same_site == SameSite::Strict { "Strict" } else { "Lax" };
        return Err(Rejected::CrossSite { same_site });
    }
    if set.same_site == SameSite::None && !set.secure {
        return Err(Rejected::NoneWithoutSecure);
    }
    if set.partitioned && !set.secure {
        return Err(Rejected::PartitionedWithoutSecure);
    }
    let host_prefix = Host { alone: host_only && set.domain.is_none(), root: set.path == Some(b"/") };
    prefixes(set.name, set.value, set.secure, host_prefix)?;
    let expires_us = match (set.max_age, set.expires) {
        (Some(seconds), _) if seconds <= 0 => Some(0),
        (Some(seconds), _) => Some(now_us.saturating_add(seconds.saturating_mul(1_000_000))),
        (None, expires) => expires.map(|at| at.saturating_mul(1_000_000)),
    };
    Ok(Cookie {
        name: set.name.to_vec(),
        value: set.value.to_vec(),
        domain,
        host_only,
        path: set.path.map_or_else(|| default_path(asking), |path| String::from_utf8_lossy(path).into_owned()),
        secure: set.secure,
        http_only: set.http_only,
        same_site: set.same_site,
        partition: asking.partition().filter(|_| set.partitioned),
        expires_us: expires_us.map(|at| at.min(now_us.saturating_add(MAX_LIFETIME_US))),
        created_us: now_us,
        guessed: false,
    })
}

/// The domain, and whether the cookie is for that host only. An address has no subdomains, so it always is.
fn domain(set: &SetCookie<'_>, host: &str) -> Result<(String, bool), Rejected> {
    let Some(domain) = set.domain else { return Ok((host.to_owned(), true)) };
    if !domain.is_ascii() {
        return Err(Rejected::DomainNotAscii);
    }
    let domain = String::from_utf8_lossy(domain).to_ascii_lowercase();
    if site::is_public_suffix(&domain) && domain != host {
        return Err(Rejected::PublicSuffix { domain });
    }
    if !site::domain_matches(host, &domain) {
        return Err(Rejected::OtherDomain { domain, host: host.to_owned() });
    }
    let alone = site::is_public_suffix(&domain) || site::is_address(host);
    Ok((domain, alone))
}

/// Whether a cookie that was made otherwise than by a server could be one: its bytes, its size, its name.
///
/// # Errors
/// If no browser would have it.
pub fn check(cookie: &Cookie) -> Result<(), Rejected> {
    SetCookie::pair(&cookie.name, &cookie.value)?;
    if cookie.name.iter().any(|byte| matches!(byte, b';' | b'=')) || cookie.value.contains(&b';') {
        return Err(Rejected::Separator);
    }
    let host = Host { alone: cookie.host_only, root: cookie.path == "/" };
    prefixes(&cookie.name, &cookie.value, cookie.secure, host)
}

/// What `__Host-` asks for besides Secure.
struct Host {
    /// No domain.
    alone: bool,
    /// The path `/`, and said so.
    root: bool,
}

/// What the beginning of a name promises is true.
fn prefixes(name: &[u8], value: &[u8], secure: bool, host: Host) -> Result<(), Rejected> {
    let begins = |bytes: &[u8], prefix: &str| {
        bytes.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    for prefix in ["__Secure-", "__Host-"] {
        let needs = match prefix {
            _ if name.is_empty() && begins(value, prefix) => return Err(Rejected::HiddenPrefix { prefix }),
            _ if !begins(name, prefix) => continue,
            _ if !secure => "Secure",
            "__Host-" if !host.alone => "no Domain",
            "__Host-" if !host.root => "Path=/",
            _ => continue,
        };
        return Err(Rejected::Prefix { prefix, needs });
    }
    Ok(())
}

/// The folder of what was asked for (RFC 6265bis, section 5.1.4).
fn default_path(asking: &Asking<'_>) -> String {
    cookie_store::CookiePath::default_path(asking.url).to_string()
}
