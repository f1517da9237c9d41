//! Programs as people have them, told about proxy and CA by hand.

use tokio::process::Command;
use waylay_tests::{
    daemon::Daemon,
    origin::{
        Origin,
        routes::{pattern, sha256},
    },
    program, rows,
};

fn curl(daemon: &Daemon) -> Command {
    let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
    command.args(["-sS", "--max-time", "25", "--proxy"]).arg(format!("http://{}", daemon.proxy()));
    command.arg("--cacert").arg(daemon.ca_file());
    command
}

#[tokio::test]
async fn curl_speaks_both_versions_and_keeps_its_connection() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for (flag, version) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")] {
        let mut command = curl(&daemon);
        command.arg(flag).arg(origin.url(&format!("/json?{flag}"))).arg(origin.url(&format!("/bytes/10?{flag}")));
        command.args(["-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n"]);
        let output = program::run(&mut command).await.expect(0);
        assert_eq!(output.stdout, "200 1\n200 0\n", "one connection for both");
        for path in ["/json", "/bytes/10"] {
            let row = rows::one(&daemon, &rows::of(&origin.url(&format!("{path}?{flag}")))).await;
            assert_eq!(row["request_version"], version, "{row}");
        }
    }
}

#[tokio::test]
async fn curl_uploads_follows_and_decodes() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let body = pattern(300_000);
    let mut command = curl(&daemon);
    command.args(["--data-binary", "@-", "-H", "Expect: 100-continue"]).arg(origin.url("/echo"));
    let output = program::run_with_input(&mut command, Some(&body)).await.expect(0);
    assert_eq!(output.json()["sha256"], sha256(&body).as_str());
    let row = rows::one(&daemon, "path:/echo").await;
    assert_eq!(sha256(&rows::body(&daemon, &row, "request").await), sha256(&body));

    let output = program::run(curl(&daemon).args(["-L", "--compressed"]).arg(origin.url("/redirect"))).await.expect(0);
    assert!(output.stdout.contains("waylay"), "{output:?}");
    rows::one(&daemon, "path:/redirect status:302").await;
    rows::one(&daemon, "path:/json status:200").await;
}

#[tokio::test]
async fn curl_without_our_ca_says_so_and_is_a_row() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
    command.args(["-sS", "--proxy"]).arg(format!("http://{}", daemon.proxy())).arg(origin.url("/json"));
    program::run(&mut command).await.expect(60);
    let row = rows::one(&daemon, "is:failed").await;
    assert_eq!(row["kind"], "tls_failure", "{row}");
}

#[tokio::test]
async fn python_urllib_and_requests() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for (script, path) in [("get.py", "/json?urllib"), ("get_requests.py", "/json?requests")] {
        let mut command = program::command(program::need(&["python3"]), &daemon.place().home());
        command.arg(program::tests_folder().join("clients").join(script)).arg(origin.url(path));
        command.env("https_proxy", format!("http://{}", daemon.proxy()));
        command.env("SSL_CERT_FILE", daemon.ca_file()).env("REQUESTS_CA_BUNDLE", daemon.ca_file());
        let output = program::run(&mut command).await.expect(0);
        assert!(output.stdout.contains("waylay"), "{output:?}");
        rows::one(&daemon, &rows::of(&origin.url(path))).await;
    }
}

#[tokio::test]
async fn node_through_a_tunnel() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let mut command = program::command(program::need(&["node"]), &daemon.place().home());
    command.arg(program::tests_folder().join("clients/get.mjs")).arg(origin.url("/json"));
    command.env("HTTPS_PROXY", format!("http://{}", daemon.proxy())).env("NODE_EXTRA_CA_CERTS", daemon.ca_file());
    let output = program::run(&mut command).await.expect(0);
    assert!(output.stdout.contains("waylay"), "{output:?}");
    rows::one(&daemon, "path:/json").await;
}
