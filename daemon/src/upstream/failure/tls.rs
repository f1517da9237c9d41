//! Which check of a TLS handshake with an origin failed, in words.

use super::plain;
use crate::config::HostPattern;
use rustls::{AlertDescription, CertificateError};
use std::io;

/// Why there is no TLS with an origin.
pub(super) struct Words {
    /// A word or two for a table.
    pub(super) reason: &'static str,
    /// The rest of a sentence.
    pub(super) why: String,
    /// Another client than ours may succeed.
    pub(super) others_may: bool,
}

/// Which check failed, from rustls's own error inside the I/O error.
pub(super) fn words(e: &io::Error) -> Words {
    let of = |reason, why: &str, others_may| Words { reason, why: why.to_owned(), others_may };
    let Some(tls) = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) else {
        return match e.kind() {
            io::ErrorKind::UnexpectedEof => of("tls", "the origin closed the connection during it", true),
            io::ErrorKind::ConnectionReset => of("reset", "the origin reset the connection during it", true),
            _ => of("tls", &plain(e), false),
        };
    };
    match tls {
        rustls::Error::InvalidCertificate(c) => {
            let (reason, why) = certificate_words(c);
            Words { reason, why, others_may: is_beyond_us(c) }
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity)
        | rustls::Error::PeerIncompatible(_) => {
            of("no common TLS", "the origin speaks no TLS version or cipher that Waylay does (TLS 1.2 and 1.3)", true)
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => of(
            "no common TLS",
            "the origin found no TLS version, cipher or key exchange in common, or wants a client certificate",
            true,
        ),
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::BadCertificate) => of(
            "client certificate",
            "the origin wants a client certificate, or another than Waylay has for it (`waylay certificate add HOST`)",
            true,
        ),
        rustls::Error::AlertReceived(alert) if is_about_our_certificate(*alert) => of(
            "client certificate",
            &format!(
                "the origin does not accept the client certificate (alert {}); `waylay certificate list` shows which it was",
                alert_name(*alert)
            ),
            true,
        ),
        rustls::Error::AlertReceived(alert) => {
            of("tls alert", &format!("the origin ended it with the alert {}", alert_name(*alert)), true)
        }
        rustls::Error::InvalidMessage(_) => of("not TLS", "what the origin sent is not TLS", false),
        other => of("tls", &other.to_string(), true),
    }
}

/// Alerts by which a server says what it thinks of a client's certificate (RFC 8446, 6.2).
pub(super) const ABOUT_US: [AlertDescription; 8] = [
    AlertDescription::CertificateRequired,
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
];

/// Whether an alert is one of these.
pub(super) fn is_about_our_certificate(alert: AlertDescription) -> bool {
    ABOUT_US.contains(&alert)
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

/// What to do where a client may speak to the origin what we do not: the exact command.
pub(super) fn unread(authority: &str) -> String {
    let Ok(pattern) = authority.parse::<HostPattern>() else { return String::new() };
    format!(
        " A client that can do it itself gets through when its connections are relayed unread: `waylay passthrough add {pattern}`."
    )
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

#[cfg(test)]
mod tests {
    use super::{super::UpstreamError, *};
    use waylay_storage::model::Failure;

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
