//! A client of the Hoppscotch Agent's protocol: a Node.js program with its own crypto (`tests/clients/hoppscotch.mjs`).

use crate::{
    daemon::{Daemon, Launch},
    program, wait,
};
use serde_json::{Value, json};
use std::{collections::HashMap, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
};

/// The page it plays.
pub const ORIGIN: &str = "https://client.example";

/// A daemon that serves such clients from the start on, at any port.
pub async fn daemon() -> Daemon {
    Launch::new().args(&["--hoppscotch", "--hoppscotch-port", "0"]).start().await
}

/// Where a daemon serves them.
pub async fn port(daemon: &Daemon) -> u16 {
    wait::until("the port to be open", || async {
        let status = daemon.api().get("/status").await;
        let first = status["hoppscotch"]["addresses"][0].as_str()?.to_owned();
        first.rsplit_once(':')?.1.parse().ok()
    })
    .await
}

/// Opens a window for pairing, and answers its code.
pub async fn code(daemon: &Daemon, origin: &str, rights: Value) -> String {
    let window = json!({ "origin": origin, "hoppscotch": true, "rights": rights });
    let answer = daemon.api().post("/agent/windows", &window).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["code"].as_str().expect("a code").to_owned()
}

/// A request as the client writes it, with these members besides.
pub fn request(method: &str, url: &str, members: Value) -> Value {
    let mut request = json!({
        "id": 1_795_314_053_950_i64, "version": "HTTP/1.1", "method": method, "url": url,
        "headers": { "User-Agent": "HoppscotchKernel/0.2.0" }, "params": {}, "auth": { "kind": "none" },
        "content": null, "security": { "verifyHost": true, "verifyPeer": true }, "proxy": null,
        "meta": { "options": { "followRedirects": true } },
    });
    let all = request.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("members").clone());
    request
}

/// The client.
pub struct Client {
    _child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    last: u64,
    early: HashMap<u64, Value>,
}

impl Client {
    /// A page of `origin`.
    pub async fn new(port: u16, origin: &str) -> Self {
        let home = std::env::temp_dir();
        let mut command = program::command(program::need(&["node"]), &home);
        command.arg(program::tests_folder().join("clients/hoppscotch.mjs")).args([&port.to_string(), origin]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("node starts");
        let commands = child.stdin.take().expect("standard input");
        let answers = BufReader::new(child.stdout.take().expect("standard output")).lines();
        Self { _child: child, commands, answers, last: 0, early: HashMap::new() }
    }

    /// One that is paired with these rights.
    pub async fn paired(daemon: &Daemon, rights: Value) -> Self {
        // With the window, the port is open.
        let code = code(daemon, ORIGIN, rights).await;
        let mut client = Self::new(port(daemon).await, ORIGIN).await;
        let answer = client.run(json!({ "do": "verify", "code": code })).await;
        assert_eq!(answer["status"], 200, "{answer}");
        client
    }

    /// Begins a command; the number it is waited for by.
    pub async fn begin(&mut self, mut command: Value) -> u64 {
        self.last += 1;
        command["n"] = self.last.into();
        self.commands.write_all(format!("{command}\n").as_bytes()).await.expect("node reads");
        self.last
    }

    /// The answer to a command.
    pub async fn wait(&mut self, n: u64) -> Value {
        loop {
            if let Some(answer) = self.early.remove(&n) {
                return answer;
            }
            let line = wait::within("an answer by Node", self.answers.next_line()).await.expect("a line");
            let answer: Value = serde_json::from_str(&line.expect("node goes on")).expect("JSON");
            self.early.insert(answer["n"].as_u64().expect("a number"), answer);
        }
    }

    /// A command and its answer.
    pub async fn run(&mut self, command: Value) -> Value {
        let n = self.begin(command).await;
        self.wait(n).await
    }

    /// Any request.
    pub async fn ask(&mut self, method: &str, path: &str, headers: Value, body: Option<&str>) -> Value {
        self.run(json!({ "do": "ask", "method": method, "path": path, "headers": headers, "body": body })).await
    }

    /// Sends a request; panics unless an answer came.
    pub async fn execute(&mut self, request: Value) -> Value {
        let answer = self.run(json!({ "do": "execute", "request": request })).await;
        assert_eq!(answer["status"], 200, "{answer}");
        answer
    }
}

/// The body of an answer as text.
pub fn text(answer: &Value) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let bytes = BASE64_STANDARD.decode(answer["body"]["base64"].as_str().expect("a small body")).expect("base64");
    String::from_utf8(bytes).expect("text")
}

/// The body of an answer as JSON.
pub fn body(answer: &Value) -> Value {
    serde_json::from_str(&text(answer)).unwrap_or_else(|e| panic!("{e}: {answer}"))
}
