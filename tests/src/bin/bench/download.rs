//! One big body, stored in full: how fast, and with how much memory.

use crate::{
    bare, disk,
    options::Options,
    report::{Goal, median},
    stored::{Kept, Store},
    subject::Subject,
};
use http::Request;
use http_body_util::BodyExt;
use std::time::{Duration, Instant};
use waylay_tests::{
    client::{Speak, empty},
    daemon::{Daemon, Place},
    load::{Source, Way},
};

const NAME: &str = "1 GiB download, HTTP/1.1";
/// Of the bare proxy's rate.
const RATE: f64 = 0.75;
const PEAK_MIB: f64 = 64.;
/// No download takes longer.
const BOUND: Duration = Duration::from_secs(120);

/// What one way made of it.
pub(crate) struct Downloaded {
    pub(crate) name: &'static str,
    /// MiB per second, round by round.
    pub(crate) rates: Vec<f64>,
    /// CPU time in milliseconds, round by round; empty without a proxy.
    pub(crate) cpu_ms: Vec<f64>,
    /// Peak memory in MiB.
    pub(crate) peak: Option<f64>,
}

/// Downloads by each way in turn, through proxies that have done nothing before.
pub(crate) async fn measure(options: &Options, goals: &mut Vec<Goal>) -> Vec<Downloaded> {
    if !options.wants(NAME) {
        return Vec::new();
    }
    let size = options.scaled(1 << 30, 1 << 24);
    let place = Place::new();
    let source = Source::start(&["http/1.1"]).await;
    let url = source.url("localhost", &format!("/size/{size}"));
    let mut subjects = [Subject::direct(), bare::start(&place, None).await, Subject::waylay(Daemon::start().await)];
    let mut all = subjects.each_ref().map(Downloaded::new);
    let (rounds, mut kept) = (options.rounds.min(3), Kept::default());
    for _ in 0..rounds {
        for (subject, downloaded) in subjects.iter_mut().zip(&mut all) {
            let begun = match &mut subject.process {
                Some(process) => process.used().await,
                None => Duration::ZERO,
            };
            let last = subject.process.as_ref().and_then(|p| p.store.as_ref()).map(Store::last);
            if let Some(store) = subject.process.as_ref().and_then(|p| p.store.as_ref()) {
                disk::prepare(&store.beside, size).await;
            }
            let seconds = tokio::time::timeout(BOUND, download(&subject.way, &url, size));
            let seconds = seconds.await.expect("a download takes two minutes at most");
            downloaded.rates.push(size as f64 / f64::from(1 << 20) / seconds);
            let Some(process) = &mut subject.process else { continue };
            if let (Some(store), Some(last)) = (&process.store, last) {
                kept = kept.and(store.settled(last, 1).await);
            }
            let used = process.used().await - begun;
            downloaded.cpu_ms.push(used.as_secs_f64() * 1e3);
            downloaded.peak = Some(process.occupied().peak as f64 / 1024.);
        }
    }
    for downloaded in &all {
        println!("{NAME}: {downloaded}");
    }
    if let Some(store) = subjects[2].process.as_ref().and_then(|p| p.store.as_ref()) {
        store.expect_no_loss().await;
        let all = Kept::all(rounds, size);
        if kept == all {
            store.expect_last_body(size).await;
        }
        goals.push(Goal::stored(NAME, kept, all));
    }
    judge(&all, goals);
    all.into()
}

fn judge([_, bare, waylay]: &[Downloaded; 3], goals: &mut Vec<Goal>) {
    let rate = median(&waylay.rates) / median(&bare.rates);
    goals.push(Goal::at_least(NAME, "rate, of bare's", rate, RATE, format!("{rate:.2} x"), format!("{RATE} x")));
    let peak = waylay.peak.unwrap_or(f64::NAN);
    goals.push(Goal::at_most(NAME, "peak memory", peak, PEAK_MIB, format!("{peak:.0} MiB"), format!("{PEAK_MIB} MiB")));
}

/// Seconds to the last byte.
async fn download(way: &Way, url: &str, size: u64) -> f64 {
    let mut link = way.open(url, Speak::Http1).await;
    let begun = Instant::now();
    let request = Request::get(url).body(empty()).expect("a request");
    let mut body = link.send(request).await.expect("an answer").into_body();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        received += frame.expect("all of the body").data_ref().map_or(0, |d| d.len() as u64);
    }
    assert_eq!(received, size, "all of the body");
    begun.elapsed().as_secs_f64()
}

impl Downloaded {
    fn new(subject: &Subject) -> Self {
        Self { name: subject.name, rates: Vec::new(), cpu_ms: Vec::new(), peak: None }
    }
}
