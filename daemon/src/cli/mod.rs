//! The command line.
//!
//! - [`args`]: the commands and the flags they share
//! - [`report`]: errors for people, and exit codes; [`problem`]: the errors of other modules put into such words
//! - [`history`]: what was sent; [`environment`]: variables of requests; [`collection`]: requests that are kept
//! - [`output`], `list`, [`table`], [`columns`], [`escape`], [`units`]: how things are shown
//! - [`control`]: talking to the running daemon; [`own`]: doing without one
//! - [`start`], [`status`], [`stop`]: the daemon
//! - [`run`](mod@run), [`env`](mod@env): commands whose traffic is captured
//! - [`exchange`]: `ls`, `tail`, `show`, `body` read the store, `rm` changes it; `resend` asks the daemon
//! - [`connect`]: WebSockets and event streams from the command line
//! - [`send`]: requests from the command line; [`console`]: what has been sent, step by step
//! - [`replay`]: captured requests sent again; [`diff`]: two exchanges compared
//! - [`export`], [`import`]: files of other tools
//! - [`proxy`]: the proxy's switch
//! - [`session`]: spans of recording
//! - [`sql`](mod@sql): queries over the documented views; [`store`](mod@store): room, copies, damage
//! - [`certificate`], [`upstream`]: who we are to origins, and by which proxies they are reached
//! - [`agent`]: web pages that may hand requests over
//! - [`passthrough`]: hosts that are not intercepted
//! - [`ca`], [`settings`], [`pages`]: the CA, `config`, and completions and manual pages

pub mod agent;
pub mod args;
pub mod ca;
pub mod certificate;
pub mod collection;
pub mod columns;
pub mod connect;
pub mod console;
pub mod control;
mod cookies;
pub mod diff;
pub mod env;
pub mod environment;
pub mod escape;
pub mod exchange;
pub mod export;
pub mod history;
pub mod import;
mod list;
pub mod output;
mod own;
pub mod pages;
pub mod passthrough;
pub mod problem;
pub mod proxy;
pub mod replay;
pub mod report;
pub mod run;
mod secret;
pub mod send;
pub mod session;
pub mod settings;
pub mod sql;
pub mod start;
pub mod status;
pub mod stop;
pub mod store;
pub mod table;
pub mod units;
pub mod upstream;

pub use args::{Cli, Global};

use crate::data_dir::{self, DataDir};
use args::Command;
use clap::Parser;
use output::Output;
use report::{Exit, Report};
use std::{
    ffi::OsString,
    future::Future,
    io::{self, Write},
    process::ExitCode,
};

/// What every command works with.
#[derive(Debug)]
pub struct Context {
    /// The instance's folder. Not checked yet.
    pub data: DataDir,
    /// The flags that all commands share.
    pub global: Global,
    /// Standard output.
    pub output: Output,
}

/// Runs the program on its arguments, the program's name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    hide_panics();
    let arguments = args::json_data(args::filter_last(arguments));
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return args::explain(&error, &arguments),
    };
    let verbose = cli.global.verbose;
    let exit = dispatch(cli).unwrap_or_else(|report| {
        // A standard error that cannot be written to leaves the exit code to speak.
        let _ = report.write(verbose, io::stderr().lock());
        report.exit()
    });
    ExitCode::from(exit.0)
}

fn dispatch(cli: Cli) -> Result<Exit, Report> {
    let output = Output::new(&cli.global, |name| std::env::var_os(name));
    if cli.version {
        return pages::version(&output);
    }
    let data = DataDir::locate(cli.global.data_dir.clone(), std::env::var_os(data_dir::ENVIRONMENT))?;
    let context = Context { data, global: cli.global, output };
    match cli.command.unwrap_or_default() {
        Command::Start(args) => start::start(&context, args),
        Command::Status => status::status(&context),
        Command::Stop => stop::stop(&context),
        Command::Run(args) => Ok(run::run(&context, args)),
        Command::Env(args) => env::env(&context, &args),
        Command::Ls(args) => exchange::ls(&context, &args),
        Command::Tail(args) => exchange::tail(&context, &args),
        Command::Show(args) => exchange::show(&context, &args),
        Command::Body(args) => exchange::body(&context, &args),
        Command::Rm(args) => exchange::rm(&context, &args),
        Command::Store(command) => store::store(&context, &command),
        Command::Sql(args) => sql::sql(&context, &args),
        Command::Send(args) => send::send(&context, *args),
        Command::Connect(args) => connect::connect(&context, *args),
        Command::Console(args) => console::console(&context, &args),
        Command::Resend(args) => exchange::resend(&context, args),
        Command::Replay(args) => replay::replay(&context, &args),
        Command::Diff(args) => diff::diff(&context, &args),
        Command::History(command) => history::history(&context, &command),
        Command::Environment(command) => environment::environment(&context, &command),
        Command::Collection(command) => collection::collection(&context, command),
        Command::Export(command) => export::export(&context, &command),
        Command::Import(args) => import::import(&context, &args),
        Command::Proxy(command) => proxy::proxy(&context, &command),
        Command::Session(command) => session::session(&context, &command),
        Command::Passthrough(command) => passthrough::passthrough(&context, &command),
        Command::Cookies(command) => cookies::cookies(&context, &command),
        Command::Certificate(command) => certificate::certificate(&context, &command),
        Command::Upstream(command) => upstream::upstream(&context, &command),
        Command::Agent(command) => agent::agent(&context, &command),
        Command::Ca(command) => ca::ca(&context, &command),
        Command::Config(command) => settings::config(&context, &command),
        Command::Completions(args) => pages::completions(&args),
        Command::Man(args) => pages::man(&args),
    }
}

/// Runs a future on this thread alone: enough for everything but the daemon itself.
fn block_on<T>(future: impl Future<Output = Result<T, Report>>) -> Result<T, Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Report::io("cannot start", error))?.block_on(future)
}

/// A panic is a defect, and its text is for developers: users get a line that says so. `RUST_BACKTRACE=1` shows it.
fn hide_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        // The message may quote captured data, so that only the place is told.
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        tracing::error!(place, "internal error");
        let _ = writeln!(
            io::stderr().lock(),
            "waylay: internal error at {place}. This is a defect of Waylay; please report it."
        );
    }));
}
