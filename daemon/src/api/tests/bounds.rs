use super::harness::{Daemon, PATIENCE};
use crate::api::server::Limits;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let limits = Limits { head_time: Duration::from_millis(300), ..Limits::default() };
    let daemon = Daemon::start_within(limits).await;
    let half = format!("GET /api/v1/status HTTP/1.1\r\n{}X-Slow: ", daemon.program());
    for opening in ["", "G", half.as_str()] {
        let mut stream = TcpStream::connect(daemon.address).await.unwrap();
        stream.write_all(opening.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{opening:?} is still open");
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{opening:?}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn silent_connections_keep_nobody_out() {
    let limits = Limits { connections: 8, ..Limits::default() };
    let daemon = Daemon::start_within(limits).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(daemon.address).await.unwrap());
    }
    assert_eq!(daemon.get("/status").await.status, 200);
    let mut rest = Vec::new();
    let closed = timeout(PATIENCE, silent[0].read_to_end(&mut rest)).await;
    assert!(closed.is_ok_and(|read| read.is_err() || rest.is_empty()), "the oldest has given way");
    daemon.stop().await;
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let daemon = Daemon::start().await;
    let mut stream = TcpStream::connect(daemon.address).await.unwrap();
    let line = format!("X-Filler: {}\r\n", "x".repeat(1000));
    stream.write_all(format!("GET / HTTP/1.1\r\n{}", daemon.program()).as_bytes()).await.unwrap();
    let flood = async {
        // It breaks off when the other side has had enough.
        for _ in 0..10_000 {
            if stream.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
        panic!("ten megabytes of header were taken");
    };
    timeout(PATIENCE, flood).await.expect("it ends");
    assert_eq!(daemon.get("/status").await.status, 200);
    daemon.stop().await;
}

#[tokio::test]
async fn several_requests_go_over_one_connection() {
    let daemon = Daemon::start().await;
    let mut stream = TcpStream::connect(daemon.address).await.unwrap();
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\n{}\r\n", daemon.program());
    let last = format!("GET /api/v1/status HTTP/1.1\r\n{}Connection: close\r\n\r\n", daemon.program());
    for request in [ask("/api/v1/status"), ask("/api/v1/nowhere"), last] {
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    let mut answers = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answers)).await.unwrap().unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 404 Not Found").count(), 1, "{answers}");
    daemon.stop().await;
}

#[tokio::test]
async fn shutdown_is_answered_and_done() {
    let daemon = Daemon::start().await;
    let answer = daemon.post("/shutdown", "{}").await;
    assert_eq!((answer.status, &answer.json()["stopping"]), (202, &true.into()));
    let address = daemon.address;
    daemon.stopped().await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
