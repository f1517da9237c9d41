//! Ids are short, stable and never used twice.

use waylay_tests::{
    client,
    daemon::{Daemon, Launch},
    origin::Origin,
    rows,
};

#[tokio::test]
async fn numbers_go_on_after_a_restart_and_sessions_get_their_own() {
    let origin = Origin::plain().await;
    let daemon = Daemon::start().await;
    client::get(&daemon, &origin.url("/json?1")).await;
    client::get(&daemon, &origin.url("/json?2")).await;
    let first: Vec<String> = rows::done(&daemon, "path:/json", 2).await.iter().map(|r| rows::id(r).into()).collect();
    let session = first[0].split('.').next().unwrap().to_owned();
    assert_eq!(first, [format!("{session}.1"), format!("{session}.2")]);

    let again = Launch::at(daemon.stop().await).start().await;
    client::get(&again, &origin.url("/json?3")).await;
    let third = rows::one(&again, &rows::of(&origin.url("/json?3"))).await;
    let (new_session, number) = rows::id(&third).split_once('.').unwrap();
    assert_ne!(new_session, session, "every start opens a session");
    assert_eq!(number, "1");
    let all = rows::list(&again, "path:/json").await;
    assert_eq!(all.iter().map(rows::id).collect::<Vec<_>>(), [&first[0], &first[1], rows::id(&third)]);
    assert!(all[2]["seq"].as_i64() > all[1]["seq"].as_i64(), "the order goes on, too");
}

#[tokio::test]
async fn without_a_session_nothing_is_recorded_and_everything_passes() {
    let daemon = Launch::new().args(&["--no-record"]).start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 200);
    let place = daemon.stop().await;
    let listed = place.waylay(&["ls", "--json"]).await.expect(0).json();
    assert_eq!(listed["items"], serde_json::json!([]));
}
