//! Mixed load with aborts for some bounded minutes: memory and descriptors of the daemon have to stay flat. Start it
//! by `tests/soak`.
//!
//! - [`ground`]: the origins, and the way to them
//! - [`act`]: what clients do, over and over
//! - [`websocket`]: just enough of RFC 6455 to be echoed
//! - [`samples`]: what the daemon occupied, second by second, and whether that is flat

#![allow(clippy::print_stdout)]

mod act;
mod ground;
mod samples;
mod websocket;

use act::{ACTS, Plan};
use ground::Ground;
use samples::Samples;
use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinHandle, time::MissedTickBehavior};
use waylay_tests::{daemon::Daemon, load::usage::Occupied, wait};

const USAGE: &str = "usage: tests/soak [SECONDS]    (375 if not said, 3600 at most)";
/// After the load, for what is idle to be closed.
const REST: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().map_or(Some(375), |a| a.parse().ok()).filter(|s| (1..=3600).contains(s));
    let (Some(seconds), None) = (seconds, args.next()) else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    if soak(Duration::from_secs(seconds)).await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether everything went as it should and stayed flat.
async fn soak(time: Duration) -> bool {
    let daemon = Daemon::start().await;
    let before = Occupied::by(daemon.pid()).expect("it runs");
    println!("before: {before}");
    let ground = Arc::new(Ground::start(&daemon).await);
    let clients = Client::all(&ground, Instant::now() + time);
    let samples = Samples::take(daemon.pid(), time).await;
    for client in clients {
        let done = client.done.clone();
        client.task.await.unwrap_or_else(|e| panic!("{} failed: {e}", client.name));
        println!("{:<40} {:>8} times", client.name, done.load(Ordering::Relaxed));
    }
    drop(ground);
    tokio::time::sleep(REST.min(time)).await;
    println!("after: {}", Occupied::by(daemon.pid()).expect("it runs"));
    let kept = expect_intact(daemon).await;
    println!("stored: {kept} exchanges, nothing given up; the database is in order");
    samples.judge()
}

/// One plan's clients.
struct Client {
    name: &'static str,
    done: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Client {
    fn all(ground: &Arc<Ground>, until: Instant) -> Vec<Self> {
        let each = ACTS.iter().flat_map(|plan| std::iter::repeat_n(plan, plan.clients));
        each.map(|plan| Self::start(plan, ground.clone(), until)).collect()
    }

    fn start(plan: &'static Plan, ground: Arc<Ground>, until: Instant) -> Self {
        let done = Arc::new(AtomicU64::new(0));
        let count = done.clone();
        let task = tokio::spawn(async move {
            let mut turns = tokio::time::interval(plan.every);
            turns.set_missed_tick_behavior(MissedTickBehavior::Skip);
            while Instant::now() < until {
                turns.tick().await;
                wait::within(plan.name, plan.act.once(&ground)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { name: plan.name, done, task }
    }
}

/// Ends the daemon in order and looks into its database; the exchanges there are.
async fn expect_intact(daemon: Daemon) -> i64 {
    let store = &daemon.api().get("/status").await["store"];
    assert_eq!((&store["shed"], &store["shed_bytes"]), (&0.into(), &0.into()), "nothing is given up");
    let place = daemon.stop().await;
    let db = rusqlite::Connection::open(place.data().join("waylay.db")).expect("the daemon's database");
    let text = |sql: &str| db.query_row(sql, [], |r| r.get::<_, String>(0)).expect("an answer");
    assert_eq!(text("PRAGMA quick_check"), "ok");
    db.query_row("SELECT count(*) FROM v_exchanges WHERE done = 1", [], |r| r.get(0)).expect("a count")
}
