//! Origins written in JavaScript, for protocols that their own libraries speak best. See `tests/clients`.

use super::NAMES;
use crate::{pki::Root, program, wait};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
};

/// A Node.js program that listens with TLS and a good certificate; it ends when this is dropped.
pub struct NodeOrigin {
    port: u16,
    _child: Child,
    folder: TempDir,
}

impl NodeOrigin {
    /// Runs `script` with `args`, then the paths of a certificate chain and its key, and waits for its port.
    pub async fn start(script: &str, args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [chain, key] = Root::shared().leaf(&NAMES).files(folder.path());
        let mut command = program::command(program::need(&["node"]), folder.path());
        command.arg(program::tests_folder().join("clients").join(script)).args(args).arg(chain).arg(key);
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let line = wait::within("a Node origin's port", lines.next_line()).await.expect("a line").unwrap_or_default();
        let port = line.parse().unwrap_or_else(|_| panic!("{script} said {line:?} instead of its port"));
        Self { port, _child: child, folder }
    }

    /// `localhost:port`.
    pub fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The URL of `path` (which begins with a slash).
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority())
    }

    /// An empty folder for what belongs to this origin.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
