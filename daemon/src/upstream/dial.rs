//! Opens connections and measures each step.

use super::{
    connection::{ConnectionInfo, Forward, Link, TappedLink},
    failure::UpstreamError,
    guard::{Guard, Reach},
    identity::Identity,
    origin::Origin,
    routes::Routes,
    verify::Trust,
    way::Way,
};
use crate::{
    capture::{
        Capture, Tap, handshake,
        recorder::{micros, now_us},
    },
    platform,
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use waylay_storage::{
    Event,
    model::{Connection, Role, Stage, Tls},
};

/// A second address is tried when the first has been silent for this long (RFC 8305, 5).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Names looked up at once.
const LOOKUPS: usize = 32;

/// When none is left: others end, and give theirs back.
const DESCRIPTORS_COME_BACK: Duration = Duration::from_millis(20);

/// What to offer in ALPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alpn {
    /// `h2` and `http/1.1`.
    Any,
    /// `http/1.1` alone: the request asks for an upgrade, which HTTP/2 does not have, or its settings say so.
    Http1,
    /// `h2` alone; an origin that does not have it is a failure.
    Http2,
}

impl Alpn {
    /// As it is offered, the preferred first.
    pub(super) fn protocols(self) -> Vec<Vec<u8>> {
        let (h2, http1) = (b"h2".to_vec(), b"http/1.1".to_vec());
        match self {
            Self::Any => vec![h2, http1],
            Self::Http1 => vec![http1],
            Self::Http2 => vec![h2],
        }
    }
}

/// Dials origins. Cheap to clone.
#[derive(Clone)]
pub struct Connector {
    /// Certificates.
    pub trust: Arc<Trust>,
    /// Addresses never dialled.
    pub guard: Arc<Guard>,
    /// The usual ways, as they are at a time.
    pub routes: Arc<Routes>,
    /// Gets a row per connection.
    pub capture: Arc<Capture>,
    /// Limit for resolving the name, for the TCP handshake, and for the TLS handshake, each.
    pub handshake_timeout: Duration,
}

impl Connector {
    /// Connects, with TLS if the origin says so.
    pub async fn dial(&self, origin: &Origin, alpn: Alpn) -> Result<(TappedLink, Arc<ConnectionInfo>), UpstreamError> {
        let way = origin.way.as_deref();
        // Before anything else is looked at: what changes meanwhile holds for the next connection.
        let edition = self.routes.edition();
        let requests = alpn == Alpn::Any;
        // An upgrade needs HTTP/1, whatever else is wanted.
        let alpn = if alpn == Alpn::Any { way.map_or(alpn, |way| way.alpn) } else { alpn };
        let authority = origin.authority();
        if alpn == Alpn::Http2 && !origin.tls {
            return Err(UpstreamError::NoHttp2 { authority, tls: false });
        }
        let opened_us = now_us();
        let reached = match way.and_then(|way| way.unix.as_deref()) {
            Some(path) => self.reach_socket(path, origin).await?,
            None => match self.routes.proxy(origin).filter(|_| !way.is_some_and(Way::passes_proxies_by)) {
                Some(proxy) => self.reach_through(&proxy, origin, requests).await?,
                None => self.reach(origin, &authority).await?,
            },
        };
        let Reached { link, peer, local, dns_us, connect_us, via, forward } = reached;
        let (via, via_us) = via.unzip();
        let (link, tls, tls_us) = match link {
            Link::Plain(tcp) if origin.tls => {
                let began = Instant::now();
                let (stream, facts) = self.handshake(origin, &authority, tcp, alpn).await?;
                (Link::Tls(Box::new(stream)), Some(facts), Some(micros(began.elapsed())))
            }
            link => (link, None, None),
        };
        let id = self.capture.ids().next_connection();
        let http2 = tls.as_ref().is_some_and(|t| t.alpn.as_deref() == Some("h2"));
        let (tap, heads) = if http2 {
            (Tap::off(link), None)
        } else {
            let (tap, sent, received) = Tap::upstream(link);
            (tap, Some((sent, received)))
        };
        let info = Arc::new(ConnectionInfo { id, dns_us, connect_us, tls_us, heads, http2, edition, forward });
        self.capture.queue.push(Event::Connection(Box::new(Connection {
            id,
            role: Role::Upstream,
            opened_us,
            peer,
            local,
            authority,
            dns_us,
            connect_us: Some(connect_us),
            tls_us,
            tls,
            via,
            via_us,
            process: None,
        })));
        Ok((tap, info))
    }

    /// TCP to one of the origin's addresses.
    async fn reach(&self, origin: &Origin, authority: &str) -> Result<Reached, UpstreamError> {
        let (addresses, dns_us) = self.resolve(origin, authority).await?;
        let began = Instant::now();
        let tcp = self.connect(origin, &addresses, authority).await?;
        let connect_us = micros(began.elapsed());
        let (peer, local) = (tcp.peer_addr().unwrap_or(addresses[0]), tcp.local_addr().ok());
        Ok(Reached { link: Link::Plain(tcp), peer, local, dns_us, connect_us, via: None, forward: None })
    }

    /// A socket of this machine, which has no address that a row could name.
    #[cfg(unix)]
    async fn reach_socket(&self, path: &Path, origin: &Origin) -> Result<Reached, UpstreamError> {
        let authority = path.display().to_string();
        let began = Instant::now();
        let opened = timeout(self.limit(origin), tokio::net::UnixStream::connect(path)).await;
        let opened = opened.map_err(|_| self.timed_out(origin, &authority, Stage::Connect))?;
        let stream = opened.map_err(|source| UpstreamError::Connect { authority, source })?;
        let peer = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        let connect_us = micros(began.elapsed());
        let link = Link::Unix(stream);
        Ok(Reached { link, peer, local: None, dns_us: None, connect_us, via: None, forward: None })
    }

    #[cfg(not(unix))]
    async fn reach_socket(&self, path: &Path, _: &Origin) -> Result<Reached, UpstreamError> {
        let source = io::Error::new(io::ErrorKind::Unsupported, "there are no Unix sockets on this system");
        Err(UpstreamError::Connect { authority: path.display().to_string(), source })
    }

    /// All addresses of the origin, none of them ours; and how long the look-up took, if there was one.
    pub(super) async fn resolve(
        &self,
        origin: &Origin,
        authority: &str,
    ) -> Result<(Vec<SocketAddr>, Option<i64>), UpstreamError> {
        let given = origin.way.as_deref().map_or(&[][..], |way| &way.addresses);
        let (addresses, dns_us) = if !given.is_empty() {
            (given.iter().map(|ip| SocketAddr::new(*ip, origin.port)).collect(), None)
        } else if let Ok(ip) = origin.host.parse::<IpAddr>() {
            (vec![SocketAddr::new(ip, origin.port)], None)
        } else {
            let began = Instant::now();
            let dns = |source| UpstreamError::Dns { host: origin.host.clone(), source };
            let found = timeout(self.limit(origin), look_up(&origin.host, origin.port)).await;
            let found = found.map_err(|_| self.timed_out(origin, authority, Stage::Dns))?.map_err(dns)?;
            if found.is_empty() {
                return Err(dns(io::Error::other("it has no address")));
            }
            (found, Some(micros(began.elapsed())))
        };
        let reach = origin.way.as_deref().map_or(Reach::ALL, |way| way.reach);
        if let Some(closed) = addresses.iter().find(|address| !reach.allows(address.ip())) {
            return Err(UpstreamError::NotAllowed { authority: authority.to_owned(), address: closed.ip() });
        }
        match addresses.iter().find_map(|a| self.guard.check(*a)) {
            Some(own) => Err(UpstreamError::Own { authority: authority.to_owned(), own }),
            None => Ok((addresses, dns_us)),
        }
    }

    /// The first connection to come about; addresses take turns by family, each with a head start (RFC 8305).
    pub(super) async fn connect(
        &self,
        origin: &Origin,
        addresses: &[SocketAddr],
        authority: &str,
    ) -> Result<TcpStream, UpstreamError> {
        let order = by_turns(addresses);
        let attempts = async {
            let mut running = tokio::task::JoinSet::new();
            let mut waiting = order.into_iter();
            let mut last: io::Error = io::ErrorKind::AddrNotAvailable.into();
            if let Some(first) = waiting.next() {
                if waiting.len() == 0 {
                    return open(first).await;
                }
                running.spawn(open(first));
            }
            loop {
                let next = async {
                    if waiting.len() == 0 { std::future::pending().await } else { sleep(NEXT_ADDRESS_AFTER).await }
                };
                tokio::select! {
                    ended = running.join_next() => match ended {
                        Some(Ok(Ok(stream))) => return Ok(stream),
                        Some(Ok(Err(e))) => last = e,
                        Some(Err(e)) => last = io::Error::other(e),
                        None => return Err(last),
                    },
                    () = next => last = io::ErrorKind::TimedOut.into(),
                }
                match waiting.next() {
                    Some(address) => {
                        running.spawn(open(address));
                    }
                    None if running.is_empty() => return Err(last),
                    None => {}
                }
            }
        };
        let stream = match timeout(self.limit(origin), attempts).await {
            Ok(result) => {
                result.map_err(|source| UpstreamError::Connect { authority: authority.to_owned(), source })?
            }
            Err(_) => return Err(self.timed_out(origin, authority, Stage::Connect)),
        };
        // Without it small writes wait for the other side's delayed acknowledgement. A socket that refuses still works.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    async fn handshake(
        &self,
        origin: &Origin,
        authority: &str,
        tcp: TcpStream,
        alpn: Alpn,
    ) -> Result<(TlsStream<TcpStream>, Tls), UpstreamError> {
        let failed = |source| UpstreamError::Tls { authority: authority.to_owned(), source };
        let name =
            origin.tls_name().ok_or_else(|| failed(io::Error::other(format!("{} is no host name", origin.name()))))?;
        let identity = self.routes.identity(origin);
        let presented = identity.as_ref().map(Identity::resolver);
        let (config, doubt) =
            self.trust.config(origin, alpn, presented.clone()).map_err(|e| failed(io::Error::other(e)))?;
        let stream = match timeout(self.limit(origin), TlsConnector::from(config).connect(name, tcp)).await {
            Ok(result) => result.map_err(|source| {
                if alpn == Alpn::Http2 && refuses_protocol(&source) {
                    return UpstreamError::NoHttp2 { authority: authority.to_owned(), tls: true };
                }
                failed(source)
            })?,
            Err(_) => return Err(self.timed_out(origin, authority, Stage::Tls)),
        };
        let mut facts = handshake::facts(stream.get_ref().1);
        if alpn == Alpn::Http2 && facts.alpn.as_deref() != Some("h2") {
            return Err(UpstreamError::NoHttp2 { authority: authority.to_owned(), tls: true });
        }
        facts.doubt = doubt.words();
        if presented.is_some_and(|presented| presented.was_asked()) {
            facts.client_certificate = identity.map(|identity| identity.facts.subject);
        }
        facts.sni = origin.name().parse::<IpAddr>().is_err().then(|| origin.name().to_owned());
        let checked = origin.way.is_some() || self.trust.checks(origin.name());
        facts.verified = Some(checked && facts.doubt.is_none());
        Ok((stream, facts))
    }

    /// For each handshake.
    pub(super) fn limit(&self, origin: &Origin) -> Duration {
        origin.way.as_deref().and_then(|way| way.handshake_timeout).unwrap_or(self.handshake_timeout)
    }

    fn timed_out(&self, origin: &Origin, authority: &str, stage: Stage) -> UpstreamError {
        UpstreamError::Timeout { authority: authority.to_owned(), stage, seconds: self.limit(origin).as_secs_f64() }
    }
}

/// What TLS and HTTP are spoken over.
pub(super) struct Reached {
    pub link: Link,
    pub peer: SocketAddr,
    pub local: Option<SocketAddr>,
    pub dns_us: Option<i64>,
    pub connect_us: i64,
    /// The proxy on the way, and how long it took to connect, microseconds.
    pub via: Option<(String, i64)>,
    /// Requests are handed to the proxy themselves.
    pub forward: Option<Forward>,
}

/// The origin has nothing of what was offered in ALPN (RFC 7301, 3.2).
fn refuses_protocol(e: &io::Error) -> bool {
    let tls = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol)))
}

/// The addresses of a name. Each look-up under way holds a thread and some descriptors.
async fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    static TURNS: Semaphore = Semaphore::const_new(LOOKUPS);
    let _turn = TURNS.acquire().await.map_err(io::Error::other)?;
    loop {
        match lookup_host((host, port)).await {
            // The resolver does not always say what it wanted for.
            Err(_) if platform::descriptors_used_up() => sleep(DESCRIPTORS_COME_BACK).await,
            Err(e) if platform::is_out_of_descriptors(&e) => sleep(DESCRIPTORS_COME_BACK).await,
            found => return Ok(found?.collect()),
        }
    }
}

/// A connection, for which a descriptor is waited for.
async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    loop {
        match TcpStream::connect(address).await {
            Err(e) if platform::is_out_of_descriptors(&e) => sleep(DESCRIPTORS_COME_BACK).await,
            opened => return opened,
        }
    }
}

/// IPv6 and IPv4 alternating, beginning with the resolver's first choice.
fn by_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = addresses.first() else { return Vec::new() };
    let (mut same, mut other): (std::collections::VecDeque<_>, std::collections::VecDeque<_>) =
        addresses.iter().partition(|a| a.is_ipv4() == first.is_ipv4());
    let mut order = Vec::with_capacity(addresses.len());
    while let Some(next) = same.pop_front() {
        order.push(next);
        order.extend(other.pop_front());
    }
    order.extend(other);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_families_take_turns() {
        let a = |text: &str| text.parse::<SocketAddr>().unwrap();
        let (v6, v4) = (["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"], ["192.0.2.1:1"]);
        let found: Vec<_> = v6.iter().chain(&v4).map(|t| a(t)).collect();
        assert_eq!(by_turns(&found), [a(v6[0]), a(v4[0]), a(v6[1]), a(v6[2])]);
        assert_eq!(by_turns(&[]), []);
    }
}
