//! Tables, in Markdown.

use crate::{
    compare::{By, Compared},
    download::Downloaded,
    options::Scale,
    startup::Started,
    stored::Kept,
};
use std::fmt;

/// A goal and what became of it.
pub(crate) struct Goal {
    work: String,
    what: &'static str,
    goal: String,
    measured: String,
    met: bool,
    /// Whether it is about something lost.
    loss: bool,
}

impl Goal {
    /// `value` may be `most` at most; both are given as text too.
    pub(crate) fn at_most(
        work: &str,
        what: &'static str,
        value: f64,
        most: f64,
        measured: String,
        goal: String,
    ) -> Self {
        Self { work: work.to_owned(), what, goal: format!("<= {goal}"), measured, met: value <= most, loss: false }
    }

    /// `value` must be `least` at least.
    pub(crate) fn at_least(
        work: &str,
        what: &'static str,
        value: f64,
        least: f64,
        measured: String,
        goal: String,
    ) -> Self {
        Self { work: work.to_owned(), what, goal: format!(">= {goal}"), measured, met: value >= least, loss: false }
    }

    /// Everything that was asked for must be stored.
    pub(crate) fn stored(work: &str, kept: Kept, all: Kept) -> Self {
        let measured = if kept == all {
            format!("{} exchanges, {} bytes", kept.whole, kept.bytes)
        } else {
            format!("{} of {} exchanges are not whole", all.whole - kept.whole, all.rows)
        };
        let met = kept == all;
        Self { work: work.to_owned(), what: "stored", goal: "everything".to_owned(), measured, met, loss: !met }
    }
}

/// What was measured, beside goals and ratios.
pub(crate) fn details(compared: &[Compared], downloaded: &[Downloaded], started: &Started) {
    if !compared.is_empty() {
        println!("\n| work | by | CPU of the proxy per request | requests/s | p99 | peak memory so far |");
        println!("|---|---|---|---|---|---|");
    }
    for Compared { work, by } in compared {
        for by in by {
            let cpu = if by.cpu_us.is_empty() { String::new() } else { format!("{:.1} µs", median(&by.cpu_us)) };
            let peak = by.peak.map(|kib| format!("{} MiB", kib / 1024)).unwrap_or_default();
            let (rate, p99) = (median(&by.per_second), median(&by.p99_ms));
            println!("| {} | {} | {cpu} | {rate:.0} | {p99:.2} ms | {peak} |", work.name, by.name);
        }
    }
    if !downloaded.is_empty() {
        println!("\n| 1 GiB download by | rate | CPU of the proxy | peak memory |\n|---|---|---|---|");
        for d in downloaded {
            let cpu = if d.cpu_ms.is_empty() { String::new() } else { format!("{:.0} ms", median(&d.cpu_ms)) };
            let peak = d.peak.map(|mib| format!("{mib:.0} MiB")).unwrap_or_default();
            println!("| {} | {:.0} MiB/s | {cpu} | {peak} |", d.name, median(&d.rates));
        }
    }
    if !started.first_ms.is_empty() {
        let range = |values: &[f64]| {
            let (least, most) = (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max));
            format!("{:.1} ({:.1} to {:.1})", median(values), least.unwrap_or(0.), most.unwrap_or(0.))
        };
        println!("\nfirst answer after a first start: {} ms", range(&started.first_ms));
        println!("first answer after a later start: {} ms", range(&started.again_ms));
        println!("idle: {} MiB, of which {} are its own", range(&started.idle_mib), range(&started.own_mib));
    }
}

/// The goals, and which are met; whether everything was stored.
pub(crate) fn goals(goals: &[Goal], scale: Scale) -> bool {
    println!("\n| work | | goal | measured | |\n|---|---|---|---|---|");
    for Goal { work, what, goal, measured, met, .. } in goals {
        println!("| {work} | {what} | {goal} | {measured} | {} |", if *met { "met" } else { "not met" });
    }
    let lost = goals.iter().any(|g| g.loss);
    println!("\n{}verything that was asked for was stored.", if lost { "Not e" } else { "E" });
    if scale == Scale::Quick {
        println!("A quick run: the numbers mean nothing.");
    }
    !lost
}

/// The middle one, or the upper of the two; not a number if there is none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<11}", self.name)?;
        if !self.cpu_us.is_empty() {
            write!(f, " {:>8.1} us of CPU per request,", median(&self.cpu_us))?;
        }
        write!(f, " {:>6.0} requests/s, p99 {:.2} ms", median(&self.per_second), median(&self.p99_ms))
    }
}

impl fmt::Display for Downloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<11} {:>6.0} MiB/s", self.name, median(&self.rates))?;
        self.peak.map_or(Ok(()), |peak| write!(f, ", peak memory {peak:.0} MiB"))
    }
}
