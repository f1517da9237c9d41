//! What capturing costs: CPU time per request of a proxy process, for Waylay with everything stored and for a bare
//! hudsucker proxy that keeps nothing, under the same load. Start it by `tests/bench`.
//!
//! 1 KiB answers, keep-alive, over TLS on both sides, 32 connections, rounds of both proxies in turn, bounded in count
//! and in time. CPU time is user plus system time of the proxy's process as the kernel counts it, read once the
//! capture's backlog is written.
//!
//! - [`bare`]: the proxy to compare with, in a process of its own
//! - [`load`]: origin and load generator

#![allow(clippy::print_stdout)]

mod bare;
mod load;

use load::{Load, Measured};
use std::{net::SocketAddr, path::PathBuf};
use waylay_tests::{
    daemon::{Daemon, Place},
    wait,
};

/// What `/proc` counts CPU time in: `USER_HZ`, 100 on every architecture in use (time(7)).
const TICK_US: u64 = 10_000;

const USAGE: &str = "cpu_per_request [--requests N] [--rounds N] [--connections N]";

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(bare::COMMAND) => bare::serve(args[1..].iter().map(PathBuf::from).collect()).await,
        _ => compare(Options::parse(&args)).await,
    }
}

struct Options {
    requests: usize,
    rounds: usize,
    connections: usize,
}

impl Options {
    fn parse(args: &[String]) -> Self {
        // At some 20 us a request, fewer would be too few ticks of the kernel's to tell two proxies apart.
        let mut options = Self { requests: 100_000, rounds: 7, connections: 32 };
        for pair in args.chunks(2) {
            let value = pair.get(1).and_then(|v| v.parse().ok()).filter(|v| *v > 0);
            match (pair[0].as_str(), value) {
                ("--requests", Some(n)) => options.requests = n,
                ("--rounds", Some(n)) => options.rounds = n,
                ("--connections", Some(n)) => options.connections = n,
                _ => panic!("usage: {USAGE}"),
            }
        }
        options
    }
}

/// A proxy under measurement.
struct Subject {
    name: &'static str,
    pid: u32,
    proxy: SocketAddr,
    ca: String,
    rounds: Vec<Measured>,
}

async fn compare(options: Options) {
    let place = Place::new();
    let url = load::origin().await;
    let (_child, mut bare) = bare::start(&place).await;
    let daemon = Daemon::start().await;
    let mut waylay =
        Subject { name: "waylay", pid: daemon.pid(), proxy: daemon.proxy(), ca: daemon.ca_pem(), rounds: Vec::new() };
    let load = Load { url, requests: options.requests, connections: options.connections };
    for subject in [&mut bare, &mut waylay] {
        // Not counted: connections are opened, certificates made, memory touched.
        Load { requests: options.requests.div_ceil(10), ..load.clone() }.run(subject.proxy, &subject.ca).await;
    }
    settle(&daemon).await;
    let before = stored(&daemon).await;
    for round in 1..=options.rounds {
        for subject in [&mut bare, &mut waylay] {
            let begun = cpu_us(subject.pid);
            let mut measured = load.run(subject.proxy, &subject.ca).await;
            settle(&daemon).await;
            measured.cpu_us = (cpu_us(subject.pid) - begun) as f64 / measured.requests as f64;
            println!("round {round}, {:<7} {measured}", subject.name);
            subject.rounds.push(measured);
        }
    }
    let expected = (options.rounds * load.total()) as u64;
    assert_eq!(stored(&daemon).await - before, expected, "everything is stored");
    let (least, ours) = (median(&bare, |m| m.cpu_us), median(&waylay, |m| m.cpu_us));
    println!(
        "\nmedian of {} rounds of {} requests over {} connections",
        options.rounds,
        load.total(),
        load.connections
    );
    for subject in [&bare, &waylay] {
        println!(
            "{:<7} {:>7.1} us of CPU per request  {:>7.0} requests/s  p50 {:>6.2} ms  p99 {:>6.2} ms",
            subject.name,
            median(subject, |m| m.cpu_us),
            median(subject, |m| m.per_second),
            median(subject, |m| m.p50_ms),
            median(subject, |m| m.p99_ms)
        );
    }
    println!("ratio   {:.2}", ours / least);
}

/// Waits until nothing is left to be written.
async fn settle(daemon: &Daemon) {
    wait::until("an empty backlog", || async {
        let status = daemon.api().get("/status").await;
        (status["store"]["backlog_bytes"] == 0).then_some(())
    })
    .await;
}

async fn stored(daemon: &Daemon) -> u64 {
    daemon.api().get("/status").await["store"]["exchanges"].as_u64().expect("a count of exchanges")
}

/// User plus system time of a process, in microseconds.
fn cpu_us(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("Linux, and the process lives");
    // The name in parentheses may hold anything; utime and stime are fields 14 and 15 (proc(5)).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: u64 = [fields[11], fields[12]].iter().map(|f| f.parse::<u64>().expect("a number")).sum();
    ticks * TICK_US
}

fn median(subject: &Subject, value: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = subject.rounds.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
