//! `waylay tail`: what is being captured, as it is.

use super::{
    filter,
    follow::Follower,
    list::{Sheet, newest},
};
use crate::{
    cli::{
        Context, block_on,
        output::Format,
        report::{Exit, Report},
    },
    platform,
};
use clap::Args;
use std::time::{Duration, Instant};
use waylay_storage::{Reader, StoreError};

/// How often the store is asked whether something was committed. The answer costs microseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Arguments of `waylay tail`.
#[derive(Debug, Args)]
#[command(after_help = "The filter is that of `waylay ls`. An exchange that takes long is shown twice: when it is \
under way, and when it has ended.")]
pub struct TailArgs {
    /// What the exchanges must match.
    pub filter: Vec<String>,

    /// Begin with the newest N.
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 10)]
    pub limit: usize,
}

/// Follows the store until Ctrl-C, or until nobody reads any more.
pub(in crate::cli) fn tail(context: &Context, args: &TailArgs) -> Result<Exit, Report> {
    if context.output.format == Format::Json {
        return Err(
            Report::new(Exit::USAGE, "--json is one document, and this one would have no end").advise("Type --jsonl.")
        );
    }
    let filter = filter(&args.filter)?;
    block_on(async {
        let mut termination =
            platform::Termination::listen().map_err(|error| Report::io("cannot handle signals", error))?;
        let Some(mut reader) = until_there(context, &mut termination).await? else { return Ok(Exit::INTERRUPTED) };
        let mut version = reader.data_version()?;
        let mut follower = Follower::new(&reader, filter.clone())?;
        let mut sheet = Sheet::begin(context)?;
        let known = newest(&reader, &filter, args.limit, Some(follower.highest() + 1))?;
        follower.shown(&known);
        sheet.add(&known)?;
        while !platform::reader_gone() {
            tokio::select! {
                () = termination.next() => return Ok(Exit::INTERRUPTED),
                () = tokio::time::sleep(INTERVAL) => {}
            }
            if !reader.is_current() {
                // It was damaged and set aside, or removed; the daemon begins a new one as soon as it has to write.
                let Ok(anew) = Reader::open(context.data.path()) else { continue };
                (reader, version) = (anew, 0);
            }
            let now = reader.data_version()?;
            if now != version {
                version = now;
                sheet.add(&follower.changes(&reader, Instant::now())?)?;
            }
        }
        Ok(Exit::OK)
    })
}

/// Opens the store; waits for one if nothing has been captured yet.
async fn until_there(context: &Context, termination: &mut platform::Termination) -> Result<Option<Reader>, Report> {
    loop {
        context.data.check()?;
        match Reader::open(context.data.path()) {
            Err(StoreError::Missing { .. }) => {}
            other => return Ok(Some(other?)),
        }
        tokio::select! {
            () = termination.next() => return Ok(None),
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}
