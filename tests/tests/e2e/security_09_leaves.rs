//! Row 9: what a stolen CA could do is little, and leaves are what clients accept.

use rustls::pki_types::CertificateDer;
use std::{
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};
use waylay_tests::{client::raw, daemon::Daemon};
use x509_parser::prelude::*;

const DAY: i64 = 86_400;

/// The chain the proxy shows to a client that asks for `host`.
async fn chain(daemon: &Daemon, host: &str, sni: &str) -> Vec<CertificateDer<'static>> {
    let tunnel = raw::tunnel(daemon.proxy(), &format!("{host}:443")).await;
    let stream = raw::tls(tunnel, &daemon.ca_pem(), sni, &["http/1.1"]).await;
    let stream = stream.unwrap_or_else(|e| panic!("no handshake for {host}: {e}"));
    stream.get_ref().1.peer_certificates().expect("certificates").to_vec()
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> X509Certificate<'a> {
    X509Certificate::from_der(der).expect("a certificate").1
}

/// A name with the kind of its field.
fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("DNS {name}"),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => format!("IP {}", IpAddr::from(<[u8; 4]>::try_from(*bytes).unwrap())),
            _ => format!("IP {}", IpAddr::from(<[u8; 16]>::try_from(*bytes).unwrap())),
        },
        other => format!("{other:?}"),
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

#[tokio::test]
async fn security_09_leaves_are_short_lived_and_have_a_key_of_their_own() {
    let daemon = Daemon::start().await;
    let (dns, ip) =
        (chain(&daemon, "one.invalid", "one.invalid").await, chain(&daemon, "127.0.0.1", "127.0.0.1").await);
    let root = rustls::pki_types::pem::PemObject::from_pem_slice(daemon.ca_pem().as_bytes());
    let root: CertificateDer<'static> = root.unwrap();
    for chain in [&dns, &ip] {
        assert_eq!(chain.len(), 2, "leaf and CA are sent");
        assert_eq!(chain[1], root);
        let (leaf, ca) = (parse(&chain[0]), parse(&chain[1]));
        leaf.verify_signature(Some(ca.public_key())).expect("signed by the CA");
        assert_ne!(leaf.public_key().raw, ca.public_key().raw, "never the CA's key");
        let (from, to) = (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
        assert!(to - from <= 90 * DAY, "{} days", (to - from) / DAY);
        assert!(from < now() && from >= now() - DAY - 60, "back-dated by up to a day");
        assert!(leaf.basic_constraints().unwrap().is_none_or(|b| !b.value.ca));
        let usage = leaf.extended_key_usage().unwrap().expect("what it is for");
        assert!(usage.value.server_auth && !usage.value.any);
    }
    assert_ne!(parse(&dns[0]).raw_serial(), parse(&ip[0]).raw_serial());
}

#[tokio::test]
async fn security_09_a_host_has_one_leaf_however_many_clients_ask_at_once() {
    let daemon = Daemon::start().await;
    let chains = futures_util::future::join_all((0..20).map(|_| chain(&daemon, "many.invalid", "many.invalid"))).await;
    assert!(chains.iter().all(|c| c[0] == chains[0][0]), "made once, and kept");
}

#[tokio::test]
async fn security_09_names_and_addresses_are_in_the_right_field() {
    let daemon = Daemon::start().await;
    let names = |chain: &[CertificateDer<'_>]| -> Vec<String> {
        let leaf = parse(&chain[0]);
        let names = leaf.subject_alternative_name().unwrap().expect("names");
        names.value.general_names.iter().map(name).collect()
    };
    // The handshake itself checks that the name fits; the field's kind is what clients differ about.
    for (host, sni, expected) in [
        ("one.invalid", "one.invalid", "DNS one.invalid"),
        ("127.0.0.1", "127.0.0.1", "IP 127.0.0.1"),
        ("[::1]", "::1", "IP ::1"),
        ("xn--bcher-kva.invalid", "xn--bcher-kva.invalid", "DNS xn--bcher-kva.invalid"),
    ] {
        let names = names(&chain(&daemon, host, sni).await);
        assert_eq!(names, [expected], "{host}");
    }
}

#[tokio::test]
async fn security_09_the_root_can_sign_leaves_and_nothing_else() {
    let (one, two) = (Daemon::start().await, Daemon::start().await);
    let mut keys = Vec::new();
    for daemon in [&one, &two] {
        let chain = chain(daemon, "one.invalid", "one.invalid").await;
        let ca = parse(&chain[1]);
        let constraints = ca.basic_constraints().unwrap().expect("basic constraints");
        assert!(constraints.critical && constraints.value.ca);
        assert_eq!(constraints.value.path_len_constraint, Some(0), "no CA below it");
        let usage = ca.key_usage().unwrap().expect("key usage");
        assert!(usage.critical && usage.value.key_cert_sign());
        assert_eq!(usage.value.flags, 1 << 5, "certSign only");
        keys.push((ca.public_key().raw.to_vec(), ca.subject().to_string(), ca.raw_serial().to_vec()));
    }
    assert_ne!(keys[0].0, keys[1].0, "unique per install");
    assert_ne!(keys[0].2, keys[1].2);
}

#[tokio::test]
async fn security_09_rotate_replaces_the_root_for_good() {
    let daemon = Daemon::start().await;
    let before = daemon.ca_pem();
    let place = daemon.stop().await;
    place.waylay(&["ca", "rotate"]).await.expect(0);
    let again = waylay_tests::daemon::Launch::at(place).start().await;
    assert_ne!(again.ca_pem(), before);
    let chain = chain(&again, "one.invalid", "one.invalid").await;
    assert!(again.ca_pem().contains("BEGIN CERTIFICATE") && chain.len() == 2, "leaves are signed by the new root");
}
