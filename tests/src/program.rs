//! Programs run to their end.

use crate::wait;
use serde_json::Value;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{io::AsyncWriteExt, process::Command};

/// What a program left behind.
#[derive(Debug)]
pub struct Output {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Panics with everything the program said unless it exited with `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }

    /// Standard output as one JSON document per line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines.map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e} in {l:?}"))).collect()
    }
}

/// The `waylay` that belongs to this test run: beside the test binary, or where `WAYLAY_TEST_BINARY` says.
pub fn waylay() -> PathBuf {
    let path = std::env::var_os("WAYLAY_TEST_BINARY").map_or_else(beside_tests, PathBuf::from);
    assert!(path.is_file(), "{} is not built: run `cargo build --workspace` or tests/run", path.display());
    path
}

fn beside_tests() -> PathBuf {
    let this = std::env::current_exe().expect("this program has a path");
    let folder = this.parent().expect("a program lies in a folder");
    // Tests lie in target/PROFILE/deps, programs in target/PROFILE.
    let profile = if folder.ends_with("deps") { folder.parent().expect("a folder above deps") } else { folder };
    profile.join("waylay")
}

/// Where the repository's `tests/` folder is.
pub fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The first of `names` found on the path or under `tests/.cache/venv/bin`.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let mut folders = vec![tests_folder().join(".cache/venv/bin")];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    names.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|p| p.is_file()))
}

/// [`find`], or a panic that says how to get it.
pub fn need(names: &[&str]) -> PathBuf {
    find(names).unwrap_or_else(|| panic!("none of {names:?} is installed: tests/run installs what the tests need"))
}

/// A command with an environment that holds nothing but `PATH` and a `HOME` of its own: no proxy of the machine, no
/// configuration of its user.
pub fn command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", home);
    command.env("LANG", "C.UTF-8").current_dir(home).kill_on_drop(true).stdin(Stdio::null());
    command
}

/// Runs `command` to its end, within the deadline.
pub async fn run(command: &mut Command) -> Output {
    run_with_input(command, None).await
}

/// [`run`] with bytes for its standard input.
pub async fn run_with_input(command: &mut Command, input: Option<&[u8]>) -> Output {
    let what = format!("{:?} to end", command.as_std());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{:?}: {e}", command.as_std()));
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin.write_all(input).await.expect("the program reads its input");
    }
    let output = wait::within(&what, child.wait_with_output()).await.expect("a program can be waited for");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
