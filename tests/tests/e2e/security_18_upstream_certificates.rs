//! Row 18: a bad upstream certificate is refused, and both page and row say which check failed.

use waylay_tests::{
    client,
    daemon::{Daemon, Launch},
    origin::{NAMES, Origin, Scripted},
    pki::{Leaf, Root},
    rows,
};

/// Words of which one must be in the reason, and the origin that provokes it.
async fn bad_origins() -> Vec<(&'static [&'static str], Origin)> {
    let trusted = Root::shared();
    vec![
        (&["expired"], Origin::tls_with(&trusted.expired_leaf(&NAMES)).await),
        (&["name"], Origin::tls_with(&trusted.leaf(&["other.example"])).await),
        (&["self-signed", "unknown", "issuer", "untrusted"], Origin::tls_with(&Leaf::self_signed(&NAMES)).await),
        (
            &["unknown", "issuer", "untrusted"],
            Origin::tls_with(&Root::new("Waylay tests: unknown root").leaf(&NAMES)).await,
        ),
    ]
}

#[tokio::test]
async fn security_18_bad_upstream_certificates_are_refused_by_the_failed_check() {
    let daemon = Daemon::start().await;
    let mut reasons = Vec::new();
    for (words, origin) in bad_origins().await {
        let url = origin.url("/json");
        let answer = client::get(&daemon, &url).await;
        assert_eq!(answer.status, 502, "{words:?}: {}", answer.text());
        assert!(origin.notes().requests().is_empty(), "{words:?}: no request was sent");
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert!(rows::failure(&row).starts_with("upstream tls "), "{words:?}: {row}");
        let reason = row["failure"]["reason"].as_str().unwrap().to_lowercase();
        assert!(words.iter().any(|w| reason.contains(w)), "{words:?}: {row}");
        let page = answer.text().to_lowercase();
        assert!(words.iter().any(|w| page.contains(w)) && page.contains("certificate"), "{words:?}: {page}");
        reasons.push(reason);
    }
    assert!(reasons[0] != reasons[1] && reasons[1] != reasons[3] && reasons[0] != reasons[3], "{reasons:?}");
}

#[tokio::test]
async fn security_18_no_common_version_is_told_apart_from_a_bad_certificate() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.exactly(5).await?;
        // A fatal alert, protocol_version (RFC 8446, 6.2), as a server sends that knows older versions only.
        wire.send([0x15, 3, 3, 0, 2, 2, 70]).await?;
        wire.end().await
    })
    .await;
    let url = format!("https://{}/", origin.authority());
    let answer = client::get(&daemon, &url).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    let row = rows::one(&daemon, &rows::of(&url)).await;
    assert!(rows::failure(&row).starts_with("upstream tls "), "{row}");
    let message = row["failure"].to_string().to_lowercase();
    assert!(message.contains("version") && !message.contains("certificate"), "{row}");
}

#[tokio::test]
async fn security_18_an_exception_is_for_the_host_named_and_no_other() {
    let daemon = Launch::new().args(&["--insecure-upstream", "127.0.0.1"]).start().await;
    for (words, origin) in bad_origins().await {
        let excepted = format!("https://127.0.0.1:{}/json?{}", origin.address().port(), words[0]);
        assert_eq!(client::get(&daemon, &excepted).await.status, 200, "{words:?}");
        let detail = rows::one_in_detail(&daemon, &rows::of(&excepted)).await;
        assert_eq!(detail["upstream_connection"]["tls"]["verified"], false, "the row says so: {detail}");
        assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 502, "{words:?}: localhost is not named");
    }
}

#[tokio::test]
async fn security_18_trust_in_a_root_is_given_by_the_user_only() {
    // The same origin, for a daemon whose extra root is another one.
    let origin = Origin::tls(&["http/1.1"]).await;
    let place = waylay_tests::daemon::Place::new();
    std::fs::write(place.root_pem(), Root::new("another root").pem()).unwrap();
    let daemon = Launch::at(place).start().await;
    assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 502);
}
