//! `waylay replay`: captured requests, or those of a collection, sent again by the daemon and compared.
//!
//! - this file: the arguments, and from the beginning to the end
//! - [`what`]: what is asked of the daemon; `told`: what is said of it

mod told;
pub mod what;

use super::{
    Context, block_on,
    control::{Control, ControlError},
    export::{
        progress::Progress,
        target::{Target, unwritable},
    },
    output::{Format, notice},
    report::{Exit, Report},
};
use clap::Args;
use http::Method;
use std::{io::Write, path::PathBuf, time::Duration};
use waylay_storage::model::{Replay, ReplayState};
use what::{Concurrency, Cookies, Timing};

/// How often the daemon is asked how far it is.
const LOOK: Duration = Duration::from_millis(100);
/// How long a replay that is ended may take to end.
const ENDING: Duration = Duration::from_secs(10);

/// Arguments of `waylay replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits 1 if an answer differs from the one that came the first time, or if a request fails. Rules of what does \
not count: status, body, header:NAME, trailer:NAME, and JSON paths such as '$.items[*].updated'. Tunnels and WebSockets are \
skipped."
)]
pub struct ReplayArgs {
    /// A session (7), exchanges (7.42, @last), a collection (collection:3), a folder or request of one (item:12), or a filter.
    #[arg(value_name = "WHAT", required = true)]
    pub what: Vec<String>,

    /// Send to this server instead: http://localhost:3000.
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,

    /// When each is sent: fast (as soon as it may), asis (with the captured gaps), fixed:MS (so long after the one before).
    #[arg(long, default_value = "fast")]
    pub timing: Timing,

    /// How many at once: captured (as they overlapped then), or a number.
    #[arg(long, default_value = "captured")]
    pub concurrency: Concurrency,

    /// Where cookies come from: evolve (captured at first, then as answers set them), captured, none; jar (the default one at
    /// first), jar:NUMBER, then:EXCHANGE (those its client had then).
    #[arg(long, default_value = "evolve")]
    pub cookies: Cookies,

    /// For a collection, the environment by its number; 0 for none. By itself the active one.
    #[arg(long, value_name = "NUMBER")]
    pub environment: Option<i64>,

    /// Do not compare answers.
    #[arg(long)]
    pub no_diff: bool,

    /// What does not count; may be repeated.
    #[arg(long, value_name = "RULE")]
    pub ignore: Vec<String>,

    /// Send what web pages wrote as your own; by itself it is skipped.
    #[arg(long)]
    pub as_mine: bool,

    /// A name for the session with the results.
    #[arg(long)]
    pub name: Option<String>,

    /// Write a report to a file: json or junit; may be repeated.
    #[arg(long, num_args = 2, value_names = ["FORMAT", "FILE"], action = clap::ArgAction::Append)]
    pub report: Vec<String>,
}

/// Replays, waits for the end, and says what came of it.
pub(super) fn replay(context: &Context, args: &ReplayArgs) -> Result<Exit, Report> {
    let reports = reports(&args.report)?;
    let asked = what::asked(args)?;
    let control = Control::connect(&context.data)?;
    block_on(async {
        let begun: Replay = control.post("/replays", &asked).await?;
        let (replay, interrupted) = follow(&control, begun).await?;
        for (format, path, mut target) in reports {
            let report = control.document(&format!("/replays/{}/report?format={format}", replay.id)).await?;
            target.file().write_all(&report).map_err(|error| unwritable(&path, error))?;
            target.finish()?;
        }
        told::results(context, &control, &replay).await?;
        if context.output.format == Format::Text {
            notice(told::summary(&replay));
        }
        let tally = replay.tally;
        Ok(match replay.state {
            _ if interrupted => Exit::INTERRUPTED,
            ReplayState::Done if tally.changed + tally.failed == 0 => Exit::OK,
            ReplayState::Failed => Exit::IO,
            _ => Exit::NEGATIVE,
        })
    })
}

/// Waits for the end. With Ctrl-C it comes at once; `true` if so.
async fn follow(control: &Control, mut replay: Replay) -> Result<(Replay, bool), Report> {
    let progress = Progress::of(replay.total.unsigned_abs(), "requests");
    let path = format!("/replays/{}", replay.id);
    let mut interrupted = false;
    let mut until = None;
    while replay.state == ReplayState::Running {
        progress.at(replay.tally.done.unsigned_abs());
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c(), if !interrupted => {
                (interrupted, until) = (true, Some(tokio::time::Instant::now() + ENDING));
                match control.order(Method::DELETE, &path).await {
                    // It was over already.
                    Ok(()) | Err(ControlError::Refused { status: 409, .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        replay = control.get(&path).await?;
        if until.is_some_and(|until| tokio::time::Instant::now() > until) {
            break;
        }
    }
    Ok((replay, interrupted))
}

/// The files of reports, begun before anything is sent: what cannot be written is known at once.
fn reports(words: &[String]) -> Result<Vec<(&'static str, PathBuf, Target)>, Report> {
    let pairs = words.chunks(2).filter_map(|pair| pair.first().zip(pair.get(1)));
    let report = |(format, file): (&String, &String)| {
        let format = match format.as_str() {
            "json" => "json",
            "junit" => "junit",
            other => {
                let what = format!("'{other}' is no format of a report");
                return Err(Report::new(Exit::USAGE, what).advise("There are json and junit: --report junit FILE."));
            }
        };
        let path = PathBuf::from(file);
        let target = Target::create(&path, true)?;
        Ok((format, path, target))
    };
    pairs.map(report).collect()
}
