//! What a client's TLS handshake with us fails at, in words.

use crate::{config::HostPattern, upstream::failure::alert_name};
use rustls::AlertDescription as A;
use std::{io, time::Duration};
use waylay_storage::model::{Failure, Side, Stage};

/// The alert `unrecognized_name`, fatal, as a record (RFC 8446, 5.1 and 6.2).
pub const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// A handshake that led to nothing.
#[derive(Debug)]
pub struct Refusal {
    /// For the row.
    pub failure: Failure,
    /// Our certificate was the reason, or most likely was: how the client showed it.
    pub rejection: Option<String>,
    /// The handshake itself was finished.
    pub pinned: bool,
}

fn refusal(side: Side, reason: &str, message: String, rejection: Option<String>) -> Refusal {
    let failure = Failure { side, stage: Stage::Tls, reason: reason.to_owned(), message };
    Refusal { failure, rejection, pinned: false }
}

/// The client takes its time.
pub fn too_slow(limit: Duration) -> Refusal {
    let message = format!("The client did not finish its TLS handshake within {} s.", limit.as_secs());
    refusal(Side::Client, "timeout", message, None)
}

/// The name asked for can stand in no certificate.
pub fn no_leaf(host: &str, why: &str) -> Refusal {
    refusal(Side::Waylay, "no certificate", format!("No certificate could be made for {host}: {why}."), None)
}

/// The client left as soon as it had our certificate, although the handshake went well.
pub fn after_handshake(host: &str) -> Refusal {
    let message = format!(
        "The client finished the TLS handshake for {host} and closed the connection at once, without a request. It accepts \
         only certificates it knows, or looks at them after the handshake and does not trust Waylay's CA."
    );
    let rejection = Some("closed after the handshake".to_owned());
    Refusal { pinned: true, ..refusal(Side::Client, "closed after handshake", message, rejection) }
}

/// Whether the client ended it with an alert.
pub fn is_alert(e: &io::Error) -> bool {
    matches!(tls(e), Some(rustls::Error::AlertReceived(_)))
}

fn tls(e: &io::Error) -> Option<&rustls::Error> {
    e.get_ref().and_then(|e| e.downcast_ref())
}

/// rustls keeps the client's alert inside the I/O error: this is how "the client does not trust our CA" is known. `host`
/// is what our certificate was for, once it may have been sent.
pub fn during_handshake(e: &io::Error, host: Option<&str>) -> Refusal {
    let certificate_sent = host.is_some();
    let host = host.unwrap_or("this host");
    let client = |reason, message, rejection| refusal(Side::Client, reason, message, rejection);
    match tls(e) {
        Some(rustls::Error::AlertReceived(alert)) if is_about_certificates(*alert) => client(
            "client rejected certificate",
            format!(
                "The client refused Waylay's certificate for {host} with the alert {}: it does not trust Waylay's CA, or \
                 accepts only certificates it knows.",
                alert_name(*alert)
            ),
            Some(alert_name(*alert)),
        ),
        Some(rustls::Error::AlertReceived(alert)) => client(
            "client alert",
            format!("The client ended the TLS handshake for {host} with the alert {}.", alert_name(*alert)),
            None,
        ),
        Some(rustls::Error::PeerIncompatible(_)) => client(
            "no common TLS",
            "The client speaks no TLS version or cipher that Waylay does (TLS 1.2 and 1.3).".to_owned(),
            None,
        ),
        Some(other) => client("bad TLS", format!("The client's TLS handshake is not valid: {other}."), None),
        None => client(
            "client closed",
            format!(
                "The client closed the connection during the TLS handshake for {host}, without an alert. Clients that \
                 accept only certificates they know often do."
            ),
            certificate_sent.then(|| "closed during the handshake".to_owned()),
        ),
    }
}

/// RFC 8446, 6.2: alerts by which clients say that they do not like a certificate.
fn is_about_certificates(alert: A) -> bool {
    matches!(
        alert,
        A::UnknownCA
            | A::BadCertificate
            | A::CertificateUnknown
            | A::UnsupportedCertificate
            | A::CertificateExpired
            | A::CertificateRevoked
            | A::BadCertificateStatusResponse
            | A::AccessDenied
    )
}

/// What to do about a client that rejects our certificate for a host.
pub fn advice(host: &str, port: u16) -> String {
    let unread = HostPattern::exact(host, port)
        .map(|pattern| format!(", or relay its connections to this host unread: `waylay passthrough add {pattern}`"));
    format!(" Let it trust the file that `waylay ca export` writes{}.", unread.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distrust_is_told_from_other_alerts() {
        let alert = |a| during_handshake(&io::Error::other(rustls::Error::AlertReceived(a)), Some("a.test"));
        for a in [A::UnknownCA, A::BadCertificate, A::CertificateUnknown, A::CertificateExpired] {
            let distrust = alert(a);
            assert_eq!(distrust.failure.reason, "client rejected certificate");
            assert!(distrust.failure.message.contains("a.test"));
            assert_eq!(distrust.rejection, Some(alert_name(a)));
        }
        for a in [A::ProtocolVersion, A::InternalError, A::NoApplicationProtocol, A::UserCanceled] {
            let other = alert(a);
            assert_eq!((other.failure.reason.as_str(), other.rejection), ("client alert", None));
        }
    }

    #[test]
    fn an_end_without_an_alert_is_a_rejection_once_there_was_a_certificate() {
        let closed = |host| during_handshake(&io::ErrorKind::UnexpectedEof.into(), host);
        assert_eq!((closed(None).failure.reason.as_str(), closed(None).rejection), ("client closed", None));
        assert!(closed(Some("a.test")).rejection.is_some());
    }

    #[test]
    fn the_advice_can_be_typed() {
        assert!(advice("a.test", 443).contains("`waylay passthrough add a.test:443`"));
        assert!(advice("::1", 8443).contains("`waylay passthrough add [::1]:8443`"));
        let hostile = advice("a;reboot", 443);
        assert!(!hostile.contains("passthrough") && !hostile.contains("reboot"), "{hostile}");
    }
}
