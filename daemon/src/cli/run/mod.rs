//! `waylay run`: a command whose traffic is captured in a session of its own.
//!
//! - `daemon`: the daemon, started detached if none is up
//! - [`environment`]: the variables that lead programs to the proxy and make them trust its certificates
//! - [`trust`]: the files those variables name; `pkcs12`: the one for Java
//! - `node`: versions of Node.js that do not know those variables
//! - `child`: the command itself, its signals and its exit code

mod child;
pub(in crate::cli) mod daemon;
pub mod environment;
mod node;
mod pkcs12;
pub mod trust;

use super::{
    Context, block_on,
    control::{Control, ControlError},
    export,
    output::notice,
    report::{Exit, Report},
    units::count,
};
use crate::formats::redact::Secrets;
use clap::Args;
use environment::{Environment, Proxy};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use std::{ffi::OsString, io, net::SocketAddr, path::PathBuf};
use waylay_storage::model::Session;

/// Arguments of `waylay run`.
#[derive(Debug, Args)]
#[command(
    after_help = "The command gets the proxy and a bundle of the system's roots with Waylay's CA in the variables \
that curl, wget, git, pip, Python, Go, Rust, Node.js (22.21, 24.5 and newer), Java and others read. Java also gets a \
trust store of these roots (PKCS#12, without a password) through JAVA_TOOL_OPTIONS. \
The exit code is the command's own, 128+n if signal n ended it, 125 if waylay failed, 126 if the command cannot be \
executed, 127 if there is none."
)]
pub struct RunArgs {
    /// Name of the session; the command if there is none.
    #[arg(long)]
    pub name: Option<String>,

    /// Leave no_proxy as it is, so that the hosts in it are not captured.
    #[arg(long)]
    pub keep_no_proxy: bool,

    /// Write what was captured to this HAR file when the command has ended.
    #[arg(long, value_name = "FILE")]
    pub har: Option<PathBuf>,

    /// What becomes of secrets in the HAR file.
    #[arg(long, value_enum, default_value_t, requires = "har")]
    pub secrets: Secrets,

    /// Store the bodies of images, audio and video, too.
    #[arg(long)]
    pub media: bool,

    /// The command with its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// What the daemon opened for the command.
#[derive(Debug, Deserialize)]
struct Opened {
    session: Session,
    proxy: SocketAddr,
}

/// The command's exit code, or [`Exit::RUN_FAILED`] if it was never begun.
pub(super) fn run(context: &Context, args: RunArgs) -> Exit {
    block_on(capture(context, &args)).unwrap_or_else(|report| {
        let report = match report.exit() {
            Exit::NOT_EXECUTABLE | Exit::NO_COMMAND => report,
            _ => report.exiting(Exit::RUN_FAILED),
        };
        // A standard error that cannot be written to leaves the exit code to speak.
        let _ = report.write(context.global.verbose, io::stderr().lock());
        report.exit()
    })
}

async fn capture(context: &Context, args: &RunArgs) -> Result<Exit, Report> {
    if let Some(path) = &args.har {
        export::check_target(path)?;
    }
    // From here on a signal does not end this process, which has to clean up.
    let signals = child::signals()?;
    let control = daemon::find_or_start(context).await?;
    let request =
        json!({ "name": args.name, "command": command_line(&args.command), "media": args.media || args.har.is_some() });
    let opened: Opened = control.post("/runs", &request).await?;
    let ended = supervise(context, args, opened.proxy, signals).await;
    let closed = close(&control, opened.session).await;
    let exit = ended?;
    match closed {
        Ok(session) => {
            notice(summary(context, &session));
            if let Some(path) = &args.har {
                export::session(context, session.id, path, args.secrets)?;
            }
        }
        Err(error) => notice(format_args!("the session could not be closed: {error}")),
    }
    Ok(exit)
}

/// The command for reading, cut where nobody reads on.
fn command_line(words: &[OsString]) -> String {
    const LONGEST: usize = 2000;
    let line = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

async fn supervise(
    context: &Context,
    args: &RunArgs,
    proxy: SocketAddr,
    signals: child::Signals,
) -> Result<Exit, Report> {
    let proxy = Proxy { address: proxy, keep_no_proxy: args.keep_no_proxy };
    let files = trust::Files::write(&context.data, &proxy, |name| std::env::var_os(name))?;
    let environment = Environment::new(&proxy, &files, |name| std::env::var_os(name));
    if let Some(warning) = node::warning(&args.command).await {
        notice(warning);
    }
    let exit = child::run(&args.command, &environment, signals).await;
    files.remove_own();
    exit
}

/// Closes the session, and gives it back with its totals.
async fn close(control: &Control, session: Session) -> Result<Session, ControlError> {
    control.order(Method::DELETE, &format!("/runs/{}", session.id)).await?;
    control.get(&format!("/sessions/{}", session.id)).await
}

fn summary(context: &Context, session: &Session) -> String {
    let exchanges = count(session.exchanges, "exchange");
    let folder = match &context.global.data_dir {
        Some(folder) => format!(" --data-dir {}", folder.display()),
        None => String::new(),
    };
    format!("{exchanges} in session {0}: waylay ls session:{0}{folder}", session.id)
}
