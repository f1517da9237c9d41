//! What can go wrong on the way to an origin: the stage, a word for a table, and a sentence.

mod tls;

pub use tls::alert_name;

use super::{
    BoxError, Origin,
    guard::{Own, is_metadata},
    via::{Trouble, UpstreamProxy},
};
use rustls::AlertDescription;
use std::{error::Error as _, io, sync::Arc};
use waylay_storage::model::{Failure, Side, Stage};

/// An exchange with an origin that did not come to a response head.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The name has no address, or could not be looked up.
    #[error("{host} could not be resolved: {source}")]
    Dns {
        /// The name.
        host: String,
        /// The resolver's words.
        source: io::Error,
    },
    /// No connection.
    #[error("no connection to {authority}: {source}")]
    Connect {
        /// Where to.
        authority: String,
        /// The system's words.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("{authority} did not answer within {seconds} s")]
    Timeout {
        /// Where to.
        authority: String,
        /// The handshake that took too long.
        stage: Stage,
        /// The limit.
        seconds: f64,
    },
    /// The TLS handshake failed.
    #[error("TLS with {authority} failed: {source}")]
    Tls {
        /// Where to.
        authority: String,
        /// rustls's or the socket's words.
        source: io::Error,
    },
    /// The origin does not speak what was asked for.
    #[error("{authority} does not offer HTTP/2")]
    NoHttp2 {
        /// Where to.
        authority: String,
        /// Whether TLS was spoken.
        tls: bool,
    },
    /// A proxy on the way did not connect.
    #[error("the upstream proxy {proxy} {}, on the way to {authority}", trouble.why)]
    Proxy {
        /// Which one.
        proxy: Arc<UpstreamProxy>,
        /// Where to.
        authority: String,
        /// What it said.
        trouble: Trouble,
    },
    /// The address is our own.
    #[error("{authority} is Waylay itself")]
    Own {
        /// Where to.
        authority: String,
        /// Which of our services it is.
        own: Own,
    },
    /// The request may not be sent to such an address.
    #[error("{authority} has the address {address}, which may not be asked")]
    NotAllowed {
        /// Where to.
        authority: String,
        /// One of its addresses.
        address: std::net::IpAddr,
    },
    /// The request has been here before.
    #[error("the request goes in a circle")]
    Ring,
    /// The connection broke, or what came was no HTTP.
    #[error("{source}")]
    Http {
        /// hyper's words.
        source: BoxError,
    },
}

impl From<hyper::Error> for UpstreamError {
    fn from(e: hyper::Error) -> Self {
        Self::Http { source: e.into() }
    }
}

impl UpstreamError {
    /// The origin closed a connection that had a request on it.
    pub(super) fn closed() -> Self {
        Self::Http { source: "it closed the connection".into() }
    }

    /// A proxy answered a request in its own name.
    pub(crate) fn refused_by(proxy: &Arc<UpstreamProxy>, origin: &Origin, status: http::StatusCode) -> Self {
        let trouble = super::via::http::refusal(status.as_u16(), proxy);
        Self::Proxy { proxy: Arc::clone(proxy), authority: origin.authority(), trouble }
    }

    /// The connection ended without a byte of an answer.
    pub fn is_unanswered_close(&self) -> bool {
        matches!(self, Self::Http { .. }) && matches!(self.failure().reason.as_str(), "closed" | "reset")
    }

    /// The origin says that it has not looked at the request: the stream was refused, or is beyond those it has
    /// announced to be its last (RFC 9113, 8.7).
    pub fn is_unseen(&self) -> bool {
        let Self::Http { source } = self else { return false };
        let hyper = source.downcast_ref::<hyper::Error>();
        let Some(e) = hyper.and_then(|e| e.source()?.downcast_ref::<h2::Error>()) else { return false };
        e.is_remote() && (e.is_go_away() || e.reason() == Some(h2::Reason::REFUSED_STREAM))
    }

    /// As the row tells it.
    pub fn failure(&self) -> Failure {
        let (side, stage, reason, message) = match self {
            Self::Dns { host, source } => (
                Side::Upstream,
                Stage::Dns,
                "dns".to_owned(),
                format!("The name {host} could not be resolved: {}.", plain(source)),
            ),
            Self::Connect { authority, source } => {
                let (reason, why) = connect_words(source);
                (Side::Upstream, Stage::Connect, reason.to_owned(), format!("No connection to {authority}: {why}."))
            }
            Self::Timeout { authority, stage, seconds } => (
                Side::Upstream,
                *stage,
                "timeout".to_owned(),
                match stage {
                    Stage::Dns => format!("The name in {authority} could not be resolved within {seconds} s."),
                    Stage::Tls => format!(
                        "{authority} accepted the connection but did not finish the TLS handshake within {seconds} s."
                    ),
                    _ => format!("{authority} did not answer within {seconds} s."),
                },
            ),
            Self::Tls { authority, source } => {
                let tls::Words { reason, why, others_may } = tls::words(source);
                let advice = if others_may { tls::unread(authority) } else { String::new() };
                (
                    Side::Upstream,
                    Stage::Tls,
                    reason.to_owned(),
                    format!("The TLS handshake with {authority} failed: {why}.{advice}"),
                )
            }
            Self::NoHttp2 { authority, tls } => (
                Side::Upstream,
                Stage::Tls,
                "no HTTP/2".to_owned(),
                if *tls {
                    format!("{authority} does not offer HTTP/2, and the request asks for nothing else.")
                } else {
                    format!("HTTP/2 is agreed on in TLS, which is not spoken with {authority} (http://).")
                },
            ),
            // Those who are in a ring are told so by each on its way.
            Self::Proxy { proxy, authority, trouble } if trouble.reason == "508" => (
                Side::Waylay,
                Stage::Policy,
                "loop".to_owned(),
                format!(
                    "The way to {authority} by the upstream proxy {proxy} goes in a circle: it leads back to where it began."
                ),
            ),
            Self::Proxy { proxy, authority, trouble } => (
                Side::Upstream,
                Stage::Proxy,
                trouble.reason.clone(),
                format!("No connection to {authority}: the upstream proxy {proxy} {}.", trouble.why),
            ),
            Self::Own { authority, own: Own::Api } => (
                Side::Waylay,
                Stage::Policy,
                "own address".to_owned(),
                format!("{authority} is Waylay's own control API, which is not reachable through its proxy."),
            ),
            Self::Own { authority, own: Own::Proxy } => (
                Side::Waylay,
                Stage::Policy,
                "loop".to_owned(),
                format!(
                    "{authority} is Waylay's own proxy port: the request would go round in a circle. Through the proxy, \
                     Waylay's own page is http://waylay.internal/."
                ),
            ),
            Self::NotAllowed { authority, address } if is_metadata(*address) => (
                Side::Waylay,
                Stage::Policy,
                "metadata address".to_owned(),
                format!(
                    "{authority} has the address {address}, at which clouds tell machines their credentials. It is not asked here."
                ),
            ),
            Self::NotAllowed { authority, address } => (
                Side::Waylay,
                Stage::Policy,
                "not public".to_owned(),
                format!(
                    "{authority} has the address {address}, which is one of this machine or of a private network. Only public \
                     addresses are asked here."
                ),
            ),
            Self::Ring => (
                Side::Waylay,
                Stage::Policy,
                "loop".to_owned(),
                "The request has been through this proxy before: upstream proxies lead it in a circle. \
                 `waylay upstream show` says which are used here."
                    .to_owned(),
            ),
            Self::Http { source } => {
                let (side, stage, reason, message) = http_words(source);
                (side, stage, reason.to_owned(), message)
            }
        };
        Failure { side, stage, reason, message }
    }
}

fn plain(e: &io::Error) -> String {
    let text = e.to_string();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_lowercase()
}

fn connect_words(e: &io::Error) -> (&'static str, String) {
    use io::ErrorKind as K;
    match e.kind() {
        K::ConnectionRefused => ("refused", "nothing is listening there".to_owned()),
        K::ConnectionReset => ("reset", "it was reset at once".to_owned()),
        K::TimedOut => ("timeout", "the system gave up waiting for an answer".to_owned()),
        K::HostUnreachable | K::NetworkUnreachable => ("unreachable", "there is no route to it".to_owned()),
        _ => ("connect", plain(e)),
    }
}

fn http_words(source: &BoxError) -> (Side, Stage, &'static str, String) {
    let upstream = |stage, reason, message: String| (Side::Upstream, stage, reason, message);
    let Some(e) = source.downcast_ref::<hyper::Error>() else {
        return upstream(Stage::Wait, "closed", format!("The origin gave no answer: {source}."));
    };
    let io = io_below(e);
    if e.is_user() {
        // Our request body failed: it comes from the client.
        return (
            Side::Client,
            Stage::Request,
            "client aborted",
            "The client broke off while it was sending the body of its request, or framed it wrongly.".to_owned(),
        );
    }
    let alert = match io.and_then(io::Error::get_ref).and_then(|tls| tls.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => Some(*alert),
        // Of what ended an HTTP/2 connection, only the words are left.
        _ => {
            io.and_then(|io| tls::ABOUT_US.into_iter().find(|alert| io.to_string().ends_with(&format!(": {alert:?}"))))
        }
    };
    match io.map(io::Error::kind) {
        // With TLS 1.3 this comes after the handshake (RFC 8446, 4.4.2.4).
        _ if alert == Some(AlertDescription::CertificateRequired) => upstream(
            Stage::Tls,
            "client certificate",
            "The origin wants a client certificate, and Waylay has none for it: `waylay certificate add HOST`. A client that \
             has one gets through when its connections are relayed unread: `waylay passthrough add HOST`."
                .to_owned(),
        ),
        _ if alert.is_some_and(tls::is_about_our_certificate) => upstream(
            Stage::Tls,
            "client certificate",
            format!(
                "The origin does not accept the client certificate: it ended the connection with the alert {}. \
                 `waylay certificate list` shows which it was.",
                alert.map(alert_name).unwrap_or_default()
            ),
        ),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            upstream(Stage::Wait, "reset", "The origin reset the connection before it answered.".to_owned())
        }
        _ if e.is_incomplete_message() || e.is_closed() || e.is_canceled() => {
            upstream(Stage::Wait, "closed", "The origin closed the connection before it answered.".to_owned())
        }
        _ if e.is_parse() => {
            upstream(Stage::Wait, "bad response", format!("What the origin answered is no valid HTTP: {}.", cause(e)))
        }
        _ => upstream(Stage::Wait, "http", format!("The exchange with the origin failed: {}.", cause(e))),
    }
}

/// The socket's or TLS's own error, however deep: a request that was not sent has the end of its connection as its reason.
fn io_below(e: &hyper::Error) -> Option<&io::Error> {
    let mut below = e.source();
    while let Some(error) = below {
        if let Some(io) = error.downcast_ref().or_else(|| error.downcast_ref::<h2::Error>()?.get_io()) {
            return Some(io);
        }
        below = error.source();
    }
    None
}

fn cause(e: &hyper::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}
