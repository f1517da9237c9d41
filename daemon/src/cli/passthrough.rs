//! `waylay passthrough`: the hosts whose connections the running daemon relays unread.

use super::{
    Context, block_on,
    control::{Control, understood},
    escape::escaped,
    output::{Format, notice},
    report::{Exit, Report},
    units::full_time,
};
use crate::config::{HostPattern, value};
use clap::{Args, Subcommand};
use http::Method;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use waylay_storage::model::PassthroughOrigin;

/// What can be done with the passthrough list.
#[derive(Debug, Subcommand)]
pub enum PassthroughCommand {
    /// Relay connections to a host unread, from now on and over restarts.
    Add(PatternArgs),
    /// Intercept connections to a host again, from now on.
    #[command(visible_alias = "rm")]
    Remove(PatternArgs),
    /// Show the list.
    List,
}

/// A host on the command line.
#[derive(Debug, Args)]
pub struct PatternArgs {
    /// `host`, `*.host` for the names below it, or an IP address; each may be followed by `:port`.
    #[arg(value_name = "HOST", value_parser = value::host_pattern)]
    pub pattern: HostPattern,
}

/// A host on the list; its JSON is passed on as it is.
#[derive(Debug, Deserialize)]
struct Item {
    pattern: String,
    origin: PassthroughOrigin,
    added_us: i64,
    reason: Option<String>,
}

pub(super) fn passthrough(context: &Context, command: &PassthroughCommand) -> Result<Exit, Report> {
    let control = Control::connect(&context.data)?;
    match command {
        PassthroughCommand::Add(args) => add(context, &control, &args.pattern),
        PassthroughCommand::Remove(args) => remove(&control, &args.pattern),
        PassthroughCommand::List => list(context, &control),
    }
}

fn add(context: &Context, control: &Control, pattern: &HostPattern) -> Result<Exit, Report> {
    let body = json!({ "pattern": pattern });
    let item: Value = block_on(async { Ok(control.post("/passthrough", &body).await?) })?;
    match context.output.format {
        Format::Text => notice(format_args!("connections to {pattern} are relayed unread from now on")),
        _ => context.output.document(&item)?,
    }
    Ok(Exit::OK)
}

fn remove(control: &Control, pattern: &HostPattern) -> Result<Exit, Report> {
    let text = pattern.to_string();
    let pairs = url::form_urlencoded::Serializer::new(String::new()).append_pair("pattern", &text).finish();
    block_on(async { Ok(control.order(Method::DELETE, &format!("/passthrough?{pairs}")).await?) })?;
    notice(format_args!("connections to {text} are intercepted from now on"));
    Ok(Exit::OK)
}

fn list(context: &Context, control: &Control) -> Result<Exit, Report> {
    let answer: Value = block_on(async { Ok(control.get("/passthrough").await?) })?;
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let output = &context.output;
    output.list_in(&answer, items, "every host is intercepted", |items| items.iter().map(line).collect())?;
    if output.format == Format::Text && answer["automatic"] == false {
        notice("nothing is added automatically: the setting passthrough.auto is false");
    }
    Ok(Exit::OK)
}

fn line(item: &Value) -> Result<String, Report> {
    let Item { pattern, origin, added_us, reason } = understood(item)?;
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let who = match origin {
        PassthroughOrigin::Flag => "given at the start",
        PassthroughOrigin::User => "added by the user",
        PassthroughOrigin::Automatic => "added automatically",
    };
    let since = full_time(added_us, &TimeZone::system());
    Ok(format!("{:<32} {since}  {who}{}\n", escaped(&pattern), escaped(&reason)))
}
