//! Requests that a stock client of the Hoppscotch Agent hands over: certificates and proxies of their own, and what is told of answers
//! and of what goes wrong.

use super::hoppscotch_requests::{failure, paired, seen};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::{path::Path, time::Instant};
use waylay_tests::{
    hoppscotch::{Client, request, text},
    origin::{Origin, OtherProxy, Scripted, routes},
    pki::{Leaf, Root},
    program,
};

async fn openssl(home: &Path, args: &[&str]) {
    let mut command = program::command(program::need(&["openssl"]), home);
    program::run(command.args(args)).await.expect(0);
}

#[tokio::test]
async fn certificates_ours_and_theirs() {
    let (daemon, mut client) = paired().await;
    let home = daemon.place().home();
    let asking = Origin::tls_asking(&["http/1.1"]).await;
    let [chain, key] = Root::shared().client("ann").files(&home);
    let pfx = home.join("ann.pfx");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    openssl(
        &home,
        &[
            "pkcs12",
            "-export",
            "-in",
            &text(&chain),
            "-inkey",
            &text(&key),
            "-out",
            &text(&pfx),
            "-passout",
            "pass:s3cret",
        ],
    )
    .await;
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    let security = |certificates: Value| json!({ "security": { "verifyHost": true, "verifyPeer": true, "certificates": certificates } });
    let pem = json!({ "client": { "kind": "pem", "cert": bytes(&chain), "key": bytes(&key) }, "ca": null });
    let p12 = |password: &str| json!({ "client": { "kind": "pfx", "data": bytes(&pfx), "password": password } });
    let none = client.execute(request("GET", &asking.url("/json"), security(json!({})))).await;
    assert_eq!(failure(&none), "tls: client certificate");
    for certificates in [pem.clone(), p12("s3cret")] {
        let answer = client.execute(request("GET", &asking.url("/json"), security(certificates))).await;
        assert_eq!(answer["value"]["status"], 200, "{answer}");
    }
    let wrong = client.execute(request("GET", &asking.url("/json"), security(p12("secret")))).await;
    assert!(failure(&wrong) == "tls: client certificate" && self::text(&wrong).contains("passphrase is wrong"));
    let console = daemon.waylay(&["console"]).await.expect(0).stdout;
    assert!(console.contains("passphrase is wrong"), "{console}");
    // A redirect to another origin goes without it.
    let other = Origin::tls_asking(&["http/1.1"]).await;
    let away = asking.url(&format!("/go/302?to={}", other.url("/json")));
    let answer = client.execute(request("GET", &away, security(pem))).await;
    assert_eq!(failure(&answer), "tls: client certificate");
    // The user's own are not shown for a page.
    let (chain, key) = (text(&chain), text(&key));
    daemon.waylay(&["certificate", "add", &asking.authority(), &chain, &key]).await.expect(0);
    let answer = client.execute(request("GET", &asking.url("/json"), security(json!({})))).await;
    assert_eq!(failure(&answer), "tls: client certificate");

    let (stranger, wrong_name) = (Root::new("Another root"), Root::shared().leaf(&["wrong.test"]));
    let (by_stranger, by_name) = (stranger.leaf(&["localhost"]), Origin::tls_with(&wrong_name).await);
    let by_stranger = Origin::tls_with(&by_stranger).await;
    let both = Origin::tls_with(&Leaf::self_signed(&["wrong.test"])).await;
    let ca = [stranger.pem().as_bytes(), Root::shared().pem().as_bytes()].concat();
    for (origin, host, peer, ca, reached) in [
        (&by_stranger, true, true, json!(null), false),
        (&by_stranger, true, true, json!([ca]), true),
        (&by_stranger, true, true, json!([Root::shared().pem().as_bytes(), stranger.pem().as_bytes()]), true),
        (&by_stranger, false, true, json!(null), false),
        (&by_stranger, true, false, json!(null), true),
        (&by_name, true, true, json!(null), false),
        (&by_name, true, false, json!(null), false),
        (&by_name, false, true, json!(null), true),
        (&both, false, true, json!(null), false),
        (&both, true, false, json!(null), false),
        (&both, false, false, json!(null), true),
    ] {
        let security = json!({ "security": { "verifyHost": host, "verifyPeer": peer, "certificates": { "ca": ca } } });
        let answer = client.execute(request("GET", &origin.url("/json"), security)).await;
        let (status, stage) = if reached { (200, "") } else { (502, "tls") };
        let found = failure(&answer);
        assert!(answer["value"]["status"] == status && found.starts_with(stage), "{host} {peer} {reached}: {found}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_requests_own() {
    let (_daemon, mut client) = paired().await;
    let (squid, dante, socks) = (OtherProxy::squid().await, OtherProxy::dante().await, OtherProxy::microsocks().await);
    let (plain, tls) = (Origin::plain().await, Origin::tls(&["http/1.1"]).await);
    let [squid, dante, socks] = [squid.address(), dante.address(), socks.address()].map(|a| a.to_string());
    let ann = json!({ "username": "ann", "password": "s3cret" });
    for origin in [&plain, &tls] {
        for (proxy, expected) in [
            (json!({ "url": format!("http://{squid}"), "auth": ann }), ""),
            (json!({ "url": format!("http://ann:s3cret@{squid}") }), ""),
            (json!({ "url": format!("socks5h://{dante}"), "auth": null }), ""),
            (json!({ "url": format!("socks4://{dante}") }), ""),
            (json!({ "url": format!("socks5://{socks}"), "auth": ann }), ""),
            (json!({ "url": format!("http://{squid}"), "auth": { "username": "ann", "password": "" } }), "proxy"),
            (json!({ "url": format!("socks5://ann:wrong@{socks}") }), "proxy"),
            (json!({ "url": "https://proxy.test:1" }), "proxy: bad proxy"),
        ] {
            let answer = client.execute(request("GET", &origin.url("/json"), json!({ "proxy": proxy }))).await;
            let found = failure(&answer);
            assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{proxy}: {found}");
            assert!(!answer.to_string().contains("s3cret"), "{answer}");
        }
    }
}

#[tokio::test]
async fn codings_are_undone_unless_they_are_wanted() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let answer = client.execute(request("GET", &origin.url(&format!("/{coding}")), json!({}))).await;
        assert_eq!(
            (text(&answer).as_str(), &answer["value"]["headers"]["content-encoding"]),
            (routes::ENCODED, &json!(coding))
        );
    }
    let raw = json!({ "meta": { "options": { "decompress": false } } });
    let answer = client.execute(request("GET", &origin.url("/gzip"), raw.clone())).await;
    assert!(BASE64_STANDARD.decode(answer["body"]["base64"].as_str().unwrap()).unwrap().starts_with(b"\x1f\x8b"));
    assert!(seen(&client.execute(request("GET", &origin.url("/echo"), raw)).await, "accept-encoding").is_empty());
    let broken = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain").await
    })
    .await;
    let answer = client.execute(request("GET", &broken.url("/"), json!({}))).await;
    assert_eq!((failure(&answer).as_str(), &answer["value"]["status"]), ("response: not decoded", &json!(502)));
}

#[tokio::test]
async fn answers_without_a_body_come_at_once_and_odd_ones_do_not_break_anything() {
    let (_daemon, mut client) = paired().await;
    let origin = Origin::plain().await;
    let began = Instant::now();
    for (method, path, status) in [("HEAD", "/bytes/100000", 200), ("GET", "/status/204", 204), ("HEAD", "/gzip", 200)]
    {
        let answer = client.execute(request(method, &origin.url(path), json!({}))).await;
        assert_eq!(
            (&answer["value"]["status"], &answer["body"]["length"]),
            (&json!(status), &json!(0)),
            "{method} {path}"
        );
        assert!(answer["value"]["statusText"].as_str().unwrap().starts_with(&status.to_string()), "{answer}");
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    let odd = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send(
            b"HTTP/1.1 299 Odd\r\nX-Bytes: \xff\xfe\r\nVary: a\r\nvary: b\r\nContent-Length: 4\r\n\r\n\x00\x01\xff\n",
        )
        .await
    })
    .await;
    let answer = client.execute(request("GET", &odd.url("/"), json!({}))).await;
    let value = &answer["value"];
    assert_eq!(
        (&value["status"], &value["statusText"], &value["version"]),
        (&json!(299), &json!("299"), &json!("HTTP/1.1"))
    );
    assert_eq!((&value["headers"]["X-Bytes"], &value["headers"]["Vary"]), (&json!("\u{fffd}\u{fffd}"), &json!("a, b")));
    assert_eq!(value["body"]["mediaType"], "application/octet-stream");
    let (start, end) =
        (value["meta"]["timing"]["start"].as_i64().unwrap(), value["meta"]["timing"]["end"].as_i64().unwrap());
    assert!(start > 1_600_000_000_000 && end >= start, "{value}");
    assert_eq!(value["meta"]["size"]["total"], value["meta"]["size"]["headers"].as_i64().unwrap() + 4);
    let two = Origin::tls(&["h2"]).await;
    let answer = client.execute(request("GET", &two.url("/json"), json!({ "version": "HTTP/2.0" }))).await;
    assert_eq!(
        (&answer["value"]["version"], &answer["value"]["status"]),
        (&json!("HTTP/2.0"), &json!(200)),
        "{answer}"
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_words() {
    let (_daemon, mut client) = paired().await;
    let cut = Scripted::tcp(|mut wire| async move {
        wire.head().await?;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf").await
    })
    .await;
    let silent = Scripted::tcp(|mut wire| async move { wire.to_end().await }).await;
    for (call, stage, status) in [
        (request("GET", "http://name.invalid/", json!({})), "dns", 502),
        (request("GET", "http://127.0.0.1:9/", json!({})), "connect", 502),
        (request("GET", &cut.url("/"), json!({})), "response: broke off", 502),
        (
            request("GET", &silent.url("/"), json!({ "meta": { "options": { "timeout": 200 } } })),
            "response: timeout",
            504,
        ),
        (request("GET", "http://a b/", json!({})), "url", 502),
        (request("BAD METHOD", "http://127.0.0.1/", json!({})), "method", 502),
    ] {
        let answer = client.execute(call.clone()).await;
        assert!(failure(&answer).starts_with(stage), "{call}: {}", failure(&answer));
        assert_eq!(answer["value"]["status"], status, "{call}");
        assert!(text(&answer).contains("This is Waylay's own answer"), "{}", text(&answer));
    }
    for (members, says) in [
        (json!({ "version": "HTTP/4" }), "'version'"),
        (json!({ "content": { "kind": "stream", "content": [] } }), "'content'"),
        (json!({ "content": { "kind": "binary", "content": [300] } }), "'content'"),
        (json!({ "headers": { "a": [1] } }), "'a'"),
        (json!({ "id": "x" }), "'id'"),
    ] {
        let answer =
            client.run(json!({ "do": "execute", "request": request("GET", "http://127.0.0.1/", members) })).await;
        assert!(answer["status"] == 400 && answer["text"].as_str().unwrap().contains(says), "{answer}");
    }
}
