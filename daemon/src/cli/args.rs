//! The commands, the flags they share, and what is said about a wrong command line.

use super::{
    ca::CaCommand,
    env::EnvArgs,
    exchange::{BodyArgs, LsArgs, ResendArgs, ShowArgs, TailArgs},
    export::ExportCommand,
    import::ImportArgs,
    output::ColorChoice,
    pages::{CompletionsArgs, ManArgs},
    passthrough::PassthroughCommand,
    report::{Exit, Report},
    run::RunArgs,
    settings::ConfigCommand,
    start::StartArgs,
};
use crate::logging::Filter;
use clap::{Args, Parser, Subcommand, error::ErrorKind};
use std::{ffi::OsString, io, path::PathBuf, process::ExitCode};

/// An intercepting proxy and capture daemon, on your own machine.
///
/// Without a command, starts the daemon in the foreground, like `waylay start`.
#[derive(Debug, Parser)]
#[command(name = "waylay", version, disable_version_flag = true, args_conflicts_with_subcommands = false)]
#[command(after_help = "Try it: `waylay run -- curl https://example.com`, then `waylay ls` and `waylay show @last`.")]
pub struct Cli {
    /// The flags that all commands share.
    #[command(flatten)]
    pub global: Global,

    /// Print the version.
    #[arg(short = 'V', long, help_heading = "Global options")]
    pub version: bool,

    /// What to do; nothing means `start`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that may stand anywhere on the command line.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Keep everything in this folder [env: WAYLAY_DATA_DIR].
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// Print one JSON document.
    #[arg(long, global = true)]
    pub json: bool,

    /// Print one JSON document per line.
    #[arg(long, global = true, conflicts_with = "json")]
    pub jsonl: bool,

    /// Show the causes of an error, too.
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// When to use colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_default_value = true)]
    pub color: ColorChoice,

    /// What the daemon logs: a level, or level,target=level [env: WAYLAY_LOG].
    #[arg(long, global = true, value_name = "LEVEL", value_parser = log_level)]
    pub log: Option<String>,
}

fn log_level(text: &str) -> Result<String, String> {
    Filter::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the proxy and the UI in the foreground.
    Start(StartArgs),
    /// Show the running daemon: addresses, session, store, and a link to the UI.
    Status,
    /// Stop the daemon in order.
    Stop,
    /// Run a command and capture its traffic in a session of its own.
    Run(RunArgs),
    /// Print the shell commands that point this shell's programs to the proxy.
    Env(EnvArgs),
    /// List what was captured, newest last.
    Ls(LsArgs),
    /// Follow what is being captured.
    Tail(TailArgs),
    /// Show one exchange: headers, timings, connections, failure, messages.
    Show(ShowArgs),
    /// Write the body of an exchange to standard output.
    Body(BodyArgs),
    /// Send a captured request again, changed or as it was.
    Resend(ResendArgs),
    /// Write captured exchanges to a file that other tools read.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Read a file of another tool, or of ours, into a session of its own.
    Import(ImportArgs),
    /// Hosts whose connections are relayed unread.
    #[command(subcommand)]
    Passthrough(PassthroughCommand),
    /// The certificate authority that programs have to trust.
    #[command(subcommand)]
    Ca(CaCommand),
    /// Read and change settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder.
    Man(ManArgs),
}

impl Default for Command {
    fn default() -> Self {
        Self::Start(StartArgs::default())
    }
}

/// Commands with a filter, whose negated terms look like flags.
const WITH_FILTER: [&str; 3] = ["ls", "tail", "export"];
/// Global flags that are followed by a value.
const WITH_VALUE: [&str; 3] = ["--data-dir", "--color", "--log"];

/// Puts the negated terms of a filter (`-host:example.com`) where they are not taken for flags: behind `--`.
pub fn negated_terms_last(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let is_value = |at: usize| at > 0 && WITH_VALUE.iter().any(|flag| arguments[at - 1] == *flag);
    let is_flag = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    let command = (1..end).find(|at| !is_flag(&arguments[*at]) && !is_value(*at));
    if !command.is_some_and(|at| WITH_FILTER.iter().any(|name| arguments[at] == *name)) {
        return arguments;
    }
    let (before, behind) = arguments.split_at(end);
    let (terms, others): (Vec<_>, Vec<_>) = before.iter().cloned().partition(is_negated_term);
    let behind = behind.iter().skip(1).cloned();
    others.into_iter().chain([OsString::from("--")]).chain(terms).chain(behind).collect()
}

/// `-key:value`
fn is_negated_term(word: &OsString) -> bool {
    let term = word.to_str().and_then(|word| word.strip_prefix('-')).and_then(|term| term.split_once(':'));
    term.is_some_and(|(key, _)| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

/// Prints help that was asked for; puts what is wrong with a command line into one line.
pub fn explain(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let written = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.print(),
        _ => usage(error, arguments).write(false, io::stderr().lock()),
    };
    // Help that nobody reads to the end is as good as read.
    drop(written);
    ExitCode::from(if error.use_stderr() { Exit::USAGE.0 } else { Exit::OK.0 })
}

/// Makes one line of what clap says in paragraphs: the error, its tips, the usage.
fn usage(error: &clap::Error, arguments: &[OsString]) -> Report {
    let text = error.render().to_string();
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut report: Option<Report> = None;
    let mut asks_for_help = true;
    for paragraph in paragraphs.filter(|paragraph| !paragraph.is_empty()) {
        report = Some(match report {
            None => Report::new(Exit::USAGE, paragraph.strip_prefix("error: ").unwrap_or(&paragraph)),
            Some(report) if paragraph.starts_with("For more information") => report,
            Some(report) => {
                asks_for_help &= !paragraph.starts_with("Usage:");
                let tips = paragraph.replace(" tip: ", ". ");
                report.because(tips.strip_prefix("tip: ").map_or(tips.as_str(), |tip| tip))
            }
        });
    }
    let report = report.unwrap_or_else(|| Report::new(Exit::USAGE, "the command line is not understood"));
    if is_start_without_its_name(arguments) {
        return report.advise("The flags of `start` come after its name: `waylay start …`.");
    }
    if asks_for_help { report.advise("Add --help to see what is possible.") } else { report }
}

/// Whether the same flags make sense to `start`.
fn is_start_without_its_name(arguments: &[OsString]) -> bool {
    let Some((program, flags)) = arguments.split_first() else { return false };
    let named = [program.clone(), "start".into()].into_iter().chain(flags.iter().cloned());
    Cli::try_parse_from(named).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn complaint(arguments: &[&str]) -> String {
        let all: Vec<OsString> = ["waylay"].iter().chain(arguments).map(OsString::from).collect();
        let error = Cli::try_parse_from(&all).unwrap_err();
        let mut line = Vec::new();
        usage(&error, &all).write(false, &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn the_commands_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_bare_command_is_start_and_takes_global_flags_only() {
        let cli = Cli::try_parse_from(["waylay", "--data-dir", "/a", "-v"]).unwrap();
        assert!(matches!(cli.command.unwrap_or_default(), Command::Start(_)));
        assert!(complaint(&["--port", "1"]).contains("`waylay start …`"));
    }

    #[test]
    fn negated_terms_are_no_flags() {
        let moved = |line: &str| {
            let words = negated_terms_last(line.split(' ').map(OsString::from));
            words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(moved("waylay ls -host:a -n 2 x"), "waylay ls -n 2 x -- -host:a");
        assert_eq!(moved("waylay --log ls tail -is:failed -- -foo"), "waylay --log ls tail -- -is:failed -foo");
        for other in ["waylay run ls -a:b", "waylay resend 1.1 -H a:b", "waylay --data-dir ls run -- ls -a:b", "waylay"]
        {
            assert_eq!(moved(other), other);
        }
        let cli =
            Cli::try_parse_from(negated_terms_last(["waylay", "ls", "-is:failed", "-n", "3"].map(OsString::from)));
        assert!(matches!(cli.unwrap().command, Some(Command::Ls(LsArgs { limit: Some(3), .. }))));
    }

    #[test]
    fn global_flags_stand_anywhere() {
        for arguments in [["waylay", "--json", "ls"], ["waylay", "ls", "--json"]] {
            assert!(Cli::try_parse_from(arguments).unwrap().global.json);
        }
        assert!(complaint(&["ls", "--json", "--jsonl"]).contains("cannot be used with"));
        assert!(complaint(&["ls", "--log", "loud"]).contains("'loud' is not a log level"));
    }

    #[test]
    fn a_wrong_command_line_is_one_line_with_the_nearest_name() {
        for (arguments, wanted) in [
            (&["statsu"][..], "'status'"),
            (&["start", "--prot", "1"], "'--port'"),
            (&["show"], "<ID>"),
            (&["start", "--port", "70000"], "70000"),
            (&["config", "lst"], "'list'"),
        ] {
            let line = complaint(arguments);
            assert!(line.starts_with("waylay: ") && line.lines().count() == 1, "{line}");
            assert!(line.contains(wanted), "{line}");
        }
    }
}
