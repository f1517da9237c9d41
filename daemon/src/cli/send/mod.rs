//! `waylay send`: a request from the command line, with curl's habits, sent by the daemon.
//!
//! - `data`: what the flags say about the body
//! - `draft`: the request that all flags make; `how`: how it is sent; `uploads`: its files
//! - `stream`: the answer as it comes; `sink`: where its body goes
//! - `trace`: what `-v` tells

mod data;
pub(super) mod draft;
mod how;
mod sink;
mod stream;
#[cfg(test)]
mod tests;
mod trace;
mod uploads;

use super::{
    Context, block_on,
    control::{Control, understood},
    cookies::jar_named,
    exchange::HeaderChange,
    output::{Format, notice},
    report::{Exit, Report},
    run::daemon::find_or_start,
};
use crate::{agent::SendError, formats::curl::form::FormPart};
use clap::Args;
pub(super) use data::read;
pub(super) use draft::{environment, variables};
pub use how::HowArgs;
use serde_json::{Value, json};
use sink::Sink;
use std::path::PathBuf;
use stream::{Event, Frames};
pub(super) use uploads::Uploads;

/// Arguments of `waylay send`.
#[derive(Debug, Default, Args)]
#[command(
    after_help = "Variables are written {{name}}. `-v` shows what was sent and how; `--jsonl` prints all that is known of it \
    as one document. HTTP errors are answers: the exit code is 0, or with --fail 1; 5 if the network or TLS was in the way."
)]
pub struct SendArgs {
    /// The method, unless it is GET or follows from the data; then the URL.
    #[arg(value_names = ["METHOD", "URL"], num_args = 1..=2, required_unless_present = "item")]
    pub target: Vec<String>,

    /// A request of a collection as it is kept, by its number, with what is around it.
    #[arg(long, value_name = "ID", conflicts_with = "target")]
    pub item: Option<i64>,

    /// With --item, send it as your own although a web page wrote it.
    #[arg(long, requires = "item")]
    pub as_mine: bool,

    /// The method.
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub method: Option<String>,

    /// 'Name: value' adds a header, 'Name;' an empty one, 'Name:' leaves one out that would be sent by itself.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<HeaderChange>,

    /// Data of a form, or @FILE without its line ends (@- for standard input); repeated, joined by '&'.
    #[arg(short = 'd', long = "data", value_name = "DATA", alias = "data-ascii")]
    pub data: Vec<String>,

    /// Like --data, where '@' means nothing.
    #[arg(long, value_name = "DATA")]
    pub data_raw: Vec<String>,

    /// Like --data, with the bytes of @FILE as they are, at any size.
    #[arg(long, value_name = "DATA")]
    pub data_binary: Vec<String>,

    /// Like --data, percent-encoded: VALUE, =VALUE, NAME=VALUE, @FILE or NAME@FILE.
    #[arg(long, value_name = "DATA")]
    pub data_urlencode: Vec<String>,

    /// JSON, or @FILE, with the headers that go with it. May be written --json DATA, as for curl.
    #[arg(long, value_name = "DATA")]
    pub data_json: Vec<String>,

    /// A part of a form: NAME=VALUE, NAME=@FILE or NAME=<FILE, with ;type= and ;filename=.
    #[arg(short = 'F', long = "form", value_name = "PART", conflicts_with_all = ["data", "data_raw", "data_binary", "data_urlencode", "data_json"])]
    pub form: Vec<FormPart>,

    /// A file as the body, by PUT unless another method is named.
    #[arg(short = 'T', long, value_name = "FILE", conflicts_with_all = ["data", "data_raw", "data_binary", "data_urlencode", "data_json", "form"])]
    pub upload_file: Option<PathBuf>,

    /// Put the data into the query of the URL.
    #[arg(short = 'G', long)]
    pub get: bool,

    /// Ask for the head alone.
    #[arg(short = 'I', long)]
    pub head: bool,

    /// USER:PASSWORD; USER alone asks for the password; @FILE and env:NAME hold both.
    #[arg(short = 'u', long, value_name = "USER")]
    pub user: Option<String>,

    /// Answer Digest rather than send Basic.
    #[arg(long, requires = "user")]
    pub digest: bool,

    /// A bearer token; @FILE and env:NAME hold it.
    #[arg(long, value_name = "TOKEN", conflicts_with = "user", alias = "oauth2-bearer")]
    pub bearer: Option<String>,

    /// Cookies to send: 'a=1; b=2'.
    #[arg(short = 'b', long, value_name = "COOKIES")]
    pub cookie: Option<String>,

    /// Take cookies from the jar of this name or number, and keep those of the answer there; `none` for no jar. Without it, the
    /// default one.
    #[arg(long, value_name = "JAR")]
    pub jar: Option<String>,

    /// Send the cookies that there were when this exchange began: those of the jar, if one is named; else those of its client.
    #[arg(long, value_name = "EXCHANGE")]
    pub cookies_as_of: Option<String>,

    /// What to call oneself.
    #[arg(short = 'A', long, value_name = "NAME")]
    pub user_agent: Option<String>,

    /// Where one says to come from.
    #[arg(short = 'e', long, value_name = "URL")]
    pub referer: Option<String>,

    /// Ask for a compressed answer, and write it decoded.
    #[arg(long)]
    pub compressed: bool,

    /// Take the environment of this name or number; `none` for none. Without it, the one in use.
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,

    /// A variable for this request alone; @FILE and env:NAME hold its value.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,

    /// How it is sent.
    #[command(flatten)]
    pub how: HowArgs,

    /// Write the head of the answer before its body.
    #[arg(short, long, alias = "show-headers")]
    pub include: bool,

    /// Write the body into a file.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 1, and write nothing, where the status is 400 or more.
    #[arg(short, long)]
    pub fail: bool,

    /// Say nothing but errors.
    #[arg(short, long)]
    pub silent: bool,
}

/// Sends, and writes what comes.
pub(super) fn send(context: &Context, args: SendArgs) -> Result<Exit, Report> {
    if let Some(id) = args.item {
        return block_on(async {
            let control = find_or_start(context).await.map_err(|report| report.exiting(Exit::NO_DAEMON))?;
            ask(context, &args, &control, json!({ "item": id, "as_mine": args.as_mine })).await
        });
    }
    let drafted = draft::draft(&args)?;
    block_on(async {
        let control = find_or_start(context).await.map_err(|report| report.exiting(Exit::NO_DAEMON))?;
        let uploads = Uploads::new(&control, drafted.files).await?;
        let sent = ask(context, &args, &control, json!({ "request": uploads.named(drafted.draft) })).await;
        uploads.remove().await;
        sent
    })
}

async fn ask(context: &Context, args: &SendArgs, control: &Control, mut order: Value) -> Result<Exit, Report> {
    order["variables"] = json!(draft::variables(&args.variables)?);
    if let Some(name) = &args.environment {
        order["environment"] = draft::environment(control, name).await?;
    }
    if let Some(cookies) = cookies(control, args.jar.as_deref(), args.cookies_as_of.as_deref()).await? {
        order["cookies"] = cookies;
    }
    let document = context.output.format != Format::Text;
    let mut frames = Frames::default();
    let mut sink = Sink::new(args, context.output.terminal, document);
    let mut done = None;
    let path = if document { "/send?events=true" } else { "/send?events=true&body=true" };
    control
        .stream(path, &order, |bytes| {
            frames.push(bytes);
            while let Some(event) = frames.next()? {
                match event {
                    Event::Head(head) => sink.head(&head)?,
                    Event::Chunk(bytes) => sink.body(bytes)?,
                    Event::Progress { sent, received } => sink.progress(sent, received),
                    Event::Done(answer) => done = Some(answer),
                    Event::Other => {}
                }
            }
            Ok(())
        })
        .await?;
    sink.finish()?;
    let answer = done.ok_or_else(|| {
        Report::new(Exit::NO_DAEMON, "the daemon broke off").advise("See `waylay status` and `waylay history list`.")
    })?;
    finish(context, args, control, answer).await
}

/// Where cookies come from, as the API has it; `None` if nothing is said.
pub(super) async fn cookies(
    control: &Control,
    jar: Option<&str>,
    as_of: Option<&str>,
) -> Result<Option<Value>, Report> {
    let mut said = serde_json::Map::new();
    match jar {
        None => {}
        Some("none") => drop(said.insert("jar".to_owned(), json!("none"))),
        Some(name) => drop(said.insert("jar".to_owned(), json!(jar_named(control, Some(name)).await?))),
    }
    said.extend(as_of.map(|id| ("as_of".to_owned(), json!(id))));
    Ok((!said.is_empty()).then_some(Value::Object(said)))
}

async fn finish(context: &Context, args: &SendArgs, control: &Control, answer: Value) -> Result<Exit, Report> {
    if context.global.verbose {
        trace::trace(control, &answer).await?;
    }
    if !args.silent {
        for warning in answer["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            notice(format_args!("warning: {}", super::escape::escaped(warning)));
        }
    }
    if context.output.format != Format::Text {
        context.output.document(&answer)?;
    }
    if let Some(error) = understood::<Option<SendError>>(&answer["error"])? {
        return Err(report(&error));
    }
    let status = answer["exchange"]["status"].as_u64().unwrap_or(0);
    if args.fail && status >= 400 {
        notice(format_args!("the answer is {status}"));
        return Ok(Exit::NEGATIVE);
    }
    Ok(Exit::OK)
}

/// Why it failed, with the exit code that goes with the stage.
pub(super) fn report(error: &SendError) -> Report {
    let exit = match error.stage.as_str() {
        "policy" => Exit::PERMISSION,
        "store" => Exit::IO,
        "cancelled" => Exit::INTERRUPTED,
        _ if error.is_network() => Exit::NETWORK,
        _ => Exit::USAGE,
    };
    let what = error.message.trim_end_matches('.');
    let report = Report::new(exit, format!("{what} ({})", error.stage));
    if error.hint.is_empty() { report } else { report.advise(&error.hint) }
}
