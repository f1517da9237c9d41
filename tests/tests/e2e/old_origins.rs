//! Origins whose TLS is beyond us: the row and the page say so and offer passthrough, and with it clients that can speak
//! to them do.

use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
};
use waylay_tests::{
    client,
    daemon::Daemon,
    origin::NAMES,
    pki::Root,
    program::{self, tests_folder},
    rows, wait,
};

/// A real OpenSSL that is held to what it may speak.
struct OldServer {
    _process: Child,
    authority: String,
}

impl OldServer {
    /// `more` as `tests/clients/old_tls_server.py` takes it.
    async fn start(daemon: &Daemon, more: &[&str]) -> Self {
        let pem = daemon.place().home().join("old-server.pem");
        std::fs::write(&pem, Root::shared().leaf(&NAMES).server_pem()).unwrap();
        let mut command = program::command(program::need(&["python3"]), &daemon.place().home());
        command.arg(tests_folder().join("clients/old_tls_server.py")).arg(pem).args(more);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = wait::within("the server's port", lines.next_line()).await.unwrap().expect("it prints its port");
        Self { _process: process, authority: format!("localhost:{port}") }
    }
}

/// The words on row and page, and the command they offer.
async fn refused(daemon: &Daemon, server: &OldServer, reason: &str) {
    let url = format!("https://{}/", server.authority);
    let answer = client::get(daemon, &url).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    let row = rows::one(daemon, &rows::of(&url)).await;
    assert_eq!(row["failure"]["reason"], reason, "{row}");
    let command = format!("`waylay passthrough add {}`", server.authority);
    for text in [row["failure"]["message"].as_str().unwrap(), &answer.text()] {
        assert!(text.contains(&command), "{text}");
    }
}

#[tokio::test]
async fn an_origin_of_tls_1_1_is_reached_through_passthrough() {
    let daemon = Daemon::start().await;
    let server = OldServer::start(&daemon, &["TLSv1_1", "ALL:@SECLEVEL=0"]).await;
    refused(&daemon, &server, "no common TLS").await;
    daemon.waylay(&["passthrough", "add", &server.authority]).await.expect(0);
    let mut command = program::command(program::need(&["python3"]), &daemon.place().home());
    command.arg(tests_folder().join("clients/old_tls_client.py")).arg(daemon.proxy().to_string());
    command.arg(&server.authority).arg(daemon.place().root_pem());
    let output = program::run(&mut command).await.expect(0);
    assert!(output.stdout.ends_with("spoken by TLSv1.1"), "{output:?}");
    let row = rows::one(&daemon, "is:passthrough").await;
    assert_eq!((&row["kind"], &row["passthrough"]["sni"]), (&"tunnel".into(), &"localhost".into()), "{row}");
}

#[tokio::test]
async fn an_origin_without_a_common_cipher_says_so() {
    let daemon = Daemon::start().await;
    let server = OldServer::start(&daemon, &["TLSv1_2", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"]).await;
    refused(&daemon, &server, "no common TLS").await;
}

#[tokio::test]
async fn an_origin_that_wants_a_client_certificate_says_so() {
    for version in ["TLSv1_2", "TLSv1_3"] {
        let daemon = Daemon::start().await;
        let roots = daemon.place().root_pem();
        let server = OldServer::start(&daemon, &[version, "DEFAULT", roots.to_str().unwrap()]).await;
        let url = format!("https://{}/", server.authority);
        let answer = client::get(&daemon, &url).await;
        assert_eq!(answer.status, 502, "{version}: {}", answer.text());
        let row = rows::one(&daemon, &rows::of(&url)).await;
        let message = row["failure"]["message"].as_str().unwrap();
        assert!(
            message.contains("client certificate") && message.contains("waylay passthrough add"),
            "{version}: {row}"
        );
    }
}
