//! Which proxy leads to which origin.

use super::{Bypass, UpstreamProxy};
use std::sync::Arc;

/// The proxies of one source, one for each kind of target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For targets without TLS, and for tunnels that carry none of ours.
    pub http: Option<Arc<UpstreamProxy>>,
    /// For targets with TLS.
    pub https: Option<Arc<UpstreamProxy>>,
    /// Hosts that are reached without any.
    pub bypass: Bypass,
}

/// What the environment says (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, each also in capitals).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Its proxies.
    pub proxies: Proxies,
    /// Variables that are set and cannot be used, and why; without secrets.
    pub unusable: Vec<String>,
}

impl Proxies {
    /// Whether there is none.
    pub fn are_none(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// The proxy by which a host is reached; `None` for directly.
    pub fn by(&self, tls: bool, host: &str, port: u16) -> Option<&Arc<UpstreamProxy>> {
        let proxy = if tls { self.https.as_ref() } else { self.http.as_ref() };
        proxy.filter(|_| !self.bypass.has(host, port))
    }
}

impl Environment {
    /// Reads the variables. Those in small letters win, as with curl.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut unusable = Vec::new();
        let set = |name: &str| {
            let names = [name.to_owned(), name.to_ascii_uppercase()];
            names.into_iter().find_map(|name| variable(&name).filter(|v| !v.trim().is_empty()).map(|v| (name, v)))
        };
        let mut proxy = |names: [&str; 2]| {
            let (name, value) = names.into_iter().find_map(set)?;
            match value.parse() {
                Ok(proxy) => Some(Arc::new(proxy)),
                Err(error) => {
                    unusable.push(format!("{name}: {error}"));
                    None
                }
            }
        };
        let (http, https) = (proxy(["http_proxy", "all_proxy"]), proxy(["https_proxy", "all_proxy"]));
        let bypass = set("no_proxy").map(|(_, list)| Bypass::lenient(&list)).unwrap_or_default();
        Self { proxies: Proxies { http, https, bypass }, unusable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::read(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn each_kind_of_target_has_its_own_and_some_have_none() {
        let found = environment(&[
            ("HTTP_PROXY", "http://capital.test:1"),
            ("http_proxy", "http://small.test:2"),
            ("ALL_PROXY", "socks5h://all.test:3"),
            ("NO_PROXY", "in.test,10.0.0.0/8"),
        ])
        .proxies;
        let by = |tls, host| found.by(tls, host, 443).map(|p| p.to_string());
        assert_eq!(by(false, "a.test").as_deref(), Some("http://small.test:2"));
        assert_eq!(by(true, "a.test").as_deref(), Some("socks5h://all.test:3"));
        assert_eq!((by(true, "x.in.test"), by(false, "10.1.1.1")), (None, None));
        assert!(environment(&[("http_proxy", " ")]).proxies.are_none());
    }

    #[test]
    fn what_cannot_be_used_is_told_of_without_its_secret() {
        let found = environment(&[("https_proxy", "https://u:s3cret@a.test")]);
        assert!(found.proxies.are_none());
        assert!(found.unusable[0].contains("https_proxy") && !found.unusable[0].contains("s3cret"), "{found:?}");
    }
}
