//! From nothing to the first proxied answer, and the memory of a daemon that has nothing to do.

use crate::{
    options::Options,
    report::{Goal, median},
};
use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, process::Child};
use waylay_tests::{
    client::Speak,
    daemon::{Daemon, Place},
    load::{Source, Way, usage::Occupied},
    program, wait,
};

const NAME: &str = "start";
const FIRST_ANSWER_MS: f64 = 100.;
const IDLE_MIB: f64 = 12.;

/// What starting took.
#[derive(Default)]
pub(crate) struct Started {
    /// Milliseconds to the first answer with an empty data folder: certificate authority and database are made.
    pub(crate) first_ms: Vec<f64>,
    /// The same with the data folder of an earlier run.
    pub(crate) again_ms: Vec<f64>,
    /// Resident memory in MiB of a daemon nobody has asked for anything.
    pub(crate) idle_mib: Vec<f64>,
    /// Of it, what is not mapped from files.
    pub(crate) own_mib: Vec<f64>,
}

/// Starts daemons one after the other.
pub(crate) async fn measure(options: &Options, goals: &mut Vec<Goal>) -> Started {
    let mut started = Started::default();
    if !options.wants(NAME) {
        return started;
    }
    let source = Source::start(&["http/1.1"]).await;
    for _ in 0..options.scaled(7, 1) {
        let place = Place::new();
        started.first_ms.push(to_first_answer(&place, &source).await);
        started.again_ms.push(to_first_answer(&place, &source).await);
        let idle = idle(options.scaled(Duration::from_secs(2), Duration::ZERO)).await;
        started.idle_mib.push(idle.resident as f64 / 1024.);
        started.own_mib.push(idle.own as f64 / 1024.);
    }
    for (what, ms) in [("first start", &started.first_ms), ("later start", &started.again_ms)] {
        let ms = median(ms);
        let (measured, goal) = (format!("{ms:.0} ms"), format!("{FIRST_ANSWER_MS} ms"));
        goals.push(Goal::at_most(what, "first proxied answer", ms, FIRST_ANSWER_MS, measured, goal));
    }
    let idle = median(&started.idle_mib);
    let (measured, goal) = (format!("{idle:.1} MiB"), format!("{IDLE_MIB} MiB"));
    goals.push(Goal::at_most("idle", "memory", idle, IDLE_MIB, measured, goal));
    started
}

/// Milliseconds from the start of the process to the end of the first answer through it.
async fn to_first_answer(place: &Place, source: &Source) -> f64 {
    let free = || TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port on loopback");
    let (proxy, url) = (free(), source.url("localhost", "/size/1024"));
    let mut command = program::command(program::waylay(), &place.home());
    command.arg("--data-dir").arg(place.data()).args(["start", "--port", &proxy.port().to_string(), "--ui-port", "0"]);
    command.arg("--upstream-ca").arg(place.root_pem()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let child = command.spawn().expect("waylay starts");
    let ca = wait::within("a daemon that accepts", accepting(proxy, &place.data().join("ca/waylay-ca.pem"))).await;
    let answer = Way::through(proxy, &ca).open(&url, Speak::Http1).await.get(&url).await.expect("an answer");
    let took = begun.elapsed().as_secs_f64() * 1e3;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 1024));
    end(child, place).await;
    took
}

/// Looks every millisecond whether connections are accepted; the root they are answered with (PEM).
async fn accepting(proxy: SocketAddr, root: &Path) -> String {
    loop {
        if TcpStream::connect(proxy).await.is_ok()
            && let Ok(root) = std::fs::read_to_string(root)
        {
            return root;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Ends the daemon in order, so that the next start is an ordinary one.
async fn end(mut child: Child, place: &Place) {
    place.waylay(&["stop"]).await.expect(0);
    wait::within("the daemon to end", child.wait()).await.expect("a child can be waited for");
}

/// What a daemon occupies that has run for `time` without a request.
async fn idle(time: Duration) -> Occupied {
    let daemon = Daemon::start().await;
    tokio::time::sleep(time).await;
    Occupied::by(daemon.pid()).expect("it runs")
}
