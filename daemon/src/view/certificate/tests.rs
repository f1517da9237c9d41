use super::*;
use base64::{Engine, prelude::BASE64_STANDARD};
use proptest::prelude::*;

/// P-256, `C=DE, O=Ünï Org, CN=a.test`, with every kind of alternative name a client meets.
const P256: &str = "MIICETCCAbigAwIBAgIUadviiqw2Suvigv/BbSmo9Bt7y/MwCgYIKoZIzj0EAwIwMjELMAkGA1UEBhMCREUxEjAQBgNVBAoMCcO\
    cbsOvIE9yZzEPMA0GA1UEAwwGYS50ZXN0MB4XDTI2MTEyMjA0MjY1NFoXDTI2MTIyMjA0MjY1NFowMjELMAkGA1UEBhMCREUxEjAQBgNVBAoMCcOcbsOv\
    IE9yZzEPMA0GA1UEAwwGYS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElQEGGA/2hiM+l9wzo4kChKJsHDj+5LDPhQ1W6iIAXYsy6lBHr6gvg\
    I1KOWxH5vmZjMl6fUtxq89UiGkjmx6kMqOBqzCBqDAdBgNVHQ4EFgQUWI1nTkL4Zjjo+k/WuUOdngybcmUwHwYDVR0jBBgwFoAUWI1nTkL4Zjjo+k/WuU\
    OdngybcmUwDwYDVR0TAQH/BAUwAwEB/zBVBgNVHREETjBMggZhLnRlc3SCCCouYS50ZXN0hwR/AAABhxAAAAAAAAAAAAAAAAAAAAABgQh4QGEudGVzdIY\
    Kc3BpZmZlOi8vYaAKBgMqAwSgAwwBeDAKBggqhkjOPQQDAgNHADBEAiBQkGjenNLJUDA0kUGnjZuiVY/8R/9f1uyHUbY12g/O/QIgepaNU1gtcJLD34n9\
    L8W944KbiZI9D2GvNZ4lujmbXw0=";
const RSA: &str = "MIIC/TCCAeWgAwIBAgIUcRkgqVtVfYBrWcOjJcYx27jfJc8wDQYJKoZIhvcNAQELBQAwDjEMMAoGA1UEAwwDcnNhMB4XDTI2MTEy\
    MjA0MjY1NVoXDTI2MTIyMjA0MjY1NVowDjEMMAoGA1UEAwwDcnNhMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1UdoE9MHai+J2rT0ocf1B\
    l/hU3A1tqQpDq3lswptpTmwIi711BIjbT+xKgeuAeTWEdLyC8J5RzKObUGVAxV+Ip9YE31oHlm5+DJEDj1h9tfBtZZHvE3ESbt40uwIoE0XCfp+Gzsdbc\
    nDNt2GjQhWSPDkYLeZvL0JLZapyYlIi8iCxApC26uwvssWBvGdTEMyWc13j6b1Nd+zn/xGH4xDzz6fStntiZ9AZFPRu7qOe93HSRmAKaf/M+zVxlgCSyE\
    ofFXE/1rNpaJ7PEkOHqz9pEeHazegpYN26lWsA4jZJpEkQCRVK0n2IeAEqpzpZbojVSs5OoK5et5MR1YCGlHKxwIDAQABo1MwUTAdBgNVHQ4EFgQUcahL\
    iNt9JBjfaaASvn+yz5ekXtQwHwYDVR0jBBgwFoAUcahLiNt9JBjfaaASvn+yz5ekXtQwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEA0\
    NDpv+oM2zt5JVqZD5PUbZ5ZfGuLc5zYDc234TM5q1dObg/tn/16a+08MLPVW3A7TNMkuX1rfylBLXQ8nqpQrjNr+SDzNGXdqDNSUgQSCzulXIoH8sRdBr\
    qfNalmMpqoL7g540WZFCte9rBmFFzrs4QBGQNAJBwnmv2jmCtZBGW3gOCh82fHIVz7SpdeFuwI43ZMLiOfn5y+LBF1sWp3PfgmQPydj4JOwubQuDvoJmy\
    Vq4PnGWUH0I6euI0s5XiLB6n6GuxKwmiQFF2/gJ3W2wiR8v5CeRLQKLMnz6Qdg47/rTvZ0BDyVC55Gx8O7ENdhBReNMhwqX1m3FlTQcGjwg==";
const ED25519: &str = "MIIBLjCB4aADAgECAhQtOFjKybbwiQYJ8uvtHIPDWWSW8TAFBgMrZXAwDTELMAkGA1UEAwwCZWQwHhcNMjYxMTIyMDQyNjU1WhcN\
    MjYxMjIyMDQyNjU1WjANMQswCQYDVQQDDAJlZDAqMAUGAytlcAMhAIEGE7IW/dI7gg24D7CLUDPXEB2VTHbVZ+sNjOkRT2Sgo1MwUTAdBgNVHQ4EFgQUD\
    xlkASNpsGnF/+4Y0bgKrWeYu40wHwYDVR0jBBgwFoAUDxlkASNpsGnF/+4Y0bgKrWeYu40wDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQDhTfj/2KNgAM\
    FtqAkRQdcAN2jwhFPEQmlc/MV4Z9vLJQ2JxRdMFsap3W8tzB5qFqWhZDqUX3O170cVpWTDrtEN";
const P384: &str = "MIIBrzCCATagAwIBAgIUdVPpkkEcXSav++mDCHz+DZ6NaHYwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEcDM4NDAeFw0yNjExMjIwN\
    DI2NTVaFw0yNjEyMjIwNDI2NTVaMA8xDTALBgNVBAMMBHAzODQwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAARN/7OEfjL87T1jp2xS3EeWgncIGTrxlVbiYg\
    IqHj+b0JotTmS7rp/62bG/Jp2Lrt63kxCR+MPJ76mDFvr4rwd1j/vhxWc7wnLTXYv9kDn5wtlxTaKtHKXgUbygnfqgdBWjUzBRMB0GA1UdDgQWBBRPQzG\
    AKKldH2iXU2zfMlC4vWYkOzAfBgNVHSMEGDAWgBRPQzGAKKldH2iXU2zfMlC4vWYkOzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA2cAMGQCMDRo\
    I8BON2WWeGYtyIPibJI4uQQCikJdTRcDki6lv1GsqKOGpgL9soJLqRpUiYyslAIwA2h9L40xgu5CLo2VkgiyBvFfgE2fdhEhYHZpNWC0YAfdS4XMn+V7Y\
    uqFdoSq/C1s";

fn der(base64: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(base64).unwrap()
}

#[test]
fn a_certificate_is_read() {
    let read = Certificate::read(&der(P256));
    let expected = Certificate {
        subject: "C=DE, O=Ünï Org, CN=a.test".to_owned(),
        issuer: "C=DE, O=Ünï Org, CN=a.test".to_owned(),
        not_before: Some("2026-11-22T04:26:54Z".to_owned()),
        not_after: Some("2026-12-22T04:26:54Z".to_owned()),
        names: ["a.test", "*.a.test", "127.0.0.1", "::1", "email:x@a.test", "URI:spiffe://a", "OID:1.2.3.4"]
            .map(str::to_owned)
            .to_vec(),
        sha256: "25:64:BD:12:C8:F7:6D:F2:90:58:BB:1E:61:88:D6:FC:BB:B0:B9:16:4A:44:CD:E5:33:F3:C0:9B:E9:83:95:7D"
            .to_owned(),
        key: "ECDSA P-256".to_owned(),
        error: None,
    };
    assert_eq!(read, expected);
}

#[test]
fn keys_have_their_usual_names() {
    for (base64, name) in [(RSA, "RSA 2048"), (ED25519, "Ed25519"), (P384, "ECDSA P-384")] {
        assert_eq!(Certificate::read(&der(base64)).key, name);
    }
}

#[test]
fn what_is_no_certificate_says_so_with_its_fingerprint() {
    let read = Certificate::read(b"no certificate");
    assert!(read.error.as_deref().is_some_and(|e| e.starts_with("these 14 bytes are not")), "{read:?}");
    assert!(read.sha256.len() == 95 && read.names.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        Certificate::read(&bytes);
    }

    #[test]
    fn damaged_certificates_are_read(
        which in 0usize..4,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = der([P256, RSA, ED25519, P384][which]);
        for (at, with) in flips {
            let at = at.index(bytes.len());
            bytes[at] = with;
        }
        Certificate::read(&bytes);
        Certificate::read(&bytes[..cut.index(bytes.len())]);
    }
}
