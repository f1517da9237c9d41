//! `waylay cookies`: jars of cookies that are sent along. The daemon has them; values are masked unless `--reveal` is given.
//!
//! - `list`: cookies, domains and jars, one cookie's values, a jar as it was
//! - `change`: cookies made, deleted, brought back; jars
//! - `explain`: what would be sent, and what holds the rest back
//! - `files`: of other tools
//! - `sync`: domains whose cookies are taken over from the proxy
//! - `which`: the jar that is meant

mod change;
mod explain;
mod files;
mod list;
mod sync;
mod which;

pub(in crate::cli) use which::jar as jar_named;

use super::{
    Context, block_on,
    control::Control,
    report::{Exit, Report},
};
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// What can be done with cookies.
#[derive(Debug, Subcommand)]
pub enum CookiesCommand {
    /// List the cookies of a jar.
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Put a cookie into a jar, written as an answer would set it.
    Set(SetArgs),
    /// Delete cookies by their numbers; for half a minute they can be brought back.
    Rm(RmArgs),
    /// Delete the cookies of a domain, or all of a jar; for half a minute they can be brought back.
    Clear(ClearArgs),
    /// Take over a file of another tool: cookies.txt, Playwright's storage state, a list of Cookie-Editor.
    Import(ImportArgs),
    /// Write a jar into a file for another tool, with the values in it.
    Export(ExportArgs),
    /// Show which cookies would be sent to a URL, and for every other one the rule that holds it back.
    Explain(ExplainArgs),
    /// Show the values that a cookie has had, with the exchanges that set them.
    History(HistoryArgs),
    /// Bring back a value that a cookie had.
    Restore(RestoreArgs),
    /// Show a jar as it was when an exchange began.
    At(AtArgs),
    /// List jars.
    Jars,
    /// Make, rename, choose and delete jars.
    #[command(subcommand)]
    Jar(JarCommand),
    /// Domains whose cookies are taken over from what passes through the proxy, recorded or not.
    #[command(subcommand)]
    Sync(SyncCommand),
}

/// Which jar.
#[derive(Clone, Debug, Default, Args)]
pub struct InJar {
    /// The jar, by its name or number [default: the default one].
    #[arg(long, value_name = "JAR")]
    pub jar: Option<String>,
}

/// Arguments of `waylay cookies list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Those of this domain alone.
    pub domain: Option<String>,

    /// With those of the domains above it that are sent to it too.
    #[arg(long, requires = "domain")]
    pub reach: bool,

    /// Those with this text in name, domain or path.
    #[arg(short = 'q', long, value_name = "TEXT")]
    pub find: Option<String>,

    /// The domains, with how many cookies each has.
    #[arg(long, conflicts_with_all = ["domain", "find"])]
    pub domains: bool,

    /// Show the values, too.
    #[arg(long)]
    pub reveal: bool,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies set`.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// NAME=VALUE, with attributes behind it: 'sid=1; Path=/; Secure; Max-Age=3600'. @FILE and env:NAME hold it.
    #[arg(value_name = "COOKIE")]
    pub cookie: String,

    /// The URL or the domain it is taken to come from.
    #[arg(value_name = "URL")]
    pub from: String,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies rm`.
#[derive(Debug, Args)]
pub struct RmArgs {
    /// Their numbers: `waylay cookies list` shows them.
    #[arg(value_name = "COOKIE", required = true)]
    pub cookies: Vec<i64>,
}

/// Arguments of `waylay cookies clear`.
#[derive(Debug, Args)]
pub struct ClearArgs {
    /// The domain.
    #[arg(required_unless_present = "all")]
    pub domain: Option<String>,

    /// All cookies of the jar.
    #[arg(long, conflicts_with = "domain")]
    pub all: bool,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// A form of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// cookies.txt, as curl, wget, yt-dlp and Python have it.
    #[default]
    Netscape,
    /// Playwright's storage state.
    StorageState,
    /// The list of Cookie-Editor and EditThisCookie.
    CookieEditor,
}

/// Arguments of `waylay cookies import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file; - for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Its form, unless it is what it looks like.
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<Form>,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies export`.
#[derive(Debug, Args)]
#[command(after_help = "The file holds the values: whoever has it is logged in. `curl -b FILE` sends what is in it.")]
pub struct ExportArgs {
    /// The form.
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: Form,

    /// Those of this domain and the ones below it.
    #[arg(long)]
    pub domain: Option<String>,

    /// Write into a file that only you can read.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Where to.
    pub url: String,

    /// The method.
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    pub method: String,

    /// The page that asks, in which the answer becomes something; without, somebody types the URL or a program asks.
    #[arg(long, value_name = "PAGE")]
    pub from: Option<String>,

    /// The answer takes the place of that page, as behind a link or a form.
    #[arg(long, requires = "from")]
    pub navigates: bool,

    /// Show the values, too.
    #[arg(long)]
    pub reveal: bool,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Its number: `waylay cookies list` shows it.
    pub cookie: i64,

    /// As many at most.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    pub limit: u32,

    /// Show the values, too.
    #[arg(long)]
    pub reveal: bool,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Its number.
    pub cookie: i64,

    /// The number of the value: `waylay cookies history` shows it.
    #[arg(value_name = "VALUE")]
    pub history: i64,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// Arguments of `waylay cookies at`.
#[derive(Debug, Args)]
pub struct AtArgs {
    /// The exchange, such as 7.42.
    pub exchange: String,

    /// Show the values, too.
    #[arg(long)]
    pub reveal: bool,

    /// Which jar.
    #[command(flatten)]
    pub within: InJar,
}

/// What can be done with jars.
#[derive(Debug, Subcommand)]
pub enum JarCommand {
    /// Make one.
    New {
        /// Its name.
        name: String,
    },
    /// Give one another name.
    Rename {
        /// Its name or number.
        jar: String,
        /// The new name.
        name: String,
    },
    /// Have requests sent with it that name none.
    Use {
        /// Its name or number.
        jar: String,
    },
    /// Delete one with its cookies; for half a minute it can be brought back.
    Rm {
        /// Its name or number.
        jar: String,
    },
}

/// What can be done with sync.
#[derive(Debug, Subcommand)]
pub enum SyncCommand {
    /// Take over the cookies of a domain from now on and over restarts.
    Add {
        /// `example.com` with all below it, or `https://example.com` for that host alone.
        domain: String,
        /// With what was captured earlier.
        #[arg(long)]
        take_over: bool,
    },
    /// Take a domain off the list. What has come stays.
    #[command(visible_alias = "remove")]
    Rm {
        /// The domain as `list` shows it, or its number.
        domain: String,
    },
    /// Show the domains.
    #[command(visible_alias = "ls")]
    List,
    /// Begin, with all domains of the list.
    Start(InJar),
    /// End it; the list stays.
    Stop,
}

pub(super) fn cookies(context: &Context, command: &CookiesCommand) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    block_on(async {
        match command {
            CookiesCommand::List(args) if args.domains => list::domains(context, &control, &args.within).await,
            CookiesCommand::List(args) => list::list(context, &control, args).await,
            CookiesCommand::History(args) => list::history(context, &control, args).await,
            CookiesCommand::At(args) => list::at(context, &control, args).await,
            CookiesCommand::Jars => list::jars(context, &control).await,
            CookiesCommand::Set(args) => change::set(context, &control, args).await,
            CookiesCommand::Rm(args) => change::rm(context, &control, args).await,
            CookiesCommand::Clear(args) => change::clear(context, &control, args).await,
            CookiesCommand::Restore(args) => change::restore(context, &control, args).await,
            CookiesCommand::Jar(command) => change::jar(context, &control, command).await,
            CookiesCommand::Import(args) => files::import(context, &control, args).await,
            CookiesCommand::Export(args) => files::export(context, &control, args).await,
            CookiesCommand::Explain(args) => explain::explain(context, &control, args).await,
            CookiesCommand::Sync(command) => sync::sync(context, &control, command).await,
        }
    })
}

/// A list as the API has it; what is in it is passed on as it is.
#[derive(Debug, Deserialize)]
struct Items {
    items: Vec<Value>,
}

/// A query of pairs, as it stands behind `?`.
fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
