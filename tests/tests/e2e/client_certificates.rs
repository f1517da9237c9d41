//! Client certificates: a server that lets in nobody without one, in PEM and PKCS#12, for the right and the wrong host.

use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use waylay_tests::{
    client::{self, link::Speak},
    daemon::{Daemon, Launch},
    origin::Origin,
    pki::{Leaf, Root},
    program, rows,
};

async fn send(daemon: &Daemon, url: &str) -> Value {
    let answer = daemon.api().post("/send", &json!({ "request": { "url": url } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn presented(sent: &Value) -> &Value {
    &sent["exchange"]["upstream_connection"]["tls"]["client_certificate"]
}

/// The files of a certificate in a folder of their own: chain and key.
pub(super) fn files(daemon: &Daemon, name: &str, leaf: &Leaf) -> [String; 2] {
    let folder = daemon.place().home().join(name);
    std::fs::create_dir(&folder).unwrap();
    leaf.files(&folder).map(text)
}

fn text(path: PathBuf) -> String {
    path.to_str().unwrap().to_owned()
}

/// Has OpenSSL write a file anew.
pub(super) async fn openssl(home: &Path, args: &[&str]) {
    let mut command = program::command(program::need(&["openssl"]), home);
    program::run(command.args(args)).await.expect(0);
}

#[tokio::test]
async fn a_server_that_asks_gets_the_certificate_for_its_host() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls_asking(&["h2", "http/1.1"]).await;
    let (url, other) = (origin.url("/json"), Origin::tls_asking(&["http/1.1"]).await);
    let [chain, key] = files(&daemon, "ann", &Root::shared().client("ann"));
    // For another host, for another port.
    for host in ["*.example.com", "localhost", "localhost:1"] {
        daemon.waylay(&["certificate", "add", host, &chain, &key]).await.expect(0);
        assert!(!send(&daemon, &url).await["error"].is_null(), "{host}");
        let error = send(&daemon, &other.url("/json")).await["error"].clone();
        assert_eq!(
            (&error["stage"], &error["reason"]),
            (&json!("tls"), &json!("client certificate")),
            "{host}: {error}"
        );
        assert!(error["hint"].as_str().unwrap().contains("waylay certificate add"), "{error}");
    }
    daemon.waylay(&["certificate", "add", &origin.authority(), &chain, &key]).await.expect(0);
    let sent = send(&daemon, &url).await;
    assert_eq!((&sent["error"], presented(&sent)), (&Value::Null, &json!("CN=ann")), "{sent}");
    // What goes through is no other.
    for speak in [Speak::Http1, Speak::Http2] {
        let request = http::Request::get(origin.url("/echo")).body(client::link::empty()).unwrap();
        assert_eq!(client::fetch(&daemon, speak, request).await.status, 200);
    }
    for row in rows::done(&daemon, "path:/echo", 2).await {
        let row = rows::detail(&daemon, &row).await;
        assert_eq!(row["upstream_connection"]["tls"]["client_certificate"], "CN=ann", "{row}");
    }
    // A server that does not ask gets none, and the last that was added is the one.
    let silent = Origin::tls(&["http/1.1"]).await;
    daemon.waylay(&["certificate", "add", &silent.authority(), &chain, &key]).await.expect(0);
    assert_eq!(presented(&send(&daemon, &silent.url("/json")).await), &Value::Null);
    let [chain, key] = files(&daemon, "bob", &Root::shared().client("bob"));
    daemon.waylay(&["certificate", "add", &origin.authority(), &chain, &key]).await.expect(0);
    assert_eq!(presented(&send(&daemon, &url).await), "CN=bob");
    let list = daemon.waylay(&["certificate", "list", "--json"]).await.expect(0).json();
    let bob = list["items"].as_array().unwrap().last().unwrap()["id"].to_string();
    daemon.waylay(&["certificate", "rm", &bob]).await.expect(0);
    daemon.waylay(&["certificate", "rm", &bob]).await.expect(4);
    assert_eq!(presented(&send(&daemon, &url).await), "CN=ann");
    // A restart changes nothing, and nobody is shown a key.
    daemon.waylay(&["certificate", "add", "late.test", &chain, &key]).await.expect(0);
    let kept = daemon.data().join("certificates.json");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let stderr = daemon.stderr();
    let daemon = Launch::at(daemon.stop().await).start().await;
    assert_eq!(presented(&send(&daemon, &url).await), "CN=ann");
    let text = daemon.waylay(&["certificate", "list"]).await.expect(0).stdout;
    assert!(text.contains("CN=ann") && text.contains("Waylay tests: trusted root"), "{text}");
    assert!(text.contains("late.test:443"), "the last to come is there, too: {text}");
    let pem = std::fs::read_to_string(key).unwrap();
    let secret = pem.lines().nth(1).unwrap();
    assert!(![text, list.to_string(), stderr].iter().any(|shown| shown.contains(secret) || shown.contains("PRIVATE")));
}

#[tokio::test]
async fn passphrases_open_pem_and_pkcs_12_and_wrong_ones_are_told() {
    let daemon = Daemon::start().await;
    let home = daemon.place().home();
    let [chain, key] = files(&daemon, "ann", &Root::shared().client("ann"));
    let (encrypted, pfx, passphrase) =
        (text(home.join("encrypted.key")), text(home.join("ann.pfx")), text(home.join("passphrase")));
    std::fs::write(&passphrase, "s3cret\n").unwrap();
    openssl(&home, &["pkcs8", "-topk8", "-in", &key, "-out", &encrypted, "-passout", "pass:s3cret"]).await;
    openssl(&home, &["pkcs12", "-export", "-in", &chain, "-inkey", &key, "-out", &pfx, "-passout", "pass:s3cret"])
        .await;
    let file = format!("@{passphrase}");
    for paths in [&[&chain[..], &encrypted][..], &[&pfx]] {
        let origin = Origin::tls_asking(&["http/1.1"]).await;
        let authority = origin.authority();
        let add = |more: &[&str]| {
            let args = [&["certificate", "add", &authority][..], paths, more].concat();
            let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
            let daemon = &daemon;
            async move { daemon.waylay(&args.iter().map(String::as_str).collect::<Vec<_>>()).await }
        };
        let none = add(&[]).await;
        assert!(none.code != Some(0) && none.stderr.contains("no passphrase was given"), "{none:?}");
        let wrong = add(&["--passphrase", "secret"]).await;
        assert!(wrong.code != Some(0) && wrong.stderr.contains("passphrase is wrong"), "{wrong:?}");
        assert_eq!(send(&daemon, &origin.url("/json")).await["error"]["reason"], "client certificate");
        add(&["--passphrase", &file]).await.expect(0);
        let sent = send(&daemon, &origin.url("/json")).await;
        assert_eq!((&sent["error"], presented(&sent)), (&Value::Null, &json!("CN=ann")), "{sent}");
    }
    let api = daemon.api();
    for (body, code) in [
        (json!({"pattern": "https://a.test", "files": ["YQ=="]}), "bad_request"),
        (json!({"pattern": "a.test", "files": []}), "bad_request"),
        (json!({"pattern": "a.test", "files": ["YQ==", "YQ==", "YQ=="]}), "bad_request"),
        (json!({"pattern": "a.test", "files": ["?"]}), "bad_request"),
        (json!({"pattern": "a.test", "files": ["YQ=="]}), "bad_certificate"),
        (json!({"pattern": "a.test", "files": ["YQ=="], "more": 1}), "bad_request"),
    ] {
        let answer = api.post("/certificates", &body).await;
        assert_eq!((answer.status == 400, &answer.json()["error"]["code"]), (true, &json!(code)), "{body}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_warned_of_and_the_servers_alert_is_told() {
    let daemon = Daemon::start().await;
    let [chain, key] = files(&daemon, "old", &Root::shared().expired_client("old"));
    let origin = Origin::tls_asking(&["http/1.1"]).await;
    let added = daemon.waylay(&["certificate", "add", &origin.authority(), &chain, &key]).await.expect(0);
    assert!(added.stderr.contains("has expired"), "{added:?}");
    let sent = send(&daemon, &origin.url("/json")).await;
    let error = &sent["error"];
    assert_eq!((&error["stage"], &error["reason"]), (&json!("tls"), &json!("client certificate")), "{sent}");
    assert!(error["message"].as_str().unwrap().contains("certificate_expired"), "{sent}");
    assert!(sent["warnings"][0].as_str().unwrap().contains("CN=old) has expired"), "{sent}");
    let console = daemon.waylay(&["console"]).await.expect(0).stdout;
    assert!(console.contains("has expired") && console.contains("certificate_expired"), "{console}");
    // One that was issued by nobody the server knows.
    let [chain, key] = files(&daemon, "eve", &Root::new("Another root").client("eve"));
    daemon.waylay(&["certificate", "add", &origin.authority(), &chain, &key]).await.expect(0);
    let error = send(&daemon, &origin.url("/json")).await["error"].clone();
    assert_eq!(error["reason"], "client certificate", "{error}");
    assert!(error["message"].as_str().unwrap().contains("alert"), "{error}");
}
