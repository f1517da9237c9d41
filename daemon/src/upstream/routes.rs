//! What may change while connections are made: by which proxies, and with which certificates.

use super::{
    Origin,
    identity::Identity,
    via::{Environment, Proxies, UpstreamProxy},
    way::Choice,
};
use crate::config::{Host, HostPattern};
use arc_swap::ArcSwap;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The usual ways to origins. Read for each connection, without a lock.
#[derive(Debug, Default)]
pub struct Routes {
    now: ArcSwap<Usual>,
    edition: AtomicU64,
}

/// As they are at a time.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    /// Given at the start; beat all others.
    pub given: Option<Proxies>,
    /// Set by the user; beat the environment's, if there are any.
    pub custom: Proxies,
    /// Those of the environment, where they are to be used.
    pub environment: Option<Environment>,
    /// Client certificates, in the order in which they were added.
    pub certificates: Vec<Certificate>,
}

/// A client certificate, and whom it is for.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its number, never used again.
    pub id: u64,
    /// The hosts, with a port.
    pub pattern: HostPattern,
    /// When it was added, microseconds since the Unix epoch.
    pub added_us: i64,
    /// It, and its key.
    pub identity: Identity,
}

/// Where the proxies come from that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// `start --upstream`.
    Flag,
    /// Set by the user.
    Custom,
    /// The environment.
    System,
    /// There are none.
    None,
}

impl Usual {
    /// The proxies in use, and where they come from.
    pub fn proxies(&self) -> (From, Option<&Proxies>) {
        let environment = self.environment.as_ref().map(|e| &e.proxies);
        if let Some(given) = &self.given {
            (From::Flag, Some(given))
        } else if !self.custom.are_none() {
            (From::Custom, Some(&self.custom))
        } else if let Some(proxies) = environment.filter(|p| !p.are_none()) {
            (From::System, Some(proxies))
        } else {
            (From::None, None)
        }
    }

    /// The certificate for a host: of several, the last that was added.
    pub fn certificate(&self, host: &str, port: u16) -> Option<&Certificate> {
        if self.certificates.is_empty() {
            return None;
        }
        let host = Host::read(host)?;
        self.certificates.iter().rev().find(|certificate| certificate.pattern.matches(&host, port))
    }
}

impl Routes {
    /// As they are now.
    pub fn now(&self) -> Arc<Usual> {
        self.now.load_full()
    }

    /// Sets them. Connections made before take no more requests.
    pub fn set(&self, usual: Usual) {
        self.now.store(Arc::new(usual));
        self.edition.fetch_add(1, Ordering::Release);
    }

    /// Grows with each change.
    pub(super) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// The proxy by which an origin is reached; `None` for directly.
    pub(super) fn proxy(&self, origin: &Origin) -> Option<Arc<UpstreamProxy>> {
        match origin.way.as_deref().map(|way| &way.proxy) {
            Some(Choice::This(proxy)) => Some(Arc::clone(proxy)),
            Some(Choice::None) => None,
            _ => self.now.load().proxies().1?.by(origin.tls, &origin.host, origin.port).cloned(),
        }
    }

    /// Who we are to an origin, if it asks.
    pub fn identity(&self, origin: &Origin) -> Option<Identity> {
        if !origin.tls {
            return None;
        }
        match origin.way.as_deref().map(|way| &way.identity) {
            Some(Choice::This(identity)) => Some(identity.clone()),
            Some(Choice::None) => None,
            _ => self.now.load().certificate(origin.name(), origin.port).map(|c| c.identity.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Way, *};

    fn certificate(id: u64, pattern: &str) -> Certificate {
        let file = |name: &str| {
            let path = format!("{}/../tests/fixtures/client-certificates/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(path).unwrap()
        };
        let (chain, key) = if id.is_multiple_of(2) { ("rsa.pem", "rsa-pkcs1.key") } else { ("ec.pem", "ec-sec1.key") };
        let identity = Identity::read(&[&file(chain), &file(key)], None).unwrap();
        let pattern: HostPattern = pattern.parse().unwrap();
        Certificate { id, pattern: pattern.or_port(443), added_us: 0, identity }
    }

    fn proxies(url: &str) -> Proxies {
        let proxy = Arc::new(url.parse::<UpstreamProxy>().unwrap());
        Proxies { http: Some(Arc::clone(&proxy)), https: Some(proxy), ..Proxies::default() }
    }

    #[test]
    fn the_last_certificate_for_a_host_is_presented_over_tls_alone() {
        let certificates = [(1, "*.a.test"), (2, "x.a.test"), (3, "x.a.test:8443"), (5, "b.test"), (6, "b.test:443")];
        let usual = Usual {
            certificates: certificates.map(|(id, pattern)| certificate(id, pattern)).to_vec(),
            ..Usual::default()
        };
        for (host, port, expected) in [
            ("x.a.test", 443, Some(2)),
            ("X.A.test.", 443, Some(2)),
            ("x.a.test", 8443, Some(3)),
            ("x.a.test", 80, None),
            ("y.a.test", 443, Some(1)),
            ("a.test", 443, None),
            ("b.test", 443, Some(6)),
        ] {
            assert_eq!(usual.certificate(host, port).map(|c| c.id), expected, "{host}:{port}");
        }
        let (routes, ours) = (Routes::default(), certificate(2, "x.a.test").identity);
        routes.set(usual);
        let origin = |tls| Origin::new(tls, "x.a.test", 443);
        assert_eq!(routes.identity(&origin(true)).as_ref(), Some(&ours));
        assert_eq!(routes.identity(&origin(false)), None, "without TLS nobody asks");
        let by = |identity| origin(true).by(Way { identity, ..Way::default() });
        assert_eq!(routes.identity(&by(Choice::None)), None);
        let other = certificate(1, "z.test").identity;
        assert_eq!(routes.identity(&by(Choice::This(other.clone()))), Some(other));
    }

    #[test]
    fn a_proxy_of_ones_own_beats_that_of_the_system_and_one_given_beats_both() {
        let environment = Environment { proxies: proxies("http://system.test:1"), unusable: Vec::new() };
        let mut usual = Usual { environment: Some(environment), ..Usual::default() };
        let (routes, origin) = (Routes::default(), Origin::new(true, "a.test", 443));
        let used = |usual: &Usual| {
            routes.set(usual.clone());
            (usual.proxies().0, routes.proxy(&origin).map(|p| p.host.clone()).unwrap_or_default())
        };
        assert_eq!(used(&Usual::default()), (From::None, String::new()));
        assert_eq!(used(&usual), (From::System, "system.test".to_owned()));
        usual.custom = proxies("http://custom.test:1");
        assert_eq!(used(&usual), (From::Custom, "custom.test".to_owned()));
        usual.given = Some(proxies("http://given.test:1"));
        assert_eq!(used(&usual), (From::Flag, "given.test".to_owned()));
        let by = |proxy| routes.proxy(&origin.clone().by(Way { proxy, ..Way::default() })).map(|p| p.host.clone());
        assert_eq!(by(Choice::None), None);
        assert_eq!(by(Choice::This(Arc::new("a:1".parse().unwrap()))).as_deref(), Some("a"));
        assert_eq!(routes.edition(), 4);
    }
}
