//! `waylay session`: spans of recording. What changes them asks the daemon; what shows them reads the store, with and
//! without one.
//!
//! - `list`: past and present ones; `show`: all about one
//! - [`rules`]: what to record; [`overview`]: what came of it; `remove`: deleting

mod list;
pub mod overview;
mod remove;
pub mod rules;
mod show;

use super::{
    Context, block_on,
    control::{Control, understood},
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
};
use clap::{Args, Subcommand};
use http::Method;
use overview::OverviewArgs;
use rules::RuleArgs;
use serde_json::{Map, Value, json};
use waylay_storage::{
    Reader,
    model::{Session, SessionId, SessionState},
};

use crate::{
    capture::recorder::now_us,
    config::{self, value::Kind},
    view,
};

/// What can be done with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Begin a session; the current one ends.
    Start(StartArgs),
    /// Record nothing into a session until it is resumed. What has begun is recorded to its end.
    Pause(IdArgs),
    /// Go on with a session that was paused.
    Resume(IdArgs),
    /// End a session. The proxy stays on, and records nothing until another session is started.
    Stop(IdArgs),
    /// List sessions, newest last.
    #[command(visible_alias = "ls")]
    List,
    /// Show one session.
    Show(IdArgs),
    /// Show what a session records, or change it for exchanges that begin from now on.
    ///
    /// With flags, the rules are these and nothing is left of those before.
    Rules(RulesArgs),
    /// Give a session another name.
    Rename(RenameArgs),
    /// Write something down about a session.
    Note(NoteArgs),
    /// Keep a session whatever its age and size.
    Pin(IdArgs),
    /// Let a session go with the others.
    Unpin(IdArgs),
    /// Keep a session for so long from now, whatever is configured, and remove it then.
    Keep(KeepArgs),
    /// Show what a session is made of: methods, hosts, media types, statuses.
    Overview(OverviewArgs),
    /// Delete a session that is over, with its exchanges.
    ///
    /// For 30 seconds, `waylay rm --undo N` brings it back.
    Rm(IdArgs),
}

/// Arguments of `waylay session start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Its name; the time if there is none.
    pub name: Option<String>,

    /// What to remember of it.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// What to record.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Arguments of `waylay session rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// The session: 7, @last for the newest, or @current (the default).
    #[arg(value_name = "SESSION", default_value = "@current", hide_default_value = true)]
    pub id: String,

    /// What to record.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// A session on the command line.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// The session: 7, @last for the newest, or @current (the default).
    #[arg(value_name = "SESSION", default_value = "@current", hide_default_value = true)]
    pub id: String,
}

/// Arguments of `waylay session rename`.
#[derive(Debug, Args)]
pub struct RenameArgs {
    /// The session: 7, @current or @last.
    #[arg(value_name = "SESSION")]
    pub id: String,

    /// Its name from now on.
    pub name: String,
}

/// Arguments of `waylay session note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The session: 7, @current or @last.
    #[arg(value_name = "SESSION")]
    pub id: String,

    /// The note; the empty text removes it.
    pub text: String,
}

/// Arguments of `waylay session keep`.
#[derive(Debug, Args)]
pub struct KeepArgs {
    /// The session: 7, @current or @last.
    #[arg(value_name = "SESSION")]
    pub id: String,

    /// For how long: 30d, 12h or 90m; off: as retention.max_age and retention.max_size say.
    #[arg(value_name = "AGE", value_parser = age)]
    pub age: Age,
}

/// So many minutes, or as configured.
#[derive(Clone, Copy, Debug)]
pub struct Age(Option<u64>);

fn age(word: &str) -> Result<Age, String> {
    match Kind::AgeLimit.read_word(word)? {
        config::Value::AgeLimit(minutes) => Ok(Age(minutes)),
        other => Err(format!("it is no age: {other:?}")),
    }
}

pub(super) fn session(context: &Context, command: &SessionCommand) -> Result<Exit, Report> {
    match command {
        SessionCommand::Start(args) => start(context, args),
        SessionCommand::Pause(args) => order(context, args, "pause", "paused"),
        SessionCommand::Resume(args) => order(context, args, "resume", "recorded again"),
        SessionCommand::Stop(args) => order(context, args, "stop", "stopped"),
        SessionCommand::List => list::list(context),
        SessionCommand::Rules(args) => rule(context, args),
        SessionCommand::Show(args) => show::show(context, &args.id),
        SessionCommand::Rename(args) => change(context, &args.id, &json!({ "name": args.name })),
        SessionCommand::Note(args) => {
            let note = Some(&args.text).filter(|text| !text.is_empty());
            change(context, &args.id, &json!({ "note": note }))
        }
        SessionCommand::Pin(args) => change(context, &args.id, &json!({ "pinned": true })),
        SessionCommand::Unpin(args) => change(context, &args.id, &json!({ "pinned": false })),
        SessionCommand::Keep(KeepArgs { id, age: Age(minutes) }) => {
            let until = |minutes: u64| now_us().saturating_add(i64::try_from(minutes * 60_000_000).unwrap_or(i64::MAX));
            change(context, id, &json!({ "keep_until_us": minutes.map(until) }))
        }
        SessionCommand::Overview(args) => overview::overview(context, args),
        SessionCommand::Rm(args) => remove::remove(context, args),
    }
}

fn start(context: &Context, args: &StartArgs) -> Result<Exit, Report> {
    let mut body = Map::new();
    for (key, value) in [("name", &args.name), ("note", &args.note)] {
        if let Some(value) = value {
            body.insert(key.to_owned(), value.clone().into());
        }
    }
    if let Some(rules) = args.rules.rules()? {
        body.insert("rules".to_owned(), json!(rules));
    }
    ask(context, Method::POST, "/sessions", Some(&body.into()), |s| format!("recording into session {}", named(s)))
}

fn rule(context: &Context, args: &RulesArgs) -> Result<Exit, Report> {
    if let Some(rules) = args.rules.rules()? {
        return change(context, &args.id, &json!({ "rules": rules }));
    }
    let session = find(&reader(context)?, &args.id)?;
    match context.output.format {
        Format::Text => context.output.text(format_args!("{}\n", escaped(&recorded(&session))))?,
        _ => context.output.document(&session.rules)?,
    }
    Ok(Exit::OK)
}

/// What a session records, and how much it has left out.
pub(super) fn recorded(session: &Session) -> String {
    let rules = rules::words(&session.rules).unwrap_or_else(|| "everything but bodies of media".to_owned());
    match session.left_out {
        0 => rules,
        n => format!("{rules} ({n} left out)"),
    }
}

fn order(context: &Context, args: &IdArgs, verb: &str, done: &str) -> Result<Exit, Report> {
    let path = format!("/sessions/{}/{verb}", segment(context, &args.id)?);
    ask(context, Method::POST, &path, None, |s| format!("session {} is {done}", named(s)))
}

fn change(context: &Context, id: &str, body: &Value) -> Result<Exit, Report> {
    let path = format!("/sessions/{}", segment(context, id)?);
    ask(context, Method::PATCH, &path, Some(body), |s| format!("session {} is changed", named(s)))
}

/// Has something done, and shows the session as it is then.
fn ask(
    context: &Context,
    method: Method,
    path: &str,
    body: Option<&Value>,
    words: impl FnOnce(&Session) -> String,
) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    let answer: Value = block_on(async { Ok(control.send(method, path, body).await?) })?;
    if context.output.format != Format::Text {
        context.output.document(&answer)?;
        return Ok(Exit::OK);
    }
    let session: Session = understood(&answer)?;
    notice(words(&session));
    Ok(Exit::OK)
}

fn named(session: &Session) -> String {
    format!("{} \"{}\"", session.id, session.name)
}

/// What is typed as a segment of a path.
fn segment(context: &Context, id: &str) -> Result<String, Report> {
    match id {
        "@current" => Ok(id.to_owned()),
        "@last" => Ok(newest(&reader(context)?)?.id.to_string()),
        _ => Ok(number(id)?.to_string()),
    }
}

fn number(id: &str) -> Result<SessionId, Report> {
    id.parse().map_err(|_| {
        Report::new(Exit::NOT_FOUND, format!("there is no session '{id}'"))
            .advise("Sessions are numbers: `waylay session list` shows them; @last is the newest.")
    })
}

fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

fn newest(reader: &Reader) -> Result<Session, Report> {
    let found = reader.sessions()?.into_iter().rfind(|session| session.id != SessionId::SENT);
    found.ok_or_else(|| {
        Report::new(Exit::NOT_FOUND, "there is no session yet").advise("`waylay session start` begins one.")
    })
}

/// The session that is meant, from the store alone. The current one, where there is none, is the newest.
fn find(reader: &Reader, id: &str) -> Result<Session, Report> {
    match id {
        "@last" => newest(reader),
        "@current" => {
            let mut sessions = reader.sessions()?.into_iter();
            let open = |s: &Session| matches!(s.state, SessionState::Recording | SessionState::Paused);
            let current = sessions.rfind(|s| s.source == waylay_storage::model::Source::Proxy && open(s));
            current.map_or_else(|| newest(reader), Ok)
        }
        _ => {
            let id = number(id)?;
            reader.session(id)?.ok_or_else(|| {
                Report::new(Exit::NOT_FOUND, format!("there is no session {id}"))
                    .advise("`waylay session list` shows them.")
            })
        }
    }
}

/// With how long it has lasted.
fn seen(session: Session) -> view::Session {
    view::Session::new(session, now_us())
}
