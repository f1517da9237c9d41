//! Headless Chromium, driven over WebDriver.

use crate::{program, wait};
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
};
use tempfile::TempDir;
use tokio::process::Child;

/// A browser with a profile of its own. Close it with [`Browser::close`]; dropping it kills it and its driver.
pub struct Browser {
    client: Client,
    driver: Child,
    /// Goes with the browser.
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium with more arguments, such as `--proxy-server=…`.
    pub async fn start(args: &[String]) -> Self {
        let chromium = program::need(&["chromium", "chromium-browser", "google-chrome"]);
        let profile = tempfile::tempdir().expect("a temporary folder");
        let (driver, address) = start_driver(profile.path()).await;
        let mut all: Vec<String> = [
            "--headless=new",
            "--no-first-run",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,800",
        ]
        .map(ToOwned::to_owned)
        .into();
        // The sandbox refuses to run as root; what is loaded here comes from our own origins.
        if rustix::process::geteuid().is_root() {
            all.push("--no-sandbox".into());
        }
        all.push(format!("--user-data-dir={}", profile.path().join("profile").display()));
        all.extend_from_slice(args);
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({"args": all, "binary": chromium}));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let url = format!("http://{address}");
        let client = wait::within("a browser session", builder.connect(&url)).await.expect("a browser session");
        Self { client, driver, _profile: profile }
    }

    /// The WebDriver session.
    pub fn page(&self) -> &Client {
        &self.client
    }

    /// Waits until a script (which ends in `return …`) answers something true; its answer.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        wait::until(what, || async {
            let answer = self.client.execute(script, vec![]).await.ok()?;
            (!matches!(&answer, Value::Null | Value::Bool(false)) && answer != "" && answer != 0).then_some(answer)
        })
        .await
    }

    /// Saves what the window shows where `WAYLAY_TEST_SCREENSHOTS` says, if it says so.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("WAYLAY_TEST_SCREENSHOTS") else { return };
        let image = self.client.screenshot().await.expect("a screenshot");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), image).expect("a file");
    }

    /// Ends browser and driver.
    pub async fn close(mut self) {
        let _ = self.client.clone().close().await;
        let _ = self.driver.kill().await;
    }
}

/// A test that fails must not leave a browser behind, which outlives its driver.
impl Drop for Browser {
    fn drop(&mut self) {
        let Some(driver) = self.driver.id() else { return };
        let children = std::fs::read_to_string(format!("/proc/{driver}/task/{driver}/children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
            let _ = kill_process(child, Signal::KILL);
        }
    }
}

/// Starts the driver on a free port. The port is free when it is chosen; should another program take it in between,
/// the driver ends and another port is tried.
async fn start_driver(home: &Path) -> (Child, SocketAddr) {
    let program = program::need(&["chromedriver"]);
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port on loopback");
        let mut command = program::command(&program, home);
        command.arg(format!("--port={}", free.port())).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("chromedriver starts");
        let up = wait::until("chromedriver", || {
            let ended = child.try_wait().expect("a child can be asked").is_some();
            async move {
                match tokio::net::TcpStream::connect(free).await {
                    _ if ended => Some(false),
                    Ok(_) => Some(true),
                    Err(_) => None,
                }
            }
        });
        if up.await {
            return (child, free);
        }
    }
    panic!("chromedriver found no port");
}
