//! Connections by way of another proxy.

use super::{
    Origin, UpstreamError, Way,
    connection::{Forward, Link},
    dial::{Connector, Reached},
    guard::{Reach, is_local},
    via::{Protocol, Trouble, UpstreamProxy, http, socks},
};
use crate::capture::recorder::micros;
use ::http::HeaderValue;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};
use tokio::{net::TcpStream, time::timeout};

impl Connector {
    /// A connection to the origin that `proxy` made, or with `requests` one to a proxy that gets the requests themselves.
    pub(super) async fn reach_through(
        &self,
        proxy: &Arc<UpstreamProxy>,
        origin: &Origin,
        requests: bool,
    ) -> Result<Reached, UpstreamError> {
        let (authority, limit) = (origin.authority(), self.limit(origin));
        let failed = |trouble| UpstreamError::Proxy { proxy: Arc::clone(proxy), authority: authority.clone(), trouble };
        // The proxy itself is held to what the request is held to.
        let reach = origin.way.as_deref().map_or(Reach::ALL, |way| way.reach);
        let place = Origin::new(false, &proxy.host, proxy.port).by(Way { reach, ..Way::default() });
        let (addresses, proxy_dns_us) =
            self.resolve(&place, &proxy.authority()).await.map_err(|e| on_the_way(e, failed))?;
        let began = Instant::now();
        let mut tcp = self.connect(&place, &addresses, &proxy.authority()).await.map_err(|e| on_the_way(e, failed))?;
        let connect_us = micros(began.elapsed());
        let (peer, local) = (tcp.peer_addr().unwrap_or(addresses[0]), tcp.local_addr().ok());
        let resolved = self.target(proxy, origin, &authority, peer).await?;
        let reached = |link, dns_us, via_us, forward| Reached {
            link,
            peer,
            local,
            dns_us,
            connect_us,
            via: Some((proxy.to_string(), via_us)),
            forward,
        };
        if requests && proxy.protocol == Protocol::Http && !origin.tls {
            let via =
                HeaderValue::from_str(self.guard.mark()).map_err(|e| failed(Trouble::new("proxy", e.to_string())))?;
            let forward = Forward { proxy: Arc::clone(proxy), authorization: proxy.authorization(), via };
            return Ok(reached(Link::Plain(tcp), proxy_dns_us, 0, Some(forward)));
        }
        let began = Instant::now();
        let asked = timeout(limit, self.ask(&mut tcp, proxy, origin, resolved.as_deref())).await;
        let asked = asked.unwrap_or_else(|_| {
            Err(Trouble::new("timeout", format!("gave no answer within {} s", limit.as_secs_f64())))
        });
        asked.map_err(failed)?;
        Ok(reached(Link::Plain(tcp), proxy_dns_us, micros(began.elapsed()), None))
    }

    async fn ask(
        &self,
        tcp: &mut TcpStream,
        proxy: &UpstreamProxy,
        origin: &Origin,
        resolved: Option<&[SocketAddr]>,
    ) -> Result<(), Trouble> {
        if proxy.protocol == Protocol::Http {
            let mark = self.guard.mark();
            let via = origin.came_by.as_deref().map_or_else(|| mark.to_owned(), |before| format!("{before}, {mark}"));
            return http::connect(tcp, proxy, &origin.authority(), &via).await;
        }
        let addresses = resolved.unwrap_or_default();
        // Fewer proxies have a way to the others, and SOCKS 4 has none.
        let first = addresses.iter().find(|a| a.is_ipv4()).or(addresses.first());
        let target = first.map_or(socks::Target::Name(&origin.host, origin.port), |a| socks::Target::Address(*a));
        socks::connect(tcp, proxy, target).await
    }

    /// Addresses to tell the proxy; `None` if it is to resolve the name. What is ours is not asked for: by what stands there,
    /// or where the proxy is on this machine, by any name.
    async fn target(
        &self,
        proxy: &UpstreamProxy,
        origin: &Origin,
        authority: &str,
        peer: SocketAddr,
    ) -> Result<Option<Vec<SocketAddr>>, UpstreamError> {
        let given = origin.way.as_deref().is_some_and(|way| !way.addresses.is_empty());
        let literal = origin.host.parse::<IpAddr>().is_ok();
        if given || literal || proxy.protocol.resolves_here() {
            let (addresses, _) = self.resolve(origin, authority).await?;
            let told = proxy.protocol != Protocol::Http && (given || literal || proxy.protocol.resolves_here());
            return Ok(told.then_some(addresses));
        }
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let ours = if is_loopback_name(&origin.host) {
            loopback.iter().find_map(|ip| self.guard.check(SocketAddr::new(*ip, origin.port)))
        } else if self.guard.has_port(origin.port) && is_local(peer.ip()) {
            // A name that cannot be resolved here may be one that the proxy alone knows.
            match self.resolve(origin, authority).await {
                Err(own @ UpstreamError::Own { .. }) => return Err(own),
                _ => None,
            }
        } else {
            None
        };
        match ours {
            Some(own) => Err(UpstreamError::Own { authority: authority.to_owned(), own }),
            None => Ok(None),
        }
    }
}

/// RFC 6761, 6.3.
fn is_loopback_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

/// What goes wrong between us and the proxy is the proxy's; that it is ourselves is a loop.
fn on_the_way(error: UpstreamError, failed: impl Fn(Trouble) -> UpstreamError) -> UpstreamError {
    if matches!(error, UpstreamError::Own { .. } | UpstreamError::NotAllowed { .. }) {
        return error;
    }
    let failure = error.failure();
    let why = match &error {
        UpstreamError::Dns { .. } => "could not be found: its name has no address".to_owned(),
        UpstreamError::Timeout { seconds, .. } => format!("did not answer within {seconds} s"),
        _ => match failure.reason.as_str() {
            "refused" => "cannot be reached: nothing is listening there".to_owned(),
            _ => format!("cannot be reached: {}", failure.message),
        },
    };
    failed(Trouble::new(&failure.reason, why))
}
