//! A tunnel goes where CONNECT says, and greets the origin by the name the client asks for.

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use waylay_tests::{
    client::raw,
    daemon::Daemon,
    origin::Origin,
    pki::{self, Root},
    rows, wait,
};

#[tokio::test]
async fn the_address_of_connect_is_dialled_and_the_name_of_the_hello_is_asked_for() {
    let daemon = Daemon::start().await;
    // A name no resolver knows (RFC 6761, 6.4), on a certificate that has no other.
    let origin = Origin::tls_with(&Root::shared().leaf(&["elsewhere.invalid"])).await;
    let tunnel = raw::tunnel(daemon.proxy(), &format!("127.0.0.1:{}", origin.address().port())).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "elsewhere.invalid", &["http/1.1"]).await.unwrap();
    raw::send(&mut stream, "GET /json HTTP/1.1\r\nHost: elsewhere.invalid\r\n\r\n").await;
    let head = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let detail = rows::one_in_detail(&daemon, "path:/json").await;
    assert_eq!(detail["host"], "elsewhere.invalid", "{detail}");
    assert_eq!(detail["upstream_connection"]["peer"], origin.address().to_string(), "{detail}");
    assert_eq!(detail["upstream_connection"]["tls"]["sni"], "elsewhere.invalid", "{detail}");
}

#[tokio::test]
async fn a_client_that_names_nobody_gets_a_leaf_for_the_host_of_connect() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut config = (*pki::client(&daemon.ca_pem(), &["http/1.1"])).clone();
    config.enable_sni = false;
    let name = ServerName::try_from("localhost").unwrap();
    let handshake = TlsConnector::from(std::sync::Arc::new(config)).connect(name, tunnel);
    let mut stream = wait::within("a TLS handshake", handshake).await.unwrap();
    raw::send(&mut stream, format!("GET /json HTTP/1.1\r\nHost: {}\r\n\r\n", origin.authority())).await;
    let head = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let detail = rows::one_in_detail(&daemon, "path:/json").await;
    assert_eq!(detail["client_connection"]["tls"]["sni"], serde_json::Value::Null, "{detail}");
}
