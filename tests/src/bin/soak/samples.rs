//! What the daemon occupied, second by second.

use std::time::Duration;
use waylay_tests::load::usage::Occupied;

/// Until then what is idle has piled up: connections to origins are kept for about a minute.
const WARM_UP: usize = 75;
/// The first and the last minute after that are compared.
const WINDOW: usize = 60;
/// How much more the last minute may have on average than the first: a tenth, and so many MiB or descriptors, of which
/// some are opened and closed all the time.
const TOLERANCE: f64 = 0.1;
const MORE_MIB: f64 = 4.;
const MORE_DESCRIPTORS: f64 = 16.;

pub(crate) struct Samples(Vec<Occupied>);

impl Samples {
    /// One each second; panics if the process ends.
    pub(crate) async fn take(pid: u32, time: Duration) -> Self {
        let mut samples = Vec::new();
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        ticks.tick().await;
        for second in 1..=time.as_secs() {
            ticks.tick().await;
            let now = Occupied::by(pid).expect("the daemon still runs");
            if second % 10 == 0 {
                println!("{second:>5} s: {now}");
            }
            samples.push(now);
        }
        Self(samples)
    }

    /// Prints how the last minute compares to the first; whether that is flat. A run of less is not judged.
    pub(crate) fn judge(&self) -> bool {
        let Some(rest) = self.0.get(WARM_UP..).filter(|rest| rest.len() >= 2 * WINDOW) else {
            println!("too short to judge: {WARM_UP} s to warm up and two minutes at least are needed");
            return true;
        };
        let (first, last) = (&rest[..WINDOW], &rest[rest.len() - WINDOW..]);
        println!("\nAfter {WARM_UP} s to warm up:\n");
        println!("| | first minute: mean (most) | last minute: mean (most) | |\n|---|---|---|---|");
        let memory = flat("resident memory, MiB", first, last, MORE_MIB, |o| o.resident as f64 / 1024.);
        let descriptors = flat("open descriptors", first, last, MORE_DESCRIPTORS, |o| o.descriptors as f64);
        memory && descriptors
    }
}

fn flat(what: &str, first: &[Occupied], last: &[Occupied], more: f64, value: impl Fn(&Occupied) -> f64) -> bool {
    let mean = |samples: &[Occupied]| samples.iter().map(&value).sum::<f64>() / samples.len() as f64;
    let most = |samples: &[Occupied]| samples.iter().map(&value).fold(0., f64::max);
    let flat = mean(last) <= mean(first) * (1. + TOLERANCE) + more;
    let verdict = if flat { "flat" } else { "not flat" };
    println!(
        "| {what} | {:.1} ({:.1}) | {:.1} ({:.1}) | {verdict} |",
        mean(first),
        most(first),
        mean(last),
        most(last)
    );
    flat
}
