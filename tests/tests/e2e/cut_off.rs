//! Connections on which nothing happens do not hold up an end, and what is cut off still has its row closed.

use http::Request;
use waylay_tests::{
    client::{self, Link, Speak, raw},
    daemon::{Daemon, Place},
    origin::{Origin, Scripted},
    wait,
};

fn log(place: &Place) -> String {
    std::fs::read_to_string(place.data().join("log/waylay.log")).unwrap()
}

#[tokio::test]
async fn a_silent_tunnel_and_a_half_done_handshake_do_not_hold_up_the_end() {
    let daemon = Daemon::start().await;
    let place = daemon.place().clone();
    let origin = Scripted::tcp(|mut wire| async move { wire.to_end().await }).await;
    let _silent = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut halfway = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::send(&mut halfway, b"\x16\x03\x01\x02\x00").await;
    wait::until("a dial for the silent tunnel", || async { (!origin.received().is_empty()).then_some(()) }).await;
    daemon.stop().await;
    let log = log(&place);
    assert!(log.contains("stopped"), "{log}");
    assert!(!log.contains("still open"), "{log}");
}

#[tokio::test]
async fn what_is_cut_off_is_closed_before_the_store_is() {
    let daemon = Daemon::start().await;
    let mut held = Vec::new();
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["http/1.1"]).await);
    for url in [plain.url("/gated"), tls.url("/gated")] {
        let mut link = Link::open(&daemon, &url, Speak::Http1).await;
        let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
        held.push((link, response));
    }
    let place = daemon.stop().await;
    drop(held);
    let db = rusqlite::Connection::open(place.data().join("waylay.db")).unwrap();
    let mut rows = db.prepare("SELECT done, failure_side, failure_reason FROM exchange").unwrap();
    let rows = rows
        .query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, Option<String>>(1)?, r.get::<_, Option<String>>(2)?)))
        .unwrap();
    for row in rows {
        let expected = (1, Some("waylay".to_owned()), Some("interrupted".to_owned()));
        assert_eq!(row.unwrap(), expected, "done, side, reason");
    }
}
