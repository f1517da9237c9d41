use super::*;

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/client-certificates/", $name)).as_slice()
    };
}

const EC: &[u8] = file!("ec.pem");
const RSA: &[u8] = file!("rsa.pem");
const PASSPHRASE: Option<&str> = Some("s3cret");

#[test]
fn every_kind_of_file_is_read() {
    for (files, passphrase, who) in [
        (&[EC, file!("ec-pkcs8.key")][..], None, "CN=ann"),
        (&[file!("ec-pkcs8.key"), EC], None, "CN=ann"),
        (&[EC, file!("ec-sec1.key")], None, "CN=ann"),
        (&[EC, file!("ec-pkcs8.key")], PASSPHRASE, "CN=ann"),
        (&[EC, file!("ec-pbes2-aes256.key")], PASSPHRASE, "CN=ann"),
        (&[EC, file!("ec-pbes2-aes128-sha512.key")], PASSPHRASE, "CN=ann"),
        (&[EC, file!("ec-pbes2-des3-sha1.key")], PASSPHRASE, "CN=ann"),
        (&[RSA, file!("rsa-pkcs1.key")], None, "CN=bob"),
        (&[RSA, file!("rsa-pkcs12-3des.key")], PASSPHRASE, "CN=bob"),
        (&[RSA, file!("rsa-dek-aes256.key")], PASSPHRASE, "CN=bob"),
        (&[RSA, file!("rsa-dek-des3.key")], PASSPHRASE, "CN=bob"),
        (&[file!("ec.pfx")], PASSPHRASE, "CN=ann"),
        (&[file!("ec-empty.pfx")], None, "CN=ann"),
        (&[file!("ec-empty.pfx")], Some(""), "CN=ann"),
        (&[file!("ec-plain.pfx")], None, "CN=ann"),
        (&[file!("rsa-legacy.pfx")], PASSPHRASE, "CN=bob"),
        (&[file!("rsa-rc2-128-sha512.pfx")], PASSPHRASE, "CN=bob"),
    ] {
        let identity = Identity::read(files, passphrase).unwrap_or_else(|e| panic!("{who}: {e}"));
        assert!(identity.facts.subject.contains(who), "{:?}", identity.facts);
        let again = Identity::read(&[identity.to_pem().as_bytes()], None).unwrap();
        assert_eq!(again, identity, "what is kept is the same");
    }
}

#[test]
fn the_same_by_any_file_is_the_same() {
    let one = Identity::read(&[EC, file!("ec-pkcs8.key")], None).unwrap();
    let other = Identity::read(&[file!("ec.pfx")], PASSPHRASE).unwrap();
    assert_eq!(one.facts.fingerprint, other.facts.fingerprint);
    assert_ne!(one, Identity::read(&[RSA, file!("rsa-pkcs1.key")], None).unwrap());
    assert_eq!(other.resolver().certified.cert.len(), 1);
    let mixed = Identity::read(&[file!("rsa-rc2-128-sha512.pfx")], PASSPHRASE).unwrap();
    assert_eq!(mixed.certified.cert.len(), 2, "its own certificate and the other");
}

#[test]
fn what_cannot_be_used_says_why() {
    use IdentityError as E;
    let wrong = Some("secret");
    for (files, passphrase, expected) in [
        (&[EC, file!("ec-pbes2-aes256.key")][..], None, E::Encrypted),
        (&[EC, file!("ec-pbes2-aes256.key")], wrong, E::Passphrase),
        (&[EC, file!("ec-pbes2-des3-sha1.key")], wrong, E::Passphrase),
        (&[RSA, file!("rsa-pkcs12-3des.key")], wrong, E::Passphrase),
        (&[RSA, file!("rsa-dek-aes256.key")], wrong, E::Passphrase),
        (&[RSA, file!("rsa-dek-aes256.key")], None, E::Encrypted),
        (&[file!("ec.pfx")], None, E::Encrypted),
        (&[file!("ec.pfx")], wrong, E::Passphrase),
        (&[file!("rsa-legacy.pfx")], wrong, E::Passphrase),
        (&[EC], None, E::NoKey),
        (&[file!("ec-pkcs8.key")], None, E::NoCertificate),
        (&[EC, file!("rsa-pkcs1.key")], None, E::Mismatch),
        (&[b"no certificate"], None, E::Malformed),
        (&[b""], None, E::Malformed),
        (&[&[0x30; 100]], None, E::Malformed),
        (&[&[b'a'; LARGEST + 1]], None, E::TooLarge),
        (&[b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"], None, E::Malformed),
    ] {
        assert_eq!(Identity::read(files, passphrase).unwrap_err(), expected, "{passphrase:?} {:?}", files[0].get(..30));
    }
    let scrypt = Identity::read(&[EC, file!("ec-scrypt.key")], PASSPHRASE).unwrap_err();
    assert!(scrypt.to_string().contains("1.3.6.1.4.1.11591.4.11"), "{scrypt}");
    assert!(!format!("{:?}", Identity::read(&[file!("ec.pfx")], PASSPHRASE).unwrap()).contains("key"));
}

#[test]
fn a_cut_or_changed_file_is_no_reason_to_panic() {
    let whole = file!("ec.pfx");
    for at in 0..whole.len() {
        assert!(Identity::read(&[&whole[..at]], PASSPHRASE).is_err(), "cut at {at}");
        let mut changed = whole.to_vec();
        // Not the rounds of the key derivation, of which there would be millions.
        changed[at] ^= 0x01;
        let _ = Identity::read(&[&changed], PASSPHRASE);
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_much(bytes: Vec<u8>) {
        let _ = Identity::read(&[&bytes], PASSPHRASE);
    }
}

#[test]
fn time_is_told() {
    let facts = Identity::read(&[EC, file!("ec-pkcs8.key")], None).unwrap().facts;
    assert_eq!(facts.trouble(facts.not_after), None);
    assert_eq!(facts.trouble(facts.not_after + 1), Some("has expired"));
    assert_eq!(facts.trouble(facts.not_before - 1), Some("is not valid yet"));
}
