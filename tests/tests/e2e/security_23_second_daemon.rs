//! Row 23: a second daemon, or a taken port, ends at once and says who is there; the first is not disturbed.

use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use waylay_tests::{
    client,
    daemon::{Daemon, Place},
    origin::Origin,
    program::Output,
};

/// Two seconds are promised; a busy machine that runs many tests at once gets as much again.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn refused(place: &Place, args: &[&str]) -> Output {
    let begun = Instant::now();
    let output = place.waylay(args).await.expect(8);
    assert!(begun.elapsed() < AT_ONCE, "it took {:?}", begun.elapsed());
    assert!(output.stdout.is_empty(), "it never claims to be listening: {}", output.stdout);
    output
}

async fn still_works(daemon: &Daemon) {
    let origin = Origin::plain().await;
    assert_eq!(client::get(daemon, &origin.url("/json")).await.status, 200);
    assert_eq!(daemon.api().get("/status").await["pid"], daemon.pid());
}

#[tokio::test]
async fn security_23_a_folder_in_use() {
    let daemon = Daemon::start().await;
    let output = refused(daemon.place(), &["start", "--port", "0", "--ui-port", "0"]).await;
    assert!(output.stderr.contains(&daemon.pid().to_string()), "it says who: {}", output.stderr);
    assert!(output.stderr.contains("waylay stop") || output.stderr.contains("--data-dir"), "{}", output.stderr);
    still_works(&daemon).await;
}

#[tokio::test]
async fn security_23_a_port_of_another_daemon() {
    let daemon = Daemon::start().await;
    let (proxy, ui) = (daemon.proxy().port().to_string(), daemon.ui().port().to_string());
    for args in [["start", "--port", &proxy, "--ui-port", "0"], ["start", "--port", "0", "--ui-port", &ui]] {
        let output = refused(&Place::new(), &args).await;
        assert!(output.stderr.contains(&daemon.pid().to_string()), "it says who: {}", output.stderr);
        assert!(output.stderr.contains("port"), "and what to type: {}", output.stderr);
    }
    still_works(&daemon).await;
}

#[tokio::test]
async fn security_23_a_port_of_another_program() {
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    for args in [["start", "--port", &port, "--ui-port", "0"], ["start", "--port", "0", "--ui-port", &port]] {
        let output = refused(&Place::new(), &args).await;
        assert!(output.stderr.contains(&port), "{}", output.stderr);
    }
}
