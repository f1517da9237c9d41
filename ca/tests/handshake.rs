//! What a client sees: chains verified by rustls and webpki, names, versions, protocols, resumption.

mod in_memory;

use std::sync::Arc;

use in_memory::{client, handshake};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error, HandshakeKind, ProtocolVersion};
use waylay_ca::Authority;

struct Setup {
    temporary: tempfile::TempDir,
    authority: Authority,
}

fn setup() -> Setup {
    let temporary = tempfile::tempdir().unwrap();
    let authority = Authority::open(&temporary.path().join("ca")).unwrap();
    Setup { temporary, authority }
}

#[test]
fn a_client_that_trusts_the_root_accepts_every_kind_of_host() {
    let setup = setup();
    let long = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    let table = [
        ("example.com", "example.com"),
        ("EXAMPLE.com.", "example.com"),
        ("deep.below.example.com", "deep.below.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("my_service.internal", "my_service.internal"),
        (&long, &long),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::1", "::1"),
    ];
    for version in [&TLS12, &TLS13] {
        let client = Arc::new(client(setup.authority.certificate().der(), &[version], &[]));
        for (host, name) in table {
            let server = setup.authority.server_config(host).unwrap();
            let (client, _) = handshake(client.clone(), server, name).unwrap_or_else(|error| panic!("{host}: {error}"));
            assert_eq!(client.protocol_version(), Some(version.version));
            let chain = client.peer_certificates().unwrap();
            assert_eq!(chain.len(), 2, "{host}: leaf and root");
            assert_eq!(&chain[1], setup.authority.certificate().der());
        }
    }
}

#[test]
fn a_leaf_is_good_for_its_own_host_only() {
    let setup = setup();
    let client = Arc::new(client(setup.authority.certificate().der(), &[&TLS13], &[]));
    for (host, name) in [
        ("example.com", "other.example"),
        ("example.com", "www.example.com"),
        ("example.com", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.8"),
        ("[::1]", "127.0.0.1"),
    ] {
        let server = setup.authority.server_config(host).unwrap();
        assert!(handshake(client.clone(), server, name).is_err(), "{host} passed for {name}");
    }
}

#[test]
fn a_client_that_trusts_another_root_refuses() {
    let (ours, theirs) = (setup(), setup());
    let client = Arc::new(client(theirs.authority.certificate().der(), &[&TLS13], &[]));
    let server = ours.authority.server_config("example.com").unwrap();
    assert!(matches!(handshake(client, server, "example.com"), Err(Error::InvalidCertificate(_))));
}

#[test]
fn http_2_is_preferred_and_http_1_possible() {
    let setup = setup();
    let server = setup.authority.server_config("example.com").unwrap();
    let offers: [(&[&str], Option<&[u8]>); 4] = [
        (&["http/1.1", "h2"], Some(b"h2")),
        (&["h2", "http/1.1"], Some(b"h2")),
        (&["http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ];
    for (offer, wanted) in offers {
        let client = Arc::new(client(setup.authority.certificate().der(), &[&TLS13], offer));
        let (client, _) = handshake(client, server.clone(), "example.com").unwrap();
        assert_eq!(client.alpn_protocol(), wanted, "{offer:?}");
    }
}

#[test]
fn sessions_are_resumed_on_their_own_host_and_on_no_other() {
    let setup = setup();
    let resumed = |client: &Arc<ClientConfig>, host: &str| {
        let server = setup.authority.server_config(host).unwrap();
        let (client, _) = handshake(client.clone(), server, host).unwrap();
        client.handshake_kind() == Some(HandshakeKind::Resumed)
    };
    for version in [&TLS12, &TLS13] {
        let client = Arc::new(client(setup.authority.certificate().der(), &[version], &[]));
        assert!(!resumed(&client, "a.example"));
        assert!(resumed(&client, "a.example"), "{:?}", version.version);
        assert!(!resumed(&client, "b.example"));
    }
}

#[test]
fn a_client_without_server_name_is_served() {
    let setup = setup();
    let mut config = client(setup.authority.certificate().der(), &[&TLS13], &[]);
    config.enable_sni = false;
    let server = setup.authority.server_config("example.com").unwrap();
    let (client, server) = handshake(Arc::new(config), server, "example.com").unwrap();
    assert_eq!(server.server_name(), None);
    assert_eq!(client.protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[test]
fn threads_that_ask_for_one_host_at_once_share_one_configuration() {
    let setup = setup();
    let start = std::sync::Barrier::new(16);
    let configs: Vec<_> = std::thread::scope(|scope| {
        let ask = |spelling: &'static str| {
            let (start, authority) = (&start, &setup.authority);
            scope.spawn(move || {
                start.wait();
                authority.server_config(spelling).unwrap()
            })
        };
        let threads: Vec<_> =
            ["example.com", "Example.com", "example.com.", "EXAMPLE.COM."].repeat(4).into_iter().map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(configs.iter().all(|config| Arc::ptr_eq(config, &configs[0])));
}

#[test]
fn a_bad_host_is_an_error_with_a_hint() {
    let setup = setup();
    for host in ["", "*", "*.example.com", "a b", "nul\0", "[::1", &"a".repeat(64), &"a.".repeat(200)] {
        let error = setup.authority.server_config(host).unwrap_err();
        assert!(matches!(error, waylay_ca::CaError::Host { .. }), "{host:?}: {error}");
        assert!(error.hint().contains("example.com"));
    }
}

#[test]
fn the_key_is_not_in_what_is_exported_or_shown() {
    let setup = setup();
    let key = std::fs::read_to_string(setup.temporary.path().join("ca/waylay-ca.key")).unwrap();
    let body = key.lines().nth(1).unwrap();
    let certificate = setup.authority.certificate();
    for shown in [format!("{:?} {certificate:?}", setup.authority), certificate.pem(), setup.authority.bundle()] {
        assert!(!shown.contains(body) && !shown.contains("PRIVATE"));
    }
    assert!(setup.authority.bundle().starts_with(&certificate.pem()));
    assert_eq!(&waylay_ca::Certificate::load(&setup.temporary.path().join("ca")).unwrap(), certificate);
}
