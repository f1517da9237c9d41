use super::harness::Daemon;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

fn file(name: &str) -> String {
    let path = format!("{}/../tests/fixtures/client-certificates/{name}", env!("CARGO_MANIFEST_DIR"));
    BASE64_STANDARD.encode(std::fs::read(path).unwrap())
}

#[tokio::test]
async fn certificates_are_added_listed_and_removed() {
    let daemon = Daemon::start().await;
    assert_eq!(daemon.get("/certificates").await.json(), json!({ "items": [] }));
    let add = |pattern: &str, files: Vec<String>, passphrase: Value| {
        let new = json!({ "pattern": pattern, "files": files, "passphrase": passphrase }).to_string();
        let daemon = &daemon;
        async move { daemon.post("/certificates", &new).await }
    };
    let made = add(" *.A.test ", vec![file("ec.pem"), file("ec-pbes2-aes256.key")], json!("s3cret")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let item = made.json();
    assert_eq!(
        (&item["id"], &item["pattern"], &item["subject"]),
        (&json!(1), &json!("*.a.test:443"), &json!("CN=ann"))
    );
    assert!(item["not_after"].as_str().unwrap().ends_with('Z') && item["fingerprint"].as_str().unwrap().len() == 64);
    let pfx = add("b.test:8443", vec![file("rsa-legacy.pfx")], json!("s3cret")).await;
    assert_eq!((&pfx.json()["id"], &pfx.json()["pattern"]), (&json!(2), &json!("b.test:8443")));
    for (pattern, files, passphrase, code, says) in [
        (
            "a.test",
            vec![file("ec.pem"), file("ec-pbes2-aes256.key")],
            json!(null),
            "passphrase_needed",
            "no passphrase",
        ),
        (
            "a.test",
            vec![file("ec.pem"), file("ec-pbes2-aes256.key")],
            json!("x"),
            "wrong_passphrase",
            "passphrase is wrong",
        ),
        ("a.test", vec![file("ec.pem"), file("rsa-pkcs1.key")], json!(null), "bad_certificate", "does not belong"),
        ("a.test", vec![file("ec.pem")], json!(null), "bad_certificate", "no private key"),
        ("a.test", vec!["AAAA".into()], json!(null), "bad_certificate", "damaged"),
        ("a.test", vec!["?".into()], json!(null), "bad_request", "base64"),
        ("a.test", vec![], json!(null), "bad_request", "one or two"),
        ("https://a.test", vec![file("ec.pfx")], json!("s3cret"), "bad_request", "https://a.test"),
    ] {
        let refused = add(pattern, files, passphrase).await;
        let message = refused.error(400, code);
        assert!(message.contains(says), "{message}");
    }
    let items = daemon.get("/certificates").await;
    assert_eq!(items.json()["items"].as_array().unwrap().len(), 2);
    let text = String::from_utf8_lossy(&items.body).into_owned();
    assert!(!text.contains("PRIVATE") && !text.contains("s3cret"));
    for (id, status) in [("1", 204), ("1", 404), ("x", 404)] {
        let answer = daemon.ask("DELETE", &format!("/api/v1/certificates/{id}"), &daemon.program(), "").await;
        assert_eq!(answer.status, status, "{id}");
    }
    assert_eq!(daemon.get("/certificates").await.json()["items"][0]["id"], 2);
    daemon.stop().await;
}

#[tokio::test]
async fn upstream_proxies_are_set_without_their_passwords_being_told() {
    let daemon = Daemon::start().await;
    let none = daemon.get("/upstream-proxies").await.json();
    assert_eq!((&none["used"], &none["http"], &none["given"]), (&json!("none"), &Value::Null, &Value::Null));
    let both = json!({
        "http": { "url": "http://p.test:3128", "username": "ann", "password": "s3cret" },
        "https": { "url": "socks5h://bob:w0rd@q.test" },
        "bypass": "*.local, 10.0.0.0/8",
    });
    let set = daemon.put("/upstream-proxies", &both).await;
    assert_eq!(set.status, 200, "{set:?}");
    let shown = |url: &str, username: &str| json!({ "url": url, "username": username, "password": true });
    for answer in [set, daemon.get("/upstream-proxies").await] {
        let found = answer.json();
        assert_eq!(found["http"], shown("http://p.test:3128", "ann"));
        assert_eq!(found["https"], shown("socks5h://q.test:1080", "bob"));
        assert_eq!((&found["used"], found["bypass"].as_array().unwrap().len()), (&json!("custom"), 2));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text.contains("s3cret") && !text.contains("w0rd"));
    }
    // A password that is not said stays, as long as nothing else changes.
    for (url, kept) in [("http://p.test:3128", true), ("http://p.test:3129", false)] {
        let change = json!({ "http": { "url": url, "username": "ann" } });
        let found = daemon.put("/upstream-proxies", &change).await.json();
        assert_eq!((&found["http"]["password"], &found["https"]), (&json!(kept), &Value::Null), "{url}");
    }
    for (change, says) in [
        (json!({ "http": { "url": "https://p.test" } }), "over TLS"),
        (json!({ "https": { "url": "http://p.test:0" } }), "https: "),
        (json!({ "http": { "url": "http://p.test", "username": "a:b" } }), "http: "),
        (json!({ "bypass": "http://x" }), "bypass: "),
        (json!({ "ftp": {} }), "unknown field"),
    ] {
        let message = daemon.put("/upstream-proxies", &change).await.error(400, "bad_request");
        assert!(message.contains(says), "{change}: {message}");
    }
    assert_eq!(
        daemon.get("/upstream-proxies").await.json()["http"]["url"],
        "http://p.test:3129",
        "nothing has changed"
    );
    daemon.stop().await;
}
