//! What can go wrong on the way to an origin: the stage, a word for a table, and a sentence.

use super::{BoxError, guard::Own};
use crate::config::HostPattern;
use rustls::{AlertDescription, CertificateError};
use std::{error::Error as _, io};
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
        seconds: u64,
    },
    /// The TLS handshake failed.
    #[error("TLS with {authority} failed: {source}")]
    Tls {
        /// Where to.
        authority: String,
        /// rustls's or the socket's words.
        source: io::Error,
    },
    /// The address is our own.
    #[error("{authority} is Waylay itself")]
    Own {
        /// Where to.
        authority: String,
        /// Which of our services it is.
        own: Own,
    },
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
                let Words { reason, why, others_may } = tls_words(source);
                let advice = if others_may { unread(authority) } else { String::new() };
                (
                    Side::Upstream,
                    Stage::Tls,
                    reason.to_owned(),
                    format!("The TLS handshake with {authority} failed: {why}.{advice}"),
                )
            }
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
                format!("{authority} is Waylay's own proxy port: the request would go round in a circle."),
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

/// What to do where a client may speak to the origin what we do not: the exact command.
fn unread(authority: &str) -> String {
    let Ok(pattern) = authority.parse::<HostPattern>() else { return String::new() };
    format!(
        " A client that can do it itself gets through when its connections are relayed unread: `waylay passthrough add {pattern}`."
    )
}

/// Why there is no TLS with an origin.
struct Words {
    reason: &'static str,
    why: String,
    /// Another client than ours may succeed.
    others_may: bool,
}

/// Which check failed, from rustls's own error inside the I/O error.
fn tls_words(e: &io::Error) -> Words {
    let words = |reason, why: &str, others_may| Words { reason, why: why.to_owned(), others_may };
    let Some(tls) = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) else {
        return match e.kind() {
            io::ErrorKind::UnexpectedEof => words("tls", "the origin closed the connection during it", true),
            io::ErrorKind::ConnectionReset => words("reset", "the origin reset the connection during it", true),
            _ => words("tls", &plain(e), false),
        };
    };
    match tls {
        rustls::Error::InvalidCertificate(c) => {
            let (reason, why) = certificate_words(c);
            Words { reason, why, others_may: is_beyond_us(c) }
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity)
        | rustls::Error::PeerIncompatible(_) => words(
            "no common TLS",
            "the origin speaks no TLS version or cipher that Waylay does (TLS 1.2 and 1.3)",
            true,
        ),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => words(
            "no common TLS",
            "the origin found no TLS version, cipher or key exchange in common, or wants a client certificate",
            true,
        ),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::BadCertificate) => {
            words("client certificate", "the origin wants a client certificate", true)
        }
        rustls::Error::AlertReceived(alert) => {
            words("tls alert", &format!("the origin ended it with the alert {}", alert_name(*alert)), true)
        }
        rustls::Error::InvalidMessage(_) => words("not TLS", "what the origin sent is not TLS", false),
        other => words("tls", &other.to_string(), true),
    }
}

/// Whether the certificate was not even understood: others may know its algorithms.
fn is_beyond_us(c: &CertificateError) -> bool {
    use CertificateError as C;
    matches!(
        c,
        C::BadEncoding
            | C::UnhandledCriticalExtension
            | C::UnsupportedSignatureAlgorithmContext { .. }
            | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

fn certificate_words(c: &CertificateError) -> (&'static str, String) {
    use CertificateError as C;
    match c {
        C::Expired | C::ExpiredContext { .. } => ("expired certificate", "the origin's certificate has expired".to_owned()),
        C::NotValidYet | C::NotValidYetContext { .. } => {
            ("certificate not yet valid", "the origin's certificate is not valid yet".to_owned())
        }
        C::NotValidForName => ("wrong host name", "the origin's certificate is for another name".to_owned()),
        C::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            ("wrong host name", format!("the origin's certificate is for another name: {}", presented.join(", ")))
        }
        C::NotValidForNameContext { .. } => ("wrong host name", "the origin's certificate is for no name at all".to_owned()),
        C::UnknownIssuer => (
            "unknown issuer",
            "the origin's certificate was issued by nobody this system trusts (or by itself); --upstream-ca FILE trusts an \
             issuer, --insecure-upstream HOST skips the check"
                .to_owned(),
        ),
        C::Revoked => ("revoked certificate", "the origin's certificate has been revoked".to_owned()),
        C::BadSignature => ("bad signature", "a signature in the origin's certificate chain is wrong".to_owned()),
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => {
            ("wrong purpose", "the origin's certificate is not meant for servers".to_owned())
        }
        // webpki's own error; it has no variant here.
        C::Other(e) if e.to_string().contains("CaUsedAsEndEntity") => (
            "self-signed",
            "the origin's certificate is its own issuer, which nobody vouches for; --upstream-ca FILE with that certificate \
             trusts it, --insecure-upstream HOST skips the check"
                .to_owned(),
        ),
        other => ("bad certificate", format!("the origin's certificate was not accepted: {other}")),
    }
}

/// The name RFC 8446, 6 gives an alert: `unknown_ca`.
pub fn alert_name(alert: AlertDescription) -> String {
    let mut name = String::new();
    for c in format!("{alert:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with(|p: char| p.is_ascii_uppercase()) {
            name.push('_');
        }
        name.push(c);
    }
    name.to_ascii_lowercase()
}

fn http_words(source: &BoxError) -> (Side, Stage, &'static str, String) {
    let upstream = |stage, reason, message: String| (Side::Upstream, stage, reason, message);
    let Some(e) = source.downcast_ref::<hyper::Error>() else {
        return upstream(Stage::Wait, "closed", format!("The origin gave no answer: {source}."));
    };
    let io = e.source().and_then(|s| s.downcast_ref::<io::Error>());
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
        _ => None,
    };
    match io.map(io::Error::kind) {
        // With TLS 1.3 this comes after the handshake (RFC 8446, 4.4.2.4).
        _ if alert == Some(AlertDescription::CertificateRequired) => upstream(
            Stage::Tls,
            "client certificate",
            "The origin wants a client certificate, which Waylay does not have. A client that has one gets through when its \
             connections are relayed unread: `waylay passthrough add HOST`."
                .to_owned(),
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

fn cause(e: &hyper::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(e: rustls::Error) -> Failure {
        UpstreamError::Tls { authority: "a.test:443".to_owned(), source: io::Error::other(e) }.failure()
    }

    #[test]
    fn each_failed_check_has_its_own_word() {
        let cert = |c| tls(rustls::Error::InvalidCertificate(c)).reason;
        assert_eq!(cert(CertificateError::Expired), "expired certificate");
        assert_eq!(cert(CertificateError::NotValidForName), "wrong host name");
        assert_eq!(cert(CertificateError::UnknownIssuer), "unknown issuer");
        assert_eq!(tls(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)).reason, "no common TLS");
    }

    #[test]
    fn passthrough_is_offered_where_another_client_may_succeed() {
        let offers = |e: rustls::Error| tls(e).message.contains("`waylay passthrough add a.test:443`");
        for e in [
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            rustls::Error::AlertReceived(AlertDescription::HandshakeFailure),
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired),
            rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            CertificateError::BadEncoding.into(),
        ] {
            assert!(offers(e.clone()), "{e:?}");
        }
        for e in [CertificateError::UnknownIssuer.into(), CertificateError::Expired.into()] {
            assert!(!offers(e), "the other client would have to ignore it as well");
        }
        assert_eq!(unread("a;reboot:443"), "", "no command with a host that is none");
    }

    #[test]
    fn alerts_are_named_as_the_rfc_does() {
        for (alert, name) in [
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::BadCertificate, "bad_certificate"),
            (AlertDescription::CertificateUnknown, "certificate_unknown"),
            (AlertDescription::NoApplicationProtocol, "no_application_protocol"),
        ] {
            assert_eq!(alert_name(alert), name);
        }
    }
}
