//! The command itself: started, sent the signals that arrive here, waited for.

use super::environment::Environment;
use crate::{
    cli::report::{Exit, Report},
    platform::{self, ForwardedSignals},
};
use std::{ffi::OsString, io};
use tokio::process::Command;

/// Signals on their way to the command.
pub(super) type Signals = ForwardedSignals;

pub(super) fn signals() -> Result<Signals, Report> {
    ForwardedSignals::listen().map_err(|error| Report::io("cannot handle signals", error))
}

/// Runs the command to its end and gives its exit code, or 128 plus the signal that ended it.
pub(super) async fn run(command: &[OsString], environment: &Environment, mut signals: Signals) -> Result<Exit, Report> {
    // Invariant: the command line requires at least one word.
    let (program, arguments) = command.split_first().ok_or_else(|| Report::new(Exit::USAGE, "there is no command"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, value) in environment.variables() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command.spawn().map_err(|error| not_started(program, error))?;
    loop {
        tokio::select! {
            biased;
            status = child.wait() => {
                let status = status.map_err(|error| Report::io("the command's end cannot be waited for", error))?;
                return Ok(Exit(platform::exit_code(status)));
            }
            signal = signals.next() => {
                // The process has not been waited for, so that its id is still its own.
                if let Some(pid) = child.id()
                    && let Err(error) = platform::forward(signal, pid)
                {
                    tracing::debug!(%error, "a signal could not be passed on");
                }
            }
        }
    }
}

fn not_started(program: &OsString, error: io::Error) -> Report {
    let name = program.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound => {
            Report::new(Exit::NO_COMMAND, format!("{name}: there is no such command")).caused_by(error)
        }
        _ => Report::new(Exit::NOT_EXECUTABLE, format!("{name} cannot be executed")).because(&error).caused_by(error),
    }
}
