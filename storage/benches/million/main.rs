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

use load::Cost;
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

/// How long is captured beside something else, and how often; the median counts.
const ASIDE: Duration = Duration::from_secs(5);
const ROUNDS: usize = 7;

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
    let _ = load::run(&store, count, || lines.extend(questions::ask(&reader, count)));
    lines.push(beside_others(&store, &reader, count));
    store.close().unwrap();
    table(&lines);
    if keep.is_some() {
        println!("\nkept in {}", dir.display());
    }
}

/// What capturing costs beside something else, in turns with capturing alone.
fn beside_others(store: &Arc<Store>, reader: &Reader, count: i64) -> Line {
    type Beside<'a> = (&'static str, Box<dyn Fn() + 'a>);
    let others: [Beside<'_>; 5] = [
        ("nothing", Box::new(|| std::thread::sleep(ASIDE))),
        // What another thread costs the writer by being there: by counting alone, and by using memory as well.
        ("a loop that counts", Box::new(|| load::count_for(ASIDE))),
        ("one that copies 64 MiB", Box::new(|| load::copy_for(ASIDE))),
        ("questions without a pause", Box::new(|| questions::look_around(reader, ASIDE, Duration::ZERO))),
        ("five questions a second", Box::new(|| questions::look_around(reader, ASIDE, questions::APART))),
    ];
    let rounds: Vec<Vec<Cost>> =
        (0..ROUNDS).map(|_| others.iter().map(|(_, beside)| load::run(store, count, beside)).collect()).collect();
    let of = |figure: &dyn Fn(&[Cost]) -> f64| {
        let mut each: Vec<f64> = rounds.iter().map(|round| figure(round)).collect();
        each.sort_by(f64::total_cmp);
        (each[ROUNDS / 2], each[0], each[ROUNDS - 1])
    };
    let ratio = |at: usize| of(&|round| round[at].cpu_per_exchange / round[0].cpu_per_exchange);
    for (at, (what, _)) in others.iter().enumerate() {
        let (ratio, least, most) = ratio(at);
        println!(
            "capturing at {:.0}/s beside {what}: {:.1} us of CPU per exchange in the writer, {ratio:.2} x ({least:.2} to {most:.2}); {:.1} us more in the index",
            of(&|round| round[at].rate).0,
            of(&|round| round[at].cpu_per_exchange).0,
            of(&|round| round[at].index_per_exchange).0,
        );
    }
    let (ratio, least, most) = ratio(others.len() - 1);
    Line {
        what: "capturing 1,000/s while five questions a second are asked: CPU of the writer, of that without questions"
            .into(),
        goal: "<= 1.10 x".into(),
        measured: format!("{ratio:.2} x ({least:.2} to {most:.2})"),
        met: ratio <= 1.10,
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
    println!(
        "indexed in {:.1} s at half a processor, {:.1} us of CPU each",
        began.elapsed().as_secs_f64(),
        load::cpu("waylay-index").as_secs_f64() * 1e6 / count as f64
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
