//! Clients that do not accept our certificate: rows that say so, an announcement, and passthrough where that helps.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, process::Command};
use waylay_tests::{
    client::raw,
    daemon::{Daemon, Launch},
    origin::{NAMES, Origin},
    pki::{Leaf, Root},
    program::{self, tests_folder},
    rows, wait,
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// curl that trusts our CA and the origin's root.
fn curl(daemon: &Daemon) -> Command {
    let roots = daemon.place().home().join("roots.pem");
    std::fs::write(&roots, daemon.ca_pem() + Root::shared().pem()).unwrap();
    let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
    command.args(["-sS", "--max-time", "25", "--proxy"]).arg(format!("http://{}", daemon.proxy()));
    command.arg("--cacert").arg(roots);
    command
}

/// The same, accepting only the key of `leaf`.
fn pinning_curl(daemon: &Daemon, leaf: &Leaf) -> Command {
    let (_, certificate) = X509Certificate::from_der(leaf.der()).unwrap();
    let pin = BASE64_STANDARD.encode(Sha256::digest(certificate.public_key().raw));
    let mut command = curl(daemon);
    command.arg("--pinnedpubkey").arg(format!("sha256//{pin}"));
    command
}

/// curl's exit codes.
const PIN_DOES_NOT_MATCH: i32 = 90;
const NOT_TRUSTED: i32 = 60;

async fn pinned_origin() -> (Leaf, Origin) {
    let leaf = Root::shared().leaf(&NAMES);
    let origin = Origin::tls_with(&leaf).await;
    (leaf, origin)
}

/// The client accepts our certificate for the same server by another name.
async fn accept_elsewhere(daemon: &Daemon, origin: &Origin) {
    let url = format!("https://127.0.0.1:{}/json", origin.address().port());
    program::run(curl(daemon).arg(&url)).await.expect(0);
}

async fn list(daemon: &Daemon) -> Value {
    daemon.api().get("/passthrough").await
}

/// How many lines of the log are about `what`.
async fn logged(daemon: &Daemon, what: &str) -> usize {
    wait::until(&format!("{what:?} in the log"), || async {
        let log = std::fs::read_to_string(daemon.data().join("log/waylay.log")).unwrap_or_default();
        Some(log.lines().filter(|line| line.contains(what)).count()).filter(|n| *n > 0)
    })
    .await
}

#[tokio::test]
async fn a_client_that_pins_is_let_through_after_a_while_and_that_can_be_undone() {
    let daemon = Daemon::start().await;
    let (leaf, origin) = pinned_origin().await;
    accept_elsewhere(&daemon, &origin).await;
    let url = origin.url("/json");
    for _ in 0..3 {
        program::run(pinning_curl(&daemon, &leaf).arg(&url)).await.expect(PIN_DOES_NOT_MATCH);
    }
    let all = rows::done(&daemon, "is:pinned", 3).await;
    for row in &all {
        assert_eq!(row["kind"], "pinned", "{row}");
        assert_eq!(rows::failure(row), "client tls closed after handshake", "{row}");
        let command = format!("`waylay passthrough add {}`", origin.authority());
        assert!(row["failure"]["message"].as_str().unwrap().contains(&command), "{row}");
    }
    let undo = format!("`waylay passthrough remove {}`", origin.authority());
    assert!(
        all[2]["failure"]["message"].as_str().unwrap().contains(&undo),
        "the last one says what came of it: {}",
        all[2]
    );
    let detail = rows::detail(&daemon, &all[0]).await;
    assert_eq!(detail["client_connection"]["tls"]["sni"], "localhost", "the handshake was finished: {detail}");
    let found = list(&daemon).await;
    let item = &found["items"][0];
    assert_eq!((&item["pattern"], &item["origin"]), (&origin.authority().into(), &"automatic".into()), "{found}");
    assert_eq!((&item["rejections"], &item["client"]), (&3.into(), &"127.0.0.1".into()), "{found}");
    assert!(item["reason"].as_str().unwrap().contains("3 times"), "{found}");
    assert_eq!(daemon.api().get("/status").await["passthrough"]["automatic"], json!([origin.authority()]));
    assert_eq!(logged(&daemon, "its connections there are relayed unread").await, 1);
    assert_eq!(logged(&daemon, "a client rejected Waylay's certificate").await, 1, "once in a burst");

    let output = program::run(pinning_curl(&daemon, &leaf).arg(&url)).await.expect(0);
    assert!(output.stdout.contains("waylay"), "{output:?}");
    let row = rows::one(&daemon, "is:passthrough").await;
    let why = json!({"pattern": origin.authority(), "origin": "automatic", "sni": "localhost"});
    assert_eq!((&row["kind"], &row["passthrough"]), (&"tunnel".into(), &why), "{row}");

    // Others are still read.
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.expect("our certificate");

    let text = daemon.waylay(&["status"]).await.expect(0).stdout;
    assert!(text.contains(&format!("automatically {}", origin.authority())), "{text}");
    daemon.waylay(&["passthrough", "remove", &origin.authority()]).await.expect(0);
    for _ in 0..4 {
        program::run(pinning_curl(&daemon, &leaf).arg(&url)).await.expect(PIN_DOES_NOT_MATCH);
    }
    assert_eq!(list(&daemon).await["items"], json!([]), "it does not come back by itself");
    let place = daemon.stop().await;
    assert!(!place.data().join("passthrough.json").exists(), "nothing of it is kept");
}

#[tokio::test]
async fn a_request_in_between_says_that_it_does_not_pin() {
    let daemon = Daemon::start().await;
    let (leaf, origin) = pinned_origin().await;
    accept_elsewhere(&daemon, &origin).await;
    let url = origin.url("/json");
    for _ in 0..3 {
        for _ in 0..2 {
            program::run(pinning_curl(&daemon, &leaf).arg(&url)).await.expect(PIN_DOES_NOT_MATCH);
        }
        program::run(curl(&daemon).arg(&url)).await.expect(0);
    }
    assert_eq!(list(&daemon).await["items"], json!([]));
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_ca_is_told_of_and_not_let_through() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let stranger = daemon.place().home().join("stranger.pem");
    std::fs::write(&stranger, Root::new("a root the proxy has never seen").pem()).unwrap();
    // TLS 1.2 and 1.3 differ in when the client can say so, and in their hellos: these are two clients.
    for newest in ["1.2", "1.3"] {
        for host in ["localhost", "127.0.0.1"] {
            for _ in 0..4 {
                let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
                command.args(["-sS", "--tls-max", newest, "--proxy"]).arg(format!("http://{}", daemon.proxy()));
                command.arg("--cacert").arg(&stranger).arg(format!("https://{host}:{}/", origin.address().port()));
                program::run(&mut command).await.expect(NOT_TRUSTED);
            }
        }
    }
    let all = rows::done(&daemon, "is:failed", 16).await;
    for row in &all {
        assert_eq!(
            (&row["kind"], rows::failure(row)),
            (&"tls_failure".into(), "client tls client rejected certificate".into())
        );
        assert!(row["failure"]["message"].as_str().unwrap().contains("unknown_ca"), "{row}");
    }
    let found = list(&daemon).await;
    assert_eq!(found["items"], json!([]), "that would hide all it does: {found}");
    let distrustful = found["distrustful"].as_array().unwrap();
    assert_eq!(distrustful.len(), 2, "{found}");
    assert!(distrustful.iter().all(|d| d["client"] == "127.0.0.1" && d["host"] == origin.authority()), "{found}");
    assert_eq!(logged(&daemon, "has accepted it for no host").await, 2, "once for each client");
    assert_eq!(logged(&daemon, "a client rejected Waylay's certificate").await, 4, "once for each client and host");
    let text = daemon.waylay(&["status"]).await.expect(0).stdout;
    assert!(text.contains("rejects Waylay's certificate"), "{text}");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    for launch in
        [Launch::new().args(&["--no-auto-passthrough"]), Launch::new().env("WAYLAY_PASSTHROUGH_AUTO", "false")]
    {
        let daemon = launch.start().await;
        let (leaf, origin) = pinned_origin().await;
        accept_elsewhere(&daemon, &origin).await;
        for _ in 0..4 {
            program::run(pinning_curl(&daemon, &leaf).arg(origin.url("/"))).await.expect(PIN_DOES_NOT_MATCH);
        }
        let found = list(&daemon).await;
        assert_eq!((&found["items"], &found["automatic"]), (&json!([]), &json!(false)), "{found}");
        assert_eq!(logged(&daemon, "`waylay passthrough add").await, 1, "what to do about it is said once");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_on_our_certificate_without_an_alert_is_one_that_rejects_it() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    for _ in 0..3 {
        // Node looks at certificates when it has all of the handshake but its own last word, which it then does not say.
        let mut command = program::command(program::need(&["node"]), &daemon.place().home());
        command.arg(tests_folder().join("clients/get.mjs")).arg(origin.url("/json"));
        command.env("HTTPS_PROXY", format!("http://{}", daemon.proxy()));
        let output = program::run(&mut command).await;
        assert_ne!(output.code, Some(0), "it does not know our CA: {output:?}");
    }
    for row in rows::done(&daemon, "is:failed", 3).await {
        assert!(rows::failure(&row).starts_with("client tls "), "{row}");
        assert!(row["failure"]["message"].as_str().unwrap().contains("`waylay ca export`"), "{row}");
    }
    assert_eq!(list(&daemon).await["distrustful"][0]["host"], origin.authority());
}

#[tokio::test]
async fn a_connection_kept_in_reserve_is_no_rejection() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut reserve = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    reserve.shutdown().await.unwrap();
    raw::read_to_end(&mut reserve).await;
    drop(reserve);
    // One that is used in the end works as any other.
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut late = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    raw::send(&mut late, "GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let head = raw::text(&raw::read_head(&mut late).await.unwrap());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let row = rows::one(&daemon, "").await;
    assert_eq!(row["path"], "/json", "the other has none: {row}");
}

#[tokio::test]
async fn an_alert_that_comes_after_the_handshake_is_kept() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
    let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &["http/1.1"]).await.unwrap();
    let (socket, session) = stream.get_mut();
    // The session tickets: by then the proxy is done with the handshake, too.
    wait::within("session tickets", socket.readable()).await.unwrap();
    // A record that nobody has encrypted: the client says so with an alert.
    let broken = [&[0x17, 3, 3, 0, 32][..], &[0; 32]].concat();
    session.read_tls(&mut &broken[..]).unwrap();
    session.process_new_packets().unwrap_err();
    let mut alert = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut alert).unwrap();
    }
    raw::send(socket, alert).await;
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!((&row["kind"], rows::failure(&row)), (&"tls_failure".into(), "client tls client alert".into()), "{row}");
    assert!(row["failure"]["message"].as_str().unwrap().contains("bad_record_mac"), "{row}");
    assert_eq!(list(&daemon).await["distrustful"], json!([]), "it says nothing about certificates");
}

#[tokio::test]
async fn undoing_what_is_not_there_says_so() {
    let daemon = Daemon::start().await;
    let answer = daemon.api().ask(Method::DELETE, "/passthrough?pattern=a.test%3A443", &[], "").await;
    assert_eq!(answer.status, 404, "{}", answer.text());
}
