//! All works by all ways, interleaved: round by round each way in turn.

use crate::{
    bare, disk, mitmdump,
    options::Options,
    report::Goal,
    round::{Noticed, Round},
    stored::{Kept, Store},
    subject::Subject,
    work::{self, Work},
};
use waylay_tests::{
    client::Speak,
    daemon::{Daemon, Place},
    load::Source,
};

/// A work and what it cost by each way.
pub(crate) struct Compared {
    pub(crate) work: Work,
    pub(crate) by: Vec<By>,
}

/// A work by one way.
pub(crate) struct By {
    pub(crate) name: &'static str,
    /// CPU time of the proxy per request in microseconds, round by round; empty without a proxy.
    pub(crate) cpu_us: Vec<f64>,
    pub(crate) per_second: Vec<f64>,
    pub(crate) p99_ms: Vec<f64>,
    /// The most memory the proxy had so far, in KiB.
    pub(crate) peak: Option<u64>,
    /// What it stored in all rounds, if it stores.
    pub(crate) kept: Option<Kept>,
}

/// Does all works that are wanted.
pub(crate) async fn all(options: &Options, goals: &mut Vec<Goal>) -> Vec<Compared> {
    let works = work::all(options);
    if works.is_empty() {
        return Vec::new();
    }
    let place = Place::new();
    let sources = Sources::start().await;
    let mut subjects = vec![Subject::direct(), bare::start(&place, None).await, Subject::waylay(Daemon::start().await)];
    match mitmdump::start(options, &place).await {
        Some(subject) => subjects.push(subject),
        None => println!("mitmdump is not on the path and not named by --mitmdump: left out"),
    }
    let mut compared = Vec::new();
    for work in works {
        let done = compare(work, options, sources.of(work.speak), &mut subjects).await;
        for by in &done.by {
            println!("{}: {by}", work.name);
        }
        goals.extend(judge(&done, options.rounds));
        compared.push(done);
    }
    compared
}

/// One origin that speaks HTTP/1.1 alone and one that speaks HTTP/2 alone, so that both sides speak the same.
pub(crate) struct Sources([Source; 2]);

impl Sources {
    pub(crate) async fn start() -> Self {
        Self([Source::start(&["http/1.1"]).await, Source::start(&["h2"]).await])
    }

    pub(crate) fn of(&self, speak: Speak) -> &Source {
        &self.0[usize::from(speak == Speak::Http2)]
    }
}

async fn compare(work: Work, options: &Options, source: &Source, subjects: &mut [Subject]) -> Compared {
    for subject in subjects.iter_mut() {
        // Not counted: connections to the origin are opened, certificates made, memory touched.
        once(work.part(10), source, subject).await;
    }
    let mut by: Vec<By> = subjects.iter().map(By::new).collect();
    for _ in 0..options.rounds {
        for (subject, by) in subjects.iter_mut().zip(&mut by) {
            let once = once(work, source, subject).await;
            by.per_second.push(once.noticed.per_second);
            by.p99_ms.push(once.noticed.p99_ms);
            by.cpu_us.extend(once.cpu_us);
            if let Some(kept) = once.kept {
                by.kept = Some(by.kept.unwrap_or_default().and(kept));
            }
            by.peak = subject.process.as_ref().map(|p| p.occupied().peak);
        }
    }
    for store in subjects.iter().filter_map(|s| s.process.as_ref()?.store.as_ref()) {
        store.expect_no_loss().await;
        store.expect_last_body(work.size as u64).await;
    }
    Compared { work, by }
}

/// A round of one way.
struct Once {
    noticed: Noticed,
    /// The proxy's CPU time per request in microseconds.
    cpu_us: Option<f64>,
    /// What the proxy stored of it.
    kept: Option<Kept>,
}

async fn once(work: Work, source: &Source, subject: &mut Subject) -> Once {
    let work = work.part(subject.one_in);
    let round = Round::prepare(work, source, &subject.way).await;
    let Some(process) = &mut subject.process else {
        return Once { noticed: round.run().await, cpu_us: None, kept: None };
    };
    let begun = process.used().await;
    let last = process.store.as_ref().map(Store::last);
    if let Some(store) = &process.store {
        // A row, and both in the database and in its log.
        disk::prepare(&store.beside, 2 * work.total() as u64 * (work.size as u64 + 1024)).await;
    }
    let noticed = round.run().await;
    let mut kept = None;
    if let (Some(store), Some(last)) = (&process.store, last) {
        kept = Some(store.settled(last, work.total() as u64).await);
    }
    let used = process.used().await - begun;
    let cpu_us = Some(used.as_secs_f64() * 1e6 / work.total() as f64);
    Once { noticed, cpu_us, kept }
}

fn judge(compared: &Compared, rounds: usize) -> Vec<Goal> {
    let Compared { work, .. } = compared;
    let mut goals = Vec::new();
    if let Some((ratio, spread)) = compared.ratio("Waylay", "bare") {
        let measured = format!("{ratio:.2} x ({spread})");
        goals.push(Goal::at_most(
            work.name,
            "CPU, of bare's",
            ratio,
            work.goal,
            measured,
            format!("{:.1} x", work.goal),
        ));
    }
    if let (Some(least), Some((ratio, spread))) = (work.against_mitmdump, compared.ratio("mitmdump -w", "Waylay")) {
        let measured = format!("{ratio:.1} x ({spread})");
        goals.push(Goal::at_least(
            work.name,
            "CPU of mitmdump -w, of ours",
            ratio,
            least,
            measured,
            format!("{least:.0} x"),
        ));
    }
    if let Some(kept) = compared.by.iter().find_map(|by| by.kept) {
        goals.push(Goal::stored(work.name, kept, Kept::all(rounds * work.total(), work.size as u64)));
    }
    goals
}

impl Compared {
    /// CPU time of one way as a multiple of another's: the median of the rounds, and from where to where they go.
    fn ratio(&self, of: &str, to: &str) -> Option<(f64, String)> {
        let [of, to] = [of, to].map(|name| self.by.iter().find(|by| by.name == name));
        let mut ratios: Vec<f64> = of?.cpu_us.iter().zip(&to?.cpu_us).map(|(a, b)| a / b).collect();
        ratios.sort_by(f64::total_cmp);
        let (first, last) = (ratios.first()?, ratios.last()?);
        Some((ratios[ratios.len() / 2], format!("{first:.2} to {last:.2}")))
    }
}

impl By {
    fn new(subject: &Subject) -> Self {
        Self {
            name: subject.name,
            cpu_us: Vec::new(),
            per_second: Vec::new(),
            p99_ms: Vec::new(),
            peak: None,
            kept: None,
        }
    }
}
