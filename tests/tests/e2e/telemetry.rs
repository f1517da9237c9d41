//! No telemetry: a daemon with everything running reaches for nothing but what its clients asked for.

use std::time::Duration;
use waylay_tests::{daemon::Place, program};

#[tokio::test]
async fn the_daemon_reaches_for_nothing_but_what_was_asked_for() {
    let place = Place::new();
    let isolated = ["--net", "--map-root-user"];
    let Some(unshare) = program::find(&["unshare"]) else {
        println!("skipped: there is no unshare");
        return;
    };
    let probe = program::run(program::command(&unshare, &place.home()).args(isolated).arg("true")).await;
    if probe.code != Some(0) {
        println!("skipped: this system gives no network namespace: {}", probe.stderr);
        return;
    }
    let mut command = program::command(&unshare, &place.home());
    command
        .args(isolated)
        .arg(program::need(&["python3"]))
        .arg(program::tests_folder().join("clients/quiet_namespace.py"));
    command.arg(program::waylay()).arg(place.data()).arg(place.root_pem());
    let seen = tokio::time::timeout(Duration::from_secs(120), program::run(&mut command)).await;
    let seen = seen.expect("the daemon ends").expect(0).json();
    assert_eq!(seen["control"], serde_json::json!([1, 1]), "reaching for the world is counted: {seen}");
    let asked = seen["own"].as_i64().unwrap() + seen["to_origin"].as_i64().unwrap();
    assert_eq!(seen["opens"], asked, "connections other than those of clients and to their origin: {seen}");
    assert_eq!(seen["datagrams"], 0, "somebody was asked for a name: {seen}");
}
