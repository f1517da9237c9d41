//! A second opinion: chains checked by OpenSSL, strictly. Without its command there is nothing to test.

mod in_memory;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use in_memory::{client, handshake};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;
use rustls::version::TLS13;
use waylay_ca::Authority;

#[test]
fn every_kind_of_leaf_verifies_and_for_its_own_host_only() {
    if !installed() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let authority = Authority::open(&temporary.path().join("ca")).unwrap();
    let root = temporary.path().join("ca/waylay-ca.pem");
    for (host, name, check, other) in [
        ("Example.com.", "example.com", "-verify_hostname", "www.example.com"),
        ("bücher.example", "xn--bcher-kva.example", "-verify_hostname", "bcher.example"),
        (&"a.".repeat(100), &"a.".repeat(100)[..199], "-verify_hostname", "a.a"),
        ("192.0.2.7", "192.0.2.7", "-verify_ip", "192.0.2.8"),
        ("[2001:db8::1]", "2001:db8::1", "-verify_ip", "2001:db8::2"),
    ] {
        let leaf = temporary.path().join("leaf.der");
        std::fs::write(&leaf, leaf_for(&authority, host, name)).unwrap();
        let verify = |name: &str| {
            let mut command = Command::new("openssl");
            command.args(["verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver", check, name, "-CAfile"]);
            run(command.arg(&root).arg(&leaf))
        };
        verify(name).unwrap();
        assert!(verify(other).unwrap_err().contains("mismatch"), "{host} passed for {other}");
    }
}

/// Some verifiers read no limits from a root that is trusted explicitly; OpenSSL is one that does.
#[test]
fn an_authority_below_the_root_is_refused() {
    if !installed() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let authority = Authority::open(&temporary.path().join("ca")).unwrap();
    let key = std::fs::read_to_string(temporary.path().join("ca/waylay-ca.key")).unwrap();
    let root = authority.certificate();
    let issuer = Issuer::from_ca_cert_der(root.der(), KeyPair::from_pem(&key).unwrap()).unwrap();
    let refusal = verify_below(temporary.path(), &root.pem(), &issuer).unwrap_err();
    assert!(refusal.contains("path length constraint exceeded"), "{refusal}");

    // The same chain under a root without the limit passes, so it is the limit that stops it.
    let key = KeyPair::generate().unwrap();
    let params = authority_params("no limit");
    let root = params.self_signed(&key).unwrap().pem();
    verify_below(temporary.path(), &root, &Issuer::new(params, key)).unwrap();
}

/// Verifies a leaf of an authority that `issuer` signed.
fn verify_below(dir: &Path, root: &str, issuer: &Issuer<'_, KeyPair>) -> Result<(), String> {
    let (middle_key, leaf_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let params = authority_params("below");
    let middle: Certificate = params.signed_by(&middle_key, issuer).unwrap();
    let leaf = CertificateParams::new(vec!["victim.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(params, middle_key)).unwrap();
    let write = |name: &str, pem: &str| {
        let path = dir.join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let mut command = Command::new("openssl");
    command.arg("verify").arg("-CAfile").arg(write("root.pem", root));
    command.arg("-untrusted").arg(write("middle.pem", &middle.pem())).arg(write("leaf.pem", &leaf.pem()));
    run(&mut command)
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn leaf_for(authority: &Authority, host: &str, name: &str) -> CertificateDer<'static> {
    let client = Arc::new(client(authority.certificate().der(), &[&TLS13], &[]));
    let (client, _) = handshake(client, authority.server_config(host).unwrap(), name).unwrap();
    client.peer_certificates().unwrap()[0].clone()
}

fn installed() -> bool {
    Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs OpenSSL; what it complains about if it does.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
