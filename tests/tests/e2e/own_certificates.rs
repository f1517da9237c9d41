//! `--upstream-ca` with a certificate that an origin signed itself: trusted for its own names and its own time.

use waylay_tests::{
    client,
    daemon::{Daemon, Launch, Place},
    origin::Origin,
    pki::Leaf,
    rows,
};

async fn trusting(leaf: &Leaf) -> Daemon {
    let place = Place::new();
    let file = place.home().join("own.pem");
    std::fs::write(&file, leaf.pem()).unwrap();
    Launch::at(place).args(&["--upstream-ca", file.to_str().unwrap()]).start().await
}

#[tokio::test]
async fn a_self_signed_certificate_the_user_gave_is_good_for_its_own_names_only() {
    for own in [Leaf::self_signed(&["localhost"]), Leaf::self_signed_issuer(&["localhost"])] {
        let daemon = trusting(&own).await;
        let origin = Origin::tls_with(&own).await;
        assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 200);
        let detail = rows::one_in_detail(&daemon, &rows::of(&origin.url("/json"))).await;
        assert_eq!(detail["upstream_connection"]["tls"]["verified"], true, "{detail}");

        let other = format!("https://127.0.0.1:{}/json", origin.address().port());
        assert_eq!(client::get(&daemon, &other).await.status, 502);
        let row = rows::one(&daemon, &rows::of(&other)).await;
        assert_eq!(rows::failure(&row), "upstream tls wrong host name", "{row}");

        let stranger = Origin::tls_with(&Leaf::self_signed(&["localhost"])).await;
        assert_eq!(
            client::get(&daemon, &stranger.url("/json")).await.status,
            502,
            "its neighbour is not trusted with it"
        );
    }
}

#[tokio::test]
async fn a_self_signed_certificate_the_user_gave_expires_like_any_other() {
    let own = Leaf::self_signed_expired(&["localhost"]);
    let daemon = trusting(&own).await;
    let origin = Origin::tls_with(&own).await;
    assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 502);
    let row = rows::one(&daemon, &rows::of(&origin.url("/json"))).await;
    assert_eq!(rows::failure(&row), "upstream tls expired certificate", "{row}");
}
