//! What a TLS handshake settled, for the row of its connection.

use bytes::Bytes;
use rustls::{CommonState, HandshakeKind, ProtocolVersion};
use waylay_storage::model::Tls;

/// Reads the facts off a finished handshake; the side that knows more adds it.
pub fn facts(state: &CommonState) -> Tls {
    Tls {
        version: match state.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
            other => other.map(|v| format!("{v:?}")).unwrap_or_default(),
        },
        // rustls writes TLS13_AES_..., IANA TLS_AES_...
        cipher: state
            .negotiated_cipher_suite()
            .map(|s| format!("{:?}", s.suite()).replacen("TLS13_", "TLS_", 1))
            .unwrap_or_default(),
        group: state.negotiated_key_exchange_group().map(|g| format!("{:?}", g.name())),
        alpn: state.alpn_protocol().map(|p| String::from_utf8_lossy(p).into_owned()),
        offered_alpn: Vec::new(),
        sni: None,
        resumed: state.handshake_kind() == Some(HandshakeKind::Resumed),
        verified: None,
        doubt: None,
        client_certificate: None,
        chain: state
            .peer_certificates()
            .map(|chain| chain.iter().map(|c| Bytes::copy_from_slice(c)).collect())
            .unwrap_or_default(),
    }
}
