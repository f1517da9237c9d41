//! The proxy is turned off and on while the daemon runs, apart from recording.

use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use waylay_tests::{
    client::{self, Answer, Link, Speak, raw},
    daemon::Daemon,
    origin::{Origin, Scripted},
    rows, wait,
};

async fn switch(daemon: &Daemon, wanted: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    daemon.api().ask(Method::PUT, "/proxy", &json, &wanted.to_string()).await
}

/// What is said of the proxy, in all the places where it is said.
async fn state(daemon: &Daemon) -> Value {
    let state = daemon.api().get("/proxy").await;
    assert_eq!(daemon.api().get("/status").await["proxy"], state);
    let file: Value = serde_json::from_slice(&std::fs::read(daemon.data().join("daemon.json")).unwrap()).unwrap();
    assert_eq!(file["proxy"], state["addresses"], "other programs are told the same");
    state
}

fn v4(state: &Value) -> SocketAddr {
    let addresses = state["addresses"].as_array().unwrap().iter();
    addresses.filter_map(|a| a.as_str()?.parse().ok()).find(SocketAddr::is_ipv4).unwrap()
}

async fn is_closed(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_err()
}

#[tokio::test]
async fn off_lets_nobody_in_and_on_lets_them_in_again() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let (port, session) = (daemon.proxy().port(), daemon.api().get("/status").await["session"]["id"].clone());
    assert_eq!(state(&daemon).await["on"], true);
    let off = switch(&daemon, &json!({"on": false})).await.json();
    assert_eq!((&off["on"], &off["port"], &off["addresses"]), (&json!(false), &json!(port), &json!([])));
    // A port that is free can be anybody's for a moment.
    wait::until("the port to be closed", || async { is_closed(daemon.proxy()).await.then_some(()) }).await;
    assert_eq!(state(&daemon).await, off);
    assert_eq!(switch(&daemon, &json!({"on": false})).await.json(), off, "once more changes nothing");
    assert_eq!(daemon.api().get("/status").await["session"]["id"], session, "recording is another switch");
    // The port is nobody's: another program may have it, and is reached there.
    let other = TcpListener::bind(daemon.proxy()).await.expect("the port is free");
    let refused = switch(&daemon, &json!({"on": true})).await;
    assert_eq!((refused.status.as_u16(), refused.json()["error"]["code"].as_str()), (409, Some("address_in_use")));
    let answering = tokio::spawn(async move {
        let (mut socket, _) = other.accept().await.unwrap();
        raw::read_head(&mut socket).await.unwrap();
        raw::send(&mut socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    });
    let sent = json!({"request": {"url": format!("http://127.0.0.1:{port}/other")}});
    assert_eq!(daemon.api().post("/send", &sent).await.status, 200);
    assert_eq!(rows::one(&daemon, "path:/other").await["status"], 200, "it is not refused as our own");
    answering.await.unwrap();
    let on = switch(&daemon, &json!({"on": true})).await.json();
    assert_eq!((&on["on"], &on["port"]), (&true.into(), &port.into()));
    client::get(&daemon, &origin.url("/json")).await;
    assert_eq!(
        rows::one(&daemon, "path:/json").await["id"].as_str().unwrap().split('.').next(),
        Some(&*session.to_string())
    );
}

#[tokio::test]
async fn the_port_changes_only_while_it_is_off() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    for wanted in [json!({"on": true, "port": 0}), json!({"on": false, "port": 0})] {
        let refused = switch(&daemon, &wanted).await;
        assert_eq!((refused.status.as_u16(), refused.json()["error"]["code"].as_str()), (409, Some("conflict")));
        assert!(refused.text().contains("turn it off first"), "{}", refused.text());
    }
    for bad in [json!({}), json!({"on": "yes"}), json!({"on": true, "port": 70000}), json!({"on": true, "ports": 1})] {
        assert_eq!(switch(&daemon, &bad).await.status, 400, "{bad}");
    }
    assert!(!is_closed(daemon.proxy()).await);
    switch(&daemon, &json!({"on": false})).await;
    let on = switch(&daemon, &json!({"on": true, "port": 0})).await.json();
    let address = v4(&on);
    assert_ne!(address.port(), 0);
    assert_eq!(on["port"], address.port());
    assert_eq!(state(&daemon).await, on);
    let (url, host) = (origin.url("/json"), origin.authority());
    let request = format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    assert!(raw::ask(address, request).await.starts_with("HTTP/1.1 200"));
    rows::one(&daemon, "path:/json").await;
    // It is our own where it is now: a loop ends here.
    let looping = format!("GET http://{address}/loop HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    assert!(raw::ask(address, looping).await.starts_with("HTTP/1.1 508"));
}

#[tokio::test]
async fn what_has_begun_ends_in_order_and_runs_go_on() {
    let daemon = Daemon::start().await;
    let run = daemon.api().post("/runs", &json!({"command": "x"})).await.json();
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
    let api = daemon.api();
    let json = [("content-type", "application/json")];
    let off = api.ask(Method::PUT, "/proxy", &json, "{\"on\":false}");
    let finish = async {
        wait::until("nobody to be let in", || async { is_closed(daemon.proxy()).await.then_some(()) }).await;
        origin.notes().open_gate();
        wait::within("the rest", response.into_body().collect()).await.unwrap().to_bytes()
    };
    let (off, body) = tokio::join!(off, finish);
    assert_eq!((off.status.as_u16(), &body[..]), (200, &b"first\nlast\n"[..]));
    let row = rows::one(&daemon, "path:/gated").await;
    assert_eq!((&row["response_end"], &row["failure"]), (&"complete".into(), &Value::Null), "{row}");
    let plain = Origin::plain().await;
    let (url, host) = (plain.url("/json"), plain.authority());
    let request = format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let proxy = run["proxy"].as_str().unwrap().parse().unwrap();
    assert!(raw::ask(proxy, request).await.starts_with("HTTP/1.1 200"), "the port of a run is its own");
    let place = daemon.stop().await;
    assert!(!place.data().join("daemon.json").exists(), "it ends in order while the proxy is off");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_does_not_end_is_cut_off_and_its_row_says_why() {
    let daemon = Daemon::start().await;
    // One inside TLS, one plain, one that waits for a head, and a tunnel.
    let (tls, plain) = (Origin::tls(&["http/1.1"]).await, Origin::plain().await);
    let mut open = Vec::new();
    for origin in [&tls, &plain] {
        let url = origin.url("/gated");
        let mut link = Link::open(&daemon, &url, Speak::Http1).await;
        let response = link.send(Request::get(&url).body(client::empty()).unwrap()).await.unwrap();
        open.push((link, response));
    }
    let url = plain.url("/slow-head");
    let mut waiting = Link::open(&daemon, &url, Speak::Http1).await;
    let no_head = waiting.send(Request::get(&url).body(client::empty()).unwrap());
    let silent = Scripted::tcp(|mut wire| async move { wire.to_end().await }).await;
    let mut tunnel = raw::tunnel(daemon.proxy(), &silent.authority()).await;
    raw::send(&mut tunnel, "SSH-2.0-x\r\n").await;
    silent.has_received(b"SSH").await;
    let wanted = json!({"on": false});
    // A request that comes later than the switch would be refused.
    let off = async {
        let arrived = || async { (plain.notes().requests().len() == 2).then_some(()) };
        wait::until("the request whose head never comes", arrived).await;
        switch(&daemon, &wanted).await
    };
    let (off, no_head) = tokio::join!(off, no_head);
    assert_eq!(off.status, 200);
    assert!(no_head.is_err(), "nothing looks like an answer");
    for (_link, response) in open {
        assert!(response.into_body().collect().await.is_err(), "nor like the end of one");
    }
    assert_eq!(raw::read_to_end(&mut tunnel).await, b"");
    for row in rows::done(&daemon, "is:failed", 3).await {
        assert_eq!(rows::failure(&row), "waylay response interrupted");
        assert!(row["failure"]["message"].as_str().unwrap().contains("turned off"), "{row}");
    }
    assert_eq!(switch(&daemon, &json!({"on": true})).await.status, 200);
    assert_eq!(client::get(&daemon, &plain.url("/json")).await.status, 200);
}

#[tokio::test]
async fn the_command_line_switches_it() {
    let daemon = Daemon::start().await;
    let run = async |line: &str, exit| daemon.waylay(&line.split(' ').collect::<Vec<_>>()).await.expect(exit);
    assert!(run("proxy status", 0).await.stdout.starts_with("on, http://127.0.0.1:"));
    run("proxy on", 0).await;
    run("proxy on --port 0", 2).await;
    assert!(run("proxy off", 0).await.stderr.contains("the proxy is off"));
    assert_eq!(run("proxy status", 0).await.stdout, "off\n");
    assert!(run("status", 0).await.stdout.contains("`waylay proxy on`"));
    assert!(run("env", 3).await.stderr.contains("waylay proxy on"));
    let on = run("proxy on --port 0 --json", 0).await.json();
    assert!(!is_closed(v4(&on)).await);
    assert!(run("env", 0).await.stdout.contains(&v4(&on).to_string()));
    let place = daemon.stop().await;
    place.waylay(&["proxy", "status"]).await.expect(3);
}
