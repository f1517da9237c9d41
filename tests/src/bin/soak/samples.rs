//! What the daemon occupied, second by second.

use std::time::Duration;
use waylay_tests::load::usage::Occupied;

/// The first and the last minute are compared; of a shorter run, the first and the last fifth.
const WINDOW: usize = 60;
/// How much more the last minute may have on average than the first: a tenth, and this many MiB or descriptors.
const TOLERANCE: (f64, f64) = (0.1, 4.);

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

    /// Prints how the last minute compares to the first; whether that is flat.
    pub(crate) fn judge(&self) -> bool {
        let window = WINDOW.min(self.0.len() / 5).max(1);
        let (first, last) = (&self.0[..window], &self.0[self.0.len() - window..]);
        println!("\n| | first {window} s, mean (most) | last {window} s, mean (most) | |\n|---|---|---|---|");
        let memory = flat("resident memory, MiB", first, last, |o| o.resident as f64 / 1024.);
        let descriptors = flat("open descriptors", first, last, |o| o.descriptors as f64);
        memory && descriptors
    }
}

fn flat(what: &str, first: &[Occupied], last: &[Occupied], value: impl Fn(&Occupied) -> f64) -> bool {
    let mean = |samples: &[Occupied]| samples.iter().map(&value).sum::<f64>() / samples.len() as f64;
    let most = |samples: &[Occupied]| samples.iter().map(&value).fold(0., f64::max);
    let flat = mean(last) <= mean(first) * (1. + TOLERANCE.0) + TOLERANCE.1;
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
