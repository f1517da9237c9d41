//! The commands, the flags they share, and what is said about a wrong command line.

use super::{
    agent::AgentCommand,
    ca::CaCommand,
    certificate::CertificateCommand,
    collection::CollectionCommand,
    connect::ConnectArgs,
    console::ConsoleArgs,
    cookies::CookiesCommand,
    diff::DiffArgs,
    env::EnvArgs,
    environment::EnvironmentCommand,
    exchange::{BodyArgs, LsArgs, ResendArgs, RmArgs, ShowArgs, TailArgs},
    export::ExportCommand,
    history::HistoryCommand,
    import::ImportArgs,
    output::ColorChoice,
    pages::{CompletionsArgs, ManArgs},
    passthrough::PassthroughCommand,
    proxy::ProxyCommand,
    replay::ReplayArgs,
    report::{Exit, Report},
    run::RunArgs,
    send::SendArgs,
    session::SessionCommand,
    settings::ConfigCommand,
    sql::SqlArgs,
    start::StartArgs,
    store::StoreCommand,
    upstream::UpstreamCommand,
};
use crate::logging::Filter;
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
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
    /// Delete exchanges; for half a minute they can be brought back.
    Rm(RmArgs),
    /// Query what was captured in SQL.
    Sql(SqlArgs),
    /// The room the store takes, copies of it, damage, and an end of it all.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Send a request, with curl's habits.
    Send(Box<SendArgs>),
    /// Hold a WebSocket or an event stream: lines of standard input are messages.
    Connect(Box<ConnectArgs>),
    /// What has been sent lately, step by step.
    Console(ConsoleArgs),
    /// Send a captured request again, changed or as it was.
    Resend(ResendArgs),
    /// Send captured requests again, or those of a collection, and compare the answers; exits 1 if they differ.
    Replay(ReplayArgs),
    /// Show how the answer of one exchange differs from that of another; exits 1 if it does.
    Diff(DiffArgs),
    /// What was sent from here, and sessions, as one list.
    #[command(subcommand)]
    History(HistoryCommand),
    /// Variables of requests: environments, of which one may be active, and globals.
    #[command(subcommand, visible_alias = "environments")]
    Environment(EnvironmentCommand),
    /// Requests that are kept, in folders, with examples of what came back.
    #[command(subcommand, visible_alias = "collections")]
    Collection(CollectionCommand),
    /// Cookies that are sent along: jars, where they come from, what they were.
    #[command(subcommand, visible_alias = "cookie")]
    Cookies(CookiesCommand),
    /// Write captured exchanges to a file that other tools read.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Read a file of another tool, or of ours: exchanges into a session of their own, requests into a collection, variables into an
    /// environment.
    Import(ImportArgs),
    /// Turn the proxy on and off. Recording goes on by itself: see `session`.
    #[command(subcommand)]
    Proxy(ProxyCommand),
    /// Spans of recording: begin, pause and end them, and look at past ones.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Hosts whose connections are relayed unread.
    #[command(subcommand)]
    Passthrough(PassthroughCommand),
    /// Client certificates: who Waylay is to servers that ask.
    #[command(subcommand, visible_alias = "certificates")]
    Certificate(CertificateCommand),
    /// Proxies by which Waylay reaches servers.
    #[command(subcommand)]
    Upstream(UpstreamCommand),
    /// Web pages that may send requests through this machine.
    #[command(subcommand)]
    Agent(AgentCommand),
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
const WITH_FILTER: [&str; 6] = ["ls", "tail", "rm", "export", "history", "replay"];

/// Puts the words of a filter (`-host:example.com OR -(a b)`) where none is taken for a flag: behind `--`, in their order.
pub fn filter_last(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let cli = Cli::command();
    let mut flags = Flags::of([&cli]);
    let named = (1..end).find(|at| !is_dashed(&arguments[*at]) && !flags.takes(&arguments[*at - 1]));
    let Some(mut at) = named.filter(|at| WITH_FILTER.iter().any(|name| arguments[*at] == *name)) else {
        return arguments;
    };
    if let Some(mut command) = arguments[at].to_str().and_then(|name| cli.find_subcommand(name)) {
        // What `export` is to write, say.
        if let Some(below) = arguments[..end].get(at + 1).and_then(|name| command.find_subcommand(name)) {
            (command, at) = (below, at + 1);
        }
        flags = Flags::of([&cli, command]);
    }
    let (mut before, mut terms) = (arguments[..=at].to_vec(), Vec::new());
    let mut values = 0;
    for word in &arguments[at + 1..end] {
        let is_flag = values > 0 || flags.has(word);
        values = match values {
            0 if is_flag => flags.values(word),
            0 => 0,
            more => more - 1,
        };
        if is_flag { &mut before } else { &mut terms }.push(word.clone());
    }
    before.push("--".into());
    before.extend(terms.into_iter().chain(arguments.into_iter().skip(end + 1)));
    before
}

fn is_dashed(word: &OsString) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

/// Behind `send`, `--json DATA` is data, as it is for curl: `--data-json DATA`. Before it, it is the flag of all commands.
pub fn json_data(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let flags = Flags::of([&cli]);
    let named = (1..arguments.len()).find(|at| !is_dashed(&arguments[*at]) && !flags.takes(&arguments[*at - 1]));
    let Some(send) = named.filter(|at| arguments[*at] == "send") else { return arguments };
    for at in send + 1..arguments.len() {
        if arguments[at] == "--" {
            break;
        }
        let data = arguments.get(at + 1).is_some_and(|next| !is_dashed(next));
        if arguments[at] == "--json" && data {
            arguments[at] = "--data-json".into();
        } else if let Some(data) = arguments[at].to_str().and_then(|word| word.strip_prefix("--json=")) {
            arguments[at] = format!("--data-json={data}").into();
        }
    }
    arguments
}

/// The flags of some commands.
struct Flags {
    /// Letters of short flags.
    letters: Vec<char>,
    /// Flags that are followed by values, with their dashes, and by how many.
    with_value: Vec<(String, usize)>,
}

impl Flags {
    fn of<const N: usize>(commands: [&clap::Command; N]) -> Self {
        let mut flags = Self { letters: vec!['h'], with_value: Vec::new() };
        for argument in commands.into_iter().flat_map(clap::Command::get_arguments).filter(|a| !a.is_positional()) {
            flags.letters.extend(argument.get_short());
            if argument.get_action().takes_values() {
                let values = argument.get_num_args().map_or(1, |range| range.max_values().clamp(1, 2));
                flags.with_value.extend(argument.get_long().map(|name| (format!("--{name}"), values)));
                flags.with_value.extend(argument.get_short().map(|letter| (format!("-{letter}"), values)));
            }
        }
        flags
    }

    /// Whether a value follows this word.
    fn takes(&self, word: &OsString) -> bool {
        self.values(word) > 0
    }

    /// How many values follow this word.
    fn values(&self, word: &OsString) -> usize {
        self.with_value.iter().find(|(flag, _)| word == flag.as_str()).map_or(0, |(_, values)| *values)
    }

    /// `--anything`, or letters of flags with or without a number behind them. Other words are terms.
    fn has(&self, word: &OsString) -> bool {
        let Some(word) = word.to_str().and_then(|word| word.strip_prefix('-')) else { return false };
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        word.starts_with('-') || (!letters.is_empty() && letters.chars().all(|letter| self.letters.contains(&letter)))
    }
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
    fn words_of_a_filter_are_no_flags_and_keep_their_order() {
        let moved = |line: &str| {
            let words = filter_last(line.split(' ').map(OsString::from));
            words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        for (line, expected) in [
            ("waylay ls -host:a -n 2 x", "waylay ls -n 2 -- -host:a x"),
            ("waylay export har -host:a -o f x", "waylay export har -o f -- -host:a x"),
            ("waylay --log ls tail -is:failed -- -foo", "waylay --log ls tail -- -is:failed -foo"),
            ("waylay ls -a OR -(b --json c) -v", "waylay ls --json -v -- -a OR -(b c)"),
            ("waylay ls -n3 -~u x -/a/i -\"b\" size>1k", "waylay ls -n3 -- -~u x -/a/i -\"b\" size>1k"),
            ("waylay tail --limit 5 ~m GET --data-dir /d -", "waylay tail --limit 5 --data-dir /d -- ~m GET -"),
            ("waylay replay --report junit f 7", "waylay replay --report junit f -- 7"),
            ("waylay replay -host:a --target -t x", "waylay replay --target -t -- -host:a x"),
            ("waylay ls --help", "waylay ls --help --"),
            ("waylay ls -h", "waylay ls -h --"),
            ("waylay ls ls", "waylay ls -- ls"),
        ] {
            assert_eq!(moved(line), expected);
        }
        for other in ["waylay run ls -a:b", "waylay resend 1.1 -H a:b", "waylay --data-dir ls run -- ls -a:b", "waylay"]
        {
            assert_eq!(moved(other), other);
        }
        let cli = Cli::try_parse_from(filter_last(["waylay", "ls", "-is:failed", "-n", "3"].map(OsString::from)));
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
