//! Hosts on the passthrough list are relayed unread, and the row says why.

use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use waylay_tests::{
    client::{self, raw},
    daemon::{Daemon, Launch},
    origin::{Origin, Scripted},
    pki::Root,
    rows,
};

/// The leaf that is shown to a client that asks for `sni` by a tunnel to `authority`, and trusts whoever it meets.
async fn shown(daemon: &Daemon, authority: &str, sni: &str) -> Vec<u8> {
    let tunnel = raw::tunnel(daemon.proxy(), authority).await;
    let both = daemon.ca_pem() + Root::shared().pem();
    let stream = raw::tls(tunnel, &both, sni, &["http/1.1"]).await.unwrap_or_else(|e| panic!("{authority} {sni}: {e}"));
    stream.get_ref().1.peer_certificates().expect("certificates")[0].to_vec()
}

async fn patterns(daemon: &Daemon) -> Vec<(String, String)> {
    let list = daemon.api().get("/passthrough").await;
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().map(|i| (text(i, "pattern"), text(i, "origin"))).collect()
}

#[tokio::test]
async fn a_listed_host_gets_its_bytes_as_they_are() {
    let daemon = Launch::new().args(&["--passthrough", "localhost"]).start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    // It trusts the origin's root alone: our certificate would not do.
    let mut stream = raw::tls(tunnel, Root::shared().pem(), "localhost", &["http/1.1"]).await.unwrap();
    let request = format!("GET /bytes/70000 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", origin.authority());
    raw::send(&mut stream, request).await;
    assert!(raw::read_to_end(&mut stream).await.len() > 70_000);
    drop(stream);
    let row = rows::one(&daemon, "").await;
    assert_eq!(
        (&row["kind"], &row["method"], rows::failure(&row)),
        (&"tunnel".into(), &"CONNECT".into(), String::new())
    );
    let why = json!({"pattern": "localhost", "origin": "flag", "sni": "localhost"});
    assert_eq!(row["passthrough"], why, "{row}");
    assert!(row["request_size"].as_u64() > Some(200) && row["response_size"].as_u64() > Some(70_000), "{row}");
    let detail = rows::detail(&daemon, &row).await;
    assert_eq!(detail["upstream_connection"]["peer"], origin.address().to_string(), "{detail}");
    assert!(detail["timings"]["connect_us"].is_i64() && detail["timings"]["end_us"].is_i64(), "{detail}");
    let text = daemon.waylay(&["show", rows::id(&row)]).await.expect(0).stdout;
    assert!(text.contains("relayed unread: localhost is on the passthrough list (flag)"), "{text}");
    rows::one(&daemon, "is:passthrough is:tunnel").await;
}

#[tokio::test]
async fn the_name_in_the_hello_is_enough() {
    let daemon = Launch::new().env("WAYLAY_PASSTHROUGH_HOSTS", "*.bücher.invalid, other.invalid:1").start().await;
    let names = ["www.xn--bcher-kva.invalid", "xn--bcher-kva.invalid", "other.invalid"];
    let leaf = Root::shared().leaf(&names);
    let origin = Origin::tls_with(&leaf).await;
    let authority = format!("127.0.0.1:{}", origin.address().port());
    assert_eq!(shown(&daemon, &authority, names[0]).await, leaf.der().to_vec(), "the origin's own");
    let row = rows::one(&daemon, "is:passthrough").await;
    let why = json!({"pattern": "*.xn--bcher-kva.invalid", "origin": "flag", "sni": names[0]});
    assert_eq!((&row["passthrough"], &row["host"]), (&why, &"127.0.0.1".into()), "{row}");
    for other in [names[1], names[2]] {
        assert_ne!(shown(&daemon, &authority, other).await, leaf.der().to_vec(), "{other}: the apex, and another port");
    }
}

#[tokio::test]
async fn changes_hold_for_the_next_connection() {
    let daemon = Daemon::start().await;
    let api = daemon.api();
    let leaf = Root::shared().leaf(&["localhost"]);
    let origin = Origin::tls_with(&leaf).await;
    let is_read = async || shown(&daemon, &origin.authority(), "localhost").await != leaf.der().to_vec();
    assert!(is_read().await);
    let added = api.post("/passthrough", &json!({"pattern": "LOCALHOST"})).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let item = added.json();
    assert_eq!((&item["pattern"], &item["origin"]), (&"localhost".into(), &"user".into()), "{item}");
    assert!(item["added_us"].is_i64() && item["reason"].is_null() && item["rejections"].is_null(), "{item}");
    assert!(!is_read().await);
    let gone = api.ask(Method::DELETE, "/passthrough?pattern=Localhost", &[], "").await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert!(is_read().await);

    let absent = api.ask(Method::DELETE, "/passthrough?pattern=localhost", &[], "").await;
    assert_eq!(absent.status, 404, "{}", absent.text());
    for bad in ["", "*", "https://a.test", "a.test:x", "*.10.0.0.1", "a b"] {
        let refused = api.post("/passthrough", &json!({"pattern": bad})).await;
        assert_eq!(refused.status, 400, "{bad}: {}", refused.text());
        assert!(refused.json()["error"]["hint"].as_str().unwrap().contains("*.host"), "{bad}: {}", refused.text());
    }
    assert_eq!(api.get("/passthrough").await, json!({"items": [], "automatic": true, "distrustful": []}));
}

#[tokio::test]
async fn what_the_user_added_is_kept_and_what_was_given_at_the_start_is_not() {
    let daemon = Launch::new().args(&["--passthrough", "a.test", "--passthrough", "*.b.test:8443"]).start().await;
    daemon.waylay(&["passthrough", "add", "gone.test"]).await.expect(0);
    daemon.waylay(&["passthrough", "remove", "gone.test"]).await.expect(0);
    daemon.waylay(&["passthrough", "remove", "gone.test"]).await.expect(4);
    daemon.waylay(&["passthrough", "add", "https://a.test/"]).await.expect(2);
    daemon.waylay(&["passthrough", "add", "bücher.test"]).await.expect(0);
    daemon.waylay(&["passthrough", "add", "[::1]:443"]).await.expect(0);
    let listed = |list: &[(&str, &str)]| list.iter().map(|(p, o)| ((*p).into(), (*o).into())).collect::<Vec<_>>();
    let users = [("xn--bcher-kva.test", "user"), ("[::1]:443", "user")];
    let flags = [("a.test", "flag"), ("*.b.test:8443", "flag")];
    assert_eq!(patterns(&daemon).await, listed(&[flags, users].concat()));
    let text = daemon.waylay(&["passthrough", "list"]).await.expect(0).stdout;
    assert!(text.contains("xn--bcher-kva.test") && text.contains("added by the user"), "{text}");
    let lines = daemon.waylay(&["passthrough", "list", "--jsonl"]).await.expect(0).json_lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(daemon.api().get("/status").await["passthrough"]["patterns"], 4);
    let place = daemon.stop().await;
    let again = Launch::at(place).start().await;
    assert_eq!(patterns(&again).await, listed(&users));
    again.waylay(&["passthrough", "rm", "::1"]).await.expect(4);
    again.waylay(&["passthrough", "rm", "[::1]:443"]).await.expect(0);
    let again = Launch::at(again.stop().await).start().await;
    assert_eq!(patterns(&again).await, listed(&users[..1]));
    let place = again.stop().await;

    // What is not to be read must not be read because of a damaged file.
    std::fs::write(place.data().join("passthrough.json"), "{\"patterns\": [").unwrap();
    let output = place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await.expect(7);
    assert!(output.stderr.contains("passthrough.json") && output.stderr.lines().count() == 1, "{output:?}");
}

#[tokio::test]
async fn a_listed_host_that_speaks_first_is_heard_and_either_side_may_end_first() {
    let daemon = Launch::new().args(&["--passthrough", "localhost"]).start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.send("SSH-2.0-OpenSSH_9.9\r\n").await?;
        wire.to_end().await?;
        wire.send("after your end").await?;
        wire.end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    assert_eq!(raw::read_exactly(&mut socket, 21).await.unwrap(), b"SSH-2.0-OpenSSH_9.9\r\n");
    raw::send(&mut socket, "SSH-2.0-client\r\n").await;
    socket.shutdown().await.unwrap();
    assert_eq!(raw::read_to_end(&mut socket).await, b"after your end");
    drop(socket);
    let row = rows::one(&daemon, "is:passthrough").await;
    assert_eq!((&row["request_size"], &row["response_size"]), (&16.into(), &35.into()), "{row}");
    assert_eq!((rows::failure(&row), &row["passthrough"]["sni"]), (String::new(), &Value::Null), "{row}");

    let origin = Scripted::tcp(|mut wire| async move {
        wire.end().await?;
        wire.to_end().await
    })
    .await;
    let mut socket = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    assert_eq!(raw::read_to_end(&mut socket).await, b"");
    raw::send(&mut socket, "GET /not HTTP/1.1\r\n\r\n").await;
    socket.shutdown().await.unwrap();
    origin.has_received(b"GET /not HTTP/1.1\r\n\r\n").await;
    drop(socket);
    rows::done(&daemon, "is:passthrough", 2).await;
}

#[tokio::test]
async fn passthrough_is_no_way_to_our_own_api() {
    let daemon = Launch::new().args(&["--passthrough", "127.0.0.1", "--passthrough", "localhost"]).start().await;
    for host in ["127.0.0.1", "localhost", "127.1"] {
        let mut socket = raw::tunnel(daemon.proxy(), &format!("{host}:{}", daemon.ui().port())).await;
        // It may be closed before this is sent.
        let _ = socket.write_all(b"GET /api/v1/status HTTP/1.1\r\n\r\n").await;
        assert_eq!(raw::read_to_end(&mut socket).await, b"", "{host}");
    }
    let all = rows::done(&daemon, "is:failed", 3).await;
    for row in all {
        assert_eq!(rows::failure(&row), "waylay policy own address", "{row}");
        assert_eq!((&row["kind"], &row["passthrough"]["origin"]), (&"connect_failure".into(), &"flag".into()), "{row}");
    }
}

#[tokio::test]
async fn plain_requests_have_nothing_to_pass_through() {
    let daemon = Launch::new().args(&["--passthrough", "localhost"]).start().await;
    let origin = Origin::plain().await;
    assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 200);
    let row = rows::one(&daemon, "path:/json").await;
    assert_eq!((&row["kind"], &row["passthrough"]), (&"http".into(), &Value::Null), "{row}");
}
