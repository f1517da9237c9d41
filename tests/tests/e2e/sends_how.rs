//! How a request is sent: versions of HTTP and TLS, checks, addresses, sockets, time limits.

use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waylay_tests::{
    daemon::Daemon,
    origin::{NAMES, Origin, Scripted},
    pki::{Leaf, Root},
    wait,
};

async fn send(daemon: &Daemon, url: &str, settings: Value) -> Value {
    let request = json!({ "request": { "url": url, "settings": settings } });
    let answer = daemon.api().post("/send", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn tls(sent: &Value) -> &Value {
    &sent["exchange"]["upstream_connection"]["tls"]
}

#[tokio::test]
async fn versions_of_http_are_chosen_or_refused() {
    let daemon = Daemon::start().await;
    let (both, old) = (Origin::tls(&["h2", "http/1.1"]).await, Origin::tls(&["http/1.1"]).await);
    let (silent, plain) = (Origin::tls(&[]).await, Origin::plain().await);
    for (origin, version, seen) in [
        (&both, "auto", "HTTP/2.0"),
        (&both, "1.1", "HTTP/1.1"),
        (&both, "1.0", "HTTP/1.0"),
        (&both, "2", "HTTP/2.0"),
        (&old, "auto", "HTTP/1.1"),
        (&plain, "1.0", "HTTP/1.0"),
        (&plain, "auto", "HTTP/1.1"),
    ] {
        let sent = send(&daemon, &origin.url("/echo"), json!({"http_version": version})).await;
        assert_eq!(sent["error"], Value::Null, "{version}: {sent}");
        assert_eq!(origin.notes().requests().pop().unwrap().version, seen, "{version}");
    }
    for origin in [&old, &silent, &plain] {
        let before = origin.notes().requests().len();
        let sent = send(&daemon, &origin.url("/echo"), json!({"http_version": "2"})).await;
        assert_eq!((&sent["error"]["stage"], &sent["error"]["reason"]), (&json!("tls"), &json!("no HTTP/2")), "{sent}");
        assert_eq!(origin.notes().requests().len(), before);
    }
}

#[tokio::test]
async fn certificates_are_checked_in_two_parts() {
    let daemon = Daemon::start().await;
    let good_chain_bad_name = Origin::tls_with(&Root::shared().leaf(&["other.test"])).await;
    let bad_chain_good_name = Origin::tls_with(&Leaf::self_signed(&NAMES)).await;
    let bad = Origin::tls_with(&Leaf::self_signed(&["other.test"])).await;
    for (origin, settings, passes) in [
        (&good_chain_bad_name, json!({}), false),
        (&good_chain_bad_name, json!({"verify_chain": false}), false),
        (&good_chain_bad_name, json!({"verify_name": false}), true),
        (&good_chain_bad_name, json!({"server_name": "other.test"}), true),
        (&bad_chain_good_name, json!({}), false),
        (&bad_chain_good_name, json!({"verify_name": false}), false),
        (&bad_chain_good_name, json!({"verify_chain": false}), true),
        (&bad, json!({"verify_chain": false}), false),
        (&bad, json!({"verify_name": false}), false),
        (&bad, json!({"verify_chain": false, "verify_name": false}), true),
    ] {
        let sent = send(&daemon, &origin.url("/json"), settings.clone()).await;
        assert_eq!(sent["error"].is_null(), passes, "{settings}: {sent}");
        if passes {
            let doubted = settings.get("server_name").is_none();
            assert_eq!(
                (&tls(&sent)["verified"], tls(&sent)["doubt"].is_string()),
                (&json!(!doubted), doubted),
                "{sent}"
            );
        } else {
            assert_eq!(sent["error"]["stage"], "tls", "{settings}: {sent}");
        }
    }
    // What one request lets pass, the next one without that setting does not get to reuse.
    assert_eq!(send(&daemon, &bad.url("/json"), json!({})).await["error"]["stage"], "tls");
}

#[tokio::test]
async fn tls_is_as_old_and_as_strong_as_is_asked() {
    let daemon = Daemon::start().await;
    let (new, old) = (Origin::tls(&["http/1.1"]).await, Origin::tls_1_2().await);
    let sent = send(&daemon, &new.url("/json"), json!({"tls_max": "1.2"})).await;
    assert_eq!(tls(&sent)["version"], "TLS 1.2", "{sent}");
    let sent = send(&daemon, &old.url("/json"), json!({"tls_min": "1.3"})).await;
    assert_eq!(sent["error"]["stage"], "tls", "{sent}");
    let suites = json!({"cipher_suites": ["TLS_CHACHA20_POLY1305_SHA256", "RC4-SHA"]});
    let sent = send(&daemon, &new.url("/json"), suites).await;
    assert_eq!(tls(&sent)["cipher"], "TLS_CHACHA20_POLY1305_SHA256", "{sent}");
    assert!(sent["warnings"][0].as_str().unwrap().contains("RC4-SHA"), "{sent}");
    let sent = send(&daemon, &new.url("/json"), json!({"key_log": "keys.txt"})).await;
    assert_eq!(sent["error"], Value::Null, "{sent}");
    let keys = std::fs::read_to_string(daemon.data().join("files/keys.txt")).unwrap();
    assert!(keys.contains("CLIENT_TRAFFIC_SECRET_0 "), "{keys}");
}

#[tokio::test]
async fn addresses_and_sockets_are_taken_as_given() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let port = origin.address().port();
    let resolve = json!({"resolve": [format!("made-up.test:{port}:127.0.0.1")]});
    let sent = send(&daemon, &format!("http://made-up.test:{port}/echo"), resolve).await;
    assert_eq!(sent["error"], Value::Null, "{sent}");
    assert_eq!(origin.notes().requests().pop().unwrap().values("host"), [format!("made-up.test:{port}")]);
    let own = json!({"resolve": [format!("made-up.test:{}:127.0.0.1", daemon.ui().port())]});
    let sent = send(&daemon, &format!("http://made-up.test:{}/", daemon.ui().port()), own).await;
    assert_eq!(sent["error"]["stage"], "policy", "{sent}");

    let path = daemon.place().home().join("a.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let n = socket.read(&mut head).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlocal").await.unwrap();
        String::from_utf8_lossy(&head[..n]).into_owned()
    });
    let args = ["send", "http://api.test/over?a=1", "--unix-socket", path.to_str().unwrap()];
    assert_eq!(daemon.waylay(&args).await.expect(0).stdout, "local");
    let head = wait::within("the request", server).await.unwrap();
    assert!(head.starts_with("GET /over?a=1 HTTP/1.1\r\n") && head.contains("Host: api.test\r\n"), "{head}");
}

#[tokio::test]
async fn letters_and_order_of_headers_are_as_written() {
    let daemon = Daemon::start().await;
    let origin = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-OwN: 1\r\n\r\n").await
    })
    .await;
    let fields = ["X-One: 1", "x-TWO: 2", "X-Three: 3"];
    let mut args = vec!["send".to_owned(), origin.url("/"), "-i".to_owned()];
    args.extend(fields.iter().flat_map(|field| ["-H".to_owned(), (*field).to_owned()]));
    let sent = daemon.waylay(&args.iter().map(String::as_str).collect::<Vec<_>>()).await.expect(0);
    assert!(sent.stdout.contains("X-OwN: 1"), "{}", sent.stdout);
    let head = String::from_utf8_lossy(&origin.received()[0]).into_owned();
    assert!(head.contains("X-One: 1\r\nx-TWO: 2\r\nX-Three: 3\r\n"), "{head}");
}

#[tokio::test]
async fn time_limits_and_cancelling_free_the_connection() {
    let daemon = Daemon::start().await;
    let ended = Arc::<AtomicUsize>::default();
    let origin = Scripted::tcp({
        let ended = ended.clone();
        move |mut wire| {
            let ended = ended.clone();
            async move {
                wire.head().await?;
                let end = wire.to_end().await;
                ended.fetch_add(1, Ordering::SeqCst);
                end
            }
        }
    })
    .await;
    let sent = send(&daemon, &origin.url("/slow"), json!({"timeout_ms": 200})).await;
    assert_eq!(
        (&sent["error"]["reason"], &sent["exchange"]["failure"]["reason"]),
        (&json!("timeout"), &json!("timeout")),
        "{sent}"
    );
    let url = origin.url("/cancelled");
    let sending = tokio::spawn({
        let api = daemon.api();
        async move { api.post("/send", &json!({"request": {"url": url}})).await.json() }
    });
    origin.has_received(b"/cancelled").await;
    let under_way = daemon.api().get("/history").await["items"][0].clone();
    assert_eq!(under_way["state"], "running", "{under_way}");
    let gone = daemon.api().ask(http::Method::DELETE, &format!("/sends/{}", under_way["id"]), &[], "").await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    let sent = wait::within("the cancelled send", sending).await.unwrap();
    assert_eq!(sent["error"]["stage"], "cancelled", "{sent}");
    wait::until("the origin to see both connections end", || async {
        (ended.load(Ordering::SeqCst) == 2).then_some(())
    })
    .await;
    let entry = daemon.api().get(&format!("/history/{}", under_way["id"])).await;
    assert_eq!(entry["state"], "cancelled", "{entry}");
}
