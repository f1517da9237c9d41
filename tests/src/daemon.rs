//! The real daemon in a process of its own, with a data folder of its own and ports of its own.

use crate::{
    api::Api,
    pki::Root,
    program::{self, Output},
    wait,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

/// How long a daemon may take to end once it is asked to.
const END: Duration = Duration::from_secs(10);

/// A folder for one daemon, or for several one after the other: `data`, `home` and what they printed.
#[derive(Clone)]
pub struct Place {
    root: Arc<TempDir>,
}

impl Place {
    /// A new, empty place.
    pub fn new() -> Self {
        let root = Arc::new(tempfile::Builder::new().prefix("waylay-test-").tempdir().expect("a temporary folder"));
        fs::create_dir(root.path().join("home")).expect("a folder");
        fs::write(root.path().join("root.pem"), Root::shared().pem()).expect("a file");
        Self { root }
    }

    /// The daemon's data folder.
    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// A home without any configuration.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The root certificate of the tests' origins, as a file.
    pub fn root_pem(&self) -> PathBuf {
        self.root.path().join("root.pem")
    }

    /// Runs `waylay --data-dir … ARGS` to its end.
    pub async fn waylay(&self, args: &[&str]) -> Output {
        program::run(program::command(program::waylay(), &self.home()).arg("--data-dir").arg(self.data()).args(args))
            .await
    }

    fn log(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

/// How to start a daemon.
pub struct Launch {
    place: Place,
    wrapper: Vec<String>,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl Launch {
    /// In a place of its own, trusting the tests' root, on free ports.
    pub fn new() -> Self {
        Self::at(Place::new())
    }

    /// In a place that may hold the data of an earlier daemon.
    pub fn at(place: Place) -> Self {
        Self { place, wrapper: Vec::new(), args: Vec::new(), env: Vec::new() }
    }

    /// With more arguments.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(ToString::to_string));
        self
    }

    /// Under another program, such as a profiler, that runs the daemon in its own process.
    pub fn under(mut self, wrapper: &[String]) -> Self {
        self.wrapper.extend_from_slice(wrapper);
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it says on standard output that it is listening.
    pub async fn start(self) -> Daemon {
        let place = self.place;
        // A umask that forbids nothing: what is private is so because it was created so.
        let mut command = Command::new("sh");
        command.args(["-c", r#"umask 000; exec "$@""#, "sh"]).args(&self.wrapper).arg(program::waylay());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", place.home());
        command.arg("--data-dir").arg(place.data()).args(["start", "--port", "0", "--ui-port", "0", "--upstream-ca"]);
        // However full the disk is that the tests run on.
        command.env("WAYLAY_CAPTURE_MIN_FREE", "0");
        command.arg(place.root_pem()).args(&self.args).envs(self.env).current_dir(place.home());
        let output = |name| File::create(place.log(name)).expect("a file");
        command.stdin(Stdio::null()).stdout(output("stdout")).stderr(output("stderr"));
        let child = command.spawn().expect("waylay starts");
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut daemon = Daemon { place, child, proxy: nowhere, ui: nowhere, token: String::new() };
        daemon.wait_until_ready().await;
        daemon
    }
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}

/// A running daemon. Dropping it ends it: by SIGTERM, and by SIGKILL if that takes too long.
pub struct Daemon {
    place: Place,
    child: Child,
    proxy: SocketAddr,
    ui: SocketAddr,
    token: String,
}

impl Daemon {
    /// [`Launch::new`], started.
    pub async fn start() -> Self {
        Launch::new().start().await
    }

    async fn wait_until_ready(&mut self) {
        let line = wait::until("the daemon to say it is listening", || {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("the daemon ended ({status}):\n{}", self.output());
            }
            let ready = self.stdout().lines().any(|l| l.to_ascii_lowercase().contains("listening"));
            async move { ready.then_some(()) }
        });
        line.await;
        let facts = self.place.data().join("daemon.json");
        let facts: Value = wait::until("daemon.json", || async {
            fs::read(&facts).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
        })
        .await;
        assert_eq!(facts["pid"], self.child.id(), "daemon.json names the daemon: {facts}");
        self.proxy = first_address(&facts["proxy"]);
        self.ui = first_address(&facts["ui"]);
        let token = fs::read_to_string(self.place.data().join("token")).expect("the token file");
        token.trim().clone_into(&mut self.token);
    }

    /// The proxy's address on 127.0.0.1.
    pub fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// The address of UI and API on 127.0.0.1.
    pub fn ui(&self) -> SocketAddr {
        self.ui
    }

    /// The API's bearer token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A client of its API.
    pub fn api(&self) -> Api {
        Api::new(self.ui, &self.token)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its folders.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.place.data()
    }

    /// Its root certificate as PEM.
    pub fn ca_pem(&self) -> String {
        fs::read_to_string(self.ca_file()).expect("the daemon's root certificate")
    }

    /// The file of its root certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.data().join("ca/waylay-ca.pem")
    }

    /// Runs `waylay --data-dir … ARGS` beside it.
    pub async fn waylay(&self, args: &[&str]) -> Output {
        self.place.waylay(args).await
    }

    /// What it printed on standard output so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.place.log("stdout")).unwrap_or_default()
    }

    /// What it printed on standard error so far.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.place.log("stderr")).unwrap_or_default()
    }

    fn output(&self) -> String {
        format!("--- stdout\n{}--- stderr\n{}", self.stdout(), self.stderr())
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id() as i32).expect("a process id is not 0");
        // It may be gone already: then there is nothing to tell it.
        let _ = kill_process(pid, signal);
    }

    /// `kill -9`, and waits until it is gone. The place stays.
    pub async fn kill(mut self) -> Place {
        self.signal(Signal::KILL);
        self.ended().await;
        self.place.clone()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        wait::until("the daemon to end", || {
            let status = self.child.try_wait().expect("a child can be asked");
            async move { status }
        })
        .await
    }

    /// SIGTERM, and waits for an end in order. The place stays.
    pub async fn stop(mut self) -> Place {
        self.signal(Signal::TERM);
        let status = self.ended().await;
        assert!(status.success(), "an end by SIGTERM is in order, not {status}:\n{}", self.output());
        self.place.clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let ended = wait::blocking(END, || self.child.try_wait().ok().flatten());
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln_lines(&self.output(), &self.data());
        }
    }
}

/// On failure the daemon's own words belong to the test's output.
#[allow(clippy::print_stderr)]
fn eprintln_lines(output: &str, data: &Path) {
    eprintln!("{output}");
    let log = fs::read_dir(data.join("log")).into_iter().flatten().flatten();
    for file in log {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(40)..];
        eprintln!("--- {}\n{}", file.path().display(), last.join("\n"));
    }
}

/// The address on 127.0.0.1 in `{"addresses": ["127.0.0.1:5559", …]}` or in a plain list of them.
fn first_address(value: &Value) -> SocketAddr {
    let list = value.get("addresses").unwrap_or(value);
    let addresses = list.as_array().into_iter().flatten().filter_map(|a| a.as_str()?.parse::<SocketAddr>().ok());
    addresses.into_iter().find(SocketAddr::is_ipv4).unwrap_or_else(|| panic!("no address in {value}"))
}
