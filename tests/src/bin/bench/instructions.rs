//! The works counted in instructions by valgrind's callgrind. It runs a process some fifty times slower, one thread
//! at a time, and sees nothing of the kernel; but what it counts does not depend on what else the machine does.

use crate::{
    bare,
    compare::Sources,
    options::Options,
    round::Round,
    stored::{Kept, Store},
    subject::Subject,
    work::{self, Style, Work},
};
use std::{fs, path::Path};
use tokio::process::Command;
use waylay_tests::{
    daemon::{Launch, Place},
    load::Source,
    program,
};

/// Requests of a work of small answers on connections that are kept, and of any other.
const REQUESTS: (usize, usize) = (2_000, 200);

/// Counts all works that are wanted, for the bare proxy and for Waylay. Callgrind's files go to `folder`.
pub(crate) async fn count(options: &Options, folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let folder = fs::canonicalize(folder).expect("a folder");
    let place = Place::new();
    let sources = Sources::start().await;
    let mut wrapper = wrapper(&folder.join("bare"));
    let mut bare = bare::start(&place, Some(&wrapper)).await;
    wrapper = self::wrapper(&folder.join("waylay"));
    let mut waylay = Subject::waylay(Launch::new().under(&wrapper).start().await);
    println!("| work | instructions per request, bare | Waylay | ratio |\n|---|---|---|---|");
    for work in work::all(options) {
        let small = work.style == Style::KeepAlive && work.size <= 1024;
        let requests = if small { REQUESTS.0 } else { REQUESTS.1 };
        let work = Work { requests: options.scaled(requests, work.requests), ..work };
        let source = sources.of(work.speak);
        let least = per_request(work, source, &mut bare, &folder.join("bare")).await;
        let ours = per_request(work, source, &mut waylay, &folder.join("waylay")).await;
        println!("| {} | {least:.0} | {ours:.0} | {:.2} |", work.name, ours / least);
    }
}

/// Runs a program without counting until it is told to.
fn wrapper(file: &Path) -> Vec<String> {
    let valgrind = program::find(&["valgrind"]).expect("valgrind is installed").display().to_string();
    let file = format!("--callgrind-out-file={}", file.display());
    [valgrind.as_str(), "-q", "--tool=callgrind", "--instr-atstart=no", &file].map(ToOwned::to_owned).into()
}

async fn per_request(work: Work, source: &Source, subject: &mut Subject, file: &Path) -> f64 {
    Round::prepare(work.part(10), source, &subject.way).await.run().await;
    let round = Round::prepare(work, source, &subject.way).await;
    let process = subject.process.as_mut().expect("a proxy");
    process.used().await;
    let pid = process.pid.to_string();
    let last = process.store.as_ref().map(Store::last);
    control(&["--instr=on", &pid]).await;
    round.run().await;
    if let (Some(store), Some(last)) = (&process.store, last) {
        let kept = store.settled(last, work.total() as u64).await;
        assert_eq!(kept, Kept::all(work.total(), work.size as u64), "everything is stored");
    }
    process.used().await;
    control(&["--instr=off", &pid]).await;
    control(&[&format!("--dump={}", work.name), &pid]).await;
    newest_total(file) / work.total() as f64
}

async fn control(args: &[&str]) {
    let mut command = Command::new(program::find(&["callgrind_control"]).expect("callgrind_control is installed"));
    let output = command.args(args).output().await.expect("it runs");
    assert!(output.status.success(), "callgrind_control {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The instructions in the newest of the files that callgrind numbers.
fn newest_total(file: &Path) -> f64 {
    let name = file.file_name().expect("a file").to_string_lossy();
    let numbered = |n: usize| file.with_file_name(format!("{name}.{n}"));
    let newest = (1..).map(numbered).take_while(|f| f.is_file()).last();
    let text = fs::read_to_string(newest.expect("callgrind wrote a file")).expect("text");
    let totals = text.lines().find_map(|l| l.strip_prefix("totals: "));
    totals.and_then(|t| t.trim().parse().ok()).expect("a total")
}
