//! Row 27: with few descriptors, and many more clients, the daemon goes on accepting and serving.

use tokio::net::TcpStream;
use waylay_tests::{
    client::{self, Link, Speak, empty, raw},
    daemon::{Daemon, Launch},
    load::{usage::Cpu, usage::Occupied},
    origin::Origin,
    wait,
};

/// Nobody is let go of for having been silent for long: only for others.
async fn daemon() -> Daemon {
    let limit = ["sh", "-c", r#"ulimit -n 256; exec "$@""#, "sh"].map(str::to_owned);
    Launch::new().under(&limit).env("WAYLAY_PROXY_HEAD_TIMEOUT", "600").start().await
}

fn descriptors(daemon: &Daemon) -> usize {
    Occupied::by(daemon.pid()).expect("the daemon runs").descriptors
}

#[tokio::test]
async fn security_27_more_silent_clients_than_descriptors_keep_nobody_out() {
    let daemon = daemon().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    client::get(&daemon, &origin.url("/json")).await;
    let before = descriptors(&daemon);
    let mut silent: Vec<TcpStream> = Vec::new();
    for round in 0..5 {
        for _ in 0..300 {
            silent.push(raw::connect(daemon.proxy()).await);
        }
        let answer = client::get(&daemon, &origin.url(&format!("/json?{round}"))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(descriptors(&daemon) < 250, "some are kept for everything else: {}", descriptors(&daemon));
    }
    drop(silent);
    wait::until("descriptors to be free again", || async { (descriptors(&daemon) <= before + 10).then_some(()) }).await;
    assert_eq!(client::get(&daemon, &origin.url("/json?after")).await.status, 200);
}

#[tokio::test]
async fn security_27_clients_that_are_busy_are_kept_and_the_rest_waits_without_turning_in_circles() {
    let daemon = daemon().await;
    let origin = Origin::plain().await;
    let url = origin.url("/slow-head");
    let request = format!("GET {url} HTTP/1.1\r\nHost: {}\r\n\r\n", origin.authority());
    let mut busy = Vec::new();
    for _ in 0..130 {
        let mut socket = raw::connect(daemon.proxy()).await;
        // Whoever is not let in yet can be sent to all the same.
        raw::send(&mut socket, &request).await;
        busy.push(socket);
    }
    wait::until("many to be under way", || async { (origin.notes().requests().len() >= 60).then_some(()) }).await;
    let mut cpu = Cpu::new(daemon.pid());
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let used = cpu.used();
    assert!(used.as_millis() < 1000, "waiting for room took {used:?} of a processor's time in two seconds");
    for _ in 0..busy.len() {
        origin.notes().open_gate();
    }
    for socket in &mut busy {
        let head = raw::text(&raw::read_head(socket).await.unwrap());
        let rest = if head.starts_with("HTTP/1.1 200") {
            String::new()
        } else {
            raw::text(&raw::read_exactly(socket, 120).await.unwrap())
        };
        assert!(head.starts_with("HTTP/1.1 200"), "everybody is answered in the end: {head}{rest}");
    }
}

#[tokio::test]
async fn security_27_idle_clients_make_room_for_new_ones() {
    let daemon = daemon().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut idle = Vec::new();
    for n in 0..140 {
        let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
        let request = http::Request::get(origin.url(&format!("/json?{n}"))).body(empty()).unwrap();
        let response = wait::within("an answer", link.send(request)).await.unwrap();
        assert_eq!(client::Answer::read(response).await.unwrap().status, 200);
        idle.push(link);
    }
}
