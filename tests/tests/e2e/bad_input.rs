//! Bad input: one clear line, the right exit code, and the next client is served.

use std::{fs, os::unix::fs::PermissionsExt};
use tokio::io::AsyncWriteExt;
use waylay_tests::{
    client::{self, raw},
    daemon::{Daemon, Place},
    origin::Origin,
    program::Output,
};

/// One error: short, without a panic or the inside of a type.
fn assert_clear(output: &Output) {
    assert!(output.stdout.is_empty(), "{}", output.stdout);
    assert!(!output.stderr.is_empty() && output.stderr.lines().count() <= 8, "{}", output.stderr);
    for forbidden in ["panicked", "RUST_BACKTRACE", "Error {", "Os {", "unwrap"] {
        assert!(!output.stderr.contains(forbidden), "{}", output.stderr);
    }
}

#[tokio::test]
async fn an_unknown_command_key_or_flag_names_the_nearest() {
    let place = Place::new();
    for (args, code, nearest) in [
        (&["lss"][..], 2, "ls"),
        (&["statsu"], 2, "status"),
        (&["ls", "--jsno"], 2, "--jsno"),
        (&["ls", "metod:GET"], 2, "method"),
        (&["config", "get", "proxy.prot"], 4, "proxy.port"),
        (&["config", "set", "proxy.prot", "1"], 4, "proxy.port"),
    ] {
        let output = place.waylay(args).await.expect(code);
        assert_clear(&output);
        assert!(output.stderr.contains(nearest), "{args:?}: {}", output.stderr);
    }
    let output = place.waylay(&["config", "set", "proxy.port", "70000"]).await.expect(2);
    assert_clear(&output);
    assert!(output.stderr.contains("65535"), "{}", output.stderr);
}

#[tokio::test]
async fn ids_that_are_none_and_ids_that_are_not_there() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    waylay_tests::rows::one(&daemon, "path:/json").await;
    for command in ["show", "body", "resend"] {
        let output = daemon.waylay(&[command, "9.9"]).await.expect(4);
        assert_clear(&output);
        assert!(output.stderr.contains("9.9") && output.stderr.contains("1.1"), "the nearest: {}", output.stderr);
        let output = daemon.waylay(&[command, "nonsense"]).await.expect(4);
        assert_clear(&output);
        assert!(output.stderr.contains("nonsense"), "{}", output.stderr);
    }
}

#[tokio::test]
async fn without_a_daemon_and_without_a_store() {
    let place = Place::new();
    for args in [&["status"][..], &["stop"]] {
        let output = place.waylay(args).await.expect(3);
        assert!(output.stderr.contains("waylay"), "it says what to type: {}", output.stderr);
    }
    let output = place.waylay(&["show", "@last"]).await;
    assert!(matches!(output.code, Some(4 | 7)), "{output:?}");
    assert_clear(&output);
}

#[tokio::test]
async fn a_data_folder_that_is_a_file_or_cannot_be_written() {
    let place = Place::new();
    fs::write(place.data(), "a file").unwrap();
    let output = place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await;
    assert!(matches!(output.code, Some(6 | 7)), "{output:?}");
    assert_clear(&output);
    assert!(output.stderr.contains(place.data().to_str().unwrap()), "{}", output.stderr);
    assert_eq!(fs::read(place.data()).unwrap(), b"a file", "it is left as it was");

    if rustix::process::geteuid().is_root() {
        println!("skipped in part: nothing is unwritable for root");
        return;
    }
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    fs::set_permissions(place.data(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_clear(&place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await.expect(6));
}

#[tokio::test]
async fn an_unreadable_ca_or_a_broken_extra_root_is_said_clearly() {
    let place = Daemon::start().await.stop().await;
    fs::write(place.data().join("ca/waylay-ca.key"), "not a key").unwrap();
    let output = place.waylay(&["start", "--port", "0", "--ui-port", "0"]).await;
    assert_ne!(output.code, Some(0));
    assert_clear(&output);
    assert!(output.stderr.contains("waylay-ca.key"), "{}", output.stderr);

    let place = Place::new();
    for file in ["/no/such/file.pem", place.home().to_str().unwrap()] {
        let args = ["start", "--port", "0", "--ui-port", "0", "--upstream-ca", file];
        let output = place.waylay(&args).await;
        assert!(output.code.is_some_and(|c| c != 0), "{output:?}");
        assert_clear(&output);
        assert!(output.stderr.contains(file), "{}", output.stderr);
    }
}

#[tokio::test]
async fn garbage_on_the_proxy_port_is_refused_and_the_next_client_is_served() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let long = format!("GET http://localhost/{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("GET http://localhost/ HTTP/1.1\r\n{}\r\n", "X-Header: 1\r\n".repeat(100_000));
    let garbage: [&[u8]; 12] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\x00\x00\x00\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"CONNECT HTTP/1.1\r\n\r\n",
        b"CONNECT :0 HTTP/1.1\r\nHost: :0\r\n\r\n",
        b"CONNECT localhost:99999 HTTP/1.1\r\nHost: localhost:99999\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST http://localhost/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in garbage {
        let mut socket = raw::connect(daemon.proxy()).await;
        // It may close while we are still sending.
        let _ = socket.write_all(bytes).await;
        let _ = socket.shutdown().await;
        let answer = raw::text(&raw::read_to_end(&mut socket).await);
        let start = raw::text(&bytes[..bytes.len().min(60)]);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{start:?}: {answer}");
        assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 200, "after {start:?}");
    }
}

#[tokio::test]
async fn garbage_inside_tls_is_refused_and_the_next_client_is_served() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for (alpn, bytes) in
        [("http/1.1", &b"\x00\xffnonsense\r\n\r\n"[..]), ("h2", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\nrubbish")]
    {
        let tunnel = raw::tunnel(daemon.proxy(), &origin.authority()).await;
        let mut stream = raw::tls(tunnel, &daemon.ca_pem(), "localhost", &[alpn]).await.unwrap();
        raw::send(&mut stream, bytes).await;
        let _ = stream.shutdown().await;
        raw::read_to_end(&mut stream).await;
        assert_eq!(client::get(&daemon, &origin.url("/json")).await.status, 200);
    }
}
