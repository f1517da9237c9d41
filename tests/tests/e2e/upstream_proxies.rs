//! Other proxies on the way: squid with a password, Dante and microsocks for SOCKS, for whatever goes through or is sent.

use super::websockets::echoing;
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, OtherProxy, Scripted},
    rows, wait,
};

async fn set(daemon: &Daemon, url: &str) {
    daemon.waylay(&["upstream", "set", url]).await.expect(0);
}

async fn send(daemon: &Daemon, url: &str) -> Value {
    let answer = daemon.api().post("/send", &json!({ "request": { "url": url } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn via(sent: &Value) -> &str {
    sent["exchange"]["upstream_connection"]["via"].as_str().unwrap_or("none")
}

/// Sends and proxied requests, with and without TLS, a WebSocket and a tunnel: all by the proxy, shown as `expected`.
async fn everything_goes(daemon: &Daemon, expected: &str) {
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["h2", "http/1.1"]).await);
    for origin in [&plain, &tls] {
        let sent = send(daemon, &origin.url("/echo")).await;
        assert_eq!((&sent["error"], via(&sent)), (&Value::Null, expected), "{sent}");
        assert!(sent["exchange"]["upstream_connection"]["via_us"].is_i64(), "{sent}");
        let url = origin.url("/json");
        assert_eq!(client::get(daemon, &url).await.status, 200, "{url}");
        let row = rows::one_in_detail(daemon, &format!("{} session:1", rows::of(&url))).await;
        assert_eq!(row["upstream_connection"]["via"], expected, "{row}");
        let fields = origin.notes().requests();
        let seen = fields.iter().flat_map(|seen| seen.values("proxy-authorization")).count();
        assert_eq!(seen, 0, "what is the proxy's does not reach the origin");
    }
    // A plain request inside a tunnel.
    let mut tunnel = raw::tunnel(daemon.proxy(), &plain.authority()).await;
    raw::send(&mut tunnel, format!("GET /inside HTTP/1.1\r\nHost: {}\r\n\r\n", plain.authority())).await;
    let head = raw::text(&raw::read_head(&mut tunnel).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    assert_eq!(rows::one_in_detail(daemon, "path:/inside").await["upstream_connection"]["via"], expected);
    // A WebSocket.
    let chat = echoing().await;
    let tunnel = raw::tunnel(daemon.proxy(), &chat.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    raw::send(&mut stream, format!("GET /chat HTTP/1.1\r\nHost: {}\r\n{upgrade}\r\n\r\n", chat.authority())).await;
    let head = raw::text(&raw::read_head(&mut stream).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert_eq!(raw::read_exactly(&mut stream, 7).await.unwrap(), b"\x81\x05hello");
    drop(stream);
    assert_eq!(rows::one_in_detail(daemon, "is:ws").await["upstream_connection"]["via"], expected);
    // A tunnel that is not HTTP.
    let other = Scripted::tcp(|mut wire| async move {
        let said = wire.exactly(5).await?;
        wire.send(said).await?;
        wire.to_end().await
    })
    .await;
    let mut tunnel = raw::tunnel(daemon.proxy(), &other.authority()).await;
    raw::send(&mut tunnel, "\x01\x02abc").await;
    assert_eq!(raw::read_exactly(&mut tunnel, 5).await.unwrap(), b"\x01\x02abc");
    drop(tunnel);
    assert_eq!(rows::one_in_detail(daemon, "is:tunnel").await["upstream_connection"]["via"], expected);
}

#[tokio::test]
async fn squid_with_a_password_leads_everywhere() {
    let (daemon, squid) = (Daemon::start().await, OtherProxy::squid().await);
    set(&daemon, &format!("http://ann:s3cret@{}", squid.address())).await;
    everything_goes(&daemon, &format!("http://{}", squid.address())).await;
    let log = wait::until("squid's log", || async {
        let log = squid.log();
        // Tunnels are written down when they end, and some are kept for what may come.
        (log.matches("CONNECT ").count() >= 2 && log.matches("GET http://localhost:").count() >= 3).then_some(log)
    });
    let log = log.await;
    // A connection without a request has a line, too.
    let mut requests = log.lines().filter(|line| line.starts_with("GET ") || line.starts_with("CONNECT "));
    assert!(requests.all(|line| line.ends_with(" ann")), "{log}");
    // The password is nowhere to be seen.
    let shown = daemon.waylay(&["upstream", "show"]).await.expect(0).stdout;
    assert!(shown.contains("as ann") && !shown.contains("s3cret"), "{shown}");
    let basic = "YW5uOnMzY3JldA==";
    let mut known = vec![daemon.api().get("/upstream-proxies").await.to_string(), daemon.stderr()];
    for row in rows::list(&daemon, "").await.iter().chain(&rows::list(&daemon, "session:0").await) {
        known.push(rows::detail(&daemon, row).await.to_string());
    }
    assert!(known.len() > 6 && known.iter().all(|text| !text.contains("s3cret") && !text.contains(basic)));
    let kept = std::fs::metadata(daemon.data().join("upstream-proxies.json")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&kept.permissions()) & 0o777, 0o600);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_from_an_origin() {
    let (daemon, squid) = (Daemon::start().await, OtherProxy::squid().await);
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["http/1.1"]).await);
    for credentials in ["", "ann:wrong@"] {
        set(&daemon, &format!("http://{credentials}{}", squid.address())).await;
        for origin in [&plain, &tls] {
            let error = send(&daemon, &origin.url("/json")).await["error"].clone();
            assert_eq!((&error["stage"], &error["reason"]), (&json!("proxy"), &json!("407")), "{error}");
            assert!(error["hint"].as_str().unwrap().contains("waylay upstream set"), "{error}");
            let answer = client::get(&daemon, &origin.url("/json")).await;
            assert!(answer.status == 502 && answer.text().contains("user name and password"), "{}", answer.text());
        }
    }
    assert_eq!(plain.notes().requests().len() + tls.notes().requests().len(), 0);
    let console = daemon.waylay(&["console"]).await.expect(0).stdout;
    assert!(console.contains("407"), "{console}");
    set(&daemon, &format!("http://ann:s3cret@{}", squid.address())).await;
    let error = send(&daemon, "https://forbidden.test/").await["error"].clone();
    assert_eq!((&error["stage"], &error["reason"]), (&json!("proxy"), &json!("403")), "{error}");
    // It stays refused, however often: nothing waits.
    drop(squid);
    let error = send(&daemon, &tls.url("/json")).await["error"].clone();
    assert_eq!((&error["stage"], &error["reason"]), (&json!("proxy"), &json!("refused")), "{error}");
}

#[tokio::test]
async fn socks_of_each_kind_leads_everywhere() {
    let dante = OtherProxy::dante().await;
    for scheme in ["socks5", "socks5h", "socks4"] {
        let daemon = Daemon::start().await;
        let proxy = format!("{scheme}://{}", dante.address());
        set(&daemon, &proxy).await;
        everything_goes(&daemon, &proxy).await;
        let error = send(&daemon, "http://127.0.0.1:9/").await["error"].clone();
        assert_eq!(error["stage"], "proxy", "{scheme}: {error}");
        let code = if scheme == "socks4" { "code 91" } else { "code 2" };
        assert!(error["message"].as_str().unwrap().contains(code), "{scheme}: {error}");
    }
}

#[tokio::test]
async fn socks_5_asks_for_a_password() {
    let (daemon, proxy) = (Daemon::start().await, OtherProxy::microsocks().await);
    let origin = Origin::tls(&["http/1.1"]).await;
    for (credentials, reason) in [("", "credentials"), ("ann:wrong@", "credentials"), ("ann:s3cret@", "")] {
        set(&daemon, &format!("socks5h://{credentials}{}", proxy.address())).await;
        let sent = send(&daemon, &origin.url("/json")).await;
        assert_eq!(sent["error"]["reason"].as_str().unwrap_or_default(), reason, "{sent}");
    }
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let error = send(&daemon, &format!("http://{}/", held.local_addr().unwrap())).await["error"].clone();
    assert_eq!((&error["stage"], &error["reason"]), (&json!("proxy"), &json!("refused")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("code 5"), "{error}");
}

#[tokio::test]
async fn some_hosts_are_reached_directly_and_each_kind_has_its_own_proxy() {
    let (daemon, dante, squid) = (Daemon::start().await, OtherProxy::dante().await, OtherProxy::squid().await);
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["http/1.1"]).await);
    let (socks, http) = (format!("socks5h://{}", dante.address()), format!("http://{}", squid.address()));
    let with_password = format!("http://ann:s3cret@{}", squid.address());
    daemon.waylay(&["upstream", "set", "--http", &with_password, "--https", &socks]).await.expect(0);
    assert_eq!(via(&send(&daemon, &plain.url("/json")).await), http);
    assert_eq!(via(&send(&daemon, &tls.url("/json")).await), socks);
    // The connections that are kept are not used against what is said now; what is not given stays.
    daemon.waylay(&["upstream", "set", "--bypass", "localhost, 10.0.0.0/8"]).await.expect(0);
    for origin in [&plain, &tls] {
        assert_eq!(via(&send(&daemon, &origin.url("/json")).await), "none");
        let by_address = origin.url("/json").replace("localhost", "127.0.0.1");
        assert_ne!(via(&send(&daemon, &by_address).await), "none");
        assert_eq!(client::get(&daemon, &origin.url("/bypassed")).await.status, 404);
    }
    for row in rows::done(&daemon, "path:/bypassed", 2).await {
        assert_eq!(rows::detail(&daemon, &row).await["upstream_connection"]["via"], Value::Null);
    }
    let refused = daemon.waylay(&["upstream", "set", "--bypass", "a..b"]).await;
    assert_ne!(refused.code, Some(0), "{refused:?}");
    daemon.waylay(&["upstream", "set", "https://a.test"]).await.expect(2);
    daemon.waylay(&["upstream", "clear"]).await.expect(0);
    assert_eq!(via(&send(&daemon, &plain.url("/json")).await), "none");
}

#[tokio::test]
async fn the_environments_proxies_are_used_when_asked_for_and_others_beat_them() {
    let (squid, dante) = (OtherProxy::squid().await, OtherProxy::dante().await);
    let (system, socks) = (format!("http://ann:s3cret@{}", squid.address()), format!("socks5://{}", dante.address()));
    let launch = Launch::new().env("http_proxy", &system).env("HTTPS_PROXY", &system).env("no_proxy", "127.0.0.1");
    let daemon = launch.start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let url = origin.url("/json");
    assert_eq!(via(&send(&daemon, &url).await), "none", "not without being asked");
    daemon.waylay(&["upstream", "system", "on"]).await.expect(0);
    assert_eq!(via(&send(&daemon, &url).await), format!("http://{}", squid.address()));
    assert_eq!(via(&send(&daemon, &url.replace("localhost", "127.0.0.1")).await), "none");
    set(&daemon, &socks).await;
    assert_eq!(via(&send(&daemon, &url).await), socks);
    // All of it is still there after a restart, and a flag beats it.
    let place = daemon.stop().await;
    let daemon = Launch::at(place).start().await;
    assert_eq!(via(&send(&daemon, &url).await), socks);
    let place = daemon.stop().await;
    let daemon = Launch::at(place).args(&["--upstream", "env:OTHER"]).env("OTHER", &system).start().await;
    assert_eq!(via(&send(&daemon, &url).await), format!("http://{}", squid.address()));
    assert_eq!(daemon.api().get("/upstream-proxies").await["used"], "flag");
}

#[tokio::test]
async fn no_proxy_leads_to_our_own_addresses() {
    let (daemon, squid, dante) = (Daemon::start().await, OtherProxy::squid().await, OtherProxy::dante().await);
    let origin = Origin::plain().await;
    for proxy in [format!("http://ann:s3cret@{}", squid.address()), format!("socks5h://{}", dante.address())] {
        set(&daemon, &proxy).await;
        for host in ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433"] {
            let url = format!("http://{host}:{}/api/v1/status", daemon.ui().port());
            let error = send(&daemon, &url).await["error"].clone();
            assert_eq!(error["stage"], "policy", "{proxy} {url}: {error}");
            let url = format!("http://{host}:{}/", daemon.proxy().port());
            assert_eq!(send(&daemon, &url).await["error"]["reason"], "loop", "{proxy} {url}");
        }
    }
    // A proxy that is ourselves.
    set(&daemon, &format!("http://{}", daemon.proxy())).await;
    let answer = client::get(&daemon, &origin.url("/json")).await;
    assert_eq!(answer.status, 508, "{}", answer.text());
}

#[tokio::test]
async fn a_ring_of_upstream_proxies_ends_with_508() {
    let (one, two) = (Daemon::start().await, Daemon::start().await);
    set(&one, &format!("http://{}", two.proxy())).await;
    set(&two, &format!("http://{}", one.proxy())).await;
    let origin = Origin::plain().await;
    let answer = client::get(&one, &origin.url("/ring")).await;
    assert_eq!(answer.status, 508, "{}", answer.text());
    // A tunnel in which the server would speak first.
    let mut tunnel = raw::tunnel(one.proxy(), &origin.authority()).await;
    assert_eq!(raw::read_to_end(&mut tunnel).await, b"");
    // What was asked first has the other's answer; where it came round again, it was not sent on.
    let rows = rows::done(&one, "path:/ring", 2).await;
    assert!(rows.iter().any(|row| row["status"] == 508), "{rows:?}");
    assert!(rows.iter().any(|row| rows::failure(row).contains(" policy loop")), "{rows:?}");
    assert_eq!(origin.notes().connections(), 0);
}
