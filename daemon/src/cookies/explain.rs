//! Why a cookie goes with a request, or does not.

use super::{Asking, Cookie, Jar, SameSite, cookie_field, site};

/// What goes with a request, and what does not.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The value of the field `Cookie`, byte for byte; `None` without one.
    pub field: Option<Vec<u8>>,
    /// In the order in which they are sent.
    pub sent: Vec<&'a Cookie>,
    /// Every other cookie of the jar with the rule that holds it back, in the order in which they came.
    pub held: Vec<(&'a Cookie, Rule)>,
}

/// What holds a cookie back: the first that does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Rule {
    /// Of another site.
    #[error("It belongs to another site.")]
    OtherSite,
    /// Of a host above, for that one only.
    #[error("It is for its own host only, not for those below it (it was set without Domain).")]
    HostOnly,
    /// Of a host below.
    #[error("It belongs to a host below this one.")]
    BelowHost,
    /// Of a host beside.
    #[error("It belongs to another host of the same site.")]
    OtherHost,
    /// Of another path.
    #[error("It belongs to another path.")]
    OtherPath,
    /// The path begins like it, but goes on within a name.
    #[error("Its path is only the beginning of a name in this path: it ends neither with a slash nor before one.")]
    PathBoundary,
    /// Of another partition.
    #[error("It is Partitioned: kept for pages of another site.")]
    Partition,
    /// Not over this connection.
    #[error("It is Secure, and this connection is not.")]
    Secure,
    /// Its time has come.
    #[error("Its time is over.")]
    Expired,
    /// Strict.
    #[error("It is SameSite=Strict, and a page of another site asks.")]
    Strict,
    /// Lax, within a page.
    #[error("It is SameSite=Lax, and something in a page of another site asks.")]
    Lax,
    /// Lax, as a page.
    #[error("It is SameSite=Lax, and a page of another site goes there by a method that may change something.")]
    LaxMethod,
    /// As Lax.
    #[error("It has no SameSite, which counts as Lax, and a page of another site asks.")]
    LaxByDefault,
}

impl Rule {
    /// The rule as a word, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherSite => "other_site",
            Self::HostOnly => "host_only",
            Self::BelowHost => "below_host",
            Self::OtherHost => "other_host",
            Self::OtherPath => "other_path",
            Self::PathBoundary => "path_boundary",
            Self::Secure => "secure",
            Self::Expired => "expired",
            Self::Partition => "partition",
            Self::Strict => "same_site_strict",
            Self::Lax => "same_site_lax",
            Self::LaxMethod => "same_site_lax_method",
            Self::LaxByDefault => "same_site_lax_by_default",
        }
    }
}

impl Jar {
    /// Which cookies go with a request, and what holds the others back.
    pub fn explain(&self, asking: &Asking<'_>, now_us: i64) -> Explanation<'_> {
        let held = |cookie| Some((cookie, held_back(cookie, asking, now_us)?));
        let sent = self.sent(asking, now_us);
        let field = cookie_field::written(sent.iter().copied());
        Explanation { field, sent, held: self.cookies().into_iter().filter_map(held).collect() }
    }
}

/// The rule that keeps a cookie from going with a request; none if it goes (RFC 6265bis, section 5.8.3).
pub fn held_back(cookie: &Cookie, asking: &Asking<'_>, now_us: i64) -> Option<Rule> {
    let host = asking.url.host_str().unwrap_or_default();
    let rule = if !cookie.reaches(host) {
        Some(if site::registrable(host) != site::registrable(&cookie.domain) {
            Rule::OtherSite
        } else if site::domain_matches(host, &cookie.domain) {
            Rule::HostOnly
        } else if site::domain_matches(&cookie.domain, host) {
            Rule::BelowHost
        } else {
            Rule::OtherHost
        })
    } else if !path_matches(asking.url.path(), &cookie.path) {
        let begins = asking.url.path().starts_with(&cookie.path);
        Some(if begins { Rule::PathBoundary } else { Rule::OtherPath })
    } else if other_partition(cookie, asking) {
        Some(Rule::Partition)
    } else {
        (cookie.secure && !site::is_safe(asking.url)).then_some(Rule::Secure)
    };
    rule.or_else(|| unmatched(cookie, asking, now_us))
}

/// What holds back a cookie that belongs to the URL.
pub(super) fn unmatched(cookie: &Cookie, asking: &Asking<'_>, now_us: i64) -> Option<Rule> {
    if cookie.expired(now_us) {
        return Some(Rule::Expired);
    }
    if other_partition(cookie, asking) {
        return Some(Rule::Partition);
    }
    if !asking.cross_site() {
        return None;
    }
    let lax = match () {
        () if !asking.navigates => Some(Rule::Lax),
        () if !asking.safe_method() => Some(Rule::LaxMethod),
        () => None,
    };
    match cookie.same_site {
        SameSite::None => None,
        SameSite::Strict => Some(Rule::Strict),
        SameSite::Lax => lax,
        SameSite::Unset => lax.map(|_| Rule::LaxByDefault),
    }
}

fn other_partition(cookie: &Cookie, asking: &Asking<'_>) -> bool {
    cookie.partition.is_some() && cookie.partition != asking.partition()
}

/// Whether a path is that of the cookie or lies below it (section 5.1.4).
pub(super) fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}
