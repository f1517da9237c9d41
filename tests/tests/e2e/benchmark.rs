//! The benchmark and the mixed load do what they say; how fast is not looked at here.

use std::time::Duration;
use waylay_tests::program::{self, Output};

/// A trial is over in some seconds on an idle machine.
const BOUND: Duration = Duration::from_secs(300);

async fn run(program: &str, args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = program::command(program, home.path());
    command.args(args).env("WAYLAY_TEST_BINARY", program::waylay());
    let output = tokio::time::timeout(BOUND, command.output()).await.expect("an end within minutes").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[tokio::test]
async fn the_benchmark_does_all_works_and_finds_everything_stored() {
    let output = run(env!("CARGO_BIN_EXE_bench"), &["--quick"]).await.expect(0);
    for work in [
        "| 1 KiB, HTTP/1.1, 1 connection | CPU, of bare's |",
        "| 1 KiB, HTTP/1.1, 32 connections | CPU, of bare's |",
        "| 1 KiB, HTTP/2, 1 connection | CPU, of bare's |",
        "| 1 KiB, HTTP/2, 32 connections | CPU, of bare's |",
        "| 100 KiB, HTTP/1.1, 32 connections | CPU, of bare's |",
        "| 1 KiB, new connection per request | CPU, of bare's |",
        "| 1 KiB, new host name per connection | CPU, of bare's |",
        "| 1 GiB download, HTTP/1.1 | rate, of bare's |",
        "| first start | first proxied answer |",
        "| idle | memory |",
        "Everything that was asked for was stored.",
    ] {
        assert!(output.stdout.contains(work), "{work:?} is missing in {}", output.stdout);
    }
}

#[tokio::test]
async fn the_mixed_load_ends_with_a_database_in_order() {
    let output = run(env!("CARGO_BIN_EXE_soak"), &["3"]).await.expect(0);
    assert!(output.stdout.contains("the database is in order"), "{}", output.stdout);
}
