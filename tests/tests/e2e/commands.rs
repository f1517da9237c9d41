//! The commands that read, each as people and as programs use it.

use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::Value;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use waylay_tests::{
    client,
    daemon::Daemon,
    origin::{Origin, routes::ENCODED},
    program, rows, wait,
};

async fn with_rows() -> (Daemon, Origin) {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    for path in ["/json", "/gzip", "/status/404"] {
        client::get(&daemon, &origin.url(path)).await;
        rows::one(&daemon, &format!("path:{path}")).await;
    }
    (daemon, origin)
}

#[tokio::test]
async fn ls_lists_filters_and_speaks_json() {
    let (daemon, origin) = with_rows().await;
    let text = daemon.waylay(&["ls"]).await.expect(0).stdout;
    for word in ["/json", "/gzip", "/status/404", "404", "GET", "localhost"] {
        assert!(text.contains(word), "{word} is missing:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour where nobody looks");
    let lines = daemon.waylay(&["ls", "--jsonl"]).await.expect(0).json_lines();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["url"], origin.url("/json").as_str());
    let page = daemon.waylay(&["ls", "--json", "status:404"]).await.expect(0).json();
    let paths: Vec<&str> = page["items"].as_array().unwrap().iter().filter_map(|r| r["path"].as_str()).collect();
    assert_eq!(paths, ["/status/404"]);
    assert_eq!(daemon.waylay(&["ls", "-n", "1", "--jsonl"]).await.expect(0).json_lines().len(), 1);
    assert_eq!(page["items"][0], daemon.api().get("/exchanges?filter=status%3A404").await["items"][0], "one shape");
}

#[tokio::test]
async fn show_and_body_tell_everything_of_one_exchange() {
    let (daemon, _origin) = with_rows().await;
    let row = rows::one(&daemon, "path:/gzip").await;
    let text = daemon.waylay(&["show", rows::id(&row)]).await.expect(0).stdout;
    for word in ["GET", "/gzip", "200", "content-encoding: gzip", "TLS 1.3", "h2", "localhost"] {
        assert!(text.to_lowercase().contains(&word.to_lowercase()), "{word} is missing:\n{text}");
    }
    let shown = daemon.waylay(&["show", "@last", "--json"]).await.expect(0).json();
    assert_eq!(shown["path"], "/status/404");
    assert_eq!(shown, daemon.api().get("/exchanges/@last").await, "one shape");
    assert_eq!(daemon.waylay(&["body", rows::id(&row)]).await.expect(0).stdout.trim_end(), ENCODED, "decoded");
}

#[tokio::test]
async fn what_is_stored_is_read_without_a_daemon() {
    let (daemon, _origin) = with_rows().await;
    let place = daemon.stop().await;
    assert_eq!(place.waylay(&["ls", "--jsonl"]).await.expect(0).json_lines().len(), 3);
    assert_eq!(place.waylay(&["show", "@last", "--json"]).await.expect(0).json()["status"], 404);
    place.waylay(&["body", "@last"]).await.expect(0);
}

#[tokio::test]
async fn tail_follows() {
    let daemon = Daemon::start().await;
    let origin = Origin::plain().await;
    let mut command = program::command(program::waylay(), &daemon.place().home());
    command.arg("--data-dir").arg(daemon.data()).args(["tail", "--jsonl", "path:/json"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Which of these is the first that `tail` sees depends on when it is ready; it must see one.
    let row: Value = wait::within("a followed row", async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
        loop {
            tokio::select! {
                line = lines.next_line() => break serde_json::from_str(&line.unwrap().expect("tail goes on")).unwrap(),
                _ = ticks.tick() => {
                    client::get(&daemon, &origin.url("/chunked")).await;
                    client::get(&daemon, &origin.url("/json")).await;
                }
            }
        }
    })
    .await;
    assert_eq!(row["path"], "/json", "{row}");
    let pid = rustix::process::Pid::from_raw(child.id().unwrap() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = wait::within("tail to end", child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(130), "{status:?}");
}

#[tokio::test]
async fn status_says_where_everything_is() {
    let daemon = Daemon::start().await;
    let text = daemon.waylay(&["status"]).await.expect(0).stdout;
    for fact in [daemon.proxy().to_string(), daemon.ui().to_string(), daemon.pid().to_string()] {
        assert!(text.contains(&fact), "{fact} is missing:\n{text}");
    }
    assert_eq!(daemon.waylay(&["status", "--json"]).await.expect(0).json()["pid"], daemon.pid());
    let printed = daemon.stdout();
    for address in [daemon.proxy(), daemon.ui()] {
        assert!(printed.contains(&address.to_string()), "`start` prints both addresses:\n{printed}");
    }
}

#[tokio::test]
async fn env_is_what_a_shell_evaluates() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["http/1.1"]).await;
    let mut command = program::command("sh", &daemon.place().home());
    let script = r#"eval "$("$1" --data-dir "$2" env)" && curl -sS "$3""#;
    command.args(["-c", script, "sh"]).arg(program::waylay()).arg(daemon.data()).arg(origin.url("/json"));
    let output = program::run(&mut command).await.expect(0);
    assert!(output.stdout.contains("waylay"), "{output:?}");
    rows::one(&daemon, "path:/json").await;
    let unset = daemon.waylay(&["env", "--unset"]).await.expect(0).stdout;
    assert!(unset.contains("https_proxy") && !unset.contains("127.0.0.1"), "{unset}");
    for shell in ["sh", "fish", "powershell"] {
        let text = daemon.waylay(&["env", "--shell", shell]).await.expect(0).stdout;
        assert!(text.contains(&daemon.proxy().port().to_string()), "{shell}: {text}");
    }
}

#[tokio::test]
async fn ca_shows_and_exports_the_certificate() {
    let daemon = Daemon::start().await;
    let pem = daemon.waylay(&["ca", "export"]).await.expect(0).stdout;
    assert_eq!(pem.trim(), daemon.ca_pem().trim());
    let bundle = daemon.waylay(&["ca", "export", "--bundle"]).await.expect(0).stdout;
    assert!(bundle.contains(pem.trim()), "our CA is in the bundle");
    let mut command = program::command("sh", &daemon.place().home());
    command.args(["-c", r#""$1" --data-dir "$2" ca export --format cer > der"#, "sh"]).arg(program::waylay());
    program::run(command.arg(daemon.data())).await.expect(0);
    let der = std::fs::read(daemon.place().home().join("der")).unwrap();
    let parsed: CertificateDer<'_> = PemObject::from_pem_slice(pem.as_bytes()).unwrap();
    assert_eq!(der, parsed.as_ref());
    let shown = daemon.waylay(&["ca", "show", "--json"]).await.expect(0).json();
    let told = daemon.api().get("/ca").await;
    assert_eq!(shown["sha256"], told["sha256"], "{shown}");
    let text = daemon.waylay(&["ca", "show"]).await.expect(0).stdout;
    assert!(text.contains(told["sha256"].as_str().unwrap()), "{text}");
}

#[tokio::test]
async fn config_is_kept_explained_and_overridden() {
    let place = waylay_tests::daemon::Place::new();
    let default = place.waylay(&["config", "get", "proxy.port"]).await.expect(0).stdout;
    assert_eq!(default.trim(), "5559");
    place.waylay(&["config", "set", "proxy.port", "6001"]).await.expect(0);
    assert_eq!(place.waylay(&["config", "get", "proxy.port"]).await.expect(0).stdout.trim(), "6001");
    let file = place.waylay(&["config", "path"]).await.expect(0).stdout;
    let file = std::fs::read_to_string(file.trim()).expect("the file is where it says");
    assert!(file.contains("6001"), "{file}");
    let mut command = program::command(program::waylay(), &place.home());
    command.env("WAYLAY_PROXY_PORT", "6002").args(["config", "get", "proxy.port", "--explain"]);
    let text = program::run(&mut command).await.expect(0).stdout;
    assert!(text.contains("6002") && text.contains("WAYLAY_PROXY_PORT"), "the environment wins: {text}");
    let list = place.waylay(&["config", "list", "--json"]).await.expect(0).json();
    assert!(list.to_string().contains("proxy.port"), "{list}");
}

#[tokio::test]
async fn version_help_completions_and_manual() {
    let place = waylay_tests::daemon::Place::new();
    let version = place.waylay(&["--version"]).await.expect(0).stdout;
    assert!(version.starts_with("waylay 0."), "{version}");
    let json = place.waylay(&["--version", "--json"]).await.expect(0).json();
    assert!(json.to_string().contains(version.trim().trim_start_matches("waylay ")), "{json}");
    let help = place.waylay(&["--help"]).await.expect(0).stdout;
    for command in ["start", "status", "stop", "run", "env", "ls", "tail", "show", "body", "resend", "ca", "config"] {
        assert!(help.lines().any(|l| l.trim_start().starts_with(command)), "{command} is missing:\n{help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.waylay(&["completions", shell]).await.expect(0).stdout.contains("resend"), "{shell}");
    }
    let folder = place.home().join("man");
    std::fs::create_dir(&folder).unwrap();
    place.waylay(&["man", folder.to_str().unwrap()]).await.expect(0);
    let pages: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(pages.iter().any(|p| p == "waylay.1") && pages.len() > 5, "{pages:?}");
}
