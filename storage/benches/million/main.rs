//! A store of a million exchanges: what lists, filters and searches cost, while more is captured. Start it by
//! `tests/bench store`.
//!
//! - [`traffic`]: the exchanges
//! - [`questions`]: what is asked, and how long the answer may take
//! - [`load`]: capturing at a steady rate beside the questions, and what that costs
//! - [`size`]: what is on the disk
//!
//! `--count N` makes a smaller store, `--keep DIR` leaves it there, or takes the one that is there.
//!
//! Times are of warm caches: each question is asked several times, and the median counts. Goals are of the daemon's
//! document of performance.

#![allow(missing_docs, clippy::print_stdout)]

mod load;
mod questions;
mod size;
mod traffic;

use std::{
    io::Read,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use waylay_storage::{Decode, Options, Reader, Store, model::Head};

/// Bodies of the generated traffic are text without codings.
struct Plain;

impl Decode for Plain {
    fn text(&self, _: &Head, body: &mut dyn Read) -> Option<String> {
        let mut text = String::new();
        body.read_to_string(&mut text).ok().map(|_| text)
    }
}

/// How long is captured beside something else.
const ASIDE: Duration = Duration::from_secs(15);

/// One line of the table.
struct Line {
    what: String,
    goal: String,
    measured: String,
    met: bool,
}

fn main() {
    let mut count: i64 = 1_000_000;
    let mut keep: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &argument[..] {
            "--count" => count = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(count),
            "--keep" => keep = arguments.next().map(PathBuf::from),
            _ => {} // what cargo adds
        }
    }
    let temporary = tempfile::tempdir().unwrap();
    let dir = keep.clone().unwrap_or_else(|| temporary.path().join("store"));
    let mut lines = Vec::new();
    println!("{count} exchanges");
    if !dir.join("waylay.db").exists() {
        fill(&dir, count);
    }

    let began = Instant::now();
    let store = Arc::new(Store::open(options(&dir)).unwrap());
    let reader = Reader::open(&dir).unwrap();
    let opening = began.elapsed();
    lines.push(at_most("opening the store", opening, Duration::from_millis(200)));
    lines.push(size::metadata(&dir));

    store.keep_index(Arc::new(Plain)).unwrap();
    let alone = load::run(&store, count, || std::thread::sleep(ASIDE));
    // What another thread costs the writer by being there: by counting alone, and by using memory as well.
    let counting = load::run(&store, count, || load::count_for(ASIDE));
    let copying = load::run(&store, count, || load::copy_for(ASIDE));
    let mut answers = Vec::new();
    let asked = load::run(&store, count, || {
        let until = Instant::now() + ASIDE;
        answers = questions::ask(&reader, count);
        // Go on asking, so that both are of the same length.
        while Instant::now() < until {
            questions::ask(&reader, count);
        }
    });
    lines.extend(answers);
    let one = load::run(&store, count, || questions::look_around(&reader, ASIDE));
    let ratio = one.cpu_per_exchange / alone.cpu_per_exchange;
    let beside = [("nothing", &alone), ("a loop that counts", &counting), ("one that copies 64 MiB", &copying)];
    for (what, cost) in
        beside.into_iter().chain([("questions without a pause", &asked), ("five questions a second", &one)])
    {
        println!(
            "capturing at {:.0}/s beside {what}: {:.1} us of CPU per exchange in the writer, {:.2} x; {:.1} us more in the index",
            cost.rate,
            cost.cpu_per_exchange,
            cost.cpu_per_exchange / alone.cpu_per_exchange,
            cost.index_per_exchange
        );
    }
    lines.push(Line {
        what: "capturing 1,000/s while five questions a second are asked: CPU of the writer, of that without questions"
            .into(),
        goal: "<= 1.10 x".into(),
        measured: format!("{ratio:.2} x"),
        met: ratio <= 1.10,
    });
    store.close().unwrap();
    table(&lines);
    if keep.is_some() {
        println!("\nkept in {}", dir.display());
    }
}

fn options(dir: &std::path::Path) -> Options {
    Options { min_free: 0, ..Options::new(dir) }
}

/// Captures everything and waits for the index.
fn fill(dir: &std::path::Path, count: i64) {
    std::fs::create_dir_all(dir.parent().unwrap()).unwrap();
    let store = Store::open(options(dir)).unwrap();
    let began = Instant::now();
    traffic::capture(&store, count);
    store.flush().unwrap();
    let captured = began.elapsed();
    println!("captured in {:.1} s, {:.0}/s", captured.as_secs_f64(), count as f64 / captured.as_secs_f64());
    let began = Instant::now();
    store.keep_index(Arc::new(Plain)).unwrap();
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let state = Reader::open(dir).unwrap().index_state().unwrap();
        if state.is_some_and(|s| s.behind == 0 && s.text_behind == 0) {
            break;
        }
    }
    let indexed = began.elapsed();
    println!(
        "indexed in {:.1} s at half a processor, {:.0}/s",
        indexed.as_secs_f64(),
        count as f64 / indexed.as_secs_f64()
    );
    store.close().unwrap();
}

fn at_most(what: &str, measured: Duration, goal: Duration) -> Line {
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    Line {
        what: what.into(),
        goal: format!("<= {:.0} ms", ms(goal)),
        measured: format!("{:.1} ms", ms(measured)),
        met: measured <= goal,
    }
}

fn table(lines: &[Line]) {
    println!("\n| what | goal | measured | |\n|---|---|---|---|");
    for Line { what, goal, measured, met } in lines {
        println!("| {what} | {goal} | {measured} | {} |", if *met { "met" } else { "not met" });
    }
}
