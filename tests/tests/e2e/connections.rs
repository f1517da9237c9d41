//! What a row knows of its connections, and where its time went.

use http_body_util::BodyExt;
use rustix::{
    net::{getpeername, getsockname, sockopt::tcp_nodelay},
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};
use serde_json::Value;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use waylay_tests::{
    client::{self, Link, Speak, raw},
    daemon::Daemon,
    origin::{Origin, Scripted},
    program, rows, wait,
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
async fn small_writes_are_not_held_back_on_either_side() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/gated");
    let mut link = Link::open(&daemon, &url, Speak::Http1).await;
    let request = http::Request::get(&url).body(client::empty()).unwrap();
    let mut response = link.send(request).await.unwrap();
    wait::within("a first piece", response.body_mut().frame()).await.unwrap().unwrap();
    let sockets = match sockets_of(daemon.pid()) {
        Ok(sockets) => sockets,
        Err(error) => {
            println!("skipped: this system does not let us look at a child's sockets: {error}");
            return;
        }
    };
    let proxy = |s: &Socket| s.local == daemon.proxy();
    for (side, socket) in [
        ("the client's", sockets.iter().find(|s| proxy(s))),
        ("the origin's", sockets.iter().find(|s| s.peer == origin.address())),
    ] {
        let socket = socket.unwrap_or_else(|| panic!("{side} connection is not among {sockets:?}"));
        assert!(socket.no_delay, "{side} connection has no TCP_NODELAY");
    }
}

/// One connected TCP socket of another process.
#[derive(Debug)]
struct Socket {
    local: SocketAddr,
    peer: SocketAddr,
    no_delay: bool,
}

/// The connected TCP sockets of a child, by duplicates of its descriptors (pidfd_getfd(2)).
fn sockets_of(pid: u32) -> std::io::Result<Vec<Socket>> {
    let process = pidfd_open(Pid::from_raw(pid as i32).unwrap(), PidfdFlags::empty())?;
    let mut sockets = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd"))?.flatten() {
        if !std::fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:")) {
            continue;
        }
        let number = entry.file_name().to_string_lossy().parse().expect("descriptors are numbers");
        let socket = pidfd_getfd(&process, number, PidfdGetfdFlags::empty())?;
        let (Ok(local), Ok(Some(peer)), Ok(no_delay)) =
            (getsockname(&socket), getpeername(&socket), tcp_nodelay(&socket))
        else {
            continue;
        };
        if let (Ok(local), Ok(peer)) = (local.try_into(), peer.try_into()) {
            sockets.push(Socket { local, peer, no_delay });
        }
    }
    Ok(sockets)
}

#[tokio::test]
async fn an_idle_connection_the_origin_has_closed_costs_no_request() {
    let daemon = Daemon::start().await;
    // Answers once per connection and then closes it, without having said so.
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
        wire.end().await
    })
    .await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    for i in 0..10 {
        let answer = link.get(&origin.url(&format!("/item?{i}"))).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "ok"), "request {i}");
    }
    let all = rows::done(&daemon, "path:/item", 10).await;
    assert!(all.iter().all(|r| r["failure"].is_null()), "{all:#?}");
}

#[tokio::test]
async fn a_request_the_origin_may_have_acted_on_is_not_sent_twice() {
    let daemon = Daemon::start().await;
    // Reads a second request whole and hangs up without a word.
    let origin = Scripted::tls(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
        wire.head().await?;
        wire.exactly(3).await?;
        wire.end().await
    })
    .await;
    let mut link = Link::open(&daemon, &origin.url("/"), Speak::Http1).await;
    assert_eq!(link.get(&origin.url("/first")).await.unwrap().status, 200);
    let pay = http::Request::post(origin.url("/pay")).body(client::full("100")).unwrap();
    let response = wait::within("an answer", link.send(pay)).await.unwrap();
    assert_eq!(response.status(), 502);
    let row = rows::one(&daemon, "path:/pay").await;
    assert_eq!(rows::failure(&row), "upstream wait closed", "{row}");
    let paid = origin.received().iter().filter(|r| raw::text(r).contains("POST /pay")).count();
    assert_eq!(paid, 1, "the origin got it once");
}

#[tokio::test]
async fn the_proxy_listens_on_both_families_of_loopback() {
    let daemon = Daemon::start().await;
    if TcpListener::bind("[::1]:0").is_err() {
        println!("skipped: this system has no IPv6 loopback");
        return;
    }
    let origin = Origin::plain().await;
    let proxy = SocketAddr::from((Ipv6Addr::LOCALHOST, daemon.proxy().port()));
    let mut link = Link::open_at(proxy, &daemon.ca_pem(), &origin.url("/"), Speak::Http1).await;
    assert_eq!(link.get(&origin.url("/json")).await.unwrap().status, 200);
    let detail = rows::one_in_detail(&daemon, "path:/json").await;
    assert_eq!(detail["upstream_connection"]["peer"], origin.address().to_string(), "{detail}");
}

#[tokio::test]
async fn tls_1_2_on_both_sides() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls_1_2().await;
    let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
    command.args(["-sS", "--tls-max", "1.2", "--proxy"]).arg(format!("http://{}", daemon.proxy()));
    command.arg("--cacert").arg(daemon.ca_file()).arg(origin.url("/json"));
    program::run(&mut command).await.expect(0);
    let detail = rows::one_in_detail(&daemon, "path:/json").await;
    for side in ["client_connection", "upstream_connection"] {
        assert_eq!(detail[side]["tls"]["version"], "TLS 1.2", "{side}: {detail}");
    }
}
