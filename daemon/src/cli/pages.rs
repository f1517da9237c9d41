//! What the program says about itself: version, completions, manual pages.

use super::{
    Cli,
    output::{Format, Output, stdout},
    report::{Exit, Report},
};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::{io::Write, path::PathBuf};

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints the version.
pub(super) fn version(output: &Output) -> Result<Exit, Report> {
    match output.format {
        Format::Text => output.text(format_args!("waylay {VERSION}\n"))?,
        _ => output.document(&serde_json::json!({
            "name": "waylay",
            "version": VERSION,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        }))?,
    }
    Ok(Exit::OK)
}

/// Arguments of `waylay completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints a completion script.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Exit, Report> {
    // Collected first: the generator takes a writer that cannot fail for granted.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "waylay", &mut script);
    stdout().write_all(&script).map_err(Report::output)?;
    Ok(Exit::OK)
}

/// Arguments of `waylay man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder; created if it is missing.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Writes the manual pages: `waylay.1` and one for each command.
pub(super) fn man(args: &ManArgs) -> Result<Exit, Report> {
    let written =
        std::fs::create_dir_all(&args.folder).and_then(|()| clap_mangen::generate_to(Cli::command(), &args.folder));
    written.map_err(|error| Report::io(format!("cannot write to {}", args.folder.display()), error))?;
    Ok(Exit::OK)
}
