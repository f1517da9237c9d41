//! Row 17: odd names and old clients get a certificate that fits, or a clean error and a row.

use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName},
};
use std::{io, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use waylay_tests::{client::raw, daemon::Daemon, origin::Origin, pki, program, rows, wait};
use x509_parser::prelude::*;

/// 253 characters, the most a name can have (RFC 1035, 3.1).
fn longest() -> String {
    format!("{}.{}.invalid", vec!["a".repeat(63); 3].join("."), "b".repeat(53))
}

/// A handshake that checks the certificate for `host`, and names it only with `sni`.
async fn handshake(daemon: &Daemon, connect: &str, host: &str, sni: bool) -> io::Result<TlsStream<TcpStream>> {
    let tunnel = raw::tunnel(daemon.proxy(), &format!("{connect}:443")).await;
    let mut config = ClientConfig::clone(&pki::client(&daemon.ca_pem(), &["http/1.1"]));
    config.enable_sni = sni;
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    wait::within("a handshake", TlsConnector::from(Arc::new(config)).connect(name, tunnel)).await
}

fn names(leaf: &CertificateDer<'_>) -> Vec<String> {
    let (_, leaf) = X509Certificate::from_der(leaf).unwrap();
    let names = leaf.subject_alternative_name().unwrap().expect("names").value.general_names.iter();
    names
        .map(|name| if let GeneralName::DNSName(name) = name { (*name).to_owned() } else { name.to_string() })
        .collect()
}

#[tokio::test]
async fn security_17_odd_names_get_a_certificate_that_fits() {
    let daemon = Daemon::start().await;
    let longest = longest();
    assert_eq!(longest.len(), 253);
    for (connect, host) in [
        ("xn--bcher-kva.invalid", "xn--bcher-kva.invalid"),
        ("Mixed.Case.INVALID", "mixed.case.invalid"),
        ("my_service.invalid", "my_service.invalid"),
        ("dotted.invalid.", "dotted.invalid"),
        (longest.as_str(), longest.as_str()),
    ] {
        for sni in [true, false] {
            let stream = handshake(&daemon, connect, host, sni).await;
            let stream = stream.unwrap_or_else(|e| panic!("{connect}, named: {sni}: {e}"));
            let leaf = &stream.get_ref().1.peer_certificates().unwrap()[0];
            assert_eq!(names(leaf), [host], "{connect}, named: {sni}");
        }
    }
    // Another spelling of an address is, to a client, the name it wrote.
    let stream = handshake(&daemon, "127.0.0.1", "127.0.0.1", false).await.unwrap();
    assert!(names(&stream.get_ref().1.peer_certificates().unwrap()[0])[0].contains("IPAddress"));
}

#[tokio::test]
async fn security_17_names_that_no_certificate_can_bear_end_in_an_alert_and_a_row() {
    let daemon = Daemon::start().await;
    let too_long = format!("{}x", longest());
    for connect in ["*.wild.invalid", "a..b.invalid", too_long.as_str()] {
        let error = handshake(&daemon, connect, "any.invalid", false).await.expect_err(connect).to_string();
        assert!(error.contains("UnrecognizedName") || error.contains("UnrecognisedName"), "{connect}: {error}");
    }
    for row in rows::done(&daemon, "is:failed", 3).await {
        assert_eq!((&row["kind"], rows::failure(&row)), (&"tls_failure".into(), "waylay tls no certificate".into()));
    }
}

#[tokio::test]
async fn security_17_server_names_that_are_none_end_in_a_row() {
    let daemon = Daemon::start().await;
    for sni in ["*.wild.invalid", "a..b.invalid"] {
        let mut command = program::command(program::need(&["openssl"]), &daemon.place().home());
        command.args(["s_client", "-proxy", &daemon.proxy().to_string(), "-connect", "plain.invalid:443"]);
        let output = program::run(command.args(["-servername", sni])).await;
        assert!(output.stderr.contains("alert"), "{sni}: {output:?}");
    }
    for row in rows::done(&daemon, "is:failed", 2).await {
        assert_eq!(row["kind"], "tls_failure", "{row}");
    }
}

#[tokio::test]
async fn security_17_an_address_as_server_name_is_no_name() {
    let daemon = Daemon::start().await;
    let mut command = program::command(program::need(&["openssl"]), &daemon.place().home());
    command.args(["s_client", "-proxy", &daemon.proxy().to_string(), "-connect", "127.0.0.1:443"]);
    command.args(["-servername", "127.0.0.1", "-verify_ip", "127.0.0.1", "-verify_return_error", "-CAfile"]);
    let output = program::run(command.arg(daemon.ca_file())).await;
    assert!(output.stdout.contains("Verify return code: 0 (ok)"), "{output:?}");
}

#[tokio::test]
async fn security_17_tls_1_2_clients_work_with_and_without_a_server_name() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    for (host, path) in [("localhost", "/json?name"), ("127.0.0.1", "/json?address")] {
        let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
        command.args(["-sS", "--tls-max", "1.2", "--proxy"]).arg(format!("http://{}", daemon.proxy()));
        command.arg("--cacert").arg(daemon.ca_file()).arg(format!("https://{host}:{}{path}", origin.address().port()));
        program::run(&mut command).await.expect(0);
        let detail = rows::one_in_detail(&daemon, &format!("\"{path}\"")).await;
        let tls = &detail["client_connection"]["tls"];
        assert_eq!((&tls["version"], tls["sni"].is_null()), (&"TLS 1.2".into(), host == "127.0.0.1"), "{detail}");
    }
}

#[tokio::test]
async fn security_17_a_client_that_is_too_old_ends_in_an_alert_and_a_row() {
    let daemon = Daemon::start().await;
    let mut command = program::command(program::need(&["openssl"]), &daemon.place().home());
    command.args(["s_client", "-proxy", &daemon.proxy().to_string(), "-connect", "old.invalid:443"]);
    let output = program::run(command.args(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])).await;
    assert!(output.stderr.contains("alert"), "{output:?}");
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(
        (&row["kind"], rows::failure(&row)),
        (&"tls_failure".into(), "client tls no common TLS".into()),
        "{row}"
    );
}
