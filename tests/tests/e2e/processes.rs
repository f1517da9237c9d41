//! Which process a client is, told by its connection's row.

use serde_json::Value;
use std::process::Stdio;
use waylay_tests::{
    client::{Link, Speak, empty},
    daemon::Daemon,
    origin::Origin,
    program, rows, wait,
};

/// The process of the client of the one row for `url`, once it is known.
async fn process(daemon: &Daemon, url: &str) -> (Value, Value) {
    wait::until("the client's process to be known", || async {
        let row = rows::list(daemon, &rows::of(url)).await.pop()?;
        let detail = rows::detail(daemon, &row).await;
        let process = detail["client_connection"]["process"].clone();
        (!process.is_null()).then_some((row, process))
    })
    .await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn curl_is_known_by_its_name_and_its_number() {
    let daemon = Daemon::start().await;
    for origin in [Origin::plain().await, Origin::tls(&["h2"]).await] {
        let url = origin.url("/gated");
        let mut command = program::command(program::need(&["curl"]), &daemon.place().home());
        command.args(["-sS", "--max-time", "25", "--proxy"]).arg(format!("http://{}", daemon.proxy()));
        command.arg("--cacert").arg(daemon.ca_file()).arg(&url).stdout(Stdio::null());
        let mut curl = command.spawn().unwrap();
        let (row, process) = process(&daemon, &url).await;
        assert_eq!((&process["name"], &process["pid"]), (&"curl".into(), &curl.id().into()), "{process}");
        origin.notes().open_gate();
        assert!(wait::within("curl to end", curl.wait()).await.unwrap().success());
        let shown = daemon.waylay(&["show", rows::id(&row)]).await.expect(0).stdout;
        assert!(shown.contains(&format!("curl ({})", process["pid"])), "{shown}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn clients_of_one_process_are_known_by_the_same() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let mut links = Vec::new();
    for (n, speak) in [Speak::Http1, Speak::Http2].into_iter().enumerate() {
        let url = origin.url(&format!("/json?{n}"));
        let mut link = Link::open(&daemon, &url, speak).await;
        link.send(http::Request::get(&url).body(empty()).unwrap()).await.unwrap();
        links.push(link);
        let (_, process) = process(&daemon, &url).await;
        assert_eq!(process["pid"], std::process::id(), "{process}");
    }
}
