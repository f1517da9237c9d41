//! Row 13: thousands who connect and say nothing do not keep others from being served, and are gone after a while.

use tokio::net::TcpStream;
use waylay_tests::{
    client::{self, raw},
    daemon::{Daemon, Launch},
    load::usage::Occupied,
    origin::{Origin, Scripted},
    wait,
};

const FLOOD: usize = 2000;

async fn flood(daemon: &Daemon) -> Vec<TcpStream> {
    let mut all = Vec::with_capacity(FLOOD);
    for _ in 0..FLOOD {
        all.push(raw::connect(daemon.proxy()).await);
    }
    all
}

fn used(daemon: &Daemon) -> Occupied {
    Occupied::by(daemon.pid()).expect("the daemon runs")
}

#[tokio::test]
async fn security_13_silent_clients_cost_little_and_are_let_go_of() {
    let daemon = Launch::new().env("WAYLAY_PROXY_HEAD_TIMEOUT", "4").start().await;
    let origin = Origin::plain().await;
    client::get(&daemon, &origin.url("/json")).await;
    let before = used(&daemon);
    let silent = flood(&daemon).await;
    assert_eq!(client::get(&daemon, &origin.url("/json?meanwhile")).await.status, 200);
    let during = used(&daemon);
    let each = (during.resident.saturating_sub(before.resident)) / FLOOD as u64;
    assert!(each < 32, "a silent client costs {each} KiB");
    wait::until("all of them to be let go of", || async {
        (used(&daemon).descriptors <= before.descriptors + 10).then_some(())
    })
    .await;
    drop(silent);
}

#[tokio::test]
async fn security_13_tunnels_without_a_word_are_let_go_of_for_others() {
    let limit = ["sh", "-c", r#"ulimit -n 256; exec "$@""#, "sh"].map(str::to_owned);
    let daemon = Launch::new().under(&limit).start().await;
    let (origin, silent) = (Origin::plain().await, Scripted::tcp(|mut wire| async move { wire.to_end().await }).await);
    let connect = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", silent.authority());
    let mut all = flood(&daemon).await;
    for client in &mut all {
        // Some have been let go of already.
        let _ = tokio::io::AsyncWriteExt::write_all(client, connect.as_bytes()).await;
    }
    let answer = wait::within("an answer in spite of all", client::get(&daemon, &origin.url("/json"))).await;
    assert_eq!(answer.status, 200);
}
