//! What capturing costs. Start it by `tests/bench`.
//!
//! The same load goes over the same local TLS origin in turn through each of: no proxy; a bare hudsucker proxy that
//! keeps nothing; Waylay with everything stored; `mitmdump -w`, if it is there. Judged is the CPU time of the proxy's
//! process as the kernel's scheduler counts it, user and system, all threads, read once everything is stored and the
//! process has become quiet. Everything that was asked for must have been stored, or the program fails at its end.
//!
//! - [`options`]: the command line
//! - [`work`]: what is asked of the proxies, and the goals
//! - [`subject`]: what is measured; [`bare`] and [`mitmdump`] are two of them
//! - [`round`]: one work done once
//! - [`disk`]: what a round needs of the kernel beforehand
//! - [`stored`]: whether all of it was stored
//! - [`compare`]: all works, interleaved
//! - [`download`]: one big body; [`startup`]: from nothing to the first answer
//! - [`instructions`]: the same works counted in instructions
//! - [`report`]: the tables

#![allow(clippy::print_stdout)]

mod bare;
mod compare;
mod disk;
mod download;
mod instructions;
mod mitmdump;
mod options;
mod report;
mod round;
mod startup;
mod stored;
mod subject;
mod work;

use options::Options;
use std::{path::PathBuf, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == bare::COMMAND) {
        bare::serve(args[1..].iter().map(PathBuf::from).collect()).await;
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(&args) {
        Ok(options) => options,
        Err(problem) => {
            println!("{problem}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    if let Some(folder) = &options.instructions {
        instructions::count(&options, folder).await;
        return ExitCode::SUCCESS;
    }
    let mut goals = Vec::new();
    let compared = compare::all(&options, &mut goals).await;
    let downloaded = download::measure(&options, &mut goals).await;
    let started = startup::measure(&options, &mut goals).await;
    report::details(&compared, &downloaded, &started);
    if report::goals(&goals, options.scale) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
