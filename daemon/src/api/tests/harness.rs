use super::schema;
use crate::{
    api::{Api, Token, events::Hub, server::Limits},
    engine::{Engine, Settings},
    fixtures,
};
use bytes::Bytes;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use waylay_storage::{
    Event,
    model::{BodyEnd, BodyRecord, Exchange, ExchangeId, Message, Part, Scheme, SessionId, Timings},
};

/// How long anything may take before a test fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon with its API, in a folder of its own.
pub(super) struct Daemon {
    pub(super) engine: Arc<Engine>,
    pub(super) address: SocketAddr,
    pub(super) token: String,
    pub(super) link: String,
    pub(super) hub: Arc<Hub>,
    server: JoinHandle<()>,
    _dir: TempDir,
}

impl Daemon {
    pub(super) async fn start() -> Self {
        Self::start_within(Limits::default()).await
    }

    pub(super) async fn start_within(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { data_dir: dir.path().to_owned(), ..Settings::default() };
        let engine = Engine::start(settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let token = Token::create(dir.path()).unwrap();
        let revealed = token.reveal().to_owned();
        let api = Api::new(Arc::clone(&engine), token, &[address]).unwrap();
        let link = api.login_link().unwrap();
        let hub = Arc::clone(&api.shared.hub);
        let server = tokio::spawn(api.serve_within(limits, vec![listener]));
        Self { engine, address, token: revealed, link, hub, server, _dir: dir }
    }

    /// Waits for the server to end by itself, then ends the rest.
    pub(super) async fn stopped(self) {
        timeout(PATIENCE, self.server).await.expect("the API ends with the daemon").unwrap();
        self.engine.shutdown(Duration::from_secs(5)).await;
    }

    pub(super) async fn stop(self) {
        self.engine.stopping().cancel();
        self.stopped().await;
    }

    /// Headers of a program that knows the token.
    pub(super) fn program(&self) -> String {
        format!("Host: {}\r\nAuthorization: Bearer {}\r\n", self.address, self.token)
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn session(&self) -> SessionId {
        self.engine.current_session().unwrap()
    }

    /// Writes exactly these bytes on a new connection and reads all of the answer.
    pub(super) async fn raw(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_ref()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an answer in time").unwrap();
        Answer::parse(&bytes)
    }

    /// Asks once and closes. `headers` are whole lines. What comes back is compared with the API's document.
    pub(super) async fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n{headers}{length}\r\n");
        let answer = self.raw(format!("{head}{body}")).await;
        if let Some(path) = target.strip_prefix("/api/v1") {
            let path = path.split('?').next().unwrap_or_default();
            let media_type = answer.header("content-type");
            let compared = schema::check(method, path, answer.status, media_type, &answer.body);
            assert_eq!(compared, Ok(()), "the document is wrong, or the answer is");
        }
        answer
    }

    /// `GET` below `/api/v1` as a program.
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("/api/v1{path}"), &self.program(), "").await
    }

    /// `POST` of JSON below `/api/v1` as a program.
    pub(super) async fn post(&self, path: &str, body: &str) -> Answer {
        let headers = self.program() + "Content-Type: application/json\r\n";
        self.ask("POST", &format!("/api/v1{path}"), &headers, body).await
    }

    /// Logs a browser in: its headers, and the token for writes.
    pub(super) async fn log_in(&self) -> (String, String) {
        let code = self.link.split_once("#login=").unwrap().1;
        let answer = self.redeem(code).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        (format!("Host: {}\r\nCookie: {cookie}\r\n", self.address), token)
    }

    pub(super) async fn redeem(&self, code: &str) -> Answer {
        let headers =
            format!("Host: {}\r\nOrigin: {}\r\nContent-Type: application/json\r\n", self.address, self.origin());
        self.ask("POST", "/api/v1/login", &headers, &format!("{{\"code\":\"{code}\"}}")).await
    }

    /// Stores an exchange.
    pub(super) async fn store(&self, exchange: Exchange) -> ExchangeId {
        let id = exchange.id;
        self.engine.store().queue().push(Event::Done(Box::new(exchange)));
        self.flush().await;
        id
    }

    /// Stores an exchange that is under way.
    pub(super) async fn store_open(&self, exchange: Exchange) -> ExchangeId {
        let id = exchange.id;
        self.engine.store().queue().push(Event::Open(Box::new(exchange)));
        self.flush().await;
        id
    }

    /// Stores the row of a message; its payload is stored by [`Self::store_chunk`].
    pub(super) fn store_message(&self, message: Message) {
        self.engine.store().queue().push(Event::Message(Box::new(message)));
    }

    /// Stores bytes of a body that is too large to come whole.
    pub(super) fn store_chunk(&self, seq: i64, part: Part, offset: u64, data: Bytes) {
        let queue = self.engine.store().queue();
        queue.budget().force(data.len());
        queue.push(Event::Chunk { seq, part, offset, data });
    }

    pub(super) async fn flush(&self) {
        let store = Arc::clone(self.engine.store());
        tokio::task::spawn_blocking(move || store.flush()).await.unwrap().unwrap();
    }

    /// An exchange as the recorder would make it, not yet stored.
    pub(super) fn exchange(&self, path: &str, response_fields: &str, body: &[u8]) -> Exchange {
        let store = self.engine.store();
        let whole = |bytes: &[u8]| BodyRecord {
            size: bytes.len() as u64,
            parts: vec![Bytes::copy_from_slice(bytes)],
            end: BodyEnd::Complete,
            ..BodyRecord::default()
        };
        Exchange {
            seq: store.ids().next_seq(),
            id: store.ids().next_exchange(self.session()),
            started_us: 1_700_000_000_000_000,
            timings: Timings { ready_us: Some(10), head_us: Some(20), end_us: Some(30), ..Timings::default() },
            scheme: Scheme::Http,
            port: 80,
            path: path.to_owned(),
            request_head: format!("GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n").into(),
            response_head: format!("HTTP/1.1 200 OK\r\n{response_fields}\r\n").into(),
            request: BodyRecord { end: BodyEnd::Complete, ..BodyRecord::default() },
            response: whole(body),
            ..fixtures::exchange()
        }
    }
}

/// An answer, taken apart.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {bytes:?}"));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Self { status, head, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunk(&answer.body);
        }
        answer
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|l| l.split_once(':'));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim()).next()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Asserts the shape of an error, and returns its message.
    pub(super) fn error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let error = &self.json()["error"];
        assert_eq!(error["code"], code, "{error}");
        error["message"].as_str().unwrap().to_owned()
    }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|w| w == b"\r\n") else { return body };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 2 + size + 2..];
    }
}
