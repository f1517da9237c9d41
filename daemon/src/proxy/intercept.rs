//! TLS with the client, by a leaf of our own; what it settles, and what it fails at, becomes a row.

use super::{serve, socket::ClientSocket, tunnel::Tunnel};
use crate::{
    capture::{handshake::facts, recorder::micros},
    upstream::failure::alert_name,
};
use rustls::{AlertDescription, server::Acceptor};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};
use waylay_storage::model::{Failure, Kind, Side, Stage};

/// Answers the handshake and serves what comes after it.
pub async fn intercept(tunnel: Tunnel, io: ClientSocket) {
    let stopping = tunnel.port.stopping.clone();
    let Some(Some(settled)) = stopping.run_until_cancelled(handshake(&tunnel, io)).await else { return };
    let Settled { stream, sni, connection, http2 } = settled;
    serve::serve_tls(tunnel, stream, connection, sni.as_deref(), http2).await;
}

/// A finished handshake.
struct Settled {
    stream: TlsStream<ClientSocket>,
    sni: Option<String>,
    /// Row of the client's connection.
    connection: i64,
    http2: bool,
}

/// `None` if it failed, of which there is a row then.
async fn handshake(tunnel: &Tunnel, io: ClientSocket) -> Option<Settled> {
    let (began, limit) = (Instant::now(), tunnel.port.shared.clients.bounds().head);
    let hello = match timeout(limit, LazyConfigAcceptor::new(Acceptor::default(), io)).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(e)) => return failed(tunnel, None, client_words(&e, None)),
        Err(_) => return failed(tunnel, None, too_slow(limit)),
    };
    let (sni, offered) = {
        let hello = hello.client_hello();
        let offered = hello.alpn().into_iter().flatten().map(|p| String::from_utf8_lossy(p).into_owned());
        (hello.server_name().map(str::to_owned), offered.collect::<Vec<_>>())
    };
    let host = sni.as_deref().unwrap_or(&tunnel.origin.host).to_owned();
    let config = match tunnel.port.shared.authority.server_config(&host) {
        Ok(config) => config,
        Err(e) => return failed(tunnel, sni.as_deref(), no_leaf(&host, &e.to_string())),
    };
    let stream = match timeout(limit.saturating_sub(began.elapsed()), hello.into_stream(config)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(e)) => return failed(tunnel, sni.as_deref(), client_words(&e, Some(&host))),
        Err(_) => return failed(tunnel, sni.as_deref(), too_slow(limit)),
    };
    let mut facts = facts(stream.get_ref().1);
    (facts.offered_alpn, facts.sni) = (offered, sni.clone());
    let http2 = facts.alpn.as_deref() == Some("h2");
    let connection = tunnel.note_client(Some(micros(began.elapsed())), Some(facts));
    Some(Settled { stream, sni, connection, http2 })
}

/// Writes the row of a handshake that failed.
fn failed<T>(tunnel: &Tunnel, sni: Option<&str>, failure: Failure) -> Option<T> {
    tracing::debug!(reason = %failure.reason, "a client's TLS handshake failed");
    if let Some(recorder) = tunnel.begin(Kind::TlsFailure) {
        recorder.note(|x| {
            if let Some(name) = sni {
                name.clone_into(&mut x.host);
            }
        });
        recorder.fail(failure);
    }
    None
}

fn failure(side: Side, reason: &str, message: String) -> Failure {
    Failure { side, stage: Stage::Tls, reason: reason.to_owned(), message }
}

fn too_slow(limit: Duration) -> Failure {
    let message = format!("The client did not finish its TLS handshake within {} s.", limit.as_secs());
    failure(Side::Client, "timeout", message)
}

fn no_leaf(host: &str, why: &str) -> Failure {
    failure(Side::Waylay, "no certificate", format!("No certificate could be made for {host}: {why}."))
}

/// rustls keeps the client's alert inside the I/O error: this is how "the client does not trust our CA" is known.
fn client_words(e: &io::Error, host: Option<&str>) -> Failure {
    use AlertDescription as A;
    let tls = e.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    let host = host.unwrap_or("this host");
    match tls {
        Some(rustls::Error::AlertReceived(
            alert @ (A::UnknownCA
            | A::BadCertificate
            | A::CertificateUnknown
            | A::UnsupportedCertificate
            | A::AccessDenied),
        )) => failure(
            Side::Client,
            "client rejected certificate",
            format!(
                "The client refused Waylay's certificate for {host} with the alert {}: it does not trust Waylay's CA, or \
                 accepts only certificates it knows. Let it trust the file that `waylay ca export` writes.",
                alert_name(*alert)
            ),
        ),
        Some(rustls::Error::AlertReceived(alert)) => failure(
            Side::Client,
            "client alert",
            format!("The client ended the TLS handshake for {host} with the alert {}.", alert_name(*alert)),
        ),
        Some(rustls::Error::PeerIncompatible(_)) => failure(
            Side::Client,
            "no common TLS",
            "The client speaks no TLS version or cipher that Waylay does (TLS 1.2 and 1.3).".to_owned(),
        ),
        Some(other) => failure(Side::Client, "bad TLS", format!("The client's TLS handshake is not valid: {other}.")),
        None => failure(
            Side::Client,
            "client closed",
            format!(
                "The client closed the connection during the TLS handshake for {host}, without an alert. Clients that \
                 accept only certificates they know often do."
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distrust_is_told_from_other_alerts() {
        let alert = |a| client_words(&io::Error::other(rustls::Error::AlertReceived(a)), Some("a.test"));
        let distrust = alert(AlertDescription::UnknownCA);
        assert_eq!(distrust.reason, "client rejected certificate");
        assert!(distrust.message.contains("unknown_ca") && distrust.message.contains("a.test"));
        assert_eq!(alert(AlertDescription::ProtocolVersion).reason, "client alert");
        assert_eq!(client_words(&io::ErrorKind::UnexpectedEof.into(), None).reason, "client closed");
    }
}
