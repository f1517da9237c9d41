//! Ending: tunnels and open exchanges do not keep the daemon alive, and their rows are closed.

use http::Request;
use waylay_tests::{
    client::{self, Link, Speak, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    rows, wait,
};

#[tokio::test]
async fn open_tunnels_end_with_the_daemon_and_are_rows() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.send("hi").await?;
        wire.to_end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::read_exactly(&mut socket, 2).await.unwrap();
    let place = daemon.stop().await;
    assert_eq!(raw::read_to_end(&mut socket).await, b"", "the tunnel is closed");
    let rows = place.waylay(&["ls", "--json", "is:tunnel"]).await.expect(0).json();
    let row = &rows["items"][0];
    assert_eq!((&row["done"], &row["response_size"]), (&true.into(), &2.into()), "{rows}");
}

#[tokio::test]
async fn stop_ends_the_daemon_and_its_session() {
    let mut daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    daemon.waylay(&["stop"]).await.expect(0);
    let status = daemon.ended().await;
    assert!(status.success(), "{status}");
    assert!(!daemon.data().join("daemon.json").exists(), "nothing claims that it runs");
    daemon.waylay(&["stop"]).await.expect(3);

    let again = Launch::at(daemon.place().clone()).start().await;
    let sessions = again.api().get("/sessions").await;
    let states: Vec<&str> = sessions["items"].as_array().unwrap().iter().filter_map(|s| s["state"].as_str()).collect();
    assert!(states.contains(&"stopped") && !states.contains(&"interrupted"), "{sessions}");
    assert_eq!(rows::list(&again, "path:/json").await.len(), 1, "rows outlive the daemon");
}

#[tokio::test]
async fn a_response_under_way_is_closed_as_interrupted_or_ends() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    let place = wait::within("an end in spite of an open response", daemon.stop()).await;
    drop(response);
    let rows = place.waylay(&["ls", "--json", "path:/gated"]).await.expect(0).json();
    let row = &rows["items"][0];
    assert_eq!(row["done"], true, "{rows}");
    assert_ne!(row["response_end"], "complete", "{rows}");
}
