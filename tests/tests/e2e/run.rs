//! `waylay run`: a program's traffic in a session of its own, and its exit code passed on.

use std::os::unix::fs::PermissionsExt;
use waylay_tests::{
    daemon::{Daemon, Place},
    origin::Origin,
    program::{self, Output},
    rows,
};

/// Runs `waylay run ARGS` beside a daemon.
async fn run(daemon: &Daemon, args: &[&str]) -> Output {
    daemon.waylay(&[&["run"], args].concat()).await
}

#[tokio::test]
async fn curl_python_and_node_are_captured_without_any_setting() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let script = |name: &str| program::tests_folder().join("clients").join(name).to_str().unwrap().to_owned();
    let (python, requests, node) = (script("get.py"), script("get_requests.py"), script("get.mjs"));
    let python3 = program::need(&["python3"]).to_str().unwrap().to_owned();
    for (name, command) in [
        ("curl", &["curl", "-sS"][..]),
        ("urllib", &[&python3, &python]),
        ("requests", &[&python3, &requests]),
        ("node", &["node", &node]),
    ] {
        let url = origin.url(&format!("/json?{name}"));
        let output = run(&daemon, &[&["--name", name, "--"], command, &[url.as_str()]].concat()).await.expect(0);
        assert!(output.stdout.contains("waylay"), "{name}: {output:?}");
        let row = rows::one(&daemon, &rows::of(&url)).await;
        assert_eq!((&row["status"], &row["source"], &row["scheme"]), (&200.into(), &"run".into(), &"https".into()));
        let session = rows::id(&row).split('.').next().unwrap();
        let session = daemon.api().get(&format!("/sessions/{session}")).await;
        assert_eq!((&session["name"], &session["state"]), (&name.into(), &"stopped".into()), "{session}");
        assert!(session["command"].as_str().unwrap().contains(command[0]), "{session}");
        check_shown(&daemon).await;
    }
}

/// `show @last` has status, sizes, timings and TLS facts.
async fn check_shown(daemon: &Daemon) {
    let text = daemon.waylay(&["show", "@last"]).await.expect(0).stdout;
    for fact in ["200", "TLS 1.3", "ms", "application/json"] {
        assert!(text.contains(fact), "{fact} is missing:\n{text}");
    }
}

#[tokio::test]
async fn a_program_that_ignores_proxies_is_not_captured_in_silence() {
    let daemon = Daemon::start().await;
    // A Node of that age, whatever this machine has: it is asked for its version and then run.
    let node = daemon.place().home().join("node");
    std::fs::write(&node, "#!/bin/sh\n[ \"$1\" = --version ] && echo v20.11.0\nexit 0\n").unwrap();
    std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = run(&daemon, &["--", node.to_str().unwrap(), "script.js"]).await.expect(0);
    assert!(output.stderr.contains("20.11") && output.stderr.contains("proxy"), "{}", output.stderr);
}

#[tokio::test]
async fn the_exit_code_is_the_childs() {
    let daemon = Daemon::start().await;
    let home = daemon.place().home();
    let file = home.join("not-executable");
    std::fs::write(&file, "text").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    for (command, code) in [
        (&["true"][..], 0),
        (&["sh", "-c", "exit 7"], 7),
        (&["sh", "-c", "kill -TERM $$"], 143),
        (&["sh", "-c", "kill -KILL $$"], 137),
        (&["no-such-program-anywhere"], 127),
        (&[file.to_str().unwrap()], 126),
    ] {
        run(&daemon, &[&["--"], command].concat()).await.expect(code);
    }
    let sessions = daemon.api().get("/sessions").await;
    let recording = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["source"] == "run" && s["state"] == "recording")
        .count();
    assert_eq!(recording, 0, "every run's session is closed: {sessions}");
}

#[tokio::test]
async fn arguments_and_streams_pass_untouched() {
    let daemon = Daemon::start().await;
    let mut command = program::command(program::waylay(), &daemon.place().home());
    command.arg("--data-dir").arg(daemon.data());
    command.args(["run", "--", "sh", "-c", r#"cat; printf '%s|' "$@"; echo err >&2"#, "sh", "a b", "--json", "-v", ""]);
    let output = program::run_with_input(&mut command, Some(b"input ")).await.expect(0);
    assert_eq!(output.stdout, "input a b|--json|-v||");
    assert!(output.stderr.lines().any(|l| l == "err"), "{}", output.stderr);
}

#[tokio::test]
async fn inherited_settings_do_not_keep_it_from_being_captured() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut command = program::command(program::waylay(), &daemon.place().home());
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command.env("no_proxy", "localhost").env("NO_PROXY", "*").env("CURL_CA_BUNDLE", "/nowhere.pem");
    command.arg("--data-dir").arg(daemon.data()).args(["run", "--", "curl", "-sS"]).arg(origin.url("/json"));
    program::run(&mut command).await.expect(0);
    rows::one(&daemon, "path:/json").await;
}

#[tokio::test]
async fn runs_side_by_side_do_not_mix() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let (one, two) = (origin.url("/json?one"), origin.url("/json?two"));
    let commands = [["--", "curl", "-sS", &one], ["--", "curl", "-sS", &two]];
    let (first, second) = tokio::join!(run(&daemon, &commands[0]), run(&daemon, &commands[1]));
    first.expect(0);
    second.expect(0);
    let one = rows::one(&daemon, &rows::of(&one)).await;
    let two = rows::one(&daemon, &rows::of(&two)).await;
    assert_ne!(rows::id(&one).split('.').next(), rows::id(&two).split('.').next());
    assert!(rows::id(&one).ends_with(".1") && rows::id(&two).ends_with(".1"));
}

#[tokio::test]
async fn without_a_daemon_one_is_started_and_stays() {
    let place = Place::new();
    let origin = Origin::tls(&["http/1.1"]).await;
    let with_ports = |args: &[&str]| {
        let mut command = program::command(program::waylay(), &place.home());
        command.env("WAYLAY_PROXY_PORT", "0").env("WAYLAY_UI_PORT", "0").env("WAYLAY_UPSTREAM_CA", place.root_pem());
        command.arg("--data-dir").arg(place.data()).args(args);
        command
    };
    let url = origin.url("/json");
    let output = program::run(&mut with_ports(&["run", "--", "curl", "-sS", &url])).await;
    let stop = StopOnDrop(place.clone());
    let output = output.expect(0);
    assert!(output.stderr.contains("waylay stop"), "it says that a daemon stays and how to end it: {}", output.stderr);
    let status = place.waylay(&["status", "--json"]).await.expect(0).json();
    let output = program::run(&mut with_ports(&["run", "--", "curl", "-sS", &url])).await.expect(0);
    assert!(!output.stderr.contains("waylay stop"), "said once: {}", output.stderr);
    assert_eq!(place.waylay(&["status", "--json"]).await.expect(0).json()["pid"], status["pid"], "the same daemon");
    assert_eq!(place.waylay(&["ls", "--jsonl"]).await.expect(0).json_lines().len(), 2);
    place.waylay(&["stop"]).await.expect(0);
    place.waylay(&["status"]).await.expect(3);
    drop(stop);
}

/// Ends a detached daemon also when the test fails.
struct StopOnDrop(Place);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(program::waylay());
        let _ = command.arg("--data-dir").arg(self.0.data()).arg("stop").output();
    }
}
