//! What a row knows of its connections, and where its time went.

use serde_json::Value;
use waylay_tests::{
    client::{self, Link, Speak},
    daemon::Daemon,
    origin::Origin,
    rows,
};

#[tokio::test]
async fn a_row_knows_both_connections_and_where_the_time_went() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    let detail = rows::one_in_detail(&daemon, "path:/json").await;

    let upstream = &detail["upstream_connection"];
    assert_eq!(upstream["peer"], origin.address().to_string(), "{upstream}");
    assert_eq!(upstream["authority"], origin.authority(), "{upstream}");
    let tls = &upstream["tls"];
    assert_eq!((&tls["version"], &tls["verified"]), (&"TLS 1.3".into(), &true.into()), "{tls}");
    assert!(tls["cipher"].as_str().unwrap().starts_with("TLS"), "{tls}");
    assert_eq!(tls["chain"].as_array().unwrap().len(), 2, "the origin's own certificates: {tls}");
    let names: Vec<&str> = tls["chain"][0]["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.iter().any(|n| n.contains("localhost")), "{tls}");
    assert!(tls["chain"][1]["subject"].as_str().unwrap().contains("trusted root"), "{tls}");

    let client = &detail["client_connection"]["tls"];
    assert_eq!((&client["sni"], &client["version"]), (&"localhost".into(), &"TLS 1.3".into()), "{client}");
    assert_eq!(client["offered_alpn"], serde_json::json!(["http/1.1"]), "{client}");

    let timings = &detail["timings"];
    let at = |name: &str| timings[name].as_i64().unwrap_or_else(|| panic!("no {name} in {timings}"));
    for step in ["dns_us", "connect_us", "tls_us"] {
        assert!(at(step) >= 0);
    }
    assert!(0 <= at("ready_us") && at("ready_us") <= at("head_us") && at("head_us") <= at("end_us"), "{timings}");
    assert!(at("connect_us") + at("tls_us") <= at("ready_us"), "connecting comes before being ready: {timings}");
}

#[tokio::test]
async fn a_reused_connection_costs_no_handshake_and_is_the_same_connection() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    for path in ["/json", "/chunked"] {
        link.get(&origin.url(path)).await.unwrap();
    }
    assert_eq!(origin.notes().connections(), 1, "the connection to the origin is kept");
    let first = rows::one_in_detail(&daemon, "path:/json").await;
    let second = rows::one_in_detail(&daemon, "path:/chunked").await;
    assert_eq!(first["upstream_connection"]["id"], second["upstream_connection"]["id"]);
    assert_eq!(first["client_connection"]["id"], second["client_connection"]["id"]);
    assert!(first["timings"]["tls_us"].is_i64() && second["timings"]["tls_us"].is_null(), "{}", second["timings"]);
}

#[tokio::test]
async fn many_new_connections_are_not_held_up_by_delayed_acknowledgements() {
    // Nagle's algorithm against delayed acknowledgements costs 40 ms on every new connection, never less: so one fast
    // connection out of many is enough to show that it is off, however busy the machine is.
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    let mut fastest = std::time::Duration::MAX;
    for _ in 0..20 {
        let begun = std::time::Instant::now();
        client::get(&daemon, &origin.url("/json")).await;
        fastest = fastest.min(begun.elapsed());
    }
    assert!(fastest < std::time::Duration::from_millis(40), "the fastest of 20 new connections took {fastest:?}");
}
