//! A rejection becomes an announcement, and at last an entry of the list.

use super::{
    Client,
    list::Automatic,
    rejections::{TIMES, Verdict},
};
use crate::{capture::recorder::now_us, config::HostPattern, proxy::tunnel::Tunnel};
use std::time::Instant;

/// A host for which a client has met our certificate.
#[derive(Debug)]
pub struct Met {
    /// Who.
    pub client: Client,
    /// The name asked for, or the host of CONNECT; lower case.
    pub host: String,
}

impl Met {
    /// The client went on to send something.
    pub fn accepted(&self, tunnel: &Tunnel) {
        tunnel.port.shared.passthrough.rejections.accepted(
            &self.client,
            &self.host,
            tunnel.origin.port,
            Instant::now(),
        );
    }

    /// Whether the client has gone on, on some connection to this host, at `then` or later.
    pub fn has_accepted_since(&self, tunnel: &Tunnel, then: Instant) -> bool {
        let rejections = &tunnel.port.shared.passthrough.rejections;
        rejections.has_accepted_since(&self.client, &self.host, tunnel.origin.port, then)
    }

    /// The client would not go on, and showed it like this. What it comes to, for the row, if it comes to something.
    pub fn rejected(&self, tunnel: &Tunnel, how: &str) -> Option<String> {
        let passthrough = &tunnel.port.shared.passthrough;
        let (host, port, client) = (&self.host, tunnel.origin.port, self.client.address);
        let pattern = HostPattern::exact(host, port)?;
        match passthrough.rejections.rejected(&self.client, host, port, Instant::now(), now_us()) {
            Verdict::More => None,
            Verdict::First => {
                tracing::info!(%client, host = %pattern, how, "a client rejected Waylay's certificate; its row says what to do");
                None
            }
            Verdict::Distrusts => {
                tracing::warn!(
                    %client, host = %pattern, how,
                    "a client keeps rejecting Waylay's certificate and has accepted it for no host: it does not trust \
                     the CA (`waylay ca export`), or wants its own certificates (`waylay passthrough add {pattern}`)"
                );
                Some(format!(
                    "This client has accepted Waylay's certificate for no host, and rejected it {TIMES} times."
                ))
            }
            Verdict::Pins => {
                let why = Automatic { client: self.client.clone(), rejections: TIMES, how: how.to_owned() };
                if !passthrough.add_automatic(pattern.clone(), why, now_us()) {
                    tracing::info!(
                        %client, host = %pattern, how,
                        "a client keeps rejecting Waylay's certificate for this host; `waylay passthrough add {pattern}` \
                         relays it unread"
                    );
                    return None;
                }
                tracing::info!(
                    %client, host = %pattern, how,
                    "a client keeps rejecting Waylay's certificate for this host and accepts it for others: from now on \
                     its connections there are relayed unread; `waylay passthrough remove {pattern}` undoes that"
                );
                Some(format!(
                    "It did so {TIMES} times, and accepts the certificate for other hosts: from now on its connections to \
                     {pattern} are relayed unread. `waylay passthrough remove {pattern}` undoes that."
                ))
            }
        }
    }
}
